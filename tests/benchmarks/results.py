"""What was measured, kept in a file beside the page, so that a run of one part replaces that part alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.targets import BY_KEY, SECTIONS, written_in
from tests.benchmarks.wrk import Reading

# So many of the slowest questions are kept with their addresses.
TOLD = 5


@dataclass
class Results:
    """What came of one engine over one kind of data."""

    engine: str
    data: str
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Subjects side by side: requests a second, or milliseconds alone, by question and then by who was asked.
    beside: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    # The section that is measured now.
    section: str = ""

    def keep(self, key: str, value: float, detail: str | Iterable[str] = "") -> None:
        """Keeps the value of a target, and tells it on the way."""
        target = BY_KEY[key]
        listed = [detail] if isinstance(detail, str) else list(detail)
        self.values[key] = {"value": value, "detail": [told for told in listed if told]}
        met = {True: "met", False: "NOT MET", None: ""}[target.is_met(self.engine, self.data, value)]
        told_detail = f" ({listed[0]})" if listed and listed[0] else ""
        say(f"    {target.workload}: {written_in(target.unit, value)}{told_detail} {met}")

    def compare(self, question: str, who: str, value: float) -> None:
        """Keeps what one of several who are compared reached."""
        self.beside.setdefault(question, {})[who] = value

    def note(self, text: str) -> None:
        """Keeps a sentence about this section that the page has to tell."""
        self.notes.setdefault(self.section, []).append(text)
        say(f"    {text}")


def say(text: str) -> None:
    """Progress, on standard error."""
    click.echo(text, err=True)


def told_reading(name: str, reading: Reading) -> None:
    say(
        f"    {name}: {reading.requests_per_second:,.0f} requests/s, median {reading.median_ms:,.2f} ms, "
        f"p99 {reading.p99_ms:,.2f} ms, {reading.bytes_per_answer:,.0f} bytes"
    )


def slowest(taken: Mapping[str, float]) -> list[str]:
    """The slowest questions with their milliseconds, for the details."""
    ordered = sorted(taken, key=taken.__getitem__, reverse=True)[:TOLD]
    return [f"{taken[path]:,.1f} ms: {path}" for path in ordered]


def read(file: Path) -> dict[str, Any]:
    """All that is kept: by number of events, then by engine and data."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def merge(file: Path, events: int, machine: Mapping[str, str], results: Results, sections: Iterable[str]) -> None:
    """Writes what was measured of these sections into the file, in place of what it held of them."""
    kept = read(file)
    size = kept.setdefault(str(events), {})
    entry = size.setdefault(f"{results.engine}, {results.data}", {})
    sections = [section for section in SECTIONS if section in sections]
    old_values = entry.get("values", {})
    entry["values"] = {
        key: value for key, value in old_values.items() if key in BY_KEY and BY_KEY[key].section not in sections
    } | results.values
    entry["beside"] = {**entry.get("beside", {}), **results.beside}
    entry["notes"] = {
        section: note for section, note in entry.get("notes", {}).items() if section not in sections
    } | results.notes
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    entry["measured"] = {**entry.get("measured", {}), **dict.fromkeys(sections, day)}
    entry["machine"] = dict(machine)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
