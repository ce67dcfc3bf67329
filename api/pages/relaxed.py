"""Asks a question that finds nothing again with less asked of it, so that its page can offer what does find something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from markupsafe import Markup

from api.pages.links import question, without
from api.pages.subrequests import Subrequests
from api.pages.wording import parameter


class Relaxed(NamedTuple):
    """A question with less asked of it: what is left out in words, where its page is, and how many records it finds."""

    words: str
    address: str
    total: int


def relaxed(subrequests: Subrequests, questions: Iterable[tuple[str, str, str]]) -> list[Relaxed]:
    """Those of these questions that find something, each page once. A question is what is left out in words, the address of
    its page, and the address that answers it."""
    found: dict[str, Relaxed] = {}
    for words, page, asked in questions:
        answer = None if page in found else subrequests.ask_or_none(asked)
        if answer is not None and answer["total"] > 0:
            found[page] = Relaxed(words, page, answer["total"])
    return list(found.values())


def without_one(subrequests: Subrequests) -> Callable[[], list[Relaxed]]:
    """Gives the current question without each one of its parameters, where that finds something; most first."""

    def found() -> list[Relaxed]:
        # Two that cannot stand without each other are left out together, by the first of them.
        questions = [
            (Markup("without {} <b>{}</b>").format(parameter(name).lower(), value), without(name), without(name))
            for name, value in question()
        ]
        return sorted(relaxed(subrequests, questions), key=lambda one: -one.total)

    return found
