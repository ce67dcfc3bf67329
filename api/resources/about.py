"""About the service itself: the start page, the description, kinds of problems, and health."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import yaml
from flask import Blueprint, Response, current_app, render_template
from sqlalchemy import func, select

from api import __version__
from api.answers.asked_format import format_or_page_asked
from api.answers.description import description
from api.answers.responses import WholeAnswer, answered, base, json_answer
from api.answers.routes import ANYWHERE, IN_ONE_FORM, describe_page
from api.answers.service import reading, service
from api.answers.service_pages import html_page, service_page, varying
from api.answers.single_records import refuse_parameters
from api.columns.reading_copy import by_dataset
from api.columns.snapshot import Snapshot
from api.columns.tables import EVENT, FIGURE
from api.domain.errors import PROBLEMS, DatabaseUnavailable, NotFound, Problem, refusal
from api.explorer.explore import explore_page
from api.records.formats import HTML, JSON, MARKDOWN, MEDIA_TYPES, PAGES
from api.records.markdown import markdown
from api.records.renditions import json_bytes
from api.records.service_pages import Description, Live, ProblemPage, Ready, StartPage, Version
from api.store.models import Dataset
from api.store.schema import is_new_enough

BLUEPRINT = Blueprint("about", __name__)

YAML, PLAIN = "application/yaml", "text/plain"

# What the start page asks of the corpus that comes with the service, where it is loaded.
CORPUS = "op1027"
QUESTIONS = (
    {
        "text": "How many soldiers were killed in Sagaing in November 2023, and who says so?",
        "path": f"/v1/casualties?dataset={CORPUS}&measure=killed&population=state_forces&location=Sagaing"
        "&date_from=2023-11-01&date_to=2023-11-30",
    },
    {
        "text": "Who took part in the capture of Kawlin, and who says so?",
        "path": "/v1/events/kawlin-town-captured-2023-11-06",
    },
    {
        "text": "How many people had to leave their homes?",
        "path": f"/v1/displacements/totals?dataset={CORPUS}&measure=displaced",
    },
)
# What there is to list, with what each list holds.
LISTS = (
    {"path": "/v1/events", "text": "What happened: when, where, who took part, and on whose word."},
    {"path": "/v1/groups", "text": "Armed groups, forces, governments and populations, with all their names."},
    {"path": "/v1/locations", "text": "Places from country to village, with P-codes and positions."},
    {"path": "/v1/casualties", "text": "People killed, injured, captured or missing."},
    {"path": "/v1/displacements", "text": "People who had to leave, and people who returned."},
    {"path": "/v1/figures", "text": "Every counted thing, houses and weapons included."},
    {"path": "/v1/documents", "text": "The reports that all of it is taken from."},
    {"path": "/v1/datasets", "text": "What is loaded, under which licence, and how to cite it."},
    {"path": "/v1/codebook", "text": "What every code means."},
    {"path": "/v1/changes", "text": "What was created, updated and withdrawn, from a cursor on."},
    {"path": "/v1/releases", "text": "What each load did."},
    {"path": "/v1/comparisons", "text": "What several datasets say of one place and period."},
    {"path": "/v1/methodology", "text": "How the data come about, what is not known, and how errors are corrected."},
)
LINKS = {
    "description": "/openapi.json",
    "explorer": "/",
    "manual": "/docs/",
    **{listed["path"].split("/")[-1]: listed["path"] for listed in LISTS},
    "ogc": "/ogc",
}


# --- The start page ----------------------------------------------------------------------------------------------


def _loaded(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The datasets with how many events and figures each holds."""
    rows = snapshot.connection.execute(select(Dataset.__table__).order_by(Dataset.id)).mappings().all()
    counts = {f"{table.name}s": by_dataset(snapshot.copy, table, func.count()) for table in (EVENT, FIGURE)}
    return [{**row, "counts": {name: found.get(row["id"], 0) for name, found in counts.items()}} for row in rows]


@BLUEPRINT.get("/")
@describe_page(
    service_page("/", JSON, has_page=True),
    {MEDIA_TYPES[JSON]: StartPage, **dict.fromkeys(MEDIA_TYPES[form] for form in PAGES)},
)
def get_start_page() -> Response:
    """The start page: what is loaded, three questions to begin with, and where everything is.

    For a browser, a page that explores the data: a map, a timeline, what it cost people, who took part and each event, of
    all that its filters say. They are called as those of the lists, and stand in the address.
    """
    form = format_or_page_asked((JSON,))

    def make(snapshot: Snapshot, _format: str) -> WholeAnswer:
        if form != HTML:
            _refuse_filters()
        loaded = _loaded(snapshot)
        shown = ("id", "title", "release", "licence", "licence_url", "citation", "first_date", "last_date", "counts")
        body = {
            "title": "Conflict events",
            "version": __version__,
            "datasets": [{key: dataset[key] for key in shown} for dataset in loaded],
            "questions": QUESTIONS if any(dataset["id"] == CORPUS for dataset in loaded) else (),
            "links": LINKS,
        }
        return WholeAnswer(json_bytes(body), MEDIA_TYPES[JSON], _START_LINKS)

    return answered(form, make, show=explore_page)


