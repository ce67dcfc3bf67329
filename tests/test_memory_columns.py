"""Lists select in memory what DuckDB would select, and have it tell what is not known there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import product
from typing import Any, cast

import pytest
from sqlalchemy import and_, exists, func, not_, or_, select

from api.columns import memory_columns
from api.columns.memory_conditions import rows_where
from api.columns.tables import DOCUMENT, EVENT, FIGURE, PARTICIPANT, WORD
from api.query.filters.places import NEAR
from tests.stored import served
from tests.test_reading_copy import copy_of

pytestmark = pytest.mark.engines("sqlite")

_own = EVENT.c
_of_army = and_(PARTICIPANT.c.group_id == "arakan-army", PARTICIPANT.c.role.in_(["attacker", "defender"]))
_circle = cast(Any, NEAR.resolve_value)((23.8, 95.7), {"radius_km": 50}, None)
KNOWN: Sequence[Any] = (
    NEAR.clause(_circle, _own),
    # Sines alone or after another, of all rows and of a few.
    and_(_own.type == "battles", NEAR.clause(_circle, _own)),
    and_(_own.killed_best >= 100, or_(_own.type == "battles", func.sin(_own.drawn_latitude * 0.01) > 0.0)),
    or_(func.sin(_own.drawn_latitude * 0.01) > 0.21, func.cos(_own.drawn_longitude * 0.01) > 0.5),
    _own.country == "MMR",
    _own.country == "XXX",
    _own.type.in_(["battles", "nothing", "violence_against_civilians"]),
    _own.outcome == "captured",
    _own.killed_best >= 10,
    # Where there is no number, neither holds.
    or_(_own.killed_best < 10, _own.killed_best > 50),
    and_(_own.date_start <= date(2023, 11, 20), _own.date_end >= date(2023, 11, 1), _own.type == "battles"),
    _own.drawn_latitude.between(21.5, 24),
    _own.date_start.in_([date(2023, 11, 6), date(1999, 1, 1)]),
    _own.killed_best.in_([100, 10**12]),
    func.sin(_own.drawn_latitude * 0.01 - 0.02) + 2.0 * func.cos(func.radians(_own.drawn_longitude)) <= 0.1,
    _own.participant_set.in_(select(PARTICIPANT.c.participant_set).where(_of_army)),
    _own.word_set.in_(select(WORD.c.word_set).where(WORD.c.word == "town")),
    _own.number.in_(select(FIGURE.c.event_number).where(FIGURE.c.best >= 100)),
    _own.number.in_(select(FIGURE.c.event_number).where(FIGURE.c.best >= 10**9)),
)
UNKNOWN: Sequence[Any] = (
    _own.id == "kawlin-town-captured-2023-11-06",
    _own.type != "battles",
    _own.outcome.is_(None),
    not_(and_(_own.country == "MMR", _own.type == "battles")),
    func.upper(_own.country) == "MMR",
    _own.killed_best * 2 >= 20,
    _own.updated_at >= datetime(2020, 1, 1),
    exists(select(1).where(PARTICIPANT.c.participant_set == _own.participant_set)),
    _own.participant_set.in_(
        select(PARTICIPANT.c.participant_set).where(PARTICIPANT.c.participant_set == _own.participant_set)
    ),
)


def test_rows_are_those_that_duckdb_selects(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy = copy_of(client)
        for condition, is_descending, at_most in product((*KNOWN, *UNKNOWN), (False, True), (1, 5, None)):
            rows = copy.where(EVENT, condition)
            position = _own.list_position
            asked = select(position).where(condition).order_by(position.desc() if is_descending else position.asc())
            expected = [found for (found,) in copy.rows(asked)]
            assert memory_columns.count(rows) == len(expected), condition
            assert list(memory_columns.positions(rows, at_most, is_descending)) == expected[:at_most], condition


def test_duckdb_is_asked_what_is_not_known_alone(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy, held = copy_of(client), memory_columns.MemoryColumns()
        assert [condition for condition in KNOWN if rows_where(held, copy, EVENT, condition) is None] == []
        assert [condition for condition in UNKNOWN if rows_where(held, copy, EVENT, condition) is not None] == []


def test_rows_of_tables_that_are_not_held_are_as_they_are_stored(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy = copy_of(client)
        outlets = [outlet for (outlet,) in copy.rows(select(DOCUMENT.c.outlet))]
        asked = outlets[-1]
        expected = [place for place, outlet in enumerate(outlets) if outlet == asked]
        assert copy.where(DOCUMENT, DOCUMENT.c.outlet == asked).tolist() == expected
