"""The rows of families that a question may part: in each row, the parts that are there and what is left of the whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, not_, or_, select

from api.query.totals.counted import Counted

# The statuses of figures without a number of their own kind.
NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")
# The numbers of a row, in the order of every statement; `opening` counts figures whose high end is open.
NUMBERS = ("low", "best", "high", "opening", "figures", *NOT_NUMBERED, "spanning")


class Parted:
    """The families that a question may part. `scope` has their figures that are talked about, and what totals count of
    them; `everywhere` what the parts of each come to, in whatever rows of an account they are."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self.scope = self._scope()
        self.everywhere = self._everywhere()

    def rows(self) -> Select[Any]:
        """What they add to each row."""
        here = self.here()
        keys = [here.c[name] for name in self.counted.keys.names]
        left = self.left(here)
        return select(
            *keys,
            (here.c.low + left["low"]).label("low"),
            (here.c.best + left["best"]).label("best"),
            (here.c.high + left["high"]).label("high"),
            case((self._is_open(here), 1), else_=0).label("opening"),
            *(here.c[name] for name in NUMBERS[4:]),
        ).select_from(self.beside_everywhere(here))

    def beside_everywhere(self, here: Any) -> Any:
        """What rows hold of families, each beside all that its account has of the family."""
        return here.outerjoin(self.everywhere, self.is_of_family(here))

    def is_of_family(self, here: Any) -> ColumnElement[bool]:
        all_ = self.everywhere.c
        accounts = (all_[name].is_not_distinct_from(here.c[name]) for name in self.counted.accounts)
        return and_(all_.family_number == here.c.family_number, *accounts)

    def left(self, here: Any) -> dict[str, ColumnElement[Any]]:
        """What is left of a whole in a row, by bound, beside its parts."""
        all_ = {name: func.coalesce(self.everywhere.c[name], 0) for name in ("best", "high", "certain_low", "opening")}
        # A part in another row may be as much of the whole as its high, and as little as its low; one whose high end is
        # open may be all of it.
        is_nothing = or_(not_(here.c.has_whole), all_["opening"] > here.c.opening)
        low = func.greatest(0, here.c.whole_low - here.c.low - (all_["high"] - here.c.high))
        best = func.greatest(0, here.c.whole_best - all_["best"])
        high = func.greatest(
            0, here.c.whole_high - here.c.certain_high - (all_["certain_low"] - here.c.certain_own_low)
        )
        return {
            "low": case((is_nothing, 0), else_=low),
            "best": case((here.c.has_whole, best), else_=0),
            "high": case((here.c.has_whole, high), else_=0),
        }

    def _is_open(self, here: Any) -> ColumnElement[bool]:
        return or_(
            and_(here.c.has_whole, here.c.whole_open),
            here.c.possibly_opening > 0,
            # A certain part of a closed whole in the same row does not open it: its whole is its limit.
            and_(here.c.opening > here.c.possibly_opening, or_(not_(here.c.has_whole), here.c.whole_open)),
        )

    def _scope(self) -> CTE:
        counted = self.counted
        on, low, question = counted.on, counted.number("low"), counted.question
        times = [question.begin(on).label("begins"), question.last_day(on).label("ends")] if question.times else []
        return (
            select(
                *(on.c[name] for name in ("number", "family_number", "is_part", "is_certain")),
                counted.status().label("status"),
                low.label("own_low"),
                # What may lie outside its row altogether need not be there.
                (case((counted.spanning, 0), else_=low) if question.may_span else low).label("low"),
                counted.number("best").label("best"),
                counted.number("high").label("high"),
                counted.is_open().label("is_open"),
                counted.spanning.label("is_spanning"),
                counted.passes.label("passes"),
                *counted.keys.own(),
                *times,
            )
            .where(counted.scope, counted.is_parted())
            .cte("scope")
        )

    def passing(self) -> Any:
        """The figures of the part of the people that is meant."""
        return select(self.scope).where(self.scope.c.passes).subquery("passing")

    def here(self) -> CTE:
        """What each row holds of each family: its parts, and its whole."""
        passing = self.passing()
        keys, source = self.counted.keys.joined(passing)
        grouped = [*(column.element for column in keys), passing.c.family_number]
        found = select(*keys, passing.c.family_number, *self.sums(passing.c)).select_from(source)
        return found.group_by(*grouped).cte("here")

    def sums(self, on: Any) -> tuple[ColumnElement[Any], ...]:
        """What figures of one family in one row come to."""
        is_certain_part = and_(on.is_part, on.is_certain)
        return (
            func.bool_or(not_(on.is_part)).label("has_whole"),
            *(_added(on[bound], not_(on.is_part)).label(f"whole_{bound}") for bound in ("low", "best", "high")),
            func.coalesce(func.bool_or(on.is_open).filter(not_(on.is_part)), false()).label("whole_open"),
            *(_added(on[bound], on.is_part).label(bound) for bound in ("low", "best", "high")),
            _added(on.own_low, is_certain_part).label("certain_own_low"),
            _added(on.high, is_certain_part).label("certain_high"),
            func.count().filter(and_(on.is_part, on.is_open, not_(on.is_certain))).label("possibly_opening"),
            *counts(and_(on.is_part, on.is_open), on.status, on.is_spanning),
        )

    def _everywhere(self) -> CTE:
        on = self.scope.c
        accounts = [on[name] for name in self.counted.accounts]
        return (
            select(
                on.family_number,
                *accounts,
                func.sum(on.best).label("best"),
                func.sum(on.high).label("high"),
                func.coalesce(func.sum(on.own_low).filter(on.is_certain), 0).label("certain_low"),
                func.count().filter(on.is_open).label("opening"),
            )
            .where(on.is_part)
            .group_by(on.family_number, *accounts)
            .cte("everywhere")
        )


def _added(column: Any, which: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column).filter(which), 0)


def counts(is_open: Any, status: Any, is_spanning: Any) -> tuple[Any, ...]:
    """How many figures are open, are there, have each of the statuses without a number, and span."""
    return (
        func.count().filter(is_open).label("opening"),
        func.count().label("figures"),
        *(func.count().filter(status == name).label(name) for name in NOT_NUMBERED),
        func.count().filter(is_spanning).label("spanning"),
    )
