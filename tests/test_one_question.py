"""One question has one answer: its list, its download, its total, the sums of what its figures add, and the counts that
places, groups and documents show under it speak of the same events and figures.

Every declared filter is asked, over the corpus and beside it UCDP's rows: made ones, and some of the published ones where
the file is there.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from api.query.dimensions import DIMENSIONS
from api.query.endpoint import Endpoint
from api.query.filters.filter import Subject
from api.query.parameters import Code, ListOf, Parameter
from api.resources import documents, events, figures, groups, locations
from seeds.ucdp.ged import UcdpGed
from tests.conftest import SHARED, application, close, load_into
from tests.databases import Databases
from tests.known import refuse_unknown
from tests.made_release import made_rows
from tests.sweep import for_each
from tests.ucdp_files import published_rows, written

# What is listed, downloaded and counted is read from the copy, which is the same whatever the engine.
pytestmark = pytest.mark.engines("sqlite")

PUBLISHED = SHARED / "data" / "ucdp" / "ged_myanmar.csv.gz"
MADE_ROWS, EVERY_PUBLISHED = 120, 60
OF_FIGURES = (figures.LIST, figures.CASUALTIES, figures.DISPLACEMENTS)
COUNTING = (locations.LIST, groups.LIST, documents.LIST)
# The parameter that asks for a place with its subtree, a group, or a document.
ASKED_BY = {"/v1/locations": "location", "/v1/groups": "group", "/v1/documents": "document"}
# Codes of each list that are asked for, and how many questions of two filters each list is asked.
MOST_CODES, PAIRS = 2, 8
# What all figures were asked is asked of each family, and of what counts, in so many questions, drawn from a seed.
SAMPLE = 8
# Claimants and sources that are asked for.
MOST_SAYING = 4
# Records whose counts are looked at under one question: those with the most events, and some of the others.
MOST_COUNTED, SOME_OTHERS = 1, 1
# Rows of each total whose figures are downloaded; of generated worlds each row's are, in tests/test_totals.py.
MOST_ROWS = 1
BOUNDS = ("low", "best", "high")
# What is never added.
APART = ("dataset", "measure", "unit", "object")
# What of a download and of what counts is looked at.
SUMMED = {"fields": ",".join(("family", *APART, *(f"adds_{bound}" for bound in BOUNDS)))}
COUNTED = {"/v1/locations": "id,events", "/v1/groups": "id,events", "/v1/documents": "id,supports"}
Asked = Mapping[str, str]


@dataclass
class Service:
    """A service over the corpus and UCDP's rows, and what there is in it to ask for."""

    client: FlaskClient
    _questions: dict[str, list[Asked]] = field(default_factory=dict)
    _codes: dict[str, list[str]] = field(default_factory=dict)

    def get(self, path: str, asked: Asked) -> dict[str, Any]:
        response = self.client.get(path, query_string=asked)
        assert response.status_code == 200, f"{path} {asked}: {response.text}"
        body: dict[str, Any] = response.json
        return body

    def total(self, path: str, asked: Asked) -> int:
        return int(self.get(path, {**asked, "limit": "1"})["total"])

    def lines(self, path: str, asked: Asked) -> list[dict[str, str]]:
        """The rows of a download, which says beforehand how many there are."""
        response = self.client.get(path, query_string={**asked, "format": "csv"})
        assert response.status_code == 200, f"{path} {asked}: {response.text}"
        found = list(csv.DictReader(io.StringIO(response.text, newline="")))
        assert response.headers["Total-Count"] == str(len(found)), f"{path} {asked}"
        return found

    def rows(self, path: str, asked: Asked) -> list[dict[str, Any]]:
        """All rows of a total."""
        response = self.client.get(f"{path}/totals", query_string={**asked, "format": "ndjson"})
        assert response.status_code == 200, f"{path} {asked}: {response.text}"
        return [json.loads(line) for line in response.text.splitlines()]

    # --- Values ---------------------------------------------------------------------------------------------------

    @cached_property
    def values(self) -> Mapping[str, Sequence[Asked]]:
        """Questions by each parameter that is no choice among codes, with values that are in the data."""
        event = [record["id"] for record in self._some("/v1/events", sort="-killed")]
        figure = [self._some(f"/v1/{name}", sort="-best")[0]["id"] for name in ("casualties", "displacements")]
        episodes = [record["id"] for record in self._some("/v1/events", kind="episode")]
        busy = [record["id"] for record in self._some("/v1/groups", sort="-events")]
        places = [record["id"] for record in self._some("/v1/locations", sort="-events")]
        papers = [record["id"] for record in self._some("/v1/documents")]
        releases = [release["name"] for dataset in self._some("/v1/datasets") for release in dataset["releases"]]
        point = self._some("/v1/events", bbox="-180,-90,180,90")[0]["location"]
        near = f"{point['latitude']},{point['longitude']}"
        changed = sorted({record["updated_at"] for record in self._some("/v1/events", sort="-updated_at")})
        days = [row["key"]["month"] for row in self.rows("/v1/figures", {"group_by": "month"})]
        first, last = f"{days[len(days) // 2]}-11", f"{days[-1]}-15"
        periods: list[Asked] = [{"date_from": first}, {"date_to": first}, {"date_from": last, "date_to": last}]

        def said(name: str) -> list[Asked]:
            rows = self.rows("/v1/figures", {"group_by": name, "sort": "-figures"})
            told = dict.fromkeys(row["key"][name] for row in rows if row["key"][name] is not None)
            return _each(name, [f'"{value}"' if "," in value else value for value in list(told)[:MOST_SAYING]])

        return {
            "dataset": _each("dataset", ["op1027", "ucdp-ged"]),
            "release": _each("release", releases),
            "event": _each("event", event),
            "date_from": periods,
            "date_to": [{"date_to": last}],
            "period": [{**days, "period": way} for way in ("overlaps", "starts", "within") for days in periods],
            "location": _each("location", places),
            "parent": _each("parent", places),
            "country": [{"country": "MMR"}],
            "bbox": [{"bbox": "95,21,98,25"}],
            "near": [{"near": near, "radius_km": "60"}],
            "within": [{"within": "mmr005"}],
            "radius_km": [{"near": near, "radius_km": "300"}],
            "part_of": _each("part_of", episodes),
            "group": _each("group", [*busy, ",".join(busy[:2])]),
            "include_members": [{"group": group, "include_members": "true"} for group in busy],
            "best_min": _each("best_min", ["0", "2", "60"]),
            "best_max": _each("best_max", ["0", "2", "60"]),
            "roots_min": _each("roots_min", ["1", "2"]),
            "document": _each("document", [*papers, ",".join(papers[:2])]),
            "claimant": said("claimant"),
            "source": said("source"),
            "outlet": said("outlet"),
            "q": _each("q", ["kawlin", "military"]),
            "updated_since": _each("updated_since", ["2020-01-01", changed[-1]]),
            "id": _each("id", [event[0], *figure, busy[0], places[0], papers[0]]),
        }

    def _some(self, path: str, **asked: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path, {**asked, "limit": "4"})["data"]
        assert found, f"{path} {asked}"
        return found

    def questions(self, endpoint: Endpoint) -> list[Asked]:
        """Questions by every parameter that narrows this list, alone and by two."""
        if endpoint.path not in self._questions:
            self._questions[endpoint.path] = self._made(endpoint)
        return self._questions[endpoint.path]

    def _made(self, endpoint: Endpoint) -> list[Asked]:
        parameters = [one for wanted in endpoint.filters for one in (wanted.parameter, *wanted.companions)]
        alone = [asked for parameter in parameters for asked in self._finding(endpoint, parameter)]
        chance = Random(endpoint.path)
        pairs = [{**chance.choice(alone), **chance.choice(alone)} for _pair in range(PAIRS)]
        return [{}, *alone, *(asked for asked in pairs if self._total_if_taken(endpoint, asked) is not None)]

    def _finding(self, endpoint: Endpoint, parameter: Parameter) -> list[Asked]:
        """A question by this parameter that finds something, and has several values where it can have. Of lists of one family,
        which take the filters of all, it may find nothing, or there may be none."""
        totals = ((asked, self._total_if_taken(endpoint, asked)) for asked in reversed(self._by(parameter)))
        nothing = []
        for asked, total in totals:
            if total:
                return [asked]
            nothing += [asked] if total == 0 else []
        assert endpoint in OF_FIGURES[1:], f"{endpoint.path}: no value of {parameter.name} finds anything"
        return nothing[:1]

    def _by(self, parameter: Parameter) -> Sequence[Asked]:
        inner = parameter.field.inner if isinstance(parameter.field, ListOf) else parameter.field
        if parameter.name in self.values or not isinstance(inner, Code):
            refuse_unknown("values of", [parameter.name], self.values)
            return self.values[parameter.name]
        if parameter.name not in self._codes:
            has = (code for code in inner.allowed if any(self._has(path, parameter.name, code) for path in ASKED_OF))
            self._codes[parameter.name] = list(islice(has, MOST_CODES))
        taken = self._codes[parameter.name]
        return _each(parameter.name, [taken[0], ",".join(taken)] if parameter.is_list else taken)

    def _has(self, path: str, name: str, code: str) -> bool:
        response = self.client.get(path, query_string={name: code, "limit": "1"})
        return response.status_code == 200 and response.json["total"] > 0

    def _total_if_taken(self, endpoint: Endpoint, asked: Asked) -> int | None:
        """How many records a question finds; null where it is none here: another list's id is unknown, and a range may be
        impossible."""
        response = self.client.get(endpoint.path, query_string={**asked, "limit": "1"})
        return int(response.json["total"]) if response.status_code == 200 else None


