"""What an application asks its database and its reading copy, whichever way it goes there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from api.answers.service import Service
from api.columns.reading_copy import Copy
from api.columns.statements import CompiledStatement, Statement
from api.store import stored_bytes
from api.store.revision import revision


def recorded(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the application runs from now on, each beginning with whether `rows` or the `copy` is asked;
    reading the revision and putting the copy together are no part of it."""
    with service.engine.connect() as connection:
        service.copies.at(connection, revision(connection))
    run: list[str] = []
    event.listen(service.engine, "before_cursor_execute", lambda *told: run.append(f"rows: {told[2]}"))
    ask_rows, ask_copy, stream_copy = stored_bytes.rows_of, Copy.rows, Copy.batches

    def rows_of(connection: Connection, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        run.append(f"rows: {statement}")
        return ask_rows(connection, statement, parameters)

    def rows(copy: Copy, statement: Statement | CompiledStatement, **given: Any) -> list[tuple[Any, ...]]:
        run.append(f"copy: {statement.text if isinstance(statement, CompiledStatement) else statement}")
        return ask_copy(copy, statement, **given)

    def batches(copy: Copy, statement: Statement, size: int) -> Iterator[list[tuple[Any, ...]]]:
        run.append(f"copy: {statement}")
        return stream_copy(copy, statement, size)

    monkeypatch.setattr(stored_bytes, "rows_of", rows_of)
    monkeypatch.setattr(Copy, "rows", rows)

    monkeypatch.setattr(Copy, "batches", batches)
    return run
