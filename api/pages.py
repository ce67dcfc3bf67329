"""Pages of a list: keyset cursor, page numbers, total, and the address of the next page. Knows no Flask.

The order always ends in the id, so it is unique; a cursor holds the last row's place in it, and reads on from there in
the index however deep.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection, Date, Select, and_, func, or_, select, tuple_

from api.asking.paging import LAST_PAGED_ROW
from api.asking.question import Question
from api.errors import Fault, InvalidValue, refuse
from api.forms import Form, Slot, run
from api.keeping import Memory

# Up to here a total is counted; beyond it, only when asked for.
COUNTED_UP_TO = 10_000
# What a column of whole numbers holds at the most.
MOST_STORED_NUMBER = 2**63


# A place in a list: the sort key and the id of the last row.
Place = tuple[Any, str]


class Listing(Protocol):
    """What can be listed: a statement for its rows, and the bytes of each in a stored form."""

    def led(self, connection: Connection, question: Question, memory: Memory) -> Question:
        """The question with what it is best started from."""

    def form(self, question: Question) -> Form | None:
        """What the question has in common with others like it; null where statements are made for each."""

    def statement(self, question: Question) -> Select[Any]:
        """All matching rows, in no order: first `id` and, as `sort_key`, the key that they are sorted by."""

    def filled(self, statement: Select[Any], question: Question) -> Select[Any]:
        """The same rows, in no order, with what their bytes need."""

    def batches(
        self, connection: Connection, statement: Select[Any], question: Question, size: int
    ) -> Iterator[list[bytes]]:
        """Each row of a filled statement in the form of the question's format, so many at a time, in the statement's
        order; the connection does nothing else until the last."""

    def in_their_order(self, rows: Sequence[Any], question: Question) -> Sequence[Any]:
        """The rows of a filled statement in the question's order."""

    def bytes_of(self, connection: Connection, rows: Sequence[Any], question: Question) -> list[bytes]:
        """Each row in the form of the question's format."""

    def counted(self, connection: Connection, question: Question) -> int | None:
        """How many match, where that was counted beforehand."""

    def total_in(self, rows: Sequence[Any]) -> int | None:
        """How many match on all pages, where the rows of one tell it."""

    def matching(self, question: Question) -> Select[Any]:
        """All matching rows with as little as there is of each, for counting."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    records: list[bytes]
    next: str | None
    # How many match on all pages, where the page could tell.
    total: int | None = None


def page(connection: Connection, listing: Listing, question: Question, address: Callable[[], str]) -> Page:
    """One page. `address` gives the full URL of the list without its query."""
    size = question.page_size
    number: int | None = question.values.get("page")
    place = _read_cursor(question, question.values["cursor"]) if "cursor" in question.values else None
    rows = listing.in_their_order(_rows(connection, listing, question, place), question)
    has_more = len(rows) > size
    rows = rows[:size]
    following = _next(question, rows[-1], connection, address()) if has_more else None
    is_whole = not has_more and "cursor" not in question.values and number in (None, 1)
    total = len(rows) if is_whole else listing.total_in(rows)
    return Page(listing.bytes_of(connection, rows, question), following, total)


def _rows(connection: Connection, listing: Listing, question: Question, place: Place | None) -> Sequence[Any]:
    """The rows of the page, and one more, which tells whether there is another page."""
    form = listing.form(question) if "page" not in question.values else None
    purpose: tuple[Any, ...] = ("page", question.page_size)
    after: Any = place
    if form is not None and place is not None:
        value, identity = place
        form, slots = form.with_values(*((identity,) if value is None else (value, identity)))
        after = (None if value is None else slots[0], slots[-1])
        purpose = ("page after", question.page_size, value is None)
    return run(connection, purpose, question, form, lambda asked: _shown(listing, asked, after))


def _shown(listing: Listing, question: Question, place: Any) -> Select[Any]:
    size = question.page_size
    statement = ordered(listing.statement(question), question)
    number: int | None = question.values.get("page")
    if number is not None:
        statement = statement.offset((number - 1) * size)
    elif place is not None:
        statement = _after(statement, question, place)
    return listing.filled(statement.limit(size + 1), question)


def ordered(statement: Select[Any], question: Question) -> Select[Any]:
    """The statement in the question's order."""
    key, identity = _columns(statement)
    if question.sort is None or question.sort.key == "id":
        return statement.order_by(identity.desc() if question.is_descending else identity.asc())
    first = [key.is_(None).asc()] if question.sort.is_nullable else []
    if question.is_descending:
        return statement.order_by(*first, key.desc(), identity.desc())
    return statement.order_by(*first, key.asc(), identity.asc())


def in_order(rows: Sequence[Any], question: Question) -> Sequence[Any]:
    """Rows that begin with `id` and `sort_key`, in the question's order."""
    is_down = question.is_descending
    if question.sort is None or question.sort.key == "id":
        return sorted(rows, key=itemgetter(0), reverse=is_down)
    keyed = [row for row in rows if row[1] is not None]
    keyed.sort(key=itemgetter(1, 0), reverse=is_down)
    if len(keyed) == len(rows):
        return keyed
    rest = [row for row in rows if row[1] is None]
    return keyed + sorted(rest, key=itemgetter(0), reverse=is_down)


