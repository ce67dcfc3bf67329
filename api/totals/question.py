"""What is to be totalled, and the conditions that follow from it. Knows neither rows nor how they are summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, true
from sqlalchemy.orm import aliased

from api import narrow, narrow_many
from api.dimensions import Dimension
from api.expressions import unindexed
from api.models import Figure
from api.narrow import Understood

# Families that are never totalled: a population is no cost, and shares of different wholes do not add up.
_NOT_TOTALLED = ("context",)


@dataclass(frozen=True)
class Question:
    """What is to be totalled: filters, dimensions, the period asked for, and what the resource itself asks."""

    understood: Understood
    dimensions: tuple[Dimension, ...]
    date_from: date | None
    date_to: date | None
    # The family that is totalled; null where all are that can be.
    family: str | None
    # A select of numbers that holds all that is talked about, where these are few.
    numbers: Any

    def scope(self) -> ColumnElement[bool]:
        """Which figures are talked about."""
        asked = {wanted: value for wanted, value in self.understood.items() if not wanted.is_partition}
        holds = narrow_many.figures_of_many if self.numbers is None else narrow.figures
        return and_(self.is_totalled(Figure), self.among(Figure), holds(asked))

    def is_totalled(self, on: Any) -> ColumnElement[bool]:
        """Whether it is of the family that is totalled, or of any that can be."""
        if self.family is None:
            found: ColumnElement[bool] = on.family.not_in(_NOT_TOTALLED)
            return found
        # The index of families holds nothing else that is summed.
        return unindexed(on.family) == self.family

    def among(self, counted: Any) -> ColumnElement[bool]:
        """Whether it is one of the few that can be talked about."""
        return true() if self.numbers is None else counted.number.in_(self.numbers)

    def partition(self) -> ColumnElement[bool]:
        """Which part of the people is meant."""
        return narrow.figures({wanted: value for wanted, value in self.understood.items() if wanted.is_partition})

    @property
    def parts_figures(self) -> bool:
        """Whether a filter or dimension may part a whole from its own parts inside one event."""
        return any(wanted.parts_figures for wanted in self.understood) or any(
            dimension.parts_figures for dimension in self.dimensions
        )

    @property
    def asks_population(self) -> bool:
        """Whether wholes and parts that differ by population fall into different rows, or are left out."""
        return self._is_by_population or bool(self._populations)

    @property
    def adds_populations(self) -> bool:
        """Whether several populations are asked for and fall into one row."""
        return len(self._populations) > 1 and not self._is_by_population

    def is_looked_at(self) -> ColumnElement[bool]:
        """Whether a figure has to be looked at beside its whole and its parts, though no filter here parts the two.

        Where several populations are asked for and fall into one row, some of a family may be in it and others not, and
        what they add was worked out for all and for none of them alone.
        """
        if not self.adds_populations:
            return and_(Figure.is_nested_across)
        part = aliased(Figure)
        wholes = select(part.part_of).where(part.part_of.is_not(None))
        return or_(Figure.is_nested_across, Figure.part_of.is_not(None), Figure.id.in_(wholes))

    @property
    def _is_by_population(self) -> bool:
        return any(dimension.name == "population" for dimension in self.dimensions)

    @property
    def _populations(self) -> Sequence[str]:
        """Those asked for; none where all are."""
        return next((value for wanted, value in self.understood.items() if wanted.name == "population"), ())

    def spanning(self, on: Any) -> ColumnElement[bool]:
        """Whether a period reaches beyond its bucket, or beyond the period asked for."""
        # Most periods are one day, and comparing the days is cheaper than comparing what is made of them.
        found: list[ColumnElement[bool]] = [
            and_(on.date_start != on.date_end, dimension.of(on) != dimension.until(on))
            for dimension in self.dimensions
            if dimension.until is not None
        ]
        if self.date_from is not None:
            found.append(on.date_start < self.date_from)
        if self.date_to is not None:
            found.append(on.date_end > self.date_to)
        return or_(*found) if found else literal(1) == 0
