"""A sweep tries every case, and each one that fails fails the test and is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sweep import for_each

SWEEP = """
import pytest
from tests.sweep import for_each

@for_each(("number", "word"), [(1, "one"), (2, "two"), (3, "three")])
def test_numbers_are_even(tmp_path, number, word):
    (tmp_path / word).touch()
    if number == 3:
        assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "three", "two"]
    assert number % 2 == 0

@for_each("value", [0, 1, 2], ids=["lost", "not raised", "right"])
def test_errors_end_no_sweep(value):
    if value == 0:
        raise LookupError
    with pytest.raises(ValueError):
        if value == 2:
            raise ValueError
"""


def test_every_case_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "test_sweep.py").write_text(SWEEP, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--rootdir", tmp_path, "--disable-plugin-autoload", tmp_path]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    # Each failure has a heading of its own.
    assert re.findall(r"^_+ \w+ \[(.*)\] _+$", done.stdout, re.MULTILINE) == [
        "1, 'one'",
        "3, 'three'",
        "lost",
        "not raised",
    ]


def test_a_sweep_of_nothing_is_refused() -> None:
    with pytest.raises(AssertionError, match="nothing to sweep"):

        @for_each("value", [])
        def idle(value: int) -> None:
            raise NotImplementedError
