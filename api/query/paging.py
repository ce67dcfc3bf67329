"""Pages of a list: keyset cursor, page numbers, and the address of the next page.

The order always ends in the id, so it is unique; a cursor holds the last row's sort key and id, and reads on from there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from sqlalchemy import ColumnElement, Select, and_, or_

from api.domain.errors import Fault, InvalidValue, refusal
from api.query.question import Question
from api.query.standard_parameters import LAST_PAGED_ROW

# What a column of whole numbers holds at the most.
MOST_STORED_NUMBER = 2**63


class CursorKey(NamedTuple):
    """What a cursor holds of the last row of a page: its sort key and its id."""

    key: Any
    id: str


class Order(NamedTuple):
    """What a list is sorted by: a column, null where it is the id itself; and the id, which makes the order unique."""

    key: Any
    id: Any

    @classmethod
    def of(cls, question: Question, key: Any, identity: Any) -> Order:
        """The order of a question, whose sort key is this column."""
        return cls(None if question.sort is None or question.sort.key == "id" else key, identity)


def ordered(statement: Select[Any], question: Question, order: Order) -> Select[Any]:
    """The statement in the question's order."""
    key, identity = order
    if key is None:
        return statement.order_by(identity.desc() if question.is_descending else identity.asc())
    first = [key.is_(None).asc()] if question.sort is not None and question.sort.is_nullable else []
    if question.is_descending:
        return statement.order_by(*first, key.desc(), identity.desc())
    return statement.order_by(*first, key.asc(), identity.asc())


def paged(statement: Select[Any], question: Question, order: Order) -> Select[Any]:
    """The part of an ordered statement that the page shows, and one row more, which tells whether there is another."""
    number: int | None = question.values.get("page")
    if number is not None:
        statement = statement.offset((number - 1) * question.page_size)
    elif "cursor" in question.values:
        statement = statement.where(_after(question, order, _read_cursor(question, order)))
    return statement.limit(question.page_size + 1)


# --- Cursors -----------------------------------------------------------------------------------------------------


def _written_sort(question: Question) -> str:
    key = "" if question.sort is None else question.sort.key
    return f"-{key}" if question.is_descending else key


def encoded(content: bytes) -> str:
    """A cursor with this content."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(cursor: str) -> bytes:
    """The content of a cursor. Errors: ValueError, where it is no Base64."""
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def cursor_of(question: Question, last: CursorKey) -> str:
    """The cursor of the page that begins behind the row with this sort key and id."""
    value = last.key
    if isinstance(value, datetime):
        value = {"time": value.replace(tzinfo=UTC).isoformat()}
    elif isinstance(value, date):
        value = {"day": value.isoformat()}
    content = orjson.dumps([_written_sort(question), value, last.id])
    return encoded(content)


def _read_cursor(question: Question, order: Order) -> CursorKey:
    """The sort key and id that a cursor holds. Errors: a Problem, where it is none that this order gave."""
    written: str = question.values["cursor"]
    try:
        sort, value, identity = orjson.loads(decoded(written))
        if isinstance(value, dict):
            ((kind, text),) = value.items()
            value = {"day": date.fromisoformat, "time": _moment}[kind](text)
        if not isinstance(identity, str) or not _is_storable(identity) or not _is_storable(value):
            raise ValueError  # caught below with all else that is no cursor
    except (binascii.Error, ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise _no_cursor() from None
    if sort != _written_sort(question):
        message = f"'cursor' belongs to the order '{sort}', and this list is in the order '{_written_sort(question)}'."
        raise refusal([Fault("cursor", message, InvalidValue)])
    if value is not None and order.key is not None and type(value) is not order.key.type.python_type:
        raise _no_cursor()
    return CursorKey(value, identity)


def _no_cursor() -> Exception:
    return refusal([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])


def _moment(text: str) -> datetime:
    """A time in UTC, without saying so. Errors: ValueError, where it has no zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return found.astimezone(UTC).replace(tzinfo=None)


def _is_storable(value: object) -> bool:
    """Whether a database can compare with it: text without NUL and halves of characters, or a number that fits."""
    if isinstance(value, str):
        return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
    return not isinstance(value, int) or abs(value) < MOST_STORED_NUMBER


def _after(question: Question, order: Order, last: CursorKey) -> ColumnElement[bool]:
    """The condition that a row comes after this one."""
    key, identity = order
    is_down = question.is_descending
    further_id: ColumnElement[bool] = identity < last.id if is_down else identity > last.id
    if key is None:
        return further_id
    if question.sort is None or (last.key is None and not question.sort.is_nullable):
        raise _no_cursor()
    if last.key is None:
        return and_(key.is_(None), further_id)
    # Said first of the key alone, since that skips whole stretches of what is stored in its order.
    no_nearer = key <= last.key if is_down else key >= last.key
    further_key = key < last.key if is_down else key > last.key
    following = and_(no_nearer, or_(further_key, further_id))
    return or_(following, key.is_(None)) if question.sort.is_nullable else following


# --- The next page -----------------------------------------------------------------------------------------------


def next_page(question: Question, cursor: str, address: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The address of the next page, with these pairs: by number while numbers reach, else by the cursor where it begins."""
    number = question.values.get("page")
    is_numbered = number is not None and (number + 1) * question.page_size <= LAST_PAGED_ROW
    following = ("page", str(number + 1)) if number is not None and is_numbered else ("cursor", cursor)
    kept = [(name, value) for name, value in pairs if name not in ("cursor", "page")]
    return f"{address}?{urlencode([*kept, following], safe=',:')}"
