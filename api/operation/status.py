"""Tells what is loaded, since when, and how large it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select

from api import __version__
from api.columns.copy_files import folder_of
from api.settings import Settings
from api.store.addresses import database_url, without_password
from api.store.models import Dataset, Event, Figure, Revision
from api.store.schema import head

_MEGABYTE = 1_000_000


def status(connection: Connection, settings: Settings) -> Iterator[str]:
    """Lines of text, one for each thing; the schema is up to date."""
    url = database_url(settings.database_url)
    yield f"software: {__version__}, schema {head()}"
    yield f"database: {without_password(url)}, {_megabytes(_database_bytes(connection))}"
    at = connection.execute(select(Revision.token, Revision.at)).first()
    yield "revision: none" if at is None else f"revision: {at.token}, since {at.at:%Y-%m-%dT%H:%M:%SZ}"
    events, figures = (
        {
            row[0]: row[1]
            for row in connection.execute(select(model.dataset_id, func.count()).group_by(model.dataset_id))
        }
        for model in (Event, Figure)
    )
    told = (Dataset.id, Dataset.release, Dataset.loaded_at, Dataset.rows_read, Dataset.rows_set_aside)
    for row in connection.execute(select(*told).order_by(Dataset.id)):
        counts = f"{events.get(row.id, 0):,} events, {figures.get(row.id, 0):,} figures"
        if row.rows_read is not None:
            counts += f"; of its last file {row.rows_set_aside:,} of {row.rows_read:,} rows set aside"
        yield f"dataset {row.id}: release {row.release}, loaded {row.loaded_at:%Y-%m-%dT%H:%M:%SZ}, {counts}"
    folder = folder_of(settings)
    copies = [file.stat().st_size for file in folder.glob("*.duckdb")]
    yield f"reading copies in {folder}: {len(copies)}, {_megabytes(sum(copies))}"


def _database_bytes(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    path = Path(connection.engine.url.database or "")
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"
