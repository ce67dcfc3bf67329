"""Workbooks and Parquet hold the rows of the CSV with values of their types, and say where they come from."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook
from pyarrow import Table, parquet

from api.columns.copy_files import make_copy
from api.records.files import MOST_ROWS
from api.settings import Settings
from api.store.revision import revision
from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event
from tests.stored import connected, served
from tests.sweep import for_each
from tests.test_errors import problem
from tests.test_formats import LISTS, NOT_TO_BE_PASSED_ON, TOTALS, get, lines

# Files are made in Python, of what the copy gives.
pytestmark = pytest.mark.engines("sqlite")

EVERY = {**LISTS, **TOTALS}
OF_NOTHING = "&q=nowhere"
# Of text, whatever it looks like.
MADE_OF_TEXT = ("id", "title", "summary", "pcode", "codes", "link", "key_dataset")
# What a cell holds, by Excel's specification.
MOST_CHARACTERS = 32_767
DAYS = ("date_start", "date_end", "first_date", "last_date", "published_on", "month_start")


def read_parquet(client: FlaskClient, url: str) -> Table:
    return parquet.read_table(io.BytesIO(get(client, f"{url}&format=parquet").data))


def read_workbook(client: FlaskClient, url: str) -> Workbook:
    return load_workbook(io.BytesIO(get(client, f"{url}&format=xlsx").data), read_only=True)


def as_csv(value: Any) -> str:
    """A value as CSV writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case str() if value[:1] in ("=", "+", "-", "@"):
            return f"'{value}"
    return str(value)


@for_each("name", list(EVERY))
def test_parquet_holds_the_rows_of_the_csv_in_their_types(world: FlaskClient, name: str) -> None:
    table = read_parquet(world, EVERY[name])
    expected = lines(get(world, f"{EVERY[name]}&format=csv").text)
    assert [{column: as_csv(value) for column, value in row.items()} for row in table.to_pylist()] == expected
    types = {field.name: str(field.type) for field in table.schema}
    for column, found in types.items():
        wanted = {"updated_at": "timestamp[ms, tz=UTC]", "loaded_at": "timestamp[ms, tz=UTC]", "latitude": "double"}
        wanted |= dict.fromkeys(MADE_OF_TEXT, "string") | dict.fromkeys(DAYS, "date32[day]")
        assert found == wanted.get(column, found), column
    # What a reader makes of a file without rows is the same.
    empty = read_parquet(world, f"{EVERY[name]}&limit=1" if name == "datasets" else f"{EVERY[name]}{OF_NOTHING}")
    assert empty.schema == table.schema


@for_each("name", list(EVERY))
def test_workbook_holds_the_rows_of_the_parquet(world: FlaskClient, name: str) -> None:
    table = read_parquet(world, EVERY[name])
    rows, about = read_workbook(world, EVERY[name]).worksheets
    header, *found = rows.iter_rows(values_only=True)
    assert list(header) == table.column_names
    for row, expected in zip(found, table.to_pylist(), strict=True):
        for column, value, wanted in zip(header, row, expected.values(), strict=True):
            if isinstance(wanted, datetime):
                wanted = wanted.replace(tzinfo=None)
            elif isinstance(wanted, date):
                wanted = datetime(wanted.year, wanted.month, wanted.day)
            # A cell without text is a cell without anything.
            assert value == (None if wanted == "" else wanted), column
    told = [row for row in about.iter_rows(values_only=True) if row[0] is not None]
    meanings = {row[0]: row[1] for row in told[[row[0] for row in told].index("Columns") + 1 :]}
    assert list(meanings) == list(header) and all(meanings.values())


def test_no_text_in_a_workbook_is_a_formula_or_a_link(world: FlaskClient) -> None:
    rows, _about = read_workbook(world, "/v1/events?id=school-shelled-2031-02-28").worksheets
    header, row = rows.iter_rows()
    cells = {str(name.value): cell for name, cell in zip(header, row, strict=True)}
    assert str(cells["title"].value).startswith("-1027 shells") and str(cells["summary"].value).startswith("=HYPERLINK")
    assert {cells["title"].data_type, cells["summary"].data_type} <= {"s", "inlineStr"}
    assert cells["date_start"].is_date and cells["updated_at"].is_date


def test_files_say_where_they_come_from(world: FlaskClient) -> None:
    asked = "/v1/events?dataset=isles&type=riots"
    _rows, about = read_workbook(world, asked).worksheets
    told = [[cell for cell in row if cell is not None] for row in about.iter_rows(values_only=True)]
    assert (
        ["type", "riots"] in told
        and ["Source: isles"] in told
        and ["redistribution", "Not for redistribution."] in told
    )
    assert ["address", f"http://localhost{asked}&format=xlsx"] in told
    metadata = read_parquet(world, asked).schema.metadata
    (source,) = json.loads(metadata[b"sources"])
    assert f"{source['citation']} Not for redistribution." == NOT_TO_BE_PASSED_ON
    assert json.loads(metadata[b"coverage"])["datasets"] == ["isles"]


@for_each("form", ["xlsx", "parquet"])
def test_files_tell_their_length_and_are_the_same_each_time(world: FlaskClient, form: str) -> None:
    for url in (LISTS["displacements"], TOTALS["event totals"]):
        response = get(world, f"{url}&format={form}", Accept_Encoding="gzip")
        assert response.content_length == len(response.data) and "Content-Encoding" not in response.headers
        told = world.head(f"{url}&format={form}", buffered=True)
        assert told.data == b"" and told.headers["Content-Length"] == str(len(response.data))
        assert get(world, f"{url}&format={form}").data == response.data
        accepted = get(world, url, Accept=response.mimetype)
        assert accepted.headers["Content-Disposition"] == response.headers["Content-Disposition"]
        count = get(world, f"{url}&limit=2&format={form}").headers["Total-Count"]
        assert (count, response.headers["Content-Disposition"].endswith(f'.{form}"')) == ("2", True)


def test_workbook_of_too_many_rows_is_refused_with_csv_named(world_address: str, tmp_path: Path) -> None:
    settings = Settings(database_url=world_address, cache_folder=str(tmp_path))
    with connected(world_address) as connection:
        file, held = make_copy(connection, revision(connection), settings)
        held.close()
    with duckdb.connect(str(file)) as copy:
        more = f"select 1000 + range, 1000 + range from range({MOST_ROWS})"
        copy.execute(f"insert into event (number, list_position) {more}")
    with served(world_address, cache_folder=str(tmp_path)) as client:
        told = problem(client.get("/v1/events?format=xlsx"), 400, "invalid-value")
        assert f"A workbook holds {MOST_ROWS:,} rows" in told["detail"] and "format=csv" in told["detail"]
        assert get(client, "/v1/events?format=xlsx&limit=3").headers["Total-Count"] == "3"


def test_text_that_a_cell_cannot_hold_does_not_look_whole(databases: Databases, corpus_address: str) -> None:
    address = databases.copy(corpus_address)
    load_into(address, Made(made_events=[made_event(codes={"note": "What a publisher says beside it. " * 1_000})]))
    with served(address) as client:
        rows, _about = read_workbook(client, "/v1/events?dataset=other").worksheets
    header, row = rows.iter_rows(values_only=True)
    told = row[header.index("codes")]
    assert len(told) == MOST_CHARACTERS and told.endswith("[cut: a cell of a workbook holds no more]")