def _refuse_filters() -> None:
    """Errors: a Problem, where data are asked for with what only the page takes."""
    try:
        refuse_parameters("/")
    except Problem as problem:
        told = "Filters are of its page, which format=html gives; of data they are at /v1/events and other lists."
        raise refusal([replace(fault, message=f"{fault.message} {told}") for fault in problem.faults]) from None


# RFC 8631: where a tool finds the description and a person the manual.
_START_LINKS = (
    '</openapi.json>; rel="service-desc"; type="application/json"',
    '</docs/>; rel="service-doc"; type="text/html"',
    '</health/ready>; rel="status"',
)


@BLUEPRINT.get("/v1")
@describe_page(service_page("/v1", JSON), {MEDIA_TYPES[JSON]: Version}, statuses=IN_ONE_FORM)
def get_version() -> Response:
    """What there is to ask in this version of the API, as links."""
    refuse_parameters("/v1", forms=(JSON,))
    return json_answer(json_bytes({"title": "Conflict events", "version": __version__, "links": LINKS}))


# --- The description ---------------------------------------------------------------------------------------------


def _described(form: str, write: Callable[[dict[str, Any]], bytes]) -> bytes:
    """The description in one form; made once for each application, since its declarations do not change."""
    key = f"description as {form}"
    if key not in current_app.extensions:
        current_app.extensions[key] = write(description(current_app))
    found: bytes = current_app.extensions[key]
    return found


@BLUEPRINT.get("/openapi.json")
@describe_page(service_page("/openapi.json", JSON), {MEDIA_TYPES[JSON]: Description}, statuses=IN_ONE_FORM)
def get_description() -> Response:
    """This description, as JSON."""
    refuse_parameters("/openapi.json", forms=(JSON,))
    return json_answer(_described("JSON", json_bytes))


@BLUEPRINT.get("/openapi.yaml")
@describe_page(service_page("/openapi.yaml"), {YAML: Description}, statuses=IN_ONE_FORM)
def get_description_as_yaml() -> Response:
    """This description, as YAML."""
    refuse_parameters("/openapi.yaml", forms=())
    found = _described("YAML", lambda described: as_yaml(described).encode())
    return Response(found, content_type=f"{YAML}; charset=utf-8")


@BLUEPRINT.get("/llms.txt")
@describe_page(service_page("/llms.txt"), {PLAIN: None}, statuses=IN_ONE_FORM)
def get_guide_for_assistants() -> Response:
    """What this service is, where everything is and by which rules, for assistants that read text."""
    refuse_parameters("/llms.txt", forms=())
    return Response(render_template("llms.txt", lists=LISTS, base=base()), content_type=f"{PLAIN}; charset=utf-8")


class _Plain(yaml.SafeDumper):
    """Writes what is shared out in full: readers of OpenAPI need not know YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(found: Mapping[str, Any]) -> str:
    """The description as the file `openapi.yaml` holds it."""
    return yaml.dump(dict(found), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


# --- Kinds of problems -------------------------------------------------------------------------------------------


@BLUEPRINT.get("/problems/<slug>")
@describe_page(
    service_page("/problems/{slug}", JSON, has_page=True),
    {MEDIA_TYPES[JSON]: ProblemPage, **dict.fromkeys(MEDIA_TYPES[form] for form in PAGES)},
    "unknown-parameter",
    statuses=ANYWHERE | {404},
)
def get_problem(slug: str) -> Response:
    """What one kind of problem means, and what to do about it.

    A page for a browser, the same as JSON for a client. The `type` of every problem is the path of its page.
    """
    refuse_parameters(f"/problems/{slug}")
    form = format_or_page_asked((JSON,))
    for kind in PROBLEMS:
        if kind.slug == slug:
            page = {
                "type": f"/problems/{slug}",
                "title": kind.title,
                "status": kind.status,
                "meaning": kind.meaning,
                "remedy": kind.remedy,
            }
            if form == HTML:
                return html_page(render_template("problem_kind.html", **page))
            body = json_bytes(page)
            if form == MARKDOWN:
                return varying(Response(markdown(body), content_type=f"{MEDIA_TYPES[MARKDOWN]}; charset=utf-8"))
            return varying(json_answer(body))
    raise NotFound(f"There is no kind of problem called '{slug}'.", extra={"near": [kind.slug for kind in PROBLEMS]})


# --- Health ------------------------------------------------------------------------------------------------------


@BLUEPRINT.get("/health/live")
@describe_page(service_page("/health/live", JSON), {MEDIA_TYPES[JSON]: Live}, statuses=frozenset({400, 414, 500}))
def get_live() -> Response:
    """Whether the process is up."""
    refuse_parameters("/health/live", forms=(JSON,))
    return json_answer(json_bytes({"status": "ok"}))


@BLUEPRINT.get("/health/ready")
@describe_page(
    service_page("/health/ready", JSON), {MEDIA_TYPES[JSON]: Ready}, statuses=frozenset({400, 414, 500, 503})
)
def get_ready() -> Response:
    """Whether the database answers and is migrated; 503 where it is not."""
    refuse_parameters("/health/ready", forms=(JSON,))
    with reading() as snapshot:
        found = snapshot.connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    wanted = service().schema_version
    if not is_new_enough(found, wanted):
        raise DatabaseUnavailable(
            f"The schema is at {found}, and this software needs {wanted}: run `conflict-events migrate`.",
            headers={"Retry-After": "5"},
        )
    return json_answer(json_bytes({"status": "ok", "schema": found}))
