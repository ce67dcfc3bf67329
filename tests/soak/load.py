"""Load on one server: a mixed replay of questions, lists beside slow exports, and fifty heavy clients."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.benchmarks.wrk import MARK, SCRIPT
from tests.heavy import asked_heavily, heavy_questions, megabytes, most_memory
from tests.running import ANSWER_SECONDS, Running

# What people ask: pages of lists, records, totals, facets, names, an export now and then.
MIXED = (
    "/v1/events?limit=20",
    "/v1/events?type=battles&limit=50",
    "/v1/events?country=MMR&facets=type,state_or_region&limit=10",
    "/v1/events?q=attack&limit=20",
    "/v1/events?sort=-killed&limit=10",
    "/v1/casualties/totals?group_by=month",
    "/v1/casualties/totals?group_by=measure,state_or_region",
    "/v1/events/totals?group_by=type",
    "/v1/groups?limit=50",
    "/v1/locations?limit=50",
    "/v1/documents?limit=20",
    "/v1/events?format=csv&limit=200",
    "/v1/events?gruop=AA",
    "/v1/events?group=nobody",
)
# Those of them that are wrong on purpose, and the years of the periods that the others are asked for.
REFUSED = MIXED[-2:]
YEARS = range(1989, 2025)
LIST = "/v1/events?limit=20"
EXPORT = "/v1/events?format=ndjson"
CLIENTS, SLOW_EXPORTS, HEAVY_CLIENTS, HEAVY_ROUNDS = 8, 10, 50, 288
# A slow reader takes so many bytes, and then waits.
SLOW_BYTES, SLOW_SECONDS = 20_000, 0.2
# How long the reading copy of a large database may take to be made.
COPY_SECONDS = 300
# How long a client waits that got no answer.
_UNANSWERED_SECONDS = 0.05


class Load:
    """Clients that ask in turn until they are told to stop; counts their answers and how long each took."""

    def __init__(self, port: int, paths: tuple[str, ...], clients: int) -> None:
        self.port, self.paths, self.clients = port, paths, clients
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        # For how many seconds one client's requests failed in a row.
        self.longest_failing = 0.0
        self._is_over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Load]:
        with ThreadPoolExecutor(self.clients) as pool:
            asking = [pool.submit(self._ask, start) for start in range(self.clients)]
            try:
                yield self
            finally:
                self._is_over.set()
        for each in asking:
            each.result()

    def for_seconds(self, seconds: float) -> Load:
        """Asks for so long."""
        with self.running():
            time.sleep(seconds)
        return self

    def _ask(self, start: int) -> None:
        turns = cycle(self.paths[start % len(self.paths) :] + self.paths[: start % len(self.paths)])
        failing_since: float | None = None
        while not self._is_over.is_set():
            begun = time.monotonic()
            status = ask(self.port, next(turns))
            self.statuses[status] += 1
            failing_since = None if status[0] in "24" else failing_since or begun
            if failing_since is not None:
                self.longest_failing = max(self.longest_failing, time.monotonic() - failing_since)
            if status[0] in "24":
                self.seconds.append(time.monotonic() - begun)
            elif not status.isdigit():
                time.sleep(_UNANSWERED_SECONDS)

    def __str__(self) -> str:
        answers = ", ".join(f"{count:,} of {status}" for status, count in sorted(self.statuses.items()))
        return f"{answers}; p50 {self.percentile(50):.0f} ms, p99 {self.percentile(99):.0f} ms"

    def percentile(self, share: int) -> float:
        """In milliseconds; 0 where nothing was answered."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0


