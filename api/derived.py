"""What follows from the coded records: contributions, words and renditions, made again where a load touched them.

Knows no file. Works on whole batches of events, each with a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from api.contributions import Part, Quantity, joint, split
from api.gathering import Gathered, Surroundings, gather
from api.history import Keeper
from api.kinds import Record, table_of
from api.loose_ends import write
from api.models import LEVELS, Event, EventRendition, EventWords, Figure, FigureRendition, Location, Participation
from api.rendering import beside
from api.renditions import Rendition, render
from api.shapes.events import EVENT
from api.shapes.figures import FIGURE
from api.stored_bytes import Packer, dictionaries_of, unpacked

# Events that are rendered together; a few megabytes of rows at the most.
BATCH = 500
# What has to agree between a whole and its part for the two to stand or fall together under every filter on event,
# place and period.
_TOGETHER = (
    "date_start",
    "date_end",
    "date_precision",
    "location_id",
    "location_precision",
    "latitude",
    "longitude",
    "term",
    "sex",
)

# Events whose bytes may no longer be true. Temporary: each load has its own, gone with its transaction.
_stale = Table(
    "stale_event",
    MetaData(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)


def contributions(figures: Sequence[Record]) -> None:
    """Adds to each figure of one event what it adds to totals.

    A figure whose whole lies in another event is `is_nested_across` here already; wholes of such figures and their
    other parts are found by `mark_nested_across` when all events are in.
    """
    here = {figure["id"]: figure for figure in figures}
    quantities = {
        identity: Quantity.of(figure["low"], figure["best"], figure["high"], figure["open_ended"])
        for identity, figure in here.items()
    }
    parts: dict[str, list[Record]] = {}
    for figure in figures:
        figure["is_nested_across"] = figure["part_of"] is not None and figure["part_of"] not in here
        _set(figure, quantities[figure["id"]], quantities[figure["id"]])
        if figure["part_of"] in here:
            parts.setdefault(figure["part_of"], []).append(figure)
    for identity, listed in parts.items():
        whole = here[identity]
        if not all(_stands_with(whole, part) for part in listed):
            for figure in (whole, *listed):
                figure["is_nested_across"] = True
            continue
        found = [Part(quantities[part["id"]], part["nesting"] == "certain") for part in listed]
        _set(whole, joint(quantities[identity], found), split(quantities[identity], found))
        for part in listed:
            if part["nesting"] == "certain" and not quantities[identity].is_open:
                part["joint_open"] = False


def _stands_with(whole: Record, part: Record) -> bool:
    """Whether no filter on event, place or period parts the two, and population does whenever it is asked about."""
    return whole["population"] != part["population"] and all(whole[name] == part[name] for name in _TOGETHER)


def _set(figure: Record, together: Quantity, apart: Quantity) -> None:
    for way, quantity in (("joint", together), ("split", apart)):
        figure[f"{way}_low"], figure[f"{way}_best"] = quantity.low, quantity.best
        figure[f"{way}_high"], figure[f"{way}_open"] = quantity.high, quantity.is_open


def mark_nested_across(connection: Connection) -> None:
    """Marks every figure of a family that filters may part, wherever its members are, and takes back old marks.

    A family is marked whole: the figure that has a part in another event, or one that `_stands_with` parts from it, and
    all of its parts.
    """
    part, whole = aliased(Figure), aliased(Figure)
    apart = or_(
        part.event_number != whole.event_number,
        part.population.is_not_distinct_from(whole.population),
        *(getattr(part, name).is_distinct_from(getattr(whole, name)) for name in _TOGETHER),
    )
    wholes = select(whole.id).join(part, part.part_of == whole.id).where(apart)
    belongs = or_(Figure.id.in_(wholes), and_(Figure.part_of.is_not(None), Figure.part_of.in_(wholes)))
    for mark in (True, False):
        connection.execute(
            update(Figure)
            .where(belongs if mark else ~belongs, Figure.is_nested_across.is_(not mark))
            .values(is_nested_across=mark)
        )


# --- What a load made stale --------------------------------------------------------------------------------------


def begin(connection: Connection) -> None:
    """Makes room for the numbers of stale events."""
    _stale.metadata.drop_all(connection)
    _stale.metadata.create_all(connection)


def note_stale(connection: Connection, ids: Collection[str]) -> None:
    """Marks these events; each id once, however often it is given."""
    _add(connection, ids, lambda batch: select(Event.number).where(Event.id.in_(batch)))


def note_wholes_stale(connection: Connection, figures: Collection[str]) -> None:
    """Marks the events of these figures, which something ceases to be part of."""
    _add(connection, figures, lambda batch: select(Figure.event_number).where(Figure.id.in_(batch)))


def note_all_stale(connection: Connection, dataset_id: str) -> None:
    """Marks a dataset's every event, for when the shapes themselves have changed."""
    _insert(connection, select(Event.number).where(Event.dataset_id == dataset_id))


