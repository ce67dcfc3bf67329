"""How one row of UCDP GED becomes an event with its sides, sources and figures. Knows no file format and no database.

Types. `type_of_violence` 1 and 2 are battles (armed clash) and 3 is violence against civilians (attack). `event_clarity`
1 is an incident, 2 an aggregate. `code_status` says how well the publisher has verified it: Clear is confirmed, a check
still to be made is unverified, Low Confidence explicitly unverified; releases without the column hold cleared events
only. The codes themselves, with conflict and dyad, stay in the event's `codes`; `code_status` where it is not Clear.

Sides. UCDP does not say who attacked: in types 1 and 2 both sides are attackers, since each used force against the other,
and that is inferred. In type 3 side A attacked and the civilians are the target, as the publisher states.

Figures. The whole of the dead has UCDP's low, best and high and the population `mixed`; deaths of side A, side B, civilians
and unknown are certain parts of it with `best` alone, where they are not 0. So totals by population add to `best`, and the
whole's own row is what no part accounts for. UCDP prints no word with its numbers: figures have no qualifier, and claims
are `exact` where all three are one number and `around` where they are estimates that differ or stand without bounds.

Sources. All numbers are claims of the dataset's own document, because UCDP weighs its sources and no single one of them
says what it says. Each outlet's reports of one day are one document, which reports the event and claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from api.history import Record
from api.names import slug
from seeds.importing import CSVFile, Numbers, Remembered, Unreadable
from seeds.ucdp_places import Placed, Places, Where
from seeds.ucdp_sides import CIVILIANS, Side, Sides

DATASET = "ucdp-ged"
OWN_DOCUMENT: Record = {
    "id": DATASET,
    "outlet": "Uppsala Conflict Data Program",
    "outlet_basis": "stated",
    "agencies": [],
    "title": "UCDP Georeferenced Event Dataset",
    "published_on": None,
    "published_on_basis": None,
    "published_on_reason": None,
    "language": None,
    "sha256": None,
    "length": None,
}

_COUNTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low")
_CODES = ("type_of_violence", "conflict_new_id", "dyad_new_id", "number_of_sources", "year")
# What is read of every row, in the order in which `Rows.event` takes it apart.
COLUMNS = (
    *("id", "active_year", "conflict_name", "dyad_name", *_CODES, "event_clarity", "date_prec"),
    *("side_a_new_id", "side_a", "gwnoa", "side_b_new_id", "side_b", "gwnob"),
    *("source_article", "source_office", "source_date"),
    *("country_id", "country", "adm_1", "adm_2", "where_coordinates", "where_prec", "latitude", "longitude"),
    *("date_start", "date_end", *_COUNTS),
)

_TYPES = {
    "1": ("battles", "armed_clash"),
    "2": ("battles", "armed_clash"),
    "3": ("violence_against_civilians", "attack"),
}
_ONE_SIDED = "3"
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
_VERIFICATIONS = {
    _CLEAR: "confirmed",
    "Check Deaths": "unverified",
    "Check Dyad": "unverified",
    "Check Type of Violence": "unverified",
    "Check geography": "unverified",
    "Low Confidence": "explicitly_unverified",
}
_PUT_IN_ORDER = "the bounds are the publisher's but out of order, so low and high are moved to enclose its best"
# An outlet's name is cut in ids, where somebody has put a headline into its column.
_LONGEST_OUTLET = 60
_NOTHING: list[Any] = []


def read_day(text: str) -> date:
    """The day of `2023-11-03`, `2023-11-03 00:00:00.000` or `11/3/2023 12:00:00 AM`. Errors: ValueError."""
    day = text.strip().split(" ", 1)[0]
    if "/" in day:
        month, number, year = day.split("/")
        return date(int(year), int(month), int(number))
    if len(day) != len("2023-11-03"):
        raise ValueError(text)
    return date.fromisoformat(day)


class Rows:
    """The rows of one file as events; `fresh` holds what has to be brought before the event last returned."""

    def __init__(self, file: CSVFile, places: Places, sides: Sides) -> None:
        self.fresh: list[tuple[str, Record]] = []
        self._file, self._places, self._sides = file, places, sides
        self._pick = itemgetter(*(_position(file, column) for column in COLUMNS))
        self._status = file.position("code_status")
        self._days = Remembered(read_day)
        self._placed: dict[tuple[str, ...], Placed] = {}
        self._groups: dict[tuple[str, ...], str] = {}
        self._seen = Numbers()
        self._documents: set[str] = set()

    def event(self, row: Sequence[str]) -> Record:
        """The event of one row. Errors: Unreadable."""
        values = self._pick(row)
        number, active, conflict, dyad = values[:4]
        violence, conflict_id, dyad_id, sources, _year, clarity, date_prec = values[4:11]
        latitude_text, longitude_text, start, end = values[26:30]
        try:
            identity = int(number)
            codes: Record = {
                "type_of_violence": int(violence),
                "conflict_id": int(conflict_id),
                "conflict_name": conflict,
                "dyad_id": int(dyad_id),
                "dyad_name": dyad,
                "where_prec": int(values[25]),
                "date_prec": int(date_prec),
                "event_clarity": int(clarity),
                "active_year": _TRUTHS[active],
                "number_of_sources": int(sources),
            }
            kind, (type_, subtype), date_precision = _KINDS[clarity], _TYPES[violence], _DATE_PRECISIONS[date_prec]
            latitude, longitude = float(latitude_text), float(longitude_text)
            date_start, date_end = self._days[start], self._days[end]
            counts = tuple(map(int, values[30:37]))
            int(_year)
        except (ValueError, KeyError) as error:
            raise _unreadable(dict(zip(COLUMNS, values, strict=True))) from error
        if not (
            -90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0 and date_start <= date_end and min(counts) >= 0
        ):
            raise _unreadable(dict(zip(COLUMNS, values, strict=True)))
        if identity < 0 or not self._seen.add(identity):
            raise Unreadable("id", f"'{number}' stands here a second time" if identity >= 0 else f"'{number}' is no id")
        if codes["number_of_sources"] < 0:
            # In older rows -1 says that nobody counted.
            del codes["number_of_sources"]
        verification = "confirmed"
        if self._status is not None and (status := row[self._status].strip()) != _CLEAR:
            verification = self._verified(status)
            codes["code_status"] = status
        placed = self._placed.get(values[20:26]) or self._place(values[20:26], latitude, longitude)
        group_a = self._group(values[11:14], placed.country)
        group_b = self._group(values[14:17], placed.country)
        side_a, side_b = values[12], values[15]
        found = f"{DATASET}-{identity}"
        where_and_when: Record = {
            "date_start": date_start,
            "date_end": date_end,
            "date_precision": date_precision,
            "date_reason": None,
            "location_id": placed.id,
            "location_precision": placed.precision,
            "latitude": latitude,
            "longitude": longitude,
        }
        return {
            "id": found,
            "kind": kind,
            "type": type_,
            "subtype": subtype,
            "title": f"{side_a} against {'civilians' if side_b == CIVILIANS else side_b} {placed.words}",
            "summary": None,
            **where_and_when,
            "part_of": None,
            "outcome": None,
            "coding_status": "imported",
            "codes": codes,
            "groups": _participations(group_a, group_b, violence),
            "reports": self._reports(values[17:20], verification),
            "figures": self._figures(found, values, counts, where_and_when, verification),
        }

    def _verified(self, status: str) -> str:
        if status not in _VERIFICATIONS:
            raise Unreadable("code_status", f"'{status}' is no status; {', '.join(_VERIFICATIONS)} are")
        return _VERIFICATIONS[status]

    def _place(self, where: tuple[str, ...], latitude: float, longitude: float) -> Placed:
        country_id, country, adm_1, adm_2, where_coordinates, where_prec = where
        said = Where(country_id, country, adm_1, adm_2, where_coordinates, where_prec)
        placed = self._placed[where] = self._places.place(said, latitude, longitude)
        self.fresh += [("location", record) for record in self._places.fresh()]
        return placed

    def _group(self, said: tuple[str, ...], country: str) -> str:
        # Civilians are other people in each country.
        key = (*said, country) if said[1] == CIVILIANS else said
        found = self._groups.get(key)
        if found is None:
            identity, name, gwno = (" ".join(text.split()) for text in said)
            if not identity.isdecimal():
                raise Unreadable("side_a_new_id or side_b_new_id", f"'{identity}' is not a whole number")
            if not name:
                raise Unreadable("side_a or side_b", "the side has no name")
            found = self._groups[key] = self._sides.group(Side(identity, name, gwno), country)
            self.fresh += [("group", record) for record in self._sides.fresh()]
        return found

    # --- Sources -------------------------------------------------------------------------------------------------

    def _reports(self, sources: tuple[str, str, str], verification: str) -> list[Record]:
        """The dataset's own report, and one of each outlet and day; the order of the outlets in the file says nothing."""
        reports = [_report(DATASET, verification)]
        article, offices, dates = sources
        if offices:
            reports += [_report(document, "unverified") for document in self._sources(offices, dates)]
        elif article:
            self._file.report.note("sources that only a citation names make no document", self._file.line, "no outlet")
        return reports

    def _sources(self, offices: str, dates: str) -> list[str]:
        outlets = [name for part in offices.split(";") if (name := " ".join(part.split()))]
        days: list[str | None] = [part.strip() for part in dates.split(";") if part.strip()]
        if len(days) != len(outlets):
            example = f"{len(outlets)} outlets, {len(days)} dates"
            self._file.report.repair("sources whose dates do not match lose them", self._file.line, example)
            days = [None] * len(outlets)
        return sorted({self._source(outlet, day) for outlet, day in zip(outlets, days, strict=True)})

    def _source(self, outlet: str, text: str | None) -> str:
        day: date | None = None
        if text is not None:
            try:
                day = self._days[text]
            except ValueError:
                self._file.report.repair("sources lose a date that is none", self._file.line, text[:40])
        named = slug(outlet)[:_LONGEST_OUTLET].strip("-") or "outlet"
        identity = f"{DATASET}-{named}-{'undated' if day is None else day}"
        if identity not in self._documents:
            self._documents.add(identity)
            record = {
                **OWN_DOCUMENT,
                "id": identity,
                "outlet": outlet,
                "title": None,
                "published_on": day,
                "published_on_basis": None if day is None else "stated",
            }
            self.fresh.append(("document", record))
        return identity

    # --- Figures -------------------------------------------------------------------------------------------------

    def _figures(
        self, event: str, values: Sequence[str], counts: Sequence[int], where_and_when: Record, verification: str
    ) -> list[Record]:
        """The whole of the dead, and those parts of it that are not 0."""
        deaths_a, deaths_b, civilians, unknown, best, high, low = counts
        report, line = self._file.report, self._file.line
        identity = f"{event}-killed"
        reason = None
        if low <= best <= high:
            bounds = (low, best, high)
            if best == 0:
                report.note("a best of 0 stays what the publisher states", line, f"{event}: {low} / 0 / {high}")
        else:
            bounds, reason = (min(low, best), best, max(high, best)), _PUT_IN_ORDER
            report.repair("bounds out of order", line, f"{event}: {low} / {best} / {high}")
        qualifier = "exact" if low == best == high else "around"
        claim = _claim(verification, qualifier, low, best, high)
        figures = [_figure(identity, "mixed", bounds, claim, where_and_when, reason=reason)]
        if not (deaths_a or deaths_b or civilians or unknown):
            return figures
        if deaths_a + deaths_b + civilians + unknown > best:
            example = f"{event}: {deaths_a} + {deaths_b} + {civilians} + {unknown} of {best}"
            report.repair("deaths by side that come to more than best are left out", line, example)
            return figures
        parts = (
            ("a", deaths_a, _population(values[12], values[13])),
            ("b", deaths_b, _population(values[15], values[16])),
            ("civilians", civilians, "civilians"),
            ("unknown", unknown, "unspecified"),
        )
        figures += [
            _figure(
                f"{identity}-{name}",
                population,
                (None, count, None),
                _claim(verification, "around", None, count, None),
                where_and_when,
                part_of=identity,
            )
            for name, count, population in parts
            if count
        ]
        return figures


