"""Which figures a total counts, and with which numbers: their own, or those of the claims of a source.

Where a question asks who says so, or groups by it, each figure is counted once by one claim: the first by `precedence` of those
that match, or belong to the row. Method: docs/totals.md, Who says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from api.columns.claimed_figures import combinations_with
from api.columns.families import split_bits_of
from api.columns.tables import CLAIM, CLAIMED_FIGURE, FIGURE, NEW_SOURCE, SOURCE
from api.domain.codebook import MEASURES
from api.query import conditions
from api.query.dimension import Dimension
from api.query.dimensions import ALWAYS_IN_KEY, equal, in_row
from api.query.filters.filter import Filter, Subject
from api.query.totals.keys import Keys, columns_in
from api.query.totals.question import TotalQuestion, key_dimensions

# Families of measures that are never totalled: a population is no cost, and shares of different wholes do not add up.
_NOT_TOTALLED = tuple(sorted({measure.family for measure in MEASURES.values() if not measure.is_totalled}))
# The values of the dimensions that a question asks for, which name one row.
RowValues = Sequence[str | None]


class CountedFigures:
    """The figures that one question counts: `scope` says which are looked at, `passes` which part of the people is meant.

    With `row`, the values of the question's dimensions, only those in this row, and there is no key. `only` narrows the claims that
    are counted; where rows are of sources, each claim then stands there once for every source that it is the first to have, instead of
    once with the set of these. `families` selects the numbers of the families that are looked at; null stands for all.
    """

    def __init__(
        self,
        question: TotalQuestion,
        row: RowValues | None = None,
        only: ColumnElement[bool] | None = None,
        families: Select[Any] | None = None,
    ) -> None:
        self.question = question
        filters = question.filter_values
        attributions = tuple(dimension for dimension in question.dimensions if dimension.is_attribution)
        self.is_by_claim = bool(attributions) or any(wanted.subject is Subject.ATTRIBUTION for wanted in filters)
        self.table: Table = CLAIMED_FIGURE if self.is_by_claim else FIGURE
        partition = {wanted: value for wanted, value in filters.items() if wanted.is_partition}
        in_scope = self._scope_condition(filters)
        # To look at some families alone splits none.
        looked_at = in_scope if families is None else and_(in_scope, self.table.c.family_number.in_(families))
        self._looked_at = looked_at
        self.on: FromClause = self.table
        self.scope = looked_at
        if self.is_by_claim:
            matching = looked_at if only is None else and_(looked_at, only)
            self.on, self.scope = self._one_claim_each(attributions, matching, row, is_each=only is not None)
        self.passes = conditions.figures(partition, self.on)
        dimensions = key_dimensions(question.dimensions, ALWAYS_IN_KEY)
        if row is not None:
            values = dict(zip(question.dimensions, row, strict=True))
            rest = [dimension for dimension in values if dimension not in attributions]
            is_in_row = in_row(rest, [values[one] for one in rest], self.table, question.date_from, on=self.on)
            self.passes, dimensions = and_(self.passes, is_in_row), ()
        self.keys = Keys(dimensions, self.table, question.date_from, self.on)
        # The columns of the key that say who says so.
        self.attribution_keys = self.keys.names_of(attributions)
        self.spanning = question.spanning(self.on)
        in_keys, in_part = self.keys.columns_used(), columns_in(self.on, [self.passes])
        # Where rows or the filter have one population each, there are constants for these.
        self.has_one_population = "population" in in_keys | in_part
        self.split_bits = split_bits_of(columns_in(self.table, [in_scope]), is_scope=True) | split_bits_of(
            in_keys | in_part
        )
        if self.is_by_claim:
            # Which claim it is may differ wherever who says so does.
            self.split_bits |= split_bits_of(["precedence"])
        # Of several populations that fall into one row, a whole and some of its parts may be asked for together.
        several = _populations(partition) if "population" in in_part - in_keys else ()
        self._several = several if len(several) > 1 else None

    # --- Which ------------------------------------------------------------------------------------------------------

    def _scope_condition(self, filters: Mapping[Filter, Any]) -> ColumnElement[bool]:
        """The condition on figures, or claims, that are in scope."""
        scope = {wanted: value for wanted, value in filters.items() if not wanted.is_partition}
        return and_(self._is_totalled(self.table), conditions.figures(scope, self.table))

    @property
    def is_totalled(self) -> ColumnElement[bool]:
        """Whether a figure is of a family that is totalled."""
        return self._is_totalled(self.on)

    def _is_totalled(self, on: FromClause) -> ColumnElement[bool]:
        family = self.question.family
        return on.c.family.not_in(_NOT_TOTALLED) if family is None else on.c.family == family

    def _one_claim_each(
        self, attributions: Sequence[Dimension], matching: ColumnElement[bool], row: RowValues | None, *, is_each: bool
    ) -> tuple[FromClause, ColumnElement[bool]]:
        """What to count of the claims that match, and the condition on it: of each figure the first that does, or that
        belongs to the row."""
        claims, has_sources = CLAIMED_FIGURE.c, any(dimension.name == "source" for dimension in attributions)
        if row is None and self._is_of_sources_alone(attributions):
            if not is_each:
                return CLAIMED_FIGURE, and_(matching, claims.new_source_set.is_not(None))
            news = CLAIMED_FIGURE.join(NEW_SOURCE, NEW_SOURCE.c.new_source_set == claims.new_source_set)
            each = select(*claims, NEW_SOURCE.c.source).select_from(news).where(matching)
            return each.subquery("one_claim_each"), true()
        condition = and_(matching, *([] if row is None else self._row_conditions(attributions, row)))
        columns = None if has_sources else self._columns_compared(attributions)
        if columns is not None:
            return CLAIMED_FIGURE, and_(condition, claims.preceded_in.op("&")(combinations_with(columns)) == 0)
        joined: Any = CLAIMED_FIGURE
        listed: list[Any] = [*claims]
        identity: list[Any] = [claims.number, claims.precedence]
        if has_sources:
            # Each claim once for every source.
            joined = joined.join(SOURCE, SOURCE.c.source_set == claims.source_set)
            listed, identity = [*listed, SOURCE.c.source], [*identity, SOURCE.c.source]
        keys = [] if row is not None else [dimension.of(_ByName(listed)) for dimension in attributions]
        first = func.min(claims.precedence).over(partition_by=[claims.number, *keys])
        # Few claims are preceded by one with the same values, and of all others there is nothing to choose.
        same = columns_in(CLAIM, [dimension.of(CLAIM.c) for dimension in attributions if dimension.name != "source"])
        is_preceded = claims.preceded_in.op("&")(combinations_with(same)) != 0
        of_several = claims.number.in_(select(claims.number).where(is_preceded))
        several = select(*identity, first.label("first")).select_from(joined).where(condition, of_several).subquery()
        firsts = select(*(several.c[column.name] for column in identity)).where(several.c.precedence == several.c.first)
        is_first = or_(not_(is_preceded), tuple_(*identity).in_(firsts))
        return select(*listed).select_from(joined).where(condition, is_first).subquery("one_claim_each"), true()

    def _is_of_sources_alone(self, attributions: Sequence[Dimension]) -> bool:
        """Whether rows are of sources, and no filter asks anything of claims."""
        filters = any(wanted.subject is Subject.ATTRIBUTION for wanted in self.question.filter_values)
        return not filters and [dimension.name for dimension in attributions] == ["source"]

    def _columns_compared(self, attributions: Sequence[Dimension]) -> set[str] | None:
        """The columns in which claims are equal that may all match, so that the first of them counts; null where claims match
        that differ in what the filters ask of them."""
        found = columns_in(CLAIM, [dimension.of(CLAIM.c) for dimension in attributions])
        for wanted, value in self.question.filter_values.items():
            if wanted.subject is Subject.ATTRIBUTION:
                asked = wanted.column_asked(value)
                if asked is None or len(asked[1]) > 1:
                    return None
                found.add(asked[0])
        return found

    def _row_conditions(self, attributions: Sequence[Dimension], row: RowValues) -> list[ColumnElement[bool]]:
        """The conditions that a claim belongs to this row."""
        values = dict(zip(self.question.dimensions, row, strict=True))
        joined = _ByName([*CLAIMED_FIGURE.c, SOURCE.c.source])
        return equal(attributions, [values[dimension] for dimension in attributions], joined)

    def is_split(self, on: FromClause | None = None) -> ColumnElement[bool]:
        """Whether a figure is of a family that this question may split; null stands for no."""
        columns = (self.on if on is None else on).c
        found: ColumnElement[bool] = columns.differences.op("&")(self.split_bits) != 0
        return found if self._several is None else or_(found, columns.whole_population.in_(self._several))

    def adds_alone(self) -> ColumnElement[bool]:
        """Whether what it adds does not depend on who else is in its row: this question does not split its family, or it is a
        part."""
        if self._several is not None:
            return or_(func.coalesce(self.is_split(), false()).is_(false()), self.on.c.is_part)
        is_together: ColumnElement[bool] = self.on.c.differences.op("&")(self.split_bits) == 0
        return or_(is_together, self.on.c.is_part) if self.split_bits else true()

    @property
    def may_split(self) -> bool:
        """Whether there can be families that this question splits."""
        return self.split_bits != 0 or self._several is not None

    def any_split(self) -> Select[Any]:
        """A row, where there is any family in scope that it may split, whichever of its claims count."""
        return select(self.table.c.number).where(self._looked_at, self.is_split(self.table)).limit(1)

    # --- How many ---------------------------------------------------------------------------------------------------

    def adds(self, name: str) -> ColumnElement[Any]:
        """What a figure adds to a row (`low`, `best`, `high`), or whether it opens it (`open`), where its family is not split, or it
        is a part."""
        return self.on.c[f"{'by_population' if self.has_one_population else 'one_row'}_{name}"]

    def opens(self) -> ColumnElement[bool]:
        """Whether such a figure opens the high end of its row. A certain part of a closed whole would not, if the whole were there."""
        return case((self.is_split(), self.is_open()), else_=self.adds("open")) if self.may_split else self.adds("open")

    def low_in_row(self, low: ColumnElement[Any]) -> ColumnElement[Any]:
        """What of a figure's low surely lies in its row: one that reaches beyond it may lie outside."""
        return case((self.spanning, 0), else_=low) if self.question.may_span else low

    def number(self, name: str) -> ColumnElement[Any]:
        """A figure's own bound as totals count it: a null low is 0, a null best the low, a null high the best."""
        if self.is_by_claim:
            return self.on.c[f"claim_{name}"]
        names = {"low": ("low",), "best": ("best", "low"), "high": ("high", "best", "low")}[name]
        return func.coalesce(*(self.on.c[one] for one in names), 0)

    def is_open(self) -> ColumnElement[bool]:
        """Whether its high end is open."""
        return self.on.c.claim_open if self.is_by_claim else or_(self.on.c.open_ended, self.on.c.high.is_(None))

    def status(self) -> ColumnElement[str]:
        """Whether it has a number, and if not, why."""
        return self.on.c.claim_status if self.is_by_claim else self.on.c.status


class _ByName:
    """Columns by their names."""

    def __init__(self, columns: Sequence[Any]) -> None:
        self._columns = {column.name: column for column in columns}

    def __getattr__(self, name: str) -> Any:
        return self._columns[name]


def _populations(partition: Mapping[Filter, Any]) -> Sequence[str]:
    """The populations that the filter names; none where there is no such filter."""
    return next((value for wanted, value in partition.items() if wanted.name == "population"), ())
