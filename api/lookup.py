"""What the names in a question mean: groups, places, events and documents, found in the database.

Knows no request. Refuses what is unknown, with what is close, and what is ambiguous, with the candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    literal,
    literal_column,
    or_,
    select,
    text,
)

from api.declare.filter import Asked, InForm
from api.errors import CLOSE_ENOUGH, AmbiguousName, Fault, UnknownName, refuse
from api.forms import run_with
from api.models import (
    Change,
    Claim,
    Dataset,
    Document,
    Event,
    EventWords,
    Figure,
    Group,
    GroupName,
    GroupRelation,
    Location,
    LocationName,
    Report,
    Revision,
)
from api.names import folded

# How many candidates or near matches an error names.
MOST_CANDIDATES = 10
# How many values on each side of an unknown one are compared with it. Most mistakes are behind the first letters.
MOST_NEIGHBOURS = 2_000
# The longest word that PostgreSQL indexes; it refuses to be asked for a longer one.
MOST_WORD_BYTES = 2046

# Words that may follow a place's name and say its level.
_LEVEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "country": ("country",),
    "state": ("state_or_region", "area"),
    "region": ("state_or_region", "area"),
    "division": ("state_or_region", "area"),
    "area": ("area",),
    "district": ("district",),
    "township": ("township",),
    "town": ("town",),
    "village": ("village",),
    "site": ("site",),
}


class Place(NamedTuple):
    """A location as filters need it: the column of its level holds its id, or its code for a country."""

    id: str
    level: str
    country: str | None

    def in_form(self) -> InForm:
        """Its level decides which column is asked."""
        return (self.id, self.country), lambda parts: Place(parts[0], self.level, parts[1]), self.level


class Member(NamedTuple):
    """A group that is asked about, and when it counts: always, or while it was a member."""

    group_id: str
    since: date | None
    until: date | None

    def in_form(self) -> InForm:
        """Nothing but which of the days are there decides what is asked."""
        return tuple(self), Member._make, None


@dataclass(frozen=True, slots=True)
class DatabaseLookUp:
    """Look-ups on one connection."""

    connection: Connection

    def resolve(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[Any]:
        """The records that these names mean, for this parameter."""
        match parameter:
            case "location" | "parent":
                return [self._location(parameter, name, asked) for name in names]
            case "group":
                found = [self._group(name) for name in names]
                return self._members(found) if asked.get("include_members") else [Member(i, None, None) for i in found]
            case "claimant":
                return [claimant for name in names for claimant in self._claimants(name)]
            case "country":
                return self._known(parameter, names, _countries)
            case _:
                return self._ids(parameter, names, asked)

    # --- By id ---------------------------------------------------------------------------------------------------

    def _ids(self, parameter: str, names: Sequence[str], asked: Asked) -> Sequence[str]:
        model = _BY_PARAMETER[asked["resource"] if parameter == "id" else parameter]
        return self._known(parameter, names, _IDS[model])

    def _known(self, parameter: str, names: Sequence[str], select_known: Callable[[], Select[Any]]) -> Sequence[str]:
        """The names themselves, where every one is among those that are known."""

        def among(slots: Sequence[Any]) -> Select[Any]:
            known = select_known()
            (column,) = known.selected_columns
            return known.where(column.in_(slots))

        found = {name for (name,) in run_with(self.connection, ("known", select_known), names, among)}
        if found.issuperset(names):
            return names
        known = select_known()
        faults = []
        for name in names:
            if name not in found:
                withdrawn = self.connection.scalar(
                    select(Change.number).where(Change.record_id == name, Change.action == "deleted").limit(1)
                )
                near = self._near(name, self._neighbours(known, name))
                what = f"'{name}' was withdrawn" if withdrawn is not None else f"there is no {parameter} '{name}'"
                faults.append(_unknown(parameter, what, [(identity, identity) for identity in near]))
        if faults:
            raise refuse(faults)
        return names

    def near_ids(self, model: Any, identity: str) -> list[str]:
        """Ids close to one that is not there."""
        return self._near(identity, self._neighbours(select(model.id), identity))

    def _neighbours(self, known: Select[Any], name: str) -> list[Any]:
        """The known values that stand closest to this one in their order: all of a few, some of a million."""
        (column,) = known.selected_columns
        sides = (
            known.where(column >= name).order_by(column.asc()),
            known.where(column < name).order_by(column.desc()),
        )
        return [value for side in sides for value in self.connection.scalars(side.limit(MOST_NEIGHBOURS))]

    @staticmethod
    def _near(name: str, known: Iterable[str | None]) -> list[str]:
        listed = [value for value in known if value is not None]
        found = process.extract(
            name, listed, scorer=fuzz.ratio, processor=folded, limit=MOST_CANDIDATES, score_cutoff=CLOSE_ENOUGH
        )
        return [match for match, _score, _index in found]

    # --- Places --------------------------------------------------------------------------------------------------

    def _location(self, parameter: str, name: str, asked: Asked) -> Place:
        rows = self._answering(LocationName, "location_id", name)
        if not rows:
            rows = self._of_level(folded(name))
        if not rows:
            near = self._near_names(LocationName, "location_id", name)
            raise refuse([_unknown(parameter, f"no place is called '{name}' (they are at /v1/locations)", near)])
        places = self._places(rows)
        if len(places) > 1:
            places = self._narrowed(places, asked)
        outermost = [place for place in places if all(_contains(place, other) for other in places)]
        if len(outermost) == 1:
            return Place(outermost[0]["id"], outermost[0]["level"], outermost[0]["country"])
        candidates = [{"id": row["id"], "name": row["name"], "level": row["level"]} for row in places]
        raise refuse([_ambiguous(parameter, f"{len(places)} places are called '{name}'", candidates)])

    def _answering(self, names: Any, owner: str, name: str, levels: Sequence[str] = ()) -> list[str]:
        """The records that answer to a name at the first rank where any does."""
        column = getattr(names, owner)

        def answering(slots: Sequence[Any]) -> Select[Any]:
            found = select(names.rank, column).where(names.folded == slots[0]).order_by(names.rank, column).distinct()
            if not levels:
                return found
            return found.join(Location, Location.id == column).where(Location.level.in_(levels), names.rank >= 2)

        rows = run_with(self.connection, ("answering", owner, *levels), [folded(name)], answering)
        best = [identity for rank, identity in rows if rank == rows[0][0]]
        # An id as it stands means that record, though another's may be the same without hyphens.
        return [name] if name in best else best

    def _of_level(self, key: str) -> list[str]:
        """Places of a level that is written behind their name: `Kawlin town`."""
        for word, levels in _LEVEL_WORDS.items():
            if key.endswith(word) and len(key) > len(word):
                rows = self._answering(LocationName, "location_id", key.removesuffix(word), levels)
                if rows:
                    return rows
        return []

    def _places(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        columns = list(Location.__table__.columns)
        rows = run_with(
            self.connection,
            "places",
            ids,
            lambda slots: select(*columns).where(Location.id.in_(slots)).order_by(Location.id),
        )
        return [dict(zip(_PLACE_COLUMNS, row, strict=True)) for row in rows]

    def _narrowed(self, places: list[Mapping[str, Any]], asked: Asked) -> list[Mapping[str, Any]]:
        """The candidates that lie in the countries asked for, and that the datasets asked for use."""
        if "country" in asked:
            places = [place for place in places if place["country"] in asked["country"]] or places
        if "dataset" in asked:
            places = [place for place in places if self._is_used(place, asked["dataset"])] or places
        return places

    def _is_used(self, place: Mapping[str, Any], datasets: Sequence[str]) -> bool:
        key = place["country"] if place["level"] == "country" else place["id"]
        lies_there = [
            exists(select(1).where(getattr(model, place["level"]) == key, model.dataset_id.in_(datasets)))
            for model in (Event, Figure)
        ]
        return bool(
            self.connection.scalar(
                select(or_(*lies_there, literal_column(str(int(place["dataset_id"] in datasets))) == 1))
            )
        )

    # --- Groups --------------------------------------------------------------------------------------------------

    def _group(self, name: str, parameter: str = "group") -> str:
        found = self._answering(GroupName, "group_id", name)
        if not found:
            near = self._near_names(GroupName, "group_id", name)
            raise refuse([_unknown(parameter, f"no group is called '{name}' (they are at /v1/groups)", near)])
        if len(found) > 1:
            rows = self.connection.execute(select(Group.id, Group.name, Group.country).where(Group.id.in_(found)))
            candidates = [dict(row) for row in rows.mappings()]
            raise refuse([_ambiguous(parameter, f"{len(found)} groups are called '{name}'", candidates)])
        return found[0]

    def _members(self, groups: Sequence[str]) -> list[Member]:
        """The groups and their members to any depth, each with the time in which its whole chain of membership held."""
        found = [Member(group, None, None) for group in groups]
        waiting = list(found)
        while waiting:
            above = waiting.pop()
            rows = self.connection.execute(
                select(GroupRelation.from_group_id, GroupRelation.valid_from, GroupRelation.valid_to).where(
                    GroupRelation.to_group_id == above.group_id, GroupRelation.type == "member_of"
                )
            )
            for identity, valid_from, valid_to in rows:
                member = Member(identity, _later(above.since, valid_from), _earlier(above.until, valid_to))
                is_never = member.since is not None and member.until is not None and member.since > member.until
                if not is_never and not any(_covers(known, member) for known in found):
                    found.append(member)
                    waiting.append(member)
        return found

    # --- Claimants -----------------------------------------------------------------------------------------------

    def _claimants(self, name: str) -> list[str]:
        """What records hold as their claimant for this name: the words themselves, or a group's id."""
        known = (
            select(Claim.claimant)
            .where(Claim.claimant.is_not(None))
            .union(select(Report.claimant).where(Report.claimant.is_not(None)))
        )
        exact = select(1).where(or_(exists().where(Claim.claimant == name), exists().where(Report.claimant == name)))
        if self.connection.scalar(exact) is not None:
            return [name]
        groups = self._answering(GroupName, "group_id", name)
        if len(groups) == 1:
            return groups
        words = [value for value in self.connection.scalars(known) if value and folded(value) == folded(name)]
        if words:
            return words
        if groups:
            raise refuse(
                [_ambiguous("claimant", f"several groups are called '{name}'", [{"id": group} for group in groups])]
            )
        near = self._near(name, self.connection.scalars(known).all())
        raise refuse(
            [_unknown("claimant", f"nobody called '{name}' claims anything", [(value, value) for value in near])]
        )

    # --- Words and subtrees --------------------------------------------------------------------------------------

    def full_text(self, words: Sequence[str]) -> tuple[Select[Any], Select[Any]]:
        """A select of the ids of events whose words hold all of these, and one of as many rows, for counting."""
        if self.connection.dialect.name != "sqlite" or not _are_indexable(words):
            ids = select(EventWords.event_id.label("id")).where(self._matching(words))
            return ids, ids
        asked = " ".join(f'"{word}"' for word in words)
        rows: Select[Any] = (
            select(literal_column("rowid").label("id"))
            .select_from(text("event_search"))
            .where(text("event_search MATCH :words").bindparams(words=asked))
        )
        return select(EventWords.event_id.label("id")).where(EventWords.number.in_(rows)), rows

    def holding(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition on one event's words that they hold all of these."""
        return self._matching(words)

    def _matching(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition as it is quickest looked at on one row."""
        if not _are_indexable(words):
            return false()
        if self.connection.dialect.name == "postgresql":
            # As the index has it, since the planner knows from there how frequent a word is. Words come folded and
            # without quotes, so quoting them is all that a tsquery needs.
            found = text("array_to_tsvector(string_to_array(words, ' ')) @@ CAST(:words AS tsquery)")
            return and_(found.bindparams(words=" & ".join(f"'{word}'" for word in words)))
        between = literal(" ") + EventWords.words + literal(" ")
        return and_(*(between.contains(f" {word} ", autoescape=True) for word in words))

    def longest_days(self) -> int:
        """How many days the longest period of any event or figure takes, from its first day to its last."""
        rows = run_with(self.connection, "longest days", (), lambda _slots: select(Revision.longest_days))
        return 0 if not rows else int(rows[0][0])

    def subtree(self, events: Sequence[str]) -> Sequence[str]:
        """These events and all that are part of them, at any depth."""
        found = list(dict.fromkeys(events))
        waiting = found
        while waiting:
            below = self.connection.scalars(select(Event.id).where(Event.part_of.in_(waiting), Event.id.not_in(found)))
            waiting = list(below)
            found += waiting
        return found

    def _near_names(self, names: Any, owner: str, name: str) -> list[tuple[str, str]]:
        """Ids and names close to one that nobody has."""
        rows = self.connection.execute(select(getattr(names, owner), names.name, names.folded)).all()
        matches = process.extract(
            folded(name),
            [row.folded for row in rows],
            scorer=fuzz.ratio,
            limit=MOST_CANDIDATES * 3,
            score_cutoff=CLOSE_ENOUGH,
        )
        found: dict[str, str] = {}
        for _match, _score, index in matches:
            found.setdefault(rows[index][0], rows[index][1])
        return list(found.items())[:MOST_CANDIDATES]


_BY_PARAMETER: Mapping[str, Any] = {
    "dataset": Dataset,
    "document": Document,
    "event": Event,
    "part_of": Event,
    "events": Event,
    "figures": Figure,
    "groups": Group,
    "locations": Location,
    "documents": Document,
    "datasets": Dataset,
}


def _countries() -> Select[Any]:
    return select(Location.country).where(Location.level == "country")


# One function for each, since the form of a question is told by it.
_IDS: Mapping[Any, Callable[[], Select[Any]]] = {model: partial(select, model.id) for model in _BY_PARAMETER.values()}
_PLACE_COLUMNS = tuple(column.key for column in Location.__table__.columns)


def _are_indexable(words: Sequence[str]) -> bool:
    return all(len(word.encode()) <= MOST_WORD_BYTES for word in words)


def _contains(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> bool:
    key = outer["country"] if outer["level"] == "country" else outer["id"]
    return bool(inner[outer["level"]] == key)


def _unknown(parameter: str, what: str, near: Sequence[tuple[str, str]]) -> Fault:
    meant = near[0][1] if near else None
    hint = f" Did you mean '{meant}'?" if meant is not None else ""
    candidates = [{"id": identity, "name": name} for identity, name in near]
    return Fault(parameter, f"In '{parameter}', {what}.{hint}", UnknownName, did_you_mean=meant, candidates=candidates)


def _ambiguous(parameter: str, what: str, candidates: Sequence[Mapping[str, str | None]]) -> Fault:
    ids = ", ".join(str(candidate["id"]) for candidate in candidates)
    return Fault(
        parameter, f"In '{parameter}', {what}: {ids}. Use the id of one.", AmbiguousName, candidates=candidates
    )


def _later(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else max(one, other)


def _earlier(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else min(one, other)


def _covers(known: Member, member: Member) -> bool:
    """Whether a group is already counted for all the time of this membership."""
    return (
        known.group_id == member.group_id
        and (known.since is None or (member.since is not None and known.since <= member.since))
        and (known.until is None or (member.until is not None and member.until <= known.until))
    )
