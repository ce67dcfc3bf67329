"""Files as programs and distributors leave them bring the same as the publisher's own, and say how they were read.

What is not read is named for what it is. All rows are invented; in each form they are compared with the plain CSV file.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference

from seeds.acled.export import Acled
from seeds.datasets import importer_of
from seeds.idmc.updates import IdmcIdu
from seeds.importer.column_forms import MISSING
from seeds.importer.report import ImportFault
from seeds.importer.table import FileOptions
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled, test_import_idmc_idu
from tests.brought import Brought, brought
from tests.sweep import for_each
from tests.ucdp_files import BATTLE, COLUMNS, as_csv, written

# Files are read before anything is written.
pytestmark = pytest.mark.engines("sqlite")

OTHER = {**BATTLE, "id": "7002", "best": "7", "deaths_unknown": "2"}


def read(address: str, path: Path, options: FileOptions = FileOptions()) -> tuple[Brought, list[str]]:  # noqa: B008  # it cannot be changed
    """What a file of UCDP's brings, and what its report tells."""
    source = UcdpGed(path, release="7.5")
    source.options = options
    return brought(address, source), list(source.report.lines())


@pytest.fixture(scope="module")
def plain(corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """What the plain file of two rows brings."""
    return read(corpus_address, written(tmp_path_factory.mktemp("plain"), BATTLE, OTHER))[0]


# --- Columns -----------------------------------------------------------------------------------------------------


def dated(folder: Path, *days: str, source_date: str = "") -> Path:
    rows = [
        {**BATTLE, "id": str(7001 + place), "date_start": day, "date_end": day, "source_date": source_date or day}
        for place, day in enumerate(days)
    ]
    return written(folder, *rows)


def starts(found: Brought) -> list[str]:
    return [str(event["date_start"]) for event in found.events.values()]


@for_each(
    ("days", "expected", "told"),
    [
        (("3/11/2023", "13/11/2023"), ["2023-11-03", "2023-11-13"], "day-first"),
        (("11/3/2023", "11/13/2023"), ["2023-11-03", "2023-11-13"], "month-first"),
        (("11-3-23", "11-13-23"), ["2023-11-03", "2023-11-13"], "month-first"),
        (("11/3/2023 12:00:00 AM",), ["2023-11-03"], "month-first"),
        (("11/11/2023",), ["2023-11-11"], "is read as 2023-1"),
        (("3.11.2023", "4.11.2023"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("03-Nov-23", "4-Nov-23"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("2023-11-03T00:00:00", "2023-11-04 00:00:00.000"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("20231103", "2023/11/04"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("3 November 2023", "November 4, 2023"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("3. Dez. 2023", "4 décembre 2023"), ["2023-12-03", "2023-12-04"], "is read as 2023-1"),
        (("Nov-03-2023", "Sat Nov  4 00:00:00 UTC 2023"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("1698969600000", "1699056000"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (
            ("2023-11-02T17:30:00.000Z", "2023-11-03T17:30:00Z"),
            ["2023-11-03", "2023-11-04"],
            "midnight in another zone",
        ),
        (("2023-11-03T17:30:00Z", "2023-11-04"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
        (("45233", "45234"), ["2023-11-03", "2023-11-04"], "is read as 2023-1"),
    ],
)
def test_days_are_read_as_their_whole_column_is_written(
    corpus_address: str, tmp_path: Path, days: Sequence[str], expected: list[str], told: str
) -> None:
    found, lines = read(corpus_address, dated(tmp_path, *days))
    assert starts(found) == expected
    assert any(line.startswith("date_start: ") and told in line for line in lines)
    published = {str(document["published_on"]) for document in found.documents.values()} - {"None"}
    assert published == set(expected)


def test_a_column_that_leaves_the_order_open_takes_it_from_another(corpus_address: str, tmp_path: Path) -> None:
    found, _lines = read(corpus_address, dated(tmp_path, "3/11/2023", source_date="4/11/2023;14/11/2023"))
    assert starts(found) == ["2023-11-03"]


@for_each(
    ("days", "said"),
    [
        (("3/11/2023", "4/11/2023"), r"date_start: nothing in the file says whether '3/11/2023' .*--dates day-first"),
        (("13/11/2023", "11/14/2023"), r"date_start: '13/11/2023' has the day first and '11/14/2023' the month"),
    ],
)
def test_days_that_their_column_does_not_decide_are_refused(tmp_path: Path, days: Sequence[str], said: str) -> None:
    with pytest.raises(ImportFault, match=said):
        assert UcdpGed(dated(tmp_path, *days)).dataset


@for_each(("said", "expected"), [("day-first", "2023-11-03"), ("month-first", "2023-03-11")])
def test_the_user_may_say_which_comes_first(corpus_address: str, tmp_path: Path, said: str, expected: str) -> None:
    found, _lines = read(corpus_address, dated(tmp_path, "3/11/2023"), FileOptions(said))
    assert starts(found) == [expected]


def test_words_for_no_value_are_no_value(corpus_address: str, tmp_path: Path) -> None:
    columns = ("gwnob", "adm_2", "source_original", "where_description", "relid", "priogrid_gid")
    empty = written(tmp_path, {**BATTLE, **dict.fromkeys(columns, "")}, name="empty.csv")
    expected, _lines = read(corpus_address, empty)
    for word in sorted(MISSING):
        path = written(tmp_path, {**BATTLE, **dict.fromkeys(columns, word)})
        found, lines = read(corpus_address, path)
        assert found == expected, word
        # It is told once for all columns.
        (told,) = [line for line in lines if line.startswith(f"'{word}' is no value, in ")]
        assert all(f"{column} (1)" in told for column in columns)


def test_a_name_that_looks_like_a_word_for_no_value_stays(corpus_address: str, tmp_path: Path) -> None:
    row = {**BATTLE, "adm_1": "Nan", "adm_2": "", "country": "Thailand", "country_id": "800"}
    found, _lines = read(corpus_address, written(tmp_path, row))
    assert found.locations["ucdp-ged-tha-nan"]["name"] == "Nan"


@for_each(
    ("column", "printed", "meant"),
    [
        ("country_id", "775.0", "775"),
        ("gwnoa", "775.000000", "775"),
        ("date_prec", "1,0", "1"),
        ("id", "7001.0", "7001"),
        ("high", "1e+05", "100000"),
        ("high", "1.2e+03", "1200"),
        ("high", "1,234", "1234"),
        ("high", "1,000", "1000"),
        ("high", "1\u202f234", "1234"),
        ("high", "1'234", "1234"),
        ("high", "6.000", "6"),
        ("high", '="1234"', "1234"),
    ],
)
def test_whole_numbers_are_read_as_programs_write_them(
    corpus_address: str, tmp_path: Path, column: str, printed: str, meant: str
) -> None:
    found, lines = read(corpus_address, written(tmp_path, {**BATTLE, column: printed}))
    expected, _lines = read(corpus_address, written(tmp_path, {**BATTLE, column: meant}))
    assert found == expected
    assert f"{column}: '{printed}' is read as {meant}" in lines


@for_each(("printed", "meant"), [("1.234", "1234"), ("6,000", "6"), ("1 234", "1234")])
def test_degrees_with_decimal_commas_say_what_a_point_parts(
    corpus_address: str, tmp_path: Path, printed: str, meant: str
) -> None:
    found, _lines = read(corpus_address, written(tmp_path, *commas_in_numbers([{**BATTLE, "high": printed}])))
    expected, _lines = read(corpus_address, written(tmp_path, {**BATTLE, "high": meant}))
    assert found == expected


def test_a_number_that_a_spreadsheet_has_rounded_is_none(corpus_address: str, tmp_path: Path) -> None:
    source = UcdpGed(written(tmp_path, {**BATTLE, "high": "1.74E+09"}, OTHER))
    source.report.is_strict = False
    assert list(brought(corpus_address, source).events) == ["ucdp-ged-7002"]


def test_columns_are_known_under_the_names_of_distributors(corpus_address: str, tmp_path: Path, plain: Brought) -> None:
    path = written(tmp_path, BATTLE, OTHER)
    header, rest = path.read_text(encoding="utf-8").split("\n", 1)
    for old, new in (("date_start", "Start Date"), ("conflict_new_id", "conflict_id"), ("adm_1", "ADM 1")):
        header = header.replace(old, new)
    path.write_text(f"{header}\n{rest}", encoding="utf-8")
    assert read(corpus_address, path)[0] == plain


def test_columns_are_known_by_the_ten_letters_of_a_shapefile(
    corpus_address: str, tmp_path: Path, plain: Brought
) -> None:
    path = written(tmp_path, BATTLE, OTHER)
    header, rest = path.read_text(encoding="utf-8").split("\n", 1)
    names = ["conflict_1" if name == "conflict_name" else name[:10] for name in header.split(",")]
    path.write_text(f"{','.join(names)}\n{rest}", encoding="utf-8")
    assert read(corpus_address, path)[0] == plain


def as_hdx_gives_it(folder: Path) -> Path:
    """The invented figure of IDMC's with its sentences in one column without tags, and the link of its outlet alone."""
    text = "India: 41 displacements (evacuated), 21 July - 22 July. An invented sentence."
    link = "https://example.org/report?a=1&b=2"
    row = {**test_import_idmc_idu.ROW, "description": text, "link": link, "combined_type": "Conflict"}
    path = folder / "event_data_IND.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [name for name in row if not name.startswith("standard_")]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerow(row)
    return path


def test_a_figure_of_a_distributor_is_the_publishers(corpus_address: str, tmp_path: Path) -> None:
    found = brought(corpus_address, IdmcIdu(as_hdx_gives_it(tmp_path)))
    ours = found.event
    (document,) = [found.documents[report["document_id"]] for report in ours["reports"]]
    assert (document["outlet"], document["outlet_basis"]) == ("example.org", "inferred")
    assert document["url"] == "https://example.org/report?a=1&b=2"
    row = test_import_idmc_idu.ROW
    theirs = brought(corpus_address, IdmcIdu(test_import_idmc_idu.write(tmp_path, row))).event
    for name in ("id", "subtype", "title", "codes", "date_start", "location_id"):
        assert ours[name] == theirs[name]


# --- Around the rows ---------------------------------------------------------------------------------------------


def table(rows: Sequence[Mapping[str, str]], **form: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, **form)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def commas_in_numbers(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    for row in rows:
        yield {**row, "latitude": row["latitude"].replace(".", ","), "longitude": row["longitude"].replace(".", ",")}


def with_blanks(text: str) -> str:
    return text.replace('","', '", "').replace('"", "', '"","')


def under_a_title(text: str) -> str:
    return f"Exported by a program{',' * (len(COLUMNS) - 1)}\n{',' * (len(COLUMNS) - 1)}\n{text}"


def with_tags(text: str) -> str:
    header, rest = text.split("\r\n", 1)
    tags = ["" if name in ("id", "relid") else "#date+start" if name == "date_start" else "" for name in COLUMNS]
    return f"{header}\r\n{','.join(tags)}\r\n{rest}"


def numbered(text: str) -> str:
    """As R's write.table does, with a name over no row."""
    header, *rows = text.splitlines()
    return "\n".join([header, *(f"{place},{row}" for place, row in enumerate(rows, 1))]) + "\n"


def short(text: str) -> str:
    """As spreadsheets do, with no empty values behind the later rows."""
    lines = text.splitlines()
    return "\n".join([*lines[:2], *(line.rstrip(",") for line in lines[2:])]) + "\n"


def under_no_header(text: str, behind: str) -> Iterator[str]:
    header, *rows = text.splitlines()
    yield header
    yield from (f"{row}{behind}" for row in rows)


ROWS = (BATTLE, OTHER)
FORMS: dict[str, Callable[[], bytes]] = {
    "semicolons": lambda: table(list(commas_in_numbers(ROWS)), delimiter=";").encode(),
    "tabs": lambda: table(ROWS, delimiter="\t").encode(),
    "blanks behind commas": lambda: with_blanks(table(ROWS, quoting=csv.QUOTE_ALL)).encode(),
    "UTF-16": lambda: table(ROWS, delimiter="\t").encode("utf-16"),
    "UTF-16 without a mark": lambda: table(ROWS).encode("utf-16-le"),
    "byte order mark": lambda: table(ROWS).encode("utf-8-sig"),
    "two byte order marks": lambda: ("\ufeff" + table(ROWS, quoting=csv.QUOTE_ALL)).encode("utf-8-sig"),
    "empty rows": lambda: (table(ROWS) + f"{',' * (len(COLUMNS) - 1)}\r\n" * 3 + "\r\n").encode(),
    "tags": lambda: with_tags(table(ROWS)).encode(),
    "a title": lambda: under_a_title(table(ROWS)).encode(),
    "empty values behind rows": lambda: "\n".join(under_no_header(table(ROWS), ",")).encode() + b"\n",
    "two of them": lambda: "\n".join(under_no_header(table(ROWS), ",,")).encode() + b"\n",
    "a header with one name too many": lambda: table(ROWS).replace("\r\n", ",\r\n", 1).encode(),
    "two files one after the other": lambda: b"".join(table([row]).encode("utf-8-sig") for row in ROWS),
    "rows that end before their last values": lambda: short(table(ROWS)).encode(),
    "numbers of rows": lambda: numbered(table(ROWS)).encode(),
    "JSON": lambda: json.dumps(ROWS, indent=1).encode(),
    "UCDP's interface": lambda: json.dumps(
        {"TotalCount": 2, "TotalPages": 1, "NextPageUrl": "", "Result": ROWS}
    ).encode(),
    "an envelope with more behind": lambda: json.dumps({"data": ROWS, "count": 2}).encode(),
    "an envelope in another": lambda: json.dumps({"meta": {"ok": True}, "data": {"page": 1, "events": ROWS}}).encode(),
    "CKAN's interface": lambda: json.dumps(
        {
            "success": True,
            "result": {
                "fields": [{"id": name, "type": "text"} for name in COLUMNS],
                "records": [{"_id": 1, **row} for row in ROWS],
            },
        }
    ).encode(),
    "ArcGIS": lambda: json.dumps({"features": list(map(arcgis_feature, ROWS))}).encode(),
    "nodes": lambda: json.dumps({"data": {"events": {"edges": [{"node": row} for row in ROWS]}}}).encode(),
    "page after page": lambda: "\n".join(json.dumps({"TotalPages": 2, "Result": [row]}) for row in ROWS).encode(),
    "a list of pages": lambda: json.dumps([{"TotalPages": 2, "Result": [row]} for row in ROWS]).encode(),
    "a record a line": lambda: "".join(f"{json.dumps(row)}\n" for row in ROWS).encode(),
    "GeoJSON": lambda: json.dumps({"type": "FeatureCollection", "features": list(map(feature, ROWS))}).encode(),
}


def feature(row: Mapping[str, str]) -> dict[str, Any]:
    properties = {name: value for name, value in row.items() if name not in ("latitude", "longitude")}
    point = {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]}
    return {"type": "Feature", "geometry": point, "properties": properties}


def arcgis_feature(row: Mapping[str, str]) -> dict[str, Any]:
    longitude, latitude = feature(row)["geometry"]["coordinates"]
    return {"attributes": feature(row)["properties"], "geometry": {"x": longitude, "y": latitude}}


@for_each("form", FORMS.values(), ids=FORMS)
def test_every_form_brings_what_the_plain_file_brings(
    corpus_address: str, tmp_path: Path, plain: Brought, form: Callable[[], bytes]
) -> None:
    path = tmp_path / "events.dat"
    path.write_bytes(form())
    assert importer_of(path, None) == ("ucdp-ged", UcdpGed)
    assert read(corpus_address, path)[0] == plain


def test_lines_of_two_encodings_are_read_as_each_is_written(corpus_address: str, tmp_path: Path) -> None:
    rows = [{**row, "source_original": "Médecins"} for row in ROWS]
    whole, _lines = read(corpus_address, written(tmp_path, *rows))
    path = tmp_path / "mixed.csv"
    path.write_bytes(table(rows[:1]).encode() + table(rows[1:]).partition("\n")[2].encode("cp1252"))
    assert read(corpus_address, path)[0] == whole


def test_another_header_in_the_file_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, BATTLE)
    turned = as_csv(OTHER, columns=COLUMNS[::-1])
    path.write_text(path.read_text(encoding="utf-8") + turned, encoding="utf-8", newline="")
    with pytest.raises(ImportFault, match=r"events\.csv:3: another header begins here"):
        assert UcdpGed(path).dataset


def test_numbers_in_json_are_as_they_are_printed(corpus_address: str, tmp_path: Path, plain: Brought) -> None:
    whole = ("id", "year", "best", "high", "low", "deaths_a", "side_a_new_id", "country_id")
    rows = [{name: int(value) if name in whole else value or None for name, value in row.items()} for row in ROWS]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    assert read(corpus_address, path)[0] == plain


def workbook(folder: Path, **sheets: Sequence[Mapping[str, Any]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in [dict(zip(rows[0], rows[0], strict=True)), *rows] if rows else ():
            sheet.append(list(row.values()))
    path = folder / "events.xlsx"
    book.save(path)
    return path


def test_a_workbook_brings_what_the_plain_file_brings(corpus_address: str, tmp_path: Path, plain: Brought) -> None:
    day = datetime(2023, 11, 3)
    rows = [
        {**row, "id": int(row["id"]), "date_start": day, "date_end": day, "latitude": 23.79, "best": float(row["best"])}
        for row in ROWS
    ]
    path = workbook(tmp_path, README=[{"About": "Invented."}], Data=rows)
    assert importer_of(path, None)[0] == "ucdp-ged"
    assert read(corpus_address, path)[0] == plain


# --- What it is not ----------------------------------------------------------------------------------------------


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return packed.getvalue()


NOT: dict[str, tuple[bytes, str]] = {
    "web page": (b"<!doctype html>\n<title>Sign in</title>\n", "a web page"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "an Excel workbook of before 2007"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "Parquet": (b"PAR1" + bytes(20), "a Parquet file"),
    "nothing": (b"", "the file is empty"),
    "columns in JSON": (
        b'{"id": {"0": 7001}, "best": {"0": 6}}',
        "there is no list of records in this JSON, which says: id: {...}",
    ),
    "error in a list": (b'{"status": 403, "error": [{"message": "Access denied"}]}', "status: 403; error: [...]"),
    "nothing found": (b'{"status": 200, "count": 0, "data": []}', "count: 0; data: []"),
    "error": (b'{"status": 403, "message": "Access denied"}', "status: 403; message: Access denied"),
    "battle deaths": (b"conflict_id,year,bd_best,bd_low,bd_high\n1,2023,5,4,6\n", "UCDP's Battle-Related Deaths"),
    "armed conflicts": (
        b"conflict_id,location,incompatibility,intensity_level,type_of_conflict,cumulative_intensity\n1,a,1,1,3,0\n",
        "UCDP/PRIO Armed Conflict",
    ),
    "sums of ACLED's": (
        b"Country,Admin1,Month,Year,Events,Fatalities\nIndia,Manipur,May,2023,3,4\n",
        "numbers of events",
    ),
    "unknown": (b"a,b\n1,2\n", "of none of the datasets ucdp-ged, acled, idmc-idu, awsd"),
    "answer of a server": (b"404: Not Found", "it begins with '404: Not Found'"),
    "values by column in JSON": (
        json.dumps({name: {"0": value} for name, value in BATTLE.items()}).encode(),
        "the values of each column together, as pandas writes it",
    ),
    "lines in quotation marks": (
        b"".join(b'"%s"\n' % line.replace('"', '""').encode() for line in table([BATTLE]).splitlines()),
        "each line stands in quotation marks",
    ),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "a pointer of Git LFS"),
    "shapefile": (zipped("a.shp", "a.dbf", "a.prj"), "a shapefile"),
    "binary workbook": (zipped("[Content_Types].xml", "xl/workbook.bin"), "a binary Excel workbook"),
    "table of a database": (b"\x03\x79\x07\x1a" + bytes(60), "a form of some program's own"),
    "object of R's": (gzip.compress(b"X\n\0\0\0\3" + bytes(60)), "an object that R saved"),
    "tar": (b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(300), "a tar archive"),
    "web page named .xls": (b"<html><table><tr><td>id</td></tr></table></html>", "a web page (HTML) with a table"),
    "workbook in XML": (b'<?xml version="1.0"?><Workbook xmlns="a"></Workbook>', "an Excel workbook in XML"),
}


@for_each(("content", "said"), NOT.values(), ids=NOT)
def test_what_is_not_read_is_named_for_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFault, match=r"file\.csv") as told:
        importer_of(path, None)
    assert said in told.value.message


def test_a_workbook_of_sums_is_named_whatever_stands_beside_them(tmp_path: Path) -> None:
    sums = {"ISO3": "MMR", "Name": "Myanmar", "Year": 2023, "Conflict Internal Displacements": 7, "raw": 7, "more": 1}
    context = {"ISO3": "MMR", "Year": 2023, "Figure cause": "Conflict", "Figure category": "x", "Description": "y"}
    path = workbook(tmp_path, README=[{"About": "Invented."}], Data=[sums], Context=[context])
    with pytest.raises(ImportFault, match="this looks like IDMC's Global Internal Displacement Database, sums of a"):
        importer_of(path, None)


def test_a_sheet_that_is_a_chart_is_passed_over(corpus_address: str, tmp_path: Path, plain: Brought) -> None:
    path = workbook(tmp_path, Data=ROWS)
    book = load_workbook(path)
    chart = BarChart()
    chart.add_data(Reference(book["Data"], min_col=1, min_row=1, max_row=2))
    book.create_chartsheet("Chart").add_chart(chart)
    book.save(path)
    assert read(corpus_address, path)[0] == plain


def test_columns_that_nobody_reads_may_stand_twice(corpus_address: str, tmp_path: Path, plain: Brought) -> None:
    path = tmp_path / "events.csv"
    header, *rows = table(ROWS).splitlines()
    path.write_text("\n".join([f"{header},notes,notes", *(f"{row},a,b" for row in rows)]) + "\n", encoding="utf-8")
    assert read(corpus_address, path)[0] == plain


def test_a_quotation_mark_behind_a_backslash_is_told(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(table(ROWS, doublequote=False, escapechar="\\"), encoding="utf-8", newline="")
    with pytest.raises(ImportFault, match="not behind a backslash"):
        assert UcdpGed(path).dataset


def test_a_file_of_another_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ImportFault, match=r"looks like UCDP Georeferenced Event Dataset.*, not Armed Conflict Location"
    ):
        importer_of(written(tmp_path, BATTLE), "acled")


def test_a_workbook_with_two_sheets_of_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match=r"an Excel workbook with 3 sheets \(README, North, South\)"):
        importer_of(workbook(tmp_path, README=[{"About": "Invented."}], North=[BATTLE], South=[OTHER]), None)


def test_each_dataset_is_known_by_its_columns(tmp_path: Path) -> None:
    assert importer_of(test_import_acled.write(tmp_path, {}), None) == ("acled", Acled)
    assert importer_of(test_import_acled.write(tmp_path, {}, upper=True), None) == ("acled", Acled)
    assert importer_of(test_import_idmc_idu.write(tmp_path, {}), None) == ("idmc-idu", IdmcIdu)
    assert importer_of(test_import_idmc_idu.write_csv(tmp_path, {}, is_camel=True), "idmc-idu")[1] is IdmcIdu
