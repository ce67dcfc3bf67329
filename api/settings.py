"""Every knob of the service: its default, its sentence and its environment name. Knows nothing else of ours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class SettingError(ValueError):
    """An environment variable holds something its setting cannot be."""


def _knob(default: Any, sentence: str, environment: str) -> Any:
    return field(default=default, metadata={"sentence": sentence, "environment": environment})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; read once at start, never changed."""

    database_url: str = _knob(
        "sqlite:///conflict-events.db",
        "Where the data is: an SQLite file, or `postgresql://user@host/name` for PostgreSQL.",
        "DATABASE_URL",
    )
    pool_size: int = _knob(4, "Connections that one worker process keeps to PostgreSQL.", "CONFLICT_EVENTS_POOL_SIZE")
    statement_timeout_seconds: int = _knob(
        30, "How long PostgreSQL may work on one statement of a request.", "CONFLICT_EVENTS_STATEMENT_TIMEOUT_SECONDS"
    )
    busy_timeout_seconds: int = _knob(
        30, "How long SQLite waits for another writer.", "CONFLICT_EVENTS_BUSY_TIMEOUT_SECONDS"
    )
    host: str = _knob("127.0.0.1", "The address that `conflict-events serve` listens on.", "CONFLICT_EVENTS_HOST")
    port: int = _knob(8000, "The port that `conflict-events serve` listens on.", "CONFLICT_EVENTS_PORT")
    workers: int = _knob(1, "Worker processes that `conflict-events serve` starts.", "CONFLICT_EVENTS_WORKERS")
    threads: int = _knob(4, "Threads that answer requests in each worker.", "CONFLICT_EVENTS_THREADS")
    cors_origins: str = _knob(
        "*", "Which origins browsers may read from: `*`, or a comma-separated list.", "CONFLICT_EVENTS_CORS_ORIGINS"
    )
    rate_limit: str = _knob(
        "",
        "Requests a client address may make, such as `600 per minute`; empty means no limit.",
        "CONFLICT_EVENTS_RATE_LIMIT",
    )
    rate_limit_storage: str = _knob(
        "memory://", "Where request counts are kept when a limit is set.", "CONFLICT_EVENTS_RATE_LIMIT_STORAGE"
    )
    trusted_proxies: int = _knob(
        0,
        "How many reverse proxies in front of the service may set X-Forwarded-For, -Proto and -Host.",
        "CONFLICT_EVENTS_TRUSTED_PROXIES",
    )
    cache_seconds: int = _knob(
        60, "For how many seconds a client may reuse an answer without asking again.", "CONFLICT_EVENTS_CACHE_SECONDS"
    )
    cache_megabytes: int = _knob(
        64,
        "Memory in each worker for answers that depend on the data's revision alone.",
        "CONFLICT_EVENTS_CACHE_MEGABYTES",
    )
    log_level: str = _knob("INFO", "How much is logged: DEBUG, INFO, WARNING or ERROR.", "CONFLICT_EVENTS_LOG_LEVEL")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment gives, defaults where it is silent.

        Errors: SettingError names the variable, what it holds and what it should hold.
        """
        found = os.environ if environment is None else environment
        values: dict[str, str | int] = {}
        for knob in fields(cls):
            name = knob.metadata["environment"]
            text = found.get(name)
            if text is None:
                continue
            if knob.type == "int":
                if not text.strip().isdigit():
                    raise SettingError(f"{name} is {text!r}; it should be a whole number, such as {knob.default}.")
                values[knob.name] = int(text)
            else:
                values[knob.name] = text
        return cls(**values)  # type: ignore[arg-type]  # each value was made in its field's type above
