"""What importers of incidents share: people who are counted, and the kinds of those who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.domain.bounds import bounds
from api.store.record_types import Record
from seeds.importer.records import FIGURE, claim_numbers, figure_numbers
from seeds.importer.values import is_in_digits, single_spaced

# In this order, where a publisher says different things of one name.
_GROUP_KINDS = ("force", "armed_group", "government", "organisation", "population")
# What a column prints where there is nothing to keep.
_NOTHING = ("", "0", "false", "notapplicable", "no information")


def group_kinds(met: Iterable[tuple[str, ...]], meanings: Mapping[str, str]) -> Mapping[str, str]:
    """What kind of group each name is, by what stands beside it; the order of rows decides nothing."""
    found: dict[str, str] = {}
    for printed, beside in met:
        kind = meanings.get(single_spaced(beside).casefold())
        if kind is not None:
            name = single_spaced(printed)
            found[name] = min(kind, found.get(name, kind), key=_GROUP_KINDS.index)
    return found


def counted(record: Record, qualifier: str, count: int | None, said: Record) -> Record:
    """A figure of people who came to harm; a count that is null is not known.

    `record` has its id, measure, population, sex, cause, period and place, `said` who claims it.
    """
    qualifier = "unknown" if count is None else qualifier
    numbers = bounds(qualifier, count)
    claim = {**said, **claim_numbers(qualifier, numbers), "is_preferred": True}
    return {**FIGURE, "family": "casualty", **record, **figure_numbers(qualifier, numbers), "claims": [claim]}


def sex_of(count: int | None, women: str, men: str) -> str:
    """The sex of all that a figure counts, where the printed counts of women and men come to them."""
    female, male = (int(text) if is_in_digits(text) else 0 for text in (women, men))
    if count is None or female + male != count:
        return "unspecified"
    return "both" if female and male else "female" if female else "male"


def kept_codes(printed: Mapping[str, str]) -> dict[str, int | str]:
    """What is kept in an event's codes: what says something, whole numbers as such."""
    told = {name: single_spaced(value) for name, value in printed.items()}
    return {
        name: int(value) if is_in_digits(value) else value
        for name, value in told.items()
        if value.casefold() not in _NOTHING
    }
