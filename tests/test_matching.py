"""Events of two datasets that may be the same: found by what they say, scored by part, paired one to one, never added.

Invented files in UCDP's layout stand beside the shipped corpus.
"""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.matching.comparison import pairs
from api.matching.many_scores import THOUSANDTHS, ManyScores
from api.matching.score import ComparedEvent, Toll, score
from seeds.ucdp.ged import UcdpGed
from tests.conftest import ENGINES, load_into
from tests.databases import Databases
from tests.many_events import EVENTS, many_events
from tests.matching_quality import labels
from tests.stored import served
from tests.sweep import for_each
from tests.test_seeds_cli import refused, run
from tests.ucdp_files import ATTACK, BATTLE, written

pytestmark = pytest.mark.engines("sqlite")

PAGE = {"Accept": "text/html"}
KAWLIN = "battle-of-kawlin-2023"
# The battle as another would tell it, an attack two days after it, a fight far away, and one on the day before the battle.
ROWS = (
    {**BATTLE, "date_start": "2023-11-03", "date_end": "2023-11-06"},
    {**ATTACK, "date_start": "2023-11-08", "date_end": "2023-11-08"},
    {
        **BATTLE,
        "adm_1": "Rakhine state",
        "adm_2": "Sittwe district",
        "where_coordinates": "Pauktaw town",
        "latitude": "20.18",
        "longitude": "93.07",
        "date_start": "2023-11-25",
        "date_end": "2023-11-25",
    },
    {**BATTLE, "date_start": "2023-11-02", "date_end": "2023-11-02"},
)


