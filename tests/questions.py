"""Generated questions about a generated world: any filters together, any dimensions. Knows the parameters' names alone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from hypothesis import strategies as st

from tests import cast, worlds
from tests.filter_oracle import PARTITION
from tests.known import Asked
from tests.row_oracle import OF_EVENT, OF_FIGURE, OF_PARTICIPATION, OF_RECORD, OF_SAID
from tests.worlds import World

# Every total has rows of each unit anyhow, and nobody can ask for them.
_OF_FIGURE = tuple(name for name in OF_FIGURE if name != "unit")
# The dimensions with one value for each figure, and those that may have several.
ADDITIVE = (*OF_RECORD, *OF_EVENT, *_OF_FIGURE)
# Of who says so: a row then has what this source says.
SAID = tuple(OF_SAID)
OVERLAPPING = (*OF_PARTICIPATION, *SAID)
# An event has several figures too, and one row for each kind of them.
OVERLAPPING_OF_EVENTS = (*OVERLAPPING, *_OF_FIGURE)
_MOST_DIMENSIONS = 4


@dataclass(frozen=True)
class Question:
    """Filters and dimensions, to be asked of any path of totals."""

    asked: Asked
    dimensions: tuple[str, ...] = ()

    def query(self, **more: str) -> str:
        pairs = {name: ",".join(values) for name, values in self.asked.items()}
        if self.dimensions:
            pairs["group_by"] = ",".join(self.dimensions)
        return urlencode({**pairs, **more})


def _some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def _totalled(also: str, *values: str) -> st.SearchStrategy[list[str]]:
    """Some of these, and `also` where all of them are never totalled, which is refused."""
    return _some(*values).map(lambda found: found if set(found) - {"population", "context"} else [*found, also])


def _one(*values: str) -> st.SearchStrategy[list[str]]:
    return st.sampled_from(values).map(lambda value: [value])


_DAYS = ("2023-10-31", "2023-11-01", "2023-11-03", "2023-11-06", "2023-12-31", "2024-01-02", "2024-12-31")
_NUMBERS = ("0", "1", "2", "5", "20")

# What says which figures are talked about, by parameter; the ids of a world come to it in `_of`.
_SCOPE = {
    "measure": _totalled("killed", "killed", "injured", "displaced", "destroyed", "air_strikes", "population"),
    "object": _some("house", "school"),
    "unit": _some("person", "household", "thing"),
    "family": _totalled("casualty", "casualty", "displacement", "damage", "force", "context"),
    "kind": _some(*worlds.KINDS),
    "type": _some("battles", "violence_against_civilians", "riots"),
    "subtype": _some("armed_clash", "attack"),
    "location": _some(*cast.PLACES, *cast.WIDER_PLACES),
    "country": _some(*cast.COUNTRIES),
    "bbox": st.sampled_from((["97", "21", "98", "23"], ["95", "21", "98", "25"])),
    "date_from": _one(*_DAYS),
    "date_to": _one(*_DAYS),
    "date_precision": _one("day", "days", "week", "month"),
    "location_precision": _one("exact", "district", "state_or_region"),
    "group": _some(*cast.GROUPS),
    "group_role": _some(*worlds.ROLES),
    "document": _some(*cast.DOCUMENTS),
    # A claimant with a comma in its words cannot be asked for by these words; its group or another document can.
    "claimant": _some(*(claimant for claimant in cast.CLAIMANTS if "," not in claimant)),
    "source": _some(*cast.SOURCES),
    "outlet": _some(*cast.OUTLETS),
    "verification": _some(*worlds.VERIFICATIONS),
    "best_min": _one(*_NUMBERS),
    "roots_min": _one("0", "1", "2", "3"),
    "best_max": _one(*_NUMBERS),
    "status": _some("numbered", "unnumbered", "unknown", "none_reported"),
    "q": _one("alpha", "beta"),
}
_PARTITION = {
    "population": _some(*worlds.POPULATIONS),
    "sex": _some(*worlds.SEXES),
    "age": _some(*worlds.AGES),
    "cause": _some(*worlds.CAUSES),
    "term": _some("displaced", "evacuated"),
}


def _of(world: World, counts: str) -> dict[str, st.SearchStrategy[list[str]]]:
    """The filters whose values are this world's own ids."""
    events = [event["id"] for event in world.events]
    if counts == "events":
        return {"id": _some(*events), "part_of": _some(*events)}
    figures = [figure["id"] for figure in world.figures]
    return {"id": _some(*figures), "event": _some(*events), "part_of": _some(*events)}


