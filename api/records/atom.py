"""Writes lines of history as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from api.records.renditions import json_bytes

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"


class Feed(NamedTuple):
    """What a feed says of itself: its own address, that of the service, and when the data last changed."""

    address: str
    root: str
    updated: str
    title: str = "Changes of conflict events"


def atom(feed: Feed, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The feed of these lines as `api/records/changes.py` tells them, each with what makes it one and the same for ever."""
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.Element(f"{{{_NAMESPACE}}}feed")
    _texts(root, {"id": feed.address, "title": feed.title, "updated": feed.updated})
    _texts(ElementTree.SubElement(root, f"{{{_NAMESPACE}}}author"), {"name": "Conflict events"})
    _link(root, "self", feed.address)
    for identity, line in entries:
        entry = ElementTree.SubElement(root, f"{{{_NAMESPACE}}}entry")
        title = f"{line['record'].capitalize()} {line['id']} {line['action']}"
        summary = line["reason"] or _what_changed(line) or title
        own = {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, identity)}",
            "title": title,
            "updated": line["at"],
            "summary": summary,
        }
        _texts(entry, own)
        _link(entry, "alternate", f"{feed.root}{line['links']['history']}")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _what_changed(line: Mapping[str, Any]) -> str:
    told = line["fields"] or line["counts"]
    return "" if told is None else json_bytes(told).decode()


def _texts(parent: ElementTree.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, f"{{{_NAMESPACE}}}{name}").text = text


def _link(parent: ElementTree.Element, relation: str, address: str) -> None:
    ElementTree.SubElement(parent, f"{{{_NAMESPACE}}}link", {"rel": relation, "href": address})
