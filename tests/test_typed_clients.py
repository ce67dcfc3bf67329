"""What generators and linters of OpenAPI make of the description: tools that others wrote and that we cannot change."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.programs import node_packages, program, python_packages
from tests.running import running
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")

DESCRIPTION = Path(__file__).parent.parent / "openapi.yaml"
MOST_SECONDS = 900
# How many soldiers were killed in Sagaing in November 2023.
SOLDIERS = "location=Sagaing&date_from=2023-11-01&date_to=2023-11-30&measure=killed&population=state_forces"


def told(*command: str | Path, folder: Path, environment: dict[str, str] | None = None) -> str:
    """What a program writes, which has to end well."""
    written = [str(part) for part in command]
    done = subprocess.run(
        written, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


# What a stranger writes against a client of Python that was generated: typed models, CSV as text, a posted question.
WRITTEN = """
import sys, httpx
from client import Client
from client.api.casualties import query_total_casualties, total_casualties, total_casualties_csv
from client.api.events import get_event, list_events
from client.models import Problem, TotalCasualtiesMeasureItem, TotalCasualtiesPopulationItem, TotalCasualtiesQuestion
from client.types import UNSET
from api.app import create_app

client = Client("http://localhost")
client.set_httpx_client(httpx.Client(transport=httpx.WSGITransport(app=create_app()), base_url="http://localhost"))
asked = dict(
    location=["Sagaing"], date_from=__import__("datetime").date(2023, 11, 1), date_to=__import__("datetime").date(2023, 11, 30),
    measure=[TotalCasualtiesMeasureItem.KILLED], population=[TotalCasualtiesPopulationItem.STATE_FORCES],
)
(row,) = total_casualties.sync(client=client, **asked).data
print(row.low, row.best, row.high, row.open_ended)
first = list_events.sync(client=client, limit=1, type_=UNSET)
assert first.total > first.returned == 1 and get_event.sync(first.data[0].id, client=client).id == first.data[0].id
assert isinstance(list_events.sync(client=client, location=["nowhere"]), Problem)
question = TotalCasualtiesQuestion.from_dict({"location": ["Sagaing"], "measure": ["killed"], "population": ["state_forces"],
    "date_from": "2023-11-01", "date_to": "2023-11-30"})
assert query_total_casualties.sync(client=client, body=question).data[0].best == row.best
print(total_casualties_csv.sync(client=client, **asked))
"""


def test_a_generated_client_of_python_asks_the_service(
    client: FlaskClient, corpus_address: str, tmp_path: Path
) -> None:
    # JSON is read sooner, and how the code looks is nobody's concern here.
    (tmp_path / "openapi.json").write_bytes(client.get("/openapi.json").data)
    (tmp_path / "made.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    generate = ("openapi_python_client", "generate", "--path", "openapi.json", "--config", "made.yaml")
    told(sys.executable, "-m", *generate, "--output-path", "client", "--meta", "none", folder=tmp_path)
    (tmp_path / "ask.py").write_text(WRITTEN, encoding="utf-8")
    (row,) = client.get(f"/v1/casualties/totals?{SOLDIERS}").json["data"]
    paths = os.pathsep.join((str(tmp_path), str(DESCRIPTION.parent)))
    environment = {**os.environ, "DATABASE_URL": corpus_address, "PYTHONPATH": paths}
    numbers, *table = told(sys.executable, "ask.py", folder=tmp_path, environment=environment).splitlines()
    assert numbers == " ".join(str(row[name]) for name in ("low", "best", "high", "open_ended"))
    (flat,) = csv.DictReader(table)
    assert (flat["best"], flat["key_measure"]) == (str(row["best"]), "killed")


@pytest.mark.tools
@for_each(
    ("package", "command"),
    [
        ("@redocly/cli@2.77.0", ("redocly", "lint", DESCRIPTION)),
        # A rule's errors fail; what it only warns of does not.
        ("@stoplight/spectral-cli@6.16.3", ("spectral", "lint", DESCRIPTION, "--ruleset", "rules.yaml")),
    ],
)
def test_linters_find_no_error(tmp_path: Path, package: str, command: tuple[str | Path, ...]) -> None:
    (tmp_path / "rules.yaml").write_text('extends: ["spectral:oas"]\n', encoding="utf-8")
    program, *arguments = command
    told(node_packages(package) / "node_modules" / ".bin" / program, *arguments, folder=tmp_path)


# The same against a client that OpenAPI Generator made.
WRITTEN_FOR_GENERATOR = """
import datetime, sys
import conflict_events as made
api = made.ApiClient(made.Configuration(host=sys.argv[1]))
asked = dict(location=["Sagaing"], date_from=datetime.date(2023, 11, 1), date_to=datetime.date(2023, 11, 30), measure=["killed"],
    population=["state_forces"])
