"""Says what ACLED's codes mean in ours: types, roles, whose dead, and how well the day is known.

Types and subtypes are tied by the codebook's own labels of ACLED. Files of before 2019 have one column of types, which
stand in `codes.csv` with the type or subtype that each is.

Roles. ACLED says of its two actors that their order tells nothing of who attacked. What follows from the kinds of event
and actor is taken from there and marked as stated: unarmed people are the target of violence against civilians. The rest
is inferred. Where two armed sides fight, both are attackers, as in UCDP's events, but for the one that takes a place from
the other. Where nobody uses force (a peaceful protest, an agreement), both are claimants: they are told of, and no role
of ours says less. Associates of unarmed people say who these were and have their role; other associates are supporters.

Whose dead. ACLED counts the dead of an event together and does not say whose they are. They are civilians where the event
targets civilians or nobody else takes part, and one side's where both sides are of its kind; else it is not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import NamedTuple

from api.domain.codebook import CODEBOOK
from seeds.acled.actors import CIVILIANS, CODES, PEOPLE, PROTESTERS, REBELS, RIOTERS, STATE_FORCES
from seeds.importer.code_tables import codes
from seeds.importer.records import TYPE_OF, Unknown, When
from seeds.importer.report import Unreadable
from seeds.importer.values import single_spaced

# A role and how certain it is.
Role = tuple[str, str]


def _by_label(name: str) -> dict[str, str]:
    return {code.crosswalk["acled"].casefold(): code.code for code in CODEBOOK[name].codes if "acled" in code.crosswalk}


_TYPES = _by_label("event_type")
_SUBTYPES = _by_label("event_subtype")
LABELS: Mapping[str, str] = {
    code.code: code.label for name in ("event_type", "event_subtype") for code in CODEBOOK[name].codes
}
# One type then, told apart by who they were.
_RIOTS_PROTESTS = "riots/protests"
_RIOTS_PROTESTS_BY: Mapping[int, str] = {RIOTERS: "riots", PROTESTERS: "protests"}

_UNARMED = frozenset({PROTESTERS, CIVILIANS})
_ATTACKER, _TARGET = ("attacker", "stated"), ("target", "stated")
_CLAIMANT = ("claimant", "inferred")
_TARGETING = ("civilian targeting", "civilians targeted")
CIVILIAN_TARGETING = "Civilian targeting"


class Kind(NamedTuple):
    """The type and subtype of an event; `mends` says what did not fit together, `unknown` which codes nobody knew."""

    type: str
    subtype: str | None
    mends: str | None
    unknown: Sequence[Unknown] = ()


def kind(event_type: str, sub_event_type: str, inters: tuple[int, int]) -> Kind:
    """The type and subtype of an event. Errors: Unreadable, where neither is known.

    A type that nobody knew is that of the subtype; a subtype that nobody knew is none.
    """
    printed, sub_printed = single_spaced(event_type).casefold(), single_spaced(sub_event_type).casefold()
    former = codes(CODES)["event_type"].get(printed)
    known = _SUBTYPES.get(sub_printed) or codes(CODES)["sub_event_type"].get(sub_printed)
    own = None
    if printed == _RIOTS_PROTESTS:
        type_ = _riots_or_protests(event_type, inters)
    elif former is not None:
        parent = TYPE_OF.get(former)
        type_, own = (former, None) if parent is None else (parent, former)
    elif printed in _TYPES:
        type_ = _TYPES[printed]
    elif known is not None and (parent := TYPE_OF[known]) is not None:
        return Kind(parent, known, None, (("event_type", event_type, parent),))
    else:
        raise Unreadable("event_type", f"'{event_type}' is no type that ACLED has had")
    if not sub_printed:
        return Kind(type_, own, None)
    if known is None:
        return Kind(type_, own, None, (("sub_event_type", sub_event_type, "not told"),))
    if TYPE_OF[known] != type_:
        return Kind(type_, None, f"{sub_event_type} among {event_type}")
    return Kind(type_, known, None)


def _riots_or_protests(event_type: str, inters: tuple[int, int]) -> str:
    """Which of the two it is, by the first of the actors who is in a crowd. Errors: Unreadable, where neither is."""
    found = next((_RIOTS_PROTESTS_BY[code] for code in inters if code in _RIOTS_PROTESTS_BY), None)
    if found is None:
        message = f"whether '{event_type}' are riots or protests is told by rioters or protesters among the actors, and neither is one"
        raise Unreadable("event_type", message)
    return found


def roles(type_: str, subtype: str | None, inter1: int, inter2: int) -> tuple[Role, Role]:
    """The parts of the two actors; a code of 0 is no actor."""
    match type_, subtype:
        case "battles", ("government_regains_territory" | "non_state_actor_overtakes_territory"):
            if (inter1 == STATE_FORCES) != (inter2 == STATE_FORCES):
                is_first = (inter1 == STATE_FORCES) == (subtype == "government_regains_territory")
                took, lost = ("attacker", "inferred"), ("defender", "inferred")
                return (took, lost) if is_first else (lost, took)
            return ("attacker", "inferred"), ("attacker", "inferred")
        case "battles", _:
            return ("attacker", "inferred"), ("attacker", "inferred")
        case (("violence_against_civilians" | "explosions_remote_violence"), _):
            return _one_sided(inter1, inter2)
        case "strategic_developments", ("arrests" | "looting_property_destruction"):
            return ("attacker", "inferred"), ("target", "inferred")
        case "riots", _:
            return _in_crowd(inter1), _in_crowd(inter2)
        case "protests", ("excessive_force_against_protesters" | "protest_with_intervention"):
            return (_TARGET if inter1 in _UNARMED else _ATTACKER), (_TARGET if inter2 in _UNARMED else _ATTACKER)
    return _CLAIMANT, _CLAIMANT


def _one_sided(inter1: int, inter2: int) -> tuple[Role, Role]:
    if (inter1 in _UNARMED) != (inter2 in _UNARMED):
        return (_TARGET, _ATTACKER) if inter1 in _UNARMED else (_ATTACKER, _TARGET)
    return (_ATTACKER if not inter2 else ("attacker", "inferred")), ("target", "inferred")


def _in_crowd(inter: int) -> Role:
    if inter in _UNARMED:
        return _TARGET
    return _ATTACKER if inter == RIOTERS else ("attacker", "inferred")


def associates(role: Role, inter: int) -> Role:
    """The part of those who are named beside an actor."""
    return (role[0] if inter in PEOPLE else "supporter", "inferred")


def targets_civilians(printed: str) -> bool | None:
    """Whether an event targets civilians, as the column says; null where it says something else."""
    text = single_spaced(printed).casefold()
    return True if text in _TARGETING else None if text else False


def population(type_: str, is_targeting: bool, inter1: int, inter2: int) -> str:
    """Whose people the dead of an event are."""
    sides = {inter1, inter2} - {0}
    if is_targeting or type_ == "violence_against_civilians" or (sides and sides <= PEOPLE):
        return "civilians"
    if type_ == "battles" and inter1 == inter2:
        return {STATE_FORCES: "state_forces", REBELS: "armed_opposition"}.get(inter1, "unspecified")
    return "unspecified"


# --- Days --------------------------------------------------------------------------------------------------------

_WEEK_EITHER_SIDE = timedelta(days=3)
DAY, WEEK, MONTH = "1", "2", "3"


def when(day: date, time_precision: str) -> When:
    """The days that an event may have happened on. Errors: Unreadable.

    With precision 2 ACLED gives the middle of the week that is meant, with 3 a day of the month; a precision that nobody knew
    is taken as the widest.
    """
    if day.year in (MINYEAR, MAXYEAR):
        # The week or month around it may hold days that there are none of.
        raise Unreadable("event_date", f"'{day}' is in no year of ours")
    if time_precision == DAY:
        return When(day, day, "day")
    if time_precision == WEEK:
        start, end = day - _WEEK_EITHER_SIDE, day + _WEEK_EITHER_SIDE
        return When(start, end, "week", "The publisher gives the middle of a week.")
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    reason = "The publisher gives a day of the month." if time_precision == MONTH else "How closely is not known."
    return When(day.replace(day=1), following - timedelta(days=1), "month", reason)
