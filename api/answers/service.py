"""What every answer needs of the application: settings, database, reading copies and caches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from sqlalchemy import Engine

from api.answers.admission import PLACE, AllPlaces, Places
from api.answers.revision_cache import RevisionCache
from api.columns.copies import Copies
from api.columns.snapshot import Snapshot
from api.settings import Settings
from api.store.revision import SingleRowReader, revision


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
    places: AllPlaces

    def close(self) -> None:
        """Lets go of every connection."""
        self.row_reader.close()
        self.copies.close()
        self.engine.dispose()


def service() -> Service:
    """The service behind the current application."""
    return cast(Service, current_app.extensions["conflict_events"])


def move_to(places: Places) -> None:
    """Takes one of these places for the current request, in place of the one that it has. Errors: Busy."""
    request.environ[PLACE].take(places)


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
        connection = opened.enter_context(service().engine.connect())
        yield Snapshot(connection, revision(connection), service().copies, opened)
