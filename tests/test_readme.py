"""The README and docs/ are true: every question is asked, every address answers, and settings and commands are described."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click import Context
from flask.testing import FlaskClient

from api.cli import main
from seeds.datasets import IMPORTERS
from tests import readme, test_import_acled, test_import_idmc_idu, ucdp_files
from tests.conftest import load_into
from tests.databases import Databases
from tests.readme import OPERATING, PAGES, README, answer, questions, settings_table
from tests.running import running
from tests.stored import served

OF_CORPUS = "dataset=op1027&"


def untrue(client: FlaskClient) -> list[str]:
    """The questions that are answered otherwise than their page shows."""
    return [
        f"{question.page.name}: {question.path}"
        for question in questions()
        if answer(client, question.path) != question.answer
    ]


pytestmark = pytest.mark.engines("sqlite")


def test_every_question_has_the_answer_that_is_shown(client: FlaskClient) -> None:
    assert untrue(client) == []
    assert len([question for question in questions() if question.page == README]) >= 5
    assert len(list(questions())) == readme.console_blocks(), "a block of a console is no question that is asked here"


def test_answers_stay_true_after_an_import(databases: Databases, corpus_address: str, tmp_path: Path) -> None:
    address = databases.copy(corpus_address)
    fled = {"country": "Myanmar", "iso3": "MMR", "latitude": 23.79, "longitude": 95.68, "centroid": "[23.79, 95.68]"}
    later = {**ucdp_files.BATTLE, "id": "7002", "date_start": "2023-12-30", "date_end": "2023-12-30"}
    load_into(
        address,
        IMPORTERS["ucdp-ged"](ucdp_files.written(tmp_path, ucdp_files.BATTLE, later), release="1"),
        IMPORTERS["idmc-idu"](test_import_idmc_idu.write(tmp_path, fled)),
    )
    with served(address) as client:
        assert untrue(client) == []
        # What was imported would show, were the questions not of one dataset.
        told = next(questions())
        assert OF_CORPUS in told.path and answer(client, told.path.replace(OF_CORPUS, "")) != told.answer


def test_every_address_that_a_page_names_answers(client: FlaskClient) -> None:
    asked = {question.path for question in questions()}
    found = {path: client.get(path).status_code for path in readme.addresses() - asked}
    assert found and {path: status for path, status in found.items() if status != 200} == {}


def test_recipes_in_python_run(corpus_address: str, tmp_path: Path) -> None:
    recipes = list(readme.python_recipes())
    with running(corpus_address, tmp_path) as server:
        for recipe in recipes:
            code = recipe.replace(readme.ADDRESS, f"http://127.0.0.1:{server.port}")
            subprocess.run([sys.executable, "-c", code], check=True)
    assert recipes


def test_every_setting_is_described() -> None:
    assert settings_table() in OPERATING.read_text(encoding="utf-8")


def test_the_page_on_methodology_says_what_the_service_does() -> None:
    assert readme.METHODOLOGY.read_text(encoding="utf-8") == readme.methodology_page()


def test_every_field_and_code_of_a_publisher_is_described() -> None:
    text = readme.DATASETS.read_text(encoding="utf-8")
    assert text == readme.with_code_tables(text)
    told = set(re.findall(r"`(\w+)`", text))
    idmc = {**test_import_idmc_idu.ROW, **test_import_idmc_idu.NEWER}
    printed = {*ucdp_files.COLUMNS, *test_import_acled.COLUMNS, *idmc}
    assert printed - told == set()


def test_every_command_and_importer_is_described() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in (*PAGES, readme.CONTRIBUTING))
    named = [*main.list_commands(Context(main)), *(f"import {name}" for name in IMPORTERS)]
    assert [name for name in named if f"conflict-events {name}" not in text] == []


def test_every_file_that_a_page_links_to_is_there() -> None:
    linked = list(readme.linked_files())
    assert linked and [(page.name, str(file)) for page, file in linked if not file.exists()] == []
