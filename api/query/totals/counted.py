"""What a total of figures adds up, and which of it: figures with their own numbers, or with those that a source gives.

Where a question asks who says so, or groups by it, each figure is counted as one of the claims states it that pass, or
stand in the row: the first of them in the order of `precedence`. Method: docs/totals.md, Who says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, func, or_, select, true, tuple_

from api.columns.claimed_figures import combinations_with
from api.columns.families import bits_of
from api.columns.tables import CLAIM, CLAIMED_FIGURE, FIGURE, SOURCE
from api.query import conditions
from api.query.dimensions import APART, Dimension, equal, in_row
from api.query.filters.filter import Filter, Subject
from api.query.totals.keys import Keys, columns_in
from api.query.totals.question import TotalQuestion, with_apart

# Families of measures that are never totalled: a population is no cost, and shares of different wholes do not add up.
_NOT_TOTALLED = ("context",)
Row = Sequence[str | None]


class Counted:
    """What one question adds up: `scope` says which figures are talked about, `passes` which part of the people is meant.

    With `row`, the values of the question's dimensions, it is what stands in this row alone, and there is no key. `of`
    leaves some of the claims alone that are counted by sets of sources; then each is there once for every source.
    `families` are the numbers of the families that are looked at, all where there are none.
    """

    def __init__(
        self,
        question: TotalQuestion,
        row: Row | None = None,
        of: ColumnElement[bool] | None = None,
        families: Select[Any] | None = None,
    ) -> None:
        self.question = question
        asked = question.understood
        said = tuple(dimension for dimension in question.dimensions if dimension.is_attribution)
        self.is_by_claim = bool(said) or any(wanted.subject is Subject.ATTRIBUTION for wanted in asked)
        self.table: Table = CLAIMED_FIGURE if self.is_by_claim else FIGURE
        partition = {wanted: value for wanted, value in asked.items() if wanted.is_partition}
        wide = self._wide(asked)
        # Which families are looked at parts none.
        looked_at = wide if families is None else and_(wide, self.table.c.family_number.in_(families))
        self.on, self.scope = (
            self._chosen(said, looked_at if of is None else and_(looked_at, of), row, is_each=of is not None)
            if self.is_by_claim
            else (self.table, looked_at)
        )
        self.passes = conditions.figures(partition, self.on)
        dimensions = with_apart(question.dimensions, APART)
        if row is not None:
            values = dict(zip(question.dimensions, row, strict=True))
            rest = [dimension for dimension in values if dimension not in said]
            stands = in_row(rest, [values[one] for one in rest], self.table, question.date_from, on=self.on)
            self.passes, dimensions = and_(self.passes, stands), ()
        self.keys = Keys(dimensions, self.table, question.date_from, self.on)
        # The columns of the key that say whose account a row is.
        self.accounts = self.keys.named(said)
        self.spanning = question.spanning(self.on)
        in_keys, in_part = self.keys.columns_used(), columns_in(self.on, [self.passes])
        # Where rows or the filter hold one population each, a whole and its parts of other populations are never together.
        self.is_split = "population" in in_keys | in_part
        self.parting = bits_of(columns_in(self.table, [wide]), is_scope=True) | bits_of(in_keys | in_part)
        if self.is_by_claim:
            # Which claim it is may differ wherever what is said does.
            self.parting |= bits_of(["precedence"])
        # Of several populations that fall into one row, a whole and some of its parts may be asked for together.
        several = _populations(partition) if "population" in in_part - in_keys else ()
        self.together = self.on.c.whole_population.in_(several) if len(several) > 1 else None

    # --- Which ------------------------------------------------------------------------------------------------------

    def _wide(self, asked: Mapping[Filter, Any]) -> ColumnElement[bool]:
        """The condition on figures, or claims, that are talked about."""
        scope = {wanted: value for wanted, value in asked.items() if not wanted.is_partition}
        return and_(self._is_totalled(self.table), conditions.figures(scope, self.table))

    @property
    def is_totalled(self) -> ColumnElement[bool]:
        """Whether a figure is of a family that is totalled."""
        return self._is_totalled(self.on)

    def _is_totalled(self, on: FromClause) -> ColumnElement[bool]:
        family = self.question.family
        return on.c.family.not_in(_NOT_TOTALLED) if family is None else on.c.family == family

    def _chosen(
        self, said: Sequence[Dimension], passing: ColumnElement[bool], row: Row | None, *, is_each: bool
    ) -> tuple[FromClause, ColumnElement[bool]]:
        """What to count of the claims that pass, and the condition on it: of each figure, the first claim that does, or
        that stands in the row."""
        is_of_sources = any(dimension.name == "source" for dimension in said)
        if not is_each and row is None and self._is_of_sources_alone(said):
            return CLAIMED_FIGURE, and_(passing, CLAIMED_FIGURE.c.new_source_set.is_not(None))
        among = [] if row is None else self._standing(said, row)
        columns = None if is_of_sources else self._compared(said)
        if columns is not None:
            return CLAIMED_FIGURE, and_(
                passing, CLAIMED_FIGURE.c.preceded_in.op("&")(combinations_with(columns)) == 0, *among
            )
        # Each claim once for every source, where rows are of them.
        own: list[Any] = [*CLAIMED_FIGURE.c, *([SOURCE.c.source] if is_of_sources else [])]
        source: Any = CLAIMED_FIGURE
        if is_of_sources:
            source = CLAIMED_FIGURE.join(SOURCE, SOURCE.c.source_set == CLAIMED_FIGURE.c.source_set)
        holds = and_(passing, *among)
        identity = [CLAIMED_FIGURE.c.number, CLAIMED_FIGURE.c.precedence, *own[len(CLAIMED_FIGURE.c) :]]
        keys = [] if row is not None else [dimension.of(_Own(own)) for dimension in said]
        first = func.min(CLAIMED_FIGURE.c.precedence).over(partition_by=[CLAIMED_FIGURE.c.number, *keys])
        # Few figures have several claims, and of the others there is nothing to choose.
        several = (
            select(*identity, first.label("first"))
            .select_from(source)
            .where(holds, CLAIMED_FIGURE.c.claims > 1)
            .subquery()
        )
        firsts = select(*(several.c[column.name] for column in identity)).where(several.c.precedence == several.c.first)
        is_first = or_(CLAIMED_FIGURE.c.preceded_in == 0, tuple_(*identity).in_(firsts))
        return select(*own).select_from(source).where(holds, is_first).subquery("one_claim_each"), true()

    def _is_of_sources_alone(self, said: Sequence[Dimension]) -> bool:
        """Whether rows are of sources, and nothing else is asked of claims."""
        asked = any(wanted.subject is Subject.ATTRIBUTION for wanted in self.question.understood)
        return not asked and [dimension.name for dimension in said] == ["source"]

    def _compared(self, said: Sequence[Dimension]) -> set[str] | None:
        """The columns in which claims have to be alike, so that only the first of them counts; null where claims count
        together that differ in what is asked of them."""
        found = columns_in(CLAIM, [dimension.of(CLAIM.c) for dimension in said])
        for wanted, value in self.question.understood.items():
            if wanted.subject is Subject.ATTRIBUTION:
                held = wanted.holds(value)
                if held is None or len(held[1]) > 1:
                    return None
                found.add(held[0])
        return found

    def _standing(self, said: Sequence[Dimension], row: Row) -> list[ColumnElement[bool]]:
        """The conditions that a claim stands in this row."""
        values = dict(zip(self.question.dimensions, row, strict=True))
        joined = _Own([*CLAIMED_FIGURE.c, SOURCE.c.source])
        return equal(said, [values[dimension] for dimension in said], joined)

    def is_parted(self) -> ColumnElement[bool]:
        """Whether a figure is of a family that this question may part; null stands for no."""
        found: ColumnElement[bool] = self.on.c.differences.op("&")(self.parting) != 0
        return found if self.together is None else or_(found, self.together)

    def is_whole(self) -> ColumnElement[bool]:
        """Whether its family stands or falls together."""
        if self.together is not None:
            return func.coalesce(self.is_parted(), false()).is_(false())
        return self.on.c.differences.op("&")(self.parting) == 0 if self.parting else true()

    @property
    def may_part(self) -> bool:
        """Whether there can be families that this question parts."""
        return self.parting != 0 or self.together is not None

    def parted_family(self) -> Select[Any]:
        """A row, where there is any family in scope that it may part."""
        return select(self.on.c.number).where(self.scope, self.is_parted()).limit(1)

    # --- How many ---------------------------------------------------------------------------------------------------

    def constant(self, name: str) -> ColumnElement[Any]:
        """What a figure adds to a row (`low`, `best`, `high`, `open`) where its family stands or falls together."""
        return self.on.c[f"{'separate_rows' if self.is_split else 'one_row'}_{name}"]

    def number(self, name: str) -> ColumnElement[Any]:
        """A figure's own bound as totals count it: a null low is 0, a null best the low, a null high the best."""
        if self.is_by_claim:
            return self.on.c[f"claim_{name}"]
        names = {"low": ("low",), "best": ("best", "low"), "high": ("high", "best", "low")}[name]
        return func.coalesce(*(self.on.c[one] for one in names), 0)

    def is_open(self) -> ColumnElement[bool]:
        """Whether nobody says how many there are at the most."""
        return self.on.c.claim_open if self.is_by_claim else or_(self.on.c.open_ended, self.on.c.high.is_(None))

    def status(self) -> ColumnElement[str]:
        """Whether it has a number, and if not, why."""
        return self.on.c.claim_status if self.is_by_claim else self.on.c.status


class _Own:
    """Columns by their names."""

    def __init__(self, columns: Sequence[Any]) -> None:
        self._columns = {column.name: column for column in columns}

    def __getattr__(self, name: str) -> Any:
        return self._columns[name]


def _populations(partition: Mapping[Filter, Any]) -> Sequence[str]:
    """The populations that are asked for; none where all are."""
    return next((value for wanted, value in partition.items() if wanted.name == "population"), ())
