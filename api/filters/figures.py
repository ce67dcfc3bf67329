"""Which figures, and which part of the people. Knows no total."""

from __future__ import annotations

from dataclasses import replace

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import codes
from api.declare.values import Parameter, Whole

_MOST_PEOPLE = 10**12

FAMILY = codes("family", "Families of measures.", "casualty", Subject.FIGURE)
MEASURE = codes("measure", "What is counted.", "killed", Subject.FIGURE)
OBJECT = codes("object", "Which things are counted.", "house", Subject.FIGURE)
UNIT = codes("unit", "What one of it is.", "person", Subject.FIGURE)


def _partition(found: Filter) -> Filter:
    """The same filter, saying which part of the people is meant and not which figures are talked about."""
    return replace(found, is_partition=True)


POPULATION = _partition(codes("population", "Whose people.", "civilians", Subject.FIGURE))
SEX = _partition(codes("sex", "People of which sex.", "female", Subject.FIGURE))
TERM = _partition(codes("term", "Kinds of displacement.", "evacuated", Subject.FIGURE))

STATUS = codes("status", "Whether there is a number, and if not, why.", "numbered", Subject.FIGURE)
BEST_MIN = Filter(
    Parameter("best_min", Whole(0, _MOST_PEOPLE), "The best number is at least this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best >= value,
)
BEST_MAX = Filter(
    Parameter("best_max", Whole(0, _MOST_PEOPLE), "The best number is at most this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best <= value,
)

FIGURES: tuple[Filter, ...] = (FAMILY, MEASURE, POPULATION, OBJECT, SEX, TERM, UNIT, STATUS, BEST_MIN, BEST_MAX)
