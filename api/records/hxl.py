"""The HXL tags of flat columns, by which humanitarian tools know what a column holds (hxlstandard.org, 1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_BOUNDS = {"_low": "+min", "_best": "", "_high": "+max"}
_COUNTED = {
    "killed": "#affected+killed",
    "killed_civilians": "#affected+killed+civilians",
    "injured": "#affected+injured",
    "captured": "#affected+captured",
    "displaced": "#affected+displaced",
    "adds": "#affected+adds",
}
# What a dimension's value is called by its code, and by its name.
_DIMENSIONS = {
    **{name: (f"#date+{name}", f"#date+{name}+name") for name in ("day", "week", "month", "year")},
    "country": ("#country+code+v_iso3", "#country+name"),
    "state_or_region": ("#adm1+code", "#adm1+name"),
    "district": ("#adm2+code", "#adm2+name"),
    "township": ("#adm3+code", "#adm3+name"),
    "location": ("#loc+code", "#loc+name"),
    "group": ("#group+code", "#group+name"),
    "type": ("#event+type+code", "#event+type+name"),
    "subtype": ("#event+type+sub+code", "#event+type+sub+name"),
    "measure": ("#indicator+code", "#indicator+name"),
    "dataset": ("#meta+dataset+code", "#meta+dataset+name"),
    "outlet": ("#meta+source", "#meta+source+name"),
}
_TAGS: Mapping[str, str] = {
    "id": "#meta+id",
    "event_id": "#event+id",
    "dataset": "#meta+dataset+code",
    "type": "#event+type",
    "subtype": "#event+type+sub",
    "title": "#description+title",
    "event_title": "#description+title",
    "summary": "#description",
    "date_start": "#date+start",
    "date_end": "#date+end",
    "first_date": "#date+start",
    "last_date": "#date+end",
    "published_on": "#date+reported",
    "location_id": "#loc+id",
    "location_name": "#loc+name",
    "location_pcode": "#loc+code+v_pcodes",
    "location_precision": "#geo+precision",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "country": "#country+code+v_iso3",
    "attackers": "#group+code+attacker",
    "attacker_names": "#group+name+attacker",
    "defenders": "#group+code+defender",
    "defender_names": "#group+name+defender",
    "targets": "#group+code+target",
    "target_names": "#group+name+target",
    "participants": "#group+code",
    "participant_names": "#group+name",
    "measure": "#indicator+code",
    "low": "#affected+min",
    "best": "#affected",
    "high": "#affected+max",
    "events": "#event+count",
    "documents": "#meta+document+code",
    "outlets": "#meta+source",
    "claimants": "#meta+claimant",
    "coding_status": "#status",
    "updated_at": "#date+updated",
    "link": "#meta+url",
    **{
        f"admin{level}_{what}": f"#adm{level}{attributes}"
        for level in (1, 2, 3)
        for what, attributes in (("name", "+name"), ("pcode", "+code+v_pcodes"))
    },
    **{f"{counted}{bound}": f"{tag}{more}" for counted, tag in _COUNTED.items() for bound, more in _BOUNDS.items()},
    **{f"key_{name}": code for name, (code, _name) in _DIMENSIONS.items()},
    **{f"labels_{name}": tag for name, (_code, tag) in _DIMENSIONS.items()},
    **{f"{name}_start": "#date+start" for name in ("day", "week", "month", "year")},
    **{
        f"{name}_{axis}": tag
        for name in ("country", "state_or_region", "district", "township", "location")
        for axis, tag in (("latitude", "#geo+lat"), ("longitude", "#geo+lon"))
    },
}
# What the id of these records is.
_IDS = {"events": "#event+id", "groups": "#group+code", "locations": "#loc+id", "datasets": "#meta+dataset+code"}


def tags(resource: str, header: Sequence[str]) -> Iterator[str]:
    """The tag of each column of this header; empty where the standard has no word for what it holds."""
    for name in header:
        yield _IDS.get(resource, _TAGS["id"]) if name == "id" else _TAGS.get(name, "")
