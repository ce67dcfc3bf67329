"""What documents support is counted in memory as DuckDB would count it, each event and figure once however often a document names it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Table, and_, distinct, false, func, literal, select, true

from api.columns.memory_documents import SUPPORTING, Support
from api.columns.positions import row_offset
from api.columns.reading_copy import Copy
from api.columns.tables import ATTRIBUTIONS, CLAIMS, DOCUMENT, EVENT, FIGURE, SOURCE, Sets
from tests.stored import served
from tests.test_reading_copy import copy_of

pytestmark = pytest.mark.engines("sqlite")


def _holds(records: Table) -> Sequence[Any]:
    own = records.c
    return (
        true(),
        false(),
        own.country == "MMR",
        and_(own.type == "battles", own.township == "mmr005004"),
        # This is not known of columns in memory.
        own.id.like("kawlin%"),
    )


def _said(sets: Sets) -> Sequence[Any]:
    own = sets.table.c
    reuters = select(SOURCE.c.source_set).where(SOURCE.c.source == "Reuters")
    return (
        true(),
        own.verification == "unverified",
        and_(own.verification == "unverified", own.claimant == "arakan-army"),
        own.claimant == "nobody",
        own.source_set.in_(reuters),
        own.document_id.in_(["000_ec395b58edcbbb45", "004_84814d1eef1d8517"]),
    )


def _expected(copy: Copy, records: Table, sets: Sets, holds: Any, said: Any) -> dict[int, int]:
    """How many of these records each document supports, by its offset, as DuckDB counts them."""
    joined = select(row_offset(DOCUMENT), func.count(distinct(records.c.number))).select_from(records)
    joined = joined.join(sets.table, sets.table.c[sets.key] == records.c[sets.key])
    joined = joined.join(DOCUMENT, DOCUMENT.c.id == sets.table.c.document_id)
    return dict(copy.rows(joined.where(holds, said).group_by(row_offset(DOCUMENT))))


def test_documents_support_what_duckdb_counts(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy = copy_of(client)
        seen = set()
        for of_events, of_figures in zip(
            product(_holds(EVENT), _said(ATTRIBUTIONS)), product(_holds(FIGURE), _said(CLAIMS)), strict=True
        ):
            found = copy.supporting(
                {
                    "events": Support(EVENT, of_events[0], ATTRIBUTIONS, of_events[1]),
                    "figures": Support(FIGURE, of_figures[0], CLAIMS, of_figures[1]),
                },
                None,
            )
            events = _expected(copy, EVENT, ATTRIBUTIONS, *of_events)
            figures = _expected(copy, FIGURE, CLAIMS, *of_figures)
            expected = [
                (document, events.get(document, 0), figures.get(document, 0))
                for document in sorted({*events, *figures})
            ]
            assert list(zip(*(column.to_pylist() for column in found.columns), strict=True)) == expected
            seen.add(tuple(expected))
        # Of nothing and of everything, and of much between.
        assert () in seen
        assert len(seen) > len(_said(CLAIMS))


def test_documents_are_listed_that_support_nothing_where_they_are_asked_for(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy = copy_of(client)
        nothing = {
            "events": Support(EVENT, false(), ATTRIBUTIONS, true()),
            "figures": Support(FIGURE, false(), CLAIMS, true()),
        }
        identity = copy.rows(select(DOCUMENT.c.id))[-1][0]
        given = copy.supporting(nothing, DOCUMENT.c.id == identity)
        joined = select(DOCUMENT.c.id, SUPPORTING.c.events, SUPPORTING.c.figures).select_from(DOCUMENT)
        joined = joined.join(SUPPORTING, SUPPORTING.c.row_offset == row_offset(DOCUMENT))
        assert copy.rows(joined, supporting=given) == [(identity, 0, 0)]
        # It is there for one statement alone.
        with pytest.raises(Exception, match="supporting"):
            copy.rows(select(literal(1)).select_from(SUPPORTING))
