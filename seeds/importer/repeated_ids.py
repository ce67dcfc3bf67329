"""Decides which of several rows with one id is taken: the newest by the publisher's own mark, else the first.

Of each such id the place of its row and a digest are held, never rows: a file that holds another one whole stays small in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum, auto
from hashlib import blake2b
from typing import NamedTuple

from seeds.importer.ids import id_tail

# Two of a billion rows that differ have the same digest in one of 10^20 files.
_DIGEST_BYTES = 16


class Standing(Enum):
    """What a row is among those with its id: the one that is taken, the same again, older, or another that nothing puts before or behind."""

    TAKEN = auto()
    SAME = auto()
    OLDER = auto()
    OTHER = auto()


class Taken(NamedTuple):
    """The row that is taken of those with one id: its number among all rows, its line, its id as printed, when it was changed last,
    and a digest of what it says."""

    number: int
    line: int
    printed: str
    changed: int
    digest: bytes


class RepeatedIds:
    """The ids that stand in a file more than once, each with the row that is taken.

    `changed` tells when a row was changed last, higher for a newer one; `said` what it says, equal for rows that say the same.
    `rows` are the file's, each with its line.
    """

    def __init__(
        self,
        ids: Collection[str],
        id_at: int,
        changed: Callable[[Sequence[str]], int],
        said: Callable[[list[str]], Sequence[str]],
        rows: Iterable[tuple[int, list[str]]],
    ) -> None:
        self._ids, self._id_at, self._changed, self._said = ids, id_at, changed, said
        self._taken: dict[str, Taken] = {}
        for number, (line, row) in enumerate(rows):
            identity = id_tail(row[id_at])
            if identity in ids:
                at = changed(row)
                before = self._taken.get(identity)
                if before is None or at > before.changed:
                    self._taken[identity] = Taken(number, line, row[id_at], at, self._digest(row))

    def _digest(self, row: list[str]) -> bytes:
        return blake2b("\0".join(self._said(row)).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()

    def look_at(self, number: int, row: list[str]) -> tuple[Standing, Taken | None]:
        """What the row of this number is, and the one that is taken in its place; null of an id that stands once."""
        if not self._ids or (identity := id_tail(row[self._id_at])) not in self._ids:
            return Standing.TAKEN, None
        taken = self._taken[identity]
        if number == taken.number:
            return Standing.TAKEN, taken
        if self._digest(row) == taken.digest:
            return Standing.SAME, taken
        return Standing.OLDER if self._changed(row) < taken.changed else Standing.OTHER, taken
