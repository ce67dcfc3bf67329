"""How the suite works: what can differ between SQLite and PostgreSQL runs on both, each a real engine.

Loads, constraints, pages and whatever else is SQL over rows can differ. What is made in Python, what is read from the
DuckDB copy, and what is refused before any row is read cannot, and is marked `engines("sqlite")`. Sweeps over many cases
are one test (tests/sweep.py), and databases that hold the same are copies of one.

`databases` makes migrated databases of one engine; `corpus_address` is one with the shipped corpus, which no test may
write to; pytest-flask's `client` asks `app`, which serves it. Tests load into `databases.migrated()` or a copy. Where
PostgreSQL is not installed its part is skipped with a reason, except in CI.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.load.loading import LoadSource, load
from api.settings import Settings
from api.store.database import connect_for_loading
from seeds.datasets import DATASETS
from tests.databases import Databases, postgresql_folder, postgresql_server
from tests.small_world import load_world

# Reading copies go with the tests.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="conflict-events-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

ENGINES = ("sqlite", "postgresql")
IS_CI = os.environ.get("CI") == "true"
# What a full checkout has beside the repository; a clone without it must pass too.
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    if postgresql_folder() is None:
        assert not IS_CI, "in CI the PostgreSQL half must run"
        pytest.skip("PostgreSQL's server programs are not installed")
    with postgresql_server() as address:
        yield address


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that touches data once for each engine, or for those alone that the nearest mark names."""
    if "databases" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("engines")
        metafunc.parametrize("databases", ENGINES if mark is None else mark.args, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Databases of one engine."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Databases(server, tmp_path_factory.mktemp("databases"))


def load_into(address: str, *sources: LoadSource) -> None:
    """Loads these sources, in order."""
    engine = connect_for_loading(Settings(database_url=address))
    for source in sources:
        load(engine, source, lambda _what, _count: None)
    engine.dispose()


@pytest.fixture(scope="session")
def corpus_address(databases: Databases) -> str:
    """A database with the gazetteer and the shipped corpus. Not to be written to."""
    address = databases.migrated()
    load_into(address, *DATASETS.values())
    return databases.served(address)


def application(address: str, **knobs: object) -> Flask:
    """An application that serves the database at this address."""
    return create_app(Settings(database_url=address, **knobs))  # type: ignore[arg-type]  # knobs by name


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
    address = databases.migrated()
    load_world(address)
    return databases.served(address)


@pytest.fixture(scope="session")
def world(world_address: str) -> Iterator[FlaskClient]:
    """A client of an application that serves the small invented world."""
    made = application(world_address)
    yield made.test_client()
    close(made)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Nothing: pytest-flask's own would hold one context for the whole test, in which `g` leaks."""