# Lists that have records of all codes between them.
ASKED_OF = ("/v1/figures", "/v1/events", "/v1/groups", "/v1/locations")


def _each(name: str, values: Sequence[str]) -> list[Asked]:
    return [{name: value} for value in dict.fromkeys(values)]


@pytest.fixture(scope="module")
def service(databases: Databases, corpus_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    address = databases.copy(corpus_address)
    rows = list(made_rows(MADE_ROWS, seed=1))
    if PUBLISHED.exists():
        rows += published_rows(PUBLISHED)[::EVERY_PUBLISHED]
    folder: Path = tmp_path_factory.mktemp("ucdp")
    load_into(address, UcdpGed(written(folder, *rows)))
    app = application(address)
    yield Service(app.test_client())
    close(app)


# --- Lists, downloads and totals ---------------------------------------------------------------------------------


def test_list_download_and_total_are_of_the_same_events(service: Service) -> None:
    for asked in service.questions(events.LIST):
        total = service.total("/v1/events", asked)
        assert len(service.lines("/v1/events", {**asked, "fields": "id"})) == total, asked
        assert sum(row["events"] for row in service.rows("/v1/events", asked)) == total, asked


@for_each("endpoint", OF_FIGURES, ids=lambda endpoint: endpoint.path)
def test_what_figures_add_sums_to_the_total(service: Service, endpoint: Endpoint) -> None:
    questions = service.questions(endpoint)
    for asked in questions if endpoint is figures.LIST else Random(endpoint.path).sample(questions, SAMPLE):
        lines = service.lines(endpoint.path, {**asked, **SUMMED})
        assert len(lines) == service.total(endpoint.path, asked), asked
        assert _sums(lines) == _totals(service.rows(endpoint.path, asked)), asked


@for_each("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_what_figures_of_a_row_add_sums_to_the_row(service: Service, dimension: Any) -> None:
    chance = Random(dimension.name)
    alone = service.questions(figures.LIST)
    other = chance.choice([one.name for one in DIMENSIONS if one is not dimension])
    for names, asked in ((dimension.name, {}), (f"{dimension.name},{other}", chance.choice(alone))):
        rows = service.rows("/v1/figures", {**asked, "group_by": names})
        for row in chance.sample(rows, min(MOST_ROWS, len(rows))):
            link = urlsplit(row["links"]["figures"])
            lines = service.lines(link.path, {**dict(parse_qsl(link.query, keep_blank_values=True)), **SUMMED})
            assert _sums(lines) == _totals([row]), f"{asked} {row['links']}"


def _sums(lines: Sequence[Mapping[str, str]]) -> dict[tuple[str | None, ...], tuple[int | None, ...]]:
    """How many figures of a download are totalled, and the naive sums of what they add, by what is never added."""
    found: dict[tuple[str | None, ...], list[Mapping[str, str]]] = {}
    for line in lines:
        if line["family"] == "context":
            assert {line[f"adds_{bound}"] for bound in BOUNDS} == {""}
        else:
            found.setdefault(tuple(line[name] or None for name in APART), []).append(line)

    def added(listed: Sequence[Mapping[str, str]], bound: str) -> int | None:
        cells = [line[f"adds_{bound}"] for line in listed]
        return sum(int(cell) for cell in cells if cell) if any(cells) else None

    return {key: (len(listed), *(added(listed, bound) for bound in BOUNDS)) for key, listed in found.items()}


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str | None, ...], tuple[int | None, ...]]:
    return {
        tuple(row["key"][name] for name in APART): (row["figures"], *(row[bound] for bound in BOUNDS)) for row in rows
    }


