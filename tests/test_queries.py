"""What a question costs the database and the reading copy, and what the names in it mean."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.answers.service import Service
from seeds.ucdp.ged import UcdpGed
from tests.conftest import ENGINES, application, close, load_into
from tests.databases import Databases
from tests.small_world import PLACES
from tests.statements import recorded
from tests.stored import served
from tests.sweep import for_each
from tests.test_errors import LISTS, RECORDS, TOTALS
from tests.ucdp_files import BATTLE, written

# Names are looked up in the same copy whatever the engine; what is asked of the rows is counted on both.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

EVERY_KIND = "kind=incident,episode,aggregate"
# More statements than any one answer needs, names and coverage included.
MOST_STATEMENTS = 17


class Counting:
    """A client of an application, and how many statements over rows and over the copy its answers take."""

    def __init__(self, client: FlaskClient, run: list[str]) -> None:
        self.client = client
        self.run = run

    def count(self, url: str) -> int:
        """How many statements a good answer takes that is not kept from before."""
        self.run.clear()
        response = self.client.get(url, buffered=True)
        assert response.status_code == 200, f"{url}: {response.text}"
        return len(self.run)


@pytest.fixture
def counting(world_address: str) -> Iterator[Counting]:
    """A client of an application with nothing kept yet."""
    app = application(world_address)
    service = app.extensions["conflict_events"]
    assert isinstance(service, Service)
    with recorded(service) as run:
        yield Counting(app.test_client(), run)
    close(app)


# --- Costs -------------------------------------------------------------------------------------------------------


@on_both
@for_each("path", LISTS)
def test_list_takes_as_many_statements_for_many_rows_as_for_few(counting: Counting, path: str) -> None:
    measure = "displaced" if path == "/v1/displacements" else "killed"
    for question in ("", "&q=reef", "&group=great-pact&include_members=true", f"&measure={measure}"):
        if path == "/v1/datasets" and question:
            continue
        sort = "sort=-id" if path == "/v1/locations" else "sort=id"
        # Coverage is kept for the next page, so the first answer is not compared.
        counting.count(f"{path}?{sort}{question}&limit=7")
        few = counting.count(f"{path}?{sort}{question}&limit=3")
        many = counting.count(f"{path}?{sort}{question}&limit=1000")
        # Fewer for many: a first page that is the last one tells the total by itself.
        assert many <= few <= MOST_STATEMENTS, f"{path} {question}"


@for_each(("path", "form"), product(["/v1/events", "/v1/figures", "/v1/locations"], ["csv", "ndjson", "geojson"]))
def test_stream_takes_as_many_statements_for_many_rows_as_for_few(counting: Counting, path: str, form: str) -> None:
    sort = "sort=-id" if path == "/v1/locations" else "sort=id"
    counting.count(f"{path}?{sort}&format={form}&limit=7")
    few = counting.count(f"{path}?{sort}&format={form}&limit=3")
    assert counting.count(f"{path}?{sort}&format={form}") <= few <= MOST_STATEMENTS


@for_each("path", TOTALS)
def test_total_takes_as_many_statements_for_many_rows_as_for_few(counting: Counting, path: str) -> None:
    for dimensions in ("", "&group_by=location", "&group_by=group,role", "&group_by=document,month,dataset"):
        counting.count(f"{path}?date_to=2031-12-30{dimensions}")
        few = counting.count(f"{path}?date_to=2031-01-13{dimensions}")
        many = counting.count(f"{path}?date_to=2031-12-31{dimensions}")
        assert few == many <= MOST_STATEMENTS, dimensions


@on_both
@for_each(
    ("bare", "full"),
    [
        ("/v1/events/rivermouth-march-2031-02-03", "/v1/events/lashio-post-taken-2031-01-12"),
        ("/v1/figures/post-seized", "/v1/figures/battle-killed-state"),
        ("/v1/groups/silent-circle", "/v1/groups/stone-guard"),
        ("/v1/locations/east-reef", "/v1/locations/north-isles"),
        ("/v1/documents/h4", "/v1/documents/h1"),
        ("/v1/datasets/atlas", "/v1/datasets/hills"),
    ],
)
def test_record_takes_as_many_statements_however_much_hangs_on_it(counting: Counting, bare: str, full: str) -> None:
    for path in (bare, full):
        # The licence of its dataset is looked up once for each state of the data.
        counting.count(path)
    assert counting.count(bare) == counting.count(full) <= MOST_STATEMENTS


def test_same_question_again_takes_no_statement(counting: Counting) -> None:
    for path in (*LISTS, *TOTALS, *RECORDS):
        counting.count(path)
        assert counting.count(path) == 0, path


def test_next_page_does_not_look_up_coverage_again(counting: Counting) -> None:
    counting.count("/v1/figures?measure=killed&limit=5")
    body = counting.client.get("/v1/figures?measure=killed&limit=5").json
    counting.count(body["next"])
    assert counting.run
    assert not any("FROM dataset" in statement for statement in counting.run)


# --- Names, in the small world -----------------------------------------------------------------------------------


def _ids(client: FlaskClient, resource: str, **asked: str) -> list[str]:
    every_kind = {"kind": "incident,episode,aggregate"} if resource == "events" else {}
    response = client.get(f"/v1/{resource}", query_string={**every_kind, **asked, "limit": "1000", "fields": "id"})
    assert response.status_code == 200, f"{asked}: {response.text}"
    return [record["id"] for record in response.json["data"]]


@for_each(
    ("identity", "names"),
    [
        (
            "stone-guard",
            [
                "SG",
                "sg",
                "Stone Guard",
                "STONE-GUARD",
                "stoneguard",
                " stone  guard ",
                "Guard of Stone",
                "garde de pierre",
            ],
        ),
        ("taang-band", ["Ta\u2019ang Band", "Ta'ang Band", "taang band", "TA ANG BAND", "Palaung Band"]),
        ("tide-movement", ["TM", "Mouvement de la Marée", "mouvement de la maree", "MOUVEMENT-DE-LA-MARE\u0301E"]),
        ("great-pact", ["GP", "The Pact"]),
        # An acronym comes before an alias, and a name in brackets is one name.
        ("crown-army", ["CA", "the crown"]),
        ("free-front-isles", ["Free Front (Isles)", "free front isles"]),
    ],
)
def test_group_is_meant_by_any_of_its_names(world: FlaskClient, identity: str, names: list[str]) -> None:
    expected = _ids(world, "events", group=identity)
    assert expected
    for name in names:
        assert _ids(world, "events", group=name) == expected, name
        assert _ids(world, "groups", group=name) == [identity]


@for_each(
    ("identity", "names"),
    [
        ("mmr", ["Burma", "Myanmar", "MMR", "Myanmar country"]),
        ("hill-country", ["Hill Country", "hill-country", "The Hills State", "Hill Country area"]),
        ("mm01", ["MM01", "Hill Country (North)", "hill country north"]),
        # Of nested places of one name the outermost is meant; the level behind it names an inner one.
        ("mm0101", ["Lashio", "LASHIO", "Lashio district", "MM0101"]),
        ("mm010101", ["Lasho", "Lashio township", "lasho township"]),
        ("lashio-town", ["Lasho town", "လားရှိုး"]),
        ("taang-hsar", ["Ta\u2019ang Hsar", "Ta'ang Hsar", "taang-hsar", "Taanghsar", "TĀANG SĀR", "Palaung Hsar"]),
        ("kale-township", ["Kalé", "KALE", "kale\u0301", "Kalay", "Kale myo", "kalemyo", "Kalé township"]),
        ("kawlin-village", ["ကော့လင်း", "Kawlin", "Kawlin village"]),
        ("north-isles", ["Îles du Nord", "iles du nord", "ILES-DU-NORD"]),
        ("open-ocean", ["Open Ocean"]),
    ],
)
def test_place_is_meant_by_any_of_its_names(world: FlaskClient, identity: str, names: list[str]) -> None:
    inside = [place for place in PLACES if place in _ids(world, "locations", location=identity)]
    assert identity in inside
    for name in names:
        assert sorted(_ids(world, "locations", location=name)) == sorted(inside), name
        assert _ids(world, "events", location=name) == _ids(world, "events", location=identity), name


@for_each(
    ("asked", "identity"),
    [
        ({"location": "Rivermouth", "country": "FJI"}, "rivermouth-fj"),
        ({"location": "Rivermouth", "country": "MMR"}, "rivermouth-mm"),
        ({"location": "Rivermouth", "dataset": "hills"}, "rivermouth-mm"),
        ({"location": "Springs", "dataset": "isles"}, "springs-plain"),
        ({"location": "Springs", "dataset": "hills"}, "springs-north"),
    ],
)
def test_country_and_dataset_narrow_an_ambiguous_place(
    world: FlaskClient, asked: dict[str, str], identity: str
) -> None:
    expected = _ids(world, "events", **{**asked, "location": identity})
    assert expected
    assert _ids(world, "events", **asked) == expected


@for_each(
    ("written", "claimant"),
    [
        ("SG", "stone-guard"),
        ("Guard of Stone", "stone-guard"),
        ("The Keeper of the Bridge", "the keeper of the bridge"),
        ("a shopkeeper in kale", "a shopkeeper in Kalé"),
    ],
)
def test_claimant_is_meant_by_a_groups_name_or_by_words(world: FlaskClient, written: str, claimant: str) -> None:
    expected = _ids(world, "figures", claimant=claimant)
    assert expected
    assert _ids(world, "figures", claimant=written) == expected


@for_each("written", ["Guard of Stone", "guard of stone", "SG", "Stone Guard"])
def test_any_name_of_a_group_means_it_and_those_who_are_called_so(world: FlaskClient, written: str) -> None:
    group, words = (
        set(_ids(world, "figures", **asked))
        for asked in ({"source": "stone-guard"}, {"group_by": "source", "row": "Guard of Stone"})
    )
    assert group - words and words - group
    assert set(_ids(world, "figures", source=written)) == group | words


def test_parent_is_meant_by_name_too(world: FlaskClient) -> None:
    assert _ids(world, "locations", parent="Îles du Nord") == _ids(world, "locations", parent="north-isles")


def test_several_names_are_alternatives(world: FlaskClient) -> None:
    both = set(_ids(world, "events", group="SG")) | set(_ids(world, "events", group="TM"))
    assert set(_ids(world, "events", group="SG,Mouvement de la Marée")) == both


def test_a_membership_without_its_time_reaches_no_further_than_one_with_it(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    """Two reports say since when the military is the regime's, and two that it is: it was not in 2003."""
    address = databases.copy(corpus_address)
    early = {**BATTLE, "year": "2003", "date_start": "2003-11-03", "date_end": "2003-11-03"}
    load_into(address, UcdpGed(written(tmp_path, early, BATTLE), release="24.1"))
    with served(address) as client:
        asked = {"dataset": "ucdp-ged", "include_members": "true"}
        assert len(_ids(client, "events", group="myanmar-military", **asked)) == 2
        assert _ids(client, "events", group="SAC", **asked) == ["ucdp-ged-7002"]


