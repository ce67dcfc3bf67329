"""Single records by id, with the answers for ids that are withdrawn or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from flask import Response, request
from sqlalchemy import Connection

from api.answers.responses import WholeAnswer, answered, written_pairs
from api.answers.service import service
from api.columns.snapshot import Snapshot
from api.domain.errors import NotFound, Withdrawn, nearest, suggestion
from api.query.endpoint import Endpoint
from api.query.lookup.database import near_ids
from api.query.parsing import parse
from api.records.common import moment
from api.records.formats import JSON, MEDIA_TYPES
from api.store.record_types import tombstone
from api.store.revision import Watch


class SingleRecord(NamedTuple):
    """How one record is found, and what it is called when it is not."""

    kind: str
    model: Any = None
    find: Callable[[Snapshot, str], bytes | None] = lambda _snapshot, _identity: None
    # All of them by their ids, where no table has them.
    known: Mapping[str, bytes] = MappingProxyType({})
    # The revision and the record by one statement of the driver's, where its bytes are stored.
    find_quickly: Callable[[Watch, str], tuple[str, bytes] | None] = lambda _watch, _identity: None


def answer_record(found: SingleRecord, identity: str) -> Response:
    """One record by its id: the bare object. Errors: 404 with near matches; 410 with its tombstone."""

    def at_once() -> tuple[str, WholeAnswer] | None:
        refuse_parameters(request.path)
        row = None if "\0" in identity else found.find_quickly(service().watch, identity)
        return None if row is None else (row[0], WholeAnswer(row[1], MEDIA_TYPES[JSON], ()))

    def make(snapshot: Snapshot, _format_: str) -> WholeAnswer:
        if "\0" in identity:
            # PostgreSQL refuses to be asked about such text; nothing can have it as its id.
            raise NotFound(f"There is no {found.kind} of this id.", extra={"near": []})
        body = found.known.get(identity) or found.find(snapshot, identity)
        if body is None:
            raise _gone_or_unknown(snapshot.connection, found, identity)
        return WholeAnswer(body, MEDIA_TYPES[JSON], ())

    return answered((JSON,), make, at_once)


def refuse_parameters(path: str, formats: tuple[str, ...] = (JSON,)) -> None:
    """Refuses whatever stands in the query of an address that takes nothing but `format`, or not even that."""
    if request.args:
        parse(Endpoint(path, "", None, formats=formats, is_record=True), written_pairs(), JSON, cast(Any, None))


def _gone_or_unknown(connection: Connection, found: SingleRecord, identity: str) -> Exception:
    left = tombstone(connection, found.kind, identity)
    if left is not None:
        told = {
            "id": identity,
            "record": found.kind,
            "dataset": left.dataset_id,
            "action": left.action,
            "at": moment(left.at),
            "reason": left.reason,
            "replaced_by": left.replaced_by,
        }
        return Withdrawn(f"The {found.kind} '{identity}' was withdrawn.", extra={"tombstone": told})
    near = nearest(identity, found.known) if found.model is None else near_ids(connection, found.model, identity)
    meant = next(iter(near), None)
    return NotFound(f"There is no {found.kind} '{identity}'.{suggestion(meant)}", extra={"near": near})
