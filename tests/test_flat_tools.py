"""The recipes for notebooks and spreadsheets run as they stand, and get the number that a total says."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from openpyxl import load_workbook

from tests.programs import program
from tests.running import ANSWER_SECONDS, running

pytestmark = pytest.mark.engines("sqlite")

RECIPES = Path(__file__).parent.parent / "docs" / "recipes"
ADDRESS = "http://127.0.0.1:8000"
ASKED = "dataset=op1027&measure=killed&population=state_forces&location=Sagaing&date_from=2023-11-01&date_to=2023-11-30"
BOUNDS = ("low", "best", "high", "open_ended")


@pytest.fixture(scope="module")
def served(corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the corpus."""
    with running(corpus_address, tmp_path_factory.mktemp("served")) as server:
        yield f"http://127.0.0.1:{server.port}"


def recipe(served: str, name: str, language: str) -> str:
    """The block of a page, asking this server."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", (RECIPES / f"{name}.md").read_text("utf-8"), re.DOTALL)
    return str(found).replace(ADDRESS, served)


def number(served: str) -> list[str]:
    """What the total says that every recipe asks for: its bounds and whether it is open, as text."""
    answer = requests.get(f"{served}/v1/casualties/totals?{ASKED}", timeout=ANSWER_SECONDS)
    (row,) = answer.json()["data"]
    assert row["best"] is not None and row["open_ended"] is True
    return [str(row[name]).lower() for name in BOUNDS]


def told(text: str) -> list[str]:
    """Whole numbers and truths in a text."""
    return re.findall(r"\b(?:\d+|true|false)\b", text.lower())


@pytest.mark.parametrize("name", ["pandas", "polars", "duckdb"])
def test_recipe_in_python_gives_the_number(served: str, name: str) -> None:
    code = recipe(served, name, "python")
    assert ASKED in code
    assert len([line for line in code.splitlines() if line and not line.startswith(("import", "from"))]) < 5
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told(done.stdout) == number(served)
    # The page says what it prints.
    assert " ".join(done.stdout.split()) in (RECIPES / f"{name}.md").read_text("utf-8")


def test_workbook_of_the_recipe_gives_the_number(served: str) -> None:
    text = (RECIPES / "excel.md").read_text("utf-8").replace(ADDRESS, served)
    (address,) = re.findall(r"<(http[^>]+)>", text)
    rows = load_workbook(io.BytesIO(requests.get(address, timeout=ANSWER_SECONDS).content))["casualties-totals"]
    header, row = rows.iter_rows(values_only=True)
    found = dict(zip(header, row, strict=True))
    assert [str(found[name]).lower() for name in BOUNDS] == number(served)


@pytest.mark.tools
def test_recipe_in_r_gives_the_number(served: str) -> None:
    rscript, code = program("Rscript"), recipe(served, "r", "r")
    done = subprocess.run([rscript, "-e", code], check=True, capture_output=True, text=True)
    # The number of the row comes first.
    assert told(done.stdout)[1:] == number(served)


@pytest.mark.tools
def test_recipe_in_libreoffice_gives_the_number(served: str, tmp_path: Path) -> None:
    program("soffice")
    code = recipe(served, "libreoffice", "sh")
    subprocess.run(["sh", "-ec", code], check=True, cwd=tmp_path, capture_output=True)
    (row,) = csv.DictReader((tmp_path / "deaths.csv").read_text("utf-8").splitlines())
    assert [row[name].lower() for name in BOUNDS] == number(served)


# Of its filter for text: commas, double quotes, UTF-8.
UTF_8 = "csv:Text - txt - csv (StarCalc):44,34,76,1"


@pytest.mark.tools
def test_libreoffice_keeps_burmese(served: str, tmp_path: Path) -> None:
    soffice = program("soffice")
    (as_utf_8,) = re.findall(r"--infilter='(.+?)'", (RECIPES / "libreoffice.md").read_text("utf-8"))
    places = requests.get(f"{served}/v1/locations.csv", timeout=ANSWER_SECONDS).content
    (tmp_path / "places.csv").write_bytes(places)
    workbook = requests.get(f"{served}/v1/locations.xlsx", timeout=ANSWER_SECONDS).content
    (tmp_path / "workbook.xlsx").write_bytes(workbook)
    names = [row["native_name"] for row in csv.DictReader(io.StringIO(places.decode()))]
    assert any(not name.isascii() for name in names)
    for options, name in (((), "workbook.xlsx"), ((f"--infilter={as_utf_8}",), "places.csv")):
        command = (soffice, "--headless", *options, "--convert-to", UTF_8, "--outdir", "read", name)
        subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
        read = csv.DictReader((tmp_path / "read" / name).with_suffix(".csv").read_text("utf-8").splitlines())
        assert [row["native_name"] for row in read] == names, name
