"""Events that come to more in all than what lies between a server and a reader that takes nothing, for tests of both.

That is 4 MB in the system, and some batches of 200 in the server.
"""

from __future__ import annotations

from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event

# Their stored bytes fill a page of SQLite's and no second one.
EVENTS, NOTE = 2_000, "What a publisher may say beside an event. " * 100
EXPORT = "/v1/events?dataset=other&sort=id&format=ndjson"


def many_events(databases: Databases, corpus_address: str) -> str:
    """The address of a database with the corpus and these events, not to be written to."""

    def fill(address: str) -> None:
        made = [made_event(f"event-{number:05}", codes={"note": NOTE}, figures=[]) for number in range(EVENTS)]
        load_into(address, Made(made_events=made))

    return databases.served(databases.made_once("many-events", fill, corpus_address))
