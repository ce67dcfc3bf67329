"""What one row of UCDP's becomes: an event with its sides, places, sources and figures.

All rows are invented. The records are looked at as they go to the load engine, which has tests of its own, against a real
database with the gazetteer and the corpus.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from api.store.record_types import EVENT_RECORD, FIGURE_RECORD, LOCATION_RECORD
from seeds.ucdp.ged import UcdpGed
from tests.sweep import for_each
from tests.ucdp_files import ATTACK, BATTLE, DEATHS, ELSEWHERE, Brought, bring, figures, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

# --- One row -----------------------------------------------------------------------------------------------------


def test_battle_keeps_its_codes_and_infers_who_attacked(corpus_address: str, tmp_path: Path) -> None:
    older = {"conflict_dset_id": "33", "relid": "MYA-2023-1-91-7", "priogrid_gid": "163272", "region": "Asia"}
    row = {**BATTLE, **older, "where_description": "a bridge  in Kawlin"}
    (event,) = bring(corpus_address, tmp_path, row).events
    assert event["id"] == "ucdp-ged-7001"
    assert (event["kind"], event["type"], event["subtype"]) == ("incident", "battles", "armed_clash")
    assert event["title"] == "Government of Myanmar (Burma) against KIO at Kawlin"
    assert event["groups"] == [
        {"group_id": "myanmar-military", "role": "attacker", "certainty": "inferred"},
        {"group_id": "kachin-independence-organisation", "role": "attacker", "certainty": "inferred"},
    ]
    assert event["codes"] == {
        "type_of_violence": 1,
        "conflict_id": 90,
        "conflict_name": "Myanmar (Burma): Kachin",
        "dyad_id": 91,
        "dyad_name": "Government of Myanmar (Burma) - KIO",
        "where_prec": 1,
        "date_prec": 1,
        "event_clarity": 1,
        "active_year": True,
        "number_of_sources": 1,
        "conflict_dset_id": "33",
        "relid": "MYA-2023-1-91-7",
        "priogrid_gid": "163272",
        "region": "Asia",
        "where_description": "a bridge in Kawlin",
    }
    assert {report["verification"] for report in event["reports"]} == {"not_stated"}


def test_attack_on_civilians_states_attacker_and_target(corpus_address: str, tmp_path: Path) -> None:
    (event,) = bring(corpus_address, tmp_path, {**ATTACK, "event_clarity": "2"}).events
    assert (event["kind"], event["type"], event["subtype"]) == ("aggregate", "violence_against_civilians", "attack")
    roles = [(part["group_id"], part["role"], part["certainty"]) for part in event["groups"]]
    assert roles == [("myanmar-military", "attacker", "stated"), ("civilians-of-myanmar", "target", "stated")]


def test_every_record_has_the_columns_of_its_table(corpus_address: str, tmp_path: Path) -> None:
    brought = bring(corpus_address, tmp_path, {**BATTLE, **ELSEWHERE})
    added = {"dataset_id", "fingerprint", "updated_at"}
    for kind, record in brought.order:
        if kind == "event":
            assert set(EVENT_RECORD.columns) - added == record.keys() - {"groups", "reports", "figures"}
            for figure in record["figures"]:
                assert set(FIGURE_RECORD.columns) - added - {"event_id"} == figure.keys() - {"claims"}
        if kind == "location":
            assert set(LOCATION_RECORD.columns) - added == record.keys() - {"names"}


@for_each(
    ("status", "verification", "is_kept"),
    [
        ("Clear", "not_stated", False),
        ("Check Deaths", "unverified", True),
        ("Low Confidence", "explicitly_unverified", True),
    ],
)
def test_code_status_says_how_well_it_is_verified(
    corpus_address: str, tmp_path: Path, status: str, verification: str, is_kept: bool
) -> None:
    (event,) = bring(corpus_address, tmp_path, {**BATTLE, "code_status": status}).events
    assert event["reports"][0]["verification"] == verification
    assert event["figures"][0]["claims"][0]["verification"] == verification
    assert ("code_status" in event["codes"]) is is_kept


# --- Figures -----------------------------------------------------------------------------------------------------


def test_deaths_by_side_are_parts_with_best_alone(corpus_address: str, tmp_path: Path) -> None:
    (event,) = bring(corpus_address, tmp_path, BATTLE).events
    assert figures(event) == {
        "-killed": ("mixed", 4, 6, 9),
        "-killed-a": ("state_forces", None, 3, None),
        "-killed-b": ("armed_opposition", None, 2, None),
        "-killed-unknown": ("unspecified", None, 1, None),
    }
    whole, *parts = event["figures"]
    assert {(part["part_of"], part["nesting"]) for part in parts} == {(whole["id"], "certain")}
    assert [claim["document_id"] for figure in event["figures"] for claim in figure["claims"]] == ["ucdp-ged"] * 4


def test_two_armed_groups_are_two_figures_of_one_population(corpus_address: str, tmp_path: Path) -> None:
    row = {**BATTLE, "type_of_violence": "2", "side_a_new_id": "880", "side_a": "MNDAA", "gwnoa": ""}
    (event,) = bring(corpus_address, tmp_path, row).events
    assert figures(event)["-killed-a"] == ("armed_opposition", None, 3, None)
    assert figures(event)["-killed-b"] == ("armed_opposition", None, 2, None)


def test_best_of_nought_stays_and_is_told(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, **dict.fromkeys((*DEATHS, "best", "low"), "0"), "high": "5"}))
    (event,) = Brought(corpus_address, source).events
    assert figures(event) == {"-killed": ("mixed", 0, 0, 5)}
    assert event["figures"][0]["status"] == "numbered"
    assert any("best is 0, as the publisher states it: 1" in line for line in source.report.lines())


@for_each(("printed", "bounds"), [((8, 6, 9), (6, 6, 9)), ((4, 6, 5), (4, 6, 6)), ((9, 6, 1), (6, 6, 6))], ids=str)
def test_bounds_out_of_order_enclose_best_and_the_claim_keeps_them(
    corpus_address: str, tmp_path: Path, printed: tuple[int, int, int], bounds: tuple[int, int, int]
) -> None:
    said = dict(zip(("low", "best", "high"), map(str, printed), strict=True))
    source = UcdpGed(written(tmp_path, {**BATTLE, **said}))
    whole = Brought(corpus_address, source).events[0]["figures"][0]
    assert tuple(whole[name] for name in ("low", "best", "high")) == bounds
    assert tuple(whole["claims"][0][name] for name in ("low", "best", "high")) == printed
    assert whole["reason"] is not None
    assert source.report.repaired["bounds out of order"].count == 1


def test_deaths_by_side_above_best_are_left_out_and_told(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "deaths_a": "30"}))
    assert figures(Brought(corpus_address, source).events[0]) == {"-killed": ("mixed", 4, 6, 9)}
    assert sum(met.count for met in source.report.repaired.values()) == 1


def test_neither_figures_nor_claims_have_a_word_that_ucdp_does_not_print(corpus_address: str, tmp_path: Path) -> None:
    events = bring(corpus_address, tmp_path, {**BATTLE, "low": "6", "high": "6"}, BATTLE).events
    qualifiers = [[claim["qualifier"] for figure in event["figures"] for claim in figure["claims"]] for event in events]
    assert qualifiers == [[None] * 4] * 2
    assert {figure["qualifier"] for event in events for figure in event["figures"]} == {None}


# --- Sides -------------------------------------------------------------------------------------------------------


def test_renamed_actor_is_one_group_with_two_names(corpus_address: str, tmp_path: Path) -> None:
    rows = [{**BATTLE, "side_b_new_id": "3051", "side_b": name} for name in ("AA", "ULA")]
    brought = bring(corpus_address, tmp_path, *rows)
    assert {event["groups"][1]["group_id"] for event in brought.events} == {"arakan-army"}
    assert brought.groups == []
    assert brought.aliases("group", "arakan-army") == ["AA", "ULA"]


def test_side_that_no_group_carries_becomes_a_group_under_its_id(corpus_address: str, tmp_path: Path) -> None:
    rows = [{**BATTLE, "side_b_new_id": "99180", "side_b": name} for name in ("Old Front", "New Front")]
    brought = bring(corpus_address, tmp_path, *rows)
    (group,) = brought.groups
    assert (group["id"], group["name"], group["group_kind"]) == ("ucdp-ged-99180", "Old Front", "armed_group")
    assert group["codes"] == [{"scheme": "ucdp_id", "code": "99180"}, {"scheme": "ucdp_name", "code": "Old Front"}]
    assert brought.aliases("group", group["id"]) == ["New Front"]


def test_side_is_tied_by_name_where_no_group_has_its_id(corpus_address: str, tmp_path: Path) -> None:
    (event,) = bring(corpus_address, tmp_path, {**BATTLE, "side_b_new_id": "99201"}).events
    assert event["groups"][1]["group_id"] == "kachin-independence-organisation"


def test_civilians_are_the_corpus_group_in_its_country_alone(corpus_address: str, tmp_path: Path) -> None:
    government = {"side_a_new_id": "143", "side_a": "Government of Bangladesh", "gwnoa": "771"}
    brought = bring(corpus_address, tmp_path, ATTACK, {**ATTACK, **ELSEWHERE, **government})
    targets = [event["groups"][1]["group_id"] for event in brought.events]
    assert targets == ["civilians-of-myanmar", "ucdp-ged-1"]
    kinds = {group["id"]: (group["group_kind"], group["country"]) for group in brought.groups}
    assert kinds == {"ucdp-ged-143": ("government", "BGD"), "ucdp-ged-1": ("population", None)}


# --- Sources -----------------------------------------------------------------------------------------------------


def test_sources_become_documents_of_an_outlet_a_day_and_a_headline(corpus_address: str, tmp_path: Path) -> None:
    several = {
        "source_office": "The Courier;Evening Post ;The Courier",
        "source_date": "2023-11-04;2023-11-05;2023-11-04",
        "source_headline": "A headline;Another; A  headline",
    }
    brought = bring(corpus_address, tmp_path, {**BATTLE, **several}, BATTLE, {**BATTLE, "source_headline": "A third"})
    first, second, third = (event["reports"][1:] for event in brought.events)
    assert len(first) == 2 and second[0] in first and third[0] not in first
    told = {document["id"]: document for document in brought.documents}
    assert len(told) == 4
    listed = [told[report["document_id"]] for report in (*first, *third)]
    assert sorted((one["outlet"], one["published_on"], one["title"]) for one in listed) == [
        ("Evening Post", date(2023, 11, 5), "Another"),
        ("The Courier", date(2023, 11, 4), "A headline"),
        ("The Courier", date(2023, 11, 4), "A third"),
    ]


def test_headlines_that_match_no_outlets_are_lost_and_told(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "source_office": "A;B", "source_date": "2023-11-04;2023-11-04"}))
    documents = Brought(corpus_address, source).documents[1:]
    assert sorted(document["id"] for document in documents) == ["ucdp-ged-a-2023-11-04", "ucdp-ged-b-2023-11-04"]
    assert {document["title"] for document in documents} == {None}
    assert source.report.repaired


@for_each(
    ("printed", "claimant", "chain"),
    [
        ({"source_original": " local  residents "}, "local residents", ["local residents", "The Courier"]),
        # A side of the fight, the name that UCDP has for a known group, and an acronym in this country.
        (
            {"source_original": "KIO"},
            "kachin-independence-organisation",
            ["kachin-independence-organisation", "The Courier"],
        ),
        ({"source_original": "NUG"}, "national-unity-government", ["national-unity-government", "The Courier"]),
        ({"source_original": "AA"}, "arakan-army", ["arakan-army", "The Courier"]),
        ({"source_original": "AA", **ELSEWHERE}, "AA", ["AA", "The Courier"]),
        # The outlet itself; several speakers; several outlets, of which nobody knows who heard whom.
        ({"source_original": "The Courier"}, "The Courier", ["The Courier"]),
        ({"source_original": "a monk\n a driver;"}, "a monk; a driver", ["a monk; a driver", "The Courier"]),
        ({"source_original": "a monk", "source_office": "A;B", "source_headline": "One;Two"}, "a monk", ["a monk"]),
        ({"source_original": "AGGREGATION EVENT"}, None, []),
        ({}, None, []),
    ],
)
def test_whom_the_publisher_quotes_is_the_claimant(
    corpus_address: str, tmp_path: Path, printed: dict[str, str], claimant: str | None, chain: list[str]
) -> None:
    (event,) = bring(corpus_address, tmp_path, {**BATTLE, **printed}).events
    own, *others = event["reports"]
    for said in (own, *(claim for figure in event["figures"] for claim in figure["claims"])):
        assert (said["document_id"], said["claimant"], said["chain"]) == ("ucdp-ged", claimant, chain)
    assert {report["claimant"] for report in others} == {None}


@for_each("dates", ["2023-11-04;2023-11-05", "1753-01-01", "soon"])
def test_source_without_a_date_of_its_own_has_none(corpus_address: str, tmp_path: Path, dates: str) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "source_date": dates}))
    document = Brought(corpus_address, source).documents[1]
    assert document["id"].startswith("ucdp-ged-the-courier-undated-")
    assert (document["title"], document["published_on"]) == ("A headline", None)
    assert source.report.repaired


def test_source_in_a_citation_makes_no_document(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "source_office": "", "source_date": "", "number_of_sources": "-1"}))
    brought = Brought(corpus_address, source)
    assert [document["id"] for document in brought.documents] == ["ucdp-ged"]
    assert "number_of_sources" not in brought.events[0]["codes"]
    assert source.report.noted
