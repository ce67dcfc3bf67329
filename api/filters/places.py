"""Where: by the places that it lies in and, with points.py, all that asks where. Knows no coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import among, held_in, named, no_coarser
from api.declare.values import Parameter, Several, Word
from api.filters.points import BBOX, NEAR


def _in_places(value: Sequence[Any], on: Any) -> ColumnElement[bool]:
    """Lies in the subtree of any of these locations: one comparison for each, by the column of its level."""
    return or_(
        *(getattr(on, place.level) == (place.country if place.level == "country" else place.id) for place in value)
    )


def _one_place(value: Sequence[Any]) -> tuple[str, Sequence[str]] | None:
    """Of several places one may lie in another."""
    if len(value) > 1:
        return None
    (place,) = value
    return place.level, [place.country if place.level == "country" else place.id]


LOCATION = Filter(
    Parameter(
        "location",
        Several(Word()),
        "Places by id, P-code, name or alias, each with all that lies in it. Compared without case, accents, apostrophes,"
        " hyphens and spaces. Of nested places of one name the outermost is meant; `Kawlin town` names an inner one. A name"
        " that holds a comma stands in double quotes.",
        "Sagaing",
    ),
    Subject.RECORD,
    _in_places,
    named("location"),
    holds=_one_place,
)
COUNTRY = Filter(
    Parameter("country", Several(Word()), "ISO 3166-1 alpha-3 country codes.", "MMR"),
    Subject.RECORD,
    among("country"),
    named("country"),
    holds=held_in("country"),
)
LOCATION_PRECISION = no_coarser(
    "location_precision", "The place is known no coarser than this.", "township", Subject.RECORD
)

PLACE: tuple[Filter, ...] = (LOCATION, COUNTRY, BBOX, NEAR, LOCATION_PRECISION)
