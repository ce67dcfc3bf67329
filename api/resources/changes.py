"""Changes: what was created, updated and withdrawn, in order; the history of each record; and each load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ColumnElement, and_, or_, select, true

from api.answers.asked_format import format_or_page_asked
from api.answers.changes import answer_changes, answer_feed, answer_loads, lines_of_many, lines_of_record
from api.answers.listings import LISTINGS
from api.answers.responses import WholeAnswer, answered
from api.answers.routes import IN_ONE_FORM, describe, describe_page
from api.answers.single_records import SingleRecord, missing
from api.columns.snapshot import Snapshot
from api.domain.codebook import values
from api.query.endpoint import Endpoint
from api.query.filters.shared import DATASET_OF_HISTORY
from api.query.parameters import Code, ListOf, Parameter, Text
from api.query.question import Question
from api.records.atom import MEDIA_TYPE
from api.records.changes import PATHS, ChangeLine, LoadLine
from api.records.formats import JSON
from api.store.models import Change, Load

BLUEPRINT = Blueprint("changes", __name__)

SINCE = Parameter(
    "since",
    Text(),
    "What came after this: a `cursor` that an answer gave, the `revision` of a `coverage`, or a time. Without it, all.",
    "2024-01-01T00:00:00Z",
)
INCLUDE = Parameter("include", Code(("body",)), "`body`: each record as it is now beside its line.", "body")
OPTIONS = (
    SINCE,
    Parameter("record", ListOf(Code(tuple(PATHS))), "Types of records.", "dataset,event"),
    Parameter("action", ListOf(Code(values("change_action"))), "What happened.", "created,deleted"),
    INCLUDE,
)
# Cursors stay what they are, so a page is nothing to count.
_CURSOR = {
    "type": "string",
    "description": "Where this page ends: what `since` takes to go on from here, now or later.",
}
_ALIKE: dict[str, Any] = {"formats": (JSON,), "is_paged": False, "has_page": False, "tag_name": "changes"}
CHANGES = Endpoint("/v1/changes", "changes", None, (DATASET_OF_HISTORY,), options=OPTIONS, **_ALIKE)
FEED = Endpoint(
    "/v1/changes.atom",
    "changes",
    None,
    (DATASET_OF_HISTORY,),
    options=OPTIONS[1:3],
    formats=("atom",),
    is_paged=False,
    has_page=False,
)
RELEASES = Endpoint("/v1/releases", "changes", None, (DATASET_OF_HISTORY,), options=(SINCE,), **_ALIKE)

_EXAMPLES = {
    "dataset": "op1027",
    "document": "004_84814d1eef1d8517",
    "group": "arakan-army",
    "location": "mmr005024701",
    "event": "kawlin-town-captured-2023-11-06",
    "figure": "namhsan-killed-state-forces",
}


@BLUEPRINT.get("/v1/changes")
@describe(CHANGES, ChangeLine, "rows", more={"cursor": _CURSOR})
def list_changes() -> Response:
    """What changed, oldest first: records that were created, updated, withdrawn or merged, each with why and what.

    Ask with the last answer's `cursor` to go on; nothing is told twice and nothing left out, however long ago that was. A
    dataset's first load is one line, as is a load that changes very many records: it has `counts`, and `links.read` names
    the lists to read again.
    """
    return answered(
        format_or_page_asked(CHANGES.formats),
        lambda snapshot, format_: answer_changes(snapshot, CHANGES, format_, LISTINGS, _asked),
    )


@BLUEPRINT.get("/v1/changes.atom")
@describe_page(FEED, {MEDIA_TYPE: None}, statuses=IN_ONE_FORM, is_of_data=True)
def get_feed() -> Response:
    """The newest changes as an Atom feed (RFC 4287), for readers of feeds."""
    return answered(JSON, lambda snapshot, _format: answer_feed(snapshot, FEED, _asked))


def _asked(question: Question) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [true()]
    if DATASET_OF_HISTORY in question.filter_values:
        found.append(Change.dataset_id.in_(question.filter_values[DATASET_OF_HISTORY]))
    for name in ("record", "action"):
        if name in question.values:
            is_asked: ColumnElement[bool] = getattr(Change, name).in_(question.values[name])
            # What stands for many is part of what is asked, whichever records these are.
            found.append(or_(is_asked, Change.counts.is_not(None)) if name == "record" else is_asked)
    return and_(*found)


@BLUEPRINT.get("/v1/releases")
@describe(RELEASES, LoadLine, "rows", more={"cursor": _CURSOR})
def list_releases() -> Response:
    """Each load that changed something, oldest first, with how many records it created, updated and withdrew."""

    def which(question: Question) -> ColumnElement[bool]:
        asked = question.filter_values.get(DATASET_OF_HISTORY)
        return true() if asked is None else Load.dataset_id.in_(asked)

    return answered(
        format_or_page_asked(RELEASES.formats),
        lambda snapshot, format_: answer_loads(snapshot, RELEASES, format_, which),
    )


def _history_of(record: str) -> tuple[Endpoint, Callable[..., Response]]:
    """The path of the history of each record of a type, and its view."""
    endpoint = Endpoint(f"{PATHS[record]}/{{identity}}/history", "changes", None, options=(SINCE, INCLUDE), **_ALIKE)

    def view(identity: str) -> Response:
        def make(snapshot: Snapshot, format_: str) -> WholeAnswer:
            connection = snapshot.connection
            model: Any = LISTINGS[record].model
            which = None if "\0" in identity else lines_of_record(connection, record, identity)
            if which is None:
                owner = model.id if record == "dataset" else model.dataset_id
                dataset = None if "\0" in identity else connection.scalar(select(owner).where(model.id == identity))
                if dataset is None:
                    raise missing(connection, SingleRecord(record, model), identity)
                which = lines_of_many(dataset)
            lines = which
            return answer_changes(snapshot, endpoint, format_, LISTINGS, lambda _question: lines)

        return answered(format_or_page_asked(endpoint.formats), make)

    view.__name__ = f"get_{record}_history"
    view.__doc__ = f"""Every version of one {record}, oldest first: when, why and what changed.

    A record has no line of its own for a load that is told in one line: that one stands here too, with its `counts`. A
    withdrawn record keeps its history.
    """
    return endpoint, view


for _record, _example in _EXAMPLES.items():
    _endpoint, _view = _history_of(_record)
    BLUEPRINT.get(f"{PATHS[_record]}/<identity>/history")(
        describe(_endpoint, ChangeLine, "rows", _example, more={"cursor": _CURSOR})(_view)
    )