def _position(file: CSVFile, column: str) -> int:
    position = file.position(column)
    assert position is not None, "the header was checked"
    return position


def _participations(group_a: str, group_b: str, violence: str) -> list[Record]:
    if violence == _ONE_SIDED:
        return [
            {"group_id": group_a, "role": "attacker", "certainty": "stated"},
            {"group_id": group_b, "role": "target", "certainty": "stated"},
        ]
    both = (group_a,) if group_a == group_b else (group_a, group_b)
    return [{"group_id": group, "role": "attacker", "certainty": "inferred"} for group in both]


def _population(name: str, gwno: str) -> str:
    """Whose people a side's dead are."""
    kind = Side("", name, gwno).kind
    return {"government": "state_forces", "population": "civilians"}.get(kind, "armed_opposition")


def _report(document: str, verification: str) -> Record:
    return {
        "document_id": document,
        "spans": _NOTHING,
        "claimant": None,
        "chain": _NOTHING,
        "verification": verification,
    }


def _claim(verification: str, qualifier: str, low: int | None, best: int, high: int | None) -> Record:
    return {
        "document_id": DATASET,
        "spans": _NOTHING,
        "claimant": None,
        "chain": _NOTHING,
        "verification": verification,
        "qualifier": qualifier,
        "low": low,
        "best": best,
        "high": high,
        "is_preferred": True,
    }