def _columns(statement: Select[Any]) -> tuple[Any, Any]:
    found = {column.key: column for column in statement.selected_columns}
    return tuple(getattr(found[name], "element", found[name]) for name in ("sort_key", "id"))  # type: ignore[return-value]  # two names give two columns


def count(connection: Connection, listing: Listing, question: Question) -> tuple[int | None, int | None]:
    """How many match, or null and how many there are at least, where there are more than are counted unasked."""
    is_exact = _is_exact(question)
    known = question.led.total
    if known is None:
        known = listing.counted(connection, question)
    if known is not None:
        return told(question, known)
    if question.led.at_least > COUNTED_UP_TO and not is_exact:
        return None, COUNTED_UP_TO

    def counting(asked: Question) -> Select[Any]:
        matching = listing.matching(asked)
        some = matching if is_exact else matching.limit(COUNTED_UP_TO + 1)
        return select(func.count()).select_from(some.subquery())

    start = question.led.counted_from
    purpose = ("count", is_exact, None if start is None else start.names)
    ((counted,),) = run(connection, purpose, question, listing.form(question), counting)
    return told(question, counted)


def told(question: Question, number: int) -> tuple[int | None, int | None]:
    """A number of matches as it is told: by itself, or null and how many there are at least (see count)."""
    return (number, None) if _is_exact(question) or number <= COUNTED_UP_TO else (None, COUNTED_UP_TO)


def _is_exact(question: Question) -> bool:
    return "count" in question.values


# --- Cursors -----------------------------------------------------------------------------------------------------


def _written_sort(question: Question) -> str:
    key = "" if question.sort is None else question.sort.key
    return f"-{key}" if question.is_descending else key


def _cursor(question: Question, row: Any, connection: Connection) -> str:
    identity, value = row[:2]
    if isinstance(value, str) and question.sort is not None:
        # As the driver gave it; SQLite has days and times as text.
        kind = question.sort.column().type
        if isinstance(kind, Date):
            value = {"day": value}
        else:
            read = kind.dialect_impl(connection.dialect).result_processor(connection.dialect, None)
            value = value if read is None else read(value)
    if isinstance(value, datetime):
        value = {"time": value.isoformat()}
    elif isinstance(value, date):
        value = {"day": value.isoformat()}
    content = orjson.dumps([_written_sort(question), value, identity])
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_cursor(question: Question, written: str) -> tuple[Any, str]:
    try:
        content = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        sort, value, identity = orjson.loads(content)
        if isinstance(value, dict):
            ((kind, text),) = value.items()
            value = {"day": date.fromisoformat, "time": _moment}[kind](text)
        if not isinstance(identity, str) or not _is_storable(identity) or not _is_storable(value):
            raise ValueError  # caught below with all else that is no cursor
    except (binascii.Error, ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise refuse([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)]) from None
    if sort != _written_sort(question):
        message = f"'cursor' belongs to the order '{sort}', and this list is in the order '{_written_sort(question)}'."
        raise refuse([Fault("cursor", message, InvalidValue)])
    column = None if question.sort is None else question.sort.column()
    if value is not None and column is not None and type(value) is not column.type.python_type:
        raise refuse([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    return value, identity


def _moment(text: str) -> datetime:
    """A time with its zone. Errors: ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return found


def _is_storable(value: object) -> bool:
    """Whether a database can compare with it: text without NUL and halves of characters, or a number that fits."""
    if isinstance(value, str):
        return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
    return not isinstance(value, int) or abs(value) < MOST_STORED_NUMBER


def _after(statement: Select[Any], question: Question, place: Place) -> Select[Any]:
    """The statement from this place on. A row comparison reads on in the index; spelt out with OR it would not."""
    value, last_id = place
    key, identity = _columns(statement)
    is_further = _is_below if question.is_descending else _is_above
    if question.sort is None or question.sort.key == "id":
        return statement.where(is_further(identity, last_id))
    if not isinstance(value, Slot | None) and type(value) is not key.type.python_type:
        raise refuse([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    if value is None:
        return statement.where(and_(key.is_(None), is_further(identity, last_id)))
    following = is_further(tuple_(key, identity), tuple_(value, last_id, types=(key.type, identity.type)))
    return statement.where(or_(following, key.is_(None)) if question.sort.is_nullable else following)


def _is_below(left: Any, right: Any) -> Any:
    return left < right


def _is_above(left: Any, right: Any) -> Any:
    return left > right


def _next(question: Question, last: Any, connection: Connection, address: str) -> str:
    """The address of the next page: by number while numbers reach, else by cursor."""
    number = question.values.get("page")
    changed = {"cursor": _cursor(question, last, connection)}
    if number is not None and (number + 1) * question.page_size <= LAST_PAGED_ROW:
        changed = {"page": str(number + 1)}
    return with_query(address, question, changed, without=("cursor", "page"))


def with_query(address: str, question: Question, changed: dict[str, str], without: Sequence[str] = ()) -> str:
    """The address with the question's own query, some of it taken out and some put in."""
    pairs = [(name, value) for name, value in question.pairs if name not in without and name not in changed]
    return f"{address}?{urlencode([*pairs, *changed.items()], safe=',:')}"