(row,) = made.CasualtiesApi(api).total_casualties(**asked).data
print(row.low, row.best, row.high, row.open_ended)
question = made.TotalCasualtiesQuestion(**asked)
assert made.CasualtiesApi(api).query_total_casualties(question).data[0].best == row.best
first = made.EventsApi(api).list_events(limit=1).data[0]
assert made.EventsApi(api).get_event(first.id).title == first.title
assert "killed" in made.CasualtiesApi(api).total_casualties_csv(**asked)
"""


@pytest.fixture(scope="module")
def generator() -> tuple[str | Path, ...]:
    """The command that makes a client; its language and folder are to follow."""
    jar = python_packages("openapi-generator-cli==7.26.0") / "openapi_generator_cli" / "openapi-generator.jar"
    return program("java"), "-jar", jar, "generate", "-i", DESCRIPTION, "-g"


def expected(client: FlaskClient) -> tuple[object, ...]:
    (row,) = client.get(f"/v1/casualties/totals?{SOLDIERS}").json["data"]
    return tuple(row[name] for name in ("low", "best", "high", "open_ended"))


@pytest.mark.tools
def test_openapi_generator_makes_a_client_that_asks(
    client: FlaskClient, corpus_address: str, tmp_path: Path, generator: tuple[str | Path, ...]
) -> None:
    told(*generator, "python", "-o", tmp_path, "--package-name", "conflict_events", folder=tmp_path)
    (tmp_path / "ask.py").write_text(WRITTEN_FOR_GENERATOR, encoding="utf-8")
    meant = expected(client)
    with running(corpus_address, tmp_path) as server:
        printed = told(sys.executable, "ask.py", f"http://127.0.0.1:{server.port}", folder=tmp_path)
    assert printed.split() == [str(value) for value in meant]


# Its client of R sends lists that nobody gave as empty ones, so the question is posted; and one value in a list is a list().
WRITTEN_IN_R = """
asked <- commandArgs(TRUE)
library(conflictevents, lib.loc = asked[2])
question <- TotalCasualtiesQuestion$new(location = list("Sagaing"), date_from = "2023-11-01", date_to = "2023-11-30",
                                        measure = list("killed"), population = list("state_forces"))
total <- CasualtiesApi$new(ApiClient$new(base_path = asked[1]))$QueryTotalCasualtiesWithHttpInfo(question)$content
for (row in total$data) cat(row$low, row$best, row$high, row$open_ended)
"""


@pytest.mark.tools
def test_openapi_generator_makes_a_client_of_r_that_asks(
    client: FlaskClient, corpus_address: str, tmp_path: Path, generator: tuple[str | Path, ...]
) -> None:
    needed = "for (name in c('httr', 'jsonlite', 'R6', 'base64enc', 'stringr')) library(name, character.only = TRUE)"
    if subprocess.run([program("Rscript"), "-e", needed], capture_output=True, check=False).returncode:
        pytest.skip("what clients of R need is not installed")
    told(*generator, "r", "-o", tmp_path / "client", "--package-name", "conflictevents", folder=tmp_path)
    library = tmp_path / "library"
    library.mkdir()
    told(
        program("R"),
        "CMD",
        "INSTALL",
        "--no-docs",
        "--no-byte-compile",
        "--no-test-load",
        "-l",
        library,
        "client",
        folder=tmp_path,
    )
    meant = expected(client)
    with running(corpus_address, tmp_path) as server:
        address = f"http://127.0.0.1:{server.port}"
        printed = told(program("Rscript"), "-e", WRITTEN_IN_R, address, library, folder=tmp_path)
    assert printed.split() == [str(value).upper() for value in meant]
