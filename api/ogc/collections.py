"""The collections of features: each over the declaration of a resource, with what its filters may speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, String, cast, func, select

from api.answers.row_records import RowRecords
from api.answers.single_records import SingleRecord
from api.answers.stored_records import StoredRecords
from api.columns import tables
from api.columns.column_types import enumerated
from api.columns.snapshot import Snapshot
from api.domain.codebook import CODEBOOK, values
from api.ogc import spatial
from api.ogc.parameters import FILTER, FILTER_CRS, FILTER_LANG, FILTERING, ITEMS, REPLACED_FILTERS, Address
from api.query.cql2 import BOOLEAN, DAY, MOMENT, NUMBER, STRING, Value, Vocabulary, condition
from api.query.cql2_parsing import TEXT
from api.query.endpoint import Endpoint
from api.query.filters.filter import Filter, LookUp, QueryValues, Subject, among
from api.query.parameters import ListOf, Parameter, Text
from api.records.formats import JSON
from api.records.shape import LINKS
from api.resources import events, figures, locations
from api.store.models import Event, Figure, Location

PREFIX = "/ogc"
GEOMETRY = "geometry"
# Filters of ours that are called like a property and ask for more than its value, with a value to ask for here.
_OTHERWISE_ABOUT = {
    "date_precision": "day",
    "location_precision": "exact",
    "part_of": "week-2023-12-11-killed-state-forces",
}
_KINDS: Sequence[tuple[Any, str]] = (
    (Boolean, BOOLEAN),
    ((Integer, BigInteger, Double), NUMBER),
    (DateTime, MOMENT),
    (Date, DAY),
)


@dataclass(frozen=True)
class Collection:
    """Features of one kind, listed as the resource lists its records."""

    id: str
    title: str
    description: str
    listed: Endpoint
    listing: StoredRecords | RowRecords
    record: SingleRecord
    # What its own filters speak about.
    subject: Subject
    example: str
    example_filter: str

    @property
    def path(self) -> str:
        return f"{PREFIX}/collections/{self.id}"

    @cached_property
    def address(self) -> Address:
        """The address of its features, as the description tells it."""
        takes: list[Parameter] = [*ITEMS, *FILTERING]
        for wanted in map(self._filter_here, self.listed.filters):
            if wanted.name not in REPLACED_FILTERS:
                takes.append(wanted.parameter)
            takes += wanted.companions
        return Address(
            f"{self.path}/items",
            "ogc",
            None,
            formats=(JSON,),
            takes=tuple(takes),
            examples={**self.listed.examples, "filter": self.example_filter},
        )

    @cached_property
    def asked_as(self) -> Endpoint:
        """What the items are asked for as: the list of the resource, in its own order, with a filter in CQL2 besides."""
        order = [sort for sort in self.listed.sorts if sort.key == self.listed.default_sort.lstrip("-")]
        filters = (*map(self._filter_here, self.listed.filters), self._filter)
        return replace(
            self.listed,
            path=self.address.path,
            filters=filters,
            sorts=tuple(order),
            dimensions=(),
            options=(),
            formats=(JSON,),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys of what a feature says: not what follows from the question, since a feature is the same
        whatever it was found by."""
        shape = self.listing.shape
        return tuple(key for key in shape.flat_keys if key not in shape.per_question())

    def _filter_here(self, wanted: Filter) -> Filter:
        """A filter of the resource as it is here: one that is called like a property has to be about its very value, since
        tools take it to be."""
        if wanted.name in _OTHERWISE_ABOUT and wanted.name in self.vocabulary.properties:
            told = f"The property `{wanted.name}` has one of these values."
            parameter = Parameter(wanted.name, ListOf(Text()), told, _OTHERWISE_ABOUT[wanted.name])
            return Filter(parameter, Subject.RECORD, among(wanted.name))
        if wanted.name != "bbox" or self.listing.table is not tables.LOCATION:
            return wanted

        def resolve_value(value: Sequence[float], _query: QueryValues, look_up: LookUp) -> Any:
            return spatial.of_places(look_up, "intersects", {"bbox": value}, False)

        # Its value is the condition already.
        return replace(wanted, clause=lambda value, _on: value, resolve_value=resolve_value)

    @cached_property
    def _filter(self) -> Filter:
        def resolve_value(value: str, query: QueryValues, look_up: LookUp) -> Any:
            return condition(value, query.get("filter-lang", TEXT), self.vocabulary, look_up)

        companions = (FILTER_LANG, FILTER_CRS)
        return Filter(FILTER, self.subject, lambda value, _on: value, resolve_value, companions=companions)

    # --- What filters speak of -----------------------------------------------------------------------------------

    @cached_property
    def vocabulary(self) -> Vocabulary:
        table = self.listing.table
        is_places = table is tables.LOCATION
        return Vocabulary(
            {name: value for name, value, _meaning in self._queryables()},
            GEOMETRY,
            spatial.of_places if is_places else spatial.drawn_as_points(table),
            spatial.undrawn_place() if is_places else table.c.drawn_longitude.is_(None),
        )

    def queryables(self) -> dict[str, dict[str, Any]]:
        """The JSON Schema of each property that filters may speak of."""
        return described(self._queryables())

    def _queryables(self) -> Iterator[tuple[str, Value, str]]:
        """The flat columns that the reading copy has, with what they mean."""
        table = self.listing.table
        for column in self.listing.shape.columns:
            for name, _type, meaning in column.flat_columns():
                made = column.copied.get(name)
                if column.is_per_question or column.key == LINKS or (made is None and name not in table.c):
                    continue
                yield name, column_value(table.c[name] if made is None else made(table.c)), meaning

    # --- What it covers ------------------------------------------------------------------------------------------

    def extent(self, snapshot: Snapshot) -> dict[str, Any]:
        """The box and the period of all its features; what is not there has none."""
        if not isinstance(self.listing, StoredRecords):
            box = spatial.box_of_places(snapshot.copy)
            return {} if box is None else {"spatial": {"bbox": [box]}}
        own, family = self.listing.table.c, self.listing.family
        edges = [edge(axis) for edge in (func.min, func.max) for axis in (own.drawn_longitude, own.drawn_latitude)]
        of_all = select(*edges, func.min(own.date_start), func.max(own.date_end))
        ((*box, first, last),) = snapshot.copy.rows(of_all if family is None else of_all.where(own.family == family))
        found: dict[str, Any] = {}
        if box[0] is not None:
            found["spatial"] = {"bbox": [box]}
        if first is not None:
            found["temporal"] = {"interval": [[_time(first, "00:00:00"), _time(last, "23:59:59")]]}
        return found


