"""How the suite works: what can differ between SQLite and PostgreSQL runs on both, each a real engine.

Loads, constraints, pages and whatever else is SQL over rows can differ. What is made in Python, what is read from the
DuckDB copy, and what is refused before any row is read cannot, and is marked `engines("sqlite")`. Sweeps over many cases
are one test (tests/sweep.py), and databases that hold the same are copies of one.

`databases` makes migrated databases of one engine; `corpus_address` is one with the shipped corpus, which no test may
write to; pytest-flask's `client` asks `app`, which serves it. Tests load into `databases.migrated()` or a copy. Where
PostgreSQL is not installed its part is skipped with a reason, except in CI.
"""

from __future__ import annotations

import fcntl
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.load.loading import load
from api.load.source import LoadSource
from api.load.terms import USUAL, Terms
from api.settings import Settings
from api.store.database import connect_for_loading
from seeds.datasets import DATASETS
from tests.databases import Databases, locked, memory, postgresql_folder, remove_when_released, start_server
from tests.done_once import build_when_asked, compile_once, wait_for_no_disk
from tests.small_world import load_world

ENGINES = ("sqlite", "postgresql")
# How long a question waits for its reading copy here, which is less than a request may work.
COPY_SECONDS = 19
# Files with tests of ten seconds and more.
LONGEST = (
    "schemathesis",
    "description",
    "filters",
    "standbys",
    "import_killed",
    "one_question",
    "totals",
    "people_pages",
    "releases",
)
IS_CI = os.environ.get("CI") == "true"
# Many processes are started, and each would compile all modules anew where the environment forbids to leave that behind.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# To look for garbage as often as usual, and in all that a sweep has in its caches, would take a fifteenth of the run.
gc.set_threshold(50_000, 20, 20)
# What a full checkout has beside the repository; a clone without it must pass too.
SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Has temporary files in memory where enough of it is free: to write, copy and remove those of some hundred loads on a disk
    takes a twentieth of the processor time. Whoever names a folder gets that one; workers take over what is set here."""
    if not hasattr(config, "workerinput") and (folder := memory()) is not None:
        os.environ.setdefault("TMPDIR", str(folder))
        tempfile.tempdir = None


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all processes of this test run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def lease(shared: Path) -> Iterator[Path]:
    """A file that is locked as long as the run has a living process, and removed with the folder around it, where reading copies
    are too."""
    file = shared / "lease"
    with file.open("w") as held, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(held, fcntl.LOCK_SH)
        # In memory it would stay there.
        remove_when_released(file, shared)
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        patch.setenv("CONFLICT_EVENTS_COPY_WAIT_SECONDS", str(COPY_SECONDS))
        compile_once(patch)
        build_when_asked(patch)
        wait_for_no_disk(patch)
        # Each load collects garbage, and need not look through all modules and tests for it.
        gc.collect()
        gc.freeze()
        yield file


@pytest.fixture(scope="session")
def postgresql(shared: Path, lease: Path) -> str:
    """The address of a PostgreSQL server."""
    if postgresql_folder() is None:
        assert not IS_CI, "in CI the PostgreSQL half must run"
        pytest.skip("PostgreSQL's server programs are not installed")
    told = shared / "postgresql-server"
    with locked(told.with_suffix(".lock")):
        if not told.exists():
            told.write_text(start_server(lease, within=memory()))
        return told.read_text()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that touches data once for each engine, or for those alone that the nearest mark names."""
    if "databases" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("engines")
        metafunc.parametrize("databases", ENGINES if mark is None else mark.args, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, shared: Path) -> Databases:
    """Databases of one engine."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Databases(server, shared)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest tests first, so that nobody waits for one in the end."""
    places = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def load_into(address: str, *sources: LoadSource, terms: Terms = USUAL) -> None:
    """Loads these sources, in order."""
    engine = connect_for_loading(Settings(database_url=address))
    for source in sources:
        load(engine, source, lambda _what, _count: None, terms=terms)
    engine.dispose()


@pytest.fixture(scope="session")
def corpus_address(databases: Databases) -> str:
    """A database with the gazetteer and the shipped corpus. Not to be written to."""
    return databases.served(databases.made_once("corpus", lambda address: load_into(address, *DATASETS.values())))


def application(address: str, **knobs: object) -> Flask:
    """An application that serves the database at this address."""
    return create_app(Settings(database_url=address, **{"copy_wait_seconds": COPY_SECONDS, **knobs}))  # type: ignore[arg-type]  # knobs by name


def close(app: Flask) -> None:
    """Lets go of an application's connections."""
    app.extensions["conflict_events"].close()


@pytest.fixture(scope="session")
def app(corpus_address: str) -> Iterator[Flask]:
    """The application that serves the corpus."""
    made = application(corpus_address)
    yield made
    close(made)


@pytest.fixture(scope="session")
def world_address(databases: Databases) -> str:
    """A database with the small invented world. Not to be written to."""
    return databases.served(databases.made_once("world", load_world))


@pytest.fixture(scope="session")
def world(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that serves the small invented world."""
    made = application(world_address)
    yield made.test_client()
    close(made)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Nothing: pytest-flask's own would hold one context for the whole test, in which `g` leaks."""
