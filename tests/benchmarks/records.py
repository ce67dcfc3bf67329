"""What was asked before, what has not changed, and single events: what answers cost where nothing is to be found out."""

from __future__ import annotations

from tests.benchmarks import compared, questions
from tests.benchmarks.client import Client
from tests.benchmarks.lists import NEWEST, ONE_FILTER
from tests.benchmarks.stage import Stage, asking, warmed


def measure(stage: Stage) -> None:
    """Lists asked again, 304, and one event by id."""
    asked = compared.lists(stage.facts)
    with stage.ours(remembers=True) as remembering, stage.ours(remembers=False) as fresh:
        with Client(remembering) as client:
            tag = client.ask(questions.events()).tag
        again = {f"again, {name}": [question.path for question in asked[name]] for name in (NEWEST, *ONE_FILTER)}
        found = stage.take_turns(
            {
                **{name: warmed(remembering, paths) for name, paths in again.items()},
                "unchanged": asking(remembering, [questions.events()], tag),
                "by id": asking(fresh, [f"/v1/events/{identity}" for identity in stage.facts.ids]),
            }
        )
    slow = min(again, key=lambda name: found[name].requests_per_second)
    stage.results.keep("again", found[slow].requests_per_second, slow.removeprefix("again, "))
    stage.results.keep("unchanged", found["unchanged"].requests_per_second)
    stage.results.keep("by_id", found["by id"].requests_per_second)
