"""Shows what a number rests on: the passages of documents where their texts are here, and what figures add to a total."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from api.pages.links import here, question
from api.pages.subrequests import Answer, Names, Subrequests

# How much of a text is shown on each side of a span, up to the end of a word.
_AROUND = 160
# Texts that are kept; each is a news report.
_KEPT_TEXTS = 64
# What is about a list, and not about which figures are meant.
_OF_LISTS = ("fields", "limit", "sort", "facets")
# Of longer lists it is not said what each figure adds.
_MOST_FIGURES = 200


class Passage(NamedTuple):
    """A span of a document in its surroundings."""

    before: str
    text: str
    after: str


def passages(folder: str, names: Names) -> Callable[[Mapping[str, Any]], list[Passage]]:
    """Gives the passages of a claim or report; none where its document's text is not in the folder as it was coded."""

    def found(said: Mapping[str, Any]) -> list[Passage]:
        document = names.document(said["document"]) if folder else None
        if document is None or document["sha256"] is None:
            return []
        text = _text(Path(folder), document["id"], document["sha256"])
        return [] if text is None else [_passage(text, start, end) for start, end in said["spans"]]

    return found


@lru_cache(_KEPT_TEXTS)
def _text(folder: Path, identity: str, sha256: str) -> str | None:
    """The text of a document, if it is there and has this hash."""
    file = folder / f"{identity}.txt"
    # An id is one name, and never a way out of the folder.
    if file.parent != folder or not file.is_file():
        return None
    content = file.read_bytes()
    return content.decode() if hashlib.sha256(content).hexdigest() == sha256 else None


def _passage(text: str, start: int, end: int) -> Passage:
    first, last = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    before, after = text[first:start], text[end:last]
    if first:
        before = f"… {before.partition(' ')[2]}"
    if last < len(text):
        after = f"{after.rpartition(' ')[0]} …"
    return Passage(before, text[start:end], after)


def total_of(subrequests: Subrequests) -> Callable[[bool], Answer | None]:
    """Gives the total that the figures of a list make up, the row's alone where the list is of one; null where none is found."""

    def found(is_row: bool) -> Answer | None:
        asked = {name: value for name, value in question() if name not in _OF_LISTS}
        grouped = {name: value for name, value in asked.items() if is_row or name != "group_by"}
        row = grouped.pop("row", None)
        answer = subrequests.total(f"{here()}/totals", **grouped)
        if answer is None:
            return None
        rows = answer["data"]
        if row is not None:
            rows = [one for one in rows if dict(parse_qsl(one["links"]["figures"], True)).get("row") == row]
        dimensions = [name for name in grouped.get("group_by", "").split(",") if name]
        return {**answer, "data": rows, "dimensions": dimensions} if rows else None

    return found


def contributions(subrequests: Subrequests) -> Callable[[Answer], dict[str, Answer] | None]:
    """Gives what each figure of a list adds to the total of the same question, by its id; null where the list is longer."""

    def found(answer: Answer) -> dict[str, Answer] | None:
        if not answer["total"] or answer["total"] != answer["returned"] or answer["total"] > _MOST_FIGURES:
            return None
        asked = {name: value for name, value in question() if name not in _OF_LISTS}
        fields = "id,adds_low,adds_best,adds_high"
        features = subrequests.ask(here(), **asked, format="geojson", fields=fields)["features"]
        return {feature["id"]: feature["properties"] for feature in features}

    return found
