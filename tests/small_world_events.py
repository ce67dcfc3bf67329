"""The events of the small invented world, hand-made; see tests/small_world.py. Knows records, no HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from api.domain.bounds import bounds
from api.domain.codebook import MEASURES
from api.store.record_types import Record


def said(document: str, claimant: str | None = None, verification: str = "unverified", *chain: str) -> Record:
    """What a document says, on whose word."""
    return {
        "document_id": document,
        "spans": [[0, 20], [40, 60]],
        "claimant": claimant,
        "chain": list(chain),
        "verification": verification,
    }


def _when(text: str) -> Record:
    """A period written `2031-01-12 day` or `2031-01-12 2031-01-14 days`."""
    *days, precision = text.split()
    return {
        "date_start": date.fromisoformat(days[0]),
        "date_end": date.fromisoformat(days[-1]),
        "date_precision": precision,
        "date_reason": None,
    }


def _where(text: str, point: tuple[float, float] | None) -> Record:
    """A place written `lashio-town exact`, with a point of its own where one is given."""
    location, precision = text.split()
    latitude, longitude = (None, None) if point is None else point
    return {
        "location_id": location,
        "location_precision": precision,
        "latitude": latitude,
        "longitude": longitude,
    }


def figure(
    identity: str,
    what: str,
    qualifier: str,
    number: int | None,
    *claims: Record | tuple[Record, str, int | None],
    sex: str = "unspecified",
    age: str = "unspecified",
    cause: str = "unknown",
    term: str | None = None,
    unit: str = "person",
    part_of: str | None = None,
    nesting: str | None = None,
    when: str | None = None,
    where: str | None = None,
) -> Record:
    """A figure: `what` is a measure with its population or object; the first claim is the preferred one."""
    measure, _, whose = what.partition(" ")
    found, counts_people = bounds(qualifier, number), MEASURES[measure].counts == "people"
    rows = []
    for index, entry in enumerate(claims):
        told, its_qualifier, its_number = entry if isinstance(entry, tuple) else (entry, qualifier, number)
        told = {"population": None, **told}
        its = bounds(its_qualifier, its_number)
        row = {**told, "qualifier": its_qualifier, "low": its.low, "best": its.best, "high": its.high}
        rows.append({**row, "is_preferred": index == 0})
    return {
        "id": identity,
        "family": MEASURES[measure].family,
        "measure": measure,
        "population": whose if counts_people else None,
        "object": None if counts_people or not whose else whose,
        "sex": sex if counts_people else None,
        "age": age if counts_people else None,
        "cause": cause if MEASURES[measure].family == "casualty" else None,
        "term": term,
        "unit": unit,
        "low": found.low,
        "best": found.best,
        "high": found.high,
        "open_ended": found.open_ended,
        "qualifier": qualifier,
        "status": found.status,
        "reason": None,
        **({} if when is None else _when(when)),
        **({} if where is None else _where(where, None)),
        "part_of": part_of,
        "nesting": nesting,
        "claims": rows,
    }


def event(
    identity: str,
    kind: str,
    what: str,
    when: str,
    where: str,
    groups: str,
    reports: Sequence[Record],
    *figures: Record,
    title: str | None = None,
    summary: str | None = None,
    part_of: str | None = None,
    outcome: str | None = None,
    coding_status: str = "coded",
    codes: dict[str, str] | None = None,
    point: tuple[float, float] | None = None,
) -> Record:
    """An event: `what` is a type with its subtype, `groups` are written `stone-guard attacker stated; ...`."""
    type_, _, subtype = what.partition(" ")
    period, place = _when(when), _where(where, point)
    parts = [part.split() for part in groups.split(";") if part.strip()]
    return {
        "id": identity,
        "kind": kind,
        "type": type_,
        "subtype": subtype or None,
        "title": title or identity.replace("-", " ").capitalize(),
        "summary": summary,
        **period,
        **place,
        "part_of": part_of,
        "outcome": outcome,
        "coding_status": coding_status,
        "codes": codes,
        "groups": [{"group_id": group, "role": role, "certainty": certainty} for group, role, certainty in parts],
        "reports": list(reports),
        "figures": [{**period, **place, **found} for found in figures],
    }


_GUARD, _ARMY = (
    said("h1", "stone-guard", "unverified"),
    # Its last link is a group's name as words, which means that group and whoever was quoted so.
    said("h2", "crown-army", "explicitly_unverified", "Valley Post", "Guard of Stone"),
)
_KEEPER = said("h1", "the keeper of the bridge", "corroborated", "the keeper of the bridge", "stone-guard")
_OWN = said("h3")

HILLS_EVENTS: Sequence[Record] = (
    event(
        "hill-campaign-2031",
        "episode",
        "battles",
        "2031-01-05 2031-03-20 year",
        "hill-country area",
        "great-pact attacker stated; crown-army defender stated",
        [said("h1"), said("h2", "crown-army")],
        figure("campaign-killed", "killed mixed", "around", 200, said("h2", "crown-army")),
        figure(
            "campaign-population", "displaced civilians", "hundreds_of_thousands", None, said("h1"), term="displaced"
        ),
        outcome="ongoing",
    ),
    event(
        "battle-of-lashio-2031",
        "episode",
        "battles",
        "2031-01-10 2031-01-16 week",
        "mm0101 district",
        "stone-guard attacker stated; crown-army defender stated; great-pact supporter inferred",
        [_GUARD, _ARMY],
        figure("battle-killed-state", "killed state_forces", "at_least", 40, _GUARD, (_ARMY, "exact", 12)),
        figure("battle-injured", "injured mixed", "several", None, _ARMY),
        part_of="hill-campaign-2031",
        outcome="contested",
        coding_status="double_coded",
    ),
    event(
        "lashio-post-taken-2031-01-12",
        "incident",
        "battles non_state_actor_overtakes_territory",
        "2031-01-12 day",
        "lashio-town exact",
        "stone-guard attacker stated; taang-band supporter single_source; crown-police target stated;"
        " crown-army defender inferred",
        [_GUARD, said("h2", None, "corroborated")],
        figure(
            "post-killed-police",
            "killed state_forces",
            "exact",
            12,
            _GUARD,
            (said("h2"), "up_to", 15),
            part_of="battle-killed-state",
            nesting="certain",
        ),
        figure("post-killed-women", "killed civilians", "exact", 2, said("h2"), sex="female", cause="heavy_weapons"),
        figure("post-captured", "captured state_forces", "exact", 21, _GUARD, sex="male", age="adult"),
        figure("post-seized", "seized police_station", "exact", 1, _GUARD, unit="thing"),
        part_of="battle-of-lashio-2031",
        outcome="captured",
        coding_status="double_coded",
    ),
    event(
        "stone-bridge-strike-2031-01-14",
        "incident",
        "explosions_remote_violence air_drone_strike",
        "2031-01-14 day",
        "stone-bridge near",
        "crown-army attacker single_source; people-of-lashio affected stated",
        [_KEEPER],
        figure("bridge-none-killed", "killed civilians", "none_reported", None, _KEEPER),
        figure("bridge-houses", "destroyed house", "around", 10, _KEEPER, unit="thing"),
        figure("bridge-strikes", "air_strikes", "exact", 3, said("h1"), unit="thing"),
        part_of="battle-of-lashio-2031",
        # The place has a point too; the event's own is the one that counts.
        point=(22.5, 97.2),
    ),
    event(
        "lashio-flight-2031-01-14",
        "incident",
        "displacement forced_flight",
        "2031-01-14 2031-01-16 days",
        "mm010101 township",
        "people-of-lashio affected stated",
        [said("h2", "a teacher in Lashio"), said("h1", None, "disputed")],
        figure(
            "flight-people",
            "displaced civilians",
            "tens_of_thousands",
            None,
            said("h1"),
            (said("h2", "a teacher in Lashio"), "nearly", 30_000),
            term="forced_to_flee",
            part_of="campaign-population",
            nesting="possible",
        ),
        figure(
            "flight-households", "displaced civilians", "nearly", 3_000, said("h2"), term="evacuated", unit="household"
        ),
        figure(
            "flight-trapped",
            "trapped civilians",
            "unknown",
            None,
            said("h2", "a teacher in Lashio"),
            where="lashio-town near",
        ),
        part_of="battle-of-lashio-2031",
    ),
    event(
        "hills-week-2031-01-08",
        "aggregate",
        "battles",
        "2031-01-08 2031-01-14 week",
        "mm01 state_or_region",
        "crown-army claimant stated",
        [said("h2", "crown-army")],
        figure("week-killed", "killed armed_opposition", "more_than", 60, said("h2", "crown-army")),
        figure(
            "week-killed-lashio",
            "killed armed_opposition",
            "exact",
            25,
            said("h2", "crown-army"),
            part_of="week-killed",
            nesting="certain",
            when="2031-01-12 day",
            where="lashio-town exact",
        ),
    ),
    event(
        "rivermouth-march-2031-02-03",
        "incident",
        "protests peaceful_protest",
        "2031-02-03 day",
        "rivermouth-mm exact",
        "",
        [{**_OWN, "verification": "not_stated"}],
        summary="A march along the café street; nobody was named.",
        coding_status="draft",
    ),
    event(
        "kale-arrests-2031-02-03",
        "incident",
        "strategic_developments arrests",
        "2031-02-03 day",
        "kale-township township",
        "crown-police attacker stated",
        [said("h3", "a shopkeeper in Kalé", "explicitly_unverified")],
        figure("kale-captured", "captured civilians", "exact", 4, said("h3", "a shopkeeper in Kalé"), sex="male"),
    ),
    event(
        "kawlin-attack-2031-02-20",
        "incident",
        "violence_against_civilians attack",
        "2031-02-20 2031-02-21 days",
        "kawlin-village exact",
        "hill-youth attacker single_source; hill-youth claimant stated",
        [said("h3", "hill-youth"), said("h2", None, "confirmed")],
        figure("kawlin-killed", "killed civilians", "exact", 3, said("h3", "hill-youth"), sex="both", age="child"),
        figure(
            "kawlin-abducted",
            "abducted contested",
            "several",
            None,
            {**_OWN, "population": "civilians"},
            {**said("h2"), "population": "armed_opposition"},
        ),
        title="Attack on ကော့လင်း",
    ),
    event(
        "youth-ambush-2031-03-05",
        "incident",
        "battles armed_clash",
        "2031-03-05 day",
        "kawlin-village near",
        "hill-youth attacker stated; crown-army target stated",
        [_OWN],
        figure("ambush-killed-youth", "killed armed_opposition", "exact", 1, _OWN, sex="male"),
        outcome="repelled",
    ),
    event(
        "guard-raid-2031-01-05",
        "incident",
        "battles armed_clash",
        "2031-01-05 day",
        "springs-north exact",
        "stone-guard attacker stated; crown-army defender stated",
        [_GUARD],
        figure("first-raid-killed", "killed state_forces", "at_most", 5, _GUARD),
        part_of="hill-campaign-2031",
        outcome="withdrawn",
    ),
    event(
        "guard-raid-2031-03-01",
        "incident",
        "battles armed_clash",
        "2031-03-01 day",
        "mm02 state_or_region",
        "stone-guard attacker stated; stone-guard target stated",
        [said("h2", "great-pact")],
        figure("second-raid-weapons", "weapons_seized", "exact", 50, said("h2", "great-pact"), unit="thing"),
        point=(20.9, 97.3),
    ),
    event(
        "guard-raid-2031-03-25",
        "incident",
        "battles armed_clash",
        "2031-03-25 day",
        "pathless-hamlet exact",
        "stone-guard attacker stated; river-league supporter stated",
        [_GUARD],
        figure("third-raid-killed", "killed state_forces", "exact", 12, _GUARD),
        coding_status="imported",
        codes={"type_of_violence": "1"},
    ),
    event(
        "ceasefire-2031-02-01",
        "incident",
        "strategic_developments agreement",
        "2031-02-01 2031-02-28 month",
        "mmr country",
        "river-league claimant stated; crown-army claimant stated; coast-alliance mediator inferred",
        [said("h2"), said("h3", "river-league", "unverified", "river-league", "Valley Post")],
    ),
    event(
        "school-shelled-2031-02-28",
        "incident",
        "explosions_remote_violence shelling_artillery_missile_attack",
        "2031-02-28 day",
        "taang-hsar exact",
        "crown-army attacker stated; taang-band affected stated",
        [said("h3", "taang-band", "corroborated")],
        figure("school-destroyed", "destroyed school", "exact", 2, said("h3", "taang-band"), unit="thing"),
        figure("school-injured", "injured civilians", "around", 12, said("h3", "taang-band")),
        # What a spreadsheet would run as a formula.
        title="-1027 shells at the Ta\u2019ang school",
        summary='=HYPERLINK("x"), "quoted"\nand a second line',
    ),
    event(
        "trade-at-sea-2031",
        "aggregate",
        "strategic_developments other",
        "2031-01-01 2031-12-31 year",
        "open-ocean unknown",
        "",
        [_OWN],
        figure("trade-share", "trade_share", "around", 70, _OWN, unit="percent"),
    ),
)

# Stood in the hills' first release alone.
WITHDRAWN_EVENT: Record = event(
    "old-rumour-2031",
    "incident",
    "riots mob_violence",
    "2031-02-02 day",
    "rivermouth-mm exact",
    "crown-police target inferred",
    [_OWN],
    figure("rumour-killed", "killed civilians", "exact", 9, _OWN),
)

_TIDE, _HARBOUR = said("i1", "tide-movement"), said("i2", "harbour-police", "confirmed")

ISLES_EVENTS: Sequence[Record] = (
    event(
        "east-reef-clash-2031-02-14",
        "incident",
        "battles armed_clash",
        "2031-02-14 day",
        "east-reef exact",
        "tide-movement attacker stated; harbour-police defender stated; free-front-isles supporter inferred",
        [_TIDE, _HARBOUR],
        figure("east-reef-killed", "killed state_forces", "exact", 12, _TIDE, (_HARBOUR, "exact", 8)),
        figure("east-reef-killed-tide", "killed armed_opposition", "around", 12, _HARBOUR),
    ),
    event(
        "west-reef-protest-2031-02-14",
        "incident",
        "protests protest_with_intervention",
        "2031-02-14 day",
        "west-reef exact",
        "harbour-police attacker stated",
        [said("i1", "a fisher at the reef")],
        figure("west-reef-injured", "injured civilians", "up_to", 12, said("i1", "a fisher at the reef")),
    ),
    event(
        "rivermouth-riot-2031-03-02",
        "incident",
        "riots mob_violence",
        "2031-03-02 2031-03-03 days",
        "rivermouth-fj near",
        "free-front-isles attacker single_source",
        [said("i1")],
        figure("riot-banks", "damaged bank", "exact", 2, said("i1"), unit="thing"),
        point=(-16.95, -179.95),
    ),
    event(
        "reef-evacuation-2031-03-02",
        "incident",
        "displacement evacuation",
        "2031-03-02 2031-03-20 month",
        "north-isles state_or_region",
        "harbour-police supporter stated",
        [_HARBOUR],
        figure(
            "reef-evacuated", "displaced civilians", "exact", 800, _HARBOUR, term="evacuated", where="east-reef exact"
        ),
        figure("reef-returned", "returned civilians", "exact", 800, _HARBOUR, when="2031-03-20 day"),
        figure(
            "reef-relocated",
            "displaced civilians",
            "unknown",
            None,
            said("i1"),
            term="relocated",
            when="2031-03-15 day",
        ),
    ),
    event(
        "guard-abroad-2031-04-01",
        "incident",
        "strategic_developments other",
        "2031-04-01 day",
        "south-isles state_or_region",
        "stone-guard supporter inferred; tide-movement claimant stated",
        [said("h3", "great-pact", "explicitly_unverified")],
        figure("abroad-combatants", "casualties unspecified", "tens", None, said("h3", "great-pact")),
    ),
    event(
        "isles-month-2031-03",
        "aggregate",
        "violence_against_civilians",
        "2031-03-01 2031-03-31 month",
        "fji country",
        "",
        [said("i2")],
        figure("month-killed", "killed civilians", "unknown", None, said("i2")),
        figure("month-missing", "missing civilians", "at_least", 7, said("i2")),
    ),
    event(
        "springs-visit-2031-03-15",
        "incident",
        "strategic_developments change_to_group_activity",
        "2031-03-15 day",
        "springs-plain exact",
        "tide-movement attacker stated; hill-youth supporter stated",
        [said("i2", None, "corroborated")],
        title="A visit from the isles",
    ),
    event(
        "reef-siege-2031",
        "episode",
        "battles",
        "2031-02-10 2031-02-20 month",
        "north-isles state_or_region",
        "tide-movement attacker stated; harbour-police defender stated",
        [_TIDE],
        figure("siege-killed", "killed mixed", "nearly", 30, _TIDE),
        outcome="surrendered",
    ),
    event(
        "reef-taken-back-2031-02-20",
        "incident",
        "battles government_regains_territory",
        "2031-02-20 day",
        "east-reef exact",
        "harbour-police attacker stated; tide-movement defender stated",
        [_HARBOUR],
        part_of="reef-siege-2031",
        outcome="captured",
    ),
)
