"""Events that a second process renders come out as those that the load itself renders."""

from __future__ import annotations

from typing import Any

import pytest

from api import rendering, stored_bytes
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

    def counted(process: rendering._SecondProcess, batch: Any) -> Any:
        found.append(len(batch[0]))
        return ask(process, batch)

    monkeypatch.setattr(rendering._SecondProcess, "ask", counted)
    return found


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
