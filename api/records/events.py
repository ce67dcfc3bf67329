"""The shape of an event: participants, figures, reports, and the totals of its flat row."""

from __future__ import annotations

from operator import attrgetter, itemgetter

from marshmallow import fields

from api.columns.tables import CIVILIANS_TOTALLED, SHOWN_ROLES, TOTALLED
from api.records.common import DATE, LOCATION, UPDATED_AT, EventReference, attribution_columns, links
from api.records.fields import code, column, flag, integer, nested, schema, several, text
from api.records.figures import EVENT_FIGURE_SHAPE, Report
from api.records.shape import Column, FlatColumn, Shape

Participant = schema(
    "Participant",
    id=text("The group's id."),
    name=text("Its name."),
    acronym=text("Its acronym.", null=True),
    role=code("role", "Its part in the event."),
    certainty=code("certainty", "How sure that part is."),
)


def _event_totals(measure: str) -> tuple[Column, ...]:
    """The flat columns of one measure, and of the civilians among them."""

    def bound(counted: str, name: str) -> Column:
        told = f"Total {counted.replace('_', ' ')} in this event alone, {name}; empty where no number is known."
        return Column(f"{counted}_{name}", integer(told, null=True), None)

    return (
        *(bound(measure, name) for name in ("low", "best", "high")),
        Column(
            f"{measure}_open_ended",
            flag("Whether it may be more, for one because a figure has no number; empty where there is no figure."),
            None,
        ),
        *(bound(f"{measure}_civilians", name) for name in ("low", "best", "high") if measure in CIVILIANS_TOTALLED),
    )


def _participants() -> tuple[FlatColumn, ...]:
    """The flat columns of who took part: ids and names, by role and altogether."""
    found: list[FlatColumn] = []
    for shown, role in SHOWN_ROLES.items():
        who = "every group that took part, in whatever role" if role is None else f"each {shown}"
        found.append(FlatColumn(f"{shown}s", str, f"The id of {who}, joined by semicolons."))
        found.append(FlatColumn(f"{shown}_names", str, "Their names, in the same order."))
    return tuple(found)


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
        Column("groups", several(Participant, "Who took part, and how."), itemgetter("groups"), flat=_participants()),
        *(total for measure in TOTALLED for total in _event_totals(measure)),
        column(
            "figures",
            several(EVENT_FIGURE_SHAPE.schema(), "What it cost people, and other counted things."),
            "figure_ids",
        ),
        Column(
            "reports",
            several(Report, "Which documents tell of it, where, and on whose word."),
            itemgetter("reports"),
            copied={"documents": attrgetter("document_ids")},
            flat=attribution_columns("the documents that tell of it or of its figures"),
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
