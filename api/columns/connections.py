"""Opens DuckDB databases that can read and write in a few folders and reach nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from api.columns.scratch import scratch_folder

# Nothing is fetched from elsewhere, whatever a statement says.
SEALED = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


@contextmanager
def scratch_database(memory: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """An empty database in memory and a temporary folder, which is all that it can write to."""
    with scratch_folder() as folder:
        database = open_sealed(":memory:", memory, folder / "spilled", [folder])
        try:
            database.execute("set timezone = 'UTC'")
            yield database, folder
        finally:
            database.close()


def open_sealed(
    file: str, memory: str, spilled: Path, folders: Sequence[Path], **further: Any
) -> duckdb.DuckDBPyConnection:
    """A database to write to, which can read and write in these folders and reach nothing else."""
    settings: dict[str, Any] = {**SEALED, "threads": 1, "memory_limit": memory, "temp_directory": str(spilled)}
    database = duckdb.connect(file, config=settings | further)
    listed = ", ".join(f"'{folder}'" for folder in folders)
    database.execute(f"set allowed_directories = [{listed}]")  # folders of ours
    database.execute("set enable_external_access = false")
    without_bar(database)
    return database


def without_bar(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The same connection, which draws no bar of what is done into the log."""
    return connection.execute("set enable_progress_bar = false")
