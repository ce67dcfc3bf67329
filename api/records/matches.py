"""What is told of events that may be the same in several datasets, and of how datasets differ over a place and period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.records.common import Period
from api.records.fields import code, decimal, flag, integer, nested, schema, several, text

MatchedToll = schema(
    "MatchedToll",
    low=integer("At least, as its totals have it.", null=True),
    best=integer("The best number; null where none is known.", null=True),
    high=integer("At most.", null=True),
    open_ended=flag("Whether it may be more."),
)
MatchedPlace = schema(
    "MatchedPlace",
    id=text("The location's id."),
    name=text("Its name."),
    precision=code("location_precision", "How precisely the place is known."),
    latitude=decimal("Degrees north, WGS 84; null where unknown."),
    longitude=decimal("Degrees east, WGS 84; null where unknown."),
)
MatchedLinks = schema("MatchedLinks", self=text("Where the event is, as a path."))
MatchedEvent = schema(
    "MatchedEvent",
    id=text("The event's id."),
    dataset=text("The id of its dataset."),
    release=text("The release that it comes from."),
    title=text("Its title."),
    kind=code("event_kind", "One happening, one that holds others, or a report about a period."),
    type=code("event_type", "What kind of thing happened."),
    subtype=code("event_subtype", "More exactly.", null=True),
    date=nested(Period, "When."),
    location=nested(MatchedPlace, "Where."),
    killed=nested(MatchedToll, "Who was killed in it alone; null where it tells of no dead.", null=True),
    links=nested(MatchedLinks, "Where to go from here."),
)
MatchParts = schema(
    "MatchParts",
    place=decimal("One place, near each other, or in one unit."),
    days=decimal("The same days, some of them, or few days apart."),
    sides=decimal("The share of the smaller set of groups that is in the other, with all that they belong to."),
    type=decimal("The same type and subtype, or types that publishers use for one fight."),
    toll=decimal("How close the numbers of killed are."),
)
_SCORE = "From 0 to 1: the weighted mean of its parts, of place (4), days (3), sides (2), type (1) and toll (2)."
_PARTS = "What the score is made of, each from 0 to 1; null where one of the two says nothing of it."
Match = schema(
    "Match",
    event=nested(MatchedEvent, "An event of another dataset."),
    score=decimal(_SCORE, null=False),
    parts=nested(MatchParts, _PARTS),
)
_KINDS = "`lacking`: it is paired with none of the other; `uncovered`: nor does the other cover those days; `toll`, `day`: both have it otherwise; `status`: one of them alone has a number."
Compared = schema(
    "Compared",
    datasets=several(fields.String(), "The two datasets."),
    first=nested(
        MatchedEvent, "The first one's event; null where none of its events is paired with the second one's.", null=True
    ),
    second=nested(
        MatchedEvent, "The second one's event; null where none of its events is paired with the first one's.", null=True
    ),
    score=decimal(_SCORE),
    parts=nested(MatchParts, _PARTS, null=True),
    differences=several(fields.String(), f"What they differ in. {_KINDS}"),
)
Said = schema(
    "Said",
    dataset=text("The id of a dataset."),
    events=integer("How many events it has there and then."),
    killed=nested(MatchedToll, "Its total of people killed, by the rules of totals.", null=True),
)
_OF = "How much of it is of events that "
Apart = schema(
    "Apart",
    datasets=several(fields.String(), "The two datasets."),
    paired=integer("How many events pair."),
    only_first=integer("How many of the first one are paired with none."),
    only_second=integer("How many of the second one are paired with none."),
    killed=integer("How many more people killed the first one tells of, by the best numbers of their totals."),
    lacking=integer(f"{_OF}are paired with none."),
    uncovered=integer(f"{_OF}are paired with none, on days that the other does not declare to cover."),
    toll=integer(f"{_OF}both have, with another number."),
    day=integer(f"{_OF}one of them has outside the period."),
    status=integer(f"{_OF}one of them alone has a number for."),
    rest=integer("What is left: people counted within another event, or a figure that lies elsewhere than its event."),
)


def matched_event(event: Any) -> dict[str, Any]:
    """An event as it is shown beside others."""
    names = ("id", "dataset", "release", "title", "kind", "type", "subtype")
    return {
        **{name: getattr(event, name) for name in names},
        "date": {"start": event.start, "end": event.end, "precision": event.date_precision},
        "location": {
            "id": event.location_id,
            "name": event.location_name,
            "precision": event.location_precision,
            "latitude": event.latitude,
            "longitude": event.longitude,
        },
        "killed": None if event.killed is None else toll(*event.killed),
        "links": {"self": f"/v1/events/{event.id}"},
    }


def toll(low: int | None, best: int | None, high: int | None, is_open: bool) -> Mapping[str, Any]:
    """Numbers of people killed as they are shown."""
    return {"low": low, "best": best, "high": high, "open_ended": is_open}
