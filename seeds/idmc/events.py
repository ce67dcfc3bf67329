"""How IDMC's figures become events with one figure each. Knows no file and no database.

Events. IDMC's rows are figures, and its own events (a storm, a wave of violence) may hold many, in several places and
weeks. Each figure becomes an event: an aggregate, since it counts people over an area and a time. IDMC's event stays in
the codes. Displacement by disasters is imported as well, because half of IDMC's countries have both and a file with rows
left out could not be held against the publisher's; `displacement_type` in the codes tells them apart.

Figure. `recommended` figures are IDMC's own. A `triangulation` is a number that IDMC holds beside them: a further claim, not
preferred, on the recommended figure of the same event, country, term and unit; where there are several, on that of the same
point, then of the nearest days, then the oldest. Only where there is none do triangulations make a figure, one for all
of them: the first is preferred, and its number stays the figure's id when others follow. Where no role is given, every
figure counts as recommended.

Term. IDMC's terms say how people left (evacuated, forced to flee, relocated) or where they stay and what happened to their
houses (in relief camp, destroyed housing, ...). Of the second we only know that they were displaced, which is our term for
it; the publisher's own stays in the codes. Those displaced are civilians, as IDMC counts no others.

Sources. The outlet and the day of its report make a document, which states the number; where no outlet is told, `sources`
are the outlets, and else the dataset itself. The names in `sources` are otherwise those who told the outlet: one alone is
the claimant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from api.bounds import bounds
from api.kinds import Record
from seeds.idmc.rows import Row
from seeds.idmc.sentences import RETURNS, Outlet
from seeds.importer.brought_places import BroughtPlaces, tail_of
from seeds.importer.known_places import Known

DATASET = "idmc-idu"
OF_THE_FIRST = "where IDMC places the first of its figures here"
OWN_DOCUMENT: Record = {
    "id": DATASET,
    "outlet": "Internal Displacement Monitoring Centre (IDMC)",
    "outlet_basis": "stated",
    "agencies": [],
    "title": "Internal Displacement Updates",
    "published_on": None,
    "published_on_basis": None,
    "published_on_reason": None,
    "language": None,
    "sha256": None,
    "length": None,
}


class _Term(NamedTuple):
    """What a term of IDMC's is in ours: measure, term, subtype of the event, and the verb in a title."""

    measure: str
    term: str | None
    subtype: str
    verb: str


_DISPLACED = _Term("displaced", "displaced", "other_displacement", "displaced")
_TERMS: Mapping[str | None, _Term] = {
    "evacuated": _Term("displaced", "evacuated", "evacuation", "evacuated"),
    "forced to flee": _Term("displaced", "forced_to_flee", "forced_flight", "forced to flee"),
    "relocated": _Term("displaced", "relocated", "relocation", "relocated"),
    RETURNS: _Term("returned", None, "return", "returned"),
}
_NUMBERS_IN_WORDS = {
    "exact": "",
    "more_than": "more than ",
    "at_least": "at least ",
    "at_most": "at most ",
    "around": "around ",
}
_UNITS_IN_WORDS = {"person": ("person", "people"), "household": ("household", "households")}
# How closely IDMC knows a place: the level that it says the place has, and what that makes of our precision.
_ACCURACIES = (
    ("ADM0", "country", "country"),
    ("ADM1", "state_or_region", "state_or_region"),
    ("ADM2", "district", "district"),
    ("ADM3", "township", "township"),
    ("POINT", "site", "exact"),
)
# What a place of each of these levels is looked up as, in this order. IDMC's third order holds towns and villages too.
_LEVELS: Mapping[str, Sequence[str]] = {
    "state_or_region": ("state_or_region", "area"),
    "district": ("district",),
    "township": ("township", "town", "village"),
    "site": ("town", "village", "site"),
}
# The most days that a period of each precision has.
_DATE_PRECISIONS = ((1, "day"), (6, "days"), (7, "week"), (31, "month"))
# How much of an outlet's name an id holds.
_LONGEST_OUTLET = 60


