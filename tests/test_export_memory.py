"""A whole result goes out batch by batch: a longer one takes no more memory than a shorter one.

Measured by what Python and Arrow allocate while the body is read, which is the same on every machine.
"""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import pyarrow
import pytest
from flask import Flask

from tests.conftest import application, close, load_into
from tests.databases import Databases
from tests.made import Made, made_event
from tests.sweep import for_each

EVENTS, SOME = 3_000, 1_500
# A few thousand long events are quicker to load than many short ones.
NOTE = "What a publisher may say beside an event. " * 120
LEAST_BODY_BYTES = 15_000_000
MOST_HELD_BYTES = 50_000_000
# The longer body is twice as long. Pieces differ a little, and what a driver keeps is not always the same.
MOST_GROWTH = 1.2
FORMS = ("ndjson", "csv", "geojson")
# Those that are made before they are sent, with few columns, since it is the rows that grow.
FILES = ("xlsx&fields=id,codes", "parquet&fields=id,codes")


@pytest.fixture(scope="module")
def long_app(databases: Databases, corpus_address: str) -> Iterator[Flask]:
    """An application that serves many events with much to say."""
    address = databases.copy(corpus_address)
    events = [made_event(f"event-{number}", codes={"note": NOTE}, figures=[]) for number in range(EVENTS)]
    load_into(address, Made(made_events=events))
    made = application(address)
    yield made
    close(made)


def read(app: Flask, url: str, coding: str) -> Iterator[bytes]:
    """The pieces of a body, each let go of before the next is asked for."""
    response = app.test_client().get(url, headers={"Accept-Encoding": coding}, buffered=False)
    assert response.status_code == 200
    for piece in response.response:
        yield piece if isinstance(piece, bytes) else piece.encode()
    response.close()


def held(app: Flask, url: str, coding: str) -> int:
    """The most bytes that are in memory at a time while a body is made and read, beyond what is there before."""
    tracemalloc.start()
    usual = pyarrow.default_memory_pool()
    of_tables = pyarrow.proxy_memory_pool(usual)
    pyarrow.set_memory_pool(of_tables)
    try:
        for _piece in read(app, url, coding):
            pass
        return tracemalloc.get_traced_memory()[1] + (of_tables.max_memory() or 0)
    finally:
        pyarrow.set_memory_pool(usual)
        tracemalloc.stop()


def hold_growth(app: Flask, form: str, coding: str) -> None:
    """Holds that a result twice as long takes no more memory."""
    url = f"/v1/events?dataset=other&format={form}"
    # What is made once and kept, such as a statement, is no part of an export.
    for _piece in read(app, url, coding):
        pass
    shorter, longer = held(app, f"{url}&limit={SOME}", coding), held(app, url, coding)
    print(form, coding, shorter, longer, longer / shorter)
    assert longer < MOST_GROWTH * shorter
    assert longer < MOST_HELD_BYTES


# What compresses is the same for all forms.
@for_each(("form", "coding"), [*((form, "identity") for form in FORMS), ("ndjson", "gzip")])
def test_longer_export_takes_no_more_memory(long_app: Flask, form: str, coding: str) -> None:
    hold_growth(long_app, form, coding)


# Their rows come from the DuckDB copy, whichever engine that was made from.
@pytest.mark.engines("sqlite")
@for_each("form", FILES)
def test_longer_file_takes_no_more_memory(long_app: Flask, form: str) -> None:
    hold_growth(long_app, form, "identity")


@for_each("form", FORMS)
def test_long_export_is_whole(long_app: Flask, form: str) -> None:
    url = f"/v1/events?dataset=other&format={form}"
    plain = b"".join(read(long_app, url, "identity"))
    assert len(plain) > LEAST_BODY_BYTES
    assert gzip.decompress(b"".join(read(long_app, url, "gzip"))) == plain
    assert plain.count(NOTE.strip().encode()) == EVENTS
