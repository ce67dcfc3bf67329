"""The shape of an event: participants, figures, reports, and the totals of its flat row."""

from __future__ import annotations

from operator import attrgetter

from marshmallow import fields

from api.columns.tables import TOTALLED
from api.records.common import DATE, LOCATION, UPDATED_AT, EventReference, links
from api.records.fields import code, column, flag, integer, nested, schema, several, text
from api.records.figures import EVENT_FIGURE_SHAPE, ReportShape
from api.records.shape import Column, Shape

Participant = schema(
    "Participant",
    id=text("The group's id."),
    name=text("Its name."),
    acronym=text("Its acronym.", null=True),
    role=code("role", "Its part in the event."),
    certainty=code("certainty", "How sure that part is."),
)


def _event_totals(measure: str) -> tuple[Column, ...]:
    """The flat columns of one measure."""

    def bound(name: str) -> Column:
        return Column(
            f"{measure}_{name}",
            integer(f"Total {measure} in this event alone, {name}; empty where no number is known.", null=True),
            None,
        )

    return (
        *(bound(name) for name in ("low", "best", "high")),
        Column(
            f"{measure}_open_ended",
            flag("Whether it may be more, for one because a figure has no number; empty where there is no figure."),
            None,
        ),
    )


EVENT_SHAPE = Shape(
    "Event",
    (
        column("id", text("Stable id.")),
        column("dataset", text("The id of its dataset."), "dataset_id"),
        # Not in the stored bytes: it is put in where they are read (see api/store/stored_bytes.py).
        Column("release", text("The newest release of the dataset that holds it."), lambda _row: None),
        column("kind", code("event_kind", "One happening, one that holds others, or a report about a period.")),
        column("type", code("event_type", "What kind of thing happened.")),
        column("subtype", code("event_subtype", "More exactly.", null=True)),
        column("title", text("In our own words.")),
        column("summary", text("In our own words.", null=True)),
        DATE,
        LOCATION,
        Column(
            "part_of",
            nested(EventReference, "The episode that it is part of.", null=True),
            lambda row: None if row["part_of"] is None else {"id": row["part_of"], "title": row["part_of_title"]},
            copied={"part_of_id": attrgetter("part_of")},
        ),
        column("outcome", code("outcome", "How it ended.", null=True)),
        column("groups", several(Participant, "Who took part, and how."), "group_ids"),
        *(total for measure in TOTALLED for total in _event_totals(measure)),
        column(
            "figures",
            several(EVENT_FIGURE_SHAPE.schema(), "What it cost people, and other counted things."),
            "figure_ids",
        ),
        column(
            "reports", several(ReportShape, "Which documents tell of it, where, and on whose word."), "document_ids"
        ),
        column("coding_status", code("coding_status", "How far it was checked.")),
        column(
            "codes",
            fields.Dict(
                keys=fields.String(),
                required=True,
                allow_none=True,
                metadata={"description": "The publisher's own classification; null where there is none."},
            ),
        ),
        UPDATED_AT,
        links("/v1/events"),
    ),
)
