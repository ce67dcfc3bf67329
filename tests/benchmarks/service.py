"""What the service says of itself: which parameters a list takes, by what totals are grouped, what is hidden by default."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.client import Client
from tests.benchmarks.processes import Server


@dataclass(frozen=True)
class Service:
    """The description of a service that runs, and the revision of its data."""

    parameters: dict[str, dict[str, Any]]
    revision: str

    def takes(self, path: str, name: str) -> bool:
        """Whether a list or total has this parameter."""
        return name in self.parameters[path]

    @property
    def dimensions(self) -> list[str]:
        """By what totals of casualties can be grouped."""
        found: list[str] = self.parameters["/v1/casualties/totals"]["group_by"]["items"]["enum"]
        return found

    @property
    def kinds_listed(self) -> list[str]:
        """The kinds of events that a list has where none are asked for; empty where it has all."""
        found: list[str] = self.parameters["/v1/events"]["kind"].get("default", [])
        return found


def describe(server: Server) -> Service:
    """Asks a service for its own description."""
    with Client(server) as client:
        described = json.loads(client.ask("/openapi.json").body)
        revision = json.loads(client.ask("/v1/events?limit=1").body)["coverage"]["revision"]
    shared = described.get("components", {}).get("parameters", {})
    parameters: dict[str, dict[str, Any]] = {}
    for path, methods in described["paths"].items():
        listed = [
            shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in methods.get("get", {}).get("parameters", [])
        ]
        parameters[path] = {one["name"]: one["schema"] for one in listed if one["in"] == "query"}
    return Service(parameters, revision)
