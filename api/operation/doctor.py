"""Looks at all that a service stands on, and tells each fault with its remedy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import NamedTuple

from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from sqlalchemy import URL, Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from api.columns.copy_files import folder_of
from api.columns.pieces import is_complete, stored_pieces
from api.domain.errors import nearest
from api.settings import Settings
from api.store.addresses import database_url, has_several_hosts, of_each_host
from api.store.database import connect_unpooled
from api.store.models import Dataset
from api.store.models.base import Base
from api.store.schema import OtherEncoding, UnknownMigration, current, head, refuse_other_encoding, refuse_unknown
from api.store.sqlite_file import SQLiteFile

_EVERYWHERE = ("0.0.0.0", "::")
_PREFIX = "CONFLICT_EVENTS_"


class Finding(NamedTuple):
    """One thing that was looked at, and what is wrong with it and mends it; null where nothing is."""

    what: str
    fault: str | None = None
    remedy: str | None = None


def findings(settings: Settings) -> Iterator[Finding]:
    """All findings, from the ground up; what stands on a fault is not looked at."""
    yield from _configuration(settings)
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and SQLiteFile(url).state() is None:
        yield Finding("database", f"there is no file {url.database}", "run `conflict-events migrate` and `load`")
        return
    if has_several_hosts(url):
        yield from _hosts(settings, url)
    engine = connect_unpooled(settings)
    try:
        yield from _database(engine)
    finally:
        engine.dispose()


def _configuration(settings: Settings) -> Iterator[Finding]:
    known = [str(setting.metadata["environment"]) for setting in fields(Settings)]
    for name in sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known):
        near = next(iter(nearest(name, known)), None)
        yield Finding("settings", f"there is none called {name}", f"set {near}" if near else "take it away")
    if settings.host in _EVERYWHERE and not settings.public_urls:
        fault = "clients on other machines are refused, since no host is named"
        yield Finding("addresses", fault, "set CONFLICT_EVENTS_PUBLIC_URLS to the address that clients use")
    else:
        yield Finding("addresses")
    if settings.texts_folder and not Path(settings.texts_folder).is_dir():
        remedy = "correct CONFLICT_EVENTS_TEXTS_FOLDER, or leave it out"
        yield Finding("texts folder", f"there is no folder {settings.texts_folder}", remedy)
    if settings.rate_limit:
        yield _rate_limit(settings)
    try:
        folder = folder_of(settings)
        is_writable = os.access(folder, os.W_OK)
    except OSError:
        is_writable = False
    if is_writable:
        yield Finding("cache folder")
    else:
        remedy = "set CONFLICT_EVENTS_CACHE_FOLDER to a folder that can be written to"
        yield Finding("cache folder", "it cannot be written to", remedy)


def _rate_limit(settings: Settings) -> Finding:
    what, scheme = "rate limit", settings.rate_limit_storage.partition(":")[0]
    if scheme == "memory" and settings.workers > 1:
        return Finding(what, "each worker counts by itself", "set CONFLICT_EVENTS_RATE_LIMIT_STORAGE to a shared store")
    try:
        is_there = storage_from_string(settings.rate_limit_storage).check()
    except ConfigurationError:
        return Finding(what, f"the client of {scheme} is not installed", "pip install 'conflict-events-api[redis]'")
    except Exception:  # noqa: BLE001  # each store has errors of its own
        is_there = False
    if is_there:
        return Finding(what)
    return Finding(what, "its store does not answer", "start it, or correct CONFLICT_EVENTS_RATE_LIMIT_STORAGE")


def _hosts(settings: Settings, url: URL) -> Iterator[Finding]:
    """Of several hosts each: others answer in place of one that does not, so that nothing else tells of it."""
    for host, alone in of_each_host(url).items():
        engine = connect_unpooled(replace(settings, database_url=alone.render_as_string(hide_password=False)))
        try:
            engine.connect().close()
        except DBAPIError as error:
            yield Finding(
                f"host {host}", _reason(error), "start its server, or correct its pg_hba.conf or DATABASE_URL"
            )
        else:
            yield Finding(f"host {host}")
        finally:
            engine.dispose()


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _database(engine: Engine) -> Iterator[Finding]:
    try:
        found = current(engine)
    except DBAPIError as error:
        yield Finding("database", _reason(error), "start the database, or correct DATABASE_URL and its permissions")
        return
    try:
        refuse_other_encoding(engine)
    except OtherEncoding as error:
        yield Finding("database", error.fault, error.remedy)
        return
    yield Finding("database")
    try:
        refuse_unknown(found)
    except UnknownMigration as error:
        yield Finding("migrations", error.fault, error.remedy)
        return
    if found != head():
        fault = "there is no schema" if found is None else f"it is at {found}, and this software needs {head()}"
        yield Finding("migrations", fault, "run `conflict-events migrate`")
        return
    yield Finding("migrations")
    with engine.connect() as connection:
        unreadable = _unreadable(connection)
        if unreadable:
            fault = f"this role may not read {', '.join(unreadable)}"
            yield Finding("permissions", fault, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO it")
            return
        yield Finding("permissions")
        yield from _data(connection)


def _unreadable(connection: Connection) -> list[str]:
    """The tables that PostgreSQL does not let this role read."""
    if connection.dialect.name == "sqlite":
        return []
    asked = "SELECT has_table_privilege(quote_ident(%(table)s), 'SELECT')"
    return [
        name for name in Base.metadata.tables if not connection.exec_driver_sql(asked, {"table": name}).scalar_one()
    ]


def _data(connection: Connection) -> Iterator[Finding]:
    if not connection.scalars(select(Dataset.id)).all():
        yield Finding("data", "nothing is loaded", "run `conflict-events load`")
        return
    yield Finding("data")
    lacking = [name for name, listed in stored_pieces(connection).items() if not is_complete(listed)]
    if lacking:
        fault = f"pieces of {', '.join(lacking)} are missing, or other software made them, so that each machine makes them anew"
        yield Finding("reading copy", fault, "run `conflict-events columns`")
    else:
        yield Finding("reading copy")
