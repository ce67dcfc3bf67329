"""Takes out of the description of the whole service what tools for GIS read: the paths below `/ogc` and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.ogc.collections import PREFIX


def own_description(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The paths below the root, with the components that they need."""
    paths = {
        path.removeprefix(PREFIX) or "/": found for path, found in whole["paths"].items() if path.startswith(PREFIX)
    }
    components: dict[str, dict[str, Any]] = {}
    waiting = _references(paths)
    while waiting:
        kind, name = waiting.pop().split("/")[2:]
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            waiting += _references(components[kind][name])
    tags = [tag for tag in whole["tags"] if tag["name"] == "ogc"]
    return {**whole, "tags": tags, "paths": paths, "components": components}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for inner in node.values() for found in _references(inner)]
    return [found for inner in node for found in _references(inner)] if isinstance(node, list) else []
