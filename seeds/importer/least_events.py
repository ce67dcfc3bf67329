"""Refuses a whole file in whose place far more events stand than it brings: what it lacks would be withdrawn."""

from __future__ import annotations

from api.load.source import LoadRefused

# So many events may be withdrawn, as long as others stay; and of more, fewer than one in so many. A version of the publisher's
# that leaves a country out is no other file.
_FEW, _ONE_IN = 20, 2


class LeastEvents:
    """The least events that a whole release brings: this percentage of those of the releases that it takes the place of.

    A file with far fewer events than stand is more likely cut off between two rows, or a slice of what was wanted, than a
    correction by its publisher: then nothing is taken. One with as many may still be of others, such as another country's.
    """

    def __init__(self, file: str, standing: int, percent: int) -> None:
        self._file, self._standing, self._least = file, standing, standing * percent // 100

    def refuse_fewer(self, count: int) -> None:
        """Makes sure that a file that brings so many events may replace what stands. Errors: LoadRefused."""
        if count < self._least:
            raise LoadRefused(
                f"{self._file} holds {count:,} {'event' if count == 1 else 'events'} where {self._standing:,} stand, and a whole release has at least "
                f"{self._least:,}. Is it cut off, or a part? --part keeps what it does not hold, --smaller withdraws it"
            )

    def refuse_others(self, count: int) -> None:
        """Makes sure that so many of the events that stand may be withdrawn. Errors: LoadRefused."""
        if (count > _FEW and count * _ONE_IN >= self._standing) or 1 < count == self._standing:
            lacking = "all" if count == self._standing else f"{count:,}"
            raise LoadRefused(
                f"{self._file} lacks {lacking} of the {self._standing:,} events that stand. Is it of another country, or of "
                "other days? --part keeps what it does not hold, --smaller withdraws it"
            )
