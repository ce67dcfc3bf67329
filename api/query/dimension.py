"""What a dimension is: something that totals are grouped by and facets count by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table

from api.columns.tables import CLAIMS, EVENT, FIGURE, NEW_SOURCES, Sets

# What a point has, in the order of its columns.
AXES = ("latitude", "longitude")


@dataclass(frozen=True)
class Dimension:
    """Something to group by. `of` makes its value from the table it is found in."""

    name: str
    of: Callable[[Any], ColumnElement[Any]]
    description: str
    # Where its values get their names: a kind of record, or `code:` and a code list.
    labels: str | None = None
    # By which parameter a value in `row` is looked up; not read where its labels are codes, or of dimensions of time.
    values_of: str = "id"
    # The filters that choose among its values, where they are not called as it is.
    filters: tuple[str, ...] = ()
    # For figures and for events: the sets that have it, where they do not have it themselves.
    of_figures: Sets | None = None
    of_events: Sets | None = None
    # The last bucket that a period reaches, for dimensions of time.
    last_bucket: Callable[[Any], ColumnElement[Any]] | None = None
    # The day that a bucket begins, for dimensions of time. Errors: ValueError, where it is the name of none.
    begins: Callable[[str], date] | None = None
    # The name of the bucket that begins on a day, for dimensions of time.
    bucket_name: Callable[[date], str] | None = None

    def __post_init__(self) -> None:
        """Errors: TypeError, where events or figures cannot be grouped by it; better at start than in an answer."""
        for counted in (EVENT, FIGURE):
            sets = self.sets(counted)
            table = counted if sets is None else sets.table
            try:
                self.of(table.c)
            except AttributeError as error:
                # Sources stand in sets of their own, which those of reports and claims name.
                if self.is_attribution and self.name == "source":
                    continue
                raise TypeError(
                    f"the dimension '{self.name}' has no column in the reading copy's '{table.name}': add it in"
                    " api/columns/tables.py (figures have those of their event that OF_ITS_EVENT names), or name the sets that"
                    " have it (of_figures, of_events)"
                ) from error

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """The names of the filters that choose among its values."""
        return self.filters or (self.name,)

    @property
    def is_of_places(self) -> bool:
        """Whether its values are places, which lie somewhere."""
        return self.labels in ("country", "location")

    @property
    def flat_names_by_key(self) -> Mapping[str, Sequence[str]]:
        """The names of its columns in flat rows of totals, by the top-level key under which each stands."""
        return {
            "key": [f"key_{self.name}"],
            "labels": [f"labels_{self.name}"],
            "starts": [] if self.begins is None else [f"{self.name}_start"],
            "points": [f"{self.name}_{axis}" for axis in AXES] if self.is_of_places else [],
        }

    @property
    def flat_names(self) -> tuple[str, ...]:
        """The same names in one list."""
        return tuple(name for names in self.flat_names_by_key.values() for name in names)

    @property
    def is_attribution(self) -> bool:
        """Whether it is of who says so: a total then adds what each source says."""
        return self.of_figures is CLAIMS

    def sets(self, counted: Table) -> Sets | None:
        """The sets that have it, of figures or events; null where they have it themselves, as claimed figures have who says so."""
        if counted is EVENT:
            return self.of_events
        if self.is_attribution and counted is not FIGURE:
            return NEW_SOURCES if self.name == "source" else None
        return self.of_figures

    def as_key(self, value: Any) -> str | None:
        """A value as it stands in a key."""
        return value if value is None or self.bucket_name is None else self.bucket_name(value)

    def from_key(self, text: str | None) -> Any:
        """A value of a key as it stands in the copy."""
        return text if text is None or self.begins is None else self.begins(text)
