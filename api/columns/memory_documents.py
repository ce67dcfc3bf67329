"""How many events and figures each document supports, counted in memory: the documents that sets of reports and claims name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from sqlalchemy import BigInteger, ColumnElement, Table, column, func, select, table

from api.columns import tables
from api.columns.memory_columns import Array
from api.columns.memory_conditions import is_always_true
from api.columns.positions import row_offset

if TYPE_CHECKING:
    from api.columns.reading_copy import Copy

# What statements read of what is counted: a document by its offset, and how many of each kind of records it supports.
SUPPORTING = table(
    "supporting", column("row_offset", BigInteger()), column("events", BigInteger()), column("figures", BigInteger())
)


class Support(NamedTuple):
    """What a document supports: the records of a table that meet `condition`, where a member of their set that names the document
    meets `said`."""

    records: Table
    condition: ColumnElement[bool]
    sets: tables.Sets
    said: ColumnElement[bool]


class _Pairs(NamedTuple):
    """Of sets of one kind: each set with each document that it names, once; and of each of their members the index of its pair."""

    sets: Array
    documents: Array
    of_members: Array


class MemoryDocuments:
    """Which documents are named in one reading copy."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._pairs: dict[tables.Sets, _Pairs] = {}

    def supporting(
        self, copy: Copy, supports: Mapping[str, Support], also: ColumnElement[bool] | None = None
    ) -> pa.Table:
        """The documents that support any of this, and those of which `also` holds: `row_offset`, and under each of these names how
        many records they support."""
        if self._count is None:
            ((self._count,),) = copy.rows(select(func.count()).select_from(tables.DOCUMENT))
        counts = {name: self._supported(copy, support, self._count) for name, support in supports.items()}
        is_listed = np.logical_or.reduce(list(counts.values()))
        if also is not None:
            is_listed[copy.where(tables.DOCUMENT, also)] = True
        offsets = np.flatnonzero(is_listed)
        return pa.table({"row_offset": offsets, **{name: number[offsets] for name, number in counts.items()}})

    def _supported(self, copy: Copy, support: Support, documents: int) -> Array:
        """How many of these records each document supports, by its offset."""
        if support.sets not in self._pairs:
            self._pairs[support.sets] = _read(copy, support.sets)
        pairs = self._pairs[support.sets]
        numbers = copy.in_memory.column(copy, support.records.c[support.sets.key])
        if not is_always_true(support.condition):
            numbers = numbers[copy.where(support.records, support.condition)]
        in_sets = np.bincount(numbers, minlength=pairs.sets.max(initial=0) + 1)[pairs.sets]
        if not is_always_true(support.said):
            is_said = np.zeros(len(in_sets), bool)
            is_said[pairs.of_members[copy.where(support.sets.table, support.said)]] = True
            in_sets = in_sets * is_said
        # It adds floating numbers, which whole ones are up to 2 ** 53.
        return np.bincount(pairs.documents, in_sets, minlength=documents).astype(np.int64)


def _read(copy: Copy, sets: tables.Sets) -> _Pairs:
    key, document_id = sets.table.c[sets.key], sets.table.c.document_id
    named = select(row_offset(sets.table), key, row_offset(tables.DOCUMENT))
    read = copy.table(named.join(tables.DOCUMENT, tables.DOCUMENT.c.id == document_id))
    members, numbers, documents = (each.to_numpy() for each in read.columns)
    beyond = documents.max(initial=0) + 1
    pairs, of_members = np.unique(numbers.astype(np.int64) * beyond + documents, return_inverse=True)
    in_order: Any = np.empty(len(members), np.int32)
    in_order[members] = of_members
    return _Pairs((pairs // beyond).astype(np.int32), (pairs % beyond).astype(np.int32), in_order)
