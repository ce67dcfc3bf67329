from __future__ import annotations
import pytest, schemathesis
from flask import Flask
from hypothesis import settings, HealthCheck
from tests.described import described

@pytest.fixture(scope="session")
def description(app: Flask):
    return schemathesis.openapi.from_wsgi("/openapi.json", app)

schema = schemathesis.pytest.from_fixture("description")

@schema.parametrize()
@settings(max_examples=15, deadline=None)
def test_api(case):
    case.call_and_validate()
