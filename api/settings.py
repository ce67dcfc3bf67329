"""Every setting of the service: its default, its description and its environment variable."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

# The highest number that a port has.
LAST_PORT = 65_535
# One address under which clients reach the service, and a host in it.
_HOST = r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
_PUBLIC_URL = rf"https?://{_HOST}(/[A-Za-z0-9._~-]+)*/?"
# One limit as the limits package reads it: `600 per minute`, `5/second`, `1000 per 2 hours`.
_LIMIT = r"[1-9][0-9]* *(/|per) *([1-9][0-9]* *)?(second|minute|hour|day|month|year)s?"


class SettingError(ValueError):
    """An environment variable holds something its setting cannot be."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What text a setting takes: a pattern, and the same in words."""

    pattern: str
    words: str

    def read(self, text: str) -> str | None:
        return text if re.fullmatch(self.pattern, text) else None


@dataclass(frozen=True, slots=True)
class _Whole:
    """What whole numbers a setting takes."""

    least: int = 0
    most: int | None = None

    def read(self, text: str) -> int | None:
        if not re.fullmatch("[0-9]+", text.strip()):
            return None
        number = int(text)
        return number if number >= self.least and (self.most is None or number <= self.most) else None

    @property
    def words(self) -> str:
        return f"a whole number from {self.least}{'' if self.most is None else f' to {self.most}'}"


class _Flag:
    """Whether a setting is on."""

    words = "true or false"

    def read(self, text: str) -> bool | None:
        return {"true": True, "false": False}.get(text.strip().lower())


@dataclass(frozen=True, slots=True)
class _Secret(_Text):
    """Text that may hold a password, and is never shown."""