def gathered(rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Each row that makes a figure, with those that IDMC holds beside it, in the order of the file."""
    recommended: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row.is_recommended:
            recommended.setdefault(_same(row), []).append(row)
    beside: dict[int, list[Row]] = {}
    first: dict[tuple[object, ...], Row] = {}
    for row in sorted((row for row in rows if not row.is_recommended), key=lambda row: row.id):
        wholes = recommended.get(_same(row))
        if wholes is None:
            whole = first.setdefault(_same(row), row)
        else:
            whole = min(wholes, key=lambda other: (*_distance(row, other), other.id))
        if whole is not row:
            beside.setdefault(whole.id, []).append(row)
    makes = {row.id for row in first.values()}
    return [(row, beside.get(row.id, [])) for row in rows if row.is_recommended or row.id in makes]


def _same(row: Row) -> tuple[object, ...]:
    """What figures have in common that count the same. A row that names no event has nothing in common with others."""
    return (row.event or row.id, row.iso3, row.term, row.unit)


def _distance(row: Row, other: Row) -> tuple[bool, int]:
    return row.point != other.point, abs((row.start - other.start).days)


class Events:
    """The events of one file; `fresh` holds what has to be brought before the event last returned."""

    def __init__(self, places: BroughtPlaces) -> None:
        self.fresh: list[tuple[str, Record]] = []
        self._places = places
        self._documents: set[str] = set()

    def event(self, row: Row, beside: Sequence[Row]) -> Record:
        """The event of a row that makes a figure, with those that IDMC holds beside it."""
        identity, term = f"{DATASET}-{row.id}", _TERMS.get(row.term, _DISPLACED)
        location, precision, name = self._place(row)
        latitude, longitude = (None, None) if row.point is None else row.point
        where_and_when: Record = {
            "date_start": row.start,
            "date_end": row.end,
            "date_precision": _date_precision(row.start, row.end),
            "date_reason": None,
            "location_id": location,
            "location_precision": precision,
            "latitude": latitude,
            "longitude": longitude,
        }
        claims = [claim for claimed in (row, *beside) for claim in self._claims(claimed)]
        claims[0]["is_preferred"] = True
        reports: dict[str, Record] = {}
        for claim in claims:
            reports.setdefault(claim["document_id"], {key: claim[key] for key in _SAID})
        codes: Record = dict(row.codes)
        if beside:
            codes["triangulated_by"] = "; ".join(str(other.id) for other in beside)
        words = _UNITS_IN_WORDS[row.unit][row.number != 1]
        number = f"{_NUMBERS_IN_WORDS[row.qualifier]}{row.number:,} {words} {term.verb}"
        title = f"{number} in {name}{'' if row.cause == 'other' else f' ({row.cause})'}"
        found = bounds(row.qualifier, row.number)
        return {
            "id": identity,
            "kind": "aggregate",
            "type": "displacement",
            "subtype": term.subtype,
            "title": title[0].upper() + title[1:],
            "summary": None,
            **where_and_when,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": codes,
            "groups": [],
            "reports": list(reports.values()),
            "figures": [
                {
                    "id": f"{identity}-{term.measure}",
                    "family": "displacement",
                    "measure": term.measure,
                    "population": "civilians",
                    "object": None,
                    "sex": "unspecified",
                    "term": term.term,
                    "unit": row.unit,
                    "low": found.low,
                    "best": found.best,
                    "high": found.high,
                    "open_ended": found.open_ended,
                    "qualifier": row.qualifier,
                    "status": found.status,
                    "reason": None,
                    **where_and_when,
                    "part_of": None,
                    "nesting": None,
                    "claims": claims,
                }
            ],
        }

    # --- Places --------------------------------------------------------------------------------------------------

    def _place(self, row: Row) -> tuple[str, str, str]:
        """The place of a row: its id, how closely it is known, and its name.

        It is the country where the row names several places, or none, or does not say how closely it knows the one: the
        row's own point is then the mean of its places.
        """
        country = self._places.country(row.iso3, row.country)
        found, precision = country, "country"
        if len(row.spots) == 1:
            spot = row.spots[0]
            level, close = next(
                ((level, close) for mark, level, close in _ACCURACIES if mark in spot.accuracy), ("country", "country")
            )
            name, state = _parts(spot.name)
            if level != "country":
                inside = (
                    country if state is None or level == "state_or_region" else self._state(row.iso3, country, state)
                )
                standing = self._find(row.iso3, inside, name, level)
                if standing is None and level == "site":
                    standing = self._places.spot(row.iso3, inside, name, spot.point)
                found, precision = standing or self._places.unit(row.iso3, inside, name, level), close
        self.fresh += [("location", record) for record in self._places.fresh()]
        return found.id, precision, found.name

    def _state(self, code: str, country: Known, name: str) -> Known:
        found = self._find(code, country, name, "state_or_region")
        return found or self._places.unit(code, country, name, "state_or_region")

    def _find(self, code: str, outer: Known, name: str, level: str) -> Known | None:
        found = (self._places.find(code, [outer], name, (wanted,)) for wanted in _LEVELS[level])
        return next((place for place in found if place is not None), None)

    # --- Sources -------------------------------------------------------------------------------------------------

    def _claims(self, row: Row) -> list[Record]:
        """What is said of a row's number: by its outlet, by each of its sources where none is told, else by IDMC."""
        found = bounds(row.qualifier, row.number)
        outlets = [row.outlet] if row.outlet is not None else [Outlet(name, None) for name in row.sources]
        claimant = row.sources[0] if row.outlet is not None and len(row.sources) == 1 else None
        return [
            {
                "document_id": document,
                "spans": [],
                "claimant": claimant,
                "chain": [] if claimant is None else [claimant],
                "verification": "unverified",
                "qualifier": row.qualifier,
                "low": found.low,
                "best": found.best,
                "high": found.high,
                "is_preferred": False,
            }
            for document in dict.fromkeys(map(self._document, outlets)) or [DATASET]
        ]

    def _document(self, outlet: Outlet) -> str:
        named = tail_of(outlet.name)
        if len(named) > _LONGEST_OUTLET:
            named = f"{named[:_LONGEST_OUTLET].strip('-')}-{_hash(named)}"
        identity = f"{DATASET}-{named}-{outlet.published_on or 'undated'}"
        if identity not in self._documents:
            self._documents.add(identity)
            record = {
                **OWN_DOCUMENT,
                "id": identity,
                "outlet": outlet.name,
                "title": None,
                "published_on": outlet.published_on,
                "published_on_basis": None if outlet.published_on is None else "stated",
            }
            self.fresh.append(("document", record))
        return identity


_SAID = ("document_id", "spans", "claimant", "chain", "verification")


def _parts(printed: str) -> tuple[str, str | None]:
    """The name of a place and of the state that it lies in: `Kakching, Kakching District, Manipur, 795103, India`."""
    first, *larger = [part.strip() for part in printed.split(",") if part.strip()] or [printed]
    # The last is the country, and what has digits in it is for the post.
    states = [part for part in larger[:-1] if not any(map(str.isdigit, part))]
    return first, states[-1] if states else None


def _date_precision(start: date, end: date) -> str:
    days = (end - start).days + 1
    return next((precision for most, precision in _DATE_PRECISIONS if days <= most), "year")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