# --- Names, in the corpus ----------------------------------------------------------------------------------------


@for_each(
    ("parameter", "names"),
    [
        ("group", ["arakan-army", "AA", "Arkan Army", "Arakan Army", "arakan  army"]),
        ("group", ["three-brotherhood-alliance", "3BHA", "Three Brotherhood Alliance", "Brotherhood Alliance"]),
        ("group", ["kyunhla-pdf", "Kyunha PDF", "Kyunhla PDF"]),
        ("location", ["mmr005", "MMR005", "Sagaing", "Sangaing", "SAGAING", "Sagaing Region"]),
        ("location", ["shan-state", "Shan", "Shan State"]),
        ("location", ["mmr015", "Northern Shan", "North Shan", "northern Shan State"]),
        ("location", ["mmr009", "Magway", "Magwe"]),
        ("location", ["mmr012", "Rakhine", "Arakan"]),
    ],
)
def test_spellings_of_the_corpus_are_one(client: FlaskClient, parameter: str, names: list[str]) -> None:
    expected = _ids(client, "events", **{parameter: names[0]})
    assert expected
    for name in names:
        assert _ids(client, "events", **{parameter: name}) == expected, name


def test_shan_state_is_its_three_units(client: FlaskClient) -> None:
    children = _ids(client, "locations", parent="Shan State")
    assert children == ["mmr014", "mmr015", "mmr016"]
    units = set(_ids(client, "locations", location=",".join(children)))
    assert set(_ids(client, "locations", location="Shan State")) == units | {"shan-state"}
    elsewhere = set(_ids(client, "events", location="Shan State")) - set(
        _ids(client, "events", location="mmr014,mmr015,mmr016")
    )
    # What is known no better than the state lies in none of the units.
    assert all(_event(client, identity)["location"]["id"] == "shan-state" for identity in elsewhere)
    assert set(_ids(client, "events", location="Northern Shan")) <= set(_ids(client, "events", location="Shan State"))