# --- Counts ------------------------------------------------------------------------------------------------------


@for_each("endpoint", COUNTING, ids=lambda endpoint: endpoint.path)
def test_counts_are_of_the_events_that_are_listed(service: Service, endpoint: Endpoint) -> None:
    own = {
        parameter.name
        for wanted in endpoint.filters
        if wanted.subject is Subject.OWN
        for parameter in (wanted.parameter, *wanted.companions)
    }
    chance = Random(endpoint.path)
    questions = service.questions(endpoint)
    for asked in chance.sample(questions, SAMPLE * (4 if endpoint is locations.LIST else 1)):
        listed = service.get(endpoint.path, {**asked, "limit": "1000", "fields": COUNTED[endpoint.path]})["data"]
        listed.sort(key=_events, reverse=True)
        others = listed[MOST_COUNTED:]
        for record in (*listed[:MOST_COUNTED], *chance.sample(others, min(SOME_OTHERS, len(others)))):
            # What is asked of the record itself is not asked of its events.
            of_events = {name: value for name, value in asked.items() if name not in own}
            of_events[ASKED_BY[endpoint.path]] = record["id"]
            # Its members' events are theirs, in the time of their membership.
            has_members = endpoint is groups.LIST and of_events.pop("include_members", None) == "true"
            is_member = has_members and record["id"] != asked.get("group")
            told = f"{endpoint.path} {asked}: {record['id']}"
            by_id = {("id" if name == "event" else name): value for name, value in of_events.items()}
            all_events = service.total("/v1/events", by_id)
            assert _events(record) <= all_events if is_member else _events(record) == all_events, told
            if endpoint is documents.LIST:
                assert record["supports"]["figures"] == service.total("/v1/figures", of_events), told


def _events(record: Mapping[str, Any]) -> int:
    found: Mapping[str, Any] = record.get("supports", record)
    return int(found["events"])
