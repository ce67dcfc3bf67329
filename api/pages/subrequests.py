"""Asks the API itself for what a page shows besides its own answer, of the same state of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from flask import Response, current_app, request

from api.domain.codebook import never_totalled
from api.domain.errors import Problem
from api.pages.links import address_of

# What a further question does not share with the page's own: it is in JSON, and always answered whole.
_OWN_HEADERS = ("HTTP_ACCEPT", "HTTP_IF_NONE_MATCH")
# The types of records that have names: how many of them are called, and the key of the name.
_NAMED = {"event": ("events", "title"), "group": ("groups", "name"), "location": ("locations", "name")}
Answer = dict[str, Any]


class Subrequests:
    """What one page asks, each question once. Its views read the state of the data that the page is of."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._answers = cache(self._answer)

    def ask(self, path: str, **query: Any) -> Answer:
        """The answer to this question, as the API gives it in JSON. Errors: a Problem."""
        return self._answers(address_of(path, **query))

    def ask_or_none(self, path: str, **query: Any) -> Answer | None:
        """The same; null where it is refused or there is no such record."""
        try:
            return self.ask(path, **query)
        except Problem as problem:
            if problem.status >= 500:
                raise
            return None

    def total(self, path: str, **query: Any) -> Answer | None:
        """The total of figures at this path; null where what is asked for is never totalled, so that there is none."""
        return None if never_totalled(query) is not None else self.ask(path, **query)

    def _answer(self, address: str) -> Answer:
        path, _mark, query = address.partition("?")
        environ = {name: value for name, value in request.environ.items() if name not in _OWN_HEADERS}
        environ |= {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
        # Flask keeps what it read of a request beside it.
        environ.pop("werkzeug.request", None)
        with current_app.request_context(environ):
            answered = cast(Response, current_app.dispatch_request())
        self.asked.append(address)
        return cast(Answer, orjson.loads(answered.get_data()))


def called(subrequests: Subrequests, lines: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The records that lines of history tell of, by type and id, each with its `name` and, of a place, its `level`. Those that
    are gone are not among them."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    told = {(line["record"], line["id"]) for line in lines}
    told -= {(line["record"], line["id"]) for line in lines if line["action"] in ("deleted", "merged")}
    for record, (records, key) in _NAMED.items():
        ids = [identity for of, identity in told if of == record]
        if ids:
            fields = f"id,{key},level" if record == "location" else f"id,{key}"
            asked = {"id": ",".join(sorted(ids)), "fields": fields, "limit": str(len(ids))}
            # What was withdrawn after the last of these lines is refused, and then all of them have their ids.
            answer = subrequests.ask_or_none(f"/v1/{records}", **asked) or {"data": []}
            found.update({(record, one["id"]): {**one, "name": one[key]} for one in answer["data"]})
    return found


class Names:
    """What groups, places, documents and datasets are called, where there are their ids alone."""

    def __init__(self, subrequests: Subrequests, told: Mapping[str, Any]) -> None:
        self._subrequests = subrequests
        self._groups: dict[str, Answer | None] = {group["id"]: group for group in _groups_in(told)}

    def group(self, identity: str) -> Answer | None:
        """The group of this id; null where it is words of ours, for somebody who is no group."""
        if identity not in self._groups:
            self._groups[identity] = self._record("groups", identity)
        return self._groups[identity]

    def location(self, identity: str) -> Answer | None:
        """The place of this id; null where it is a name."""
        return self._record("locations", identity)

    def dataset(self, identity: str) -> str:
        """What a dataset is called; its id where none such is loaded."""
        titles = {one["id"]: one["title"] for one in self._subrequests.ask("/v1/datasets")["data"]}
        return str(titles.get(identity, identity))

    def _record(self, records: str, identity: str) -> Answer | None:
        """The record of this id. What cannot be an id is not asked for, since a refusal looks for what is meant."""
        is_id = identity == identity.lower() and not set(identity) & set(" ,")
        return self._subrequests.ask_or_none(f"/v1/{records}/{identity}") if is_id else None

    def document(self, identity: str) -> Answer | None:
        """The document of this id."""
        return self._subrequests.ask_or_none(f"/v1/documents/{identity}")


def _groups_in(answer: Mapping[str, Any]) -> list[Answer]:
    """The groups that an answer tells with their names already."""
    records = answer.get("data", [answer])
    return [group for record in records for group in record.get("groups", ()) if isinstance(group, dict)]
