"""The SQL of each form of question, made once: SQLAlchemy writes it the first time, the driver runs it from then on.

Two questions have one form where they differ in nothing but the values that they ask for. Building a statement anew for
each costs several times what the database takes to answer it, and so does reading its rows by anything but the driver.
Knows no filter and no request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select

from api.asking.question import Question
from api.db import batches_of, rows_of
from api.declare.filter import InSQL

# Forms that are kept, those last used; each is a few kilobytes.
MOST_FORMS = 1_000
# Questions with more values are not alike often enough.
MOST_VALUES = 20


class Slot:
    """Stands in a statement where one of the question's values goes.

    It can do nothing that a value can, so that whatever needs the value itself is found out at once.
    """

    def __init__(self, place: int) -> None:
        self.place = place


class Form(NamedTuple):
    """What questions of one form have in common, and the values of one of them."""

    key: Hashable
    # The question with a slot in the place of each value.
    question: Question
    values: tuple[Any, ...]

    def with_values(self, *more: Any) -> tuple[Form, tuple[Slot, ...]]:
        """The form with further values, and the slots of these."""
        slots = tuple(Slot(len(self.values) + index) for index in range(len(more)))
        return self._replace(values=(*self.values, *more)), slots


def form_of(question: Question) -> Form | None:
    """The form of a question; null where a value decides more than its place, or where there are many."""
    if question.row is not None or question.led.numbers is not None or question.takes.is_totals:
        return None
    values: list[Any] = []
    understood: dict[Any, Any] = {}
    led = question.led
    key: list[Hashable] = [question.takes.path, question.sort, question.is_descending, question.format]
    key += [led.is_few, led.is_by_part]
    for wanted, value in question.understood.items():
        if wanted.in_sql is InSQL.AS_PARTS:
            return None
        if wanted.in_sql is InSQL.AS_CODE:
            understood[wanted] = value
            key.append((wanted, value))
            continue
        understood[wanted], shape = _slotted(value, values)
        key.append((wanted, shape))
    if len(values) > MOST_VALUES:
        return None
    return Form(tuple(key), replace(question, understood=understood), tuple(values))


def _slotted(value: Any, values: list[Any]) -> tuple[Any, Hashable]:
    """The value with slots in it, and what of it is no slot; `values` takes what the slots stand for."""
    if value is None:
        return None, None
    if hasattr(value, "in_form"):
        parts, rebuilt, fixed = value.in_form()
        slots, shape = _slotted(list(parts), values)
        return rebuilt(slots), (type(value).__name__, shape, fixed)
    if isinstance(value, list | tuple):
        found = [_slotted(part, values) for part in value]
        slots = [part for part, _shape in found]
        return (tuple(slots) if isinstance(value, tuple) else slots), tuple(shape for _part, shape in found)
    values.append(value)
    return Slot(len(values) - 1), type(value).__name__


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver takes it: its text, and where each of its parameters comes from."""

    text: str
    # The order of the parameters, where the driver takes them by place.
    names: tuple[str, ...] | None
    constants: Mapping[str, Any]
    places: Mapping[str, int]
    conversions: Mapping[str, Callable[[Any], Any]]

    def parameters(self, values: Sequence[Any]) -> Any:
        found = {**self.constants, **{name: values[place] for name, place in self.places.items()}}
        for name, convert in self.conversions.items():
            found[name] = convert(found[name])
        return found if self.names is None else tuple([found[name] for name in self.names])


_kept: OrderedDict[Hashable, _Prepared] = OrderedDict()
_lock = Lock()


def run(
    connection: Connection,
    purpose: Hashable,
    question: Question,
    form: Form | None,
    build: Callable[[Question], Select[Any]],
) -> Sequence[Any]:
    """The rows of the statement that `build` makes for this purpose of a question.

    Where the question has a form, they are as the driver gives them, and the same purpose and form have to come to the
    same statement.
    """
    if form is None:
        return connection.execute(build(question)).all()
    prepared = _prepared(connection, (purpose, form.key), lambda: build(form.question))
    return rows_of(connection, prepared.text, prepared.parameters(form.values))


def run_with(
    connection: Connection, purpose: Hashable, values: Sequence[Any], build: Callable[[Sequence[Any]], Select[Any]]
) -> list[tuple[Any, ...]]:
    """The rows of the statement that `build` makes for this purpose of slots for these values, as the driver gives them.

    The same purpose and number of values have to come to the same statement.
    """
    slots = [Slot(place) for place in range(len(values))]
    prepared = _prepared(connection, (purpose, len(values)), lambda: build(slots))
    return rows_of(connection, prepared.text, prepared.parameters(values))


def stream(connection: Connection, statement: Select[Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a statement as the driver gives them, so many at a time."""
    prepared = _prepare(connection, statement)
    return batches_of(connection, prepared.text, prepared.parameters(()), size)


def _prepared(connection: Connection, asked: Hashable, build: Callable[[], Select[Any]]) -> _Prepared:
    key = (connection.dialect.name, asked)
    with _lock:
        prepared = _kept.get(key)
        if prepared is not None:
            _kept.move_to_end(key)
    if prepared is None:
        prepared = _prepare(connection, build())
        with _lock:
            _kept[key] = prepared
            while len(_kept) > MOST_FORMS:
                _kept.popitem(last=False)
    return prepared


def _prepare(connection: Connection, statement: Select[Any]) -> _Prepared:
    compiled: Any = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    places = {name: value.place for name, value in compiled.params.items() if isinstance(value, Slot)}
    return _Prepared(
        str(compiled),
        tuple(compiled.positiontup) if compiled.positional else None,
        {name: value for name, value in compiled.params.items() if name not in places},
        places,
        # What SQLAlchemy does to each parameter before the driver sees it; it has no public name.
        dict(compiled._bind_processors),
    )
