"""What other services and tools call the things that can be asked here, and which of our parameters say the same.

The words are those of ACLED, UCDP, HAPI and HDX, IDMC, ReliefWeb, OGC API Features and of common habits. They are never
taken in place of ours: what they mean elsewhere is often not quite the same, so the refusal says what to ask instead.
Words are compared without case, hyphens, underscores and brackets: `StartDate`, `start-date` and `start_date` are one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from api.domain.months import period_of
from api.domain.names import folded


class Instead(NamedTuple):
    """Our parameters that together say what was asked, and the sentence that tells so."""

    names: Sequence[str]
    advice: str


# By our parameters, of which several are needed together or each does alone, what others call it.
_PARAMETERS: Mapping[str, str] = {
    "date_from": (
        "start_date begin begin_date from from_date since after date_start timestamp_from start_time time_start mindate"
        " displacement_start_date"
    ),
    "date_to": "end_date end to to_date until before date_end timestamp_to end_time time_end maxdate displacement_end_date",
    "date_from and date_to": (
        "year month day week date event_date datetime time date_range period_start reference_period reference_period_start"
        " reference_period_end start_year end_year years"
    ),
    "country": (
        "iso iso2 iso3 iso_a3 country_code country_iso3 country_name countries location_code gwno country_id primary_country"
    ),
    "location": (
        "admin1 admin2 admin3 admin1_code admin2_code admin1_name admin2_name admin1_ref admin2_ref provider_admin1_name"
        " provider_admin2_name adm_1 adm_2 adm1 adm2 location_name location_ref place city town village township district"
        " state state_or_region province region pcode p_code where where_coordinates geography"
    ),
    "near and radius_km": "lat lon lng latitude longitude point center distance radius around",
    "bbox": "bounds extent bounding_box box",
    "within": "polygon geometry intersects wkt geom shape_filter",
    "group": (
        "actor actor1 actor2 actors assoc_actor_1 assoc_actor_2 dyad dyad_name dyad_new_id side_a side_b party perpetrator"
        " perpetrators armed_group organisation inter1 inter2 interaction"
    ),
    "group_role": "role",
    "type": "event_type event_types disorder_type type_of_violence violence_type category theme",
    "subtype": "sub_event_type event_subtype subevent_type sub_type",
    "kind": "event_clarity record_type",
    "level": "admin_level location_level",
    "measure and best_min": "fatalities deaths deaths_min fatalities_min killed injured displaced victims casualties",
    "best_min and best_max": "best low high best_estimate deaths_a deaths_b deaths_civilians number value figure amount",
    "population": "civilian_targeting civilians population_group population_status",
    "term": "displacement_type",
    "sex": "gender",
    "age": "age_range age_group",
    "q": "query search text keyword keywords notes s contains name title summary",
    "source": "source_article source_name source_original said_by",
    "outlet": "publisher newspaper media",
    "document": "report article",
    "event": "event_id",
    "id": "ids event_id_cnty data_id uuid relid feature_id record_id",
    "part_of": "conflict conflict_name conflict_new_id campaign",
    "dataset": "datasets resource resource_hdx_id provider",
    "date_precision": "time_precision date_prec",
    "location_precision": "geo_precision where_prec",
    "verification": "confidence reliability",
    "updated_since": "timestamp modified_since last_modified changed_since update_date_min updated_after modified",
    "limit": "per_page page_size pagesize size rows count max top max_features max_records results_per_page first",
    "page or cursor": "offset skip start start_index startindex startposition page_number result_offset after_cursor",
    "sort": "order order_by sort_by sortby sorting ordering",
    "fields": "select columns properties property_name include preset profile field output_fields",
    "format": "f output output_format outputformat out fmt accept",
    "group_by": "groupby aggregate aggregate_by dimensions breakdown by",
    "facets": "facet facet_by",
}
# What is asked of no one here.
_NEEDLESS = (
    "key api_key apikey access_key access_token token email username appname app_identifier client_id terms callback crs"
    " bbox_crs filter_lang"
)
_HOW_COMPARED = "where"
# The measures whose people others count in a parameter of their own.
_COUNTED = ("killed", "injured", "displaced")
_ORDER = re.compile(r"(\w+)[ :.,+]+(asc|desc)", re.IGNORECASE)
# Values of parameters that choose dimensions, keys or codes: ours, and what others call them.
_VALUES: Mapping[str, str] = {
    "state_or_region": "state region province admin1 adm1 admin_1 admin1_name governorate",
    "district": "admin2 adm2 admin_2 county",
    "township": "admin3 adm3 admin_3",
    "location": "place city town site",
    "day": "date event_date",
    "date": "event_date start_date day date_start",
    "country": "iso iso3 country_name",
    "group": "actor actor1 actor2 dyad party",
    "type": "event_type disorder_type",
    "subtype": "sub_event_type",
    "sex": "gender",
    "age": "age_range",
    "killed": "fatalities deaths dead death fatality best killed_best",
    "killed_best": "fatalities deaths best killed",
    "best": "killed deaths fatalities",
    "injured": "wounded",
    "captured": "arrested arrests detained prisoners",
    "displaced": "idps refugees fled displaced_best",
    "title": "name",
    "updated_at": "timestamp modified last_modified",
    "civilians": "civilian",
    "state_forces": "government army military police soldiers soldier troops security_forces armed_forces",
    "armed_opposition": "rebels rebel_group insurgents resistance fighters",
    "armed_group": "rebel rebels insurgents",
    "female": "women woman girls f",
    "male": "men man boys m",
    "child": "children minor minors kids",
    "adult": "adults",
    "heavy_weapons": "airstrike airstrikes air_strike bombing shelling artillery",
    "air_drone_strike": "airstrike airstrikes air_strike bombing drone_strike",
    "explosions_remote_violence": "airstrike airstrikes air_strike bombing shelling artillery",
    "planted_explosives": "mine mines landmine landmines ied",
    "small_arms": "gun guns gunfire firearms shooting",
    "confirmed": "verified",
    "population": "side",
    "xlsx": "excel",
    "md": "markdown",
}


@cache
def _by_word() -> Mapping[str, str]:
    return {folded(word): ours for ours, words in _PARAMETERS.items() for word in words.split()}


@cache
def _needless() -> frozenset[str]:
    return frozenset(map(folded, _NEEDLESS.split()))


def instead_of(name: str, known: Sequence[str]) -> Instead | None:
    """Our parameters of these that say what another name asks; null where nothing is known of it."""
    word = _word(name)
    if word in _needless():
        return Instead((), "It is not needed here; leave it out.")
    ours = _ours(word, known)
    names = [part for part in ours.split() if part in known]
    if not names:
        return None
    together = (" or " if " or " in ours else " and ").join(f"'{name}'" for name in names)
    return Instead(names, f"Use {together} instead.")


def pairs_instead_of(name: str, value: str, known: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Parameters of these with values that together ask what another name with this value asks; none where that does not
    follow from it: `fatalities=5` is `measure=killed` and `best_min=5`, and what `offset=5` is depends on more."""
    word = _word(name)
    match _ours(word, known).split(" "):
        case [""]:
            return ()
        case [ours]:
            return ((ours, value),)
        case ["measure", "and", "best_min"]:
            measure = value_instead_of(word, _COUNTED) or (word if word in _COUNTED else None)
            return () if measure is None else (("measure", measure), ("best_min", value))
        case ["date_from", "and", "date_to"]:
            days = period_of(value.strip())
            return () if days is None else (("date_from", f"{days[0]}"), ("date_to", f"{days[1]}"))
    return ()


def _word(name: str) -> str:
    """Another name as it is compared. ReliefWeb and PHP write `fields[include][]`."""
    return folded(name.partition("[")[0])


def _ours(word: str, known: Sequence[str]) -> str:
    """Our parameters that say what another name asks, as they stand in `_PARAMETERS`; nothing where none does."""
    # ACLED writes how a value is compared behind the name: `fatalities_where=>`.
    words = (word, word.removesuffix(_HOW_COMPARED))
    return next((ours for ours in known if folded(ours) in words), None) or next(
        (_by_word()[word] for word in words if word in _by_word()), ""
    )


def value_instead_of(written: str, allowed: Collection[str]) -> str | None:
    """The value of these that another word means; null where nothing is known of it. `-` before it stays."""
    order = _ORDER.fullmatch(written)
    if order is not None:
        # `date:desc` and `date desc` are what others write for `-date`.
        written = f"{'' if order[2].casefold() == 'asc' else '-'}{order[1]}"
        if written in allowed:
            return written
    sign, word = ("-", written[1:]) if written.startswith("-") else ("", written)
    for ours, words in _VALUES.items():
        if f"{sign}{ours}" in allowed and folded(word) in map(folded, words.split()):
            return f"{sign}{ours}"
    return None
