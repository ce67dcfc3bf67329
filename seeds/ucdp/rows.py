"""Makes an event of each row of UCDP GED.

`type_of_violence` 1 and 2 are battles (armed clash) and 3 is violence against civilians (attack). `event_clarity` 1 is an
incident, 2 an aggregate. `code_status` is the publisher's own mark: Clear says nothing of a check against the
world (not stated), a check still to be made, and any mark that nobody knew, is unverified, Low Confidence explicitly
unverified; releases without the column hold cleared events only. These and other codes stay in the event's `codes`, `code_status` where it is not Clear, with the
event's place in words and the dataset's older ids. `codes.csv` says what each code means.

UCDP does not say who attacked. In types 1 and 2 both sides are attackers, since each used force against the other, and
that is inferred. In type 3 side A attacked and the civilians are the target, as the publisher states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from api.store.record_types import Record
from seeds.importer.code_tables import codes, meaning
from seeds.importer.first_pass import DistinctValues
from seeds.importer.imported import Imported
from seeds.importer.points import Point, point_of
from seeds.importer.records import (
    EVENT,
    Unknown,
    When,
    attribution,
    date_precision,
    is_closer,
    when_and_where,
)
from seeds.importer.report import Unreadable
from seeds.importer.table import Table
from seeds.importer.values import Memo, day, is_in_digits, single_spaced, whole
from seeds.ucdp.figures import COUNTS, figures_of
from seeds.ucdp.places import CODES, PlaceOfRow, Places, Where
from seeds.ucdp.sides import SideGroup, Sides, is_civilians
from seeds.ucdp.sources import Sources

# The columns that are read of every row, some tuples of them by names of their own.
_CODED = (
    *("active_year", "type_of_violence", "conflict_new_id", "conflict_name", "dyad_new_id", "dyad_name"),
    *("number_of_sources", "year", "where_prec", "event_clarity", "date_prec"),
)
_SIDE_A = ("side_a_new_id", "side_a", "gwnoa")
_SIDE_B = ("side_b_new_id", "side_b", "gwnob")
_SOURCES = ("source_article", "source_office", "source_date", "source_headline")
# What is kept in an event's codes as it is printed, where it is; older releases have some of it alone.
_KEPT = (
    *("relid", "conflict_dset_id", "dyad_dset_id", "side_a_dset_id", "side_b_dset_id", "priogrid_gid", "region"),
    "where_description",
)
_POINT = ("latitude", "longitude")
_PERIOD = ("date_start", "date_end")
# Each place with its sides once, with the first point that it was met with; and how each place is described.
PLACES_AND_SIDES = DistinctValues((*Where._fields, *_SIDE_A, *_SIDE_B), _POINT)
DESCRIBED = DistinctValues((*Where._fields, "where_description"))
_READ_TOGETHER = (
    _CODED,
    _SIDE_A,
    _SIDE_B,
    _SOURCES,
    Where._fields,
    _POINT,
    _PERIOD,
    COUNTS,
    ("id", "code_status", "source_original"),
    _KEPT,
)

_ONE_SIDED = "3"
# What older rows have for the number of sources.
_NOT_COUNTED = "-1"
# Of a degree: finer digits are a floating-point leftover that differs between releases.
_MOST_DIGITS = 6
_CLEAR = "Clear"
_NOT_STATED = "not_stated"


class _Coding(NamedTuple):
    """What follows from the codes of a row; few combinations of them occur."""

    event: Record
    # Null where the publisher's code is none that is known.
    date_precision: str | None
    year: int | None
    is_one_sided: bool
    codes: Record
    unknown: Sequence[Unknown]


class Rows:
    """The rows of one file as events."""

    def __init__(self, file: Table, imported: Imported) -> None:
        self._file, self._dataset_id = file, imported.dataset_id
        self._places, self._sides, self._sources = Places(imported), Sides(imported), Sources(file, imported)
        self._pickers = tuple(map(file.picker, _READ_TOGETHER))
        self._has_status = "code_status" in file.header
        # The same few texts come again and again, and reading one takes ten times as long as finding it.
        self._days = [Memo(partial(day, column)) for column in _PERIOD]
        self._points = Memo(_point)
        self._counts = [Memo(partial(_count, column)) for column in COUNTS]
        self._codings = Memo(_coding)
        self._placed: dict[tuple[str, ...], PlaceOfRow] = {}
        self._sided: dict[tuple[str, ...], SideGroup] = {}
        self._described: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)

    def event(self, row: list[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        coded, said_a, said_b, sources, where, point, period, printed, (number, status, original), further = [
            piece(row) for piece in self._pickers
        ]
        identity = whole("id", number)
        coding = self._codings[coded]
        at, unknown_point = self._points[point]
        start, end = (known[text] for known, text in zip(self._days, period, strict=True))
        if start > end:
            raise Unreadable("date_end", f"'{period[1]}' is before date_start, '{period[0]}'")
        if coding.year is not None and not start.year <= coding.year <= end.year:
            message = f"{coding.year} is no year of date_start, '{period[0]}', to date_end, '{period[1]}'"
            raise Unreadable("year", message)
        counts = [known[text] for known, text in zip(self._counts, printed, strict=True)]
        kept, verification = coding.codes.copy(), _NOT_STATED
        unknown = [*coding.unknown, *unknown_point]
        if None in counts:
            unknown += [(name, "", "not known") for name, count in zip(COUNTS, counts, strict=True) if count is None]
        if self._has_status and status != _CLEAR:
            verification, is_known = _verification(status)
            kept["code_status"] = single_spaced(status)
            if not is_known:
                unknown.append(("code_status", status, verification))
        kept |= {name: told for name, text in zip(_KEPT, further, strict=True) if (told := single_spaced(text))}
        placed, country, unknown_place = self._placed.get(where) or self._place(where, at)
        side_a, side_b = self._side(said_a, country), self._side(said_b, country)
        for column, text, taken in (*unknown, *unknown_place, *side_a.unknown, *side_b.unknown):
            self._file.report.unknown(self._file.line, column, text, taken)
        event = f"{self._dataset_id}-{identity}"
        of_days, precision = date_precision(start, end), coding.date_precision
        if precision is None or is_closer(precision, of_days):
            if precision is not None:
                self._file.report.note("days reach further than date_prec says", self._file.line, f"{start} to {end}")
            precision = of_days
        shared = when_and_where(When(start, end, precision), placed, at or (None, None))
        named = {single_spaced(said[1]): side.group for said, side in ((said_a, side_a), (said_b, side_b))}
        claimant, relays = self._sources.quoted(original, sources[1], named, country)
        own = attribution(self._dataset_id, verification, claimant, relays)
        populations = (side_a.population, side_b.population, "civilians", "unspecified")
        return {
            **EVENT,
            "id": event,
            **coding.event,
            "title": f"{side_a.name} against {side_b.name} {placed.words}",
            **shared,
            "codes": kept,
            "groups": _participations(side_a.group, side_b.group, coding.is_one_sided),
            "reports": self._sources.reports(own, *sources),
            "figures": figures_of(self._file, counts, populations, {"id": f"{event}-killed", **shared}, own),
        }

    def settle(self) -> None:
        """Makes places and sides of all that the file has, so that their names are known before any event that shows them.

        What cannot be read is told when its row is mapped.
        """
        for *where, description in self._file.distinct("descriptions"):
            described = single_spaced(description)
            if described:
                self._described[tuple(where)].setdefault(described)
        ends = (len(Where._fields), len(Where._fields) + len(_SIDE_A))
        for met, point in self._file.distinct("places and sides").items():
            where_, said_a, said_b = met[: ends[0]], met[ends[0] : ends[1]], met[ends[1] :]
            try:
                at, _unknown = self._points[point]
                _, country, _ = self._placed.get(where_) or self._place(where_, at)
                for said_of_one in (said_a, said_b):
                    self._side(said_of_one, country)
            except Unreadable:
                continue

    def _place(self, where: tuple[str, ...], at: Point | None) -> PlaceOfRow:
        placed = self._placed[where] = self._places.place(Where(*where), at, tuple(self._described.get(where, ())))
        return placed

    def _side(self, printed: tuple[str, ...], country: str) -> SideGroup:
        # Civilians are other people in each country.
        key = (*printed, country) if is_civilians(printed[1]) else printed
        sided = self._sided.get(key)
        if sided is None:
            sided = self._sided[key] = self._sides.side(printed, country)
        return sided


def _coding(coded: tuple[str, ...]) -> _Coding:
    said_of = dict(zip(_CODED, coded, strict=True))
    in_words = single_spaced(said_of["type_of_violence"]).casefold()
    said_of["type_of_violence"] = codes(CODES)["type_in_words"].get(in_words, said_of["type_of_violence"])
    is_one_sided = said_of["type_of_violence"] == _ONE_SIDED
    event = {
        "type": "violence_against_civilians" if is_one_sided else "battles",
        "subtype": meaning(CODES, "type_of_violence", said_of["type_of_violence"]),
        "kind": meaning(CODES, "event_clarity", said_of["event_clarity"]),
    }
    kept: Record = {
        "type_of_violence": int(said_of["type_of_violence"]),
        "conflict_name": said_of["conflict_name"],
        "dyad_name": said_of["dyad_name"],
        "event_clarity": int(said_of["event_clarity"]),
    }
    unknown: list[Unknown] = []
    for column, code in (("conflict_new_id", "conflict_id"), ("dyad_new_id", "dyad_id"), ("where_prec", "where_prec")):
        printed = said_of[column].strip()
        if is_in_digits(printed) or printed:
            kept[code] = whole(column, printed)
        else:
            unknown.append((column, printed, "not told"))
    if said_of["number_of_sources"].strip() not in (_NOT_COUNTED, ""):
        kept["number_of_sources"] = whole("number_of_sources", said_of["number_of_sources"])
    precision = codes(CODES)["date_prec"].get(said_of["date_prec"])
    if precision is None:
        unknown.append(("date_prec", said_of["date_prec"], "the days that are given"))
    if is_in_digits(said_of["date_prec"]):
        kept["date_prec"] = int(said_of["date_prec"])
    active = codes(CODES)["active_year"].get(said_of["active_year"].strip())
    if active is None:
        unknown.append(("active_year", said_of["active_year"], "not told"))
    else:
        kept["active_year"] = bool(active)
    year = whole("year", said_of["year"]) if said_of["year"].strip() else None
    if year is None:
        unknown.append(("year", "", "that of date_start"))
    return _Coding(event, precision, year, is_one_sided, kept, unknown)


def _verification(status: str) -> tuple[str, bool]:
    """How well an event is verified by its mark, and whether the mark is known. The publisher does not always write it
    alike, and candidates have more of them."""
    known, key = codes(CODES)["code_status"], single_spaced(status.lower())
    if not key:
        return _NOT_STATED, True
    return known.get(key, "unverified"), key in known


def _count(column: str, printed: str) -> int | None:
    """A count of the dead; null where there is none."""
    return whole(column, printed) if printed.strip() else None


def _point(printed: tuple[str, ...]) -> tuple[Point | None, Sequence[Unknown]]:
    point, unknown = point_of(*printed)
    if point is None:
        return None, unknown or (("latitude", "", "no point"),)
    latitude, longitude = point
    return (round(latitude, _MOST_DIGITS), round(longitude, _MOST_DIGITS)), ()


def _participations(group_a: str, group_b: str, is_one_sided: bool) -> list[Record]:
    if is_one_sided:
        return [
            {"group_id": group_a, "role": "attacker", "certainty": "stated"},
            {"group_id": group_b, "role": "target", "certainty": "stated"},
        ]
    both: Sequence[str] = (group_a,) if group_a == group_b else (group_a, group_b)
    return [{"group_id": group, "role": "attacker", "certainty": "inferred"} for group in both]
