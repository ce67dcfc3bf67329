"""The description is valid, complete and true: every parameter, every example, every answer in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV30SpecValidator
from sqlalchemy import insert
from werkzeug.test import TestResponse

from api.domain.codebook import MEASURES, values
from api.query.dimensions import DIMENSIONS
from api.records.formats import MEDIA_TYPES
from api.resources.about import as_yaml
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models import Change
from tests.conftest import ENGINES, application, close
from tests.databases import Databases
from tests.described import (
    PROBLEM,
    Operation,
    component,
    described,
    described_app,
    faults,
    operations,
    resolved,
    schemas_within,
    written,
)
from tests.sweep import Test, for_each

# What an answer is like does not depend on the engine. What a database keeps of withdrawals and how it fails does.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

ROOT = Path(__file__).parent.parent
OPERATIONS = operations()
LISTS = [operation for operation in OPERATIONS if operation.is_list]
TOTALS = [operation for operation in LISTS if operation.is_totals]
# What a path of something is that no load brings.
NEVER_WITHDRAWN = ("codebook", "/collections/{id}", "totals-by-place", "/history")
# Paths that take the measures of one family alone.
OF_ONE_FAMILY = {"casualties": "casualty", "displacements": "displacement"}
NESTED_OR_NULL = [("Event", "part_of"), ("Location", "parent")]

by_operation = for_each("operation", OPERATIONS, ids=str)
by_list = for_each("operation", LISTS, ids=str)


# --- The description itself --------------------------------------------------------------------------------------


def test_description_is_valid_openapi_3_0_3() -> None:
    assert described()["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(described()).iter_errors()] == []


def test_shipped_file_is_the_description() -> None:
    shipped = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert shipped == as_yaml(described()), "openapi.yaml is stale: write it anew with `conflict-events openapi`"


def test_every_route_is_described() -> None:
    app = described_app()
    found = app.url_map.iter_rules()
    rules = {rule.rule for rule in found if not rule.endpoint.startswith(("manual.", "static"))}
    # An address with an ending is another name for the one without it. Of CSV it is described, for typed clients.
    rules -= {f"{rule}.{form}" for rule in rules for form in MEDIA_TYPES if form != "csv"}
    written_rules = {rule.replace("<identity>", "{id}").replace("<", "{").replace(">", "}") for rule in rules}
    assert written_rules == set(described()["paths"])


@by_operation
def test_every_operation_has_a_title_a_name_and_a_tag(operation: Operation) -> None:
    tags = {tag["name"] for tag in described()["tags"]}
    assert operation.body["summary"]
    assert operation.body["operationId"]
    assert set(operation.body["tags"]) <= tags


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation.body["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)


@by_operation
def test_every_parameter_is_typed_and_described(operation: Operation) -> None:
    for parameter in map(resolved, operation.body["parameters"]):
        schema = parameter["schema"]
        assert schema["type"] in ("array", "string", "integer", "number", "boolean"), parameter["name"]
        assert parameter["description"].endswith("."), parameter["name"]
        if schema["type"] == "array":
            assert schema["items"]["type"] in ("string", "number")
            assert (parameter["style"], parameter["explode"]) == ("form", False)
        # A cursor is only ever what an answer gave; any that stood here would be of another list.
        assert ("example" in parameter) == (parameter["name"] != "cursor"), parameter["name"]


@by_operation
def test_every_example_of_a_parameter_fits_its_schema(operation: Operation) -> None:
    for parameter in map(resolved, operation.body["parameters"]):
        if "example" in parameter:
            assert faults(parameter["schema"], parameter["example"]) == [], parameter["name"]


@for_each(
    ("parameter", "code_list"),
    [
        *(
            (name, name)
            for name in ("family", "measure", "population", "object", "sex", "age", "cause", "term", "unit", "status")
        ),
        *((name, name) for name in ("verification", "outcome", "coding_status", "group_kind")),
        *((name, name) for name in ("date_precision", "location_precision")),
        *((name, f"event_{name}") for name in ("kind", "type", "subtype")),
        ("level", "location_level"),
        ("group_role", "role"),
    ],
)
def test_codes_are_enumerated_from_the_codebook(parameter: str, code_list: str) -> None:
    found = [
        (operation.path.split("/")[2], each["schema"].get("items", each["schema"])["enum"])
        for operation in LISTS
        for each in operation.parameters
        if each["name"] == parameter
    ]
    assert found
    for resource, enumerated in found:
        family = OF_ONE_FAMILY.get(resource) if parameter == "measure" else None
        codes = tuple(code for code in values(code_list) if family is None or MEASURES[code].family == family)
        assert tuple(enumerated) == codes


def test_every_key_of_every_schema_is_described() -> None:
    silent = [
        f"{name}{path}"
        for name, schema in described()["components"]["schemas"].items()
        for path, found in schemas_within(schema)
        if not found.get("description") and not resolved(found).get("description") and "enum" not in found
    ]
    assert silent == []


@by_operation
def test_every_answer_of_every_status_has_a_schema(operation: Operation) -> None:
    for status, response in operation.body["responses"].items():
        found = resolved(response)
        assert found["description"]
        if status == "304":
            assert "content" not in found
            continue
        assert all("schema" in media for media in found["content"].values())
        if status != "200":
            assert list(found["content"]) == [PROBLEM, "text/html"]


@for_each(("name", "key"), NESTED_OR_NULL)
def test_a_wrong_object_is_refused_where_null_may_stand(client: FlaskClient, name: str, key: str) -> None:
    operation = next(each for each in OPERATIONS if each.path == f"/v1/{name.lower()}s/{{id}}")
    record = client.get(operation.address).get_json()
    assert faults(component(name), record) == []
    assert faults(component(name), {**record, key: None}) == []
    for wrong in ({}, {"nonsense": 1}, {"id": "x"}, [], "x", 1, False):
        assert faults(component(name), {**record, key: wrong}) != [], wrong


def test_fields_make_keys_optional_at_the_top_alone(client: FlaskClient) -> None:
    event = client.get("/v1/events/kawlin-town-captured-2023-11-06").get_json()
    only_date = {"date": event["date"]}
    assert faults(component("ListedEvent"), only_date, complete=False) == []
    assert faults(component("Event"), only_date) != []
    assert faults(component("ListedEvent"), {"date": {"start": "2023-11-06"}}, complete=False) != []


# --- Examples and answers ----------------------------------------------------------------------------------------


@by_operation
def test_every_example_returns_data(client: FlaskClient, operation: Operation) -> None:
    empty = []
    takes = {parameter["name"] for parameter in operation.parameters}
    # What a list has records of its total has rows of, and its collection is told of: both take longest to work out.
    is_of = {operation.path.removesuffix("/totals"), f"{operation.path}/items"} - {operation.path}
    of_list = next((one.parameters for one in OPERATIONS if one.path in is_of), [])
    for parameter in operation.parameters:
        if "example" not in parameter or parameter in of_list:
            continue
        query = operation.query(parameter["name"])
        if "limit" in takes and "page" not in query:
            # One record shows that there are some.
            query = {"limit": "1", **query}
        response = client.get(operation.address, query_string=query)
        if response.status_code != 200 or (
            operation.is_list and response.is_json and not (response.json.get("data") or response.json.get("features"))
        ):
            empty.append((query, response.status_code, response.text[:200]))
    assert empty == []


# A list and a total, of which events have the one that takes least.
@for_each("path", ["/v1/locations", "/v1/events/totals"])
def test_an_address_of_csv_takes_each_of_its_parameters(client: FlaskClient, path: str) -> None:
    operation = Operation(path, described()["paths"][f"{path}.csv"]["get"])
    for parameter in operation.parameters:
        if "example" in parameter:
            query = {"limit": "1", **operation.query(parameter["name"]), "format": "csv"}
            assert client.get(f"{path}.csv", query_string=query).status_code == 200, parameter["name"]


@by_list
def test_the_cursor_that_next_gives_goes_on(client: FlaskClient, operation: Operation) -> None:
    query = {"limit": "1", **({"group_by": "measure,population,month"} if operation.is_totals else {})}
    first = client.get(operation.path, query_string=query).get_json()
    assert "cursor=" in first["next"]
    second = client.get(first["next"]).get_json()
    assert second["returned"] == 1
    assert second["data"] != first["data"]


def _queries(operation: Operation) -> Iterator[dict[str, str]]:
    """Questions that together show every branch of an answer."""
    yield {}
    yield {"limit": "1"}
    if operation.is_totals:
        # Rows of one family are those of all figures.
        dimensions = DIMENSIONS if operation.path in ("/v1/events/totals", "/v1/figures/totals") else DIMENSIONS[::4]
        yield from ({"group_by": dimension.name} for dimension in dimensions)
        yield {"group_by": "state_or_region,group,month"}
        yield {"group_by": "role,population", "limit": "2", "page": "2"}
        yield {"dataset": "gazetteer"}
    elif operation.is_list:
        yield {"limit": "200", **({"kind": ",".join(values("event_kind"))} if operation.path == "/v1/events" else {})}
        yield {"limit": "3", "page": "2"}
        yield {"updated_since": "2999-01-01"}


def _fits(operation: Operation, response: TestResponse, *, complete: bool = True) -> Any:
    """The body of a JSON answer, held to the description."""
    media_type = response.mimetype or ""
    body = response.get_json()
    assert faults(operation.media(response.status_code, media_type)["schema"], body, complete=complete) == []
    return body


@by_operation
def test_every_answer_in_json_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    for query in _queries(operation) if operation.is_list else ({},):
        response = client.get(operation.address, query_string=query)
        assert response.status_code == 200, response.text
        assert response.mimetype in operation.response(200)["content"]
        if response.is_json:
            _fits(operation, response)


@for_each("operation", [each for each in OPERATIONS if each.path.startswith("/v1/") and "{id}" in each.path], ids=str)
def test_every_record_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    listed = client.get(operation.path.partition("/{id}")[0]).get_json()["data"]
    # More places than these are like these, and so is what is told beside a record.
    for record in listed[: 40 if operation.path.endswith("/{id}") else 8]:
        response = client.get(operation.path.replace("{id}", record["id"]))
        assert response.status_code == 200
        if response.is_json:
            _fits(operation, response)


def _items(parameter: Mapping[str, Any]) -> list[str]:
    """The values that a list may have."""
    found: list[str] = parameter["schema"]["items"]["enum"]
    return found


# Casualties and displacements are figures.
@for_each("operation", [one for one in LISTS if one.path.split("/")[2] not in ("casualties", "displacements")], ids=str)
def test_some_fields_fit_the_description(client: FlaskClient, operation: Operation) -> None:
    (keys,) = (_items(each) for each in operation.parameters if each["name"] == "fields")
    known = _fits(operation, client.get(operation.path, query_string={"limit": "1"}))["data"][0].keys()
    assert known <= set(keys)
    for key in known:
        body = _fits(operation, client.get(operation.path, query_string={"fields": key, "limit": "3"}), complete=False)
        assert all(list(record) == [key] for record in body["data"])
    dimensions = [name for each in operation.parameters if each["name"] == "group_by" for name in _items(each)]
    of_csv: dict[str | None, list[str]] = {}
    for key in keys:
        if key not in known:
            # A total has the columns of what it is grouped by.
            of_csv.setdefault(max((name for name in dimensions if name in key), key=len, default=None), []).append(key)
    for dimension, columns in of_csv.items():
        grouped = {"group_by": dimension} if operation.is_totals and dimension else {}
        for column in columns:
            assert (
                client.get(operation.path, query_string={**grouped, "fields": column, "limit": "3"}).status_code == 400
            )
        answer = client.get(
            operation.path, query_string={**grouped, "fields": ",".join(columns), "limit": "3", "format": "csv"}
        )
        assert answer.text.startswith(f"{','.join(columns)}\r\n")


def _streaming(format_: str) -> Callable[[Test], Test]:
    media_type = {"csv": "text/csv", "ndjson": "application/x-ndjson", "geojson": "application/geo+json"}[format_]
    having = [each for each in LISTS if media_type in each.response(200)["content"]]
    return for_each("operation", having, ids=str)


@_streaming("csv")
def test_every_csv_has_the_columns_of_the_description(client: FlaskClient, operation: Operation) -> None:
    columns = operation.media(200, "text/csv")["x-columns"]
    query = {"format": "csv", "limit": "50"}
    if operation.is_totals:
        dimensions = ("group", "month", "state_or_region")
        query["group_by"] = ",".join(dimensions)
        # The dataset and what is never added up come after the dimensions asked for.
        apart = ("dataset",) if operation.path == "/v1/events/totals" else ("dataset", "measure", "unit", "object")
        told = {"key_<dimension>": (*dimensions, *apart), "labels_<dimension>": (*dimensions, *apart)}
        told |= {"<dimension>_start": ("month",)}
        told |= {f"<dimension>_{axis}": ("state_or_region",) for axis in ("latitude", "longitude")}
        columns = [
            column.replace("<dimension>", each) for column in columns for each in told.get(column, ("<dimension>",))
        ]
    for asked in (query, {**query, "updated_since": "2999-01-01"}):
        response = client.get(operation.path, query_string=asked)
        assert response.mimetype == "text/csv"
        header, *rows = csv.reader(io.StringIO(response.text, newline=""))
        assert header == columns
        assert all(len(row) == len(header) for row in rows)
        assert bool(rows) == (asked is query)


@_streaming("ndjson")
def test_every_line_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    line_schema = operation.media(200, "application/x-ndjson")["x-line"]
    query = {"format": "ndjson", "limit": "200", **({"group_by": "group,month"} if operation.is_totals else {})}
    lines = client.get(operation.path, query_string=query).text.splitlines()
    assert lines
    assert [fault for line in lines for fault in faults(line_schema, json.loads(line))] == []


@_streaming("geojson")
def test_every_collection_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    needed = {"group_by": "location"} if operation.is_totals else {}
    for query in ({"limit": "300"}, {"updated_since": "2999-01-01"}):
        body = json.loads(client.get(operation.path, query_string={"format": "geojson", **needed, **query}).text)
        assert faults(operation.media(200, "application/geo+json")["schema"], body) == []
        assert bool(body["features"]) == ("limit" in query)
    few = json.loads(
        client.get(
            operation.path, query_string={"format": "geojson", **needed, "fields": "key" if needed else "id"}
        ).text
    )
    assert faults(operation.media(200, "application/geo+json")["schema"], few, complete=False) == []


# --- Problems ----------------------------------------------------------------------------------------------------


def _is_told(operation: Operation, response: TestResponse, status: int) -> Any:
    assert (response.status_code, response.mimetype) == (status, PROBLEM), response.text
    body = _fits(operation, response)
    assert body["status"] == status
    return body


@by_operation
def test_unknown_parameters_are_refused_everywhere(client: FlaskClient, operation: Operation) -> None:
    body = _is_told(operation, client.get(operation.address, query_string={"contry": "MMR"}), 400)
    assert body["type"] == "/problems/unknown-parameter"
    assert body["errors"][0]["parameter"] == "contry"


REFUSED = (
    "limit=1&limit=2",
    "type=batles",
    "limit=0",
    "date_from=2023-13-01",
    "bbox=1,2,3",
    "location=nowhere",
    "location=Bago",
    "group=nobody",
    "near=1,2",
    "cursor=nonsense",
    "date_from=2023-12-01&date_to=2023-11-01",
    "format=pdf",
)


@by_list
def test_every_refusal_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    for query in REFUSED:
        response = client.get(f"{operation.path}?{query}")
        # Not every name is ambiguous.
        if response.status_code != 200 or query != "location=Bago":
            _is_told(operation, response, 400)


@for_each("operation", [each for each in OPERATIONS if "{" in each.path], ids=str)
def test_every_missing_record_fits_the_description(client: FlaskClient, operation: Operation) -> None:
    body = _is_told(operation, client.get(operation.address_with("x")), 404)
    assert body["near"]


@by_operation
def test_other_refusals_fit_the_description(client: FlaskClient, operation: Operation) -> None:
    _is_told(operation, client.get(f"{operation.address}?x={'y' * 8200}"), 414)
    if "406" in operation.body["responses"]:
        _is_told(operation, client.get(operation.address, headers={"Accept": "image/png"}), 406)
    response = client.post(operation.address)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert faults(component("Problem"), response.get_json()) == []


def test_nothing_changed_is_described(client: FlaskClient) -> None:
    for operation in OPERATIONS:
        if not operation.path.startswith("/v1/"):
            continue
        tag = client.get(operation.address).headers["ETag"]
        response = client.get(operation.address, headers={"If-None-Match": tag})
        assert (response.status_code, response.data) == (304, b"")
        assert operation.response(304)["headers"]["ETag"]


@on_both
def test_withdrawn_records_fit_the_description(databases: Databases) -> None:
    address = databases.migrated()
    engine = connect_for_loading(Settings(database_url=address))
    with engine.begin() as connection:
        for record in ("event", "group", "location", "figure", "document", "dataset"):
            connection.execute(
                insert(Change).values(
                    record=record,
                    record_id="gone",
                    dataset_id="op1027",
                    action="merged",
                    at=datetime(2024, 1, 1, tzinfo=UTC),
                    reason="It was the same as another.",
                    replaced_by="another",
                )
            )
    engine.dispose()
    app = application(address)
    for operation in OPERATIONS:
        if "{id}" in operation.path and not any(part in operation.path for part in NEVER_WITHDRAWN):
            body = _is_told(operation, app.test_client().get(operation.path.replace("{id}", "gone")), 410)
            assert body["tombstone"]["replaced_by"] == "another"
    close(app)


# What is answered without any data.
_WITHOUT_DATA = ("/v1", "/openapi.json", "/openapi.yaml", "/ogc/api", "/llms.txt", "/problems/{slug}", "/health/live")


@on_both
def test_an_unmigrated_database_fits_the_description(databases: Databases) -> None:
    app = application(databases.empty())
    for operation in OPERATIONS:
        if operation.path not in _WITHOUT_DATA:
            response = app.test_client().get(operation.address)
            _is_told(operation, response, 503)
            assert response.headers["Retry-After"].isdigit()
    close(app)


def test_what_needs_no_data_is_answered_without_any(databases: Databases) -> None:
    app = application(databases.empty())
    for path in _WITHOUT_DATA:
        (operation,) = (one for one in OPERATIONS if one.path == path)
        assert app.test_client().get(operation.address).status_code == 200
    close(app)


def test_too_many_requests_fit_the_description(corpus_address: str) -> None:
    app = application(corpus_address, rate_limit="1 per hour")
    client = app.test_client()
    assert client.get("/v1/codebook").status_code == 200
    for operation in OPERATIONS:
        response = client.get(operation.address)
        if operation.path.startswith("/health/"):
            # It is not counted.
            assert response.status_code == 200
            continue
        _is_told(operation, response, 429)
        assert response.headers["Retry-After"].isdigit()
    close(app)


def test_failures_of_ours_fit_the_description(corpus_address: str) -> None:
    app = application(corpus_address)

    @app.before_request
    def fail() -> None:
        raise RuntimeError("of ours")

    for operation in OPERATIONS:
        body = _is_told(operation, app.test_client().get(operation.address), 500)
        assert "of ours" not in json.dumps(body)
    close(app)


def test_examples_are_written_as_they_stand_in_a_query() -> None:
    assert [written(example) for example in ([94.0, 22.5], ["a", "b"], True, 7, "x")] == [
        "94,22.5",
        "a,b",
        "true",
        "7",
        "x",
    ]
