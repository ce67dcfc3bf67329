"""Values of every filter that the small invented world is asked with; see tests/small_world.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.domain.codebook import values as codes_of
from tests.list_oracle import Written


def each(name: str, *written: str) -> list[Written]:
    """A question for each of these values of a filter."""
    return [{name: value} for value in written]


def _codes(name: str, code_list: str | None = None) -> list[Written]:
    found = codes_of(code_list or name)
    # Of the others it is seen which records they have together.
    return each(name, *found[::3], ",".join(found[:3]), ",".join(found[1::2]), ",".join(found[::2]))


def _rows(dimensions: str, *rows: str) -> list[Written]:
    return [{"group_by": dimensions, "row": row} for row in rows]


VALUES: Mapping[str, list[Written]] = {
    "dataset": each("dataset", "hills", "isles", "atlas", "hills,isles"),
    "date_from": each("date_from", "2030-01-01", "2031-01-06", "2031-01-16", "2031-02-14", "2031-03-20", "2032-01-01"),
    "date_to": each("date_to", "2030-12-31", "2031-01-05", "2031-01-14", "2031-02-14", "2031-03-02", "2032-01-01"),
    "period": [
        {**days, "period": way}
        for way in ("overlaps", "starts", "within")
        for days in (
            {"date_from": "2031-01-06"},
            {"date_to": "2031-02-14"},
            {"date_from": "2031-01-12", "date_to": "2031-02-28"},
        )
    ],
    "date_precision": each("date_precision", *codes_of("date_precision")),
    "location": each(
        "location",
        *("mmr", "hill-country", "mm01", "mm0101", "mm010101", "lashio-town", "stone-bridge", "mm02", "kale-township"),
        *("fji", "north-isles", "south-isles", "east-reef", "open-ocean", "springs-plain,west-reef", "pathless-hamlet"),
    ),
    "country": each("country", "MMR", "FJI", "FJI,MMR"),
    "bbox": each(
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
    "within": each(
        "within",
        *("mmr", "fji"),
        # A triangle, one with a hole around a place, and two on both sides of the antimeridian.
        '{"type":"Polygon","coordinates":[[[97,22.4],[98.5,22.4],[97.7,23.5],[97,22.4]]]}',
        '{"type":"Polygon","coordinates":[[[97,20],[99,20],[99,24],[97,24],[97,20]],'
        "[[97.72,22.92],[97.78,22.92],[97.78,22.95],[97.72,22.95],[97.72,22.92]]]}",
        '{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[179,-18],[180,-18],[180,-16],[179,-16],'
        "[179,-18]]],[[[-180,-18],[-179,-18],[-179,-16],[-180,-16],[-180,-18]]]]}}",
    ),
    "location_precision": each("location_precision", *codes_of("location_precision")),
    "release": each("release", "1", "2", "1,2"),
    "kind": [*_codes("kind", "event_kind"), *each("kind", "incident,episode,aggregate")],
    "type": _codes("type", "event_type"),
    "subtype": _codes("subtype", "event_subtype"),
    "part_of": each(
        "part_of", "hill-campaign-2031", "battle-of-lashio-2031", "reef-siege-2031,kale-arrests-2031-02-03"
    ),
    "outcome": _codes("outcome"),
    "coding_status": _codes("coding_status"),
    "group": [
        # The first two are all that some lists are asked: one of them has to have the companion.
        *each("group", "stone-guard"),
        *(
            {"group": group, "include_members": flag}
            for group in ("great-pact", "river-league", "stone-guard", "great-pact,tide-movement")
            for flag in ("true", "false")
        ),
        *each(
            "group",
            "crown-army,hill-youth",
            "crown-army",
            "great-pact",
            "hill-youth",
            "tide-movement,river-league",
            "people-of-lashio",
        ),
        *each("group", "free-front-isles", "free-front-north", "silent-circle", "taang-band"),
    ],
    "group_role": _codes("group_role", "role"),
    "family": _codes("family"),
    "measure": [*_codes("measure"), *each("measure", "displaced", "displaced,returned")],
    "population": _codes("population"),
    "object": _codes("object"),
    "sex": _codes("sex"),
    "age": _codes("age"),
    "cause": _codes("cause"),
    "term": _codes("term"),
    "unit": _codes("unit"),
    "status": _codes("status"),
    "best_min": each("best_min", "0", "1", "12", "13", "41", "1000000"),
    "best_max": each("best_max", "0", "1", "11", "12", "40", "1000000"),
    "roots_min": each("roots_min", "0", "1", "2", "3"),
    "document": each("document", "h1", "h2", "h3", "h4", "i1", "i2,h3"),
    "claimant": each(
        "claimant",
        *("stone-guard", "crown-army", "harbour-police", "great-pact", "hill-youth", "the keeper of the bridge"),
        *("a shopkeeper in Kalé", "a teacher in Lashio,river-league"),
    ),
    "outlet": each("outlet", "Isle Times", "Hill Courier,Isle Times"),
    "source": each(
        "source",
        *("Isle Times", "Hill Courier", "Valley Post,Isle Times", "crown-army"),
    ),
    "verification": _codes("verification"),
    "event": each("event", "hill-campaign-2031", "lashio-post-taken-2031-01-12,guard-abroad-2031-04-01"),
    "updated_since": each(
        "updated_since", "2031-05-01", "2031-05-02T08:00:00Z", "2031-05-03T07:59:59Z", "2031-05-04T08:00:00Z"
    ),
    "group_kind": _codes("group_kind"),
    "level": _codes("level", "location_level"),
    "parent": each("parent", "mmr", "mm0101", "mm010101", "north-isles,mm03", "lashio-town"),
    "q": each(
        "q",
        *("lashio", "LASHIO stone", "Ta'ang", "ta\u2019ang", "taang", "ta ang", "kale", "Kalé", "cafe", "ကော့လင်း"),
        *("လားရှိုး", "collines", "Garde", "1027", "-1027 shells", "la marée", "maree", "hill", "isle times", "reunion"),
        *("posts", "shelling bridges", "lash", "post and post", "SG", "nowhere"),
        *("episode", "adult"),
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
        *_rows("location_precision", "exact", "country"),
        *_rows("group", "stone-guard", "crown-army", ""),
        *_rows("role", "attacker", "defender", ""),
        *_rows("group,role", "stone-guard,defender", "stone-guard,attacker", "crown-army,defender", ","),
        *_rows("kind", "incident", "episode", "aggregate"),
        *_rows("type", "battles", "displacement"),
        *_rows("subtype", "armed_clash", ""),
        *_rows("outcome", "captured", ""),
        *_rows("object", "house", ""),
        *_rows("term", "evacuated", ""),
        *_rows("status", "numbered", "unknown"),
        *_rows("population", "civilians", "state_forces", ""),
        *_rows("measure", "killed", "displaced"),
        *_rows("sex", "female", "unspecified", ""),
        *_rows("age", "child", "unspecified", ""),
        *_rows("cause", "heavy_weapons", "unknown", ""),
        *_rows("document", "h1", "h3", "i2"),
        *_rows("outlet", "Isle Times"),
        *_rows("source", "Hill Courier"),
        *_rows("source,document", "Hill Courier,h1"),
        *_rows("verification", "corroborated", "unverified"),
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
