"""Makes events of IDMC's figures, each with one figure.

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

Place. Where people left one place, that is where the figure stands, wherever they went; both are kept in the codes. Where a
row names several origins, or none and several places, it is the country.

Sources. The outlet and the day of its report make a document, which states the number; where no outlet is told, `sources`
are the outlets. The names in `sources` are otherwise those who told the outlet: one alone is the claimant. A document has an
address where all rows that name it give the same one. Where an address alone is told, as distributors do, it is the one document
that stands with it, else one of its own whose outlet is taken from the address; where there is none, the dataset states the number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select

from api.domain.bounds import Bounds, bounds
from api.store.models import Document
from api.store.record_types import Record
from seeds.idmc.rows import CODES, Row
from seeds.idmc.sentences import RETURNS, Outlet
from seeds.importer.code_tables import codes
from seeds.importer.imported import LONGEST_OUTLET, Imported
from seeds.importer.imported_places import short_hash, tail_of
from seeds.importer.known_places import KnownPlace
from seeds.importer.records import (
    EVENT,
    FIGURE,
    EventPlace,
    When,
    attribution,
    claim_numbers,
    date_precision,
    figure_numbers,
    when_and_where,
)


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
# What a place of each of these levels is looked up as, in this order. IDMC's third order holds towns and villages too.
_LEVELS: Mapping[str, Sequence[str]] = {
    "state_or_region": ("state_or_region", "area"),
    "district": ("district",),
    "township": ("township", "town", "village"),
    "site": ("town", "village", "site"),
}


class Events:
    """The events of one file, of which `rows` are those that can be read."""

    def __init__(self, imported: Imported, rows: Sequence[Row]) -> None:
        self._imported, self._places, self._dataset_id = imported, imported.places, imported.dataset_id
        self._links: dict[Outlet, set[str]] = {}
        for row in rows:
            for outlet, address in zip(*_outlets(row), strict=True):
                self._links.setdefault(outlet, set()).add(address)
        # The outlets of each address, as this file tells them and as they stand.
        self._by_address: dict[str, set[Outlet]] = {}
        for outlet, addresses in self._links.items():
            for address in addresses:
                self._by_address.setdefault(address, set()).add(outlet)
        standing = select(Document.url, Document.outlet, Document.published_on).where(
            Document.dataset_id == imported.dataset_id, Document.outlet_basis == "stated", Document.url.is_not(None)
        )
        for url, name, published_on in imported.connection.execute(standing):
            self._by_address.setdefault(url or "", set()).add(Outlet(name, published_on))

    def event(self, row: Row, beside: Sequence[Row]) -> Record:
        """The event of a row that makes a figure, with those that IDMC holds beside it."""
        identity, term = f"{self._dataset_id}-{row.id}", _TERMS.get(row.term, _DISPLACED)
        placed = self._place(row)
        when = When(row.start, row.end, date_precision(row.start, row.end))
        where_and_when = when_and_where(when, placed, row.point or (None, None))
        claims = [claim for claiming in (row, *beside) for claim in self._claims(claiming)]
        claims[0]["is_preferred"] = True
        reports: dict[str, Record] = {}
        for claim in claims:
            reports.setdefault(claim["document_id"], {key: claim[key] for key in attribution("")})
        codes: Record = dict(row.codes)
        if beside:
            codes["triangulated_by"] = "; ".join(str(other.id) for other in beside)
        words = _UNITS_IN_WORDS[row.unit][row.number != 1]
        count = "an unknown number of" if row.number is None else f"{row.number:,}"
        number = f"{_NUMBERS_IN_WORDS.get(row.qualifier or '', '')}{count} {words} {term.verb}"
        title = f"{number} {placed.words}{'' if row.cause == 'other' else f' ({row.cause})'}"
        return {
            **EVENT,
            "id": identity,
            "kind": "aggregate",
            "type": "displacement",
            "subtype": term.subtype,
            "title": title[0].upper() + title[1:],
            **where_and_when,
            "codes": codes,
            "groups": [],
            "reports": list(reports.values()),
            "figures": [
                {
                    **FIGURE,
                    "id": f"{identity}-{term.measure}",
                    "family": "displacement",
                    "measure": term.measure,
                    "population": "civilians",
                    "term": term.term,
                    "unit": row.unit,
                    **figure_numbers(row.qualifier, _bounds(row)),
                    **where_and_when,
                    "claims": claims,
                }
            ],
        }

    def _place(self, row: Row) -> EventPlace:
        """The place of a row, and how closely it is known.

        It is the country where the row names several places, or none, or does not say how closely it knows the one: the
        row's own point is then the mean of its places.
        """
        if not row.iso3:
            area = self._places.add_area(row.country, row.point)
            return EventPlace(area.id, "area", f"in {area.name}")
        found, precision = self._places.country(row.iso3, row.country), "country"
        origins = [spot for spot in row.spots if spot.is_origin]
        spots = origins or row.spots
        if len(spots) == 1:
            (spot,) = spots
            close = codes(CODES)["precision"].get(spot.level)
            if close is not None:
                precision = close
                name, state = _parts(spot.name)
                if state is not None and spot.level != "state_or_region":
                    found = self._find(row.iso3, found, state, "state_or_region")
                found = self._find(row.iso3, found, name, spot.level, spot.point)
        return EventPlace(found.id, precision, f"in {found.name}")

    def _find(
        self, code: str, outer: KnownPlace, name: str, level: str, point: tuple[float, float] | None = None
    ) -> KnownPlace:
        """The place of this level and name inside another, found or of this dataset."""
        found = self._places.find_first(code, [outer], name, _LEVELS[level])
        if found is not None:
            return found
        if level == "site":
            return self._places.add_point(code, outer, name, point)
        return self._places.add_unit(code, outer, name, level)

    def _claims(self, row: Row) -> list[Record]:
        """What is said of a row's number: by its outlet, by each of its sources where none is told, else by IDMC."""
        number = claim_numbers(row.qualifier, _bounds(row))
        outlets, _links = _outlets(row)
        claimant = row.sources[0] if row.outlet is not None and len(row.sources) == 1 else None
        return [
            {**attribution(document, claimant=claimant), **number, "is_preferred": False}
            for document in dict.fromkeys(map(self._document, outlets)) or self._linked(row.links) or [self._dataset_id]
        ]

    def _linked(self, links: Sequence[str]) -> list[str]:
        """The documents at the addresses of a row that names no outlet."""
        found: dict[str, None] = {}
        for address in links:
            outlets = self._by_address.get(address, set())
            if len(outlets) == 1:
                found[self._document(next(iter(outlets)), address)] = None
            elif host := urlsplit(address).hostname:
                tail = f"{tail_of(host.removeprefix('www.'))}-{short_hash(address)}"
                found[self._imported.document(tail, host, url=address, is_stated=False)] = None
        return list(found)

    def _document(self, outlet: Outlet, known_address: str = "") -> str:
        named = tail_of(outlet.name)
        if len(named) > LONGEST_OUTLET:
            named = f"{named[:LONGEST_OUTLET].strip('-')}-{short_hash(named)}"
        links = self._links.get(outlet, {known_address})
        address = next(iter(links)) if len(links) == 1 else ""
        tail = f"{named}-{outlet.published_on or 'undated'}"
        return self._imported.document(tail, outlet.name, outlet.published_on, url=address or None)


def _outlets(row: Row) -> tuple[Sequence[Outlet], Sequence[str]]:
    """Who published a row's number, and the address of each, empty where none is known to be its."""
    outlets = [row.outlet] if row.outlet is not None else [Outlet(name, None) for name in row.sources]
    return outlets, row.links if len(row.links) == len(outlets) else [""] * len(outlets)


def _bounds(row: Row) -> Bounds:
    """What a row's number comes to; by a word that nobody knew it is the number alone, without bounds."""
    if row.qualifier is None:
        return Bounds(None, row.number, None, False, "numbered")
    return bounds(row.qualifier, None if row.qualifier == "unknown" else row.number)


def _parts(printed: str) -> tuple[str, str | None]:
    """The name of a place and of the state that it lies in: `Kakching, Kakching District, Manipur, 795103, India`."""
    first, *larger = [part.strip() for part in printed.split(",") if part.strip()] or [printed]
    # The last is the country, and what has digits in it is for the post.
    states = [part for part in larger[:-1] if not any(map(str.isdigit, part))]
    return first, states[-1] if states else None
