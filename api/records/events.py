"""The shape of an event: participants, figures, reports, and the totals of its flat row."""

from __future__ import annotations

from operator import attrgetter

from marshmallow import fields

from api.columns.tables import TOTALLED
from api.records.common import DATE, LOCATION, UPDATED_AT, EventReference, links
from api.records.fields import code, flag, nested, plain, schema, several, text, whole
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
            whole(f"Total {measure} in this event alone, {name}; empty where no number is known.", null=True),
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
        plain("id", text("Stable id.")),
        plain("dataset", text("The id of its dataset."), "dataset_id"),
        plain("kind", code("event_kind", "One happening, one that holds others, or a report about a period.")),
        plain("type", code("event_type", "What kind of thing happened.")),
        plain("subtype", code("event_subtype", "More exactly.", null=True)),
        plain("title", text("In our own words.")),
        plain("summary", text("In our own words.", null=True)),
        DATE,
        LOCATION,
        Column(
            "part_of",
            nested(EventReference, "The episode that it is part of.", null=True),
            lambda row: None if row["part_of"] is None else {"id": row["part_of"], "title": row["part_of_title"]},
            copied={"part_of_id": attrgetter("part_of")},
        ),
        plain("outcome", code("outcome", "How it ended.", null=True)),
        plain("groups", several(Participant, "Who took part, and how."), "group_ids"),
        *(column for measure in TOTALLED for column in _event_totals(measure)),
        plain(
            "figures",
            several(EVENT_FIGURE_SHAPE.schema(), "What it cost people, and other counted things."),
            "figure_ids",
        ),
        plain("reports", several(ReportShape, "Which documents tell of it, where, and on whose word."), "document_ids"),
        plain("coding_status", code("coding_status", "How far it was checked.")),
        plain(
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
