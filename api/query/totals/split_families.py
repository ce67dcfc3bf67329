"""The rows of families that a question may split: in each row, the parts that are in it and what is left of their whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, not_, or_, select

from api.query.dimensions import ALWAYS_IN_KEY
from api.query.totals.counted_figures import CountedFigures

# The statuses of figures without a number of their own kind.
NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")
# The numbers of a row, in the order of every statement; `open_figures` counts figures whose high end is open.
NUMBERS = ("low", "best", "high", "open_figures", "figures", *NOT_NUMBERED, "spanning")


class SplitFamilies:
    """The families that a question may split. `scope` has their figures in scope, with what totals count of them;
    `all_parts` the sums of each family's parts over all rows, for each source where rows are of sources."""

    def __init__(self, counted: CountedFigures) -> None:
        self.counted = counted
        self.scope = self._scope_cte()
        self.all_parts = self._all_parts()
        # Where rows are of nothing but who says so, all of a family's parts are in the row of its whole.
        of_family = {*counted.keys.named(ALWAYS_IN_KEY), *counted.attribution_keys}
        self._is_in_one_row = counted.is_of_everybody and of_family.issuperset(counted.keys.names)

    def rows(self) -> Select[Any]:
        """What they add to each row."""
        in_row = self.in_rows()
        keys = [in_row.c[name] for name in self.counted.keys.names]
        rest = self.rest_of_whole(in_row)
        return select(
            *keys,
            (in_row.c.low + rest["low"]).label("low"),
            (in_row.c.best + rest["best"]).label("best"),
            (in_row.c.high + rest["high"]).label("high"),
            case((self._is_open(in_row), 1), else_=0).label("open_figures"),
            *(in_row.c[name] for name in NUMBERS[4:]),
        ).select_from(self.with_all_parts(in_row))

    def with_all_parts(self, in_row: Any) -> Any:
        """What rows have of families, each joined to all parts of the family where these may be elsewhere."""
        return in_row if self._is_in_one_row else in_row.outerjoin(self.all_parts, self.is_same_family(in_row))

    def is_same_family(self, in_row: Any) -> ColumnElement[bool]:
        all_ = self.all_parts.c
        attribution_keys = (all_[name].is_not_distinct_from(in_row.c[name]) for name in self.counted.attribution_keys)
        return and_(all_.family_number == in_row.c.family_number, *attribution_keys)

    def rest_of_whole(self, in_row: Any) -> dict[str, ColumnElement[Any]]:
        """What a whole adds to a row, by bound: its own numbers without those of its parts."""
        in_all = {"best": "best", "high": "high", "certain_low": "certain_own_low", "open_figures": "open_figures"}
        all_: dict[str, Any] = {
            name: in_row.c[own] if self._is_in_one_row else func.coalesce(self.all_parts.c[name], 0)
            for name, own in in_all.items()
        }
        # A part in another row may be as much of the whole as its high, and as little as its low; one whose high end is
        # open may be all of it.
        adds_nothing = or_(not_(in_row.c.has_whole), all_["open_figures"] > in_row.c.open_figures)
        low = func.greatest(0, in_row.c.whole_low - in_row.c.low - (all_["high"] - in_row.c.high))
        best = func.greatest(0, in_row.c.whole_best - all_["best"])
        high = func.greatest(
            0, in_row.c.whole_high - in_row.c.certain_high - (all_["certain_low"] - in_row.c.certain_own_low)
        )
        return {
            "low": case((adds_nothing, 0), else_=low),
            "best": case((in_row.c.has_whole, best), else_=0),
            "high": case((in_row.c.has_whole, high), else_=0),
        }

    def _is_open(self, in_row: Any) -> ColumnElement[bool]:
        return or_(
            and_(in_row.c.has_whole, in_row.c.whole_open),
            in_row.c.possibly_open > 0,
            # A certain part of a closed whole in the same row does not open it: its whole is its limit.
            and_(in_row.c.open_figures > in_row.c.possibly_open, or_(not_(in_row.c.has_whole), in_row.c.whole_open)),
        )

    def _scope_cte(self) -> CTE:
        counted = self.counted
        on, low, question = counted.on, counted.number("low"), counted.question
        times: list[Any] = []
        if question.times:
            times = [
                question.bucket_start(on).label("begins"),
                question.last_day(on).label("ends"),
                question.reaches(on).label("reaches"),
            ]
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

    def in_partition(self) -> Any:
        """The figures of the part of the people that is meant."""
        return select(self.scope).where(self.scope.c.passes).subquery("in_partition")

    def in_rows(self) -> CTE:
        """What each row has of each family: sums of its parts, and its whole."""
        figures = self.in_partition()
        keys, from_clause = self.counted.keys.joined(figures)
        grouped = [*(key.element for key in keys), figures.c.family_number]
        found = select(*keys, figures.c.family_number, *self.sums(figures.c)).select_from(from_clause)
        return found.group_by(*grouped).cte("in_row")

    def sums(self, on: Any) -> tuple[ColumnElement[Any], ...]:
        """The sums over the figures of one family in one row."""
        is_certain_part = and_(on.is_part, on.is_certain)
        return (
            func.bool_or(not_(on.is_part)).label("has_whole"),
            *(sum_of(on[bound], not_(on.is_part)).label(f"whole_{bound}") for bound in ("low", "best", "high")),
            func.coalesce(func.bool_or(on.is_open).filter(not_(on.is_part)), false()).label("whole_open"),
            *(sum_of(on[bound], on.is_part).label(bound) for bound in ("low", "best", "high")),
            sum_of(on.own_low, is_certain_part).label("certain_own_low"),
            sum_of(on.high, is_certain_part).label("certain_high"),
            func.count().filter(and_(on.is_part, on.is_open, not_(on.is_certain))).label("possibly_open"),
            *counts(and_(on.is_part, on.is_open), on.status, on.is_spanning),
        )

    def _all_parts(self) -> CTE:
        on = self.scope.c
        attribution_keys = [on[name] for name in self.counted.attribution_keys]
        return (
            select(
                on.family_number,
                *attribution_keys,
                func.sum(on.best).label("best"),
                func.sum(on.high).label("high"),
                func.coalesce(func.sum(on.own_low).filter(on.is_certain), 0).label("certain_low"),
                func.count().filter(on.is_open).label("open_figures"),
            )
            .where(on.is_part)
            .group_by(on.family_number, *attribution_keys)
            .cte("all_parts")
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
