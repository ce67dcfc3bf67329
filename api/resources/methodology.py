"""The methodology: sources, definitions, verification, gaps and corrections, and of each dataset what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response
from marshmallow import fields
from sqlalchemy import ColumnElement, and_, func, select

from api.answers.asked_format import format_or_page_asked
from api.answers.responses import WholeAnswer, answered
from api.answers.routes import describe
from api.answers.service import service
from api.answers.service_pages import service_page
from api.answers.single_records import refuse_parameters
from api.columns.reading_copy import by_dataset
from api.columns.snapshot import Snapshot
from api.columns.tables import DOCUMENT, EVENT, FIGURE
from api.domain.codebook import CODEBOOK, values
from api.domain.methodology import SECTIONS, STANDARDS, Section
from api.records.fields import day, flag, integer, nested, schema, several, text
from api.records.formats import JSON, MEDIA_TYPES
from api.records.renditions import json_bytes
from api.store.models import Dataset

BLUEPRINT = Blueprint("methodology", __name__)

_CASUALTIES = FIGURE.c.family == "casualty"
_PRECISIONS = values("location_precision")
# What is not known of figures: under its name, what it says and of which figures it holds.
GAPS: Mapping[str, tuple[str, ColumnElement[bool]]] = {
    "figures_without_number": ("Figures without a number.", FIGURE.c.status.in_(("unnumbered", "unknown"))),
    "figures_of_one_root": ("Figures that rest on one independent source.", FIGURE.c.roots == 1),
    "figures_placed_in_a_region_at_best": (
        "Figures whose place is known no better than its state or region.",
        FIGURE.c.location_precision.in_(_PRECISIONS[_PRECISIONS.index("state_or_region") :]),
    ),
    "casualties_without_sex": (
        "Figures of casualties that do not say which sex.",
        and_(_CASUALTIES, FIGURE.c.sex == "unspecified"),
    ),
    "casualties_without_age": (
        "Figures of casualties that do not say which age.",
        and_(_CASUALTIES, FIGURE.c.age == "unspecified"),
    ),
    "casualties_without_cause": (
        "Figures of casualties that do not say by what.",
        and_(_CASUALTIES, FIGURE.c.cause == "unknown"),
    ),
}
_COUNTED = (EVENT, FIGURE, DOCUMENT)
_SHOWN = (
    *("id", "title", "publisher", "release", "description", "licence", "licence_url", "citation", "is_redistributable"),
    *("first_date", "last_date"),
)

_Standard = schema("Standard", name=text("Its name."), publisher=text("Whose it is."), url=text("Where it is."))
_Section = schema(
    "MethodologySection",
    id=text("Its name, which stays."),
    title=text("Its title."),
    text=several(fields.String(), "Its paragraphs."),
    code_lists=several(
        schema(
            "MethodologyCodeList",
            id=text("The list's name."),
            title=text("Its title."),
            description=text("What it is for."),
            link=text("Where its codes are defined, as a path."),
        ),
        "The code lists that it rests on.",
    ),
    links=several(fields.String(), "Where to ask for more, as paths."),
)
_Dataset = schema(
    "MethodologyDataset",
    id=text("Its id."),
    title=text("Its title."),
    publisher=text("Who publishes it."),
    release=text("Which release is loaded."),
    description=text("What it holds, and how it was made."),
    licence=text("Under which terms."),
    licence_url=text("Where the terms are.", null=True),
    citation=text("How to cite it."),
    is_redistributable=flag("Whether it may be passed on."),
    first_date=day("The first day it covers.", null=True),
    last_date=day("The last day it covers.", null=True),
    counts=nested(
        schema("MethodologyCounts", **{f"{table.name}s": integer(f"{table.name.title()}s.") for table in _COUNTED}),
        "What it holds.",
    ),
    gaps=nested(
        schema("MethodologyGaps", **{name: integer(described) for name, (described, _holds) in GAPS.items()}),
        "What is not known of how many of its figures.",
    ),
)
Methodology = schema(
    "Methodology",
    title=text("What this is."),
    contact=text("Whom to tell of errors; null where nobody is named.", null=True),
    standards=several(_Standard, "The texts that say what has to be told."),
    sections=several(_Section, "How the data come about, part by part."),
    datasets=several(_Dataset, "What is loaded, and what is not known of it."),
)


@BLUEPRINT.get("/v1/methodology")
@describe(service_page("/v1/methodology", JSON, tag="methodology", has_page=True), Methodology, "record")
def get_methodology() -> Response:
    """How the data come about: sources, definitions, verification, gaps and corrections.

    In the parts that the Standards for Casualty Recording and the metadata of SDG indicator 16.1.2 ask for, with what is
    not known of each dataset that is loaded. A page for a browser, the same as JSON for a client.
    """
    refuse_parameters("/v1/methodology")
    return answered(
        format_or_page_asked((JSON,)),
        lambda snapshot, _form: WholeAnswer(json_bytes(_body(snapshot)), MEDIA_TYPES[JSON], ()),
    )


def _body(snapshot: Snapshot) -> dict[str, Any]:
    """The whole of it, of this state of the data."""
    return {
        "title": "How the data come about",
        "contact": service().settings.contact or None,
        "standards": [asdict(standard) for standard in STANDARDS],
        "sections": [_section_body(section) for section in SECTIONS],
        "datasets": _loaded(snapshot),
    }


def _section_body(section: Section) -> dict[str, Any]:
    """A section with the code lists that it names."""
    lists = [CODEBOOK[name] for name in section.code_lists]
    told = [
        {"id": one.name, "title": one.title, "description": one.description, "link": f"/v1/codebook/{one.name}"}
        for one in lists
    ]
    return {**asdict(section), "code_lists": told}


def _loaded(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The datasets, what each holds, and what is not known of it."""
    rows = snapshot.connection.execute(select(Dataset.__table__).order_by(Dataset.id)).mappings().all()
    counts = {f"{table.name}s": by_dataset(snapshot.copy, table, func.count()) for table in _COUNTED}
    gaps = {
        name: by_dataset(snapshot.copy, FIGURE, func.count().filter(condition))
        for name, (_described, condition) in GAPS.items()
    }
    return [
        {
            **{name: row[name] for name in _SHOWN},
            "counts": {name: found.get(row["id"], 0) for name, found in counts.items()},
            "gaps": {name: found.get(row["id"], 0) for name, found in gaps.items()},
        }
        for row in rows
    ]
