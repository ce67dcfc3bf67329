"""The records as clients see them: for each, its columns in order. Knows no table and no request.

The `value` of a column finds its value in a plain mapping: the row of the record, with what hangs on it under names of
its own (`path`, `groups`, `figures`, `reports`, ...), as renditions.py and the resources gather it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from marshmallow import Schema, fields

from api.codebook import values
from api.contributions import Quantity, total
from api.declare.columns import Column, Shape

Source = Mapping[str, Any]


def moment(value: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, `2026-11-20T08:00:00Z`."""
    return None if value is None else _moment(value)


# A load stamps all its records with one time.
@lru_cache(maxsize=16)
def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(description: str, *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": description})


def _whole(description: str, *, null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null, metadata={"description": description})


def _decimal(description: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": description})


def _day(description: str, *, null: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=null, metadata={"description": description})


def _time(description: str) -> fields.DateTime:
    return fields.DateTime(required=True, metadata={"description": description})


def _flag(description: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": description})


def _code(code_list: str, description: str, *, null: bool = False) -> fields.String:
    allowed = [*values(code_list), None] if null else list(values(code_list))
    return fields.String(
        required=True,
        allow_none=null,
        metadata={"description": f"{description} Codebook: `{code_list}`.", "enum": allowed},
    )


def _nested(schema: type[Schema], description: str, *, null: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, allow_none=null, metadata={"description": description})


def _list(inner: fields.Field[Any] | type[Schema], description: str) -> fields.List[Any]:
    field: fields.Field[Any] = inner if isinstance(inner, fields.Field) else fields.Nested(inner)
    return fields.List(field, required=True, metadata={"description": description})


def _schema(name: str, /, **found: fields.Field[Any]) -> type[Schema]:
    return Schema.from_dict(dict(found), name=name)


def _key(name: str) -> Callable[[Source], Any]:
    return itemgetter(name)


def plain(key: str, field: fields.Field[Any]) -> Column:
    """A column that shows what the row holds under the same name."""
    return Column(key, field, _key(key))


_Links = _schema("Links", self=_text("Where this record is, as a path."))


def _links(path: str) -> Column:
    return Column(
        "links", _nested(_Links, "Where to go from here, as paths."), lambda row: {"self": f"{path}/{row['id']}"}
    )


UPDATED_AT = Column(
    "updated_at", _time("When the record last changed here, UTC."), lambda source: moment(source["updated_at"])
)

# --- Pieces that several records share ---------------------------------------------------------------------------

_SPANS = fields.List(
    fields.List(fields.Integer(), metadata={"minItems": 2, "maxItems": 2}),
    required=True,
    metadata={"description": "Where in the document, in characters: start (from 0) and end (exclusive)."},
)

Period = _schema(
    "Period",
    start=_day("The earliest possible day."),
    end=_day("The latest possible day, included."),
    precision=_code("date_precision", "How precisely the time is known."),
)

Step = _schema(
    "PathStep", id=_text("The place's id."), name=_text("Its name."), level=_code("location_level", "Its level.")
)

Where = _schema(
    "Place",
    id=_text("The location's id."),
    name=_text("Its name."),
    level=_code("location_level", "Its level."),
    pcode=_text("Its P-code.", null=True),
    precision=_code("location_precision", "How precisely the place is known."),
    latitude=_decimal("Degrees north, WGS 84; null where unknown."),
    longitude=_decimal("Degrees east, WGS 84; null where unknown."),
    country=_text("ISO 3166-1 alpha-3.", null=True),
    path=_list(Step, "From the country down to this place."),
)

EventReference = _schema("EventReference", id=_text("The event's id."), title=_text("Its title."))
GroupReference = _schema(
    "GroupReference", id=_text("The group's id."), name=_text("Its name."), acronym=_text("Its acronym.", null=True)
)

DATE = Column(
    "date",
    _nested(Period, "When, by the earliest and the latest possible day."),
    lambda row: {"start": row["date_start"], "end": row["date_end"], "precision": row["date_precision"]},
)
LOCATION = Column("location", _nested(Where, "Where."), _key("place"))

_SAID: dict[str, fields.Field[Any]] = {
    "claimant": _text("Who says so: a group's id, or words; null where the document speaks itself.", null=True),
    "chain": _list(fields.String(), "From the first mouth to the last before this document."),
    "verification": _code("verification", "How well it is verified."),
}

ReportShape = _schema("Report", document=_text("The document's id."), **_SAID, spans=_SPANS)

ClaimShape = _schema(
    "Claim",
    document=_text("The document's id."),
    claimant=_SAID["claimant"],
    chain=_SAID["chain"],
    qualifier=_code("qualifier", "The word the report puts to its number."),
    low=_whole("The lowest number that was said.", null=True),
    best=_whole("The number that was said.", null=True),
    high=_whole("The highest number that was said.", null=True),
    verification=_SAID["verification"],
    preferred=_flag("Whether the figure takes its bounds from this claim."),
    spans=_SPANS,
)

Participant = _schema(
    "Participant",
    id=_text("The group's id."),
    name=_text("Its name."),
    acronym=_text("Its acronym.", null=True),
    role=_code("role", "Its part in the event."),
    certainty=_code("certainty", "How sure that part is."),
)

# --- Figures -----------------------------------------------------------------------------------------------------

_FIGURE_BODY = (
    plain("family", _code("family", "The family of the measure.")),
    plain("measure", _code("measure", "What is counted.")),
    plain("population", _code("population", "Whose people; null for things.", null=True)),
    plain("object", _code("object", "Which things; null for people.", null=True)),
    plain("sex", _code("sex", "Of which sex; null for things.", null=True)),
    plain("term", _code("term", "The kind of displacement.", null=True)),
    plain("unit", _code("unit", "What one of it is.")),
    plain("low", _whole("The lowest it can be; null is unknown.", null=True)),
    plain("best", _whole("The best single number; null is unknown.", null=True)),
    plain("high", _whole("The highest it can be; null is unknown.", null=True)),
    plain("open_ended", _flag("Whether it may be more than any number said.")),
    plain("qualifier", _code("qualifier", "The word that came with the number.", null=True)),
    plain("status", _code("status", "Whether there is a number, and if not, why.")),
    DATE,
    LOCATION,
    plain("part_of", _text("The id of the figure that contains this one.", null=True)),
    plain("nesting", _code("nesting", "How sure the containment is.", null=True)),
    plain("contains", _list(fields.String(), "The ids of the figures that this one contains.")),
    plain("reason", _text("Why the bounds are the coder's; null where they are the preferred claim's.", null=True)),
    plain("claims", _list(ClaimShape, "What each report says of it; never to be summed.")),
)

FIGURE = Shape(
    "Figure",
    (
        plain("id", _text("Stable id.")),
        plain("dataset", _text("The id of its dataset.")),
        Column(
            "event",
            _nested(EventReference, "The event that it belongs to."),
            lambda row: {"id": row["event_id"], "title": row["event_title"]},
        ),
        *_FIGURE_BODY,
        UPDATED_AT,
        _links("/v1/figures"),
    ),
)

EVENT_FIGURE = Shape("EventFigure", (plain("id", _text("Stable id.")), *_FIGURE_BODY))

# --- Events ------------------------------------------------------------------------------------------------------

# Measures whose totals stand in an event's flat row.
FLAT_MEASURES = ("killed", "injured", "captured", "displaced")


def event_totals(figure_rows: Sequence[Source]) -> dict[str, Quantity | None]:
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
            _whole(f"Total {measure} in this event alone, {name}; empty where no number is known.", null=True),
            lambda source: getattr(source["totals"][measure], name, None),
            is_flat_only=True,
        )

    return (
        *(bound(name) for name in ("low", "best", "high")),
        Column(
            f"{measure}_open_ended",
            _flag("Whether it may be more; empty where no number is known."),
            lambda source: getattr(source["totals"][measure], "is_open", None),
            is_flat_only=True,
        ),
    )


EVENT = Shape(
    "Event",
    (
        plain("id", _text("Stable id.")),
        plain("dataset", _text("The id of its dataset.")),
        plain("kind", _code("event_kind", "One happening, one that holds others, or a report about a period.")),
        plain("type", _code("event_type", "What kind of thing happened.")),
        plain("subtype", _code("event_subtype", "More exactly.", null=True)),
        plain("title", _text("In our own words.")),
        plain("summary", _text("In our own words.", null=True)),
        DATE,
        LOCATION,
        Column(
            "part_of",
            _nested(EventReference, "The episode that it is part of.", null=True),
            lambda row: None if row["part_of"] is None else {"id": row["part_of"], "title": row["part_of_title"]},
        ),
        plain("outcome", _code("outcome", "How it ended.", null=True)),
        plain("groups", _list(Participant, "Who took part, and how.")),
        *(column for measure in FLAT_MEASURES for column in _event_totals(measure)),
        plain("figures", _list(EVENT_FIGURE.schema(), "What it cost people, and other counted things.")),
        plain("reports", _list(ReportShape, "Which documents tell of it, where, and on whose word.")),
        plain("coding_status", _code("coding_status", "How far it was checked.")),
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
        _links("/v1/events"),
    ),
)

# --- Groups, locations, documents, datasets, code lists ----------------------------------------------------------

Alias = _schema(
    "Alias",
    name=_text("A further name, as met."),
    language=_text("Its language, ISO 639.", null=True),
    document=_text("The document it was met in.", null=True),
)
ExternalCode = _schema("ExternalCode", scheme=_text("The other system."), code=_text("What it calls the group."))
Relation = _schema(
    "Relation",
    type=_code("relation_type", "How they relate."),
    direction=fields.String(
        required=True,
        metadata={"description": "`from`: this group is the subject; `to`: the object.", "enum": ["from", "to"]},
    ),
    group=_nested(GroupReference, "The other group."),
    valid_from=_day("Since when, where known.", null=True),
    valid_to=_day("Until when, where known.", null=True),
    document=_text("The document that says so.", null=True),
)

_EVENT_COUNTS = (
    plain("events", _whole("How many matching events.")),
    plain("first_date", _day("The first day of the first of them.", null=True)),
    plain("last_date", _day("The last day of the last of them.", null=True)),
)

GROUP = Shape(
    "Group",
    (
        plain("id", _text("Stable id.")),
        plain("name", _text("Its name.")),
        plain("acronym", _text("Its acronym.", null=True)),
        plain("group_kind", _code("group_kind", "What kind of group.")),
        plain("country", _text("ISO 3166-1 alpha-3.", null=True)),
        plain("description", _text("In our own words.", null=True)),
        plain("aliases", _list(Alias, "Further names, each as met.")),
        plain("codes", _list(ExternalCode, "What other systems call it.")),
        plain("relations", _list(Relation, "How it relates to other groups, from both sides.")),
        *_EVENT_COUNTS,
        plain("dataset", _text("The dataset that brought it.")),
        UPDATED_AT,
        _links("/v1/groups"),
    ),
)

LOCATION_RECORD = Shape(
    "Location",
    (
        plain("id", _text("Stable id.")),
        plain("name", _text("Its name.")),
        plain("native_name", _text("Its name in its own script.", null=True)),
        plain("level", _code("location_level", "Its level.")),
        plain("pcode", _text("Its P-code.", null=True)),
        plain("country", _text("ISO 3166-1 alpha-3.", null=True)),
        plain("latitude", _decimal("Degrees north, WGS 84; null where unknown.")),
        plain("longitude", _decimal("Degrees east, WGS 84; null where unknown.")),
        plain("uncertainty_km", _decimal("How far the point may be from any part of the place.")),
        plain("position_basis", _text("How the position is known.", null=True)),
        plain("parent", _nested(Step, "The place that it lies in.", null=True)),
        plain("path", _list(Step, "From the country down to this place.")),
        plain("aliases", _list(Alias, "Further names, each as met.")),
        plain("children", _whole("How many places lie directly in it.")),
        *_EVENT_COUNTS,
        plain("dataset", _text("The dataset that brought it.")),
        UPDATED_AT,
        _links("/v1/locations"),
    ),
)

Supports = _schema(
    "Supports", events=_whole("Matching events that it reports."), figures=_whole("Matching figures that it speaks of.")
)

DOCUMENT = Shape(
    "Document",
    (
        plain("id", _text("Stable id.")),
        plain("dataset", _text("The dataset that it was coded for.")),
        plain("outlet", _text("Who published it.")),
        plain("outlet_basis", _code("published_on_basis", "Whether the outlet is stated or inferred.")),
        plain("agencies", _list(fields.String(), "Agencies and outlets that it relays.")),
        plain("title", _text("In our own words where the text has none.", null=True)),
        plain("published_on", _day("When it was published.", null=True)),
        plain("published_on_basis", _code("published_on_basis", "How that date is known.", null=True)),
        plain("published_on_reason", _text("From what.", null=True)),
        plain("language", _text("ISO 639.", null=True)),
        plain("sha256", _text("The hash of the text file.", null=True)),
        plain("length", _whole("Its length in characters.", null=True)),
        plain("supports", _nested(Supports, "What it supports.")),
        UPDATED_AT,
        _links("/v1/documents"),
    ),
)

Counts = _schema(
    "DatasetCounts",
    events=_whole("Events."),
    figures=_whole("Figures."),
    claims=_whole("Claims."),
    documents=_whole("Documents."),
    groups=_whole("Groups that it brought."),
    locations=_whole("Locations that it brought."),
)

DATASET = Shape(
    "Dataset",
    (
        plain("id", _text("Stable id.")),
        plain("title", _text("Its title.")),
        plain("publisher", _text("Who publishes it.")),
        plain("description", _text("What it is.", null=True)),
        plain("licence", _text("Under which terms.")),
        plain("licence_url", _text("Where the terms are.", null=True)),
        plain("citation", _text("How to cite it.")),
        plain("release", _text("Which release is loaded.")),
        plain("is_redistributable", _flag("Whether its terms let you pass it on.")),
        plain("first_date", _day("The first day of its declared period.", null=True)),
        plain("last_date", _day("The last day of its declared period.", null=True)),
        Column("loaded_at", _time("When it was last loaded, UTC."), lambda row: moment(row["loaded_at"])),
        plain("content_hash", _text("The hash of what was loaded.")),
        plain("counts", _nested(Counts, "How much it holds.")),
        UPDATED_AT,
        _links("/v1/datasets"),
    ),
)

CodeShape = _schema(
    "Code",
    code=_text("As it stands in records and parameters."),
    label=_text("For people."),
    definition=_text("What it means."),
    parent=_text("The code that it belongs to, in another list.", null=True),
    crosswalk=fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "What other systems call it, by system."},
    ),
)

