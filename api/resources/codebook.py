"""The codebook: every code list, with definitions in our own words and what other systems call the codes."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers.lists import answer_all
from api.answers.routes import describe
from api.answers.single_records import SingleRecord, answer_record
from api.domain.codebook import CODEBOOK, CodeList
from api.query.endpoint import Endpoint
from api.records.code_lists import CODE_KEYS, CODE_LIST_SHAPE
from api.records.formats import JSON
from api.records.renditions import json_bytes

BLUEPRINT = Blueprint("codebook", __name__)

LIST = Endpoint("/v1/codebook", "codebook", CODE_LIST_SHAPE, formats=(JSON,), is_record=True)
RECORD = Endpoint("/v1/codebook/{identity}", "codebook", CODE_LIST_SHAPE, formats=(JSON,), is_record=True)


def _bytes(code_list: CodeList) -> bytes:
    source = {"id": code_list.name, "title": code_list.title, "description": code_list.description}
    return json_bytes(
        CODE_LIST_SHAPE.record(
            {**source, "codes": [{name: getattr(code, name) for name in CODE_KEYS} for code in code_list.codes]}
        )
    )


RECORDS = {name: _bytes(code_list) for name, code_list in CODEBOOK.items()}


@BLUEPRINT.get("/v1/codebook")
@describe(LIST, CODE_LIST_SHAPE.schema(), "list")
def list_code_lists() -> Response:
    """Every code list with its codes, their definitions, and what other systems call them."""
    return answer_all(LIST, tuple(RECORDS.values()))


@BLUEPRINT.get("/v1/codebook/<identity>")
@describe(RECORD, CODE_LIST_SHAPE.schema(), "record", "event_type")
def get_code_list(identity: str) -> Response:
    """One code list by its name."""
    return answer_record(SingleRecord("code list", known=RECORDS), identity)
