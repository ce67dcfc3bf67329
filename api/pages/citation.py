"""How to cite a view: the datasets that it rests on with their licences, the revision, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import request

from api.pages.links import asked_as, question
from api.pages.subrequests import Answer, Subrequests


class Citation(NamedTuple):
    """All that a citation of a view has."""

    # As datasets tell of themselves.
    datasets: list[Answer]
    revision: str
    address: str


def citation(answer: Mapping[str, Any], subrequests: Subrequests, revision: str) -> Citation:
    """What to cite of an answer: of a list its sources, of one record its dataset; nothing of what is ours, as codes."""
    own = answer.get("dataset", answer.get("id") if "citation" in answer else None)
    named = [own] if isinstance(own, str) else [source["dataset"] for source in answer.get("sources", ())]
    address = f"{request.url_root.rstrip('/')}{asked_as(question())}"
    return Citation([subrequests.ask(f"/v1/datasets/{name}") for name in named], revision, address)
