"""Datasets describe themselves in the words of catalogues, and what they name is there, with the columns that they say."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from tests.programs import python_packages
from tests.running import ANSWER_SECONDS, running
from tests.small_world import DATASETS
from tests.sweep import for_each
from tests.test_errors import problem
from tests.test_formats import get
from tests.test_typed_clients import told

pytestmark = pytest.mark.engines("sqlite")

NAMES = ("schema-org.json", "dcat.json", "croissant.json", "datapackage.json")
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {
    "type": "string",
    "pattern": "^http://localhost/v1/(events|figures|groups|locations|documents)\\.[a-z]+\\?dataset=[a-z0-9-]+$",
}
# What the standards require of what we give.
REQUIRED: dict[str, dict[str, Any]] = {
    "schema-org.json": {
        "required": ["@context", "@type", "name", "description", "license", "url", "distribution"],
        "properties": {
            "@context": {"const": "https://schema.org/"},
            "@type": {"const": "Dataset"},
            # Google asks for 50 to 5,000 characters.
            "description": {"type": "string", "minLength": 10, "maxLength": 5000},
            "distribution": {
                "minItems": 1,
                "items": {
                    "required": ["encodingFormat", "contentUrl"],
                    "properties": {"@type": {"const": "DataDownload"}, "contentUrl": ADDRESS},
                },
            },
        },
    },
    "dcat.json": {
        "required": [
            "@context",
            "@type",
            "dct:title",
            "dct:description",
            "dct:publisher",
            "dct:license",
            "dcat:distribution",
        ],
        "properties": {
            "@type": {"const": "dcat:Dataset"},
            "dcat:distribution": {
                "minItems": 1,
                "items": {
                    # DCAT-AP 3 asks for the address of access, and that a licence and a media type say that they are one.
                    "required": ["dcat:accessURL", "dcat:downloadURL", "dcat:mediaType", "dct:license"],
                    "properties": {
                        "dcat:downloadURL": {"properties": {"@id": ADDRESS}},
                        "dcat:mediaType": {"properties": {"@type": {"const": "dct:MediaType"}}},
                        "dct:license": {"required": ["@type", "dct:title"]},
                    },
                },
            },
        },
    },
    "croissant.json": {
        "required": [
            "@context",
            "@type",
            "conformsTo",
            "name",
            "description",
            "url",
            "license",
            "version",
            "distribution",
            "recordSet",
        ],
        "properties": {
            "@type": {"const": "sc:Dataset"},
            "recordSet": {
                "minItems": 1,
                "items": {
                    "required": ["@id", "name", "field"],
                    "properties": {
                        "field": {"minItems": 2, "items": {"required": ["@id", "name", "dataType", "source"]}}
                    },
                },
            },
        },
    },
    "datapackage.json": {
        "required": ["name", "resources", "licenses"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z0-9._-]+$"},
            "licenses": {
                "minItems": 1,
                "items": {"anyOf": [{"required": ["name"]}, {"required": ["path"]}, {"required": ["title"]}]},
            },
            "resources": {
                "minItems": 1,
                "items": {
                    "required": ["name", "path", "schema"],
                    "properties": {
                        "path": ADDRESS,
                        "schema": {
                            "required": ["fields"],
                            "properties": {
                                "fields": {
                                    "items": {
                                        "required": ["name", "type"],
                                        "properties": {
                                            "type": {
                                                "enum": ["string", "integer", "number", "boolean", "date", "datetime"]
                                            }
                                        },
                                    }
                                }
                            },
                        },
                    },
                },
            },
        },
    },
}


def described(client: FlaskClient, dataset: str, name: str) -> Any:
    return get(client, f"/v1/datasets/{dataset}/{name}").json


@for_each("name", NAMES)
def test_descriptions_have_what_their_standards_require(world: FlaskClient, name: str) -> None:
    for dataset, stored in DATASETS.items():
        found = described(world, dataset, name)
        assert [
            error.message for error in Draft202012Validator({"type": "object", **REQUIRED[name]}).iter_errors(found)
        ] == []
        text = str(found)
        assert str(stored["citation"]) in text and str(stored["licence_url"] or stored["licence"]) in text
        assert ("Not for redistribution." in text) != stored["is_redistributable"]
    assert ":null" not in get(world, f"/v1/datasets/hills/{name}").text


def test_what_descriptions_name_is_there_with_its_columns(world: FlaskClient) -> None:
    package, croissant = described(world, "hills", "datapackage.json"), described(world, "hills", "croissant.json")
    files = {file["@id"]: file["contentUrl"] for file in croissant["distribution"]}
    sets = {one["name"]: one for one in croissant["recordSet"]}
    for resource in package["resources"]:
        header, *rows = csv.reader(io.StringIO(get(world, resource["path"]).text, newline=""))
        assert rows and header == [field["name"] for field in resource["schema"]["fields"]]
        fields = sets[resource["name"]]["field"]
        assert header == [field["source"]["extract"]["column"] for field in fields]
        assert {files[field["source"]["fileObject"]["@id"]] for field in fields} == {resource["path"]}
    schema_org, dcat = described(world, "hills", "schema-org.json"), described(world, "hills", "dcat.json")
    addresses = [one["contentUrl"] for one in schema_org["distribution"]]
    assert addresses == [one["dcat:downloadURL"]["@id"] for one in dcat["dcat:distribution"]]
    for address, one in zip(addresses, schema_org["distribution"], strict=True):
        assert get(world, address).mimetype == one["encodingFormat"]


def test_the_page_of_a_dataset_describes_it_to_search_engines(world: FlaskClient) -> None:
    page = world.get("/v1/datasets/hills", headers={"Accept": "text/html"}).text
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert json.loads(found) == described(world, "hills", "schema-org.json")


def test_descriptions_of_no_dataset_and_with_parameters_are_refused(world: FlaskClient) -> None:
    for name in NAMES:
        assert problem(world.get(f"/v1/datasets/hillss/{name}"), 404, "not-found")["near"] == ["hills"]
        problem(world.get(f"/v1/datasets/hills/{name}?limit=1"), 400, "unknown-parameter")


# Read by those who keep the standards: each list's records, and what is wrong with each resource.
READ = {
    "mlcroissant==1.1.1": """
