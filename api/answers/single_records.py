"""Single records by id, with the answers for ids that are withdrawn or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from flask import Response, current_app, request
from sqlalchemy import Connection

from api.answers.asked_format import format_or_page_asked, written_pairs
from api.answers.coverage import kept_licence_links, licence_links
from api.answers.posted_questions import QUERY
from api.answers.responses import WholeAnswer, answered
from api.answers.routes import routes
from api.answers.service import service
from api.columns.snapshot import Snapshot
from api.domain.errors import NotFound, Withdrawn, nearest, suggestion
from api.query.endpoint import Endpoint
from api.query.lookup.database import near_ids
from api.query.parsing import parse
from api.records.common import moment
from api.records.formats import JSON, MEDIA_TYPES, PAGES
from api.store.record_types import tombstone
from api.store.revision import SingleRowReader

# How many addresses are told that end in what was taken for an id.
_MOST_PATHS = 4


class SingleRecord(NamedTuple):
    """How one record is found, and what it is called when it is not."""

    type: str
    model: Any = None
    find: Callable[[Snapshot, str], bytes | None] = lambda _snapshot, _identity: None
    # All of them by their ids, where no table has them.
    known: Mapping[str, bytes] = MappingProxyType({})
    # The revision and the record by one statement of the driver's, where its bytes are stored.
    find_quickly: Callable[[SingleRowReader, str], tuple[str, bytes] | None] = lambda _row_reader, _identity: None


def answer_record(found: SingleRecord, identity: str) -> Response:
    """One record by its id: the bare object. Errors: 404 with near matches; 410 with its tombstone."""

    # Of an id that nothing has, that is told, whatever else is asked of it.
    def quick_answer() -> tuple[str, WholeAnswer] | None:
        row = None if "\0" in identity else found.find_quickly(service().row_reader, identity)
        if row is not None:
            refuse_parameters(request.path)
        links = None if row is None else kept_licence_links(row[0], _dataset_of(row[1], identity))
        # What is not told yet in this revision needs a connection.
        return None if row is None or links is None else (row[0], WholeAnswer(row[1], MEDIA_TYPES[JSON], links))

    def make(snapshot: Snapshot, _format_: str) -> WholeAnswer:
        body = None if "\0" in identity else found.known.get(identity) or found.find(snapshot, identity)
        if body is None:
            raise missing(snapshot.connection, found, identity)
        refuse_parameters(request.path)
        links = () if found.model is None else licence_links(snapshot, _dataset_of(body, identity))
        return WholeAnswer(body, MEDIA_TYPES[JSON], links)

    return answered(format_or_page_asked((JSON,)), make, quick_answer)


def _dataset_of(body: bytes, identity: str) -> str:
    """The dataset that a record says it is of; a dataset has its own id. Inside text the quotes would be escaped."""
    _before, found, after = body.partition(b'"dataset":"')
    return after.partition(b'"')[0].decode() if found else identity


def refuse_parameters(path: str, forms: tuple[str, ...] = (JSON, *PAGES)) -> None:
    """Refuses whatever stands in the query of an address that takes nothing but a `format` of these, or not even that."""
    if request.args:
        endpoint = Endpoint(path, "", None, formats=forms, is_record=True, has_page=False)
        parse(endpoint, written_pairs(), JSON, cast(Any, None))


def missing(connection: Connection, found: SingleRecord, identity: str) -> Exception:
    """What is told of an id that no record has: 410 with its tombstone, or 404 with near matches."""
    if "\0" in identity:
        # PostgreSQL refuses to be asked about such text; nothing can have it as its id.
        return NotFound(f"There is no {found.type} of this id.", extra={"near": []})
    withdrawal = tombstone(connection, found.type, identity)
    if withdrawal is not None:
        tombstone_body = {
            "id": identity,
            "record": found.type,
            "dataset": withdrawal.dataset_id,
            "action": withdrawal.action,
            "at": moment(withdrawal.at),
            "reason": withdrawal.reason,
            "replaced_by": withdrawal.replaced_by,
        }
        return Withdrawn(f"The {found.type} '{identity}' was withdrawn.", extra={"tombstone": tombstone_body})
    if f"/{identity}" == QUERY:
        here = request.path.removesuffix(QUERY)
        return NotFound(
            f"Questions are posted to this address; by GET they are asked at {here}.", extra={"near": [here]}
        )
    near = nearest(identity, found.known) if found.model is None else near_ids(connection, found.model, identity)
    elsewhere = [*_parameter_called(identity), *_paths_called(identity)]
    told = f"There is no {found.type} '{identity}'."
    told += "".join(sentence for sentence, _path in elsewhere) or suggestion(next(iter(near), None))
    return NotFound(told, extra={"near": [*(path for _sentence, path in elsewhere), *near]})


def _parameter_called(name: str) -> list[tuple[str, str]]:
    """That the list in which a record was looked for has a parameter that is called so, and where it is; nothing where it has
    none."""
    listed = request.path.rpartition("/")[0]
    endpoints = (route.described.endpoint for route in routes(current_app) if route.path == listed)
    known = next((one.by_name[name] for one in endpoints if name in one.by_name), None)
    if known is None:
        return []
    example = f": {name}={known.example}" if known.example else ""
    return [(f" '{name}' is a parameter of {listed}{example}.", listed)]


def _paths_called(name: str) -> list[tuple[str, str]]:
    """Where lists and totals are that are called so, or nearly so beside the list, each in a sentence too."""
    listed = request.path.rpartition("/")[0]
    found = [
        route.path.rpartition("/") for route in routes(current_app) if route.method == "get" and not route.variable
    ]
    named = [
        (last, f"{above}/{last}")
        for above, _, last in found
        if last == name or (above == listed and nearest(name, [last]))
    ]
    return [(f" '{last}' is at {path}.", path) for last, path in named[:_MOST_PATHS]]
