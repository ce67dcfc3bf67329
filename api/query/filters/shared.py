"""Filters that several resources share: by id, event, participant, figure, source and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from api.columns import tables
from api.query.filters.filter import Filter, LookUp, QueryValues, Subject, among, asks_column, codes, named, no_coarser
from api.query.filters.outlines import WITHIN
from api.query.filters.places import PLACE_FILTERS
from api.query.parameters import Code, ListOf, Parameter, Text, TrueOrFalse, WholeNumber
from api.query.time_parameters import Day, Time

DATASET_FILTER = Filter(
    Parameter("dataset", ListOf(Text()), "Dataset ids.", "op1027"),
    Subject.RECORD,
    among("dataset_id"),
    named("dataset"),
)
# Of history, which tells of datasets that were withdrawn too.
DATASET_OF_HISTORY = replace(
    DATASET_FILTER,
    parameter=replace(DATASET_FILTER.parameter, description="Dataset ids, withdrawn ones too."),
    resolve_value=named("dataset_of_history"),
)
ID = Filter(Parameter("id", ListOf(Text()), "These records, by id.", ""), Subject.RECORD, among("id"), named("id"))
UPDATED_SINCE = Filter(
    Parameter("updated_since", Time(), "Changed after this time.", "2024-01-01T00:00:00Z"),
    Subject.RECORD,
    lambda value, on: on.updated_at > value,
)

RECORD_FILTERS: tuple[Filter, ...] = (DATASET_FILTER, ID)


KIND = codes("kind", "Kinds of events.", "incident", Subject.RECORD, code_list="event_kind")
TYPE = codes("type", "Event types.", "battles", Subject.RECORD, code_list="event_type")
SUBTYPE = codes("subtype", "Event subtypes.", "air_drone_strike", Subject.EVENT, code_list="event_subtype")


def _part_of(value: Sequence[str], query: QueryValues, look_up: LookUp) -> Sequence[str]:
    return look_up.subtree(look_up.resolve("part_of", value, query))


PART_OF = Filter(
    Parameter(
        "part_of",
        ListOf(Text()),
        "Episodes by id: they themselves, what is part of them, and what is part of that.",
        "operation-1027",
    ),
    Subject.EVENT,
    among("id"),
    _part_of,
)
EVENT_FILTER = Filter(
    Parameter("event", ListOf(Text()), "Of these events, by id.", "battle-of-kawlin-2023"),
    Subject.EVENT,
    among("id"),
    named("event"),
)

RELEASE = Filter(
    Parameter("release", ListOf(Text()), "Releases of datasets, by name: what each event comes from.", "1.0.0"),
    Subject.EVENT,
    among("release"),
    named("release"),
)

CLASSIFICATION_FILTERS: tuple[Filter, ...] = (RELEASE, KIND, TYPE, SUBTYPE, PART_OF)


def _takes_part(value: Sequence[Any], part: Any) -> ColumnElement[bool]:
    """Is one of the groups, or was a member of one when the event began."""
    always = [member.group_id for member in value if member.since is None and member.until is None]
    found: list[ColumnElement[bool]] = [part.group_id.in_(always)] if always else []
    for member in value:
        if member.since is not None or member.until is not None:
            limits = [part.group_id == member.group_id]
            if member.since is not None:
                limits.append(part.date_start >= member.since)
            if member.until is not None:
                limits.append(part.date_start <= member.until)
            found.append(and_(*limits))
    return or_(*found)


GROUP_FILTER = Filter(
    Parameter(
        "group",
        ListOf(Text()),
        "Groups by id, acronym, name or alias, compared without case, accents, apostrophes, hyphens and spaces. A name that"
        " holds a comma stands in double quotes.",
        "AA",
    ),
    Subject.PARTICIPATION,
    _takes_part,
    named("group"),
    companions=(
        Parameter(
            "include_members",
            TrueOrFalse(),
            "With `group`: its members, armed wings, branches and parts too, to any depth, as of the start of the event.",
            "true",
        ),
    ),
)
GROUP_ROLE = codes(
    "group_role",
    "Roles that a group has in the event.",
    "attacker",
    Subject.PARTICIPATION,
    column="role",
    code_list="role",
)

PARTICIPANT_FILTERS: tuple[Filter, ...] = (GROUP_FILTER, GROUP_ROLE)


_MOST_PEOPLE = 10**12
_MOST_ROOTS = 1_000_000

FAMILY = codes("family", "Families of measures.", "casualty", Subject.FIGURE)
MEASURE = codes("measure", "What is counted.", "killed", Subject.FIGURE)
OBJECT = codes("object", "Which things are counted.", "house", Subject.FIGURE)
UNIT = codes("unit", "What one of it is.", "person", Subject.FIGURE)


def _partition(found: Filter) -> Filter:
    """The same filter, saying which part of the people is meant and not which figures are talked about."""
    return replace(found, is_partition=True)


POPULATION = _partition(codes("population", "Whose people.", "civilians", Subject.FIGURE))
SEX = _partition(codes("sex", "People of which sex.", "female", Subject.FIGURE))
AGE = _partition(codes("age", "People of which age.", "adult", Subject.FIGURE))
CAUSE = _partition(codes("cause", "By what people came to harm.", "heavy_weapons", Subject.FIGURE))
TERM = _partition(codes("term", "Kinds of displacement.", "evacuated", Subject.FIGURE))

STATUS = codes("status", "Whether there is a number, and if not, why.", "numbered", Subject.FIGURE)
BEST_MIN = Filter(
    Parameter("best_min", WholeNumber(0, _MOST_PEOPLE), "The best number is at least this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best >= value,
)
BEST_MAX = Filter(
    Parameter("best_max", WholeNumber(0, _MOST_PEOPLE), "The best number is at most this.", "50"),
    Subject.FIGURE,
    lambda value, on: on.best <= value,
)
ROOTS_MIN = Filter(
    Parameter("roots_min", WholeNumber(0, _MOST_ROOTS), "It rests on at least so many independent sources.", "1"),
    Subject.FIGURE,
    lambda value, on: on.roots >= value,
)

PEOPLE_FILTERS: tuple[Filter, ...] = (POPULATION, SEX, AGE, CAUSE, TERM)
FIGURE_FILTERS: tuple[Filter, ...] = (
    FAMILY,
    MEASURE,
    OBJECT,
    *PEOPLE_FILTERS,
    UNIT,
    STATUS,
    BEST_MIN,
    BEST_MAX,
    ROOTS_MIN,
)


DOCUMENT_FILTER = Filter(
    Parameter("document", ListOf(Text()), "Supported by these documents, by id.", "004_84814d1eef1d8517"),
    Subject.ATTRIBUTION,
    among("document_id"),
    named("document"),
    column_asked=asks_column("document_id"),
)
CLAIMANT = Filter(
    Parameter(
        "claimant",
        ListOf(Text()),
        "On the word of these: groups by id, acronym, name or alias, or the words that a record has.",
        "national-unity-government",
    ),
    Subject.ATTRIBUTION,
    among("claimant"),
    named("claimant"),
    column_asked=asks_column("claimant"),
)
SOURCE_FILTER = Filter(
    Parameter(
        "source",
        ListOf(Text()),
        "Said or passed on by these: anyone in the chain, groups by id, acronym, name or alias, or the words that a record"
        " has; or the outlet of the document.",
        "Reuters",
    ),
    Subject.ATTRIBUTION,
    lambda value, on: on.source_set.in_(select(tables.SOURCE.c.source_set).where(tables.SOURCE.c.source.in_(value))),
    named("source"),
)
OUTLET = Filter(
    Parameter(
        "outlet", ListOf(Text()), "In documents of these outlets; one whose outlet is not named is its own.", "Reuters"
    ),
    Subject.ATTRIBUTION,
    among("outlet"),
    named("outlet"),
    column_asked=asks_column("outlet"),
)
VERIFICATION = codes("verification", "How well it is verified.", "unverified", Subject.ATTRIBUTION)

ATTRIBUTION_FILTERS: tuple[Filter, ...] = (DOCUMENT_FILTER, OUTLET, CLAIMANT, SOURCE_FILTER, VERIFICATION)


_OVERLAPS, _STARTS, _WITHIN = WAYS = ("overlaps", "starts", "within")


class _Edge(NamedTuple):
    """The first or last day of the period that is asked for, and how a record has to lie to it."""

    day: date
    way: str


def _edge(value: date, query: QueryValues, _look_up: LookUp) -> _Edge:
    return _Edge(value, query.get("period", _OVERLAPS))


DATE_FROM = Filter(
    Parameter("date_from", Day(), "Overlaps the period that begins on this day.", "2023-11-01"),
    Subject.RECORD,
    lambda edge, on: (on.date_end if edge.way == _OVERLAPS else on.date_start) >= edge.day,
    _edge,
)
DATE_TO = Filter(
    Parameter("date_to", Day(), "Overlaps the period that ends on this day, included.", "2023-11-30"),
    Subject.RECORD,
    lambda edge, on: (on.date_end if edge.way == _WITHIN else on.date_start) <= edge.day,
    _edge,
    companions=(
        Parameter(
            "period",
            Code(WAYS),
            "With `date_from` or `date_to`: what touches the period (`overlaps`, the default), what starts in it, or what lies"
            " wholly within it.",
            _OVERLAPS,
        ),
    ),
)
DATE_PRECISION = no_coarser("date_precision", "The time is known no coarser than this.", "day", Subject.RECORD)

PERIOD_FILTERS: tuple[Filter, ...] = (DATE_FROM, DATE_TO, DATE_PRECISION)

# What is asked of groups, locations, documents and datasets: of the listed record itself, and of events and figures that
# it has to do with.
OWN_ID, OWN_UPDATED_SINCE = (replace(found, subject=Subject.OWN) for found in (ID, UPDATED_SINCE))
OF_EVENTS_AND_FIGURES: tuple[Filter, ...] = (
    *(DATASET_FILTER, EVENT_FILTER, *PERIOD_FILTERS, *PLACE_FILTERS, WITHIN, *CLASSIFICATION_FILTERS),
    *(*PARTICIPANT_FILTERS, *FIGURE_FILTERS, *ATTRIBUTION_FILTERS),
)
# What two datasets can be compared over: a place, a period, and kinds of events.
OF_COMPARISONS: tuple[Filter, ...] = (
    DATASET_FILTER,
    *PERIOD_FILTERS,
    *PLACE_FILTERS,
    *CLASSIFICATION_FILTERS,
    *PARTICIPANT_FILTERS,
)
