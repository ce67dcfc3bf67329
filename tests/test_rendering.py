"""Events that a second process renders come out as those that the load itself renders."""

from __future__ import annotations

from typing import Any

import pytest

from api.load import rendering
from api.store import stored_bytes
from api.store.inserts import LoadRefused
from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event, made_figure
from tests.stored import answers, served

# A second process starts with the second batch, as soon as there are dictionaries.
EVENTS = 1_200
LEAST = 400


def a_dataset() -> Made:
    """A dataset of several batches."""
    events = [
        made_event(f"other-{number}", title=f"Fight {number}", figures=[made_figure(f"dead-{number}")])
        for number in range(EVENTS)
    ]
    return Made(events)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of events in each batch that was sent to a second process."""
    found: list[int] = []
    ask = rendering._SecondProcess.ask

    def counted(process: rendering._SecondProcess, batch: rendering.Batch) -> Any:
        found.append(len(batch.read()))
        return ask(process, batch)

    monkeypatch.setattr(rendering._SecondProcess, "ask", counted)
    return found


@pytest.mark.engines("sqlite")
def test_a_second_process_renders_the_same(
    databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch, asked: list[int]
) -> None:
    alone, apart = databases.copy(corpus_address), databases.copy(corpus_address)
    load_into(alone, a_dataset())
    assert asked == []
    monkeypatch.setattr(stored_bytes, "LEAST_SAMPLES", LEAST)
    monkeypatch.setattr(rendering, "LEAST_EVENTS", LEAST)
    load_into(apart, a_dataset())
    assert sum(asked) > 0
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
    monkeypatch: pytest.MonkeyPatch,
    asked: list[int],
    fault: dict[str, Any],
    said: str,
) -> None:
    monkeypatch.setattr(stored_bytes, "LEAST_SAMPLES", LEAST)
    monkeypatch.setattr(rendering, "LEAST_EVENTS", LEAST)
    dataset = a_dataset()
    late = {"identity": "late-fight", "figures": [made_figure("late")]} | fault
    with pytest.raises(LoadRefused, match=said):
        load_into(databases.copy(corpus_address), Made([*dataset.made_events, made_event(**late)]))
    assert sum(asked) > 0


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
