from __future__ import annotations
import pytest, schemathesis
from flask import Flask
from hypothesis import settings, HealthCheck
from tests.described import described

schema = schemathesis.openapi.from_dict(described())

@schema.parametrize()
@settings(max_examples=15, deadline=None)
def test_api(case, app):
    case.call_and_validate(app=app, headers={"Accept-Encoding": "identity"})
