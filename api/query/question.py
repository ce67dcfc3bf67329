"""A query that was parsed and validated, with names resolved to ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.query.dimension import Dimension
from api.query.endpoint import Endpoint, Sort
from api.query.filters.filter import Filter
from api.query.standard_parameters import DEFAULT_LIMIT, MOST_LIMIT


@dataclass(frozen=True)
class Question:
    """What a query asks."""

    endpoint: Endpoint
    # What was given, by parameter, as read; names as ids.
    values: Mapping[str, Any]
    filter_values: Mapping[Filter, Any]
    format: str
    sort: Sort | None
    is_descending: bool
    dimensions: tuple[Dimension, ...]
    # The query as it was written, for links.
    pairs: tuple[tuple[str, str], ...]

    @property
    def limit(self) -> int | None:
        found: int | None = self.values.get("limit")
        return found

    @property
    def page_size(self) -> int:
        """How many records a page has."""
        return self.limit or (MOST_LIMIT if self.endpoint.is_totals else DEFAULT_LIMIT)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.values.get("fields", ()))

    @property
    def row(self) -> tuple[str | None, ...] | None:
        found = self.values.get("row")
        return None if found is None else tuple(found)
