"""Says in words what changed of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages.wording import spoken

# How many letters of what changed are read at a glance.
READABLE = 240


def differences(fields: Mapping[str, Any] | None, readable: int | None = None) -> list[str]:
    """What changed of a record, in words: from, to, or of a list what came and what went; of more letters than are
    `readable` the name alone."""
    found = []
    for name, told_of in (fields or {}).items():
        before, after = told_of if isinstance(told_of, list) and len(told_of) == 2 else (None, told_of)
        told = _difference(before, after)
        is_short = told and (readable is None or len(told) <= readable)
        found.append(f"{spoken(name)}: {told}" if is_short else spoken(name))
    return found


def _difference(before: Any, after: Any) -> str:
    """What became of a value, in words; empty where its words do not tell."""
    if isinstance(after, list) and (before is None or isinstance(before, list)):
        came = [_in_words(one) for one in after if one not in (before or [])]
        went = [_in_words(one) for one in before or [] if one not in after]
        told = [f"{', '.join(words)} {what}" for words, what in ((came, "added"), (went, "taken out")) if any(words)]
        return "; ".join(told)
    written, now = _in_words(before), _in_words(after)
    if written == now:
        return ""
    return f"{written} → {now or 'nothing'}" if written else f"{now}, new"


def _in_words(value: Any) -> str:
    """A value in words; empty where there is none."""
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(_in_words(one) for one in value)
    if isinstance(value, dict):
        told = {name: _in_words(one) for name, one in value.items()}
        return told.get("name") or ", ".join(f"{spoken(name).lower()} {words}" for name, words in told.items() if words)
    return str(value)
