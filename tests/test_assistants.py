"""An assistant gets the API's own numbers with their claims, and is told what to ask where it is refused."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from mcp import Client, StdioServerParameters

from api.assistants.client import in_process
from api.assistants.server import MOST_EVIDENCE, server
from tests.programs import node_packages, program
from tests.test_typed_clients import SOLDIERS, told

pytestmark = pytest.mark.engines("sqlite")


def asked(target: Any, *calls: tuple[str, Mapping[str, Any]]) -> tuple[Any, list[Any]]:
    """The tools of a server, and what it answers to these calls."""

    async def run() -> tuple[Any, list[Any]]:
        async with Client(target) as assistant:
            tools = (await assistant.list_tools()).tools
            return tools, [await assistant.call_tool(name, dict(given)) for name, given in calls]

    return asyncio.run(run())


def test_tools_answer_as_the_api_does(client: FlaskClient) -> None:
    tools, (place, events, total, codes, unknown, wrong) = asked(
        server(in_process(client.application)),
        ("find", {"words": "Kawlin", "what": "location"}),
        ("list_events", {"location": "Kawlin", "limit": 2}),
        ("total", {"measure": "killed", "group_by": "population"}),
        ("codebook", {"name": "population"}),
        ("list_events", {"location": "Kawlinn"}),
        ("total", {"measure": "murdered"}),
    )
    assert {tool.name for tool in tools} == {"find", "list_events", "total", "evidence", "compare", "codebook"}
    assert all(tool.output_schema and tool.annotations.read_only_hint and tool.description for tool in tools)
    assert "mmr005024" in {found["id"] for found in place.structured_content["found"]}
    assert events.structured_content["total"] == client.get("/v1/events?location=Kawlin").json["total"]
    assert len(events.structured_content["events"]) == 2
    rows = client.get("/v1/figures/totals?measure=killed&group_by=population").json["data"]
    for row, expected in zip(total.structured_content["rows"], rows, strict=True):
        assert {name: row[name] for name in expected} == expected
        assert len(row["evidence"]) == min(MOST_EVIDENCE, row["evidence_total"])
        assert all(figure["claims"] for figure in row["evidence"])
    assert codes.structured_content["lists"][0]["id"] == "population"
    assert unknown.is_error and "Kawlin" in unknown.content[0].text
    assert wrong.is_error and "killed" in wrong.content[0].text


def test_it_serves_over_standard_input_and_output(corpus_address: str) -> None:
    target = StdioServerParameters(
        command=sys.executable, args=["-m", "api", "mcp"], env={"DATABASE_URL": corpus_address, "PYTHONPATH": "."}
    )
    _tools, (evidence, gone) = asked(
        target,
        ("evidence", {"figure": "namhsan-killed-state-forces"}),
        ("evidence", {"figure": "namhsan-killed-state"}),
    )
    found = evidence.structured_content
    assert {claim["document"] for claim in found["figure"]["claims"]} == {one["id"] for one in found["documents"]}
    assert gone.is_error and "namhsan-killed-state-forces" in gone.content[0].text


@pytest.mark.tools
def test_the_inspector_calls_its_tools(client: FlaskClient, corpus_address: str, tmp_path: Path) -> None:
    packages = node_packages("@modelcontextprotocol/inspector@2.12.0")
    (row,) = client.get(f"/v1/figures/totals?{SOLDIERS}").json["data"]
    settings = {"DATABASE_URL": corpus_address, "PYTHONPATH": str(Path(__file__).parent.parent)}
    inspect = (
        *(program("node"), packages / "node_modules" / ".bin" / "mcp-inspector", "--cli", "--connect-timeout", "60000"),
        *(part for name, value in settings.items() for part in ("-e", f"{name}={value}")),
        *(sys.executable, "-m", "api", "mcp", "--method"),
    )
    assert len(json.loads(told(*inspect, "tools/list", folder=tmp_path))["tools"]) == 6
    given = (part for one in SOLDIERS.split("&") for part in ("--tool-arg", one))
    found = json.loads(told(*inspect, "tools/call", "--tool-name", "total", *given, folder=tmp_path))
    (shown,) = found["structuredContent"]["rows"]
    assert {name: shown[name] for name in row} == row and not found.get("isError")
