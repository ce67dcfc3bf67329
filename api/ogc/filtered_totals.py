"""Filters in CQL2 on totals by place: they choose among the totals by what each says, and change no number.

What is counted is chosen by the filters of /v1, by their names. A filter in CQL2 cannot choose that: the standard has it let
features through or not, tools hold it against what they received, and a part of the people is no condition on figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import shapely
from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, MetaData, String, Table, case, null, select, text

from api.columns.reading_copy import Copy
from api.ogc.collections import GEOMETRY, column_value, described
from api.ogc.spatial import geometry_of, related
from api.query.cql2 import Vocabulary, condition
from api.query.filters.filter import LookUp
from api.records.totals import FIGURE_TOTAL_NUMBERS, FigureTotal

# The levels of areas that totals are drawn at.
AREA_LEVELS = ("country", "state_or_region", "district", "township")
_TOTAL = Table(
    "total",
    MetaData(),
    # Which of them it is.
    Column("number", BigInteger),
    Column("place", String, comment="The area's id; null where it is not known in which one they lie."),
    Column("name", String, comment="The area's name."),
    Column("level", String, comment="The level of the area."),
    Column("dataset", String, comment="Whose numbers they are."),
    Column("measure", String, comment="What is counted."),
    Column("unit", String, comment="In what it is counted."),
    Column("object", String, comment="Of damage and territory, what of; null of people."),
    *(
        Column(name, Boolean if name == "open_ended" else BigInteger, comment=told.metadata["description"])
        for name, told in FigureTotal._declared_fields.items()
        if name in FIGURE_TOTAL_NUMBERS
    ),
)
_NUMBER = _TOTAL.c.number
_PROPERTIES = {str(column.name): column_value(column) for column in _TOTAL.columns if column is not _NUMBER}
_FORM = {str(column.name): str(column.type.compile()) for column in _TOTAL.columns}
# The totals of one question as rows, without a table.
_ROWS = text("SELECT unnest(from_json(CAST(:rows AS JSON), :form), recursive := true)")


@dataclass(frozen=True)
class Total:
    """One total of an area as a feature."""

    id: str
    place: str | None
    properties: dict[str, Any]
    geometry: Mapping[str, Any] | None

    @cached_property
    def shape(self) -> shapely.Geometry | None:
        """What it is drawn as."""
        return None if self.geometry is None else shapely.from_geojson(orjson.dumps(self.geometry))


def queryables() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each property that filters may speak of."""
    found = described((name, value, _TOTAL.c[name].comment or "") for name, value in _PROPERTIES.items())
    found["level"]["enum"] = list(AREA_LEVELS)
    return found


def filtered(totals: Sequence[Total], filter_: str, language: str, copy: Copy, look_up: LookUp) -> list[Total]:
    """Those of which a filter holds. Errors: a Problem, where it cannot be read or asks what nobody knows."""

    def those(chosen: Sequence[bool]) -> ColumnElement[bool]:
        return _NUMBER.in_([number for number, is_chosen in enumerate(chosen) if is_chosen])

    def spatial(_look_up: LookUp, how: str, shape: Mapping[str, Any], is_turned: bool) -> ColumnElement[bool]:
        given = geometry_of(shape)
        is_related = those(
            [one.shape is not None and bool(related(how, one.shape, given, is_turned)) for one in totals]
        )
        return case((undrawn, null()), else_=is_related)

    undrawn = those([one.shape is None for one in totals])
    passes = condition(filter_, language, Vocabulary(_PROPERTIES, GEOMETRY, spatial, undrawn), look_up)
    rows = [{str(_NUMBER.name): number, **one.properties} for number, one in enumerate(totals)]
    written = {"rows": orjson.dumps(rows).decode(), "form": orjson.dumps([_FORM]).decode()}
    named = _ROWS.bindparams(**written).columns(*_TOTAL.c).cte(_TOTAL.name)
    chosen = copy.rows(select(_NUMBER).add_cte(named).where(passes))
    return [totals[number] for number in sorted(number for (number,) in chosen)]
