"""The code lists of what is counted: measures, their families and units, and what a figure of each measure must say."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from api.domain.codebook.code import Code, CodeList, Measure

FAMILY = CodeList(
    name="family",
    title="Family of measures",
    description="Measures that are of one kind. Even within a family, different measures are never added.",
    codes=(
        Code("casualty", "Casualties", "People killed, hurt, taken or lost through the conflict."),
        Code("displacement", "Displacement", "People who left their homes, or who came back."),
        Code("affected", "Affected people", "People whose lives the conflict holds up without displacing them."),
        Code("damage", "Damage", "Buildings and other things destroyed or damaged."),
        Code("territory", "Territory", "Places and positions attacked or taken."),
        Code("force", "Force", "The means of fighting: fighters, weapons, aircraft and their strikes."),
        Code(
            "context",
            "Context",
            "Numbers that explain a place and count nothing that happened. They are never totalled.",
        ),
    ),
)

MEASURE = CodeList(
    name="measure",
    title="Measure",
    description="What a figure counts; its parent is its family.",
    codes=(
        Code("killed", "Killed", "People who died through the event.", {"hxl": "#affected+killed"}, "casualty"),
        Code(
            "injured", "Injured", "People wounded and not said to have died.", {"hxl": "#affected+injured"}, "casualty"
        ),
        Code(
            "captured",
            "Captured",
            "People taken prisoner or arrested by a party.",
            {"hxl": "#affected+arrested"},
            "casualty",
        ),
        Code("surrendered", "Surrendered", "People who gave themselves up to another party.", parent="casualty"),
        Code(
            "abducted",
            "Abducted",
            "People carried off outside any arrest or capture in a fight.",
            {"hxl": "#affected+abducted"},
            "casualty",
        ),
        Code("missing", "Missing", "People whose fate or place is not known.", parent="casualty"),
        Code(
            "casualties",
            "Casualties",
            "People killed or injured, where the report does not part the two. Casualties are not deaths.",
            parent="casualty",
        ),
        Code(
            "displaced",
            "Displaced",
            "People who had to leave their homes; the term says in which way.",
            {"hxl": "#affected+displaced"},
            "displacement",
        ),
        Code(
            "returned",
            "Returned",
            "Displaced people who came back. A return undoes a displacement and is never added to one.",
            {"idmc": "RETURNS"},
            "displacement",
        ),
        Code("trapped", "Trapped", "People who cannot leave a place of danger.", parent="affected"),
        Code(
            "trafficked",
            "Trafficked",
            "People brought somewhere by deceit or force to be exploited.",
            parent="affected",
        ),
        Code("out_of_contact", "Out of contact", "People who cannot be reached, lines being cut.", parent="affected"),
        Code("destroyed", "Destroyed", "Things destroyed.", parent="damage"),
        Code("damaged", "Damaged", "Things damaged and not destroyed.", parent="damage"),
        Code("seized", "Seized", "Places or positions that a party took.", parent="territory"),
        Code("attacked", "Attacked", "Places or positions attacked and not said to be taken.", parent="territory"),
        Code("combatants", "Combatants", "Fighters who took part or were present.", parent="force"),
        Code("air_strikes", "Air strikes", "Attacks from the air, counted by strike.", parent="force"),
        Code("aircraft", "Aircraft", "Aircraft that took part.", parent="force"),
        Code("weapons_seized", "Weapons seized", "Weapons that a party took from another.", parent="force"),
        Code("population", "Population", "People who live in a place.", {"hxl": "#population"}, "context"),
        Code("trade_share", "Share of trade", "The share of a trade that passes through a place.", parent="context"),
    ),
)

UNIT = CodeList(
    name="unit",
    title="Unit",
    description="What one of a figure's number is. Different units are never added.",
    codes=(
        Code("person", "Person", "One human being.", {"idmc": "PERSON"}),
        Code(
            "household",
            "Household",
            "One household or family, of unknown size.",
            {"idmc": "HOUSEHOLD", "hxl": "#affected+hh"},
        ),
        Code("percent", "Per cent", "One hundredth of a whole."),
        Code("thing", "Thing", "One object, strike, weapon or place."),
    ),
)

_WITH_OBJECT = frozenset({"damage", "territory"})
_COUNTS_THINGS = frozenset({"air_strikes", "aircraft", "weapons_seized"})
# Reports count families when they tell of flight, hardship and residents, and never when they tell of the dead.
_COUNTED_BY_HOUSEHOLD = frozenset({"displacement", "affected", "context"})


def _measure(code: str, family: str) -> Measure:
    """What figures of one measure must hold; nearly all of it follows from the family."""
    is_totalled = family != "context"
    if code == "trade_share":
        return Measure(code, family, "share", False, False, ("percent",), is_totalled)
    if family in _WITH_OBJECT or code in _COUNTS_THINGS:
        return Measure(code, family, "things", family in _WITH_OBJECT, False, ("thing",), is_totalled)
    units = ("person", "household") if family in _COUNTED_BY_HOUSEHOLD else ("person",)
    return Measure(code, family, "people", False, code == "displaced", units, is_totalled)


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {code.code: _measure(code.code, code.parent) for code in MEASURE.codes if code.parent is not None}
)


def never_totalled(asked: Mapping[str, Any]) -> str | None:
    """Of the measures and families that are asked for, as lists or with commas, one that is never totalled where none of them
    is; null where a total may be made of some."""
    listed = (asked.get(name, ()) for name in ("measure", "family"))
    measures, families = (one.split(",") if isinstance(one, str) else one for one in listed)
    totalled = {code for one in MEASURES.values() if one.is_totalled for code in (one.code, one.family)}
    given = measures or families
    return given[0] if given and not totalled & set(given) else None