@st.composite
def scopes(draw: st.DrawFn, world: World, counts: str = "figures", least: int = 0, partition: bool = True) -> Asked:
    """Filters that fit together; always with the world's datasets, or one of them.

    Few, more often than not: with many together nothing is left to add up.
    """
    most = max(least, draw(st.sampled_from((0, 0, 1, 1, 2, 4))))
    choices = {**_SCOPE, **(_PARTITION if partition else {}), **_of(world, counts)}
    names = draw(st.lists(st.sampled_from(sorted(choices)), min_size=least, max_size=most, unique=True))
    asked = {"dataset": list(world.datasets)}
    asked |= {name: draw(choices[name]) for name in names}
    if len(world.datasets) > 1 and draw(st.booleans()):
        asked["dataset"] = [world.datasets[1]]
    for first, last in (("date_from", "date_to"), ("best_min", "best_max")):
        if first in asked and last in asked:
            asked[first], asked[last] = sorted((asked[first], asked[last]), key=_size)
    if "group" in asked and draw(st.booleans()):
        asked["include_members"] = ["true"]
    if ("date_from" in asked or "date_to" in asked) and draw(st.booleans()):
        asked["period"] = draw(st.sampled_from((["overlaps"], ["starts"], ["within"])))
    return asked


def _size(values: list[str]) -> tuple[int, str]:
    return (len(values[0]), values[0])


def dimensions(*allowed: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Up to four of these, in any order."""
    return st.lists(st.sampled_from(allowed), max_size=_MOST_DIMENSIONS, unique=True).map(tuple)


@st.composite
def questions(draw: st.DrawFn, world: World, counts: str = "figures") -> Question:
    """Any filters with any dimensions, one of the people's parts more often than others."""
    found = draw(dimensions(*ADDITIVE, *OVERLAPPING))
    parted = draw(st.sampled_from((None, None, "population", "sex")))
    if parted is not None and parted not in found:
        found = (parted, *found)[:_MOST_DIMENSIONS]
    return Question(draw(scopes(world, counts)), found)


@st.composite
def narrowings(draw: st.DrawFn, world: World) -> tuple[Question, Question]:
    """Two ungrouped questions of which the second asks about less: it has scope filters that the first lacks."""
    narrow = draw(scopes(world, least=1, partition=False))
    # What a source says of a figure may be more than what is counted.
    narrow = {name: values for name, values in narrow.items() if name not in SAID}
    further = sorted(set(narrow) - {"dataset", "include_members", "period"})
    left_out = set(draw(st.lists(st.sampled_from(further), min_size=1, unique=True))) if further else set()
    if {"date_from", "date_to"} & set(narrow) <= left_out:
        left_out.add("period")
    if "group" in left_out:
        left_out.add("include_members")
    wide = {name: values for name, values in narrow.items() if name not in left_out}
    return Question(wide), Question(narrow)


@st.composite
def partitions(draw: st.DrawFn, world: World) -> tuple[Question, Question, str, str]:
    """A question grouped by a part of the people, the same with that part as its filter, the parameter and the part."""
    name = draw(st.sampled_from(tuple(part for part in PARTITION if part in ADDITIVE)))
    value = draw(_PARTITION[name])[0]
    asked = {key: values for key, values in draw(scopes(world)).items() if key != name}
    others = draw(st.lists(st.sampled_from((*ADDITIVE, *OVERLAPPING)), max_size=2, unique=True))
    kept = tuple(other for other in others if other != name)
    return Question(asked, (*kept, name)), Question({**asked, name: [value]}, kept), name, value
