"""Writes whole results as files that are sent once they are made: Excel workbooks and Parquet.

Both have the flat columns with values of their types, and say where the data comes from and what each column means.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from api.records.formats import MEDIA_TYPES, PARQUET, XLSX, DatasetTerms
from api.records.shape import FlatColumn

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# A sheet has 1,048,576 rows, the first of them the header.
MOST_ROWS = 1_048_575
# What a cell holds, and what a longer text ends with, so that it does not look whole.
_MOST_CHARACTERS = 32_767
_CUT = " … [cut: a cell of a workbook holds no more]"
# Larger numbers lose digits in a spreadsheet, and stand as text.
_MOST_EXACT = 10**15
# Earlier days are none to a spreadsheet, and stand as text.
_FIRST_DAY = date(1900, 3, 1)
# A workbook says when it was made; the same question of the same data is to give the same bytes.
_MADE = datetime(1980, 1, 1, tzinfo=UTC)
# How wide a column is, in characters, by the type of its values.
_WIDTHS: Mapping[type, int] = {date: 11, datetime: 19, bool: 8, int: 9, float: 10, str: 22}
_ARROW: Mapping[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("ms", tz="UTC"),
}


@dataclass(frozen=True, slots=True)
class FileExport:
    """A whole result on its way into a file: its rows as Arrow tables of these columns, and what it says of itself."""

    name: str
    columns: Sequence[FlatColumn]
    tables: Iterable[pa.Table]
    # The address that was asked, and what its query says, name by name.
    address: str
    asked: Sequence[tuple[str, str]]
    # What the datasets asked for cover.
    coverage: Mapping[str, Any]
    sources: Sequence[DatasetTerms]


def table_of(columns: Sequence[FlatColumn], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """An Arrow table of rows of cells, in which days and times may stand as text."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [
        pa.array([_value(column.type, cell) for cell in listed], _ARROW[column.type])
        for column, listed in zip(columns, cells, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=_schema(columns))


def typed(columns: Sequence[FlatColumn], table: pa.Table) -> pa.Table:
    """An Arrow table with these columns of it alone, in their types."""
    return table.select([column.name for column in columns]).cast(_schema(columns))


def _value(type_: type, cell: Any) -> Any:
    if isinstance(cell, str) and type_ in (date, datetime):
        return type_.fromisoformat(cell)
    return cell if cell is None or type_ is not str else str(cell)


def _schema(columns: Sequence[FlatColumn]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, _ARROW[type_], metadata={"description": meaning}) for name, type_, meaning in columns]
    )


# --- Parquet -----------------------------------------------------------------------------------------------------


def _write_parquet(export: FileExport, file: Path) -> None:
    # It takes as long to import as a hundred pages.
    from pyarrow import parquet

    told = {
        "address": export.address,
        "coverage": json.dumps(export.coverage),
        "sources": json.dumps([source._asdict() for source in export.sources]),
    }
    schema = _schema(export.columns).with_metadata(told)
    with parquet.ParquetWriter(file, schema, compression="zstd") as written:
        for table in export.tables:
            written.write_table(table.replace_schema_metadata(told))
            # Not while the next ones come in.
            del table


# --- Workbooks ---------------------------------------------------------------------------------------------------


def _write_workbook(export: FileExport, file: Path) -> None:
    import xlsxwriter

    # Row by row to a file beside it, which is gone at the end.
    options = {"constant_memory": True, "tmpdir": str(file.parent)}
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"title": export.name, "created": _MADE})
        _write_rows(book, book.add_worksheet(export.name[:31]), export)
        _write_about(book, book.add_worksheet("about"), export)


def _write_rows(book: Workbook, sheet: Worksheet, export: FileExport) -> None:
    forms: dict[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss"}
    written = {type_: book.add_format({"num_format": form}) for type_, form in forms.items()}
    for place, (_name, type_, _meaning) in enumerate(export.columns):
        sheet.set_column(place, place, _WIDTHS[type_], written.get(type_))
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, column in enumerate(export.columns):
        sheet.write_string(0, place, column.name, bold)
    writers = [_writer(sheet, column.type) for column in export.columns]
    number = 0
    for row in _rows(export.tables):
        number += 1
        for place, (write, value) in enumerate(zip(writers, row, strict=True)):
            if value is not None:
                write(number, place, value)
    if export.columns:
        sheet.autofilter(0, 0, number, len(export.columns) - 1)


def _rows(tables: Iterable[pa.Table]) -> Iterator[tuple[Any, ...]]:
    for table in tables:
        yield from zip(*(column.to_pylist() for column in table.columns), strict=True)
        # Not while the next ones come in.
        del table


def _writer(sheet: Worksheet, type_: type) -> Callable[[int, int, Any], object]:
    """What writes a value of this type into a cell. Text is never looked at for formulas and links."""

    def text(row: int, place: int, value: str) -> None:
        is_cut = len(value) > _MOST_CHARACTERS
        sheet.write_string(row, place, value[: _MOST_CHARACTERS - len(_CUT)] + _CUT if is_cut else value)

    def number(row: int, place: int, value: float) -> None:
        if abs(value) < _MOST_EXACT:
            sheet.write_number(row, place, value)
        else:
            sheet.write_string(row, place, str(value))

    def day(row: int, place: int, value: date) -> None:
        if value >= _FIRST_DAY:
            sheet.write_datetime(row, place, value)
        else:
            sheet.write_string(row, place, value.isoformat())

    def moment(row: int, place: int, value: datetime) -> None:
        sheet.write_datetime(row, place, value.replace(tzinfo=None))

    writers: dict[type, Callable[[int, int, Any], object]] = {
        str: text,
        int: number,
        float: number,
        bool: sheet.write_boolean,
        date: day,
        datetime: moment,
    }
    return writers[type_]


def _write_about(book: Workbook, sheet: Worksheet, export: FileExport) -> None:
    """The sheet that says where the rows come from and what they mean."""
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 3, 60)
    number = -1
    for title, listed in _sections(export):
        number += 2
        sheet.write_string(number - 1, 0, title, bold)
        for cells in listed:
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, "" if cell is None else str(cell))
            number += 1


def _sections(export: FileExport) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    yield "Question", [("address", export.address), *export.asked]
    covered = export.coverage
    dates = ("first_date", "last_date", "revision")
    yield "Coverage", [("datasets", "; ".join(covered["datasets"])), *((name, covered[name]) for name in dates)]
    for one in covered["by_dataset"]:
        countries = ("countries", "; ".join(one["countries"] or ()))
        yield f"Covered by: {one['dataset']}", [*((name, one[name]) for name in dates[:2]), countries]
    for source in export.sources:
        may = "It may be passed on." if source.is_redistributable else "Not for redistribution."
        yield (
            f"Source: {source.dataset}",
            [
                ("citation", source.citation),
                ("licence", source.licence),
                ("licence_url", source.licence_url),
                ("redistribution", may),
            ],
        )
    yield "Columns", [(name, meaning) for name, _type, meaning in export.columns]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that is a file: its media type, what writes it, and how many rows it holds; null where it is no matter."""

    media_type: str
    write: Callable[[FileExport, Path], None]
    most_rows: int | None = None


FILES: Mapping[str, FileFormat] = {
    XLSX: FileFormat(MEDIA_TYPES[XLSX], _write_workbook, MOST_ROWS),
    PARQUET: FileFormat(MEDIA_TYPES[PARQUET], _write_parquet),
}
