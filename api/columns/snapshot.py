"""One state of the data: its rows in one transaction, its revision, and its reading copy."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from api.columns.copies import Copies
from api.columns.reading_copy import Copy


@dataclass
class Snapshot:
    """One state of the data, as one transaction sees it."""

    connection: Connection
    token: str
    _copies: Copies
    _open: ExitStack

    @cached_property
    def copy(self) -> Copy:
        """The reading copy, made now where this machine has none. Errors: ReadingCopyUnavailable."""
        return self._copies.at(self.connection, self.token)

    def shared(self) -> Snapshot:
        """The same state for another answer, whose end does not end the transaction."""
        return replace(self, _open=ExitStack())

    def detach(self) -> ExitStack:
        """What ends the transaction; whoever takes it has to."""
        return self._open.pop_all()
