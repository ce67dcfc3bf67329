"""Which rows of a total an event or figure is in, in plain Python, dimension by dimension.

Every dimension stands under what it is of. A new one is a line here, and until it is, whoever asks by it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import product

from tests.known import Asked, Known, Record, refuse_unknown

Key = tuple[str | None, ...]
Value = Callable[[Record, Known], str | None]


def _plain(column: str) -> Value:
    return lambda record, _known: record[column]


def _level(level: str) -> Value:
    return lambda record, known: known.at_level(record["location_id"], level)


# The bucket of a day.
TIMES: dict[str, Callable[[date], str]] = {
    "day": lambda day: day.isoformat(),
    "week": lambda day: "{:04}-W{:02}".format(*day.isocalendar()[:2]),
    "month": lambda day: day.isoformat()[:7],
    "year": lambda day: day.isoformat()[:4],
}


def _bucket(name: str) -> Value:
    return lambda record, _known: TIMES[name](record["date_start"])


OF_RECORD: dict[str, Value] = {
    **{name: _bucket(name) for name in TIMES},
    "country": lambda record, known: known.places[record["location_id"]]["country"],
    **{level: _level(level) for level in ("state_or_region", "district", "township")},
    "location": _plain("location_id"),
    "location_precision": _plain("location_precision"),
    "dataset": _plain("dataset"),
}
# A figure has these of its event.
OF_EVENT: dict[str, Value] = {name: _plain(name) for name in ("kind", "type", "subtype", "outcome")}
OF_PARTICIPATION: dict[str, Value] = {"group": _plain("group_id"), "role": _plain("role")}
OF_SAID: dict[str, Value] = {
    "document": _plain("document_id"),
    "outlet": lambda said, known: known.outlet_of(said["document_id"]),
    "claimant": _plain("claimant"),
    # Each claim is told once for each of them.
    "source": _plain("source"),
    "verification": _plain("verification"),
}
OF_FIGURE: dict[str, Value] = {
    name: _plain(name) for name in ("population", "measure", "object", "sex", "age", "cause", "term", "status", "unit")
}
_ALL = (OF_RECORD | OF_EVENT, OF_PARTICIPATION, OF_SAID, OF_FIGURE)


def dimensions() -> set[str]:
    """The names of all dimensions that are known here."""
    return {name for found in _ALL for name in found}


def rows_of_figure(figure: Record, event: Record, names: Sequence[str], known: Known) -> set[Key]:
    """Every row that a figure is in; none by who says so, where nobody does."""
    if OF_SAID.keys() & set(names) and not figure["claims"]:
        return set()
    record = {**figure, **{name: event[name] for name in OF_EVENT}}
    return _rows(record, (event["groups"], told(figure["claims"], names, known), [figure]), names, known)


def rows_of_event(event: Record, names: Sequence[str], known: Known) -> set[Key]:
    """Every row that an event is in."""
    said = [*event["reports"], *(claim for figure in event["figures"] for claim in figure["claims"])]
    return _rows(event, (event["groups"], told(said, names, known), event["figures"]), names, known)


def told(said: Sequence[Record], names: Sequence[str], known: Known) -> Sequence[Record]:
    """What is said, once for every source where it is asked by source."""
    if "source" not in names:
        return said
    return [{**one, "source": source} for one in said for source in sorted(known.sources_of(one))]


def placed(record: Record, asked: Asked) -> Record:
    """An event or figure as it is counted: what begins before the first day asked for stands on that day."""
    if "date_from" not in asked:
        return record
    return {**record, "date_start": max(record["date_start"], date.fromisoformat(asked["date_from"][0]))}


def _rows(record: Record, hanging: Sequence[Sequence[Record]], names: Sequence[str], known: Known) -> set[Key]:
    """One row for each combination of what the record has several of: dimensions of one thing hold of the same one."""
    refuse_unknown("dimensions", names, dimensions())
    found: set[Key] = set()
    nothing: list[Record | None] = [None]
    # What no dimension asks about cannot tell rows apart.
    choices = [
        list(things) or nothing if known_here.keys() & set(names) else nothing
        for things, known_here in zip(hanging, _ALL[1:], strict=True)
    ]
    for chosen in product(*choices):
        values: dict[str, str | None] = {}
        for thing, known_here in zip((record, *chosen), _ALL, strict=True):
            values |= {
                name: None if thing is None else value(thing, known)
                for name, value in known_here.items()
                if name in names
            }
        found.add(tuple(values[name] for name in names))
    return found