def note_showing_changed(keeper: Keeper) -> None:
    """Marks the events that stand now and show a group or place that changed."""
    connection = keeper.connection
    groups, inside = keeper.changed.pop("group", ()), _lying_in(connection, keeper.changed.pop("location", ()))
    for column, where, ids in (
        (Participation.event_number, Participation.group_id, groups),
        (Event.number, Event.location_id, inside),
        (Figure.event_number, Figure.location_id, inside),
    ):
        _add(connection, ids, lambda some, column=column, where=where: select(column).where(where.in_(some)))  # type: ignore[misc]


def find_stale(connection: Connection, keeper: Keeper) -> int:
    """How many events have to be rendered again, those included that only show what was touched."""
    # An event shows the title of the episode that it is part of.
    episodes = select(Event.id).join(_stale, _stale.c.number == Event.number)
    _insert(connection, select(Event.number).where(Event.part_of.in_(episodes)))
    note_showing_changed(keeper)
    # A figure shows what it contains, which may be another event's.
    part, whole = aliased(Figure), aliased(Figure)
    for shown, changed in ((whole, part), (part, whole)):
        neighbours = (
            select(shown.event_number)
            .join(changed, and_(part.part_of == whole.id, part.event_number != whole.event_number))
            .where(changed.event_number.in_(select(_stale.c.number)))
        )
        _insert(connection, neighbours)
    return connection.execute(select(func.count()).select_from(_stale)).scalar_one()


def _lying_in(connection: Connection, places: Collection[str]) -> set[str]:
    """These places, and all that lie in them."""
    found: set[str] = set()
    for ids in _sorted_batches(places):
        for level in LEVELS:
            wanted = [identity.upper() for identity in ids] if level == "country" else ids
            found.update(connection.scalars(select(Location.id).where(getattr(Location, level).in_(wanted))))
    return found


def _add(connection: Connection, ids: Collection[str], find: Callable[[Sequence[str]], Any]) -> None:
    for some in _sorted_batches(ids):
        _insert(connection, find(some))


def _sorted_batches(ids: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(ids)
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))


def _insert(connection: Connection, found: Any) -> None:
    wanted = found.subquery()
    column = next(iter(wanted.c))
    fresh = select(column).where(column.not_in(select(_stale.c.number))).distinct()
    connection.execute(insert(_stale).from_select(["number"], fresh))


def _batches(connection: Connection) -> Iterator[list[int]]:
    last = 0
    while True:
        numbers = connection.scalars(
            select(_stale.c.number).where(_stale.c.number > last).order_by(_stale.c.number).limit(BATCH)
        ).all()
        if not numbers:
            return
        yield list(numbers)
        last = numbers[-1]


# --- Rendering ---------------------------------------------------------------------------------------------------


