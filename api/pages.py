"""Pages of a list: keyset cursor, page numbers, total, and the address of the next page. Knows no Flask.

The order always ends in the id, so it is unique; a cursor holds the last row's place in it, and reads on from there in
the index however deep.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, and_, func, or_, select, tuple_

from api.asking import LAST_PAGED_ROW, Question
from api.errors import Fault, InvalidValue, refuse
from api.leading import Remember

# Up to here a total is counted; beyond it, only when asked for.
COUNTED_UP_TO = 10_000
# What a column of whole numbers holds at the most.
MOST_STORED_NUMBER = 2**63


class Listing(Protocol):
    """What can be listed: a statement for its rows, and the bytes of each in a stored form."""

    def led(self, connection: Connection, question: Question, remember: Remember) -> Question:
        """The question with what it is best started from."""

    def statement(self, question: Question) -> Select[Any]:
        """All matching rows, in no order: `id` and, as `sort_key`, the key that they are sorted by."""

    def filled(self, statement: Select[Any], question: Question) -> Select[Any]:
        """The same rows, in no order, with what their bytes need."""

    def bytes_of(self, connection: Connection, rows: Sequence[Any], question: Question) -> list[bytes]:
        """Each row in the form of the question's format."""

    def matching(self, question: Question) -> Select[Any]:
        """All matching rows with nothing but their ids, for counting."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    records: list[bytes]
    next: str | None
    # How many match on all pages, where the page could tell.
    total: int | None = None


def page(connection: Connection, listing: Listing, question: Question, address: str) -> Page:
    """One page. `address` is the full URL of the list without its query."""
    size = question.page_size
    statement = ordered(listing.statement(question), question)
    number: int | None = question.values.get("page")
    if number is not None:
        statement = statement.offset((number - 1) * size)
    elif "cursor" in question.values:
        statement = _after(statement, question, question.values["cursor"])
    # One row more tells whether there is another page.
    shown = ordered(listing.filled(statement.limit(size + 1), question), question)
    rows = connection.execute(shown).all()
    has_more = len(rows) > size
    rows = rows[:size]
    following = _next(question, rows[-1], address) if has_more else None
    is_whole = not has_more and "cursor" not in question.values and number in (None, 1)
    total = len(rows) if is_whole else getattr(rows[0], "total", None) if rows else None
    return Page(listing.bytes_of(connection, rows, question), following, total)


def ordered(statement: Select[Any], question: Question) -> Select[Any]:
    """The statement in the question's order."""
    key, identity = _columns(statement)
    if question.sort is None or question.sort.key == "id":
        return statement.order_by(identity.desc() if question.is_descending else identity.asc())
    first = [key.is_(None).asc()] if question.sort.is_nullable else []
    if question.is_descending:
        return statement.order_by(*first, key.desc(), identity.desc())
    return statement.order_by(*first, key.asc(), identity.asc())


def _columns(statement: Select[Any]) -> tuple[Any, Any]:
    found = {column.key: column for column in statement.selected_columns}
    return tuple(getattr(found[name], "element", found[name]) for name in ("sort_key", "id"))  # type: ignore[return-value]  # two names give two columns


def count(connection: Connection, listing: Listing, question: Question) -> tuple[int | None, int | None]:
    """How many match, or null and how many there are at least, where there are more than are counted unasked."""
    matching = listing.matching(question)
    if "count" in question.values:
        return connection.execute(select(func.count()).select_from(matching.subquery())).scalar_one(), None
    some = matching.limit(COUNTED_UP_TO + 1).subquery()
    counted = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return (counted, None) if counted <= COUNTED_UP_TO else (None, COUNTED_UP_TO)


# --- Cursors -----------------------------------------------------------------------------------------------------


def _written_sort(question: Question) -> str:
    key = "" if question.sort is None else question.sort.key
    return f"-{key}" if question.is_descending else key


def _cursor(question: Question, row: Any) -> str:
    value = row.sort_key
    if isinstance(value, datetime):
        value = {"time": value.isoformat()}
    elif isinstance(value, date):
        value = {"day": value.isoformat()}
    content = json.dumps([_written_sort(question), value, row.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _read_cursor(question: Question, written: str) -> tuple[Any, str]:
    try:
        content = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        sort, value, identity = json.loads(content)
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


def _after(statement: Select[Any], question: Question, written: str) -> Select[Any]:
    """The statement from the cursor on. A row comparison reads on in the index; spelt out with OR it would not."""
    value, last_id = _read_cursor(question, written)
    key, identity = _columns(statement)
    is_further = _is_below if question.is_descending else _is_above
    if question.sort is None or question.sort.key == "id":
        return statement.where(is_further(identity, last_id))
    expected = key.type.python_type
    if value is not None and type(value) is not expected:
        raise refuse([Fault("cursor", "'cursor' is not one that 'next' gave.", InvalidValue)])
    if value is None:
        return statement.where(and_(key.is_(None), is_further(identity, last_id)))
    following = is_further(tuple_(key, identity), tuple_(value, last_id, types=(key.type, identity.type)))
    return statement.where(or_(following, key.is_(None)) if question.sort.is_nullable else following)


def _is_below(left: Any, right: Any) -> Any:
    return left < right


def _is_above(left: Any, right: Any) -> Any:
    return left > right


def _next(question: Question, last: Any, address: str) -> str:
    """The address of the next page: by number while numbers reach, else by cursor."""
    number = question.values.get("page")
    changed = {"cursor": _cursor(question, last)}
    if number is not None and (number + 1) * question.page_size <= LAST_PAGED_ROW:
        changed = {"page": str(number + 1)}
    return with_query(address, question, changed, without=("cursor", "page"))


def with_query(address: str, question: Question, changed: dict[str, str], without: Sequence[str] = ()) -> str:
    """The address with the question's own query, some of it taken out and some put in."""
    pairs = [(name, value) for name, value in question.pairs if name not in without and name not in changed]
    return f"{address}?{urlencode([*pairs, *changed.items()], safe=',:')}"
