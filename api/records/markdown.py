"""Writes an answer in JSON as Markdown, for those who read text: a record as a list of its keys, many as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

# Rows that one table shows: more are told by their number, with where they are.
MOST_ROWS = 50
# Words of a reference that stand for the rest of it.
_NAMED = ("title", "name", "id", "start")
# What a row of totals has beside its values for those who draw it.
_TO_DRAW = ("key", "labels", "starts", "points")
# What is told of a record that a value names, behind its name.
_TOLD_OF_NAMED = ("id", "role", "certainty", "type", "direction")


def markdown(body: bytes) -> bytes:
    """The Markdown of a record, or of a page of records or totals, as its JSON says it."""
    found = orjson.loads(body)
    lines = _page(found) if isinstance(found.get("data"), list) else _record(found)
    return ("\n".join(lines) + "\n").encode()


def _page(page: Mapping[str, Any]) -> Iterator[str]:
    rows = [_named_row(row) if "key" in row else row for row in page["data"][:MOST_ROWS]]
    yield f"{len(rows):,} of {page['total']:,}."
    if page.get("additive") is False:
        yield "\nThese rows overlap and must not be added up."
    yield from _table(rows)
    if len(rows) < len(page["data"]):
        yield f"\nThis table ends after {MOST_ROWS} rows: ask for `limit={MOST_ROWS}`, and follow `next`."
    elif page["next"] is not None:
        yield f"\nNext: <{page['next']}>"
    if not page["total"]:
        yield from _told_of_nothing(page)
    for source in page["sources"]:
        yield f"\nSource: {escaped(source['citation'])} Licence: {escaped(source['licence'])}."


def _told_of_nothing(page: Mapping[str, Any]) -> Iterator[str]:
    """What tells an empty answer from a gap."""
    if page.get("unmatched_words"):
        yield f"\nNo record has {', '.join(map(escaped, page['unmatched_words']))}."
    covered = [one for one in page["coverage"]["by_dataset"] if one["first_date"] is not None]
    for one in covered:
        where = f", with events in {', '.join(one['countries'])}" if one["countries"] else ""
        yield f"\nCovered by {escaped(one['dataset'])}: {one['first_date']} to {one['last_date']}{where}."
    if covered:
        yield "\nOn other days an empty answer is a gap, and in other countries it may be one."


def _named_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of totals with a column for each dimension, which says what its value is called."""
    named = {
        name: row["labels"][name] if name in row.get("labels", ()) else value for name, value in row["key"].items()
    }
    return {**named, **{name: value for name, value in row.items() if name not in _TO_DRAW}}


def _record(record: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {escaped(next((record[name] for name in _NAMED if record.get(name)), 'Answer'))}\n"
    tables = {}
    for key, value in record.items():
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            tables[key] = value
        else:
            yield f"- {key}: {_cell(value)}"
    for key, value in tables.items():
        yield f"\n## {key}"
        yield from _table(value)


def _table(rows: Sequence[Any]) -> Iterator[str]:
    """Rows under the keys that any of them has, where some row has a value."""
    named = dict.fromkeys(key for row in rows for key, value in row.items() if value not in (None, [], {}))
    if not named:
        return
    yield "\n| " + " | ".join(named) + " |"
    yield "|" + "---|" * len(named)
    for row in rows:
        yield "| " + " | ".join(_cell(row.get(key)) for key in named) + " |"


def _cell(value: Any) -> str:
    """A value in one line: a period by its days, what has a name by it, any other object by its members."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        if {"start", "end", "precision"} <= value.keys():
            return value["start"] if value["precision"] == "day" else "{start} to {end} ({precision})".format(**value)
        called = next((value[name] for name in ("title", "name") if value.get(name)), None)
        if called is not None and value.get("id"):
            return escaped(f"{called} ({', '.join(value[name] for name in _TOLD_OF_NAMED if value.get(name))})")
        if all(isinstance(member, str) and member.startswith("/") for member in value.values()):
            return ", ".join(f"[{key}]({path})" for key, path in value.items())
        if "measure" in value and "claims" in value:
            counted = " ".join(value[name] for name in ("measure", "population", "object") if value.get(name))
            return f"{escaped(counted)} {' / '.join(_cell(value[name]) or '-' for name in ('low', 'best', 'high'))}"
        told = (f"{key}: {_cell(member)}" for key, member in value.items() if member not in (None, [], {}))
        return ", ".join(told)
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    return escaped(value)


def escaped(value: Any) -> str:
    """Text in which nothing is taken for Markdown's own."""
    text = " ".join(str(value).split())
    return "".join(f"\\{character}" if character in "\\|<>`*_[]#" else character for character in text)
