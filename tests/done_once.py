"""Spares a test process what each of its engines and applications would do again, and a service does once in its life; and what
SQLite waits for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine
from werkzeug.routing import Rule

from api.store import database

# The first engine of each kind; only the level of isolation is kept by the dialect beside the kind of database.
_first: dict[tuple[str, object], Engine] = {}


def _make_alike(url: object, **options: Any) -> Engine:
    """An engine that has the dialect of the first of its kind, and what that has compiled."""
    engine = sqlalchemy.create_engine(url, **options)
    first = _first.setdefault((engine.name, options.get("isolation_level")), engine)
    # Until a connection was made, a dialect does not know the version of the server.
    if first is not engine and hasattr(first.dialect, "server_version_info"):
        engine.dialect = first.dialect
        engine.update_execution_options(compiled_cache=first._compiled_cache)
    return engine


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Has all engines share the statements that SQLAlchemy has compiled, which it keeps by dialect: each load makes an engine, and
    compiling seventy statements takes a tenth of a small load."""
    patch.setattr("api.store.database.create_engine", _make_alike)


def build_when_asked(patch: pytest.MonkeyPatch) -> None:
    """Has routes compile what makes their addresses when one is made: of four hundred such functions, which take more than half
    of what it takes to make an application, most tests call none."""
    compiled = Rule._compile_builder

    def late(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(*own: Any, **values: Any) -> Any:
            if not made:
                made.append(compiled(rule, append_unknown))
            return made[0](*own, **values)

        return build

    patch.setattr(Rule, "_compile_builder", late)


def wait_for_no_disk(patch: pytest.MonkeyPatch) -> None:
    """Has SQLite not wait until what it writes is on the disk, four times in a load: what is lost with the machine is only a test."""
    prepare = database._prepare_sqlite_writing

    def prepare_quickest(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    patch.setattr(database, "_prepare_sqlite_writing", prepare_quickest)
