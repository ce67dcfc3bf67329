"""What a load did: counts of each action, with a few examples. It stays small however large the load."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.load.value_diff import LEFT_OUT, value_diff

# How many examples of each action a load's account names.
MOST_EXAMPLES = 5
# How many examples it tells of each field that changed, as long as they fit into so many characters; one in any case.
_MOST_FIELD_EXAMPLES = 3
_MOST_OF_A_LINE = 140
# The actions in the order in which they are told.
KEPT_FOR_OTHERS = "kept for other datasets"
LEFT_TO_NEWER_RELEASE = "left as a newer release has them"
_ACTIONS = ("created", "updated", "withdrawn", KEPT_FOR_OTHERS, LEFT_TO_NEWER_RELEASE, "unchanged")
# What counts call actions that the history calls otherwise.
COUNTED_AS = {"deleted": "withdrawn", "merged": "withdrawn"}


@dataclass
class _Field:
    """A field that changed: in how many records, and in the first of them from what to what."""

    # Hashes tell a reader nothing.
    is_hash: bool = False
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, identity: str, before: object, after: object) -> None:
        """Notes one record more."""
        self.count += 1
        if self.is_hash:
            return
        if self.count > _MOST_FIELD_EXAMPLES:
            return
        was, now = value_diff(before, after)
        examples = [*self.examples, f"{identity} from {was} to {now}"]
        if len(examples) == 1 or len("; ".join(examples)) <= _MOST_OF_A_LINE:
            self.examples = examples

    def __str__(self) -> str:
        if self.is_hash:
            return f"{self.count:,}, other content than before"
        examples = "; ".join(self.examples)
        return f"{self.count:,}, {examples if len(self.examples) == self.count else f'e.g. {examples}'}"


@dataclass
class _LostValue:
    """A value that is gone: of which record first, and of how many."""

    example: str
    count: int = 0


@dataclass
class LoadResult:
    """What a load did: how many records of each type, a few of each, and which of their fields changed."""

    counts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    examples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    fields: dict[str, dict[str, _Field]] = field(default_factory=lambda: defaultdict(dict))
    # Values that were there and have none in their place: by record type and name how many, with the first record.
    taken_away: dict[str, dict[str, _LostValue]] = field(default_factory=lambda: defaultdict(dict))
    # What is to be known of the load as a whole; null of nearly all.
    remark: str | None = None

    def note(self, record_type: str, action: str, *ids: str) -> None:
        """Notes what happened to records; the action is called as in the history, or unchanged, KEPT_FOR_OTHERS or
        LEFT_TO_NEWER_RELEASE."""
        if ids:
            action_name = COUNTED_AS.get(action, action)
            self.counts[record_type, action_name] += len(ids)
            examples = self.examples[record_type, action_name]
            examples += ids[: MOST_EXAMPLES - len(examples)]

    def note_fields(self, record_type: str, identity: str, fields: Mapping[str, Sequence[Any]]) -> None:
        """Notes which fields of a record were updated, `{field: [from, to]}` as the history has it; each only once."""
        for name, (before, after) in fields.items():
            self.fields[record_type].setdefault(name, _Field(name == "content_hash")).note(
                identity, _in_report(name, before), _in_report(name, after)
            )
            for lost in _taken_away(name, before, after):
                self.taken_away[record_type].setdefault(lost, _LostValue(identity)).count += 1

    def counted(self, record_type: str, action: str) -> int:
        """To how many records of a type this was done; what the history calls deleted or merged is `withdrawn` here."""
        return self.counts.get((record_type, action), 0)

    @property
    def changed_nothing(self) -> bool:
        return all(
            action in ("unchanged", KEPT_FOR_OTHERS, LEFT_TO_NEWER_RELEASE) for _record_type, action in self.counts
        )

    def lines(self) -> Iterator[str]:
        """The account as text: a line for each record type and action, and below it one for each field that changed."""
        if self.remark is not None:
            yield self.remark
        for record_type, action in sorted(self.counts, key=lambda pair: (pair[0], _ACTIONS.index(pair[1]))):
            line = f"{record_type}s {action}: {self.counts[record_type, action]:,}"
            if action == "updated":
                yield line
                yield from self._field_lines(record_type)
            elif action == "unchanged":
                yield line
            else:
                yield f"{line} ({', '.join(self.examples[record_type, action])})"
        if any(LEFT_OUT in str(found) for fields in self.fields.values() for found in fields.values()):
            yield f"examples are shortened: {LEFT_OUT} stands for what is the same on both sides or too long to tell"

    def _field_lines(self, record_type: str) -> Iterator[str]:
        for name, found in sorted(self.fields[record_type].items(), key=lambda pair: (-pair[1].count, pair[0])):
            yield f"  {name}: {found}"
        lost = self.taken_away[record_type]
        if lost:
            told = ", ".join(f"{name} {of.count:,}" for name, of in sorted(lost.items()))
            yield f"  values taken away: {told}, e.g. of {lost[min(lost)].example}"


def _in_report(name: str, value: Any) -> Any:
    """A value as it is told: of names what they say, and not how they are looked up."""
    return [row["name"] for row in value] if name == "names" and value else value


def _taken_away(name: str, before: Any, after: Any) -> Iterator[str]:
    """The values, of a field or of its members, that were there and have none in their place."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from (
            f"{name}.{key}" for key, value in before.items() if not _is_none(value) and _is_none(after.get(key))
        )
    elif not _is_none(before) and _is_none(after):
        yield name


def _is_none(value: Any) -> bool:
    return value is None or value in ("", [], {})
