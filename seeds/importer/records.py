"""Builds records as the load engine takes them, with what nearly every publisher leaves unsaid filled in.

An importer writes `{**EVENT, "id": …}` and so on; what it does not name keeps the value that stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from api.domain.bounds import Bounds
from api.domain.codebook import CODEBOOK
from api.domain.names import ALIAS_RANK
from api.store.record_types import Record

# Stands for spans and chains that a publisher does not tell; nobody changes it.
NOTHING: list[Any] = []

# The event type that each subtype is of.
TYPE_OF: Mapping[str, str | None] = {code.code: code.parent for code in CODEBOOK["event_subtype"].codes}

EVENT: Record = {
    "kind": "incident",
    "subtype": None,
    "summary": None,
    "part_of": None,
    "outcome": None,
    "coding_status": "imported",
}
FIGURE: Record = {
    "object": None,
    "sex": "unspecified",
    "age": "unspecified",
    "cause": None,
    "term": None,
    "unit": "person",
    "reason": None,
    "part_of": None,
    "nesting": None,
}
KILLED: Record = {**FIGURE, "family": "casualty", "measure": "killed", "cause": "unknown"}
DOCUMENT: Record = {
    "outlet_basis": "stated",
    "agencies": [],
    "title": None,
    "published_on": None,
    "published_on_basis": None,
    "published_on_reason": None,
    "language": None,
    "sha256": None,
    "length": None,
    "url": None,
    "archive_url": None,
    "archived_on": None,
}

# A column, what it prints, and what that is taken for: a code that nobody knew.
Unknown = tuple[str, str, str]
# The most days that a period of each precision has.
_DATE_PRECISIONS = ((1, "day"), (6, "days"), (7, "week"), (31, "month"))


class When(NamedTuple):
    """The earliest and latest possible day of an event, how closely they are known, and why no closer."""

    start: date
    end: date
    precision: str
    reason: str | None = None


class EventPlace(NamedTuple):
    """The place of an event: its id, how closely it is known, and words for a title."""

    id: str
    precision: str
    words: str


def date_precision(start: date, end: date) -> str:
    """How closely a period tells a day."""
    days = (end - start).days + 1
    return next((precision for most, precision in _DATE_PRECISIONS if days <= most), "year")


def is_closer(precision: str, days: str) -> bool:
    """Whether a precision is closer than that of a period."""
    known = [name for _most, name in _DATE_PRECISIONS]
    return precision in known and (days not in known or known.index(precision) < known.index(days))


def when_and_where(when: When, placed: EventPlace, point: tuple[float | None, float | None]) -> Record:
    """The period and place of an event and its figures; the point is latitude and longitude."""
    return {
        "date_start": when.start,
        "date_end": when.end,
        "date_precision": when.precision,
        "date_reason": when.reason,
        "location_id": placed.id,
        "location_precision": placed.precision,
        "latitude": point[0],
        "longitude": point[1],
    }


def figure_numbers(qualifier: str | None, found: Bounds) -> Record:
    """What a number comes to, as figures have it."""
    return {**_numbers(qualifier, found), "open_ended": found.open_ended, "status": found.status}


def claim_numbers(qualifier: str | None, found: Bounds) -> Record:
    """What a number comes to, as claims have it."""
    return {"population": None, **_numbers(qualifier, found)}


def _numbers(qualifier: str | None, found: Bounds) -> Record:
    return {"qualifier": qualifier, "low": found.low, "best": found.best, "high": found.high}


def attribution(
    document: str, verification: str = "not_stated", claimant: str | None = None, relays: Sequence[str] = ()
) -> Record:
    """What a report and a claim say alike: in which document something is said, by whom, through whom it came to the
    document, and how well it is verified."""
    return {
        "document_id": document,
        "spans": NOTHING,
        "claimant": claimant,
        "chain": NOTHING if claimant is None else [claimant, *relays],
        "verification": verification,
    }


def name_row(rank: int, name: str, language: str | None = None, document: str | None = None) -> Record:
    """A name of a place or group. Ranks say in which order a name is tried."""
    return {"rank": rank, "name": name, "language": language, "document_id": document}


def aliases(names: Sequence[str]) -> list[Record]:
    """Further names, in this order."""
    return [name_row(ALIAS_RANK, name) for name in names]
