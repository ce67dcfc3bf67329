"""What was counted, such as people killed and displaced: the total of each measure in all, and for each population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from api.domain.codebook import CODEBOOK, MEASURES
from api.drawings.amounts import Amount, in_words, remarks, scale
from api.drawings.bars import bar
from api.explorer.state import State
from api.pages.subrequests import Subrequests
from api.pages.total_rows import place_of_measure
from api.pages.wording import OF_ALL_SIDES, label

_FAMILIES = ("casualty", "displacement", "affected", "damage", "territory", "force")
_ALL_IN_ALL = "In all"
_TOGETHER = "mixed"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One amount: what it is of, in words and as a bar, and what it is made of."""

    name: str
    words: str
    remarks: list[str]
    bar: Markup
    link: str
    figures: int
    is_all: bool


@dataclass(frozen=True)
class Count:
    """A measure of one dataset, in all and by population, to one scale."""

    measure: str
    dataset: str
    lines: list[Line]


@dataclass(frozen=True)
class Family:
    """The counts of one family of measures."""

    name: str
    title: str
    counts: list[Count]


def measure_totals(state: State, subrequests: Subrequests) -> list[Family]:
    """What was counted, family by family, measure by measure, each dataset by itself."""
    total = subrequests.total("/v1/figures/totals", **state.filters)
    if total is None:
        return []
    by_population = subrequests.ask("/v1/figures/totals", **state.filters, group_by="population")["data"]
    of_populations: dict[tuple[Any, ...], list[Row]] = {}
    for row in by_population:
        of_populations.setdefault(_key(row), []).append(row)
    found: dict[str, list[Count]] = {family: [] for family in _FAMILIES}
    for row in sorted(total["data"], key=lambda one: (place_of_measure(one), one["key"]["dataset"])):
        family = MEASURES[row["key"]["measure"]].family
        found[family].append(_count(row, of_populations.get(_key(row), [])))
    titles = {code.code: code.label for code in CODEBOOK["family"].codes}
    return [Family(family, titles[family], counts) for family, counts in found.items() if counts]


def _key(row: Row) -> tuple[Any, ...]:
    """What tells totals apart that are never added."""
    return tuple(row["key"][name] for name in ("dataset", "measure", "unit", "object"))


def _count(row: Row, populations: Sequence[Row]) -> Count:
    shown = [one for one in populations if one["key"]["population"] is not None]
    most = scale(Amount.of(one) for one in (row, *shown))
    lines = [line(_ALL_IN_ALL, row, most)]
    order = {code: place for place, code in enumerate(CODEBOOK["population"].values())}
    for of_one in sorted(shown, key=lambda one: order[one["key"]["population"]]):
        population = of_one["key"]["population"]
        shown_line = line(label(population, "population"), of_one, most)
        if population == _TOGETHER:
            shown_line.remarks.append(OF_ALL_SIDES)
        lines.append(shown_line)
    return Count(measured(row), row["labels"]["dataset"], lines)


def measured(row: Row) -> str:
    """What a total counts: its measure, and of what."""
    labels = row["labels"]
    of_what = [labels["object"], labels["unit"] if row["key"]["unit"] == "household" else None]
    return ", ".join([labels["measure"], *(word.lower() for word in of_what if word)])


def in_order(row: Row) -> tuple[str, int]:
    """By what totals stand beside each other: their dataset, and the codebook's order, the killed first."""
    return row["labels"]["dataset"], place_of_measure(row)


def line(name: str, row: Row, most: int) -> Line:
    """One line of a total, drawn so that `most` reaches to its end."""
    amount = Amount.of(row)
    link = row["links"]["figures"]
    is_all = name == _ALL_IN_ALL
    return Line(name, in_words(amount), remarks(amount), bar(amount, most), link, amount.figures, is_all)