def _event(client: FlaskClient, identity: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/events/{identity}").json
    return found


def test_kawlin_is_told_from_kawlin_by_its_level(client: FlaskClient) -> None:
    levels = {
        name: [record["level"] for record in _locations(client, name)]
        for name in ("Kawlin", "Kawlin district", "Kawlin township", "Kawlin town")
    }
    assert levels["Kawlin"] == levels["Kawlin district"]
    assert levels["Kawlin"][0] == "district"
    assert levels["Kawlin township"][0] == "township"
    assert levels["Kawlin town"] == ["town"]
    assert "kawlin-town-captured-2023-11-06" in _ids(client, "events", location="Kawlin town")


def _locations(client: FlaskClient, name: str) -> list[dict[str, Any]]:
    """A place and all in it, coarsest first."""
    order = ("country", "area", "state_or_region", "district", "township", "town", "village", "site")
    found = client.get("/v1/locations", query_string={"location": name, "limit": "1000"}).json["data"]
    return sorted(found, key=lambda record: order.index(record["level"]))


def test_alliance_with_its_members_is_what_each_of_them_did(client: FlaskClient) -> None:
    alone = set(_ids(client, "events", group="Three Brotherhood Alliance"))
    members = {name: set(_ids(client, "events", group=name)) for name in ("AA", "TNLA", "MNDAA")}
    assert all(members.values())
    together = set(_ids(client, "events", group="Three Brotherhood Alliance", include_members="true"))
    assert together == alone.union(*members.values()) > alone
    attacks = set(_ids(client, "events", group="3BHA", include_members="true", group_role="attacker"))
    expected = [_ids(client, "events", group=name, group_role="attacker") for name in ("AA", "TNLA", "MNDAA", "3BHA")]
    assert attacks == set().union(*expected) < together


def test_members_count_from_the_day_they_join_to_the_day_they_leave(world: FlaskClient) -> None:
    """The Stone Guard was a member from 10 January to 15 February, and is one again from 20 March on."""
    raids = {"guard-raid-2031-01-05", "lashio-post-taken-2031-01-12", "guard-raid-2031-03-01", "guard-raid-2031-03-25"}
    found = set(_ids(world, "events", group="GP", include_members="true", kind="incident"))
    assert raids & found == {"lashio-post-taken-2031-01-12", "guard-raid-2031-03-25"}
    # The youth belongs to the pact through the league, while both memberships held.
    assert "kawlin-attack-2031-02-20" in found and "youth-ambush-2031-03-05" not in found
    # What is a branch, part or armed wing belongs to it as a member does.
    alone, police = (set(_ids(world, "events", group=name)) for name in ("CA", "crown-police"))
    assert set(_ids(world, "events", group="CA", include_members="true")) == alone | police > alone


def test_the_regime_is_found_where_its_helicopter_and_base_attacked(client: FlaskClient) -> None:
    attacks = set(_ids(client, "events", group="junta", group_role="attacker"))
    assert attacks >= {"kawlin-air-strikes-2023-11-03", "kawlin-wuntho-shelling-2023-11-03"}
    with_military = set(_ids(client, "events", group="junta", group_role="attacker", include_members="true"))
    assert with_military == attacks | set(_ids(client, "events", group="myanmar-military", group_role="attacker"))


def test_a_word_of_several_names_is_answered_with_all_of_them(client: FlaskClient) -> None:
    (refused,) = client.get("/v1/events?group=PDF").json["errors"]
    assert {"kawlin-pdf", "kyunhla-pdf", "gangaw-pdf"} == {found["id"] for found in refused["candidates"]}