def ask(port: int, path: str) -> str:
    """The status of an answer that was read to its end, or what kept it from that."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            while answer.read(1 << 16):
                pass
            return str(answer.status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def wait_for_copy(server: Running) -> None:
    """Waits until lists are answered, for which a new machine makes its reading copy first."""
    until = time.monotonic() + COPY_SECONDS
    while (status := ask(server.port, LIST)) != "200":
        assert time.monotonic() < until, status
        time.sleep(1)


def memory_and_files(server: Running) -> tuple[float, int]:
    """Megabytes of the processes that answer, without pages of mapped files, and their open files."""
    return megabytes(server), sum(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in server.workers())


def replay(server: Running, seconds: float) -> str:
    """Two rounds of the same questions, so that what grows is seen to."""
    Load(server.port, MIXED, CLIENTS).for_seconds(seconds / 2)
    before, files = memory_and_files(server)
    found = Load(server.port, MIXED, CLIENTS).for_seconds(seconds / 2)
    later, files_later = memory_and_files(server)
    return f"{found}; {before:.0f} → {later:.0f} MB, {files} → {files_later} files"


def wrk_replay(server: Running, seconds: float) -> str:
    """The same questions of thousands of periods, so that few are answered from memory, by wrk and as fast as it gets answers:
    two rounds, whose memory and open files are told apart."""
    if shutil.which("wrk") is None:
        return "not tried: wrk is not installed"
    good = [path for path in MIXED if path not in REFUSED]
    periods = [f"&date_from={year}-{month:02}-01" for year in YEARS for month in range(1, 13)]
    told = []
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as listed:
        listed.writelines(f"{path}{period}\t\t\n" for period in periods for path in good)
        listed.flush()
        for _round in range(2):
            run = [
                "wrk",
                "-t1",
                f"-c{CLIENTS}",
                "--latency",
                f"-d{seconds / 2:.0f}s",
                "--timeout",
                "60s",
                "-s",
                str(SCRIPT),
            ]
            command = [*run, f"http://127.0.0.1:{server.port}", "--", listed.name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout.partition(MARK)[2].splitlines()[0])
            size, files = memory_and_files(server)
            told.append(
                f"{found['requests'] / found['microseconds'] * 1e6:.0f} answers/s, p50 {found['median'] / 1000:.0f} ms, "
                f"p99 {found['p99'] / 1000:.0f} ms, errors {sum(found['errors'].values())}, {size:.0f} MB, {files} files"
            )
    return " → ".join(told)


def lists_beside_slow_exports(server: Running, seconds: float) -> str:
    """The p99 of lists alone, and beside ten exports that are read slowly."""
    Load(server.port, (LIST,), 2).for_seconds(1)
    alone = Load(server.port, (LIST,), 2).for_seconds(seconds)
    is_over = threading.Event()
    with ThreadPoolExecutor(SLOW_EXPORTS) as readers:
        reading = [readers.submit(_read_slowly, server.port, is_over) for _ in range(SLOW_EXPORTS)]
        time.sleep(1)
        beside = Load(server.port, (LIST,), 2).for_seconds(seconds)
        is_over.set()
    taken = Counter(each.result() for each in reading)
    times = beside.percentile(99) / max(alone.percentile(99), 0.001)
    return f"p99 {alone.percentile(99):.0f} ms alone, {beside.percentile(99):.0f} ms beside {dict(taken)}: {times:.1f} times"


def _read_slowly(port: int, is_over: threading.Event) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    connection.request("GET", EXPORT)
    with connection.getresponse() as answer:
        while not is_over.wait(SLOW_SECONDS) and answer.read(SLOW_BYTES):
            pass
        status = str(answer.status)
    connection.close()
    return status


def heavy_clients(server: Running, seconds: float) -> str:
    """Fifty clients that ask the dearest questions of every kind, each of days of its own: memory, and how late health is."""
    questions, guard = cycle(heavy_questions(HEAVY_ROUNDS)), threading.Lock()
    statuses: Counter[str] = Counter()
    until = time.monotonic() + seconds

    def ask_on() -> None:
        while time.monotonic() < until:
            with guard:
                question = next(questions)
            status = asked_heavily(server.port, question)
            with guard:
                statuses[status] += 1

    health = Load(server.port, ("/health/live",), 1)
    with most_memory(server) as memory, health.running(), ThreadPoolExecutor(HEAVY_CLIENTS) as clients:
        for _ in range(HEAVY_CLIENTS):
            clients.submit(ask_on)
    answers = ", ".join(f"{count:,} of {status}" for status, count in sorted(statuses.items()))
    return f"{memory.first:.0f} → {memory.most:.0f} MB at the most; {answers}; health: {health}"
