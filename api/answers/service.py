"""What every answer needs of the application: settings, database, reading copies and caches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from sqlalchemy import Connection, Engine

from api.answers.admission import SLOT, AllSlots, Slots
from api.answers.revision_at_least import WAIT_SECONDS, refuse_unless_awaited, suffices
from api.answers.revision_cache import RevisionCache
from api.columns.copies import Copies
from api.columns.snapshot import Snapshot
from api.settings import Settings
from api.store.database import reconnect_elsewhere
from api.store.revision import SingleRowReader, revision

# How often it is looked whether a revision has come.
_LOOK_SECONDS = 0.1


@dataclass
class Service:
    """What every answer needs; one for each application."""

    settings: Settings
    engine: Engine
    row_reader: SingleRowReader
    copies: Copies
    # Answers.
    cache: RevisionCache
    # What datasets cover, which most answers say; there whatever the settings, since it is next to nothing.
    coverage_cache: RevisionCache
    schema_version: str
    slots: AllSlots

    def close(self) -> None:
        """Lets go of every connection."""
        self.row_reader.close()
        self.copies.close()
        self.engine.dispose()


def service() -> Service:
    """The service behind the current application."""
    return cast(Service, current_app.extensions["conflict_events"])


def take_slot(slots: Slots) -> None:
    """Takes one of these slots for the current request, instead of the one that it has. Errors: Busy."""
    request.environ[SLOT].take(slots)


# In the environment of a request: the state of the data that it has to be of, where it is asked by a page.
SHARED_SNAPSHOT = "conflict_events.shared_snapshot"


@contextmanager
def reading() -> Iterator[Snapshot]:
    """One state of the data, for as long as the block lasts or whoever keeps it needs it."""
    shared: Snapshot | None = request.environ.get(SHARED_SNAPSHOT)
    if shared is not None:
        yield shared
        return
    with ExitStack() as opened:
        connection, token = _recent_enough()
        opened.enter_context(connection)
        yield Snapshot(connection, token, service().copies, opened)


def _recent_enough() -> tuple[Connection, str]:
    """A connection whose transaction sees what the request asks for at least, and the revision that it sees.

    Errors: RevisionUnavailable, after a while.
    """
    until = time.monotonic() + WAIT_SECONDS
    while True:
        with ExitStack() as taken:
            connection = taken.enter_context(service().engine.connect())
            token = revision(connection)
            if suffices(token):
                taken.pop_all()
                return connection, token
            reconnect_elsewhere(connection)
        refuse_unless_awaited(token, until)
        with request.environ[SLOT].exchanged_for(service().slots.waiting):
            time.sleep(_LOOK_SECONDS)
