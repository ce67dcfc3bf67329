"""Sums figures by dimensions, counting nobody twice where a figure is part of another.

Where a question leaves whole and parts together, what each adds is a constant of the copy, and a row is a plain sum. The
families that it may part are worked out row by row. Both are halves of one statement. Method: design/domain.md, Totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, not_, or_, select, true, union_all

from api.columns.copies import Copy
from api.columns.families import bits_of
from api.columns.tables import FIGURE
from api.query import conditions
from api.query.dimensions import APART, Dimension
from api.query.totals.keys import Keys, columns_in, page
from api.query.totals.question import TotalQuestion, told_key, with_apart

# Families of measures that are never totalled: a population is no cost, and shares of different wholes do not add up.
_NOT_TOTALLED = ("context",)
# The statuses of figures without a number of their own kind.
NOT_NUMBERED = ("unnumbered", "unknown", "none_reported")
# The numbers of a row, in the order of every statement here; `opening` counts figures whose high end is open.
_NUMBERS = ("low", "best", "high", "opening", "figures", *NOT_NUMBERED, "spanning")


@dataclass(slots=True)
class Row:
    """One row of a total of figures."""

    key: tuple[str | None, ...]
    low: int | None
    best: int | None
    high: int | None
    open_ended: bool
    figures: int
    numbered: int
    unnumbered: int
    unknown: int
    none_reported: int
    spanning: int


def figure_totals(copy: Copy, question: TotalQuestion) -> tuple[tuple[Dimension, ...], list[Row], int]:
    """The dimensions of the key, the rows that are wanted in the order of their keys, and how many there are in all."""
    dimensions = with_apart(question.dimensions, APART)
    total = _Total(question, dimensions)
    rows = total.of_the_whole()
    # Few questions reach a family that they part, and planning the other half takes longer than most sums.
    if total.may_part and copy.rows(total.parted_family()):
        rows = total.with_the_parted(rows)
    found, number = page(copy, total.keys, rows, question)
    return dimensions, [_row(dimensions, row) for row in found], number


def _row(dimensions: tuple[Dimension, ...], found: tuple[Any, ...]) -> Row:
    width = len(dimensions)
    low, best, high, opening, figures, unnumbered, unknown, none_reported, spanning = map(int, found[width:])
    numbered = figures - unnumbered - unknown - none_reported
    # The database holds a figure's status and its numbers to each other.
    has_number = numbered + none_reported > 0
    return Row(
        key=told_key(dimensions, found[:width]),
        low=low if has_number else None,
        best=best if has_number else None,
        high=high if has_number else None,
        open_ended=opening > 0,
        figures=figures,
        numbered=numbered,
        unnumbered=unnumbered,
        unknown=unknown,
        none_reported=none_reported,
        spanning=spanning,
    )


class _Total:
    """One total as a statement."""

    def __init__(self, question: TotalQuestion, dimensions: tuple[Dimension, ...]) -> None:
        self.question = question
        self.keys = Keys(dimensions, FIGURE)
        asked = question.understood
        scope = conditions.figures({wanted: value for wanted, value in asked.items() if not wanted.is_partition})
        answer_totals = (
            FIGURE.c.family.not_in(_NOT_TOTALLED) if question.family is None else FIGURE.c.family == question.family
        )
        self.scope = and_(answer_totals, scope)
        self.partition = conditions.figures({wanted: value for wanted, value in asked.items() if wanted.is_partition})
        self.spanning = question.spanning(FIGURE)
        in_keys, in_partition = self.keys.columns_used(), columns_in(FIGURE, [self.partition])
        # Where rows or the filter hold one population each, a whole and its parts of other populations are never together.
        self.is_split = "population" in in_keys | in_partition
        self.parting = bits_of(columns_in(FIGURE, [self.scope]), is_scope=True) | bits_of(in_keys | in_partition)
        # Of several populations that fall into one row, a whole and some of its parts may be asked for together.
        several = _populations(question) if "population" in in_partition - in_keys else ()
        self.together = FIGURE.c.whole_population.in_(several) if len(several) > 1 else None

    @property
    def may_part(self) -> bool:
        """Whether there can be families that this question parts."""
        return self.parting != 0 or self.together is not None

    def with_the_parted(self, rows: Select[Any]) -> Select[Any]:
        """These rows, and what the families that it may part add to them."""
        each = union_all(rows, self._of_the_parted()).subquery()
        keys = [each.c[name] for name in self.keys.names]
        return select(*keys, *(func.sum(each.c[name]).label(name) for name in _NUMBERS)).group_by(*keys)

    def of_the_whole(self) -> Select[Any]:
        """The sums of figures whose families this question cannot part."""
        way = "split" if self.is_split else "joint"
        own = self.keys.own()
        numbers = (
            *(func.sum(FIGURE.c[f"{way}_{bound}"]).label(bound) for bound in ("low", "best", "high")),
            *_counts(FIGURE.c[f"{way}_open"], FIGURE.c.status, self.spanning),
        )
        is_whole: ColumnElement[bool] = true()
        if self.together is not None:
            is_whole = not_(func.coalesce(self._is_parted(), false()))
        elif self.parting:
            is_whole = FIGURE.c.apart.op("&")(self.parting) == 0
        summed = select(*own, *numbers).where(self.scope, self.partition, is_whole).group_by(*own)
        return self.keys.regrouped(summed)

    def parted_family(self) -> Select[Any]:
        """A row, where there is any family in scope that it may part."""
        return select(FIGURE.c.number).where(self.scope, self._is_parted()).limit(1)

    def _is_parted(self) -> ColumnElement[bool]:
        """Whether a figure is of a family that this question may part; null stands for no."""
        found: ColumnElement[bool] = FIGURE.c.apart.op("&")(self.parting) != 0
        return found if self.together is None else or_(found, self.together)

    def _of_the_parted(self) -> Select[Any]:
        """The same of families that it may part: in each row, the parts that are there and what is left of the whole."""
        scope = self._parted_scope()
        here, everywhere = self._here(scope), _everywhere(scope)
        keys = [here.c[name] for name in self.keys.names]
        parts = {name: func.coalesce(everywhere.c[name], 0) for name in ("best", "high", "certain_low", "opening")}
        # A part in another row may be as much of the whole as its high, and as little as its low; one whose high end is
        # open may be all of it.
        low = case(
            (or_(not_(here.c.has_whole), parts["opening"] > here.c.opening), 0),
            else_=func.greatest(0, here.c.whole_low - here.c.low - (parts["high"] - here.c.high)),
        )
        best = case((here.c.has_whole, func.greatest(0, here.c.whole_best - parts["best"])), else_=0)
        left = here.c.whole_high - here.c.certain_high - (parts["certain_low"] - here.c.certain_low)
        high = case((here.c.has_whole, func.greatest(0, left)), else_=0)
        is_open = or_(
            and_(here.c.has_whole, here.c.whole_open),
            here.c.possibly_opening > 0,
            # A certain part of a closed whole in the same row does not open it: its whole is its limit.
            and_(here.c.opening > here.c.possibly_opening, or_(not_(here.c.has_whole), here.c.whole_open)),
        )
        return select(
            *keys,
            (here.c.low + low).label("low"),
            (here.c.best + best).label("best"),
            (here.c.high + high).label("high"),
            case((is_open, 1), else_=0).label("opening"),
            *(here.c[name] for name in _NUMBERS[4:]),
        ).select_from(here.outerjoin(everywhere, everywhere.c.family_number == here.c.family_number))

    def _parted_scope(self) -> CTE:
        """The figures in scope of families that may be parted, with their numbers as totals count them."""
        low = func.coalesce(FIGURE.c.low, 0)
        best = func.coalesce(FIGURE.c.best, low)
        return (
            select(
                *(FIGURE.c[name] for name in ("number", "family_number", "is_part", "is_certain", "status")),
                low.label("low"),
                best.label("best"),
                func.coalesce(FIGURE.c.high, best).label("high"),
                or_(FIGURE.c.open_ended, FIGURE.c.high.is_(None)).label("is_open"),
                self.spanning.label("is_spanning"),
                self.partition.label("passes"),
                *self.keys.own(),
            )
            .where(self.scope, self._is_parted())
            .cte("scope")
        )

    def _here(self, scope: CTE) -> CTE:
        """What each row holds of each family: its parts, and its whole."""
        passing = select(scope).where(scope.c.passes).subquery()
        keys, source = self.keys.joined(passing)
        on = passing.c
        is_certain_part = and_(on.is_part, on.is_certain)

        def added(column: Any, which: ColumnElement[bool]) -> ColumnElement[Any]:
            return func.coalesce(func.sum(column).filter(which), 0)

        return (
            select(
                *keys,
                on.family_number,
                func.bool_or(not_(on.is_part)).label("has_whole"),
                *(added(on[bound], not_(on.is_part)).label(f"whole_{bound}") for bound in ("low", "best", "high")),
                func.coalesce(func.bool_or(on.is_open).filter(not_(on.is_part)), false()).label("whole_open"),
                *(added(on[bound], on.is_part).label(bound) for bound in ("low", "best", "high")),
                added(on.low, is_certain_part).label("certain_low"),
                added(on.high, is_certain_part).label("certain_high"),
                func.count().filter(and_(on.is_part, on.is_open, not_(on.is_certain))).label("possibly_opening"),
                *_counts(and_(on.is_part, on.is_open), on.status, on.is_spanning),
            )
            .select_from(source)
            .group_by(*(column.element for column in keys), on.family_number)
            .cte("here")
        )


def _everywhere(scope: CTE) -> CTE:
    """What each family's parts in scope come to, in whatever rows they are."""
    on = scope.c
    return (
        select(
            on.family_number,
            func.sum(on.best).label("best"),
            func.sum(on.high).label("high"),
            func.coalesce(func.sum(on.low).filter(on.is_certain), 0).label("certain_low"),
            func.count().filter(on.is_open).label("opening"),
        )
        .where(on.is_part)
        .group_by(on.family_number)
        .cte("everywhere")
    )


def _counts(is_open: Any, status: Any, is_spanning: Any) -> tuple[Any, ...]:
    """How many figures are open, are there, have each of the statuses without a number, and span."""
    return (
        func.count().filter(is_open).label("opening"),
        func.count().label("figures"),
        *(func.count().filter(status == name).label(name) for name in NOT_NUMBERED),
        func.count().filter(is_spanning).label("spanning"),
    )


def _populations(question: TotalQuestion) -> Sequence[str]:
    """The populations that are asked for; none where all are."""
    return next((value for wanted, value in question.understood.items() if wanted.name == "population"), ())
