"""What wholes add to rows where a question may split their families.

A part adds its own numbers wherever it stands. A whole adds what its parts leave of it, for every way in which it may split:
a part in its row takes its low from the whole's low, and one in another row may be as much of it as its high.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, case, false, func, not_, select

from api.query.dimensions import ALWAYS_IN_KEY
from api.query.totals.counted_figures import CountedFigures

# The statuses of figures without a number of their own kind.
NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")
# The numbers of a row, in the order of every statement; `open_figures` counts figures whose high end is open.
NUMBERS = ("low", "best", "high", "open_figures", "figures", *NOT_NUMBERED, "spanning")


class SplitFamilies:
    """The families that a question may split. `whole` has their wholes once for each row that they are in, numbered by
    `place`, with what each adds to it (`adds_low` …), and what its parts leave at most of its high (`room`); `pair` has each of these
    with each part in scope."""

    def __init__(self, counted: CountedFigures) -> None:
        self.counted = counted
        scope = self._scope()
        wholes = self._wholes(scope)
        self.pair = self._pair(wholes, select(scope).where(scope.c.is_part).subquery("part"))
        self.whole = self._adding(wholes)

    def rows(self) -> Select[Any]:
        """What wholes add to each row."""
        on = self.whole.c
        keys = [on[name] for name in self.counted.keys.names]
        added = (func.sum(on[f"adds_{name}"]).label(name) for name in NUMBERS[:4])
        _open_figures, *counted = counts(false(), on.status, on.is_spanning)
        return select(*keys, *added, *counted).group_by(*keys)

    def _scope(self) -> CTE:
        counted = self.counted
        on, low, question = counted.on, counted.number("low"), counted.question
        times: list[Any] = []
        if question.times:
            times = [question.bucket_start(on).label("begins"), question.last_day(on).label("ends")]
        return (
            select(
                *(on.c[name] for name in ("number", "family_number", "is_part", "is_certain")),
                counted.status().label("status"),
                low.label("own_low"),
                counted.low_in_row(low).label("low"),
                counted.number("best").label("best"),
                counted.number("high").label("high"),
                counted.is_open().label("is_open"),
                counted.spanning.label("is_spanning"),
                counted.passes.label("passes"),
                *counted.keys.own(),
                *times,
            )
            .where(counted.scope, counted.is_split())
            .cte("scope")
        )

    def _wholes(self, scope: CTE) -> CTE:
        found = select(scope).where(scope.c.passes, not_(scope.c.is_part)).subquery()
        keys, from_clause = self.counted.keys.joined(found)
        rest = [column for column in found.c if column.name not in self.counted.keys.names]
        place = func.row_number().over().label("place")
        return select(place, *keys, *rest).select_from(from_clause).cte("whole")

    def _pair(self, whole: CTE, part: Subquery) -> CTE:
        """Whole and part, and whether the part is in the row, or would be but for its time (`is_beside`)."""
        keys, attribution_keys = self.counted.keys, self.counted.attribution_keys
        times = keys.names_of(self.counted.question.times)
        # Nothing of what others say is taken, and the loader holds to it that the rest is the same.
        same = {*times, *attribution_keys, *keys.names_of(ALWAYS_IN_KEY)}
        said = (part.c[name].is_not_distinct_from(whole.c[name]) for name in attribution_keys)
        joined = whole.join(part, and_(part.c.family_number == whole.c.family_number, *said))
        rest = [name for name in keys.names if name not in same]
        from_clause, is_beside = keys.beside(whole, part, joined, rest)
        is_beside = and_(part.c.passes, is_beside)
        is_in_row = and_(is_beside, *(part.c[name] == whole.c[name] for name in times))
        numbers = ("own_low", "low", "best", "high", "is_certain", "is_open", *(("begins", "ends") if times else ()))
        told = (is_beside.label("is_beside"), is_in_row.label("is_in_row"))
        return select(whole.c.place, *(part.c[name] for name in numbers), *told).select_from(from_clause).cte("pair")

    def _adding(self, whole: CTE) -> CTE:
        pair = self.pair.c
        taken = (
            select(
                pair.place,
                func.sum(case((pair.is_in_row, pair.low), else_=pair.high)).label("low"),
                func.sum(pair.best).label("best"),
                sum_of(case((pair.is_in_row, pair.high), else_=pair.own_low), pair.is_certain).label("high"),
                # What certain parts surely take, wherever they are, and how much more where they overlap.
                sum_of(pair.own_low, pair.is_certain).label("certain_low"),
                sum_of(pair.high - pair.own_low, and_(pair.is_certain, pair.is_beside)).label("more"),
                func.bool_or(and_(pair.is_open, not_(pair.is_in_row))).label("is_open_elsewhere"),
                func.count().filter(and_(pair.is_open, pair.is_certain, pair.is_in_row)).label("open_figures"),
            )
            .group_by(pair.place)
            .subquery("taken")
        )
        rest = {name: func.greatest(0, whole.c[name] - func.coalesce(taken.c[name], 0)) for name in NUMBERS[:3]}
        adds = {
            **rest,
            # An open part in another row may be all of its whole.
            "low": case((taken.c.is_open_elsewhere, 0), else_=rest["low"]),
            # A certain part of a closed whole in the same row does not open it: its whole is its limit.
            "open_figures": case((whole.c.is_open, 1), else_=-func.coalesce(taken.c.open_figures, 0)),
        }
        room = whole.c.high - func.coalesce(taken.c.certain_low, 0)
        floats = (room.label("room"), (func.coalesce(taken.c.more, 0) > room).label("may_be_taken"))
        return (
            select(whole, *(added.label(f"adds_{name}") for name, added in adds.items()), *floats)
            .select_from(whole.outerjoin(taken, taken.c.place == whole.c.place))
            .cte("adding")
        )


def sum_of(column: Any, which: ColumnElement[bool]) -> ColumnElement[Any]:
    """The sum of a column over the figures of which `which` holds; 0 of none. Quicker than a filter on the sum."""
    return func.sum(case((which, column), else_=0))


def counts(is_open: Any, status: Any, is_spanning: Any) -> tuple[Any, ...]:
    """How many figures are open, how many there are, how many have each status without a number, and how many span."""
    return (
        func.count().filter(is_open).label("open_figures"),
        func.count().label("figures"),
        *(func.count().filter(status == name).label(name) for name in NOT_NUMBERED),
        func.count().filter(is_spanning).label("spanning"),
    )
