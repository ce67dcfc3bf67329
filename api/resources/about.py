"""What is about the service itself: the landing page, the description, the explorer, problems and health."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from flask import Blueprint, Response, current_app, render_template, request
from flask_swagger_ui import get_swaggerui_blueprint
from sqlalchemy import func, select, text

from api import __version__, docs
from api.answers import json_answer, reading, refuse_parameters, service
from api.errors import PROBLEMS, DatabaseAway, NotFound
from api.models import Dataset, Event, Figure
from api.renditions import json_bytes

BLUEPRINT = Blueprint("about", __name__, template_folder="../templates")

EXPLORER = get_swaggerui_blueprint(
    "/docs",
    "/openapi.json",
    config={
        "app_name": "Conflict events: explorer",
        "layout": "BaseLayout",
        "tryItOutEnabled": True,
        "docExpansion": "list",
        "defaultModelsExpandDepth": 0,
        # The badge of a validator elsewhere would send every visitor's description there.
        "validatorUrl": None,
    },
)

QUESTIONS = (
    {
        "text": "Who took part in the capture of Kawlin, and who says so?",
        "path": "/v1/events/kawlin-town-captured-2023-11-06",
    },
    {
        "text": "How many were killed in all, by population?",
        "path": "/v1/casualties/totals?measure=killed&group_by=population",
    },
    {"text": "How many people fled?", "path": "/v1/displacements/totals?measure=displaced"},
)
LISTS = (
    "/v1/events",
    "/v1/groups",
    "/v1/locations",
    "/v1/casualties",
    "/v1/displacements",
    "/v1/figures",
    "/v1/documents",
    "/v1/datasets",
)


def _loaded() -> list[dict[str, Any]]:
    """The datasets with how many events and figures each holds."""
    with reading() as connection:
        rows = connection.execute(select(Dataset.__table__).order_by(Dataset.id)).mappings().all()
        counts = {
            name: dict(connection.execute(select(model.dataset_id, func.count()).group_by(model.dataset_id)).all())
            for name, model in (("events", Event), ("figures", Figure))
        }
    return [{**row, "counts": {name: found.get(row["id"], 0) for name, found in counts.items()}} for row in rows]


@BLUEPRINT.get("/")
def landing() -> Response | str:
    """A short page for a browser, and the same as JSON for a client."""
    refuse_parameters("/")
    loaded = _loaded()
    if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return render_template("landing.html", datasets=loaded, questions=QUESTIONS, lists=LISTS)
    shown = ("id", "title", "release", "licence", "licence_url", "first_date", "last_date", "counts")
    body = {
        "title": "Conflict events",
        "version": __version__,
        "datasets": [{key: dataset[key] for key in shown} for dataset in loaded],
        "questions": QUESTIONS,
        "links": {
            "description": "/openapi.json",
            "explorer": "/docs/",
            **{path.split("/")[-1]: path for path in LISTS},
        },
    }
    return json_answer(json_bytes(body))


@cache
def _description(app_id: int) -> dict[str, Any]:
    # Made once for each application: the declarations do not change while it runs.
    del app_id
    return docs.description(current_app)


@BLUEPRINT.get("/openapi.json")
def openapi_json() -> Response:
    """The description, as JSON."""
    refuse_parameters("/openapi.json")
    return json_answer(json_bytes(_description(id(current_app._get_current_object()))))  # type: ignore[attr-defined]  # a proxy's own method


@BLUEPRINT.get("/openapi.yaml")
def openapi_yaml() -> Response:
    """The description, as YAML."""
    refuse_parameters("/openapi.yaml")
    found = as_yaml(_description(id(current_app._get_current_object())))  # type: ignore[attr-defined]  # as above
    return Response(found, content_type="application/yaml; charset=utf-8")


def as_yaml(description: dict[str, Any]) -> str:
    """The description as the file `openapi.yaml` holds it."""
    return yaml.safe_dump(description, sort_keys=False, allow_unicode=True, width=110)


@BLUEPRINT.get("/problems/<slug>")
def problem(slug: str) -> Response | str:
    """What one kind of problem means."""
    refuse_parameters(f"/problems/{slug}")
    for kind in PROBLEMS:
        if kind.slug == slug:
            page = docs.problem_page(kind)
            if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
                return render_template("problem.html", **page)
            return json_answer(json_bytes(page))
    raise NotFound(f"There is no kind of problem called '{slug}'.", extra={"near": [kind.slug for kind in PROBLEMS]})


@BLUEPRINT.get("/health/live")
def live() -> Response:
    """The process is up."""
    refuse_parameters("/health/live")
    return json_answer(json_bytes({"status": "ok"}))


@BLUEPRINT.get("/health/ready")
def ready() -> Response:
    """The database answers and is migrated. Errors: 503."""
    refuse_parameters("/health/ready")
    with reading() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    wanted = service().schema_version
    if found != wanted:
        raise DatabaseAway(
            f"The schema is at {found}, and this software needs {wanted}: run `conflict-events migrate`.",
            headers={"Retry-After": "5"},
        )
    return json_answer(json_bytes({"status": "ok", "schema": found}))
