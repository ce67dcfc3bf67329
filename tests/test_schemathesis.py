"""Schemathesis holds every operation to the description, with data that fit it and data that do not.

It asks with the examples, with the edges of every schema, and with generated data. Whatever is asked: no failure of
ours, no status, media type, header or body that the description does not have, and nothing let through that does not
fit. What fits may still be refused, for what no schema can say; a check of our own says for what alone.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import settings
from schemathesis import CheckContext, GenerationMode, Response
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.pytest.lazy import get_all_tests

from tests.described import COMPANIONS, described

pytestmark = pytest.mark.engines("sqlite")

# Generated questions for each operation, besides the examples and the edges of every schema. `make soak` asks thousands.
EXAMPLES = 2
# A longer list of names takes long to draw and to look up, for each parameter that takes one. Its limit is tested elsewhere.
MOST_DRAWN = 10
# Names that the corpus knows. Drawn ones would be refused, and nothing behind them would ever be reached.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "dataset": ("op1027", "gazetteer"),
    "event": ("battle-of-kawlin-2023", "kawlin-town-captured-2023-11-06", "kawlin-evacuation-2023-11"),
    "part_of": ("operation-1027", "battle-of-kawlin-2023"),
    "location": ("Sagaing", "MMR015", "Kawlin town", "shan-state"),
    "parent": ("mmr", "mmr005"),
    "country": ("MMR",),
    "group": ("AA", "three-brotherhood-alliance", "Myanmar Military"),
    "document": ("004_84814d1eef1d8517", "002_49c7442abbe22091"),
    "claimant": ("united-nations", "kawlin-pdf", "a resident of Kawlin"),
    "source": ("united-nations", "a resident of Kawlin"),
    "outlet": ("Reuters",),
    "release": ("1.0.0", "9.3"),
}
# What a client may say in a header of the revision that it has seen.
REVISION = "Revision-At-Least"
# The standard has a limit over the maximum that is told be taken for the maximum, and not be refused.
CLAMPED = "list_ogc_events.limit"
# Paths whose parameters are those of another: their edges are asked for there.
LIKE_OTHERS = (
    "/v1/events/totals",
    "/v1/figures",
    "/v1/groups",
    "/v1/documents",
    *(f"/v1/{family}{rest}" for family in ("casualties", "displacements") for rest in ("", "/totals")),
    *(f"/ogc/collections/{name}" for name in ("events", "casualties", "displacements", "locations", "totals-by-place")),
    *(f"/ogc/collections/{name}/items" for name in ("casualties", "displacements", "locations", "totals-by-place")),
)
# Posted questions are read alike: one is drawn, without its edges, which are those of the query.
POSTED = "/v1/events/query"
CONFIGURATION = {
    # The same questions every time, so that the suite's result depends on the code alone.
    "seed": 1027,
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        # Parameters that contradict each other fit every schema and are refused, and so is a path of a record that
        # nobody knows. What of this is right is what `only_what_no_schema_can_say_is_refused` is about.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "400", "404"]},
    },
    "operations": [{"include-path": [*LIKE_OTHERS, POSTED], "phases": {"coverage": {"enabled": False}}}],
}
# Combinations have one example more each time, from two on: the first is asked, and each that has so many more.
FEWEST, EACH_MORE = 2, 10
COMBINED = re.compile(r"All required and (\d+) optional properties")
# What the messages say where a value or a name was wrong by itself, whatever else was asked.
READ_WRONG = ("cannot be read", "is not a parameter of", "is given twice")
# Lists whose places differ in their limits, latitude and longitude: OpenAPI 3.0 has one schema for all places of a list. And two
# times with a slash between, for which it has no format.
UNEVEN = ("bbox", "near", "datetime")
# A quote in one value of a list is closed by one in another, of which a schema of each value knows nothing.
UNCLOSED = "has a quote that is not closed."

_asked: set[tuple[object, ...]] = set()


def _drawable() -> dict[str, Any]:
    """The description with what can be drawn quickly and leads somewhere."""
    found = copy.deepcopy(described())
    is_alike = {path: "post" in item or path.endswith(".csv") for path, item in found["paths"].items()}
    found["paths"] = {path: item for path, item in found["paths"].items() if path == POSTED or not is_alike[path]}
    for operation in (operation for item in found["paths"].values() for operation in item.values()):
        # Drawn, it would mostly be waited for in vain.
        operation["parameters"] = [
            each for each in operation["parameters"] if not each.get("$ref", "").endswith(REVISION)
        ]
    del found["components"]["parameters"][REVISION]
    for name, parameter in found["components"]["parameters"].items():
        if name == CLAMPED:
            del parameter["schema"]["maximum"]
        if parameter["schema"].get("maxItems", 0) > MOST_DRAWN:
            del parameter["schema"]["maxItems"]
        if parameter["name"] in KNOWN:
            parameter["schema"]["items"] = {"type": "string", "enum": list(KNOWN[parameter["name"]])}
    return found


@schemathesis.check
def only_what_no_schema_can_say_is_refused(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """What fits the description can be read: it is refused for unknown records and for contradictions alone."""
    if response.status_code != 400 or case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if response.headers["content-type"][0].startswith("text/html"):
        # A page says the same in words.
        return
    wrong = [
        fault["message"]
        for fault in response.json()["errors"]
        if any(told in fault["message"] for told in READ_WRONG)
        and fault["parameter"] not in UNEVEN
        and not fault["message"].endswith(UNCLOSED)
    ]
    assert wrong == []


def _was_asked(case: Case[Any]) -> bool:
    """Whether this edge of a parameter was asked for on another list or total, or a combination much like this one."""
    if case.meta is None or "{" in case.path:
        return False
    found = case.meta.phase.data
    if not isinstance(found, CoveragePhaseData):
        return False
    combined = COMBINED.fullmatch(found.description)
    if combined is not None:
        return (int(combined[1]) - FEWEST) % EACH_MORE != 0
    # Without a parameter are the method and what the whole query is; an example alone is one of these, and named.
    if found.parameter is None and "optional" not in found.description:
        return False
    # What does not fit is refused as it is read, alike for lists and totals; what fits is worked out apart.
    is_worked_out = case.meta.generation.mode is GenerationMode.POSITIVE and case.path.endswith("/totals")
    # One code of a list stands for the others: each is asked for by the tests of filters.
    is_one_code = found.description == "Enum value from available for items array"
    value = "" if is_one_code else repr((case.query or {}).get(found.parameter))
    edge = (case.method, is_worked_out, found.parameter, found.description, value)
    was_asked = edge in _asked
    _asked.add(edge)
    return was_asked


def _leave_alone(case: Case[Any]) -> None:
    """Leaves the edge of a parameter with what it needs beside itself: it comes among the examples of all others, which would take
    most of the time, and between them find nothing."""
    found = None if case.meta is None else case.meta.phase.data
    if isinstance(found, CoveragePhaseData) and found.parameter in (case.query or {}):
        wanted = {found.parameter, *COMPANIONS.get(found.parameter, ()), "group_by"}
        case.query = {name: value for name, value in case.query.items() if name in wanted}


def generated_tests(ask: Callable[[Case[Any]], None], examples: int, **changes: Any) -> list[tuple[Any, Any]]:
    """Each operation with what asks its questions; `changes` are to the configuration."""
    load_all_checks()
    configuration = SchemathesisConfig.from_dict({**CONFIGURATION, **changes})
    schema = schemathesis.openapi.from_dict(_drawable(), config=configuration)
    bounded = settings(max_examples=examples, deadline=None)
    return [found.ok() for found in get_all_tests(schema=schema, test_func=ask, settings=bounded, given_kwargs=None)]


def ask_and_check(app: Flask, case: Case[Any]) -> Response | None:
    """The answer, which is as described; null where this edge was asked for before."""
    if _was_asked(case):
        return None
    _leave_alone(case)
    # Schemathesis reads bodies as they come, and says that it takes compressions which it does not know.
    return case.call_and_validate(app=app, headers={"Accept-Encoding": "identity"})


def test_every_answer_is_as_described(app: Flask, subtests: pytest.Subtests) -> None:
    def ask(case: Case[Any]) -> None:
        ask_and_check(app, case)

    # Worked out here and not when tests are collected, since all edges of all schemas take seconds.
    tests = generated_tests(ask, EXAMPLES)
    assert {operation.path for operation, _test in tests} == set(_drawable()["paths"])
    for operation, test in tests:
        with subtests.test(operation.label):
            test()
