"""The dearest questions that a server is asked, of every kind, for tests and measures of what they take in memory."""

from __future__ import annotations

import http.client
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from api.query.filters.words import MOST_WORDS
from tests.repeatedly import repeatedly
from tests.running import Running

# A ring of so many points is close to the longest body that is taken.
_RING_POINTS = 25_000
# How long a client waits for bytes: a workbook or a snapshot is made whole before it is sent, and may take twenty seconds and five
# minutes.
_ANSWER_SECONDS = 330
# How often it is looked how much memory a server has.
_LOOKS_A_SECOND = 20
# What can be asked in an address.
_ADDRESSES = (
    "/v1/events?format=csv",
    "/v1/events?format=ndjson",
    "/v1/events?format=geojson",
    "/v1/events?format=xlsx",
    "/v1/events?format=parquet",
    "/v1/figures?format=csv",
    "/v1/figures/totals?group_by=month,state_or_region,measure",
    "/v1/casualties/totals?group_by=document,location",
    "/v1/events?limit=1000",
    "/v1/events?facets=type,state_or_region,group&limit=1000",
    f"/v1/events?limit=1000&q={'+'.join(f'word{number}' for number in range(MOST_WORDS))}",
    "/v1/events?limit=1000&q=what+a+publisher+may+say",
    "/v1/datasets/other/snapshot.zip",
    "/v1/datasets/other/snapshot.duckdb",
)
# A question: its path, and its body where it is posted.
Asked = tuple[str, bytes | None]


def ring() -> bytes:
    """A posted question of all that lies within a ring of many points."""
    angles = (2 * math.pi * number / _RING_POINTS for number in range(_RING_POINTS))
    points = [[round(96 + 9 * math.cos(angle), 6), round(20 + 9 * math.sin(angle), 6)] for angle in angles]
    area = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
    return json.dumps({"within": area, "limit": 1000}).encode()


def heavy_questions(rounds: int) -> Iterator[Asked]:
    """So many rounds of all of them, each round of days of its own, so that nothing is answered from memory but snapshots."""
    posted = ring()
    for number in range(rounds):
        since = f"date_from=20{number % 24:02}-{number // 24 % 12 + 1:02}-01"
        addresses: list[Asked] = [(path if "/snapshot" in path else f"{path}&{since}", None) for path in _ADDRESSES]
        yield from chain(addresses, [(f"/v1/events/query?{since}", posted)])


def asked_heavily(port: int, question: Asked) -> str:
    """The status of an answer that was read to its end, or what kept it from that; a 503 has to say when to ask again."""
    path, body = question
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request("POST" if body else "GET", path, body, headers)
        with connection.getresponse() as answer:
            while answer.read(1 << 16):
                pass
            is_told = answer.status != 503 or int(answer.headers.get("Retry-After", 0)) > 0
            return str(answer.status) if is_told else "503 without Retry-After"
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__} at {path.partition('date_from')[0]}"
    finally:
        connection.close()


def megabytes(server: Running) -> float:
    """The memory of the processes that answer, without pages of mapped files."""
    found = 0.0
    for worker in server.workers():
        status = Path(f"/proc/{worker}/status").read_text().splitlines()
        found += next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1000
    return found


class Memory:
    """How much memory a server had at first, and at the most."""

    def __init__(self, first: float) -> None:
        self.first = self.most = first

    @property
    def growth(self) -> float:
        """In megabytes."""
        return self.most - self.first


@contextmanager
def most_memory(server: Running) -> Iterator[Memory]:
    """Looks how much memory a server has as long as the block lasts."""
    memory = Memory(megabytes(server))

    def look() -> None:
        memory.most = max(memory.most, megabytes(server))

    with repeatedly(look, _LOOKS_A_SECOND):
        yield memory
