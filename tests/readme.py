"""The README and the pages under docs/ as data: their questions, their addresses and the table of settings.

`python -m tests.readme DATABASE_URL` writes the answers of that database and the settings into them.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from flask.testing import FlaskClient

from api.domain.codebook import CODEBOOK
from api.domain.methodology import SECTIONS, STANDARDS
from api.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
OPERATING = ROOT / "docs" / "operating.md"
DATASETS = ROOT / "docs" / "datasets.md"
METHODOLOGY = ROOT / "docs" / "methodology.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
# The page on importers asks about an importer of its own, and has its own test.
IMPORTERS_PAGE = ROOT / "docs" / "importers.md"
PAGES = (README, *sorted(set((ROOT / "docs").glob("*.md")) - {IMPORTERS_PAGE}))
ADDRESS = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"```console\n\$ curl '(?P<url>[^']+)'\n(?P<answer>.*?)```", re.DOTALL)
_ADDRESSED = re.compile(rf"{ADDRESS}(/[^\s'\"<>`)|]*)")
_PYTHON = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)
_IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
_CODES = re.compile(r"<!-- codes: (?P<publisher>\w+) -->\n(?P<table>(\|.*\n)*)")
_LINK = re.compile(r"\]\((?P<file>[^)#:]+)\)")


class Question(NamedTuple):
    """A question that a page asks, and the answer that it shows."""

    page: Path
    path: str
    answer: str


def questions() -> Iterator[Question]:
    """Every question of every page."""
    for page in PAGES:
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            yield Question(page, found["url"].removeprefix(ADDRESS), found["answer"])


def console_blocks() -> int:
    """How many blocks of a console there are, whatever they hold."""
    return sum(page.read_text(encoding="utf-8").count("```console") for page in PAGES)


def addresses() -> set[str]:
    """Every address of the service that a page names."""
    return {path for page in PAGES for path in _ADDRESSED.findall(page.read_text(encoding="utf-8"))}


def python_recipes() -> Iterator[str]:
    """The pages' code in Python, where all that it imports is installed."""
    for page in PAGES:
        for found in _PYTHON.finditer(page.read_text(encoding="utf-8")):
            if all(map(find_spec, _IMPORTED.findall(found["code"]))):
                yield found["code"]


def linked_files() -> Iterator[tuple[Path, Path]]:
    """Every file that a page or CONTRIBUTING links to, with the page."""
    for page in (*PAGES, CONTRIBUTING):
        for found in _LINK.finditer(page.read_text(encoding="utf-8")):
            yield page, page.parent / found["file"]


def answer(client: FlaskClient, path: str) -> str:
    """What the service answers, as a page shows it: lines end as in a text file."""
    return client.get(path).text.replace("\r\n", "\n").rstrip("\n") + "\n"


def settings_table() -> str:
    """The settings as the page on operating lists them."""
    rows = ["| Variable | Default | What it is |", "|---|---|---|"]
    for setting in fields(Settings):
        default = f"`{setting.default}`" if setting.default != "" else "none"
        rows.append(f"| `{setting.metadata['environment']}` | {default} | {setting.metadata['sentence']} |")
    return "\n".join(rows)


def with_code_tables(text: str) -> str:
    """The page on datasets with what each publisher's codes mean, as the importers read it."""
    return _CODES.sub(lambda found: f"<!-- codes: {found['publisher']} -->\n{_code_table(found['publisher'])}", text)


def _code_table(publisher: str) -> str:
    rows = ["| Column | Printed | Means |", "|---|---|---|"]
    with (ROOT / "seeds" / publisher / "codes.csv").open(encoding="utf-8", newline="") as file:
        # The codes of one column with one meaning stand together.
        for (column, meaning), listed in groupby(csv.DictReader(file), key=itemgetter("column", "meaning")):
            printed = ", ".join(f"`{row['code']}`" if row["code"] else "nothing" for row in listed)
            rows.append(f"| `{column}` | {printed} | {f'`{meaning}`' if meaning else 'no'} |")
    return "\n".join(rows) + "\n"


def methodology_page() -> str:
    """The page on methodology: the sections that `/v1/methodology` gives, with the code lists that each rests on."""
    standards = "\n".join(f"- [{one.name}]({one.url}), {one.publisher}" for one in STANDARDS)
    opening = (
        "# Methodology",
        "For whoever has to judge the data: how they come about, in the parts that these texts ask for.",
        standards,
        (
            f"<{ADDRESS}/v1/methodology> gives the same, with what is loaded and what is not known of it. How an error is mended"
            " is told at length in [corrections.md](corrections.md), how numbers are added in [totals.md](totals.md), and what is"
            " made of each publisher's fields in [datasets.md](datasets.md)."
        ),
    )
    sections = []
    for section in SECTIONS:
        lists = [f"[{CODEBOOK[name].title}]({ADDRESS}/v1/codebook/{name})" for name in section.code_lists]
        links = [f"<{ADDRESS}{link}>" for link in section.links if not link.startswith("/v1/codebook/")]
        sections += [f"## {section.title}", *section.text, f"See {' · '.join((*lists, *links))}."]
    return "\n\n".join((*opening, *sections)) + "\n"


def rewrite(client: FlaskClient) -> None:
    """Writes the answers of this client and the settings into the pages."""
    for page in PAGES:
        text = _BLOCK.sub(
            lambda found: (
                f"```console\n$ curl '{found['url']}'\n{answer(client, found['url'].removeprefix(ADDRESS))}```"
            ),
            page.read_text(encoding="utf-8"),
        )
        if page == OPERATING:
            text = re.sub(r"\| Variable \|.*?(?=\n\n)", lambda _found: settings_table(), text, flags=re.DOTALL)
        if page == DATASETS:
            text = with_code_tables(text)
        if page == METHODOLOGY:
            text = methodology_page()
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    from api.app import create_app

    rewrite(create_app(Settings(database_url=sys.argv[1])).test_client())
