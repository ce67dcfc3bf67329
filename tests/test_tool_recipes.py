"""The recipes of docs/recipes/ get the number that they say: their questions in every run, their code where its tool is."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.programs import node_packages, program, python_packages
from tests.running import running
from tests.test_typed_clients import DESCRIPTION, SOLDIERS, told

pytestmark = pytest.mark.engines("sqlite")

RECIPES = Path(__file__).parent.parent / "docs" / "recipes"
ADDRESS = "http://127.0.0.1:8000"
NUMBERS = ("low", "best", "high", "open_ended")
# What Grafana writes in place of the range of a dashboard.
RANGE = {"${__from:date:YYYY-MM-DD}": "2023-11-01", "${__to:date:YYYY-MM-DD}": "2023-11-30"}


def recipe(page: str, language: str) -> str:
    """The one block of this language on a page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", (RECIPES / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def expected(client: FlaskClient) -> dict[str, object]:
    (row,) = client.get(f"/v1/casualties/totals?{SOLDIERS}").json["data"]
    return {name: row[name] for name in NUMBERS}


def test_index_names_every_recipe() -> None:
    named = re.findall(r"\((\w[\w-]*)\.md\)", (RECIPES / "README.md").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(page.stem for page in RECIPES.glob("*.md") if page.stem != "README")


def test_every_recipe_gets_the_number_in_under_five_lines() -> None:
    for page in sorted(RECIPES.glob("*.md")):
        first = re.search(r"```\w+\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        lines = [line for line in first[1].splitlines() if line] if first is not None else []
        assert len([line for line in lines if not line.startswith(("import ", "from "))]) < 5, page.name
        # Of another dataset there would be a row more.
        assert not lines or all(word in "".join(lines) for word in ("killed", "op1027")), page.name


def test_questions_of_the_recipes_get_the_number(client: FlaskClient) -> None:
    grafana = recipe("grafana", "text").strip()
    for written, sent in RANGE.items():
        grafana = grafana.replace(written, sent)
    query = recipe("power-query", "powerquery")
    (path,), (fields,) = re.findall(r'RelativePath = "(.*?)"', query), re.findall(r"Query = \[(.*?)\]", query)
    pairs = re.findall(r'(\w+) = "(.*?)"', fields)
    power_query = f"/{path}?{urlencode(pairs)}"
    chart = json.loads(recipe("vega-lite", "json"))["data"]["url"]
    meant = expected(client)
    for question in (grafana, power_query, chart, recipe("observable", "js").split('"')[1]):
        (row,) = csv.DictReader(client.get(question.removeprefix(ADDRESS)).text.splitlines())
        assert [row[name] for name in NUMBERS] == [str(meant[name]).lower() for name in NUMBERS], question
    (superset,) = re.findall(r'FROM "(.*?)#\$\.data\[\*\]"', recipe("superset", "sql"))
    (row,) = client.get(superset.removeprefix(ADDRESS)).json["data"]
    assert {name: row[name] for name in NUMBERS} == meant


@pytest.fixture
def address(corpus_address: str, tmp_path: Path) -> Iterator[str]:
    """The address of a server of the corpus."""
    with running(corpus_address, tmp_path) as server:
        yield f"http://127.0.0.1:{server.port}"


def run(script: str, packages: Path, folder: Path) -> str:
    """What a module of JavaScript writes, with these packages beside it."""
    (folder / "node_modules").symlink_to(packages / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "run.js").write_text(script, encoding="utf-8")
    return told(program("node"), "run.js", folder=folder)


@pytest.mark.tools
def test_typescript_compiles_strictly_and_asks(client: FlaskClient, address: str, tmp_path: Path) -> None:
    packages = node_packages("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3")
    bin_ = packages / "node_modules" / ".bin"
    told(bin_ / "openapi-typescript", DESCRIPTION, "-o", "conflict-events.d.ts", folder=tmp_path)
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")
    (tmp_path / "ask.ts").write_text(recipe("typescript", "ts").replace(ADDRESS, address), encoding="utf-8")
    options = ("--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022")
    told(bin_ / "tsc", *options, "ask.ts", folder=tmp_path)
    (tmp_path / "node_modules").unlink()
    printed = run((tmp_path / "ask.js").read_text(encoding="utf-8"), packages, tmp_path)
    assert printed.split() == [str(value).lower() for value in expected(client).values()]


@pytest.mark.tools
def test_d3_and_vega_lite_read_the_number(client: FlaskClient, address: str, tmp_path: Path) -> None:
    packages = node_packages("d3@7.9.0", "vega@6.2.0", "vega-lite@6.4.1")
    cell = recipe("observable", "js").replace(ADDRESS, address).strip().removeprefix("rows = ")
    chart = recipe("vega-lite", "json").replace(ADDRESS, address)
    script = f"""
        import * as d3 from "d3"; import * as vega from "vega"; import {{ compile }} from "vega-lite";
        const rows = await {cell};
        const view = new vega.View(vega.parse(compile({chart}).spec), {{ renderer: "none" }});
        await view.runAsync();
        const drawn = view.data("source_0");
        if (!(await view.toSVG()).includes("mark-symbol")) throw new Error("nothing is drawn");
        console.log(JSON.stringify([rows[0], drawn[0]]));
    """
    read, drawn = json.loads(run(script, packages, tmp_path))
    meant = expected(client)
    assert {name: read[name] for name in NUMBERS} == meant
    assert [drawn[name] for name in NUMBERS[:3]] == list(meant.values())[:3]


@pytest.mark.tools
def test_the_cell_runs_as_a_notebook_runs_it(client: FlaskClient, address: str, tmp_path: Path) -> None:
    packages = node_packages("@observablehq/parser@6.1.0", "@observablehq/runtime@6.0.1", "d3@7.9.0")
    cell = json.dumps(recipe("observable", "js").replace(ADDRESS, address))
    # What a cell names it may use, and what it refers to is another cell's.
    script = f"""
        import {{ parseCell }} from "@observablehq/parser"; import {{ Runtime }} from "@observablehq/runtime"; import * as d3 from "d3";
        const text = {cell}, cell = parseCell(text), inputs = cell.references.map((one) => one.name);
        const module = new Runtime({{ d3 }}).module();
        const body = new Function(...inputs, `return (${{text.slice(cell.body.start, cell.body.end)}})`);
        module.variable(true).define(cell.id.name, inputs, body);
        console.log(JSON.stringify((await module.value("rows"))[0]));
    """
    read = json.loads(run(script, packages, tmp_path))
    assert {name: read[name] for name in NUMBERS} == expected(client)


@pytest.mark.tools
def test_power_query_reads_the_recipe_as_m(tmp_path: Path) -> None:
    packages = node_packages("@microsoft/powerquery-parser@2.0.0")
    query = recipe("power-query", "powerquery")
    script = """
        import parser from "@microsoft/powerquery-parser";
        const { DefaultSettings, TaskUtils } = parser;
        for (const text of TEXTS)
            console.log(TaskUtils.isParseStageOk(await TaskUtils.tryLexParse(DefaultSettings, text)));
    """
    # And what is not M it does not.
    script = script.replace("TEXTS", json.dumps([query, query.replace("in Table", "Table")]))
    assert run(script, packages, tmp_path).split() == ["true", "false"]


@pytest.mark.tools
def test_shillelagh_asks_the_recipe_of_superset(client: FlaskClient, address: str, tmp_path: Path) -> None:
    """Superset hands its SQL to this library by SQLAlchemy, with the parameters that the recipe names."""
    page = (RECIPES / "superset.md").read_text(encoding="utf-8")
    (database,), (parameters,) = re.findall(r"`(shillelagh\+\S+?)`", page), re.findall(r"`(\{.*?\})`", page)
    environment = {**os.environ, "PYTHONPATH": str(python_packages("shillelagh[genericjsonapi]==1.4.5"))}
    script = """
        import json, sys
        from sqlalchemy import create_engine, text
        with create_engine(sys.argv[1], **json.loads(sys.argv[2])).connect() as connection:
            print(*connection.execute(text(sys.argv[3])).fetchall())
    """
    asked = recipe("superset", "sql").replace(ADDRESS, address)
    command = (sys.executable, "-c", dedent(script), database, parameters, asked)
    printed = told(*command, folder=tmp_path, environment=environment)
    assert printed.strip() == str(tuple(expected(client).values()))
