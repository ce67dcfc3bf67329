"""Decides which of several rows with one id is taken: the newest by the publisher's own mark, else the first.

Of each such id the place of its row and a digest are held, some fifty bytes and never rows: a file that holds another one whole takes
little more memory than that one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum, auto
from hashlib import blake2b

from seeds.importer.ids import id_tail

# Two of a billion rows that differ have the same digest in one of 10^20 files.
_DIGEST_BYTES = 16


class Standing(Enum):
    """What a row is among those with its id: the one that is taken, the same again, older, or another that nothing puts before or behind."""

    TAKEN = auto()
    SAME = auto()
    OLDER = auto()
    OTHER = auto()


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
        self._id_at, self._changed, self._said = id_at, changed, said
        self._places = {identity: place for place, identity in enumerate(ids)}
        # Of the row that is taken of each: its number among all rows, its line, when it was changed last, and digests of its id as
        # it is printed and of all that it says.
        self._numbers, self._lines, self._changes = (array("q", bytes(8 * len(self._places))) for _of in range(3))
        self._printed, self._digests = (bytearray(_DIGEST_BYTES * len(self._places)) for _of in range(2))
        is_met = bytearray(len(self._places))
        for number, (line, row) in enumerate(rows):
            place = self._places.get(id_tail(row[id_at]))
            if place is None:
                continue
            at = changed(row)
            if not is_met[place] or at > self._changes[place]:
                is_met[place] = True
                self._numbers[place], self._lines[place], self._changes[place] = number, line, at
                self._printed[_slice(place)] = _digest(row[id_at : id_at + 1])
                self._digests[_slice(place)] = _digest(said(row))

    def look_at(self, number: int, row: list[str]) -> tuple[Standing, int]:
        """What the row of this number is, and the line of the one that is taken in its place; 0 of an id that stands once."""
        place = self._places.get(id_tail(row[self._id_at])) if self._places else None
        if place is None:
            return Standing.TAKEN, 0
        line = self._lines[place]
        if number == self._numbers[place]:
            return Standing.TAKEN, line
        if _digest(self._said(row)) == self._digests[_slice(place)]:
            return Standing.SAME, line
        return Standing.OLDER if self._changed(row) < self._changes[place] else Standing.OTHER, line

    def is_printed_alike(self, row: list[str]) -> bool:
        """Whether the id of such a row is printed as that of the one that is taken."""
        place = self._places[id_tail(row[self._id_at])]
        return self._printed[_slice(place)] == _digest(row[self._id_at : self._id_at + 1])


def _slice(place: int) -> slice:
    return slice(_DIGEST_BYTES * place, _DIGEST_BYTES * (place + 1))


def _digest(said: Sequence[str]) -> bytes:
    return blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
