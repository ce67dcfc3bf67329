"""The files of this machine's reading copies: made under locks that all processes see, and removed once nobody reads them.

A copy is a file in the cache folder, named by the pieces that it is made of. It is written under another name, closed and
renamed, and never opened for writing again.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from api.columns.assemble import assemble
from api.columns.pieces import StoredPiece, copy_name, stored_pieces, unpack
from api.columns.scratch import scratch_folder
from api.domain.errors import ReadingCopyUnavailable
from api.settings import Settings
from api.store.addresses import database_identity, database_url

log = logging.getLogger(__name__)

# How often it looks whether another process is done.
LOOK_SECONDS = 0.05
# When to ask again after that.
_RETRY_SECONDS = 5


def folder_of(settings: Settings) -> Path:
    """The folder of one database's copies; made where it is not there, and nobody else's to look into."""
    base = Path(settings.cache_folder) if settings.cache_folder else _usual_folder()
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    # Whoever loads and whoever serves may have roles of their own.
    folder = base / hashlib.blake2b(database_identity(url).encode(), digest_size=8).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _usual_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache" if os.environ.get("HOME") else None)
    if home is None:
        return Path(tempfile.gettempdir()) / f"conflict-events-{os.getuid()}"
    return Path(home) / "conflict-events"


def make_copy(connection: Connection, token: str, settings: Settings) -> tuple[Path, IO[bytes]]:
    """The file of the copy of the state that this connection sees, and what it is locked by; made where it is not there.

    Errors: ReadingCopyUnavailable, where another process is making it and takes long.
    """
    listed, folder = stored_pieces(connection), folder_of(settings)
    file = file_of(listed, token, folder)
    held = locked_file(file)
    if held is None:
        with exclusive_lock(file.with_suffix(".lock"), settings.copy_wait_seconds):
            held = locked_file(file)
            if held is None:
                _build(connection, listed, file)
                held = locked_file(file)
                assert held is not None, "it was made a moment ago, under a lock"
                _remove_unread(folder, file)
    return file, held


def file_of(listed: Mapping[str, Sequence[StoredPiece]], token: str, folder: Path) -> Path:
    """Where the copy of the state that has these pieces stands, or will."""
    return folder / f"{copy_name(listed, token)}.duckdb"


def _build(connection: Connection, listed: Mapping[str, Sequence[StoredPiece]], file: Path) -> None:
    """Makes a copy under another name and renames it, so that nobody ever sees half of one."""
    with scratch_folder(file.parent) as scratch:
        datasets = {dataset: scratch / str(place) for place, dataset in enumerate(listed)}
        for dataset, folder in datasets.items():
            folder.mkdir()
            unpack(connection, dataset, listed[dataset], folder)
        fresh = scratch / file.name
        assemble(datasets, fresh)
        fresh.rename(file)
    log.debug("put the reading copy %s together", file)


def locked_file(file: Path) -> IO[bytes] | None:
    """The file, locked as one that is read; null where it is not there."""
    try:
        held = file.open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(held, fcntl.LOCK_SH)
    if not file.exists():
        # It was removed between the two.
        held.close()
        return None
    return held


@contextmanager
def exclusive_lock(lock: Path, wait_seconds: int) -> Iterator[None]:
    """Holds a lock that other processes of this machine wait for. Errors: ReadingCopyUnavailable, after so many seconds."""
    with lock.open("w") as held:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise still_being_made() from None
                time.sleep(LOOK_SECONDS)
        yield


def _remove_unread(folder: Path, kept: Path) -> None:
    """Removes the other copies in the folder that no process has open."""
    for file in folder.glob("*.duckdb"):
        if file == kept:
            continue
        with suppress(OSError), file.open("rb") as old:
            fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
            file.with_suffix(".lock").unlink(missing_ok=True)


def still_being_made() -> ReadingCopyUnavailable:
    """What a request is told that waited in vain for a copy."""
    return unavailable("The data has changed, and this machine is still making its reading copy.")


def unavailable(why: str) -> ReadingCopyUnavailable:
    """What a request is told that gets no copy now."""
    return ReadingCopyUnavailable(f"{why} Ask again in a moment.", headers={"Retry-After": str(_RETRY_SECONDS)})
