"""How much a file must bring to pass for a whole release of what stands. Knows no file format.

What a whole release lacks is withdrawn. A file with far fewer events than stand is more likely cut off between two rows, or
a slice of what was wanted, than a correction by its publisher: then nothing is taken.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from api.loose_ends import LoadRefused
from api.models import Event


class Floor:
    """The least of a dataset's events that a whole release of it brings: this percentage of those that stand."""

    def __init__(self, connection: Connection, dataset_id: str, percent: int) -> None:
        counted = select(func.count()).select_from(Event).where(Event.dataset_id == dataset_id)
        self._standing = connection.execute(counted).scalar_one()
        self._least = self._standing * percent // 100

    def hold(self, file: str, brought: int) -> None:
        """Makes sure that a file that brings so many events may replace what stands. Errors: LoadRefused."""
        if brought < self._least:
            raise LoadRefused(
                f"{file} holds {brought:,} events where {self._standing:,} stand, and a whole release has at least "
                f"{self._least:,}. Is it cut off, or a part? --part keeps what it does not hold, --smaller withdraws it"
            )
