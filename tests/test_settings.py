"""Every setting comes from the environment, is described, and refuses what it cannot be."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from api.settings import LAST_PORT, SettingError, Settings
from tests.sweep import for_each

# By setting: texts that it takes, with what they come to, and texts that it refuses.
TAKEN: dict[str, dict[str, Any]] = {
    "database_url": {
        "sqlite:////data/events.db": "sqlite:////data/events.db",
        "postgres://me@host/events": "postgres://me@host/events",
        "postgresql://me@one:5432,two/events": "postgresql://me@one:5432,two/events",
        "postgresql+psycopg://me:secret@host:5433/events": "postgresql+psycopg://me:secret@host:5433/events",
    },
    "pool_size": {"1": 1, " 12 ": 12},
    "request_seconds": {"1": 1, "120": 120},
    "busy_timeout_seconds": {"0": 0, "5": 5},
    "host": {"0.0.0.0": "0.0.0.0", "::1": "::1"},
    "port": {"1": 1, str(LAST_PORT): LAST_PORT},
    "workers": {"2": 2},
    "threads": {"16": 16},
    "totals": {"2": 2},
    "exports": {"1": 1},
    "stalled_seconds": {"300": 300},
    "stop_seconds": {"1": 1, "30": 30},
    "cors_origins": {"*": "*", "https://one.example, https://two.example": "https://one.example, https://two.example"},
    "rate_limit": {
        "": "",
        "600 per minute": "600 per minute",
        "5/second;1000 per 2 hours": "5/second;1000 per 2 hours",
    },
    "rate_limit_storage": {"memory://": "memory://", "redis+unix:///run/redis": "redis+unix:///run/redis"},
    "public_urls": {
        "": "",
        "https://data.example": "https://data.example",
        "http://10.0.0.7:8000, https://data.example/conflict/v2/": "http://10.0.0.7:8000, https://data.example/conflict/v2/",
        "http://[2001:db8::1]:80": "http://[2001:db8::1]:80",
    },
    "trusted_proxies": {"0": 0, "2": 2},
    "metrics_port": {"0": 0, "9100": 9100},
    "metrics_host": {"0.0.0.0": "0.0.0.0"},
    "cache_seconds": {"0": 0, "3600": 3600},
    "cache_megabytes": {"0": 0, "256": 256},
    "cache_folder": {"": "", "/var/cache/conflict events": "/var/cache/conflict events"},
    "copy_wait_seconds": {"0": 0, "60": 60},
    "texts_folder": {"": "", "/srv/texts": "/srv/texts"},
    "contact": {"": "", "errors@data.example": "errors@data.example"},
    "log_level": {"DEBUG": "DEBUG", "ERROR": "ERROR"},
    "log_format": {"text": "text", "json": "json"},
    "log_queries": {"true": True, "False": False},
}
_NO_NUMBERS = ("", " ", "many", "-1", "1.5", "1e3", "0x10", "²", "\u0661", "1,000", "None")
REFUSED: dict[str, tuple[str, ...]] = {
    "database_url": ("", "events.db", "sqlite://", "mysql://me@host/events", "http://host/events"),
    "pool_size": (*_NO_NUMBERS, "0"),
    "request_seconds": (*_NO_NUMBERS, "0"),
    "busy_timeout_seconds": _NO_NUMBERS,
    "host": ("", "  "),
    "port": (*_NO_NUMBERS, "0", str(LAST_PORT + 1)),
    "workers": (*_NO_NUMBERS, "0"),
    "threads": (*_NO_NUMBERS, "0"),
    "totals": (*_NO_NUMBERS, "0"),
    "exports": (*_NO_NUMBERS, "0"),
    "stalled_seconds": (*_NO_NUMBERS, "0"),
    "stop_seconds": (*_NO_NUMBERS, "0"),
    "cors_origins": ("", " "),
    "rate_limit": ("lots", "600", "600 per fortnight", "0 per minute", "5/second;", "-5 per minute"),
    "rate_limit_storage": ("", "memory", "file:///counts"),
    "public_urls": (
        "data.example",
        "javascript://data.example",
        "https://me@data.example",
        "https://data.example?x",
        "https://data.example/@evil",
        "https://",
        "https://data.example,",
    ),
    "trusted_proxies": _NO_NUMBERS,
    "metrics_port": (*_NO_NUMBERS, str(LAST_PORT + 1)),
    "metrics_host": ("", " "),
    "cache_seconds": _NO_NUMBERS,
    "cache_megabytes": _NO_NUMBERS,
    # Any text may be the name of a folder, or where somebody is found.
    "cache_folder": (),
    "copy_wait_seconds": _NO_NUMBERS,
    "texts_folder": (),
    "contact": (),
    "log_level": ("", "LOUD", "info", "INFO "),
    "log_format": ("", "xml"),
    "log_queries": ("", "1", "yes"),
}
# They may hold a password, which no error tells.
SECRET = ("database_url", "rate_limit_storage")
SETTINGS = {setting.name: setting for setting in fields(Settings)}


def test_where_the_environment_is_silent_settings_have_their_defaults() -> None:
    assert Settings.from_environment({"PATH": "/bin", "CONFLICT_EVENTS": "x"}) == Settings()


@for_each(
    ("name", "text", "value"), [(name, text, value) for name, texts in TAKEN.items() for text, value in texts.items()]
)
def test_a_setting_is_read_from_its_variable(name: str, text: str, value: object) -> None:
    found = Settings.from_environment({SETTINGS[name].metadata["environment"]: text})
    assert getattr(found, name) == value
    assert found == Settings(**{name: value})  # type: ignore[arg-type]  # by name


@for_each("name", list(REFUSED))
def test_a_value_that_a_setting_cannot_have_is_refused(name: str) -> None:
    variable = SETTINGS[name].metadata["environment"]
    for text in REFUSED[name]:
        with pytest.raises(SettingError) as refused:
            Settings.from_environment({variable: text})
        held = "not what it should be" if name in SECRET else repr(text)
        assert str(refused.value).startswith(f"{variable} is {held}; it should be ")


def test_every_setting_is_tried_here() -> None:
    assert TAKEN.keys() == REFUSED.keys() == SETTINGS.keys()


def test_every_default_is_a_value_that_its_setting_takes() -> None:
    environment = {setting.metadata["environment"]: str(setting.default) for setting in SETTINGS.values()}
    assert Settings.from_environment(environment) == Settings()


def test_every_setting_is_described_and_has_a_variable_of_its_own() -> None:
    variables = [setting.metadata["environment"] for setting in SETTINGS.values()]
    assert len(set(variables)) == len(variables)
    for name, setting in SETTINGS.items():
        sentence = setting.metadata["sentence"]
        assert sentence[0].isupper() and sentence.endswith("."), name
        # A variable is called like its setting, behind the name of the project; one is everybody's.
        assert setting.metadata["environment"] in (f"CONFLICT_EVENTS_{name.upper()}", "DATABASE_URL"), name


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFLICT_EVENTS_PORT", "9000")
    assert Settings.from_environment().port == 9000


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 9000  # type: ignore[misc]  # which is what is tried
