"""What is stored compressed comes out as it went in, with dictionaries and without, whichever load stored it.

The oracle is the same dataset loaded where no dictionary is ever trained.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from api.load.terms import Terms
from api.store.models import Event, EventRendition, Figure, FigureRendition, RenditionDictionary
from api.store.stored_bytes import read_renditions
from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event, made_figure
from tests.stored import answers, connected, served

# So many events train dictionaries here. With fewer zstd has too little to make one of.
LEAST_SAMPLES = 300
FEW = Terms(least_samples=LEAST_SAMPLES)
EVENTS = LEAST_SAMPLES + 50


def a_dataset(events: int = EVENTS, title: str = "A fight that never was") -> Made:
    """A dataset of this many events, each with a figure."""
    return Made(
        [
            made_event(
                f"other-fight-{number}", title=f"{title}, {number}", figures=[made_figure(f"other-dead-{number}")]
            )
            for number in range(events)
        ]
    )


def dictionaries(address: str) -> list[tuple[Any, ...]]:
    """The dictionaries of the made dataset: of which records."""
    table = RenditionDictionary
    with connected(address) as connection:
        found = select(table.record, table.number).where(table.dataset_id == "other").order_by(table.number)
        return [tuple(row) for row in connection.execute(found)]


def stored(address: str) -> int:
    """How many bytes the renditions of all events take."""
    with connected(address) as connection:
        return connection.scalar(select(func.sum(func.length(EventRendition.json)))) or 0


@pytest.fixture(scope="module")
def trained(databases: Databases, corpus_address: str) -> str:
    """A database with the corpus and the dataset, with dictionaries. Not to be written to."""
    address = databases.copy(corpus_address)
    load_into(address, a_dataset(), terms=FEW)
    return address


def test_what_is_compressed_with_dictionaries_is_served_as_it_went_in(
    databases: Databases, corpus_address: str, trained: str
) -> None:
    plain = databases.copy(corpus_address)
    load_into(plain, a_dataset())
    assert dictionaries(plain) == []
    assert sorted(record for record, _number in dictionaries(trained)) == ["event", "figure"]
    assert stored(trained) < stored(plain) / 2
    with served(plain) as before, served(trained) as after:
        assert answers(after) == answers(before)
        for record in ("events/other-fight-7", "figures/other-dead-7"):
            found, expected = (client.get(f"/v1/{record}").json for client in (after, before))
            assert {**found, "updated_at": None} == {**expected, "updated_at": None}


@pytest.mark.engines("sqlite")
def test_dictionaries_stay_when_records_change_and_come(
    databases: Databases, corpus_address: str, trained: str
) -> None:
    address, fresh = databases.copy(trained), databases.copy(corpus_address)
    before = dictionaries(address)
    for loaded in (address, fresh):
        load_into(loaded, a_dataset(EVENTS + 10, "Another fight"), terms=FEW)
    assert dictionaries(address) == before
    with served(address) as client, served(fresh) as expected:
        assert answers(client) == answers(expected)


@pytest.mark.engines("sqlite")
def test_a_dataset_that_grows_gets_its_dictionaries_when_it_has_enough(
    databases: Databases, corpus_address: str
) -> None:
    address = databases.copy(corpus_address)
    load_into(address, a_dataset(LEAST_SAMPLES - 1), terms=FEW)
    assert dictionaries(address) == []
    load_into(address, a_dataset(LEAST_SAMPLES), terms=FEW)
    assert len(dictionaries(address)) == 2


@pytest.mark.parametrize(("model", "rendition"), [(Event, EventRendition), (Figure, FigureRendition)])
def test_renditions_are_read_in_the_order_of_their_numbers(trained: str, model: Any, rendition: Any) -> None:
    with connected(trained) as connection:
        ids = dict(connection.execute(select(model.number, model.id)).all())
        # Those of the corpus have no dictionary, and lie between the others.
        numbers = sorted(ids, key=lambda number: (number * 7919) % len(ids))
        found = read_renditions(connection, model, numbers)
        assert all(ids[number].encode() in record for number, record in zip(numbers, found, strict=True))
        assert read_renditions(connection, model, []) == []
        with pytest.raises(KeyError):
            read_renditions(connection, model, [max(ids) + 1])
