"""Makes CSV lines, GeoJSON features and typed rows of events and figures in the reading copy itself.

Lines and features come out as `api/records/renditions.py` makes those of other records.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    String,
    Table,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.types import NullType, TypeEngine

from api.columns.column_types import enumerated
from api.columns.statements import CompiledStatement, compiled_statement
from api.records.formats import CSV, GEOJSON
from api.records.shape import Shape

# Columns with their names.
Named = Sequence[tuple[str, ColumnElement[Any]]]

# What makes CSV put a cell between quotes, each looked for by itself, since a pattern for all takes twice as long; and what
# at its beginning a spreadsheet would run, as in api/records/renditions.py. It stands in the statement: a pattern that is a
# parameter would be read anew for every cell.
_QUOTED = ("','", "'\"'", "chr(10)", "chr(13)")
_FORMULA = """'^[=+@\\t\\r-]'"""
_MOMENT = "'%Y-%m-%dT%H:%M:%SZ'"
# The column of a record's position, beside those that are called as they are.
POSITION = "list_position"
# How many statements are kept: one for each table, form and choice of columns that is asked for.
_MOST_KEPT = 64


@lru_cache(_MOST_KEPT)
def cached_lines(shape: Shape, table: Table, keys: tuple[str, ...], form: str, is_dense: bool) -> CompiledStatement:
    """What asks for flat rows (see lines) none of whose columns follows from the question, so that it is kept for the next one."""
    return lines(shape, table, keys, form, is_dense)


def lines(shape: Shape, table: FromClause, keys: Sequence[str], form: str, is_dense: bool) -> CompiledStatement:
    """What asks for the CSV lines or GeoJSON features, with the flat columns under these top-level keys, of the records in
    some positions: position and bytes; in other forms, position and the columns themselves."""
    columns = shape.copied(table, keys)
    made: list[ColumnElement[Any]] = [_of_type(value).label(name) for name, value in columns]
    if form in (CSV, GEOJSON):
        made = [func.encode(_line(columns) if form == CSV else _feature(table, columns))]
    position = table.c.list_position.label(POSITION)
    return compiled_statement(select(position, *made).where(at_positions(table, is_dense)))


def at_positions(table: FromClause, is_dense: bool) -> ColumnElement[bool]:
    """Whether a record is at one of the positions that are the parameter `positions`; where they are dense it is all from
    `first` to `last`, which takes two thirds of the time."""
    if is_dense:
        return table.c.list_position.between(_given("first", Integer()), _given("last", Integer()))
    return table.c.list_position.in_(select(func.unnest(_given("positions", ARRAY(Integer)))))


def _given(name: str, kind: TypeEngine[Any]) -> BindParameter[Any]:
    """A parameter whose value comes when the statement runs."""
    return bindparam(name, type_=kind, required=False)


def _line(columns: Named) -> ColumnElement[str]:
    """One CSV line of these columns, ended by CR LF."""
    first, *others = [_cell(value) for _name, value in columns]
    if not others:
        # A line of one empty cell would be an empty line.
        first = func.coalesce(func.nullif(cast(first, String), ""), '""')
    between = [part for value in others for part in (_text(","), value)]
    return func.concat(first, *between, literal_column("chr(13)"), literal_column("chr(10)"))


def _feature(table: FromClause, columns: Named) -> ColumnElement[str]:
    """One GeoJSON feature of an event or figure, with these columns as its properties."""
    longitude, latitude = table.c.drawn_longitude, table.c.drawn_latitude
    point = func.concat(
        _text('{"type":"Point","coordinates":['),
        func.to_json(longitude),
        _text(","),
        func.to_json(latitude),
        _text("]}"),
    )
    properties: list[Any] = []
    for name, value in columns:
        properties += [_text(f'{"," if properties else ""}"{name}":'), _json(value)]
    return func.concat(
        _text('{"type":"Feature","id":'),
        _json(table.c.id),
        _text(',"geometry":'),
        case((longitude.is_(None), _text("null")), else_=point),
        _text(',"properties":{'),
        *properties,
        _text("}}"),
    )


def _json(value: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(cast(func.to_json(_plain(value)), String), _text("null"))


def _cell(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value as a cell of a CSV line; null is empty where cells are put together."""
    found = _plain(value)
    if not isinstance(value.type, String | NullType) or _is_code(value):
        return found
    is_run = func.regexp_matches(found, literal_column(_FORMULA))
    return case(
        (
            or_(*(func.contains(found, literal_column(character)) for character in _QUOTED)),
            func.concat(
                _text('"'),
                case((is_run, _text("'")), else_=_text("")),
                func.replace(found, _text('"'), _text('""')),
                _text('"'),
            ),
        ),
        (is_run, func.concat(_text("'"), found)),
        else_=found,
    )


def _plain(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value of which DuckDB makes the text that we show."""
    if isinstance(value.type, DateTime):
        return func.strftime(value, literal_column(_MOMENT))
    return _of_type(value)


def _of_type(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value with codes as text."""
    return cast(value, String) if isinstance(value, Column) and enumerated(value.name) else value


def _is_code(value: ColumnElement[Any]) -> bool:
    """Whether it is a code, of which no spreadsheet runs any and CSV quotes none."""
    return isinstance(value, Column) and (enumerated(value.name) or "").startswith("code_")


def _text(words: str) -> ColumnElement[str]:
    """Words of ours as they stand."""
    return literal_column("'{}'".format(words.replace("'", "''")), String)
