"""Lets all engines of a test process share the statements that SQLAlchemy has compiled.

A service has one or two engines for as long as it lives; tests make some hundreds, one for each load and application. An engine
keeps what it has compiled by its dialect, so each of them would compile the same statements again, which takes a tenth
of a small load.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine

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
    """Has the engines of this process share what they compile, as long as the patch lasts."""
    patch.setattr("api.store.database.create_engine", _make_alike)
