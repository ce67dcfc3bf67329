"""The README as data: its console blocks and its table of settings. Also rewrites them: `python -m tests.readme`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

from flask.testing import FlaskClient

from api.settings import Settings

README = Path(__file__).parent.parent / "README.md"
ADDRESS = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"```console\n\$ curl '(?P<url>[^']+)'\n(?P<answer>.*?)```", re.DOTALL)


class Question(NamedTuple):
    """A question that the README asks, and the answer that it shows."""

    path: str
    answer: str


def questions() -> Iterator[Question]:
    """Every question of the README."""
    for found in _BLOCK.finditer(README.read_text(encoding="utf-8")):
        yield Question(found["url"].removeprefix(ADDRESS), found["answer"])


def answer(client: FlaskClient, path: str) -> str:
    """What the service answers, as the README shows it: lines end as in a text file."""
    return client.get(path).text.replace("\r\n", "\n").rstrip("\n") + "\n"


def settings_table() -> str:
    """The settings as the README lists them."""
    rows = ["| Variable | Default | What it is |", "|---|---|---|"]
    for knob in fields(Settings):
        default = f"`{knob.default}`" if knob.default != "" else "none"
        rows.append(f"| `{knob.metadata['environment']}` | {default} | {knob.metadata['sentence']} |")
    return "\n".join(rows)


def rewrite(client: FlaskClient) -> None:
    """Writes the answers of this client and the settings into the README."""
    text = README.read_text(encoding="utf-8")
    text = _BLOCK.sub(
        lambda found: f"```console\n$ curl '{found['url']}'\n{answer(client, found['url'].removeprefix(ADDRESS))}```",
        text,
    )
    text = re.sub(r"SETTINGS_TABLE|\| Variable \|.*?(?=\n\n)", lambda _found: settings_table(), text, flags=re.DOTALL)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    from api.app import create_app

    rewrite(create_app(Settings(database_url=sys.argv[1])).test_client())
