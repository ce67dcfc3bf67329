"""The shape of a row of totals."""

from __future__ import annotations

from marshmallow import fields

from api.records.fields import by_name, decimal, flag, integer, nested, schema, text

_VALUE = fields.String(allow_none=True)
_KEY = by_name(_VALUE, "The row's value in each dimension; null is not specified.")
_LABELS = by_name(_VALUE, "What these values are called.")
_Point = schema("Point", latitude=decimal("Degrees.", null=False), longitude=decimal("Degrees.", null=False))
_STARTS = by_name(
    fields.Date(), "Of dimensions of time, the first day of the row's bucket. In flat rows, as `week_start`."
)
_POINTS = by_name(
    nested(_Point, "Where it lies.", null=True),
    "Of dimensions of places, a point of the row's place to draw it at, and null where it has none. In flat"
    " rows, as `township_latitude` and `township_longitude`.",
)
_SPANNING = integer("How many of them reach beyond the row's period or the period asked for.")

FigureTotal = schema(
    "FigureTotal",
    key=_KEY,
    labels=_LABELS,
    starts=_STARTS,
    points=_POINTS,
    low=integer("The lowest the total can be; null where no figure has a number.", null=True),
    best=integer("The best total; null where no figure has a number.", null=True),
    high=integer("The highest by any number said; null where no figure has a number.", null=True),
    open_ended=flag("Whether it may be more than that."),
    floating=integer(
        "What `high` would gain if every figure that overlaps the row's period stood in it; null where nobody says how much.",
        null=True,
    ),
    figures=integer("How many figures it is made of."),
    numbered=integer("How many of them have a number."),
    unnumbered=integer("How many say some, and no number."),
    unknown=integer("How many say that the number is not known."),
    none_reported=integer("How many say that there were none."),
    spanning=_SPANNING,
    links=nested(schema("FiguresLink", figures=text("The figures of this row.")), "Where to go from here, as paths."),
)

EventTotal = schema(
    "EventTotal",
    key=_KEY,
    labels=_LABELS,
    starts=_STARTS,
    points=_POINTS,
    events=integer("How many events."),
    spanning=_SPANNING,
    links=nested(schema("EventsLink", events=text("The events of this row.")), "Where to go from here, as paths."),
)

# The top-level keys of rows of totals.
FIGURE_TOTAL_KEYS: tuple[str, ...] = tuple(FigureTotal._declared_fields)
EVENT_TOTAL_KEYS: tuple[str, ...] = tuple(EventTotal._declared_fields)
# Those of them that are numbers.
_NO_NUMBERS = ("key", "labels", "starts", "points", "links")
FIGURE_TOTAL_NUMBERS = tuple(key for key in FIGURE_TOTAL_KEYS if key not in _NO_NUMBERS)
EVENT_TOTAL_NUMBERS = tuple(key for key in EVENT_TOTAL_KEYS if key not in _NO_NUMBERS)