import json, sys, mlcroissant
dataset = mlcroissant.Dataset(sys.argv[1] + "croissant.json")
print(json.dumps({one.name: len(list(dataset.records(one.name))) for one in dataset.metadata.record_sets}))
""",
    "frictionless==5.21.0": """
import json, sys, frictionless
frictionless.system.trusted = True
report = frictionless.Package(sys.argv[1] + "datapackage.json").validate()
assert report.valid, report.flatten(["title", "message"])
print(json.dumps({task.name: task.stats["rows"] for task in report.tasks}))
""",
}


@pytest.mark.tools
@for_each("package", list(READ))
def test_libraries_of_the_standards_read_every_record(corpus_address: str, tmp_path: Path, package: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(python_packages(package)), "HOME": str(tmp_path)}
    with running(corpus_address, tmp_path) as server:
        address = f"http://127.0.0.1:{server.port}/v1/datasets/op1027"
        # They wait for ten seconds at the most, of which a busy machine needs some to put its reading copy together.
        server.wait_until_answered("/v1/events?limit=1")
        told_of = told(sys.executable, "-c", READ[package], f"{address}/", folder=tmp_path, environment=environment)
        counts = requests.get(address, timeout=ANSWER_SECONDS).json()["counts"]
    read = Counter(json.loads(told_of.splitlines()[-1]))
    # Places that others brought and it uses are listed with it.
    assert read.keys() == {"events", "figures", "groups", "locations", "documents"}
    assert all(read[name] == counts[name] for name in ("events", "figures", "documents"))
