"""Events, with who took part, what it cost, and the totals of their flat row. Knows no total but of one event."""

from __future__ import annotations

from collections.abc import Sequence

from marshmallow import fields

from api.contributions import Total, total
from api.declare.columns import Column, Shape
from api.shapes.fields import Source, code, flag, nested, plain, schema, several, text, whole
from api.shapes.figures import EVENT_FIGURE
from api.shapes.pieces import DATE, LOCATION, UPDATED_AT, EventReference, links
from api.shapes.said import ReportShape

# Measures whose totals stand in an event's flat row.
FLAT_MEASURES = ("killed", "injured", "captured", "displaced")

Participant = schema(
    "Participant",
    id=text("The group's id."),
    name=text("Its name."),
    acronym=text("Its acronym.", null=True),
    role=code("role", "Its part in the event."),
    certainty=code("certainty", "How sure that part is."),
)


def event_totals(figure_rows: Sequence[Source]) -> dict[str, Total | None]:
    """The total of each measure in an event's flat row, as the totals of the API would say it of this event alone."""
    found = {}
    for measure in FLAT_MEASURES:
        counted = [row for row in figure_rows if row["measure"] == measure and row["unit"] == "person"]
        found[measure] = total(counted) if counted else None
    return found


def _event_totals(measure: str) -> tuple[Column, ...]:
    """The flat columns of one measure."""

    def bound(name: str) -> Column:
        return Column(
            f"{measure}_{name}",
            whole(f"Total {measure} in this event alone, {name}; empty where no number is known.", null=True),
            lambda source: getattr(source["totals"][measure], name, None),
            is_flat_only=True,
        )

    return (
        *(bound(name) for name in ("low", "best", "high")),
        Column(
            f"{measure}_open_ended",
            flag("Whether it may be more, for one because a figure has no number; empty where there is no figure."),
            lambda source: getattr(source["totals"][measure], "is_open", None),
            is_flat_only=True,
        ),
    )


EVENT = Shape(
    "Event",
    (
        plain("id", text("Stable id.")),
        plain("dataset", text("The id of its dataset.")),
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
        ),
        plain("outcome", code("outcome", "How it ended.", null=True)),
        plain("groups", several(Participant, "Who took part, and how.")),
        *(column for measure in FLAT_MEASURES for column in _event_totals(measure)),
        plain("figures", several(EVENT_FIGURE.schema(), "What it cost people, and other counted things.")),
        plain("reports", several(ReportShape, "Which documents tell of it, where, and on whose word.")),
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
