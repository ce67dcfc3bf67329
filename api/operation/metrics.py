"""Metrics of the service for Prometheus: workers write theirs to files, and the main process puts them together.

They are served on a port of their own, so that they stay among operators whatever a proxy passes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from api.columns.copy_files import folder_of
from api.columns.scratch import scratch_folder
from api.settings import Settings
from api.store.database import connect_unpooled
from api.store.models import Revision

# Where the client library of Prometheus has its processes write; it is read when the library is imported.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60)
_BYTES = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
# How long a client of theirs may say nothing.
_SILENT_SECONDS = 10


def request_metrics(
    paths: frozenset[str], engine: Engine, cache_bytes: Callable[[], int]
) -> Callable[[Mapping[str, Any]], None] | None:
    """What counts each request of this worker, of which it is given what the log is given; null where no metrics are served.

    `paths` are those that have metrics of their own, by their first two steps.
    """
    if _FOLDER not in os.environ:
        return None
    # It takes longer to import than most requests.
    from prometheus_client import Counter, Gauge, Histogram

    requests = Counter("conflict_events_requests", "Requests answered.", ["path", "status"])
    seconds = Histogram("conflict_events_request_seconds", "Time until all was given away.", ["path"], buckets=_SECONDS)
    sizes = Histogram("conflict_events_response_bytes", "Bytes of answers.", ["path"], buckets=_BYTES)
    broken = Counter("conflict_events_broken_answers", "Answers that were not given away whole.", ["path"])
    connections = Gauge(
        "conflict_events_pool_connections", "Connections to the database in use.", multiprocess_mode="livesum"
    )
    cached = Gauge("conflict_events_cache_bytes", "Answers kept in memory.", multiprocess_mode="livesum")

    def observe(told: Mapping[str, Any]) -> None:
        start = "/".join(told["path"].split("/", 3)[:3])
        path = start if start in paths else "other"
        requests.labels(path, told["status"]).inc()
        seconds.labels(path).observe(told["milliseconds"] / 1000)
        sizes.labels(path).observe(told["bytes"])
        if not told["is_whole"]:
            broken.labels(path).inc()
        connections.set(engine.pool.checkedout())  # type: ignore[attr-defined]  # of the pools that we choose
        cached.set(cache_bytes())

    return observe


class _ServiceState:
    """What the service stands on, looked at when it is asked for."""

    def __init__(self, settings: Settings, deaths: Callable[[], int]) -> None:
        self._deaths = deaths
        self._engine = connect_unpooled(settings)
        self._folder = folder_of(settings)

    def collect(self) -> Iterator[Any]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        yield CounterMetricFamily(
            "conflict_events_worker_deaths", "Workers that ended by themselves and were replaced.", self._deaths()
        )
        try:
            with self._engine.connect() as connection:
                revision = connection.execute(select(Revision.token, Revision.at)).first()
            yield GaugeMetricFamily("conflict_events_database_up", "Whether the database answers.", 1)
        except SQLAlchemyError:
            revision = None
            yield GaugeMetricFamily("conflict_events_database_up", "Whether the database answers.", 0)
        if revision is not None:
            at = GaugeMetricFamily(
                "conflict_events_revision_timestamp_seconds",
                "Since when the data are as they are.",
                labels=["revision"],
            )
            at.add_metric([revision.token], revision.at.timestamp())
            yield at
        copies = [file.stat().st_size for file in self._folder.glob("*.duckdb")]
        yield GaugeMetricFamily("conflict_events_reading_copies", "Reading copies of this machine.", len(copies))
        yield GaugeMetricFamily("conflict_events_reading_copy_bytes", "Bytes of reading copies.", sum(copies))


@contextmanager
def metrics_served(settings: Settings, deaths: Callable[[], int]) -> Iterator[None]:
    """Serves the metrics of all workers that are started in the block, where a port is set; `deaths` tells how many of them
    died. Errors: OSError."""
    if not settings.metrics_port:
        yield
        return
    with scratch_folder() as made:
        folder = os.environ[_FOLDER] = str(made)
        from prometheus_client import CollectorRegistry, start_http_server
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        class Living(MultiProcessCollector):
            """The metrics of workers; what a dead one held counts no more."""

            def collect(self) -> Any:
                for file in Path(folder).glob("gauge_live*.db"):
                    process = int(file.stem.rpartition("_")[2])
                    if not Path(f"/proc/{process}").exists():
                        mark_process_dead(process, folder)  # type: ignore[no-untyped-call]  # the library's, as below
                return super().collect()  # type: ignore[no-untyped-call]  # likewise

        registry = CollectorRegistry()
        Living(registry, folder)  # type: ignore[no-untyped-call]  # likewise
        registry.register(_ServiceState(settings, deaths))
        server, _thread = start_http_server(settings.metrics_port, settings.metrics_host, registry)
        # Each connection has a thread, which would wait for ever for a client that says nothing.
        server.RequestHandlerClass.timeout = _SILENT_SECONDS  # type: ignore[attr-defined]  # of Python's own handlers
        server.handle_error = lambda *_connection: None  # type: ignore[method-assign]  # what a client breaks off is no fault
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
