"""The usual way to answer the same question: objects by SQLAlchemy's ORM, marshmallow's `dump(many)`, orjson.

It reads the same tables, as it finds them in the database, and gives the newest hundred records as `/v1/events` does.
"""

from __future__ import annotations

import os
from typing import Any

import orjson
from flask import Flask, Response
from marshmallow import Schema, fields
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, raiseload, registry, relationship, selectinload

PAGE = 100
# A town lies in a district, that in a state, that in a country.
STEPS_UP = 4

# The tables whose rows are objects.
TABLES = ("location", "group", "event", "participation", "report", "figure", "claim")

_mapped = registry()


class LocationObject:
    """A place that knows the place it lies in."""

    @property
    def path(self: Any) -> list[Any]:
        above = [] if self.parent is None else self.parent.path
        return [*above, self]


class GroupObject:
    """A group."""


class ParticipationObject:
    """A group in an event."""


class ClaimObject:
    """A statement of a figure."""


class ReportObject:
    """A document's account of an event."""


class Placed:
    """What the schemas find under one key each: the period and the place of an event or figure."""

    @property
    def date(self) -> Any:
        return self

    @property
    def place(self) -> Any:
        return self


class FigureObject(Placed):
    """A figure with its claims."""

    @property
    def contains(self: Any) -> list[str]:
        return sorted(part.id for part in self.parts)


class EventObject(Placed):
    """An event with everything that hangs on it."""


def _map(engine: Engine) -> None:
    _mapped.metadata.reflect(engine, only=TABLES)
    tables = _mapped.metadata.tables
    location, figure, event, claim = (tables[name] for name in ("location", "figure", "event", "claim"))
    participation, report = tables["participation"], tables["report"]
    _mapped.map_imperatively(GroupObject, tables["group"])
    above = relationship(LocationObject, remote_side=[location.c.id], foreign_keys=[location.c.parent_id])
    _mapped.map_imperatively(LocationObject, location, properties={"parent": above})
    _mapped.map_imperatively(ParticipationObject, participation, properties={"group": relationship(GroupObject)})
    _mapped.map_imperatively(ClaimObject, claim)
    _mapped.map_imperatively(ReportObject, report)
    _mapped.map_imperatively(
        FigureObject,
        figure,
        properties={
            "at": relationship(LocationObject),
            "claims": relationship(ClaimObject, order_by=claim.c.position),
            "parts": relationship(FigureObject, foreign_keys=[figure.c.part_of], viewonly=True),
        },
    )
    _mapped.map_imperatively(
        EventObject,
        event,
        properties={
            "at": relationship(LocationObject),
            "whole": relationship(EventObject, remote_side=[event.c.id], foreign_keys=[event.c.part_of]),
            "parties": relationship(ParticipationObject, order_by=participation.c.position),
            "figures": relationship(FigureObject, order_by=figure.c.position),
            "reports": relationship(ReportObject, order_by=report.c.position),
        },
    )


class PeriodSchema(Schema):
    start = fields.Date(attribute="date_start")
    end = fields.Date(attribute="date_end")
    precision = fields.String(attribute="date_precision")


class StepSchema(Schema):
    id = fields.String()
    name = fields.String()
    level = fields.String()


class PlaceSchema(Schema):
    id = fields.String(attribute="location_id")
    name = fields.String(attribute="at.name")
    level = fields.String(attribute="at.level")
    pcode = fields.String(attribute="at.pcode")
    precision = fields.String(attribute="location_precision")
    latitude = fields.Float()
    longitude = fields.Float()
    country = fields.String(attribute="at.country")
    path = fields.List(fields.Nested(StepSchema), attribute="at.path")


class ParticipantSchema(Schema):
    id = fields.String(attribute="group_id")
    name = fields.String(attribute="group.name")
    acronym = fields.String(attribute="group.acronym")
    role = fields.String()
    certainty = fields.String()


class SaidSchema(Schema):
    document = fields.String(attribute="document_id")
    claimant = fields.String()
    chain = fields.List(fields.String())
    verification = fields.String()
    spans = fields.List(fields.List(fields.Integer()))


class ClaimSchema(SaidSchema):
    qualifier = fields.String()
    low = fields.Integer()
    best = fields.Integer()
    high = fields.Integer()
    preferred = fields.Boolean(attribute="is_preferred")


class FigureSchema(Schema):
    id = fields.String()
    family = fields.String()
    measure = fields.String()
    population = fields.String()
    object = fields.String()
    sex = fields.String()
    term = fields.String()
    unit = fields.String()
    low = fields.Integer()
    best = fields.Integer()
    high = fields.Integer()
    open_ended = fields.Boolean()
    qualifier = fields.String()
    status = fields.String()
    date = fields.Nested(PeriodSchema)
    location = fields.Nested(PlaceSchema, attribute="place")
    part_of = fields.String()
    nesting = fields.String()
    contains = fields.List(fields.String())
    reason = fields.String()
    claims = fields.List(fields.Nested(ClaimSchema))


class EventSchema(Schema):
    id = fields.String()
    dataset = fields.String(attribute="dataset_id")
    kind = fields.String()
    type = fields.String()
    subtype = fields.String()
    title = fields.String()
    summary = fields.String()
    date = fields.Nested(PeriodSchema)
    location = fields.Nested(PlaceSchema, attribute="place")
    part_of = fields.Nested(Schema.from_dict({"id": fields.String(), "title": fields.String()}), attribute="whole")
    outcome = fields.String()
    groups = fields.List(fields.Nested(ParticipantSchema), attribute="parties")
    figures = fields.List(fields.Nested(FigureSchema))
    reports = fields.List(fields.Nested(SaidSchema))
    coding_status = fields.String()
    codes = fields.Raw()
    updated_at = fields.Function(lambda event: str(event.updated_at))
    links = fields.Function(lambda event: {"self": f"/v1/events/{event.id}"})


def create_app() -> Flask:
    """The application, on the database of the environment."""
    app = Flask(__name__, static_folder=None)
    # As the service names its driver.
    engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    _map(engine)
    event = _mapped.metadata.tables["event"]
    schema = EventSchema(many=True)
    place = selectinload(EventObject.at).selectinload(LocationObject.parent, recursion_depth=STEPS_UP)  # type: ignore[attr-defined]  # mapped above
    figure = selectinload(EventObject.figures)  # type: ignore[attr-defined]  # mapped above
    figure_place = figure.selectinload(FigureObject.at)  # type: ignore[attr-defined]  # mapped above
    statement = (
        select(EventObject)
        .order_by(event.c.date_start.desc(), event.c.id.desc())
        .limit(PAGE)
        .options(
            place,
            selectinload(EventObject.whole),  # type: ignore[attr-defined]  # mapped above
            selectinload(EventObject.parties).selectinload(ParticipationObject.group),  # type: ignore[attr-defined]  # mapped above
            selectinload(EventObject.reports),  # type: ignore[attr-defined]  # mapped above
            figure.selectinload(FigureObject.claims),  # type: ignore[attr-defined]  # mapped above
            figure.selectinload(FigureObject.parts),  # type: ignore[attr-defined]  # mapped above
            figure_place.selectinload(LocationObject.parent, recursion_depth=STEPS_UP),  # type: ignore[attr-defined]  # mapped above
            # Whatever is not loaded at once would cost a query for each object.
            raiseload("*"),
        )
    )

    @app.get("/")
    def is_up() -> str:
        return "up"

    @app.get("/events")
    def events() -> Response:
        with Session(engine) as session:
            body = orjson.dumps({"data": schema.dump(session.scalars(statement).all())})
        return Response(body, content_type="application/json")

    return app
