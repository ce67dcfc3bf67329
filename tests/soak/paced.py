"""A replay at a rate of its own: questions come when they come, and do not wait for answers to those before."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.running import Running
from tests.soak.load import MIXED, REFUSED, YEARS, ask, memory_and_files

# More clients than ever wait: beyond them a question is counted as not sent.
CLIENTS = 256
# For how long one client alone asks, whose rate is the comfortable one.
ALONE_SECONDS = 30.0
ORDER_SEED = 1027
_SHARE_MS = 1000


@dataclass
class Part:
    """What came of one part of the time: statuses, seconds of the good answers, and the server's size at its end."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    megabytes: float = 0
    files: int = 0

    def percentile(self, share: int) -> float:
        """In milliseconds; 0 where nothing was answered."""
        ordered = sorted(self.seconds)
        return _SHARE_MS * ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0

    def __str__(self) -> str:
        answers = ", ".join(f"{count:,} of {status}" for status, count in sorted(self.statuses.items()))
        latency = f"p50 {self.percentile(50):.0f} ms, p99 {self.percentile(99):.0f} ms"
        return f"{answers}; {latency}; {self.megabytes:.0f} MB, {self.files} files"


def twice_the_comfortable_rate(server: Running, seconds: float, parts: int = 4) -> str:
    """The questions of the replay, each of a period of its own and in no order, at twice the rate at which one client
    gets its answers. What came of each quarter of the time is told apart, so that what grows is seen to."""
    questions = [
        f"{path}&date_from={year}-{month:02}-01"
        for year in YEARS
        for month in range(1, 13)
        for path in MIXED
        if path not in REFUSED
    ]
    random.Random(ORDER_SEED).shuffle(questions)
    rate = _rate_of_one(server, questions)
    told = [_paced(server, questions, 2 * rate, seconds / parts, part) for part in range(parts)]
    return f"{rate:.1f}/s comfortable; " + " → ".join(str(part) for part in told)


def _rate_of_one(server: Running, questions: Sequence[str]) -> float:
    """Answers a second to one client that waits for each; asks from the end, which the replay reaches last."""
    begun, answered = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < ALONE_SECONDS:
        ask(server.port, questions[-1 - answered % len(questions)])
        answered += 1
    return answered / passed


def _paced(server: Running, questions: Sequence[str], rate: float, seconds: float, part: int) -> Part:
    found, guard = Part(), threading.Lock()
    waiting = threading.Semaphore(CLIENTS)
    number = round(rate * seconds)

    def one(path: str) -> None:
        begun = time.monotonic()
        status = ask(server.port, path)
        with guard:
            found.statuses[status] += 1
            if status == "200":
                found.seconds.append(time.monotonic() - begun)
        waiting.release()

    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        for turn in range(number):
            time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
            if waiting.acquire(blocking=False):
                clients.submit(one, questions[(part * number + turn) % len(questions)])
            else:
                with guard:
                    found.statuses["not sent"] += 1
    found.megabytes, found.files = memory_and_files(server)
    return found
