"""The service with a line added where CONTRIBUTING says, running in a process of its own.

`ADDITIONS` is the one place that knows where those lines go. The code is copied, the lines are put in, and the copy loads
worlds and answers questions that come to it from the test.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.load.loading import load
from api.settings import Settings
from api.store.database import connect_for_loading
from tests.conftest import application, close

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Addition:
    """One line, put before another that stands once in its file."""

    file: str
    before: str
    line: str
    # The imports that the file needs for it and lacks.
    needs: str = ""


ADDITIONS = (
    Addition(
        "api/resources/figures.py",
        "    *ATTRIBUTION_FILTERS,",
        'codes("qualifier", "The word that came with the number.", "at_least", Subject.FIGURE),',
        "from api.query.filters.filter import Subject\nfrom api.query.filters.filter import codes\n",
    ),
    Addition(
        "api/query/dimensions.py",
        '    Dimension("dataset", _column("dataset_id"), "The dataset.", "dataset"),',
        'Dimension("qualifier", _column("qualifier"), "The word that came with it.", "code:qualifier", of_events=PROFILES),',
    ),
    Addition(
        "api/records/figures.py",
        '        column("dataset", text("The id of its dataset."), "dataset_id"),',
        'Column("week", text("The week that it begins in."), lambda row: row["date_start"].strftime("%G-W%V"),'
        ' copied={"week": lambda figure: func.strftime(figure.date_start, "%G-W%V")}),',
        "from sqlalchemy import func\n",
    ),
)


def copy_with(folder: Path, *additions: Addition) -> None:
    """Puts the code into an empty folder, with these lines added."""
    for package in ("api", "seeds", "migrations", "tests"):
        # What is compiled already comes along, and is taken for code of the same time and size alone; not what is being written.
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("*.pyc.*"))
    for addition in additions:
        path = folder / addition.file
        code = path.read_text(encoding="utf-8")
        assert code.count(f"\n{addition.before}\n") == 1, f"{addition.file} is not as this test knows it"
        indent = addition.before[: len(addition.before) - len(addition.before.lstrip())]
        code = code.replace(f"\n{addition.before}\n", f"\n{indent}{addition.line}\n{addition.before}\n")
        code = code.replace(_FUTURE, _FUTURE + addition.needs)
        path.write_text(code, encoding="utf-8")


_FUTURE = "from __future__ import annotations\n"


@dataclass(frozen=True)
class Answer:
    """What was answered: the status, and the body as text."""

    status: int
    text: str


class AddedCode:
    """A process that runs a copy of the code."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def open(self, address: str) -> None:
        """Turns to the database at this address."""
        self._tell("open", address)

    def load(self, source: Any) -> None:
        """Loads a source, which has to be one that can be pickled."""
        self._tell("load", source)

    def get(self, address: str) -> Answer:
        """What the service answers."""
        return Answer(*self._tell("get", address))

    def _tell(self, what: str, given: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        pickle.dump((what, given), self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)


@contextmanager
def running(folder: Path) -> Iterator[AddedCode]:
    """The copy in this folder at work."""
    command = [sys.executable, "-m", "tests.added_code"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield AddedCode(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


def _work() -> None:
    """Does what it is told on standard input, until that ends."""
    engine, app = None, None
    while True:
        try:
            what, given = pickle.load(sys.stdin.buffer)
        except EOFError:
            what, given = "open", None
        answer: Any = None
        if what == "open":
            if engine is not None and app is not None:
                close(app)
                engine.dispose()
            if given is None:
                break
            engine, app = connect_for_loading(Settings(database_url=given)), application(given)
        elif what == "load":
            assert engine is not None
            load(engine, given, lambda _what, _count: None)
        else:
            assert app is not None
            response = app.test_client().get(given)
            answer = (response.status_code, response.text)
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.flush()


if __name__ == "__main__":
    _work()