def _setting(
    default: Any, sentence: str, environment: str, takes: _Text | _Whole | _Flag = _Text("(?s).*\\S.*", "text")
) -> Any:
    return field(default=default, metadata={"sentence": sentence, "environment": environment, "takes": takes})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; read once at start, never changed."""

    database_url: str = _setting(
        "sqlite:///conflict-events.db",
        "Where the data is: an SQLite file, or `postgresql://user@host/name` for PostgreSQL, whose hosts may be several:"
        " `host1,host2`.",
        "DATABASE_URL",
        _Secret(r"sqlite:///.+|postgres(ql)?(\+psycopg)?://.+", "the address of an SQLite file or of PostgreSQL"),
    )
    pool_size: int = _setting(
        4, "Connections that one worker process keeps to PostgreSQL.", "CONFLICT_EVENTS_POOL_SIZE", _Whole(1)
    )
    request_seconds: int = _setting(
        20,
        "How long one request may work, and an export on each piece that its reader takes; then it is ended, in whichever "
        "engine it works.",
        "CONFLICT_EVENTS_REQUEST_SECONDS",
        _Whole(1),
    )
    busy_timeout_seconds: int = _setting(
        30, "How long SQLite waits for another writer.", "CONFLICT_EVENTS_BUSY_TIMEOUT_SECONDS", _Whole()
    )
    host: str = _setting("127.0.0.1", "The address that `conflict-events serve` listens on.", "CONFLICT_EVENTS_HOST")
    port: int = _setting(
        8000, "The port that `conflict-events serve` listens on.", "CONFLICT_EVENTS_PORT", _Whole(1, LAST_PORT)
    )
    workers: int = _setting(
        1, "Worker processes that `conflict-events serve` starts.", "CONFLICT_EVENTS_WORKERS", _Whole(1)
    )
    threads: int = _setting(
        4,
        "Answers other than totals and exports that each worker works on at once.",
        "CONFLICT_EVENTS_THREADS",
        _Whole(1),
    )
    totals: int = _setting(4, "Totals that each worker works on at once.", "CONFLICT_EVENTS_TOTALS", _Whole(1))
    exports: int = _setting(
        10, "Exports that each worker writes at once, slow readers' included.", "CONFLICT_EVENTS_EXPORTS", _Whole(1)
    )
    stalled_seconds: int = _setting(
        60,
        "How long a reader may take nothing of its answer; then its connection is cut.",
        "CONFLICT_EVENTS_STALLED_SECONDS",
        _Whole(1),
    )
    # Docker waits ten seconds before it kills what has not ended.
    stop_seconds: int = _setting(
        8,
        "How long answers may go on once `conflict-events serve` is told to stop; then they are cut off.",
        "CONFLICT_EVENTS_STOP_SECONDS",
        _Whole(1),
    )
    cors_origins: str = _setting(
        "*", "Which origins browsers may read from: `*`, or a comma-separated list.", "CONFLICT_EVENTS_CORS_ORIGINS"
    )
    rate_limit: str = _setting(
        "",
        "Requests a client address may make, such as `600 per minute`; empty means no limit.",
        "CONFLICT_EVENTS_RATE_LIMIT",
        _Text(rf"({_LIMIT}( *[;,|] *{_LIMIT})*)?", "empty, or a limit such as '600 per minute'"),
    )
    rate_limit_storage: str = _setting(
        "memory://",
        "Where request counts are kept when a limit is set.",
        "CONFLICT_EVENTS_RATE_LIMIT_STORAGE",
        _Secret(
            r"(memory|memcached|mongodb|redis|rediss|valkey|valkeys)(\+\w+)?://.*",
            "the address of a store that the limits package knows",
        ),
    )
    public_urls: str = _setting(
        "",
        "Where clients reach the service, one address for each host, such as `https://data.example.org/conflict`; links"
        " are made of it, and other hosts are refused. Empty means this machine alone.",
        "CONFLICT_EVENTS_PUBLIC_URLS",
        _Text(
            rf"({_PUBLIC_URL}( *, *{_PUBLIC_URL})*)?", "empty, or addresses such as 'https://data.example.org/conflict'"
        ),
    )
    trusted_proxies: int = _setting(
        0,
        "How many reverse proxies in front of the service add to X-Forwarded-For: the client's address is taken from it.",
        "CONFLICT_EVENTS_TRUSTED_PROXIES",
        _Whole(),
    )
    metrics_port: int = _setting(
        0,
        "The port on which `conflict-events serve` serves its metrics to Prometheus; 0 means that it does not.",
        "CONFLICT_EVENTS_METRICS_PORT",
        _Whole(0, LAST_PORT),
    )
    metrics_host: str = _setting(
        "127.0.0.1", "The address that the port of metrics listens on.", "CONFLICT_EVENTS_METRICS_HOST"
    )
    cache_seconds: int = _setting(
        60,
        "For how many seconds a client may reuse an answer without asking again.",
        "CONFLICT_EVENTS_CACHE_SECONDS",
        _Whole(),
    )
    cache_megabytes: int = _setting(
        64,
        "Memory in each worker for answers that depend on the data's revision alone.",
        "CONFLICT_EVENTS_CACHE_MEGABYTES",
        _Whole(),
    )
    cache_folder: str = _setting(
        "",
        "Where this machine keeps its reading copies; empty means the user's own cache folder.",
        "CONFLICT_EVENTS_CACHE_FOLDER",
        _Text("(?s).*", "a folder, or empty"),
    )
    copy_wait_seconds: int = _setting(
        10,
        "How long a question waits until this machine has made its reading copy of new data; then it is answered 503.",
        "CONFLICT_EVENTS_COPY_WAIT_SECONDS",
        _Whole(),
    )
    texts_folder: str = _setting(
        "",
        "A folder with the texts of documents, each as its id and `.txt`: pages show from them the words that a number rests"
        " on. A text whose hash is not the document's is not shown. Empty means that there are none.",
        "CONFLICT_EVENTS_TEXTS_FOLDER",
        _Text("(?s).*", "a folder, or empty"),
    )
    contact: str = _setting(
        "",
        "Whom readers tell of errors: an address of mail or of a page, shown by `/v1/methodology`; empty means nobody.",
        "CONFLICT_EVENTS_CONTACT",
        _Text("(?s).*", "an address, or empty"),
    )
    log_level: str = _setting(
        "INFO",
        "How much is logged: DEBUG, INFO, WARNING or ERROR.",
        "CONFLICT_EVENTS_LOG_LEVEL",
        _Text("DEBUG|INFO|WARNING|ERROR", "DEBUG, INFO, WARNING or ERROR"),
    )
    log_format: str = _setting(
        "text",
        "How lines of the log are written: text for people, json for programs.",
        "CONFLICT_EVENTS_LOG_FORMAT",
        _Text("text|json", "text or json"),
    )
    log_queries: bool = _setting(
        False,
        "Whether the line of a request has its query: what was searched for.",
        "CONFLICT_EVENTS_LOG_QUERIES",
        _Flag(),
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment gives, defaults where it is silent.

        Errors: SettingError names the variable, what it holds and what it should hold.
        """
        found = os.environ if environment is None else environment
        values: dict[str, str | int | bool] = {}
        for setting in fields(cls):
            name, takes = setting.metadata["environment"], setting.metadata["takes"]
            text = found.get(name)
            if text is None:
                continue
            value = takes.read(text)
            if value is None:
                held = "not what it should be" if isinstance(takes, _Secret) else repr(text)
                raise SettingError(f"{name} is {held}; it should be {takes.words} (unset, it is {setting.default!r}).")
            values[setting.name] = value
        return cls(**values)  # type: ignore[arg-type]  # each value was read as its field's type above
