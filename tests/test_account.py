"""What a load tells of what it updated: each field, in how many records, from what to what, short enough to be read.

A made dataset is loaded beside the corpus, then loaded again with changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.load.loading import load
from api.load.value_diff import LEFT_OUT
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.record_types import Record
from tests.conftest import ENGINES, load_into
from tests.databases import Databases
from tests.made import Made, made_event, made_figure, made_name, said
from tests.sweep import for_each

# What is told is worded in Python; what a load finds to tell is asked on both engines.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

SHORTENED = "examples are shortened: … stands for what is the same on both sides or too long to tell"
CLAIM = {**said(), "population": None, "qualifier": "exact", "low": 2, "best": 2, "high": 2, "is_preferred": True}
MORE = {**CLAIM, "is_preferred": False, "low": 3, "best": 3, "high": 3}
STATED, INFERRED = ({"group_id": "arakan-army", "role": "attacker", "certainty": how} for how in ("stated", "inferred"))
GUARD = {"group_id": "other-guard", "role": "target", "certainty": "stated"}
CODES = {"conflict": 221, "dyad": 428}
TITLE = "Soldiers and the guard fought for the hill and for the bridge "
EVENT, FIGURE = "other-fight from", "other-killed from"


def told(address: str, *sources: Made) -> list[str]:
    """What loading the last of these, in order, is said to have done."""
    engine = connect_for_loading(Settings(database_url=address))
    lines: list[str] = []
    for source in sources:
        lines = list(load(engine, source, lambda _what, _count: None).lines())
    engine.dispose()
    return lines


@pytest.fixture
def with_made(corpus_address: str, databases: Databases) -> str:
    """A new database with the corpus and the made dataset."""
    return databases.copy(databases.made_once("made", lambda address: load_into(address, Made()), corpus_address))


def of_event(**changes: Any) -> Made:
    """The dataset with another event."""
    return Made(made_events=[made_event(**changes)])


def of(*claims: Record) -> list[Record]:
    """Its figure, with other claims."""
    return [made_figure(claims=list(claims))]


LONG, WORD = "and again two days later", "x" * 70


# Each changes several fields of one event and its figure: a short text, a word, codes where there were none, a column of a row
# and of a claim; the end of a long text, null, one of several codes, the order of rows, a column of a claim and a claim more; the
# end of a long word, a claim more; texts with nothing in common, a name less.
@for_each(
    ("before", "after", "lines"),
    [
        (
            of_event(groups=[STATED, GUARD], figures=of(CLAIM)),
            of_event(
                title="A fight",
                kind="aggregate",
                codes=CODES,
                groups=[INFERRED, GUARD],
                figures=of({**CLAIM, "verification": "confirmed"}),
            ),
            (
                f"title: 1, {EVENT} 'A fight that never was' to 'A fight'",
                f"kind: 1, {EVENT} incident to aggregate",
                f"codes: 1, {EVENT} null to {{conflict: 221, dyad: 428}}",
                f"groups: 1, {EVENT} [{{certainty: stated, …}}, …] to [{{certainty: inferred, …}}, …]",
                f"claims: 1, {FIGURE} [{{verification: unverified, …}}] to [{{verification: confirmed, …}}]",
            ),
        ),
        (
            of_event(title=f"{TITLE}at dawn", codes=CODES, groups=[STATED, GUARD], figures=of(CLAIM)),
            of_event(
                title=f"{TITLE}at dusk, {LONG}",
                outcome="captured",
                codes={**CODES, "dyad": 429, "active": True},
                groups=[GUARD, STATED],
                figures=of({**CLAIM, "verification": "confirmed"}, MORE),
            ),
            (
                f"title: 1, {EVENT} '…dawn' to '…dusk, {LONG}'",
                f"outcome: 1, {EVENT} null to captured",
                f"codes: 1, {EVENT} {{dyad: 428, …}} to {{dyad: 429, active: true, …}}",
                (
                    f"groups: 1, {EVENT} [{{group_id: arakan-army, role: attacker, …}}, {{group_id: oth… to "
                    "[{group_id: other-guard, role: target, …}, {group_id: araka…"
                ),
                (
                    f"claims: 1, {FIGURE} [{{verification: unverified, …}}] to "
                    "[{verification: confirmed, …}, {document_id: other-report, …"
                ),
            ),
        ),
        (
            of_event(title=f"{WORD}a", figures=of(CLAIM)),
            of_event(title=f"{WORD}b", figures=of(CLAIM, MORE)),
            (
                f"title: 1, {EVENT} '…{'x' * 20}a' to '…{'x' * 20}b'",
                f"claims: 1, {FIGURE} […] to [{{document_id: other-report, spans: [[0, 20]], claimant: nu…",
            ),
        ),
        (
            of_event(title="One"),
            replace(of_event(title=TITLE), made_names={"location": {}, "group": Made().made_names["group"]}),
            (f"title: 1, {EVENT} 'One' to '{TITLE[:59]}…'", "names: 1, mmr005024701 from [Koolin] to []"),
        ),
    ],
    ids=["short ones", "ends and orders", "long words", "all of it"],
)
def test_a_field_is_told_from_what_to_what(
    corpus_address: str, databases: Databases, before: Made, after: Made, lines: tuple[str, ...]
) -> None:
    found = told(databases.copy(corpus_address), before, after)
    _is_told(found, lines)


def _is_told(found: list[str], lines: tuple[str, ...]) -> None:
    assert {f"  {line}" for line in lines} <= set(found)
    assert "    content_hash: 1, other content than before" in [f"  {line}" for line in found]
    is_shortened = any(LEFT_OUT in line for line in found if line != SHORTENED)
    assert found.count(SHORTENED) == is_shortened and (found[-1] == SHORTENED) == is_shortened


def test_nothing_is_said_to_be_shortened_where_nothing_is(with_made: str) -> None:
    found = told(with_made, of_event(title="A fight"))
    _is_told(found, (f"title: 1, {EVENT} 'A fight that never was' to 'A fight'",))
    assert SHORTENED not in found


@on_both
def test_what_is_shortened_is_said_to_be_and_else_nothing(corpus_address: str, databases: Databases) -> None:
    assert told(databases.copy(corpus_address), Made()) == [
        "datasets created: 1 (other)",
        "documents created: 1 (other-report)",
        "events created: 1 (other-fight)",
        "figures created: 1 (other-killed)",
        "groups created: 1 (other-guard)",
        "locations created: 1 (other-hill)",
        "locations updated: 1",
        "  names: 1, mmr005024701 from [] to [Koolin]",
    ]
    long = Made(made_names={"location": {"mmr005024701": [made_name("Koolin" * 12)]}, "group": {}})
    assert told(databases.copy(corpus_address), long)[-1] == SHORTENED


def test_however_many_records_change_a_few_are_named(corpus_address: str, databases: Databases) -> None:
    def events(best: int, title: str) -> Made:
        return Made(
            made_events=[
                made_event(f"fight-{place}", title=title, figures=[made_figure(f"killed-{place}", best=best, high=9)])
                for place in range(12)
            ]
        )

    found = told(databases.copy(corpus_address), events(2, "A fight"), events(5, TITLE))
    start = found.index("events updated: 12")
    assert found[start : start + 4] == [
        "events updated: 12",
        f"  title: 12, e.g. fight-0 from 'A fight' to '{TITLE[:59]}…'",
        "figures updated: 12",
        "  best: 12, e.g. killed-0 from 2 to 5; killed-1 from 2 to 5; killed-2 from 2 to 5",
    ]


def test_fields_are_told_from_the_most_frequent(corpus_address: str, databases: Databases) -> None:
    before = [made_figure("killed-1"), made_figure("killed-2")]
    after = [made_figure("killed-1", high=3), made_figure("killed-2", low=1, high=4, best=3)]
    found = told(databases.copy(corpus_address), of_event(figures=before), of_event(figures=after))
    start = found.index("figures updated: 2")
    assert found[start + 1 : start + 4] == [
        "  high: 2, killed-1 from 2 to 3; killed-2 from 2 to 4",
        "  best: 1, killed-2 from 2 to 3",
        "  low: 1, killed-2 from 2 to 1",
    ]


def test_what_is_attached_to_an_updated_record_counts_with_it(with_made: str) -> None:
    renamed = Made(
        made_groups=[{**Made().made_groups[0], "name": "Hill Guard"}],
        made_names={"location": {}, "group": {"other-guard": [made_name("Hill Guard", rank=2)]}},
        made_relations={},
    )
    found = told(with_made, renamed)
    start = found.index("groups updated: 1")
    assert [line.partition(" from ")[0] for line in found[start + 1 : start + 4]] == [
        "  name: 1, other-guard",
        "  names: 1, other-guard",
        "  relations: 1, other-guard",
    ]


@on_both
def test_what_is_gone_is_told_as_withdrawn(with_made: str) -> None:
    found = told(with_made, Made(made_events=[]))
    assert {"events withdrawn: 1 (other-fight)", "figures withdrawn: 1 (other-killed)"} <= set(found)
    assert not any("deleted" in line for line in found)
