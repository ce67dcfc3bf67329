"""Schemathesis holds every operation to the description, with data that fit it and data that do not, on both engines.

It asks with the examples, with the edges of every schema, and with generated data. Whatever is asked: no failure of
ours, no status, media type, header or body that the description does not have, and nothing let through that does not
fit. What fits may still be refused, for what no schema can say; the check of our own below says for what alone.
"""

from __future__ import annotations

import copy
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import settings
from schemathesis import CheckContext, GenerationMode, Response
from schemathesis.config import SchemathesisConfig

from tests.described import described

# Generated questions for each operation and engine, besides the examples and the edges of every schema.
EXAMPLES = 12
# A list of so many distinct names takes minutes to draw, for each parameter that takes one. The limit is tested elsewhere.
MOST_DRAWN = 100

CONFIGURATION = {
    # The same questions every time, so that the suite's result depends on the code alone.
    "seed": 1027,
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        # Names that nobody bears, and parameters that contradict each other, fit every schema and are refused. What of
        # this is right is what `only_what_no_schema_can_say_is_refused` is about.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "400", "404"]},
    },
}
# What the messages say where a value or a name was wrong by itself, whatever else was asked.
READ_WRONG = ("cannot be read", "is not a parameter of", "is given twice")


def _drawable() -> dict[str, Any]:
    found = copy.deepcopy(described())
    for parameter in found["components"]["parameters"].values():
        if parameter["schema"].get("maxItems", 0) > MOST_DRAWN:
            del parameter["schema"]["maxItems"]
    return found


schema = schemathesis.openapi.from_dict(_drawable(), config=SchemathesisConfig.from_dict(CONFIGURATION))


@schemathesis.check
def only_what_no_schema_can_say_is_refused(_context: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """What fits the description can be read: it is refused for unknown names and for contradictions alone."""
    if response.status_code != 400 or case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    wrong = [
        fault["message"] for fault in response.json()["errors"] if any(told in fault["message"] for told in READ_WRONG)
    ]
    assert wrong == []


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_answer_is_as_described(case: schemathesis.Case, app: Flask) -> None:
    # It reads the bodies as they come, and knows not every compression that it says it takes.
    case.call_and_validate(app=app, headers={"Accept-Encoding": "identity"})