def described(properties: Iterable[tuple[str, Value, str]]) -> dict[str, dict[str, Any]]:
    """The JSON Schema of each of these properties and of the geometry."""
    found: dict[str, dict[str, Any]] = {
        GEOMETRY: {"title": "Where it is drawn.", "format": "geometry-any", "x-ogc-role": "primary-geometry"}
    }
    for name, value, meaning in properties:
        found[name] = {"title": meaning, **_schema(value)}
        code_list = (enumerated(name) or "").removeprefix("code_")
        if code_list in CODEBOOK:
            found[name]["enum"] = list(values(code_list))
    return found


def _time(day: date, time: str) -> str:
    return f"{day.isoformat()}T{time}Z"


def column_value(column: Any) -> Value:
    """A column as filters compare it: a code as its text."""
    if isinstance(column, Column) and enumerated(column.name):
        column = cast(column, String())
    return Value(column, next((kind for types, kind in _KINDS if isinstance(column.type, types)), STRING))


def _schema(value: Value) -> dict[str, Any]:
    match value.kind:
        case "number":
            return {"type": "number" if isinstance(value.sql.type, Double) else "integer"}
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "timestamp":
            return {"type": "string", "format": "date-time"}
    return {"type": "string"}


COLLECTIONS: Mapping[str, Collection] = {
    collection.id: collection
    for collection in (
        Collection(
            "events",
            "Events",
            "What happened, drawn where the place is known better than its state or region.",
            events.LIST,
            events.LISTING,
            SingleRecord("event", Event),
            Subject.EVENT,
            events.EXAMPLES["id"],
            "killed_best >= 10",
        ),
        Collection(
            "casualties",
            "Casualties",
            "Figures of people killed, injured, captured and otherwise harmed. They lie inside one another: never add them, take"
            " totals-by-place.",
            figures.CASUALTIES,
            figures.CASUALTY_LISTING,
            SingleRecord("figure", Figure),
            Subject.FIGURE,
            figures.EXAMPLES["id"],
            "measure = 'killed' AND population = 'state_forces'",
        ),
        Collection(
            "displacements",
            "Displacements",
            "Figures of people displaced or returned. They lie inside one another: never add them, take totals-by-place.",
            figures.DISPLACEMENTS,
            figures.DISPLACEMENT_LISTING,
            SingleRecord("figure", Figure),
            Subject.FIGURE,
            figures.DISPLACEMENTS.examples["id"],
            "best > 1000",
        ),
        Collection(
            "locations",
            "Locations",
            "Places from country to village: areas with their simplified outlines, others at their points.",
            locations.LIST,
            locations.LISTING,
            SingleRecord("location", Location),
            Subject.OWN,
            locations.EXAMPLE,
            "level = 'district'",
        ),
    )
}