def render_stale(connection: Connection, keeper: Keeper, progress: Callable[[int], None]) -> set[str]:
    """Makes words and renditions of all stale events again; those that come out the same are left as they are. Gives the
    datasets of events that are found by other words now.

    An event or figure whose bytes come out different has changed for its readers, whichever record the change was
    made in, so its `updated_at` is now.
    """
    surroundings, packer = Surroundings(connection), Packer(connection)
    reworded: set[str] = set()
    for numbers in _batches(connection):
        _carry_over(connection, numbers)
        reworded |= _write_again(keeper, gather(connection, numbers, surroundings), packer)
        progress(len(numbers))
    _stale.metadata.drop_all(connection)
    return reworded


def _carry_over(connection: Connection, events: Sequence[int]) -> None:
    """Brings what figures hold of their event up to date with it."""
    for name in ("kind", "type"):
        column = getattr(Event, name)
        own = select(column).where(Event.number == Figure.event_number).scalar_subquery()
        connection.execute(
            update(Figure).where(Figure.event_number.in_(events), getattr(Figure, name) != own).values({name: own})
        )


def _write_again(keeper: Keeper, gathered: Sequence[Gathered], packer: Packer) -> set[str]:
    connection, at = keeper.connection, keeper.at
    numbers = [found.event["number"] for found in gathered]
    events = _unpacked(
        connection, select(EventRendition.number, EventRendition.json), EventRendition.number.in_(numbers)
    )
    of_figures = select(FigureRendition.number, FigureRendition.json).join(
        Figure, Figure.number == FigureRendition.number
    )
    figures = _unpacked(connection, of_figures, Figure.event_number.in_(numbers))
    held = select(EventWords.number, EventWords.words).where(EventWords.number.in_(numbers))
    standing_words = dict(connection.execute(held).all())
    changed_events = _again(Event, [found.event for found in gathered], events, at)
    changed_figures = _again(Figure, [figure for found in gathered for figure in found.figures], figures, at)
    reworded = [found for found in gathered if standing_words.get(found.event["number"]) != found.words]
    words = [beside(found.event, {"words": found.words}) for found in reworded]
    for model, changed in ((Event, changed_events), (Figure, changed_figures)):
        aged = [source["id"] for source, _made in changed if source["updated_at"] != at]
        if aged:
            connection.execute(update(model).where(model.id.in_(aged)).values(updated_at=at))
    _delete(connection, EventRendition.number, [source["number"] for source, _made in changed_events])
    _delete(connection, FigureRendition.number, [source["number"] for source, _made in changed_figures])
    _delete(connection, EventWords.number, [row["number"] for row in words])
    packer.put(Event, [beside(source, made._asdict()) for source, made in changed_events])
    packer.put(Figure, [beside(source, made._asdict()) for source, made in changed_figures])
    write(connection, insert(table_of(EventWords)), words)
    return {str(found.event["dataset_id"]) for found in reworded}


def _unpacked(connection: Connection, frames: Select[int, bytes], where: ColumnElement[bool]) -> dict[int, bytes]:
    """The JSON that stands for these records, as it is served, by their numbers."""
    found: dict[int, bytes] = dict(connection.execute(frames.where(where)).all())
    return dict(zip(found, unpacked(found.values(), dictionaries_of(connection)), strict=True))


def _again(
    model: type[Event | Figure], sources: Sequence[Mapping[str, Any]], standing: Mapping[int, bytes], at: datetime
) -> list[tuple[Mapping[str, Any], Rendition]]:
    """The records whose bytes differ from what stands, with bytes that say that they changed now."""
    shape = EVENT if model is Event else FIGURE
    changed = [
        source
        for source, made in zip(sources, render(shape, sources), strict=True)
        if standing.get(source["number"]) != made.json
    ]
    made_now = render(shape, [{**source, "updated_at": at} for source in changed])
    return list(zip(changed, made_now, strict=True))


def _delete(connection: Connection, column: Any, numbers: Sequence[int]) -> None:
    if numbers:
        connection.execute(delete(column.class_).where(column.in_(numbers)))
