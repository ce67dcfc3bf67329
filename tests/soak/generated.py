"""Thousands of generated questions, each held to the description: Schemathesis in all its phases, anew in each round."""

from __future__ import annotations

import logging
from collections import Counter
from itertools import count
from typing import Any

from schemathesis.generation.case import Case

from api.app import create_app
from api.settings import Settings
from tests.test_schemathesis import ask_and_check, generated_tests

# Generated questions for each operation and round, besides the examples and the edges of every schema.
EXAMPLES = 100
# Failures that are told in full.
MOST_TOLD = 3


def generated_questions(address: str, least: int) -> str:
    """So many questions at least of the database at this address: how they were answered, and what was not as described."""
    app = create_app(Settings(database_url=address))
    logging.getLogger("api.requests").disabled = True
    statuses: Counter[int] = Counter()
    failures: list[str] = []

    def ask(case: Case[Any]) -> None:
        answer = ask_and_check(app, case)
        if answer is not None:
            statuses[answer.status_code] += 1

    for seed in count(1):
        generation = {"deterministic": False, "database": "none"}
        for operation, test in generated_tests(ask, EXAMPLES, seed=seed, generation=generation):
            try:
                test()
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  # whatever it is, it is what is told
                failures.append(f"{operation.label}: {failure}")
        if failures or statuses.total() >= least:
            break
    told = ", ".join(f"{number:,} of {status}" for status, number in sorted(statuses.items()))
    return f"{statuses.total():,} answers as described ({told}); {len(failures)} failures " + " ".join(
        failures[:MOST_TOLD]
    )
