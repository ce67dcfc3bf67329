"""What holds for every code list: good codes, real definitions, parents that exist, and measures that follow their family."""

import re

import pytest

from api.domain.codebook import CODEBOOK, MEASURES, values
from tests.sweep import for_each

SYSTEMS = {"acled", "ucdp", "idmc", "hxl", "sdg_16_1_2"}
EVERY_CODE = [(name, code) for name, listed in CODEBOOK.items() for code in listed.codes]

# The field's own list, so that a filter can be carried over without loss.
ACLED_SUBTYPES = {
    "Battles": ["Government regains territory", "Non-state actor overtakes territory", "Armed clash"],
    "Protests": ["Excessive force against protesters", "Protest with intervention", "Peaceful protest"],
    "Riots": ["Violent demonstration", "Mob violence"],
    "Explosions/Remote violence": [
        "Chemical weapon",
        "Air/drone strike",
        "Suicide bomb",
        "Shelling/artillery/missile attack",
        "Remote explosive/landmine/IED",
        "Grenade",
    ],
    "Violence against civilians": ["Sexual violence", "Attack", "Abduction/forced disappearance"],
    "Strategic developments": [
        "Agreement",
        "Arrests",
        "Change to group/activity",
        "Disrupted weapons use",
        "Headquarters or base established",
        "Looting/property destruction",
        "Non-violent transfer of territory",
        "Other",
    ],
}


def test_lists_stand_in_their_agreed_order_under_their_own_names() -> None:
    agreed = (
        "event_kind event_type event_subtype outcome date_precision location_precision location_level group_kind "
        "relation_type role certainty verification coding_status published_on_basis family measure population object "
        "sex age cause term unit nesting qualifier status change_action"
    )
    assert list(CODEBOOK) == agreed.split()
    assert [listed.name for listed in CODEBOOK.values()] == list(CODEBOOK)


@for_each("name", list(CODEBOOK))
def test_codes_of_a_list_are_unique_and_the_list_is_described(name: str) -> None:
    listed = CODEBOOK[name]
    assert listed.codes
    assert len(set(listed.values())) == len(listed.codes)
    assert values(name) == listed.values()
    assert listed.title
    assert listed.description.endswith(".")


def test_a_code_is_snake_case_labelled_and_defined_in_one_or_two_sentences() -> None:
    for name, code in EVERY_CODE:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code.code), name
        assert code.label[:1].isupper(), code
        assert code.definition.endswith("."), code
        assert 1 <= len(re.findall(r"[.?!](?:\s|$)", code.definition)) <= 2, code


def test_a_parent_exists_exactly_where_a_list_has_one() -> None:
    parents = {"event_subtype": "event_type", "measure": "family"}
    for name, code in EVERY_CODE:
        assert code.parent in values(parents[name]) if name in parents else code.parent is None, code


def test_a_crosswalk_names_only_known_systems_and_is_never_empty_words() -> None:
    for _name, code in EVERY_CODE:
        assert set(code.crosswalk) <= SYSTEMS, code
        assert all(code.crosswalk.values()), code


def test_every_type_and_family_has_children() -> None:
    assert {code.parent for code in CODEBOOK["event_subtype"].codes} == set(values("event_type"))
    assert {code.parent for code in CODEBOOK["measure"].codes} == set(values("family"))


def test_event_types_and_subtypes_cross_over_to_acled_one_to_one() -> None:
    of_type = {code.code: code.crosswalk.get("acled") for code in CODEBOOK["event_type"].codes}
    found: dict[str, list[str]] = {}
    for code in CODEBOOK["event_subtype"].codes:
        assert code.parent is not None
        their_type = of_type[code.parent]
        if their_type is None:
            assert "acled" not in code.crosswalk
        else:
            found.setdefault(their_type, []).append(code.crosswalk["acled"])
    assert found == ACLED_SUBTYPES


def test_no_two_codes_of_a_list_claim_the_same_ucdp_precision() -> None:
    for name in ("date_precision", "location_precision"):
        theirs = [code.crosswalk["ucdp"] for code in CODEBOOK[name].codes if "ucdp" in code.crosswalk]
        assert len(set(theirs)) == len(theirs)


def test_every_measure_has_a_row_of_rules_that_follows_its_family() -> None:
    assert tuple(MEASURES) == values("measure")
    for code, measure in MEASURES.items():
        assert measure.code == code
        assert measure.family in values("family")
        assert measure.has_object is (measure.family in {"damage", "territory"})
        assert measure.has_term is (code == "displaced")
        assert measure.is_totalled is (measure.family != "context")
        assert set(measure.units) <= set(values("unit"))


def test_people_are_counted_where_the_domain_says_so_and_in_people() -> None:
    people = {code for code, measure in MEASURES.items() if measure.counts == "people"}
    wholly = {"casualty", "displacement", "affected"}
    assert people == {code for code, measure in MEASURES.items() if measure.family in wholly} | {
        "combatants",
        "population",
    }
    for code in people:
        by_household = MEASURES[code].family in {"displacement", "affected", "context"}
        assert MEASURES[code].units == (("person", "household") if by_household else ("person",))


def test_shares_are_in_percent_and_all_other_measures_in_things() -> None:
    for measure in MEASURES.values():
        if measure.counts == "share":
            assert (measure.code, measure.units) == ("trade_share", ("percent",))
        elif measure.counts == "things":
            assert measure.units == ("thing",)


def test_a_list_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="weather"):
        values("weather")