@pytest.fixture(scope="module")
def address(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the corpus and the rows. Not to be written to."""
    found = databases.copy(corpus_address)
    load_into(found, UcdpGed(written(tmp_path_factory.mktemp("rows"), *ROWS), release="24.1"))
    return found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[FlaskClient]:
    with served(address) as found:
        yield found


def told(**changes: Any) -> ComparedEvent:
    """An event as it is compared, with these changes."""
    units = {"township": "mmr005024", "district": "mmr005d011", "state_or_region": "mmr005", "area": None}
    found = ComparedEvent(
        *("one", "ours", "1", "A fight", "incident", "battles", "armed_clash"),
        *(date(2023, 11, 3), date(2023, 11, 6), "days", "mmr005024701", "Kawlin", "exact", 23.79, 95.68),
        units,
        frozenset({"army", "rebels"}),
        Toll(10, 10, 10, False),
    )
    return found._replace(**changes)


@pytest.mark.engines(*ENGINES)
def test_matches_are_found_by_place_and_days(client: FlaskClient) -> None:
    body = client.get(f"/v1/events/{KAWLIN}/matches?dataset=ucdp-ged").json
    first, before, second = body["data"]
    assert [one["event"]["id"] for one in body["data"]] == ["ucdp-ged-7001", "ucdp-ged-7004", "ucdp-ged-7002"]
    assert first["score"] > before["score"] > second["score"]
    assert (first["parts"]["place"], first["parts"]["days"]) == (1, 1)
    assert second["parts"]["days"] == 0.3
    assert (body["total"], body["returned"], body["next"]) == (3, 3, None)
    assert {one["dataset"] for one in body["sources"]} == {"ucdp-ged"}
    # The same the other way round, which has more to choose from.
    back = client.get("/v1/events/ucdp-ged-7001/matches").json["data"]
    assert {one["event"]["dataset"] for one in back} == {"op1027"}
    assert next(one for one in back if one["event"]["id"] == KAWLIN)["score"] == first["score"]


def test_a_match_of_no_event_is_told_as_one(client: FlaskClient) -> None:
    assert client.get("/v1/events/no-such-event/matches").status_code == 404
    assert client.get(f"/v1/events/{KAWLIN}/matches?dataset=nobody").status_code == 400
    assert client.get(f"/v1/events/{KAWLIN}/matches?cursor=x").status_code == 400
    assert len(client.get(f"/v1/events/{KAWLIN}/matches?limit=1").json["data"]) == 1


@for_each(
    ("changes", "part", "least", "most"),
    [
        ({}, "place", 1, 1),
        # 0.18 degrees of latitude are 20 km.
        ({"location_id": "other", "latitude": 23.97}, "place", 0.5, 0.6),
        ({"location_id": "mmr005024", "location_precision": "township"}, "place", 0.8, 0.8),
        ({"start": date(2023, 11, 6)}, "days", 0.7, 0.7),
        ({"start": date(2023, 11, 7), "end": date(2023, 11, 7)}, "days", 0.5, 0.5),
        ({"groups": frozenset({"army", "others", "more"})}, "sides", 0.5, 0.5),
        ({"type": "explosions_remote_violence", "subtype": None}, "type", 0.5, 0.5),
        ({"type": "displacement", "subtype": None}, "type", 0, 0),
        ({"killed": Toll(4, 4, 4, False)}, "toll", 0.454, 0.455),
        ({"killed": Toll(4, 4, 12, False)}, "toll", 0.8, 0.8),
    ],
)
def test_a_part_says_how_alike_two_events_are(changes: dict[str, Any], part: str, least: float, most: float) -> None:
    one, other = told(), told(id="two", dataset="theirs", **changes)
    found, back = score(one, other), score(other, one)
    assert found is not None and found == back
    assert least <= (found.parts[part] or 0) <= most


def test_what_is_not_said_is_no_part_of_a_score() -> None:
    found = score(told(), told(id="two", dataset="theirs", killed=None, groups=frozenset()))
    assert found is not None and found.score == 1
    assert (found.parts["toll"], found.parts["sides"]) == (None, None)


@for_each(
    "changes",
    [
        {"start": date(2023, 11, 10), "end": date(2023, 11, 10)},
        {"location_id": "other", "latitude": 24.5},
    ],
)
def test_events_without_a_shared_place_or_day_do_not_match(changes: dict[str, Any]) -> None:
    assert score(told(), told(id="two", dataset="theirs", **changes)) is None


def test_each_event_pairs_once_and_the_best_first() -> None:
    ours = [told(id="a"), told(id="b", killed=Toll(4, 4, 4, False))]
    theirs = [told(id="x", killed=Toll(5, 5, 5, False)), told(id="y", killed=Toll(10, 10, 10, False))]
    theirs.append(told(id="z", start=date(2023, 12, 1), end=date(2023, 12, 1)))
    found = {
        (pair.first and pair.first.id, pair.second and pair.second.id): pair.differences for pair in pairs(ours, theirs)
    }
    assert found == {("a", "y"): (), ("b", "x"): ("toll",), (None, "z"): ("lacking",)}


def anywhere(rnd: random.Random, name: str) -> ComparedEvent:
    """An event of any place, days, type and toll among few."""
    state, township = rnd.randrange(3), rnd.choice(("a", "b", None))
    start = date(2023, 11, 3) + timedelta(days=rnd.randrange(60))
    is_drawn = rnd.random() < 0.9
    return told(
        id=name,
        start=start,
        end=start + timedelta(days=rnd.choice((0, 0, 0, 1, 3, 10, 300))),
        location_id=f"{state}-{township}",
        location_precision=rnd.choice(("exact", "near", "township", "district", "country")),
        latitude=20 + state + rnd.random() if is_drawn else None,
        longitude=95 + rnd.random() if is_drawn else None,
        units={"township": township, "district": None, "state_or_region": f"{state}", "area": None},
        groups=frozenset(rnd.sample(("army", "rebels", "others"), rnd.randrange(3))),
        type=rnd.choice(("battles", "protests")),
        killed=rnd.choice((None, Toll(None, 3, None, False), Toll(0, 5, 9, True))),
    )


def test_many_are_scored_as_each_is() -> None:
    rnd = random.Random(1027)
    ours, theirs = ([anywhere(rnd, f"{side}{number}") for number in range(150)] for side in "ab")
    # The last ones are much alike, so that whole scores are the same, and many lie in the middle of two thousandths.
    theirs += [told(id=f"c{number}", killed=Toll(None, number % 40, None, False)) for number in range(80)]
    scores, met = ManyScores(theirs), set[int]()
    for one in (*ours, *[told(killed=Toll(None, best, best + 3, False)) for best in range(40)]):
        made = [score(one, other) for other in theirs]
        wanted = [-1 if found is None else round(found.score * THOUSANDTHS) for found in made]
        assert scores.beside(one).tolist() == wanted
        met |= set(wanted)
    assert len(met) > THOUSANDTHS / 4


@for_each("least", [0.5, 0.7, 0.75])
def test_pairs_are_those_of_the_best_scores_of_all(least: float) -> None:
    rnd = random.Random(27)
    ours, theirs = ([anywhere(rnd, f"{side}{number:03}") for number in range(120)] for side in "ab")
    theirs += [other._replace(id=f"c{other.id}") for other in theirs[:40]]
    scored = [
        (-made.score, one.id, other.id)
        for one in ours
        for other in theirs
        if (made := score(one, other)) is not None and made.score >= least
    ]
    wanted: dict[str, str] = {}
    for _score, one_id, other_id in sorted(scored):
        if one_id not in wanted and other_id not in wanted.values():
            wanted[one_id] = other_id
    found = pairs(ours, theirs, least)
    assert {pair.first.id: pair.second.id for pair in found if pair.first and pair.second} == wanted
    assert len(wanted) > 20
    assert len(found) == len(ours) + len(theirs) - len(wanted)


def test_many_events_that_all_match_each_other_are_paired_in_little_memory() -> None:
    """A week of fights in one town: of a million pairs that would do, none is held but the best of each event."""
    rnd, count = random.Random(7), 700
    ours, theirs = (
        [
            told(
                id=f"{side}{number:04}",
                start=date(2023, 11, 3),
                end=date(2023, 11, 3),
                killed=Toll(0, rnd.randrange(9), 9, False),
            )
            for number in range(count)
        ]
        for side in "ab"
    )
    tracemalloc.start()
    found = pairs(ours, theirs)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(pair.score is not None for pair in found) == count
    # Ten bytes for each of all possible pairs.
    assert most < 10 * count * count


@pytest.mark.engines(*ENGINES)
def test_a_comparison_says_what_each_says_and_where_it_comes_apart(client: FlaskClient) -> None:
    asked = "location=Kawlin&date_from=2023-11-01&date_to=2023-11-30"
    body = client.get(f"/v1/comparisons?{asked}&dataset=op1027,ucdp-ged").json
    for said in body["said"]:
        total = client.get(f"/v1/casualties/totals?{asked}&measure=killed&dataset={said['dataset']}").json["data"][0]
        assert said["killed"] == {name: total[name] for name in ("low", "best", "high", "open_ended")}
        assert said["events"] == client.get(f"/v1/events?{asked}&dataset={said['dataset']}").json["total"]
    (apart,) = body["apart"]
    assert apart["killed"] == body["said"][0]["killed"]["best"] - body["said"][1]["killed"]["best"]
    assert apart["killed"] == sum(apart[name] for name in ("lacking", "uncovered", "toll", "day", "status", "rest"))
    rows = body["data"]
    assert apart["paired"] == sum(row["score"] is not None for row in rows) > 0
    # Each event is in one row.
    for side, said in zip(("first", "second"), body["said"], strict=True):
        ids = [row[side]["id"] for row in rows if row[side] is not None]
        assert len(ids) == len(set(ids)) == said["events"]
    assert body["total"] == len(rows) == apart["paired"] + apart["only_first"] + apart["only_second"]


@pytest.mark.parametrize("path", [f"/v1/events/{KAWLIN}/matches", "/v1/comparisons"])
def test_pages_hold_each_row_once_and_in_its_order(client: FlaskClient, path: str) -> None:
    whole = client.get(f"{path}?limit=1000").json
    assert whole["next"] is None and whole["total"] == len(whole["data"]) > 1
    # Some pages of each.
    limit = 1 + len(whole["data"]) // 6
    following, read = f"{path}?limit={limit}", []
    while following is not None:
        page = client.get(following).json
        assert {**page, "data": 0, "next": 0, "returned": 0} == {**whole, "data": 0, "next": 0, "returned": 0}
        read += page["data"]
        following = page["next"]
    numbered = (f"{path}?limit={limit}&page={one}" for one in range(1, 1 + -(-len(read) // limit)))
    assert read == whole["data"] == [row for page in numbered for row in client.get(page).json["data"]]
    assert client.get(f"{path}?cursor=x").status_code == 400


def test_an_event_just_outside_the_period_is_no_lack(client: FlaskClient) -> None:
    body = client.get("/v1/comparisons?location=Kawlin&date_to=2023-11-02&dataset=op1027,ucdp-ged&kind=incident").json
    (row,), (apart,) = body["data"], body["apart"]
    assert row["second"]["id"] == "ucdp-ged-7004" and row["first"]["date"]["start"] == "2023-11-03"
    assert "day" in row["differences"] and "lacking" not in row["differences"]
    # What lies outside counts nobody here.
    assert (apart["killed"], apart["day"], apart["lacking"]) == (-6, -6, 0)
    assert [said["events"] for said in body["said"]] == [0, 1]
    far = client.get("/v1/comparisons?location=Pauktaw&date_from=2023-11-22&dataset=op1027,ucdp-ged").json
    assert [row["differences"] for row in far["data"]] == [["lacking"]]


def test_no_dataset_lacks_what_lies_outside_of_its_period(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    address = databases.copy(corpus_address)
    before = {**BATTLE, "date_start": "2023-09-02", "date_end": "2023-09-02"}
    load_into(address, UcdpGed(written(tmp_path, *ROWS, before), release="24.1"))
    with served(address) as client:
        body = client.get("/v1/comparisons?location=Kawlin").json
        page = client.get("/v1/comparisons?location=Kawlin", headers=PAGE).text
    first_date = body["coverage"]["by_dataset"][0]["first_date"]
    uncovered = [row for row in body["data"] if row["differences"] == ["uncovered"]]
    assert [row["second"]["date"]["end"] for row in uncovered] == ["2023-09-02"] and first_date > "2023-09-02"
    assert any(row["differences"] == ["lacking"] for row in body["data"])
    (apart,) = body["apart"]
    assert apart["uncovered"] == -uncovered[0]["second"]["killed"]["best"] != 0
    assert apart["killed"] == sum(apart[name] for name in ("lacking", "uncovered", "toll", "day", "status", "rest"))
    assert "in events of days that one of them does not cover" in page


def test_a_comparison_of_one_dataset_pairs_nothing(client: FlaskClient) -> None:
    answer = client.get("/v1/comparisons?dataset=op1027").json
    assert [said["dataset"] for said in answer["said"]] == ["op1027"]
    assert answer["apart"] == answer["data"] == []


@pytest.mark.engines("sqlite")
def test_a_comparison_of_too_many_events_is_refused(databases: Databases, corpus_address: str) -> None:
    with served(many_events(databases, corpus_address)) as client:
        refusal = client.get("/v1/comparisons")
    assert refusal.status_code == 400
    assert f"other has {EVENTS:,} events here, and 1,000 at the most" in refusal.json["detail"]


def test_a_comparison_of_too_many_events_around_its_period_is_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.resources.matches.MOST_READ", 0)
    refusal = client.get("/v1/comparisons?location=Kawlin&date_to=2023-11-02&dataset=op1027,ucdp-ged&limit=9")
    assert refusal.status_code == 400
    assert "events here and in the days around, and 0 at the most are read: ask for" in refusal.json["detail"]


def test_the_command_lists_matches(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    done = run("match", KAWLIN, "--limit", "1")
    assert done.exit_code == 0
    (line,) = done.stdout.splitlines()
    assert " ucdp-ged-7001: " in line and "place 1.00, days 1.00" in line
    assert refused(run("match", "no-such-event")) == "There is no event 'no-such-event'."


def test_labelled_events_are_in_the_corpus(client: FlaskClient) -> None:
    known = {event["id"] for event in client.get("/v1/events?dataset=op1027&limit=1000&fields=id").json["data"]}
    assert {event for event, _other in labels()} <= known


def test_datasets_of_other_times_are_not_called_different(
    databases: Databases, corpus_address: str, client: FlaskClient, tmp_path: Path
) -> None:
    other_times = "They tell of other times"
    asked = "/compare?location=Kawlin"
    assert other_times not in client.get(asked, headers=PAGE).text
    address = databases.copy(corpus_address)
    row = {**BATTLE, "year": "2015", "date_start": "2015-11-03", "date_end": "2015-11-03"}
    load_into(address, UcdpGed(written(tmp_path, row), release="19.1"))
    with served(address) as earlier:
        assert other_times in earlier.get(asked, headers=PAGE).text
        # All of Kawlin lies in the one township that both tell of, which is no other place.
        assert "Townships that more than one dataset tells of" in earlier.get("/compare", headers=PAGE).text
        for place in ("Kawlin", "mmr005024", "mmr005024701"):
            page = earlier.get(f"/compare?location={place}", headers=PAGE).text
            assert other_times in page and "ownships that more than one" not in page, place
