"""What an application asks its database, whichever way it goes there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event

from api import forms
from api.answers import Service


def recorded(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL that the application runs from now on; reading the revision is no part of it."""
    run: list[str] = []
    event.listen(service.engine, "before_cursor_execute", lambda *told: run.append(told[2]))
    ask = forms.rows_of

    def rows_of(connection: Connection, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        run.append(statement)
        return ask(connection, statement, parameters)

    monkeypatch.setattr(forms, "rows_of", rows_of)
    return run
