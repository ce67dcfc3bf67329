"""What an application asks its database and its reading copy, whichever way it goes there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from api.answers.service import Service
from api.columns import reading_copy
from api.store import driver_rows
from api.store.revision import revision

# Who says what it asks, and of what.
_ASKING = {reading_copy.__name__: "copy", driver_rows.__name__: "rows"}


class _Listed(logging.Handler):
    """Lists the statements that are logged."""

    def __init__(self, run: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.DEBUG:
            self._run.append(f"{_ASKING[record.name]}: {record.getMessage()}")


@contextmanager
def recorded(service: Service) -> Iterator[list[str]]:
    """The statements that are run while the block lasts, each beginning with whether `rows` or the `copy` is asked; reading the
    revision and putting the copy together are no part of it."""
    with service.engine.connect() as connection:
        service.copies.at(connection, revision(connection))
    run: list[str] = []
    event.listen(service.engine, "before_cursor_execute", lambda *told: run.append(f"rows: {told[2]}"))
    listed = _Listed(run)
    loggers = [logging.getLogger(name) for name in _ASKING]
    for logger in loggers:
        logger.addHandler(listed)
        logger.setLevel(logging.DEBUG)
    try:
        yield run
    finally:
        for logger in loggers:
            logger.removeHandler(listed)
            logger.setLevel(logging.NOTSET)
