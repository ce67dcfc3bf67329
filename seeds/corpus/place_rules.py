"""Checks that places are as close as the reports say and no closer: by their level, and by places that reports name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, Item, Place

# The precisions that a place of each level can have: a town is where it happened or near it, a township all that is known.
_PRECISIONS: Mapping[str, tuple[str, ...]] = {
    "country": ("country",),
    "area": ("area",),
    "state_or_region": ("state_or_region",),
    "district": ("district", "near"),
    "township": ("township", "near"),
    "town": ("exact", "near"),
    "village": ("exact", "near"),
    "site": ("exact", "near"),
}
_NOT_KNOWN = "unknown"
# Levels wider than what a report commonly names, at which an account of one closer place is lost.
_WIDE = frozenset({"country", "area"})
# A place that its report does not name has the point of its parent, and is known no closer.
_UNNAMED = "unnamed-"


def check_places(faults: CorpusFaults) -> None:
    """Note every fault of these rules."""
    places = faults.coded.gazetteer
    at: dict[str, Place] = {}
    for event in faults.coded.items("events"):
        _check_precision(faults, event, places)
        for figure in event.items("figures"):
            _check_precision(faults, figure, places)
        place = places.get(event.text("location") or "")
        if place is not None:
            at[event.text("id") or ""] = place
    for document in faults.coded.items(DOCUMENTS):
        named = {mention.text("name"): mention.text("location") for mention in document.items("mentions")}
        for report in document.items("reports"):
            _check_names(faults, report, named, at.get(report.text("event") or ""))


def _check_precision(faults: CorpusFaults, item: Item, places: Mapping[str, Place]) -> None:
    """Note a precision that a place of this level cannot have."""
    place, precision = places.get(item.text("location") or ""), item.text("location_precision")
    if place is None or precision is None or precision == _NOT_KNOWN:
        return
    known = places.get(place.parent or "", place) if place.id.startswith(_UNNAMED) else place
    allowed = _PRECISIONS.get(known.level, ())
    if allowed and precision not in allowed:
        wrong = f"is {precision}, and {known.id} is of the level {known.level}"
        faults.add((*item.path, "location_precision"), wrong, f"{' or '.join(allowed)}, or another place")


def _check_names(
    faults: CorpusFaults, report: Item, named: Mapping[str | None, str | None], place: Place | None
) -> None:
    """Note a report that names only places inside the wide one of its event: whoever asks for those would not find it."""
    if place is None or place.level not in _WIDE:
        return
    found = {identity for _, name in report.texts("names") if (identity := named.get(name)) is not None}
    if found and all(place.id in _around(identity, faults.coded.gazetteer) for identity in found):
        wrong = f"name {' and '.join(sorted(found))} alone, and the event is put at {place.id}"
        faults.add((*report.path, "names"), wrong, "an event at the place that is named, or the name of the wider one")


def _around(identity: str, places: Mapping[str, Place]) -> Iterator[str]:
    """The places that a place lies in, from the inside out."""
    seen = {identity}
    while (place := places.get(identity)) is not None and place.parent is not None and place.parent not in seen:
        identity = place.parent
        seen.add(identity)
        yield identity
