"""Tells from what an interface's answer says of itself whether it is one page of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seeds.importer.columns import plain_name

# What answers call the address of the page after them; links have it as the kind of one.
NEXT = "next"
_NEXT = (NEXT, "nextlink", "nextpage", "nextpageurl")
# What they call the number of their pages, and of all records.
_PAGES = ("totalpages", "pagecount")
_RECORDS = ("totalcount", "total", "nhits", "nummatched", "numbermatched", "totalrecords", "totalresults", "totalitems")
# What is true where there is more, as ArcGIS, Socrata's and Stripe's kind and GraphQL say it.
_MORE = ("exceededtransferlimit", "hasmore", "hasnext", "hasnextpage", "istruncated", "truncated")
# In how many objects such a word may stand.
_MOST_NESTED = 3


def page_of(says: Mapping[str, object], answers: int, records: int) -> str | None:
    """What a file with so many records of so many answers is a page of, in words; null where it may be all.

    `says` is what the last of the answers has beside its records.
    """
    told: dict[str, str] = {}
    for name, value in _flat(says, _MOST_NESTED):
        if isinstance(value, dict):
            # Elasticsearch has a count as an object with its value, and HAL an address as one with its reference.
            value = value.get("value", value.get("href"))
        told.setdefault(plain_name(name), "" if value is None else str(value))
    pages, total = (
        next((int(told[name]) for name in names if told.get(name, "").isdecimal()), 0) for names in (_PAGES, _RECORDS)
    )
    has_more = any(told[name] not in ("", "False") for name in told if name.endswith(_NEXT))
    has_more = has_more or any(told.get(name, "").casefold() == "true" for name in _MORE)
    if not has_more and pages <= answers and total <= records:
        return None
    if pages:
        return f"one page of {pages}"
    return f"one page, {records:,} of {total:,} records," if total else "one page"


def _flat(values: Mapping[str, object], depth: int) -> Iterator[tuple[str, object]]:
    """The values of an object, then those of the objects in it."""
    yield from values.items()
    if depth > 1:
        for value in values.values():
            if isinstance(value, dict):
                yield from _flat(value, depth - 1)
