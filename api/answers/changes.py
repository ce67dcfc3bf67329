"""Pages of the history: what changed since a cursor, a state or a time, in the order in which it could be seen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from flask import request
from marshmallow import ValidationError
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from api.answers.coverage import coverage
from api.answers.lists import Listing, page_answer, parsed
from api.answers.responses import WholeAnswer, address
from api.answers.revision_at_least import revision_unavailable
from api.columns.snapshot import Snapshot
from api.domain.errors import Fault, InvalidValue, refusal
from api.query.endpoint import Endpoint
from api.query.question import Question
from api.query.time_parameters import Time
from api.records.atom import MEDIA_TYPE, Feed, atom
from api.records.changes import change_line, load_line
from api.records.common import moment
from api.records.formats import JSON
from api.records.renditions import json_bytes
from api.store.models import Change, Dataset, Load, Revision
from api.store.revision import NO_REVISION, is_token

# A state of the data by its token, perhaps with the last line that was read.
_CURSOR = re.compile(r"(\d{1,9})(-[0-9a-f]{8})?(?:\.(\d{1,15}))?", re.ASCII)
_TABLE: Any = Change.__table__


# What selects lines or loads by what is asked.
Which = Callable[[Question], ColumnElement[bool]]


class HistoryPage(NamedTuple):
    """Some lines of history, how many follow the place that was asked, and the cursor of the place behind them."""

    lines: Sequence[Any]
    total: int
    cursor: str
    has_more: bool


def history_page(snapshot: Snapshot, question: Question, which: ColumnElement[bool]) -> HistoryPage:
    """The next lines of those that `which` selects. Errors: a Problem, where `since` is nothing that can be read, or
    of a state that is not here yet."""
    connection = snapshot.connection
    since = question.values.get("since")
    following = which if since is None else and_(which, _after(connection, since))
    size = question.page_size
    found = connection.execute(select(_TABLE).where(following).order_by(_TABLE.c.number).limit(size + 1)).all()
    has_more = len(found) > size
    lines = found[:size]
    total = len(lines)
    if has_more:
        # Where few lines pass, the page has gone by most of them already.
        rest = select(func.count()).select_from(_TABLE).where(following, _TABLE.c.number > lines[-1].number)
        total += connection.scalar(rest) or 0
    # Behind the last line there is nothing yet, whichever lines were asked for.
    last = lines[-1].number if has_more else connection.scalar(select(func.max(_TABLE.c.number))) or 0
    return HistoryPage(lines, total, f"{snapshot.token}.{last}", has_more)


def _after(connection: Connection, since: str, *, of_loads: bool = False) -> ColumnElement[bool]:
    """The condition that a line, or a load, comes after this cursor, state or time."""
    columns = (Load if of_loads else Change).__table__.c
    cursor = _CURSOR.fullmatch(since)
    if cursor is None:
        try:
            time = Time().deserialize(since)
        except ValidationError:
            raise _refused(f"'{since}' is neither a time nor what 'cursor' or 'revision' gave.") from None
        return columns.at > time if of_loads else _after_time(connection, time)
    revision, secret, number = cursor.groups()
    token = f"{revision}{secret or ''}"
    if token != NO_REVISION and connection.scalar(select(Load.token).where(Load.revision == int(revision))) != token:
        if is_token(token) and int(revision) > (connection.scalar(select(Revision.number)) or 0):
            # A standby that is behind has it in a moment. A database that was put back never has, and looks the same from here.
            raise revision_unavailable(
                f"'{since}' is of a later state than is here. Ask again in a moment; if it stays, begin anew, without 'since'."
            )
        # The database was made anew: what was read of it may be what it never had.
        raise _refused(f"'{since}' is of a state that these data were never in. Begin anew, without 'since'.")
    if number is None:
        return (
            columns.revision > int(revision) if of_loads else columns.number > _last_number(connection, int(revision))
        )
    if of_loads:
        read = select(func.coalesce(func.max(_TABLE.c.revision), 0)).where(_TABLE.c.number <= int(number))
        return columns.revision > read.scalar_subquery()
    return columns.number > int(number)


def _after_time(connection: Connection, time: datetime) -> ColumnElement[bool]:
    """The condition that a line comes after this time: that of its load, where that was told."""
    if connection.scalar(select(Change.revision).order_by(Change.number).limit(1)) == 0:
        return Change.at > time
    first = connection.scalar(select(func.min(Load.revision)).where(Load.at > time))
    return false() if first is None else Change.number > _last_number(connection, first - 1)


def _last_number(connection: Connection, revision: int) -> int:
    """The number of the last line that a state has; 0 where it has none.

    Lines come in the order of their states, so it is found in some twenty steps. Of a million a scan takes a tenth of a second.
    """
    least, most = 0, connection.scalar(select(func.max(Change.number))) or 0
    while least < most:
        middle = (least + most + 1) // 2
        following = select(Change.number, Change.revision).where(Change.number >= middle)
        found = connection.execute(following.order_by(Change.number).limit(1)).one()
        if found.revision > revision:
            most = middle - 1
        else:
            least = found.number
    return least


def _refused(message: str) -> Exception:
    return refusal([Fault("since", message, InvalidValue)])


def answer_changes(
    snapshot: Snapshot, endpoint: Endpoint, format_: str, listings: Mapping[str, Listing], which: Which
) -> WholeAnswer:
    """A page of the history as JSON, with its cursor."""
    question = parsed(snapshot, endpoint, format_)
    page = history_page(snapshot, question, which(question))
    datasets = set(snapshot.connection.scalars(select(Dataset.id)))
    records = [change_line(line, datasets) for line in page.lines]
    if "include" in question.values:
        _add_bodies(snapshot, records, listings)
    rest = {
        "total": page.total,
        "returned": len(records),
        "next": _address_since(question, page.cursor) if page.has_more else None,
        "cursor": page.cursor,
    }
    return page_answer(
        [json_bytes(record) for record in records], rest, coverage(snapshot, question, tells_countries=False)
    )


def answer_loads(snapshot: Snapshot, endpoint: Endpoint, format_: str, which: Which) -> WholeAnswer:
    """A page of the loads as JSON, with its cursor."""
    question = parsed(snapshot, endpoint, format_)
    connection, table = snapshot.connection, Load.__table__
    # Of those from before loads were told, nothing is known but that they were.
    following = and_(which(question), table.c.dataset_id.is_not(None))
    if "since" in question.values:
        following = and_(following, _after(connection, question.values["since"], of_loads=True))
    size = question.page_size
    found = connection.execute(select(table).where(following).order_by(table.c.revision).limit(size + 1)).all()
    has_more = len(found) > size
    loads = found[:size]
    total = connection.scalar(select(func.count()).select_from(table).where(following)) or 0
    cursor = loads[-1].token if has_more else snapshot.token
    revisions = {load.revision - 1 for load in loads}
    before = dict(
        connection.execute(select(table.c.revision, table.c.token).where(table.c.revision.in_(revisions))).all()
    )
    records = [load_line(load, before.get(load.revision - 1, NO_REVISION)) for load in loads]
    following_page = _address_since(question, cursor) if has_more else None
    rest = {"total": total, "returned": len(records), "next": following_page, "cursor": cursor}
    return page_answer(
        [json_bytes(record) for record in records], rest, coverage(snapshot, question, tells_countries=False)
    )


def answer_feed(snapshot: Snapshot, endpoint: Endpoint, which: Which) -> WholeAnswer:
    """The newest lines of history as an Atom feed, newest first."""
    question = parsed(snapshot, endpoint, JSON)
    connection = snapshot.connection
    newest = select(_TABLE, Load.token).outerjoin(Load, Load.revision == _TABLE.c.revision)
    newest = newest.where(which(question)).order_by(_TABLE.c.number.desc()).limit(question.page_size)
    updated = connection.scalar(select(Revision.at)) or datetime.fromtimestamp(0, UTC)
    query = urlencode(question.pairs)
    feed = Feed(f"{address()}{'?' if query else ''}{query}", request.url_root.rstrip("/"), moment(updated) or "")
    # Numbers begin anew in a database that is made anew, and tokens do not.
    entries = [(f"{line.token or line.at} {line.number}", change_line(line, ())) for line in connection.execute(newest)]
    return WholeAnswer(
        atom(feed, entries), f"{MEDIA_TYPE}; charset=utf-8", coverage(snapshot, question, tells_countries=False).links
    )


def _add_bodies(snapshot: Snapshot, records: Sequence[dict[str, Any]], listings: Mapping[str, Listing]) -> None:
    """Adds to lines the records that they are about, as they are now."""
    ids: dict[str, list[str]] = defaultdict(list)
    for record in records:
        ids[record["record"]].append(record["id"])
    found = {name: listings[name].find_all(snapshot, sorted(set(named))) for name, named in ids.items()}
    for record in records:
        body = found[record["record"]].get(record["id"])
        record["body"] = None if body is None else orjson.Fragment(body)


def _address_since(question: Question, cursor: str) -> str:
    pairs = [(name, value) for name, value in question.pairs if name != "since"]
    return f"{address()}?{urlencode([*pairs, ('since', cursor)], safe=',:')}"


def lines_of_record(connection: Connection, record: str, identity: str) -> ColumnElement[bool] | None:
    """Which lines tell of one record: its own, and those of its dataset that stand for many; null where nobody knows it."""
    own = and_(_TABLE.c.record == record, _TABLE.c.record_id == identity)
    dataset = connection.scalar(select(_TABLE.c.dataset_id).where(own).limit(1))
    return None if dataset is None else or_(own, lines_of_many(dataset))


def lines_of_many(dataset: str) -> ColumnElement[bool]:
    """Which lines of a dataset stand for many of its records."""
    is_first = _TABLE.c.action == "created"
    is_dataset = and_(_TABLE.c.record == "dataset", _TABLE.c.record_id == dataset)
    return and_(is_dataset, or_(is_first, _TABLE.c.counts.is_not(None)))
