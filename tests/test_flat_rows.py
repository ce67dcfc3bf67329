"""Flat rows that the reading copy writes are as the standard library would write them, whatever the text is."""

from __future__ import annotations

import csv
import io
import json

import pytest

from api.answers.stored_records import StoredRecords
from api.columns import tables
from api.query.dimension import Dimension
from api.query.filters.filter import Subject, codes
from api.records.fields import column, text
from api.records.shape import Column, NotInCopy, NotInRow, Shape
from api.store.models import Event
from tests.conftest import load_into
from tests.databases import Databases
from tests.made import Made, made_event
from tests.stored import served

TEXTS = (
    *("=1+1", "+1", "-1", "@a", "\ta", "\ra", "'a", " a", "a=b", "-", '"', "'"),
    *("a,b", 'a"b', 'a""b', "a\nb", "a\rb", "a\r\nb", "a;b", "a\\b", "a/b", "\\", "=a,b", '-"a"\n', "@\r\n"),
    *("Môn 𝄞", "a\u2028b", "a\x7fb", "\x01\x1f", "null", "true", "1.0", "{}", "%s $1 :a"),
)
RUN = ("=", "+", "-", "@", "\t", "\r")


def test_any_text_is_written_as_the_standard_library_does(databases: Databases, corpus_address: str) -> None:
    address = databases.copy(corpus_address)
    events = [
        made_event(
            f"other-{number:02}", title=title, summary=title[::-1], codes={"said": title, "is_so": True}, figures=[]
        )
        for number, title in enumerate(TEXTS)
    ]
    load_into(address, Made(events))
    asked = "/v1/events?dataset=other&sort=id&fields=id,title,summary,outcome,codes"
    with served(address) as client:
        records = client.get(asked).json["data"]
        assert [record["title"] for record in records] == list(TEXTS)
        expected = io.StringIO()
        lines = csv.writer(expected)
        lines.writerow(["id", "title", "summary", "outcome", "codes"])
        cells = [
            [record["id"], record["title"], record["summary"], None, f"said={record['title']}; is_so=True"]
            for record in records
        ]
        for row in cells:
            lines.writerow([f"'{cell}" if cell is not None and cell.startswith(RUN) else cell for cell in row])
        assert client.get(f"{asked}&format=csv").data.decode() == expected.getvalue()
        features = json.loads(client.get(f"{asked}&format=geojson").data)["features"]
        assert [list(feature["properties"].values()) for feature in features] == cells


def test_a_line_of_one_empty_cell_is_no_empty_line(databases: Databases, corpus_address: str) -> None:
    address = databases.copy(corpus_address)
    load_into(address, Made([made_event("other-fight", summary=None, figures=[])]))
    with served(address) as client:
        assert client.get("/v1/events?dataset=other&fields=summary&format=csv").data == b'summary\r\n""\r\n'


@pytest.mark.parametrize(
    "added",
    [
        column("weight", text("How heavy it is.")),
        Column("weight", text("How heavy it is."), None, copied={"weight": lambda table: table.heaviness}),
    ],
)
def test_a_column_that_the_copy_cannot_give_is_told_before_anything_is_served(added: Column) -> None:
    with pytest.raises(NotInCopy, match=r"'weight'.* the table 'event' of the reading copy cannot give it"):
        StoredRecords(Shape("Event", (added,)), Event, tables.EVENT)


def test_a_column_that_no_row_has_a_value_for_is_told_by_its_name() -> None:
    shape = Shape("Event", (column("id", text("Stable id.")), column("weight", text("How heavy it is."))))
    with pytest.raises(NotInRow, match=r"'weight' of the shape 'Event' .* api/load/event_details.py"):
        shape.record({"id": "a-fight"})


def test_a_filter_on_a_column_that_the_copy_lacks_is_told_before_anything_is_served() -> None:
    with pytest.raises(TypeError, match=r"'weight' reads the column 'weight', which the reading copy's 'figure' lacks"):
        codes("weight", "How heavy it is.", "day", Subject.FIGURE, code_list="date_precision")


@pytest.mark.parametrize(("of_events", "table"), [(None, "event"), (tables.PROFILES, "profile")])
def test_a_dimension_that_the_copy_lacks_is_told_before_anything_is_served(
    of_events: tables.Sets | None, table: str
) -> None:
    with pytest.raises(TypeError, match=f"'nesting' has no column in the reading copy's '{table}'"):
        Dimension("nesting", lambda on: on.nesting, "How sure it is.", "code:nesting", of_events=of_events)
