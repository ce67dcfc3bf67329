"""Events that a second process renders come out as those that the load itself renders."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from api.load.source import LoadRefused
from api.load.terms import Terms
from api.store.batches import BATCH
from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event, made_figure
from tests.stored import answers, served

# A second process starts with the second batch, as soon as there are dictionaries.
EVENTS, TWO_BATCHES = 2 * BATCH + 100, BATCH + 100
FEW = Terms(second_process_from=400, least_samples=400)
APART = "a second process makes what is stored of events"


def a_dataset(count: int = EVENTS) -> Made:
    """A dataset of several batches."""
    events = [
        made_event(f"other-{number}", title=f"Fight {number}", figures=[made_figure(f"dead-{number}")])
        for number in range(count)
    ]
    return Made(events)


@pytest.fixture(autouse=True)
def _log_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.engines("sqlite")
def test_a_second_process_renders_the_same(
    databases: Databases, corpus_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    alone, apart = databases.copy(corpus_address), databases.copy(corpus_address)
    load_into(alone, a_dataset())
    assert APART not in caplog.text
    load_into(apart, a_dataset(), terms=FEW)
    assert APART in caplog.text
    with served(alone) as expected, served(apart) as found:
        assert answers(found) == answers(expected)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"identity": "other-3"}, "brings the event 'other-3' twice"),
        ({"figures": [made_figure("dead-3")]}, "brings the figure 'dead-3' twice"),
        ({"figures": [made_figure("late", low=-1)]}, "the figure 'late' cannot stand"),
    ],
)
def test_what_a_second_process_makes_is_refused_by_name(
    databases: Databases,
    corpus_address: str,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
    said: str,
) -> None:
    dataset = a_dataset(TWO_BATCHES)
    late = {"identity": "late-fight", "figures": [made_figure("late")]} | fault
    with pytest.raises(LoadRefused, match=said):
        load_into(databases.copy(corpus_address), Made([*dataset.made_events, made_event(**late)]), terms=FEW)
    assert APART in caplog.text


@pytest.mark.parametrize("order", ["whole first", "part first"])
def test_a_new_whole_shows_its_part_in_another_new_event(databases: Databases, corpus_address: str, order: str) -> None:
    address = databases.copy(corpus_address)
    events = [
        made_event("over-all", figures=[made_figure("whole", low=5, best=5, high=5, population="mixed")]),
        made_event("one-day", figures=[made_figure("part", part_of="whole", nesting="certain")]),
    ]
    # Names would have the events rendered once more.
    names: dict[str, Any] = {"location": {}, "group": {}}
    load_into(address, Made(events if order == "whole first" else events[::-1], made_names=names, made_relations={}))
    with served(address) as client:
        assert client.get("/v1/figures/whole").json["contains"] == ["part"]
