"""How one row of UCDP GED becomes an event. Knows no file format and no database.

`type_of_violence` 1 and 2 are battles (armed clash) and 3 is violence against civilians (attack). `event_clarity` 1 is an
incident, 2 an aggregate. `code_status` says how well the publisher has verified the event: Clear is confirmed, a check
still to be made is unverified, Low Confidence explicitly unverified; releases without the column hold cleared events only.
These and other codes stay in the event's `codes`, `code_status` where it is not Clear.

UCDP does not say who attacked. In types 1 and 2 both sides are attackers, since each used force against the other, and
that is inferred. In type 3 side A attacked and the civilians are the target, as the publisher states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from api.kinds import Record
from seeds.importer.csv_file import CSVFile, Numbers, Remembered, Unreadable
from seeds.importer.numbers import degrees, whole
from seeds.ucdp.figures import COUNTS, Figures
from seeds.ucdp.places import Placed, Places, Where
from seeds.ucdp.sides import CIVILIANS, Side, Sides
from seeds.ucdp.sources import DATASET, Sources, read_day

# What is read of every row, in the pieces in which it is read.
_CODED = (
    "active_year",
    "type_of_violence",
    "conflict_new_id",
    "conflict_name",
    "dyad_new_id",
    "dyad_name",
    "number_of_sources",
    "year",
    "where_prec",
    "event_clarity",
    "date_prec",
)
_SIDE_A = ("side_a_new_id", "side_a", "gwnoa")
_SIDE_B = ("side_b_new_id", "side_b", "gwnob")
_SOURCES = ("source_article", "source_office", "source_date")
_POINT = ("latitude", "longitude")
_PERIOD = ("date_start", "date_end")
# Newer releases have `code_status` beside these.
COLUMNS = tuple(
    dict.fromkeys(("id", *_CODED, *_SIDE_A, *_SIDE_B, *_SOURCES, *Where._fields, *_POINT, *_PERIOD, *COUNTS))
)

_TYPES = {
    "1": ("battles", "armed_clash"),
    "2": ("battles", "armed_clash"),
    "3": ("violence_against_civilians", "attack"),
}
_ONE_SIDED = "3"
# What older rows have for the number of sources.
_NOT_COUNTED = "-1"
_MOST_DIGITS = 6
_KINDS = {"1": "incident", "2": "aggregate"}
_DATE_PRECISIONS = {"1": "day", "2": "days", "3": "week", "4": "month", "5": "year"}
_TRUTHS = {
    "1": True,
    "True": True,
    "true": True,
    "TRUE": True,
    "0": False,
    "False": False,
    "false": False,
    "FALSE": False,
}
_CLEAR = "Clear"
_CONFIRMED = "confirmed"
# By the status in lower case, since the publisher does not always write it alike.
_VERIFICATIONS = {
    "clear": _CONFIRMED,
    "check deaths": "unverified",
    "check dyad": "unverified",
    "check type of violence": "unverified",
    "check geography": "unverified",
    "low confidence": "explicitly_unverified",
}
Meaning = TypeVar("Meaning")


class _Coding(NamedTuple):
    """What follows from the codes of a row; few combinations of them occur."""

    kind: str
    type: str
    subtype: str
    date_precision: str
    year: int
    is_one_sided: bool
    codes: Record


class _Sided(NamedTuple):
    """A side as a group, and whose dead its dead are."""

    group: str
    population: str
    # As a title has it.
    name: str


class Rows:
    """The rows of one file as events; `fresh` holds what has to be brought before the event last returned."""

    def __init__(self, file: CSVFile, places: Places, sides: Sides) -> None:
        self.fresh: list[tuple[str, Record]] = []
        self._places, self._sides, self._sources, self._figures = places, sides, Sources(file), Figures(file)
        pieces = (("id",), _CODED, _SIDE_A, _SIDE_B, _SOURCES, Where._fields, _POINT, _PERIOD, COUNTS)
        self._pieces = tuple(_piece(file, piece) for piece in pieces)
        self._status = file.position("code_status")
        # The same few texts come again and again, and reading one takes ten times as long as finding it.
        self._starts, self._ends = (Remembered(partial(_day, column)) for column in _PERIOD)
        self._latitudes = Remembered(partial(_degrees, "latitude", 90))
        self._longitudes = Remembered(partial(_degrees, "longitude", 180))
        self._counts = [Remembered(partial(whole, column)) for column in COUNTS]
        self._codings: dict[tuple[str, ...], _Coding] = {}
        self._placed: dict[tuple[str, ...], Placed] = {}
        self._sided: dict[tuple[str, ...], _Sided] = {}
        self._seen = Numbers()

    def event(self, row: Sequence[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        number, coded, said_a, said_b, sources, where, point, period, printed = [piece(row) for piece in self._pieces]
        identity = whole("id", number)
        coding = self._codings.get(coded) or self._coding(coded)
        latitude, longitude = self._latitudes[point[0]], self._longitudes[point[1]]
        date_start, date_end = self._starts[period[0]], self._ends[period[1]]
        if date_start > date_end:
            raise Unreadable("date_end", f"'{period[1]}' is before date_start, '{period[0]}'")
        if not date_start.year <= coding.year <= date_end.year:
            message = f"{coding.year} is no year of date_start, '{period[0]}', to date_end, '{period[1]}'"
            raise Unreadable("year", message)
        counts = [known[text] for known, text in zip(self._counts, printed, strict=True)]
        if not self._seen.add(identity):
            raise Unreadable("id", f"'{number}' stands here for the second time")
        codes = coding.codes.copy()
        verification = _CONFIRMED
        if self._status is not None and row[self._status] != _CLEAR:
            verification = _verification(row[self._status])
            codes["code_status"] = " ".join(row[self._status].split())
        placed = self._placed.get(where) or self._place(where, latitude, longitude)
        side_a, side_b = self._side(said_a, placed.country), self._side(said_b, placed.country)
        reports = self._sources.reports(sources, verification)
        if self._sources.fresh:
            self.fresh += [("document", record) for record in self._sources.fresh]
            self._sources.fresh.clear()
        event = f"{DATASET}-{identity}"
        shared: Record = {
            "date_start": date_start,
            "date_end": date_end,
            "date_precision": coding.date_precision,
            "date_reason": None,
            "location_id": placed.id,
            "location_precision": placed.precision,
            "latitude": latitude,
            "longitude": longitude,
        }
        populations = (side_a.population, side_b.population)
        return {
            "id": event,
            "kind": coding.kind,
            "type": coding.type,
            "subtype": coding.subtype,
            "title": f"{side_a.name} against {side_b.name} {placed.words}",
            "summary": None,
            **shared,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": codes,
            "groups": _participations(side_a.group, side_b.group, coding.is_one_sided),
            "reports": reports,
            "figures": self._figures.of(event, counts, populations, shared, verification),
        }

    def meet(self, row: Sequence[str]) -> None:
        """Meets a row's place and sides, so that all their names are known before any event that shows them.

        What cannot be read is told when the row is mapped.
        """
        _number, _coded, said_a, said_b, _sources, where, point, _period, _printed = [
            piece(row) for piece in self._pieces
        ]
        if where in self._placed and said_a in self._sided and said_b in self._sided:
            return
        try:
            latitude, longitude = self._latitudes[point[0]], self._longitudes[point[1]]
            placed = self._placed.get(where) or self._place(where, latitude, longitude)
            for said in (said_a, said_b):
                self._side(said, placed.country)
        except Unreadable:
            return

    def _coding(self, coded: tuple[str, ...]) -> _Coding:
        said = dict(zip(_CODED, coded, strict=True))
        type_, subtype = _code("type_of_violence", said["type_of_violence"], _TYPES)
        kind = _code("event_clarity", said["event_clarity"], _KINDS)
        precision = _code("date_prec", said["date_prec"], _DATE_PRECISIONS)
        codes: Record = {
            "type_of_violence": int(said["type_of_violence"]),
            "conflict_id": whole("conflict_new_id", said["conflict_new_id"]),
            "conflict_name": said["conflict_name"],
            "dyad_id": whole("dyad_new_id", said["dyad_new_id"]),
            "dyad_name": said["dyad_name"],
            "where_prec": whole("where_prec", said["where_prec"]),
            "date_prec": int(said["date_prec"]),
            "event_clarity": int(said["event_clarity"]),
            "active_year": _code("active_year", said["active_year"], _TRUTHS),
        }
        if said["number_of_sources"].strip() != _NOT_COUNTED:
            codes["number_of_sources"] = whole("number_of_sources", said["number_of_sources"])
        is_one_sided = said["type_of_violence"] == _ONE_SIDED
        year = whole("year", said["year"])
        coding = self._codings[coded] = _Coding(kind, type_, subtype, precision, year, is_one_sided, codes)
        return coding

    def _place(self, where: tuple[str, ...], latitude: float, longitude: float) -> Placed:
        placed = self._placed[where] = self._places.place(Where(*where), latitude, longitude)
        self.fresh += [("location", record) for record in self._places.fresh()]
        return placed

    def _side(self, said: tuple[str, ...], country: str) -> _Sided:
        # Civilians are other people in each country.
        key = (*said, country) if said[1] == CIVILIANS else said
        sided = self._sided.get(key)
        if sided is None:
            identity, name, gwno = (" ".join(text.split()) for text in said)
            whole("side_a_new_id or side_b_new_id", identity)
            if not name:
                raise Unreadable("side_a or side_b", "the side has no name")
            side = Side(identity, name, gwno)
            population = {"government": "state_forces", "population": "civilians"}.get(side.kind, "armed_opposition")
            called = "civilians" if name == CIVILIANS else name
            sided = self._sided[key] = _Sided(self._sides.group(side, country), population, called)
            self.fresh += [("group", record) for record in self._sides.fresh()]
        return sided


def _code(column: str, printed: str, known: Mapping[str, Meaning]) -> Meaning:
    if printed not in known:
        raise Unreadable(column, f"'{printed}' is no code; {', '.join(known)} are")
    return known[printed]


def _degrees(column: str, most: int, printed: str) -> float:
    """Degrees to a tenth of a metre: finer digits are a floating-point leftover that differs between releases."""
    return round(degrees(column, printed, most), _MOST_DIGITS)


def _day(column: str, printed: str) -> date:
    try:
        return read_day(printed)
    except ValueError as error:
        raise Unreadable(column, f"'{printed}' is no date that UCDP writes, such as 2023-11-03") from error


def _piece(file: CSVFile, columns: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    """What takes these columns out of a row: a text where it is one column, else a tuple."""
    positions = [file.position(column) for column in columns]
    found = [position for position in positions if position is not None]
    assert len(found) == len(columns), "the header was checked"
    return itemgetter(*found)


def _verification(status: str) -> str:
    key = " ".join(status.lower().split())
    if key not in _VERIFICATIONS:
        raise Unreadable("code_status", f"'{status}' is no status; {', '.join(_VERIFICATIONS)} are")
    return _VERIFICATIONS[key]


def _participations(group_a: str, group_b: str, is_one_sided: bool) -> list[Record]:
    if is_one_sided:
        return [
            {"group_id": group_a, "role": "attacker", "certainty": "stated"},
            {"group_id": group_b, "role": "target", "certainty": "stated"},
        ]
    both = (group_a,) if group_a == group_b else (group_a, group_b)
    return [{"group_id": group, "role": "attacker", "certainty": "inferred"} for group in both]
