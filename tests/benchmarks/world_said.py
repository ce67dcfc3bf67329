"""Who says what in the generated world: reports of events, claims on figures, claimants, chains and verification."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from tests.benchmarks.world_people import skewed

Record = dict[str, Any]

# How many named documents tell of an event, beside the publisher's own, as in UCDP GED: none of a third, one of most.
NAMED_DOCUMENTS = ((0, 0.31), (1, 0.57), (2, 0.08), (3, 0.03), (5, 0.01))
# Document 0 is the publisher's own, which tells of everything. Of the others the first tell of the most: a hundred events
# and more, and most of one or two.
OWN, DOCUMENT_POWER = 0, 0.55
# How many of its documents claim a number for a figure, where there are as many.
CLAIMS = ((1, 0.72), (2, 0.18), (3, 0.07), (5, 0.03))
VERIFICATIONS = (
    ("not_stated", 0.25),
    ("unverified", 0.25),
    ("explicitly_unverified", 0.15),
    ("disputed", 0.1),
    ("corroborated", 0.1),
    ("confirmed", 0.15),
)
# By how many hands a statement came: in the document's own voice, from somebody, and by an agency or two.
CHAIN_LENGTHS = ((0, 0.4), (1, 0.35), (2, 0.2), (3, 0.05))
# Those who say something by kind of speaker; a resident is one of a place, so that there are very many.
SPEAKERS = (
    *("local media", "an army spokesperson", "a rebel spokesperson", "the United Nations", "a hospital"),
    *("a ministry", "a human rights group", "a village leader", "an aid worker", "the police"),
)
RESIDENT_SHARE = 0.25
AGENCIES = tuple(f"Agency {number}" for number in range(12))
# One report may be wrong by so much of the number.
WRONG_BY = 0.4
QUALIFIERS = ("exact", "at_least", "around", "up_to")
# Where a statement stands in its document, in characters.
LONGEST_TEXT, LONGEST_SPAN = 4000, 200


class Saying:
    """Makes reports and claims from the numbers of one world."""

    def __init__(self, numbers: random.Random, identity: str, documents: int) -> None:
        self._numbers, self._identity = numbers, identity
        self._documents = range(1, documents)
        self._document_weights = skewed(documents - 1, DOCUMENT_POWER)
        self._speaker_weights = skewed(len(SPEAKERS))
        self._counts, self._claims = _split(NAMED_DOCUMENTS), _split(CLAIMS)
        self._verifications, self._lengths = _split(VERIFICATIONS), _split(CHAIN_LENGTHS)

    def reports(self, place: str) -> list[Record]:
        """The reports of an event: the publisher's own, and those of named documents."""
        count = self._chosen(self._counts)
        named = self._numbers.choices(self._documents, cum_weights=self._document_weights, k=count)
        return [self._said(document, place) for document in dict.fromkeys([OWN, *named])]

    def claims(self, reports: Sequence[Record], bounds: tuple[int | None, int, int | None]) -> list[Record]:
        """What these reports say of a figure: the first has its bounds and is preferred, the others differ."""
        count = min(self._chosen(self._claims), len(reports))
        low, best, high = bounds
        first = {
            **reports[0],
            "population": None,
            "qualifier": None,
            "low": low,
            "best": best,
            "high": high,
            "is_preferred": True,
        }
        return [first, *(self._other(report, best) for report in reports[1:count])]

    def _other(self, report: Record, best: int) -> Record:
        said = max(round(best * self._numbers.uniform(1 - WRONG_BY, 1 + WRONG_BY)), 0)
        qualifier = self._numbers.choice(QUALIFIERS)
        low, middle, high = {
            "exact": (said, said, said),
            "at_least": (said, said, None),
            "around": (said * 9 // 10, said, said * 11 // 10 + 1),
            "up_to": (None, said, said),
        }[qualifier]
        claimed = {
            "population": None,
            "qualifier": qualifier,
            "low": low,
            "best": middle,
            "high": high,
            "is_preferred": False,
        }
        return {**report, **claimed, "verification": self._chosen(self._verifications)}

    def _said(self, document: int, place: str) -> Record:
        length = self._chosen(self._lengths)
        chain = [self._speaker(place), *self._numbers.sample(AGENCIES, length - 1)] if length else []
        start = self._numbers.randrange(LONGEST_TEXT)
        return {
            "document_id": f"{self._identity}-document-{document}",
            "spans": [[start, start + self._numbers.randint(1, LONGEST_SPAN)]],
            "claimant": chain[0] if chain else None,
            "chain": chain,
            "verification": self._chosen(self._verifications),
        }

    def _speaker(self, place: str) -> str:
        if self._numbers.random() < RESIDENT_SHARE:
            return f"a resident of {place}"
        return self._numbers.choices(SPEAKERS, cum_weights=self._speaker_weights)[0]

    def _chosen(self, weighted: tuple[list[Any], list[float]]) -> Any:
        values, weights = weighted
        return self._numbers.choices(values, cum_weights=weights)[0]


def _split(listed: Sequence[tuple[Any, float]]) -> tuple[list[Any], list[float]]:
    return [value for value, _share in listed], list(accumulate(share for _value, share in listed))
