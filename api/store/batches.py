"""Cuts long lists into batches, since a statement that names too many ids is slow to read, and some databases refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

# How many ids one statement names.
BATCH = 500
Item = TypeVar("Item")


def batches(listed: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """These items in their order, so many at a time."""
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))
