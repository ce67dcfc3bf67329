"""What a load tells of what it updated: each field, in how many records, from what to what, short enough to be read.

A made dataset is loaded beside the corpus, then loaded again with changes.
"""

from __future__ import annotations

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


def of_event(**changes: Any) -> Made:
    """The dataset with another event."""
    return Made(made_events=[made_event(**changes)])


def of_claims(*claims: Record) -> Made:
    """The dataset with other claims on its figure."""
    return of_event(figures=[made_figure(claims=list(claims))])


@for_each(
    ("before", "after", "line"),
    [
        (of_event(), of_event(title="A fight"), f"title: 1, {EVENT} 'A fight that never was' to 'A fight'"),
        (of_event(), of_event(kind="aggregate"), f"kind: 1, {EVENT} incident to aggregate"),
        (of_event(), of_event(outcome="captured"), f"outcome: 1, {EVENT} null to captured"),
        (
            of_event(title=TITLE + "at dawn"),
            of_event(title=TITLE + "at dusk, and again two days later"),
            f"title: 1, {EVENT} '…dawn' to '…dusk, and again two days later'",
        ),
        (
            of_event(title="x" * 70 + "a"),
            of_event(title="x" * 70 + "b"),
            f"title: 1, {EVENT} '…{'x' * 20}a' to '…{'x' * 20}b'",
        ),
        (of_event(title="One"), of_event(title=TITLE), f"title: 1, {EVENT} 'One' to '{TITLE[:59]}…'"),
        (of_event(), of_event(codes=CODES), f"codes: 1, {EVENT} null to {{conflict: 221, dyad: 428}}"),
        (
            of_event(codes=CODES),
            of_event(codes={**CODES, "dyad": 429, "active": True}),
            f"codes: 1, {EVENT} {{dyad: 428, …}} to {{dyad: 429, active: true, …}}",
        ),
        (
            of_event(groups=[STATED, GUARD]),
            of_event(groups=[INFERRED, GUARD]),
            f"groups: 1, {EVENT} [{{certainty: stated, …}}, …] to [{{certainty: inferred, …}}, …]",
        ),
        (
            of_event(groups=[STATED, GUARD]),
            of_event(groups=[GUARD, STATED]),
            (
                f"groups: 1, {EVENT} [{{group_id: arakan-army, role: attacker, …}}, {{group_id: oth… to "
                "[{group_id: other-guard, role: target, …}, {group_id: araka…"
            ),
        ),
        (
            of_claims(CLAIM),
            of_claims({**CLAIM, "verification": "confirmed"}),
            f"claims: 1, {FIGURE} [{{verification: unverified, …}}] to [{{verification: confirmed, …}}]",
        ),
        (
            of_claims(CLAIM),
            of_claims({**CLAIM, "verification": "confirmed"}, MORE),
            (
                f"claims: 1, {FIGURE} [{{verification: unverified, …}}] to "
                "[{verification: confirmed, …}, {document_id: other-report, …"
            ),
        ),
        (
            of_claims(CLAIM),
            of_claims(CLAIM, MORE),
            f"claims: 1, {FIGURE} […] to [{{document_id: other-report, spans: [[0, 20]], claimant: nu…",
        ),
        (
            Made(),
            Made(made_names={"location": {}, "group": {"other-guard": [made_name("Other Guard", rank=2)]}}),
            "names: 1, mmr005024701 from [Koolin] to []",
        ),
    ],
    ids=[
        "a short text",
        "a word",
        "null",
        "the end of a long text",
        "the end of a long word",
        "nothing in common",
        "codes where there were none",
        "one of several codes",
        "a column of a row",
        "the order of rows",
        "a column of a claim",
        "a column of a claim, and a claim more",
        "a claim more",
        "a name less",
    ],
)
def test_a_field_is_told_from_what_to_what(
    corpus_address: str, databases: Databases, before: Made, after: Made, line: str
) -> None:
    # What several cases begin with is loaded once.
    standing = databases.made_once(
        f"account-{before.content_hash}", lambda address: load_into(address, before), corpus_address
    )
    found = told(databases.copy(standing), after)
    assert f"  {line}" in found
    assert "    content_hash: 1, other content than before" in [f"  {line}" for line in found]
    is_shortened = any(LEFT_OUT in line for line in found if line != SHORTENED)
    assert found.count(SHORTENED) == is_shortened and (found[-1] == SHORTENED) == is_shortened


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


def test_what_is_attached_to_an_updated_record_counts_with_it(corpus_address: str, databases: Databases) -> None:
    renamed = Made(
        made_groups=[{**Made().made_groups[0], "name": "Hill Guard"}],
        made_names={"location": {}, "group": {"other-guard": [made_name("Hill Guard", rank=2)]}},
        made_relations={},
    )
    found = told(databases.copy(corpus_address), Made(), renamed)
    start = found.index("groups updated: 1")
    assert [line.partition(" from ")[0] for line in found[start + 1 : start + 4]] == [
        "  name: 1, other-guard",
        "  names: 1, other-guard",
        "  relations: 1, other-guard",
    ]


@on_both
def test_what_is_gone_is_told_as_withdrawn(corpus_address: str, databases: Databases) -> None:
    found = told(databases.copy(corpus_address), Made(), Made(made_events=[]))
    assert {"events withdrawn: 1 (other-fight)", "figures withdrawn: 1 (other-killed)"} <= set(found)
    assert not any("deleted" in line for line in found)
