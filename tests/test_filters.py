"""Every filter of every resource, alone and together, finds what a plain-Python oracle finds in a small world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from api import leading
from api.codebook import values as codes_of
from tests import list_oracle
from tests.list_oracle import EVENTS, FIGURES, KNOWN
from tests.list_oracle import Written as Asked

RESOURCES = ("events", "figures", "casualties", "displacements", "groups", "locations", "documents")
# Parameters that choose the form of an answer and not what is in it.
OF_THE_ANSWER = {"sort", "fields", "limit", "cursor", "page", "count", "format"}
COMPOSED = ("groups", "locations", "documents")
# Made of the filters of events and figures, which are asked in full there.
ASKED_IN_BRIEF = ("casualties", "displacements", *COMPOSED)
MOST_VALUES_IN_BRIEF = 4
# How many questions of several parameters each resource is asked, and how many parameters they have at the most.
COMBINATIONS, MOST_TOGETHER = 40, 5
# The filters about a figure, and how many questions of each two of them are asked.
FIGURE_FILTERS = ["family", "measure", "population", "object", "sex", "term", "unit", "status", "best_min", "best_max"]
MOST_OF_A_PAIR = 3


def _each(name: str, *written: str) -> list[Asked]:
    return [{name: value} for value in written]


def _codes(name: str, code_list: str | None = None) -> list[Asked]:
    found = codes_of(code_list or name)
    return _each(name, *found, ",".join(found[:3]), ",".join(found[1::2]))


def _rows(dimensions: str, *rows: str) -> list[Asked]:
    return [{"group_by": dimensions, "row": row} for row in rows]


VALUES: Mapping[str, list[Asked]] = {
    "dataset": _each("dataset", "hills", "isles", "atlas", "hills,isles"),
    "date_from": _each("date_from", "2030-01-01", "2031-01-06", "2031-01-16", "2031-02-14", "2031-03-20", "2032-01-01"),
    "date_to": _each("date_to", "2030-12-31", "2031-01-05", "2031-01-14", "2031-02-14", "2031-03-02", "2032-01-01"),
    "date_precision": _each("date_precision", *codes_of("date_precision")),
    "location": _each(
        "location",
        *("mmr", "hill-country", "mm01", "mm0101", "mm010101", "lashio-town", "stone-bridge", "mm02", "kale-township"),
        *("fji", "north-isles", "south-isles", "east-reef", "open-ocean", "springs-plain,west-reef", "pathless-hamlet"),
    ),
    "country": _each("country", "MMR", "FJI", "FJI,MMR"),
    "bbox": _each(
        "bbox",
        *("97,22,98.5,24", "97.15,22.45,97.25,22.55", "-180,-90,180,90", "179,-18,-179,-16", "-179.8,-17,-179.6,-16"),
        *("-180,-17,-179.9,-16.8", "179.6,-17,180,-16.5", "-179.9,-17,179,90", "97.1,20.7,97.1,20.7", "0,0,1,1"),
    ),
    "near": [
        {"near": near, "radius_km": radius}
        for near, radius in (
            ("22.94,97.75", "0"),
            ("22.94,97.75", "12"),
            ("22.5,97.2", "1"),
            ("-16.8,180", "40"),
            ("-16.8,-180", "40"),
            ("-16.8,179.99", "31"),
            ("-16.8,-179.99", "60"),
            ("21,96", "450"),
            ("90,0", "8000"),
            ("-89.5,10", "8100"),
            ("0,0", "20015"),
        )
    ],
    "location_precision": _each("location_precision", *codes_of("location_precision")),
    "kind": [*_codes("kind", "event_kind"), *_each("kind", "incident,episode,aggregate")],
    "type": _codes("type", "event_type"),
    "subtype": _codes("subtype", "event_subtype"),
    "part_of": _each(
        "part_of", "hill-campaign-2031", "battle-of-lashio-2031", "reef-siege-2031,kale-arrests-2031-02-03"
    ),
    "outcome": _codes("outcome"),
    "coding_status": _codes("coding_status"),
    "group": [
        *_each("group", "stone-guard", "crown-army,hill-youth"),
        *(
            {"group": group, "include_members": flag}
            for group in ("great-pact", "river-league", "stone-guard", "great-pact,tide-movement")
            for flag in ("true", "false")
        ),
        *_each("group", "crown-army", "great-pact", "hill-youth", "tide-movement,river-league", "people-of-lashio"),
        *_each("group", "free-front-isles", "free-front-north", "silent-circle", "taang-band"),
    ],
    "group_role": _codes("group_role", "role"),
    "family": _codes("family"),
    "measure": _codes("measure"),
    "population": _codes("population"),
    "object": _codes("object"),
    "sex": _codes("sex"),
    "term": _codes("term"),
    "unit": _codes("unit"),
    "status": _codes("status"),
    "best_min": _each("best_min", "0", "1", "12", "13", "41", "1000000"),
    "best_max": _each("best_max", "0", "1", "11", "12", "40", "1000000"),
    "document": _each("document", "h1", "h2", "h3", "h4", "i1", "i2,h3"),
    "claimant": _each(
        "claimant",
        *("stone-guard", "crown-army", "harbour-police", "great-pact", "hill-youth", "the keeper of the bridge"),
        *("a shopkeeper in Kalé", "a teacher in Lashio,river-league"),
    ),
    "verification": _codes("verification"),
    "event": _each("event", "hill-campaign-2031", "lashio-post-taken-2031-01-12,guard-abroad-2031-04-01"),
    "updated_since": _each(
        "updated_since", "2031-05-01", "2031-05-02T08:00:00Z", "2031-05-03T07:59:59Z", "2031-05-04T08:00:00Z"
    ),
    "group_kind": _codes("group_kind"),
    "level": _codes("level", "location_level"),
    "parent": _each("parent", "mmr", "mm0101", "mm010101", "north-isles,mm03", "lashio-town"),
    "q": _each(
        "q",
        *("lashio", "LASHIO stone", "Ta'ang", "ta\u2019ang", "taang", "ta ang", "kale", "Kalé", "cafe", "ကော့လင်း"),
        *("လားရှိုး", "collines", "Garde", "1027", "-1027 shells", "la marée", "maree", "hill", "isle times", "reunion"),
        *("lash", "post and post", "SG", "nowhere"),
    ),
    "group_by": [
        *_rows("day", "2031-02-14", "2031-01-14"),
        *_rows("week", "2031-W02", "2031-W07"),
        *_rows("month", "2031-01", "2031-03"),
        *_rows("year", "2031", "2030"),
        *_rows("country", "MMR", "FJI", ""),
        *_rows("state_or_region", "mm01", "north-isles", ""),
        *_rows("district", "mm0101", ""),
        *_rows("township", "mm010101", ""),
        *_rows("location", "lashio-town", "mmr"),
        *_rows("group", "stone-guard", "crown-army", ""),
        *_rows("role", "attacker", "defender", ""),
        *_rows("group,role", "stone-guard,defender", "stone-guard,attacker", "crown-army,defender", ","),
        *_rows("type", "battles", "displacement"),
        *_rows("population", "civilians", "state_forces", ""),
        *_rows("measure", "killed", "displaced"),
        *_rows("sex", "female", "unspecified", ""),
        *_rows("document", "h1", "h3", "i2"),
        *_rows("claimant", "stone-guard", "the keeper of the bridge", ""),
        *_rows("document,claimant", "h2,crown-army", "h2,", "h1,crown-army"),
        *_rows("dataset", "hills", "isles"),
        *_rows("month,population,type", "2031-01,civilians,battles", "2031-02,,protests"),
    ],
}
IDS: Mapping[str, Sequence[str]] = {
    "events": ("kale-arrests-2031-02-03", "hill-campaign-2031", "ceasefire-2031-02-01,east-reef-clash-2031-02-14"),
    "figures": ("kale-captured", "campaign-killed,trade-share"),
    "casualties": ("kale-captured", "campaign-killed,trade-share"),
    "displacements": ("reef-returned", "reef-returned,flight-people,kale-captured"),
    "groups": ("stone-guard", "silent-circle,crown-army"),
    "locations": ("lashio-town", "mmr,open-ocean"),
    "documents": ("h1", "h4,i2"),
}


def _answer(world: FlaskClient, resource: str, query: str | Asked) -> dict[str, Any]:
    response = world.get(f"/v1/{resource}", query_string=query)
    assert response.status_code == 200, f"{resource} {query}: {response.text}"
    body: dict[str, Any] = response.json
    return body


def _found(world: FlaskClient, resource: str, asked: Asked) -> list[str]:
    body = _answer(world, resource, {**asked, "limit": "1000", "fields": "id"})
    ids = [record["id"] for record in body["data"]]
    assert body["total"] == body["returned"] == len(ids), asked
    assert len(set(ids)) == len(ids), asked
    return ids


def _parameters(world: FlaskClient, resource: str) -> set[str]:
    """Everything that this resource can be asked, as a refusal lists it."""
    (fault,) = world.get(f"/v1/{resource}?zzz=1").get_json(force=True)["errors"]
    return set(fault["allowed"]) - OF_THE_ANSWER


def _questions(resource: str, taken: set[str]) -> dict[str, list[Asked]]:
    """For each filter that the resource takes, questions with it alone or with what it needs."""
    values = {**VALUES, "id": _each("id", *IDS[resource])}
    most = MOST_VALUES_IN_BRIEF if resource in ASKED_IN_BRIEF else None
    return {name: listed[:most] for name, listed in values.items() if name in taken}


def _differences(world: FlaskClient, resource: str, questions: Iterable[Asked]) -> list[str]:
    differences = []
    for asked in questions:
        right, found = set(list_oracle.found(resource, asked)), set(_found(world, resource, asked))
        if right != found:
            differences.append(f"{asked}: missing {sorted(right - found)}, too many {sorted(found - right)}")
    return differences


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_filter_is_asked_here(world: FlaskClient, resource: str) -> None:
    taken = _parameters(world, resource)
    asked = {name for listed in _questions(resource, taken).values() for question in listed for name in question}
    assert asked == taken


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_value_of_each_filter_finds_what_it_should(world: FlaskClient, resource: str) -> None:
    questions = _questions(resource, _parameters(world, resource))
    assert _differences(world, resource, (asked for listed in questions.values() for asked in listed)) == []
    assert set(_found(world, resource, {})) == set(list_oracle.found(resource, {}))


@pytest.mark.parametrize("resource", RESOURCES)
def test_filters_together_find_what_they_should(world: FlaskClient, resource: str) -> None:
    combined = _combinations(resource, frozenset(_parameters(world, resource)), COMBINATIONS)
    assert _differences(world, resource, combined) == []


@pytest.mark.parametrize(
    ("rare", "in_a_set"),
    [(leading.RARE, leading.MOST_IN_A_SET), (0, leading.MOST_IN_A_SET), (0, 0)],
    ids=["everything rare", "nothing rare", "nothing rare and every set large"],
)
@pytest.mark.parametrize("resource", ["events", "figures"])
def test_lists_and_totals_are_the_same_wherever_a_question_starts(
    world: FlaskClient, resource: str, rare: int, in_a_set: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "RARE", rare)
    monkeypatch.setattr(leading, "MOST_IN_A_SET", in_a_set)
    # Nothing is remembered, since the answers are.
    monkeypatch.setattr(world.application.extensions["conflict_events"].kept, "find", lambda _token, _key: None)
    taken = _parameters(world, resource)
    alone = [listed[0] for listed in _questions(resource, taken).values()]
    for asked in (*alone, *_of_one_figure(resource), *_combinations(resource, frozenset(taken), COMBINATIONS)):
        right = set(list_oracle.found(resource, asked))
        assert set(_found(world, resource, asked)) == right, asked
        # A first page that is the last one tells the total by itself; here it has to be counted.
        assert _answer(world, resource, {**asked, "limit": "1"})["total"] == len(right), asked
        assert _answer(world, resource, {**asked, "limit": "1", "count": "exact"})["total"] == len(right), asked


@cache
def _combinations(resource: str, taken: frozenset[str], count: int) -> Sequence[Asked]:
    """Questions of several filters. Most find something, since empty answers agree all too easily."""
    random, questions = Random(f"{count} {resource}"), _questions(resource, set(taken))
    made: list[Asked] = []
    while len(made) < count:
        asked: dict[str, str] = {}
        for name in random.sample(sorted(questions), random.randint(2, MOST_TOGETHER)):
            fitting = [{**asked, **more} for more in questions[name]]
            if random.random() < 0.9:
                fitting = [question for question in fitting if list_oracle.found(resource, question)]
            if fitting:
                asked = random.choice(fitting)
        if _agrees_with_itself(asked):
            made.append(asked)
    return made


@cache
def _of_one_figure(resource: str) -> Sequence[Asked]:
    """Two filters each that one figure has to pass, where some record has two figures that pass one each."""
    made: list[Asked] = []
    for one, other in combinations(FIGURE_FILTERS, 2):
        both = [{**this, **that} for this, that in product(VALUES[one], VALUES[other])]
        apart = [
            asked
            for asked in both
            if _agrees_with_itself(asked)
            and set(list_oracle.found(resource, asked))
            < set.intersection(*(set(list_oracle.found(resource, {name: asked[name]})) for name in (one, other)))
        ]
        made += apart[:MOST_OF_A_PAIR]
    return made


def _agrees_with_itself(asked: Asked) -> bool:
    """Whether the API would not refuse it as an impossible range."""
    return asked.get("date_from", "") <= asked.get("date_to", "9") and int(asked.get("best_min", 0)) <= int(
        asked.get("best_max", 10**9)
    )


# --- Counts ------------------------------------------------------------------------------------------------------


def _some_questions(world: FlaskClient, resource: str) -> Iterator[Asked]:
    taken = _parameters(world, resource)
    yield {}
    yield from (listed[-1] for listed in _questions(resource, taken).values())
    yield from _combinations(resource, frozenset(taken), COMBINATIONS)[:20]


@pytest.mark.parametrize("resource", ["groups", "locations"])
def test_counts_are_of_the_matching_events(world: FlaskClient, resource: str) -> None:
    for asked in _some_questions(world, resource):
        right = list_oracle.groups(asked) if resource == "groups" else list_oracle.locations(asked)
        for record in _answer(world, resource, {**asked, "limit": "1000"})["data"]:
            events = [EVENTS[identity] for identity in right[record["id"]]]
            shown = (record["events"], record["first_date"], record["last_date"])
            first = min((event["date_start"].isoformat() for event in events), default=None)
            last = max((event["date_end"].isoformat() for event in events), default=None)
            assert shown == (len(events), first, last), f"{record['id']} {asked}"


def test_some_group_has_a_last_day_of_an_event_that_did_not_begin_last() -> None:
    def is_met(taken_part: Iterable[str]) -> bool:
        events = [EVENTS[identity] for identity in taken_part]
        last = max((event["date_end"] for event in events), default=None)
        begun = max((event["date_start"] for event in events), default=None)
        return bool(events) and all(event["date_start"] != begun for event in events if event["date_end"] == last)

    assert any(is_met(events) for events in list_oracle.groups({}).values())


def test_documents_support_the_matching_events_and_figures(world: FlaskClient) -> None:
    for asked in _some_questions(world, "documents"):
        right = list_oracle.documents(asked)
        for record in _answer(world, "documents", {**asked, "limit": "1000"})["data"]:
            events, figures = right[record["id"]]
            assert record["supports"] == {"events": len(events), "figures": len(figures)}, f"{record['id']} {asked}"


@pytest.mark.parametrize("resource", COMPOSED)
def test_one_more_filter_never_adds_a_record(world: FlaskClient, resource: str) -> None:
    for dataset in ("hills", "isles"):
        used = set(_found(world, resource, {"dataset": dataset}))
        for more in ({"kind": "incident,episode,aggregate"}, {"measure": "killed,injured"}, {"document": "h3"}):
            assert set(_found(world, resource, {"dataset": dataset, **more})) <= used


# --- By hand, so that the oracle is not its own judge ------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "query", "ids"),
    [
        # One participation: the Stone Guard is in events with a defender, but is never the defender.
        ("events", "group=stone-guard&group_role=defender", []),
        ("events", "group=stone-guard&group_role=target", ["guard-raid-2031-03-01"]),
        ("groups", "group_role=defender&dataset=isles&kind=incident", ["harbour-police", "tide-movement"]),
        ("groups", "group=stone-guard&group_role=defender", []),
        # One figure: there were killed, and there were women, but no women captured.
        ("events", "measure=captured&sex=female", []),
        ("events", "measure=killed&sex=female", ["lashio-post-taken-2031-01-12"]),
        ("events", "measure=killed&best_min=20&best_max=25", []),
        ("events", "measure=captured&best_min=20&best_max=25", ["lashio-post-taken-2031-01-12"]),
        # One claim or report: the army speaks through h2 alone, and never corroborated.
        ("figures", "claimant=crown-army&document=h1", []),
        ("figures", "claimant=harbour-police&verification=unverified", []),
        ("events", "document=h2&verification=corroborated", ["lashio-post-taken-2031-01-12"]),
        ("events", "document=h1&verification=corroborated", ["stone-bridge-strike-2031-01-14"]),
        ("figures", "document=h2&measure=killed&sex=female", ["post-killed-women"]),
        # Period and place are the figure's on figures and the event's on events.
        ("figures", "location=lashio-town&population=armed_opposition", ["week-killed-lashio"]),
        ("events", "location=lashio-town&population=armed_opposition&kind=aggregate", []),
        ("figures", "date_from=2031-03-16&measure=displaced,returned", ["campaign-population", "reef-evacuated",
         "reef-returned"]),
        ("displacements", "location=east-reef", ["reef-evacuated"]),
        # A period is overlapped on its very first and last day.
        ("events", "date_from=2031-02-21&date_to=2031-02-27", ["ceasefire-2031-02-01", "kawlin-attack-2031-02-20"]),
        ("events", "date_from=2031-01-16&date_to=2031-01-31", ["lashio-flight-2031-01-14"]),
        # Both sides of the antimeridian, and only what is drawn: not the fight in the state, not the hamlet without a point.
        ("events", "bbox=179.5,-18,-179.5,-16", ["east-reef-clash-2031-02-14", "reef-taken-back-2031-02-20",
         "rivermouth-riot-2031-03-02", "west-reef-protest-2031-02-14"]),
        ("events", "bbox=-180,-18,-179.5,-16", ["east-reef-clash-2031-02-14", "reef-taken-back-2031-02-20",
         "rivermouth-riot-2031-03-02"]),
        ("events", "near=-16.95,179.95&radius_km=12", ["rivermouth-riot-2031-03-02"]),
        ("events", "near=22.5,97.2&radius_km=1", ["stone-bridge-strike-2031-01-14"]),
        ("events", "near=22.9,97.7&radius_km=1", []),
        ("events", "near=20.9,97.3&radius_km=30", []),
        ("events", "location=mm02&date_from=2031-03-01", ["guard-raid-2031-03-01", "guard-raid-2031-03-25"]),
        # Incidents alone on events, every kind elsewhere.
        ("events", "part_of=hill-campaign-2031&type=battles", ["guard-raid-2031-01-05", "lashio-post-taken-2031-01-12"]),
        ("events", "kind=episode", ["battle-of-lashio-2031", "hill-campaign-2031", "reef-siege-2031"]),
        ("events", "id=hill-campaign-2031", []),
        ("figures", "event=hill-campaign-2031", ["campaign-killed", "campaign-population"]),
        ("figures", "population=mixed&kind=episode&dataset=isles", ["siege-killed"]),
        # No coarser than asked, the value itself included.
        ("events", "dataset=isles&location_precision=near&date_precision=day", ["east-reef-clash-2031-02-14",
         "reef-taken-back-2031-02-20", "springs-visit-2031-03-15", "west-reef-protest-2031-02-14"]),
        # Null is in no range.
        ("figures", "measure=trapped,abducted&best_min=0", []),
        ("figures", "measure=trapped,abducted&best_max=999", []),
        ("figures", "best_max=0", ["bridge-none-killed"]),
        # Members as of the event's start: joined, gone, back; the youth through the league, while both held.
        ("events", "group=great-pact&include_members=true", ["ceasefire-2031-02-01", "guard-abroad-2031-04-01",
         "guard-raid-2031-03-25", "kawlin-attack-2031-02-20", "lashio-post-taken-2031-01-12"]),
        ("events", "group=great-pact", []),
        ("events", "group=river-league&include_members=true&dataset=isles", []),
        # Who was active there then.
        ("groups", "location=mm0101&date_from=2031-01-13&kind=incident", ["crown-army", "people-of-lashio", "taang-band"]),
        ("groups", "near=23.1,97.9&radius_km=5", ["crown-army", "taang-band"]),
        ("locations", "group=taang-band&level=village,town", ["lashio-town", "taang-hsar"]),
        ("locations", "measure=injured&level=state_or_region", ["mm01", "north-isles"]),
        ("documents", "group=tide-movement", ["h3", "i1", "i2"]),
        ("documents", "measure=seized", ["h1", "h2"]),
        # What a dataset uses in any way, and what it does not.
        ("groups", "dataset=isles", ["free-front-isles", "great-pact", "harbour-police", "hill-youth", "river-league",
         "silent-circle", "stone-guard", "tide-movement"]),
        ("documents", "dataset=isles", ["h3", "i1", "i2"]),
        ("documents", "dataset=hills", ["h1", "h2", "h3", "h4"]),
        ("locations", "dataset=isles&country=MMR", ["mm03", "mmr", "springs-plain", "taang-hsar"]),
        # Whole words, whatever their case and accents, and no operators.
        ("events", "q=tide reef", ["east-reef-clash-2031-02-14", "reef-taken-back-2031-02-20"]),
        ("events", "q=ree", []),
        ("events", "q=reef OR lashio", []),
        ("events", "q=MAREE", ["east-reef-clash-2031-02-14", "guard-abroad-2031-04-01", "reef-taken-back-2031-02-20",
         "springs-visit-2031-03-15"]),
        ("events", "q=ကော့လင်း", ["kawlin-attack-2031-02-20", "youth-ambush-2031-03-05"]),
        ("groups", "q=palaung", ["taang-band"]),
        ("locations", "q=ile", []),
        ("locations", "q=iles", ["north-isles"]),
        ("documents", "q=hill courier", ["h1", "h3", "i1"]),
    ],
)  # fmt: skip
def test_question_finds_what_is_known_by_hand(world: FlaskClient, resource: str, query: str, ids: list[str]) -> None:
    assert sorted(record["id"] for record in _answer(world, resource, f"{query}&limit=1000")["data"]) == ids


@pytest.mark.parametrize("resource", ["events", "figures", "groups", "locations", "documents"])
def test_records_tell_when_they_last_changed(world: FlaskClient, resource: str) -> None:
    kinds = {"kind": "incident,episode,aggregate"} if resource == "events" else {}
    records = _answer(world, resource, {**kinds, "limit": "1000"})["data"]
    assert {record["id"]: record["updated_at"] for record in records} == {
        record["id"]: KNOWN.changed_at[record["id"]] for record in records
    }


def test_time_of_a_change_may_be_written_in_any_zone(world: FlaskClient) -> None:
    written = ("2031-05-04T07:59:59Z", "2031-05-04T14:29:59+06:30", "2031-05-04T02:59:59-05:00")
    for moment in written:
        assert _found(world, "events", {"updated_since": moment}) == ["kale-arrests-2031-02-03"]


def test_small_world_holds_every_thing_that_conditions_are_about() -> None:
    events = list(EVENTS.values())
    assert len(events) == 25
    assert {event["kind"] for event in events} == set(codes_of("event_kind"))
    assert {event["type"] for event in events} == set(codes_of("event_type"))
    assert {event["location_precision"] for event in events} == set(codes_of("location_precision"))
    assert {event["date_precision"] for event in events} == set(codes_of("date_precision"))
    assert {part["role"] for event in events for part in event["groups"]} == set(codes_of("role"))
    assert {figure["status"] for figure in FIGURES.values()} == set(codes_of("status"))
    assert {figure["unit"] for figure in FIGURES.values()} == set(codes_of("unit"))
    said = [entry for event in events for entry in event["reports"]]
    assert {entry["verification"] for entry in said} == set(codes_of("verification"))
