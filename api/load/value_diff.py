"""Shows two values of a field as short texts that differ visibly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Stands for whatever is not told: what is the same on both sides, and what is too long.
LEFT_OUT = "…"
# How many characters of a value are told: two values and an id fit into two lines of a terminal.
_LONGEST = 60
# How many characters that two long texts share are told before the first that differs.
_LEAD_IN = 20


def value_diff(before: object, after: object) -> tuple[str, str]:
    """Both as short text; of long ones what they share is left out: members, rows, and how a text begins."""
    if isinstance(before, dict) and isinstance(after, dict):
        return _members(before, after)
    if isinstance(before, list) and isinstance(after, list):
        return _rows(before, after)
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _LONGEST:
        return _long_texts(before, after)
    return _text(before), _text(after)


def _members(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, str]:
    every = {**after, **before}
    names = [name for name in every if not (name in before and name in after and before[name] == after[name])]
    pairs = {name: value_diff(before.get(name), after.get(name)) for name in names}
    rest = [LEFT_OUT] if len(names) < len(every) else []
    was = [f"{name}: {pairs[name][0]}" for name in names if name in before]
    now = [f"{name}: {pairs[name][1]}" for name in names if name in after]
    return _listed("{", [*was, *rest], "}"), _listed("{", [*now, *rest], "}")


def _rows(before: Sequence[object], after: Sequence[object]) -> tuple[str, str]:
    gone = [row for row in before if row not in after]
    come = [row for row in after if row not in before]
    if not gone and not come:
        # The same rows in another order, or some of them twice.
        gone, come = list(before), list(after)
    # Told in pairs, or long rows that differ at their ends would look the same.
    pairs = [value_diff(was, now) for was, now in zip(gone, come, strict=False)]
    rest = [LEFT_OUT] if len(gone) < len(before) or len(come) < len(after) else []
    told_gone = [*(was for was, _now in pairs), *map(_text, gone[len(pairs) :]), *rest]
    told_come = [*(now for _was, now in pairs), *map(_text, come[len(pairs) :]), *rest]
    return _listed("[", told_gone, "]"), _listed("[", told_come, "]")


def _long_texts(before: str, after: str) -> tuple[str, str]:
    both = zip(before, after, strict=False)
    shortest = min(len(before), len(after))
    shared = next((place for place, (was, now) in enumerate(both) if was != now), shortest)
    # From the word in which they part, if it is not too long itself.
    start = max(before.rfind(" ", 0, shared) + 1, shared - _LEAD_IN)
    lead = LEFT_OUT if start else ""
    return _quoted(lead + before[start:]), _quoted(lead + after[start:])


def _text(value: object) -> str:
    """A value as it is read aloud; a text stands in quotation marks where it is not one word."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return _listed("{", [f"{name}: {_text(member)}" for name, member in value.items()], "}")
    if isinstance(value, list):
        return _listed("[", list(map(_text, value)), "]")
    if isinstance(value, str) and (value == "" or " " in value):
        return _quoted(value)
    return _cut(str(value))


def _listed(start: str, told: Sequence[str], end: str) -> str:
    return _cut(start + ", ".join(told) + end)


def _quoted(text: str) -> str:
    return f"'{_cut(text)}'"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(LEFT_OUT)] + LEFT_OUT
