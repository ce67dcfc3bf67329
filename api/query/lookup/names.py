"""Finds records by name, and words the refusal of names that nothing or several records have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from rapidfuzz import process
from sqlalchemy import Connection, Select, bindparam, select

from api.domain.errors import CLOSE_ENOUGH, AmbiguousName, Fault, UnknownName, likeness, suggestion
from api.domain.names import ID_RANK, NAME_RANK, folded, spaced_stems, words
from api.store.driver_rows import fetch_rows_with
from api.store.models import Location
from api.store.record_types import tombstone

# How many candidates or near matches an error names.
_MOST_CANDIDATES = 10
# Longer ones are close to none that is known, and whoever posts may send a megabyte.
_LONGEST_NAME = 1_000
# How many values on each side of an unknown one are compared with it. Most mistakes are behind the first letters.
_MOST_NEIGHBOURS = 2_000


class Near(NamedTuple):
    """A record that is close to what nothing is called: its name, and how it is written where it is close."""

    id: str
    name: str
    written: str


def unknown(parameter: str, what: str, near: Sequence[Near], allowed: Sequence[str] = ()) -> Fault:
    """The fault of a name that nothing has; `near` are records that are close to it, `allowed` all that there are."""
    meant = near[0].written if near else None
    candidates = [{"id": one.id, "name": one.name} for one in near]
    message = f"In '{parameter}', {what}.{suggestion(meant)}"
    return Fault(parameter, message, UnknownName, did_you_mean=meant, allowed=allowed, candidates=candidates)


def near_records(connection: Connection, model: Any, ids: Sequence[str]) -> list[Near]:
    """Records by their ids, with their names where they have any."""
    column = getattr(model, "name", None) or getattr(model, "title", None)
    rows = (
        [] if column is None or not ids else connection.execute(select(model.id, column).where(model.id.in_(ids))).all()
    )
    names = {identity: name for identity, name in rows}
    return [Near(identity, names.get(identity) or identity, identity) for identity in ids]


def withdrawn(connection: Connection, model: Any, parameter: str, identity: str) -> Fault | None:
    """The fault of the id of a record of this kind that was withdrawn, with the one in its place; null of any other."""
    gone = tombstone(connection, model.__tablename__, identity)
    if gone is None:
        return None
    instead = [] if gone.replaced_by is None else [gone.replaced_by]
    return unknown(parameter, f"'{identity}' was withdrawn", near_records(connection, model, instead))


def ambiguous(parameter: str, what: str, candidates: Sequence[Mapping[str, str | None]]) -> Fault:
    """The fault of a name that several candidates have."""
    ids = ", ".join(str(candidate["id"]) for candidate in candidates)
    return Fault(
        parameter, f"In '{parameter}', {what}: {ids}. Use the id of one.", AmbiguousName, candidates=candidates
    )


def closest(name: str, known: Iterable[str | None]) -> list[str]:
    """The known values close to one that is not there: first those that hold its words (`ucdp-ged` for `UCDP`)."""
    if len(name) > _LONGEST_NAME:
        return []
    listed = [value for value in known if value is not None]
    asked = f" {' '.join(words(name))} "
    holding = sorted((value for value in listed if asked in f" {' '.join(words(value))} "), key=len)
    found = process.extract(
        name, listed, scorer=likeness, processor=folded, limit=_MOST_CANDIDATES, score_cutoff=CLOSE_ENOUGH
    )
    return list(dict.fromkeys([*holding, *(match for match, _score, _index in found)]))[:_MOST_CANDIDATES]


def closest_names(connection: Connection, names: Any, owner: str, name: str) -> list[Near]:
    """The records with a name close to one that nobody has: first those that hold its words (`Kawlin PDF` for `PDF`)."""
    if len(name) > _LONGEST_NAME:
        return []
    rows = connection.execute(select(getattr(names, owner), names.name, names.folded, names.words, names.rank)).all()
    matches = process.extract(
        folded(name),
        [row.folded for row in rows],
        scorer=likeness,
        limit=_MOST_CANDIDATES * 3,
        score_cutoff=CLOSE_ENOUGH,
    )
    asked = spaced_stems(name)
    found: dict[str, str] = {}
    # A name says more than an id.
    holding = (row for row in rows if asked in row.words)
    for row in sorted(holding, key=lambda row: (row.rank == ID_RANK, row.rank, row.name)):
        found.setdefault(row[0], row.name)
    for _match, _score, index in matches:
        found.setdefault(rows[index][0], rows[index][1])
    called = {row[0]: row.name for row in rows if row.rank == NAME_RANK}
    return [Near(one, called.get(one, written), written) for one, written in list(found.items())[:_MOST_CANDIDATES]]


def neighbours(connection: Connection, known: Select[Any], name: str) -> list[Any]:
    """The known values that stand closest to this one in their order: all of a few, some of a million."""
    (column,) = known.selected_columns
    sides = (known.where(column >= name).order_by(column.asc()), known.where(column < name).order_by(column.desc()))
    return [value for side in sides for value in connection.scalars(side.limit(_MOST_NEIGHBOURS))]


def ids_by_name(connection: Connection, names: Any, owner: str, name: str, levels: Sequence[str] = ()) -> list[str]:
    """The records that answer to a name at the first rank where any does. An id as it stands means its record alone; written
    otherwise it is a name beside the others' (`Arakan Army`, where one group has the id `arakan-army` and two have the name)."""
    if levels:
        column = getattr(names, owner)
        found = _bearing(names, owner).join(Location, Location.id == column)
        found = found.where(Location.level.in_(levels), names.rank >= NAME_RANK)
        rows = [tuple(row) for row in connection.execute(found, {"folded": folded(name)})]
    else:
        rows = fetch_rows_with(connection, _bearing(names, owner), folded=folded(name))
    if any(identity == name for _rank, identity in rows):
        return [name]
    first = min((rank for rank, _identity in rows if rank != ID_RANK), default=ID_RANK)
    return list(dict.fromkeys(identity for rank, identity in rows if rank in (ID_RANK, first)))


@cache
def _bearing(names: Any, owner: str) -> Select[Any]:
    """The ranks and ids of the records that bear the name that is the parameter `folded`."""
    column = getattr(names, owner)
    bears = names.folded == bindparam("folded")
    return select(names.rank, column).where(bears).order_by(names.rank, column).distinct()
