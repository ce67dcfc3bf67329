"""The pages about the service itself: start page, kinds of problems, health, description and manual."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from api.domain.errors import PROBLEMS
from api.resources.about import CORPUS
from api.settings import Settings
from api.store.database import connect_for_loading
from tests.conftest import ENGINES, application, close
from tests.databases import Databases
from tests.described import described, resolved
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = ("/", "/problems/not-found", "/v1/methodology")
# The code lists that the methodology may leave to the codebook.
UNTOLD = {"outcome", "relation_type"}
# What is asked of the figures that are counted as a gap.
GAPS_ASKED = {
    "figures_without_number": "status=unnumbered,unknown",
    "casualties_without_sex": "family=casualty&sex=unspecified",
    "casualties_without_age": "family=casualty&age=unspecified",
    "casualties_without_cause": "family=casualty&cause=unknown",
}
# The loader in C, where there is one.
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _linked(html: str) -> set[str]:
    """The addresses on this service that a page links to."""
    return {address.replace("&amp;", "&") for address in re.findall(r'href="(/[^"]*)"', html)}


def _some_of_each_kind(linked: set[str]) -> list[str]:
    """One of the addresses that differ in a record's id, or in the values of what is asked, alone."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for address in sorted(linked):
        path, _mark, query = address.partition("?")
        level = re.sub("(/v1/[a-z]+/).+", r"\1", path)
        kinds.setdefault((level, *sorted(pair.partition("=")[0] for pair in query.split("&"))), []).append(address)
    return [listed[len(listed) // 2] for listed in kinds.values()]


def _status(client: FlaskClient, path: str) -> int:
    """How the service answers a browser; files are let go of."""
    with client.get(path, headers=BROWSER) as response:
        return response.status_code


# --- The start page ----------------------------------------------------------------------------------------------


def test_browsers_get_html_and_clients_get_json(client: FlaskClient) -> None:
    for path in PAGES:
        assert client.get(path, headers=BROWSER).mimetype == "text/html"
        assert client.get(path).mimetype == "application/json"
        assert client.get(path, headers={"Accept": "*/*"}).mimetype == "application/json"
        assert client.get(f"{path}?format=json", headers=BROWSER).mimetype == "application/json"
        assert "Accept" in client.get(path).headers["Vary"]


def test_start_page_refuses_what_it_does_not_have(client: FlaskClient) -> None:
    for path in PAGES:
        assert client.get(path, headers={"Accept": "text/csv"}).status_code == 406
        assert client.get(f"{path}?format=csv", headers=BROWSER).status_code == 400
        assert client.get(f"{path}?lang=en", headers=BROWSER).status_code == 400


def test_start_page_tells_what_is_loaded_and_how_to_cite_it(client: FlaskClient) -> None:
    body = client.get("/").get_json()
    datasets = {dataset["id"]: dataset for dataset in body["datasets"]}
    listed = client.get("/v1/datasets/op1027").get_json()
    assert {key: datasets["op1027"][key] for key in ("title", "release", "licence", "citation")} == {
        key: listed[key] for key in ("title", "release", "licence", "citation")
    }
    assert datasets["op1027"]["counts"]["events"] == listed["counts"]["events"] > 0
    html = client.get("/", headers=BROWSER).text
    assert all(dataset["title"] in html for dataset in datasets.values())


def test_every_link_of_the_pages_leads_somewhere(client: FlaskClient) -> None:
    body = client.get("/").get_json()
    linked = {question["path"] for question in body["questions"]} | set(body["links"].values())
    for path in PAGES:
        linked |= _linked(client.get(path, headers=BROWSER).text)
    assert {"/docs/", "/openapi.json", "/v1/events", "/v1/codebook"} <= linked
    followed = _some_of_each_kind(linked)
    assert {path: status for path in followed if (status := _status(client, path)) != 200} == {}


def test_three_questions_have_answers(client: FlaskClient) -> None:
    first, second, third = (client.get(each["path"]).get_json() for each in client.get("/").get_json()["questions"])
    (soldiers,) = first["data"]
    assert (soldiers["low"], soldiers["open_ended"]) == (20, True)
    assert [claim["claimant"] for claim in soldiers["claims"] if claim["preferred"]] == ["a resident of Kawlin"]
    assert {group["role"] for group in second["groups"]} >= {"attacker", "defender"}
    assert second["reports"]
    assert third["data"][0]["best"] > 0


def test_questions_stay_within_the_corpus(client: FlaskClient) -> None:
    paths = [each["path"] for each in client.get("/").get_json()["questions"]]
    assert all(f"dataset={CORPUS}" in path or path.startswith("/v1/events/") for path in paths)


def test_start_page_points_tools_to_the_description(client: FlaskClient) -> None:
    links = client.get("/").headers.getlist("Link")
    assert '</openapi.json>; rel="service-desc"; type="application/json"' in links
    assert '</docs/>; rel="service-doc"; type="text/html"' in links


@on_both
def test_start_page_of_an_empty_service_says_how_to_load(databases: Databases) -> None:
    app = application(databases.migrated())
    html = app.test_client().get("/", headers=BROWSER).text
    assert "conflict-events load" in html
    # The questions are about a corpus that is not there.
    assert "/v1/events/" not in html
    body = app.test_client().get("/").get_json()
    assert (body["datasets"], body["questions"]) == ([], [])
    close(app)


def policy(response: TestResponse) -> dict[str, str]:
    """What the answer lets be loaded, by kind."""
    rules = response.headers["Content-Security-Policy"].split("; ")
    return dict(rule.split(" ", 1) for rule in rules)


def test_pages_let_in_nothing_from_elsewhere_and_inline_what_is_ours(client: FlaskClient) -> None:
    for path in (*PAGES, "/docs/", "/compare"):
        response = client.get(path, headers=BROWSER)
        rules = policy(response)
        assert rules["default-src"] == "'none'"
        for element in ("script", "style"):
            named = set(rules[f"{element}-src"].split()) - {"'self'"}
            inline = re.findall(rf"<{element}>(.*?)</{element}>", response.text, re.DOTALL)
            hashes = {b64encode(sha256(text.encode()).digest()).decode() for text in inline}
            assert {f"'sha256-{found}'" for found in hashes} <= named
            assert all(source.startswith("'sha256-") for source in named)
        assert not re.search(r" style=| on[a-z]+=", response.text)
        assert not re.search(r'(src="|<link [^>]*href=")(https?:)?//', response.text)


def test_what_is_no_page_lets_nothing_be_loaded(client: FlaskClient) -> None:
    tag = client.get("/v1/events").headers["ETag"]
    unchanged = client.get("/v1/events", headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    # What was kept keeps the policy that it came with.
    assert "default-src 'none'" in unchanged.headers.get("Content-Security-Policy", "default-src 'none'")
    for path in ("/v1/events", "/v1/events?format=csv", "/v1/nothing", "/openapi.json", "/static/manual.js"):
        with client.get(path) as response:
            assert policy(response) == {"default-src": "'none'", "frame-ancestors": "'none'"}


# --- The methodology ---------------------------------------------------------------------------------------------


def test_methodology_has_the_parts_that_standards_ask_for(client: FlaskClient) -> None:
    body = client.get("/v1/methodology").get_json()
    assert {"sources", "definitions", "verification", "gaps", "corrections"} <= {one["id"] for one in body["sections"]}
    html = client.get("/v1/methodology", headers=BROWSER).text
    assert "`" not in html
    listed = {each["id"]: each for each in client.get("/v1/codebook").get_json()["data"]}
    linked = set()
    for section in body["sections"]:
        assert section["text"] and all(paragraph.endswith(".") for paragraph in section["text"])
        for told in section["code_lists"]:
            assert told["description"] == listed[told["id"]]["description"]
        linked |= {*section["links"], *(told["link"] for told in section["code_lists"])}
        assert f">{section['title']}</h2>" in html
    assert {path: status for path in linked if (status := _status(client, path)) != 200} == {}
    # What is told of the coding is told somewhere.
    assert {told["id"] for section in body["sections"] for told in section["code_lists"]} >= set(listed) - UNTOLD


def test_methodology_counts_what_is_not_known(client: FlaskClient) -> None:
    found = {dataset["id"]: dataset for dataset in client.get("/v1/methodology").get_json()["datasets"]}
    assert set(found) == {dataset["id"] for dataset in client.get("/v1/datasets").get_json()["data"]}
    corpus = found[CORPUS]
    for name, asked in GAPS_ASKED.items():
        listed = client.get(f"/v1/figures?dataset={CORPUS}&limit=1&{asked}").get_json()["total"]
        assert corpus["gaps"][name] == listed > 0, name
    figures = client.get(f"/v1/figures?dataset={CORPUS}&limit=1").get_json()["total"]
    beyond_one = client.get(f"/v1/figures?dataset={CORPUS}&limit=1&roots_min=2").get_json()["total"]
    near = client.get(f"/v1/figures?dataset={CORPUS}&limit=1&location_precision=district").get_json()["total"]
    assert corpus["gaps"]["figures_of_one_root"] == figures - beyond_one
    assert corpus["gaps"]["figures_placed_in_a_region_at_best"] == figures - near
    assert set(corpus["gaps"]) == {*GAPS_ASKED, "figures_of_one_root", "figures_placed_in_a_region_at_best"}
    assert corpus["counts"]["figures"] == figures


def test_methodology_names_whom_to_tell_of_errors(client: FlaskClient, corpus_address: str) -> None:
    assert client.get("/v1/methodology").get_json()["contact"] is None
    app = application(corpus_address, contact="errors@example.org")
    asked = app.test_client()
    assert asked.get("/v1/methodology").get_json()["contact"] == "errors@example.org"
    assert "errors@example.org" in asked.get("/v1/methodology", headers=BROWSER).text
    close(app)


# --- Kinds of problems -------------------------------------------------------------------------------------------


@for_each("kind", PROBLEMS, ids=lambda kind: kind.slug)
def test_every_kind_of_problem_has_a_page(client: FlaskClient, kind: type[Exception]) -> None:
    path = f"/problems/{kind.slug}"  # type: ignore[attr-defined]  # of every kind of problem
    page = client.get(path).get_json()
    assert page["type"] == path
    assert all(page[key].endswith(".") for key in ("meaning", "remedy"))
    html = client.get(path, headers=BROWSER).text
    assert f"<h1>{page['title']}</h1>" in html
    assert f"<title>{page['title']} - Conflict events</title>" in html
    assert "`" not in html


def test_unknown_kind_of_problem_is_not_found(client: FlaskClient) -> None:
    response = client.get("/problems/not-fund")
    assert response.status_code == 404
    assert "not-found" in response.get_json()["near"]


# --- The description and the manual ------------------------------------------------------------------------------


def test_description_is_the_same_in_both_forms(client: FlaskClient) -> None:
    as_json, as_yaml = client.get("/openapi.json"), client.get("/openapi.yaml")
    assert (as_json.mimetype, as_yaml.mimetype) == ("application/json", "application/yaml")
    assert as_json.get_json() == yaml.load(as_yaml.text, QUICK) == json.loads(json.dumps(described()))
    # Readers of OpenAPI need not know what an anchor is.
    assert not re.search(r": [&*]id\d", as_yaml.text)


def test_description_in_yaml_takes_no_other_format(client: FlaskClient) -> None:
    assert client.get("/openapi.json?format=json").status_code == 200
    assert client.get("/openapi.yaml?format=json").status_code == 400


def test_manual_tells_every_operation_with_examples_that_answer(client: FlaskClient) -> None:
    assert client.get("/docs").status_code == 308
    html = client.get("/docs/").text
    paths = described()["paths"]
    for path, item in [one for one in paths.items() if "get" in one[1] and not one[0].endswith(".csv")]:
        operation = f"/docs/{item['get']['operationId']}"
        assert f'href="{operation}"' in html
        page = client.get(operation).text
        assert f"GET {path}</code>" in page
        # What is posted is told of beside what asks the same.
        assert (f"{path}/query" in page) == (f"{path}/query" in paths)
        for parameter in map(resolved, item["get"]["parameters"]):
            assert parameter["in"] == "header" or f'for="p-{parameter["name"]}"' in page
    # Families have the parameters of figures, and their examples are tried there.
    examples = {
        found.group(1).replace("&amp;", "&")
        for name in ("list_events", "total_figures", "list_groups", "get_code_list", "list_matches")
        for found in re.finditer(r'For example <a href="([^"]*)"', client.get(f"/docs/{name}").text)
    }
    assert len(examples) > 100
    # That each example finds something is asked in tests/test_description.py; here it is how they are written.
    followed = sorted(examples)[::4]
    assert {path: status for path in followed if (status := _status(client, path)) != 200} == {}


def test_manual_is_searched_on_the_server_as_well(client: FlaskClient) -> None:
    found = client.get("/docs/?q=best_min+totals").text
    assert "/docs/total_casualties" in found and "/docs/list_casualties" not in found
    missing = client.get("/docs/total_casualty")
    assert missing.status_code == 404
    assert "/docs/total_casualties" in missing.get_json()["near"]


# --- Health ------------------------------------------------------------------------------------------------------


def test_healthy_service_says_so(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json() == {"status": "ok"}
    assert client.get("/health/ready").get_json()["status"] == "ok"


@on_both
def test_unmigrated_service_is_live_and_not_ready(databases: Databases) -> None:
    app = application(databases.empty())
    asked = app.test_client()
    assert asked.get("/health/live").status_code == 200
    ready = asked.get("/health/ready")
    assert (ready.status_code, ready.mimetype) == (503, "application/problem+json")
    assert int(ready.headers["Retry-After"]) > 0
    assert asked.get("/", headers=BROWSER).status_code == 503
    close(app)


@on_both
def test_service_behind_its_schema_is_not_ready_and_says_what_to_run(databases: Databases) -> None:
    address = databases.migrated()
    engine = connect_for_loading(Settings(database_url=address))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    app = application(address)
    ready = app.test_client().get("/health/ready")
    assert ready.status_code == 503
    assert "conflict-events migrate" in ready.get_json()["detail"]
    close(app)


def test_service_without_a_server_is_not_ready() -> None:
    app = application("postgresql://nobody@127.0.0.1:9/nothing")
    ready = app.test_client().get("/health/ready")
    assert (ready.status_code, ready.mimetype) == (503, "application/problem+json")
    assert app.test_client().get("/health/live").status_code == 200
    close(app)
