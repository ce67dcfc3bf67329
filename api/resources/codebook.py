"""The codebook: every code list, with definitions in our own words and what other systems call the codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from api.answers.coverage import coverage
from api.answers.description import describe
from api.answers.lists import paged
from api.answers.responses import WholeAnswer, answered, written_pairs
from api.answers.single_records import SingleRecord, answer_record
from api.columns.snapshot import Snapshot
from api.domain.codebook import CODEBOOK, CodeList
from api.query.endpoint import Endpoint
from api.query.lookup.database import DatabaseLookUp
from api.query.parsing import parse
from api.records.code_lists import CODE_LIST
from api.records.formats import JSON
from api.records.renditions import json_bytes

BLUEPRINT = Blueprint("codebook", __name__)

LIST = Endpoint("/v1/codebook", "codebook", CODE_LIST, formats=(JSON,), is_record=True)
RECORD = Endpoint("/v1/codebook/{identity}", "codebook", CODE_LIST, formats=(JSON,), is_record=True)


def _bytes(code_list: CodeList) -> bytes:
    source: dict[str, Any] = {
        "id": code_list.name,
        "title": code_list.title,
        "description": code_list.description,
        "codes": [
            {
                "code": code.code,
                "label": code.label,
                "definition": code.definition,
                "parent": code.parent,
                "crosswalk": dict(code.crosswalk),
            }
            for code in code_list.codes
        ],
    }
    return json_bytes(CODE_LIST.record(source))


def _find(_state: Snapshot, identity: str) -> bytes | None:
    found = CODEBOOK.get(identity)
    return None if found is None else _bytes(found)


@BLUEPRINT.get("/v1/codebook")
@describe(LIST, CODE_LIST.schema(), "list")
def list_code_lists() -> Response:
    """Every code list with its codes, their definitions, and what other systems call them."""

    def make(snapshot: Snapshot, format_: str) -> WholeAnswer:
        question = parse(LIST, written_pairs(), format_, DatabaseLookUp(snapshot.connection, snapshot.copy))
        records = [_bytes(code_list) for code_list in CODEBOOK.values()]
        rest = {"total": len(records), "returned": len(records), "next": None}
        return paged(records, rest, coverage(snapshot, question))

    return answered((JSON,), make)


@BLUEPRINT.get("/v1/codebook/<identity>")
@describe(RECORD, CODE_LIST.schema(), "record", "event_type")
def get_code_list(identity: str) -> Response:
    """One code list by its name."""
    return answer_record(SingleRecord("code list", None, _find, tuple(CODEBOOK)), identity)
