"""The codebook: every code list, with definitions in our own words and what other systems call the codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from api.answers import OneOf, WholeAnswer, answered, coverage, one, paged, written_pairs
from api.asking.media_types import JSON
from api.asking.takes import Takes
from api.asking.understanding import ask
from api.codebook import CODEBOOK, CodeList
from api.columns.state import State
from api.docs import describe
from api.lookup.database import DatabaseLookUp
from api.renditions import json_bytes
from api.shapes.code_lists import CODE_LIST

BLUEPRINT = Blueprint("codebook", __name__)

LIST = Takes("/v1/codebook", "codebook", CODE_LIST, formats=(JSON,), is_record=True)
RECORD = Takes("/v1/codebook/{identity}", "codebook", CODE_LIST, formats=(JSON,), is_record=True)


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


def _find(_state: State, identity: str) -> bytes | None:
    found = CODEBOOK.get(identity)
    return None if found is None else _bytes(found)


@BLUEPRINT.get("/v1/codebook")
@describe(LIST, CODE_LIST.schema(), "list")
def list_code_lists() -> Response:
    """Every code list with its codes, their definitions, and what other systems call them."""

    def make(state: State, format_: str) -> WholeAnswer:
        question = ask(LIST, written_pairs(), format_, DatabaseLookUp(state.connection, state.copy))
        records = [_bytes(code_list) for code_list in CODEBOOK.values()]
        rest = {"total": len(records), "returned": len(records), "next": None}
        return paged(records, rest, coverage(state, question))

    return answered((JSON,), make)


@BLUEPRINT.get("/v1/codebook/<identity>")
@describe(RECORD, CODE_LIST.schema(), "record", "event_type")
def get_code_list(identity: str) -> Response:
    """One code list by its name."""
    return one(OneOf("code list", None, _find, tuple(CODEBOOK)), identity)
