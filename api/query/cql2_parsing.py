"""Parses filters written in CQL2 (OGC 21-065r2), as text or as JSON, by the library `cql2`, whatever they are.

What is no filter can hold its parser up for as long as the process lives, or end it, and nothing can interrupt it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import cql2

from api.domain.errors import Fault, InvalidValue, refusal, suggestion

TEXT, JSON = LANGUAGES = ("cql2-text", "cql2-json")
# The parser takes twice as long with each bracket within which it finds no filter, and ends its process where some thousand
# signs or brackets follow each other. Up to so many signs and brackets it takes a tenth of a second; others are read apart.
_MOST_SIGNS, _MOST_BRACKETS = 1_000, 8
_PARSING_SECONDS = 5
TOO_DEEP = "it is nested too deeply to be read"
_PARSER = (
    sys.executable,
    "-Xutf8",
    "-Ic",
    """
import json, sys, cql2
try:
    found = cql2.parse_text(sys.stdin.read()).to_json(), None
except cql2.ParseError as error:
    found = None, str(error)
print(json.dumps(found))
""",
)
# What a backslash stands for in a literal; before any other character it is one of a pattern of LIKE.
_ESCAPED = re.compile(r"\\(?:(\\)|([abtnvfr']))")
_CONTROLS = dict(zip("abtnvfr'", ["\a", "\b", "\t", "\n", "\v", "\f", "\r", "''"], strict=True))


def parsed(text: str, language: str, most_seconds: int = _PARSING_SECONDS) -> Any:
    """The filter as its CQL2 JSON. Errors: a Problem, where it is not in the language, or cannot be read in time."""
    try:
        if language == JSON:
            return cql2.parse_json(text).to_json()
        written = _unescaped(text)
        if len(written) <= _MOST_SIGNS and sum(map(written.count, "([{")) <= _MOST_BRACKETS:
            return cql2.parse_text(written).to_json()
        return _parsed_in_own_process(written, most_seconds)
    except cql2.ParseError as error:
        first = next(
            (line.strip(" =") for line in str(error).splitlines() if "expected" in line), str(error).splitlines()[0]
        )
        raise wrong(f"it is not {language}: {first}") from None


def _parsed_in_own_process(text: str, most_seconds: int) -> Any:
    """What the parser makes of a text in a process of its own, which may die of it, or has to be ended. Errors: ParseError."""
    try:
        done = subprocess.run(
            _PARSER, check=False, input=text, capture_output=True, encoding="utf-8", timeout=most_seconds
        )
    except subprocess.TimeoutExpired:
        raise wrong(f"it could not be read within {most_seconds} seconds; is a bracket missing?") from None
    if done.returncode:
        raise wrong(TOO_DEEP)
    found, told = json.loads(done.stdout)
    if told is not None:
        raise cql2.ParseError(told)
    return found


def _unescaped(text: str) -> str:
    """A filter with what it writes with a backslash as the library reads it, which knows a quote that is doubled alone."""
    return _ESCAPED.sub(lambda found: found[0] if found[1] else _CONTROLS[found[2]], text)


def wrong(what: str, meant: str | None = None, allowed: Sequence[str] = ()) -> Exception:
    """The refusal of a filter."""
    return refusal([Fault("filter", f"In 'filter', {what}.{suggestion(meant)}", InvalidValue, meant, allowed)])
