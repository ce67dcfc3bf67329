"""The state of a page: which filters are set and how it is looked at, all of it in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.domain.errors import Fault, refusal
from api.pages.links import address_of, listed, values_of
from api.query.filters.places import PLACE_FILTERS
from api.query.filters.shared import (
    ATTRIBUTION_FILTERS,
    CLASSIFICATION_FILTERS,
    DATASET_FILTER,
    FIGURE_FILTERS,
    PARTICIPANT_FILTERS,
    PERIOD_FILTERS,
    UPDATED_SINCE,
)
from api.query.filters.words import Q
from api.query.foreign_names import instead_of
from api.query.parsing import unknown_parameter
from api.query.time_parameters import Day

# What events and figures can both be asked for.
_FILTERS = (
    *(DATASET_FILTER, *PERIOD_FILTERS, *PLACE_FILTERS, *CLASSIFICATION_FILTERS, *PARTICIPANT_FILTERS),
    *(*FIGURE_FILTERS, *ATTRIBUTION_FILTERS, Q, UPDATED_SINCE),
)
FILTER_NAMES: tuple[str, ...] = tuple(parameter.name for found in _FILTERS for parameter in found.parameters)
_LISTS = frozenset(found.name for found in _FILTERS if found.parameter.is_list)
# What was read before, and what older browser libraries add.
UNREAD = ("format", "_")
# How the page is looked at: the buckets of time, what of the map is shown, and whether places or areas are drawn on it.
VIEW_NAMES = ("by", "view", "map")


@dataclass(frozen=True)
class State:
    """A page's path with its filters and how it is looked at, as they stand in the address."""

    path: str
    filters: Mapping[str, str]
    view: Mapping[str, str]

    @classmethod
    def read(cls, path: str, pairs: Iterable[tuple[str, str]], views: Sequence[str] = VIEW_NAMES) -> State:
        """The state that an address has. Empty values, which forms send, are left out, and lists that a form gives several
        times are put together. Errors: a Problem, where a parameter is none of this page."""
        found: dict[str, str] = {}
        faults = []
        for name, value in pairs:
            if name in UNREAD:
                continue
            if name not in FILTER_NAMES and name not in views:
                faults.append(not_of_this_page(name, (*FILTER_NAMES, *views)))
            elif value.strip():
                found[name] = f"{found[name]},{value}" if name in found and name in _LISTS else value.strip()
        if faults:
            raise refusal(faults)
        if "date_from" not in found and "date_to" not in found:
            found.pop("period", None)
        filters = {name: found[name] for name in FILTER_NAMES if name in found}
        return cls(path, filters, {name: found[name] for name in views if name in found})

    @property
    def address(self) -> str:
        """Where this state is."""
        return address_of(self.path, **self.filters, **self.view)

    def with_(self, **changes: str | None) -> State:
        """The same with these filters instead; those that are null are taken out. What of the map is shown follows anew."""
        filters = {**self.filters, **changes}
        view = {name: value for name, value in self.view.items() if name != "view"}
        kept = {name: value for name in FILTER_NAMES if (value := filters.get(name)) is not None}
        return replace(self, filters=kept, view=view)

    def looked_at(self, **changes: str | None) -> State:
        """The same question, looked at in this way."""
        view = {name: value for name, value in {**self.view, **changes}.items() if value is not None}
        return replace(self, view=view)

    def at(self, path: str) -> str:
        """The address of another page with the same filters."""
        return address_of(path, **self.filters)

    def values(self, name: str) -> list[str]:
        """The values of a list, as written."""
        written = self.filters.get(name)
        return [] if written is None else values_of(written)

    def day(self, name: str) -> date | None:
        """The day that a filter gives, which was asked for already; null where it is not set."""
        written = self.filters.get(name)
        return None if written is None else Day().deserialize(written)

    def toggled(self, name: str, value: str) -> State:
        """The same with one more value of a list, or without it where it has it."""
        values = self.values(name)
        values = [other for other in values if other != value] if value in values else [*values, value]
        return self.with_(**{name: listed(values) if values else None})

    def only(self, name: str, value: str) -> State:
        """The same with this as the one value of a list."""
        return self.with_(**{name: listed([value])})


def not_of_this_page(name: str, known: Sequence[str]) -> Fault:
    """The fault of a name that is none of a page's parameters, with what it is called here."""
    fault = unknown_parameter("this page", name, known)
    found = instead_of(name, known)
    # Two together ask something else than one of them with the value of the other.
    return fault if found is None or len(found.names) == 1 else replace(fault, did_you_mean=None)