CODE_LIST = Shape(
    "CodeList",
    (
        plain("id", _text("The list's name.")),
        plain("title", _text("Its title.")),
        plain("description", _text("What it is for.")),
        plain("codes", _list(CodeShape, "Its codes, in their order.")),
        _links("/v1/codebook"),
    ),
)

# --- Totals ------------------------------------------------------------------------------------------------------


def _by_dimension(description: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": description},
    )


_KEY = _by_dimension("The row's value in each dimension; null is not specified.")
_LABELS = _by_dimension("What these values are called.")
_SPANNING = _whole("How many of them reach beyond the row's period or the period asked for.")

FigureTotal = _schema(
    "FigureTotal",
    key=_KEY,
    labels=_LABELS,
    low=_whole("The lowest the total can be; null where no figure has a number.", null=True),
    best=_whole("The best total; null where no figure has a number.", null=True),
    high=_whole("The highest by any number said; null where no figure has a number.", null=True),
    open_ended=_flag("Whether it may be more than that."),
    figures=_whole("How many figures it is made of."),
    numbered=_whole("How many of them have a number."),
    unnumbered=_whole("How many say some, and no number."),
    unknown=_whole("How many say that the number is not known."),
    none_reported=_whole("How many say that there were none."),
    spanning=_SPANNING,
    links=_nested(
        _schema("FiguresLink", figures=_text("The figures of this row.")), "Where to go from here, as paths."
    ),
)

EventTotal = _schema(
    "EventTotal",
    key=_KEY,
    labels=_LABELS,
    events=_whole("How many events."),
    spanning=_SPANNING,
    links=_nested(_schema("EventsLink", events=_text("The events of this row.")), "Where to go from here, as paths."),
)

# The top-level keys of rows of totals.
FIGURE_TOTAL_KEYS: tuple[str, ...] = tuple(FigureTotal._declared_fields)
EVENT_TOTAL_KEYS: tuple[str, ...] = tuple(EventTotal._declared_fields)
