"""What the page says of the machine and of the programs that ran on it."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks import cores
from tests.benchmarks.engines import POSTGRESQL_SETTINGS, Database

BYTES_PER_GIBIBYTE = 1 << 30
PACKAGES = ("granian", "flask", "duckdb", "datasette", "roapi")


def machine(database: Database) -> dict[str, str]:
    """One sentence of it."""
    engine = "SQLite" if database.is_sqlite else "PostgreSQL"
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    settings = ", ".join(f"{name} = {value}" for name, value in POSTGRESQL_SETTINGS.items())
    words = (
        f"{len(cores.CORES) or os.cpu_count()} cores {_processor()}, {_memory_gibibytes():.0f} GiB, "
        f"Python {platform.python_version()}, {engine} {database.version}, {packages}"
    )
    return {"words": words} if database.is_sqlite else {"words": f"{words} ({settings})"}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return platform.machine() if found is None else found[1]


def _memory_gibibytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / BYTES_PER_GIBIBYTE