def _figure(
    identity: str,
    population: str,
    bounds: tuple[int | None, int, int | None],
    claim: Record,
    where_and_when: Record,
    *,
    part_of: str | None = None,
    reason: str | None = None,
) -> Record:
    low, best, high = bounds
    return {
        "id": identity,
        "family": "casualty",
        "measure": "killed",
        "population": population,
        "object": None,
        "sex": "unspecified",
        "term": None,
        "unit": "person",
        "low": low,
        "best": best,
        "high": high,
        "open_ended": False,
        "qualifier": None,
        "status": "numbered",
        "reason": reason,
        **where_and_when,
        "part_of": part_of,
        "nesting": None if part_of is None else "certain",
        "claims": [claim],
    }


def _unreadable(values: Mapping[str, str]) -> Unreadable:
    """What is wrong with a row that could not be mapped: the first column whose value it cannot hold."""
    codes: Mapping[str, Mapping[str, object]] = {
        "type_of_violence": _TYPES,
        "event_clarity": _KINDS,
        "date_prec": _DATE_PRECISIONS,
        "active_year": _TRUTHS,
    }
    for column, known in codes.items():
        if values[column] not in known:
            return Unreadable(column, f"'{values[column]}' is no code; {', '.join(known)} are")
    for column in ("id", *_CODES, "where_prec", *_COUNTS):
        try:
            if int(values[column]) < 0 and column in ("id", *_COUNTS):
                return Unreadable(column, f"'{values[column]}' is less than 0")
        except ValueError:
            return Unreadable(column, f"'{values[column]}' is not a whole number")
    for column, most in (("latitude", 90), ("longitude", 180)):
        try:
            if not -most <= float(values[column]) <= most:
                return Unreadable(column, f"'{values[column]}' does not lie between -{most} and {most}")
        except ValueError:
            return Unreadable(column, f"'{values[column]}' is not a number")
    for column in ("date_start", "date_end"):
        try:
            read_day(values[column])
        except ValueError:
            return Unreadable(column, f"'{values[column]}' is no date that UCDP writes, such as 2023-11-03")
    return Unreadable("date_end", f"'{values['date_end']}' is before date_start, '{values['date_start']}'")
