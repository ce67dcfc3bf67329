"""The same conditions as in narrow.py for very many records: what other tables leave is found first, as sets of numbers.

Looked at one by one, each record of a total would be a visit to every table that a filter asks of. Knows no parameter by
name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import aliased

from api.declare.filter import Filter, Subject
from api.expressions import unindexed
from api.models import Event, Figure, Participation, Report
from api.narrow import SAYING, Understood, all_of, all_on, but_for, by_subject, events, figures, some

Asked = tuple[Filter, Any]


def events_of_many(understood: Understood) -> ColumnElement[bool]:
    """The condition on `event`, looked at on very many of them: what words and groups leave is found first."""
    found = by_subject(understood)
    elsewhere = [(wanted, value) for wanted, value in found[Subject.EVENT] if wanted.start is not None]
    taking_part, said = found[Subject.PARTICIPATION], found[Subject.SAID]
    apart = {wanted for wanted, _value in (*elsewhere, *taking_part, *said)}
    conditions = [events({wanted: value for wanted, value in understood.items() if wanted not in apart})]
    if said:
        conditions.append(or_(*(some(by, by.event_number == Event.number, said) for by in SAYING)))
    return all_of(*conditions, *_among(unindexed(Event.number), elsewhere, taking_part))


def figures_of_many(understood: Understood) -> ColumnElement[bool]:
    """The condition on `figure`, looked at on very many of them: the events that filters leave are found first."""
    found = by_subject(understood)
    happened, taking_part = found[Subject.EVENT], found[Subject.PARTICIPATION]
    rest = figures(but_for(understood, Subject.EVENT, Subject.PARTICIPATION))
    # An index of the numbers would lead to the figures one by one, and to their rows.
    return all_of(rest, *_among(unindexed(Figure.event_number), happened, taking_part))


def _among(number: Any, happened: Sequence[Asked], taking_part: Sequence[Asked]) -> Iterator[ColumnElement[bool]]:
    """The conditions that a number is among those of the events that these filters leave."""
    for one in happened:
        yield number.in_(_numbers(Subject.EVENT, [one]))
    if taking_part:
        yield number.in_(_numbers(Subject.PARTICIPATION, taking_part))


def events_by_number(understood: Understood, on: Any) -> ColumnElement[bool]:
    """The same condition on very many events, or on rows that know theirs by number: what an index of these holds is asked
    of them, and all else is found first, as a set of numbers.

    Filters on a part, or on who says so, hold of the one that is looked at.
    """
    own: list[Asked] = []
    elsewhere: dict[Subject, list[Asked]] = defaultdict(list)
    for wanted, value in understood.items():
        if wanted.subject is _ITS_OWN.get(on) or (on is not Report and wanted.is_of_parts(value)):
            own.append((wanted, value))
        else:
            # What both events and figures have is the event's here.
            subject = Subject.EVENT if wanted.subject is Subject.RECORD else wanted.subject
            elsewhere[subject].append((wanted, value))
    number = on.number if on is Event else on.event_number
    if on is Report:
        # No index leads from numbers to reports, and SQLite would try each verification with each number.
        number = unindexed(number)
    return all_of(*all_on(own, on), *(number.in_(_numbers(subject, listed)) for subject, listed in elsewhere.items()))


_ITS_OWN: Mapping[Any, Subject] = {Participation: Subject.PARTICIPATION, Report: Subject.SAID}
_KNOWING: Mapping[Subject, tuple[Any, ...]] = {
    Subject.PARTICIPATION: (Participation,),
    Subject.FIGURE: (Figure,),
    Subject.SAID: SAYING,
}


def _numbers(subject: Subject, listed: Sequence[Asked]) -> Any:
    """The numbers of the events of which these filters of one subject hold, or of one thing of theirs."""
    if subject is Subject.EVENT:
        (wanted, value), *others = listed
        if wanted.start is not None and not others:
            return wanted.start(value)
        happened = aliased(Event)
        return select(happened.number).where(*all_on(listed, happened))
    found = [select(on.event_number).where(*all_on(listed, on)) for on in map(aliased, _KNOWING[subject])]
    return found[0] if len(found) == 1 else union(*found)
