"""Fields that several records share: date, location, links, references to other records."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import String, bindparam, func

from api.columns.tables import SHOWN_LEVELS
from api.records.fields import code, day, decimal, nested, schema, several, text, time
from api.records.shape import LINKS, Column, FlatColumn


def moment(value: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, `2026-11-20T08:00:00Z`."""
    return None if value is None else _moment(value)


# A load stamps all its records with one time.
@lru_cache(maxsize=16)
def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# The address of the service, which comes when flat rows are asked for.
_BASE = bindparam("base", type_=String(), required=False)


def texts(**meanings: str) -> tuple[FlatColumn, ...]:
    """Flat columns of text, by their names."""
    return tuple(FlatColumn(name, str, meaning) for name, meaning in meanings.items())


_Links = schema("Links", self=text("Where this record is, as a path."))


def links(path: str) -> Column:
    """The column of links for records that are found below this path."""
    return Column(
        LINKS,
        nested(_Links, "Where to go from here, as paths."),
        lambda row: {"self": f"{path}/{row['id']}"},
        copied={"link": lambda table: func.concat(_BASE, f"{path}/", table.id, type_=String())},
        flat=texts(link="Where this record is."),
    )


EventReference = schema("EventReference", id=text("The event's id."), title=text("Its title."))

GroupReference = schema(
    "GroupReference", id=text("The group's id."), name=text("Its name."), acronym=text("Its acronym.", null=True)
)

Period = schema(
    "Period",
    start=day("The earliest possible day."),
    end=day("The latest possible day, included."),
    precision=code("date_precision", "How precisely the time is known."),
)

Step = schema(
    "PathStep", id=text("The place's id."), name=text("Its name."), level=code("location_level", "Its level.")
)

Where = schema(
    "Place",
    id=text("The location's id."),
    name=text("Its name."),
    level=code("location_level", "Its level."),
    pcode=text("Its P-code.", null=True),
    precision=code("location_precision", "How precisely the place is known."),
    latitude=decimal("Degrees north, WGS 84; null where unknown."),
    longitude=decimal("Degrees east, WGS 84; null where unknown."),
    country=text("ISO 3166-1 alpha-3.", null=True),
    path=several(Step, "From the country down to this place."),
)

UPDATED_AT = Column(
    "updated_at", time("When the record last changed here, UTC."), lambda row: moment(row["updated_at"])
)
DATE = Column(
    "date",
    nested(Period, "When, by the earliest and the latest possible day."),
    lambda row: {"start": row["date_start"], "end": row["date_end"], "precision": row["date_precision"]},
)
LOCATION = Column(
    "location",
    nested(Where, "Where."),
    itemgetter("place"),
    flat=(
        *(
            FlatColumn(f"location_{name}", str, Where().fields[name].metadata["description"])
            for name in ("id", "name", "level", "pcode", "precision")
        ),
        FlatColumn("latitude", float, "Degrees north, WGS 84; empty where unknown."),
        FlatColumn("longitude", float, "Degrees east, WGS 84; empty where unknown."),
        *texts(country="ISO 3166-1 alpha-3."),
        *(
            FlatColumn(f"{shown}_{what}", str, f"The {word} of the {level.replace('_', ' ')} that it lies in.")
            for shown, level in SHOWN_LEVELS.items()
            for what, word in (("name", "name"), ("pcode", "P-code"))
        ),
    ),
)


def attribution_columns(documents: str) -> tuple[FlatColumn, ...]:
    """The flat columns of who says so; `documents` says which."""
    return texts(
        documents=f"The ids of {documents}, joined by semicolons.",
        outlets="Their outlets; a document whose outlet is not named is its own.",
        claimants="Whom they name as saying so: ids of groups, or words.",
    )
