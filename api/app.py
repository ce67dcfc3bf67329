"""Creates the application: settings, database, caches, request hooks and resources, wired together."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask

from api.answers.admission import AllSlots
from api.answers.request_hooks import add_request_hooks
from api.answers.request_log import configure
from api.answers.revision_cache import RevisionCache
from api.answers.routes import add_endings, add_queries
from api.answers.service import Service
from api.columns.copies import Copies
from api.ogc import views as ogc
from api.operation.metrics import request_metrics
from api.pages.page import register
from api.resources import (
    about,
    changes,
    codebook,
    datasets,
    documents,
    events,
    explorer,
    figures,
    groups,
    locations,
    manual,
    matches,
    methodology,
)
from api.settings import Settings
from api.store.database import connect, connect_unpooled
from api.store.revision import SELECT_TOKEN, SingleRowReader
from api.store.schema import head

BYTES_PER_MEGABYTE = 1_000_000
# A few thousand small values.
COVERAGE_CACHE_BYTES = 1_000_000
# After how many new objects a worker looks for garbage among them, and after how many such looks among older ones and all.
_LOOKS_FOR_GARBAGE = (10_000, 20, 20)


class Application(Flask):
    """Flask, where every view is a plain function, and what is below /v1 and /ogc is answered with a slash behind it too."""

    def add_url_rule(self, rule: str, *names_and_view: Any, **options: Any) -> None:
        options.setdefault("strict_slashes", not rule.startswith(("/v1", "/ogc")))
        super().add_url_rule(rule, *names_and_view, **options)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        # Asking each of them anew whether it is a coroutine costs as much as looking up a record.
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings; for those of the environment where none are given."""
    chosen = Settings.from_environment() if settings is None else settings
    configure(chosen)
    app = Application("api")
    # Keys keep the order of their declaration.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    cache = RevisionCache(chosen.cache_megabytes * BYTES_PER_MEGABYTE)
    row_reader = SingleRowReader(connect_unpooled(chosen))
    slots = AllSlots(chosen)
    # One more makes the reading copy.
    engine = connect(chosen, first_query=SELECT_TOKEN, at_once=slots.at_once + 1)
    service = app.extensions["conflict_events"] = Service(
        chosen, engine, row_reader, Copies(chosen, engine), cache, RevisionCache(COVERAGE_CACHE_BYTES), head(), slots
    )
    for resource in (
        about,
        explorer,
        manual,
        events,
        matches,
        groups,
        locations,
        figures,
        documents,
        datasets,
        changes,
        codebook,
        methodology,
        ogc,
    ):
        app.register_blueprint(resource.BLUEPRINT)
    add_queries(app)
    add_endings(app)
    register(app, chosen.texts_folder)
    paths = frozenset("/".join(rule.rule.split("/", 3)[:3]) for rule in app.url_map.iter_rules())
    add_request_hooks(app, service, request_metrics(paths, engine, lambda: cache.bytes))
    return app


def create_worker() -> Flask:
    """The application for a process that does nothing but serve it."""
    app = create_app()
    # All that stands now stands until the process ends. Looked through for garbage again and again, it would hold up
    # answers for as long as fifty of them take.
    gc.collect()
    gc.freeze()
    # A total makes many thousand objects that are gone with it. To look for garbage as often as usual takes a tenth of it.
    gc.set_threshold(*_LOOKS_FOR_GARBAGE)
    return app
