"""What the measurements of one engine stand on: two sizes of one world, and every server that is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from tests.benchmarks import ceiling, servers
from tests.benchmarks.client import Client
from tests.benchmarks.engines import Database
from tests.benchmarks.facts import Facts
from tests.benchmarks.findings import Finding
from tests.benchmarks.processes import BenchmarkFailed, Server
from tests.benchmarks.rounds import interleaved
from tests.benchmarks.wrk import Reading, Request, ask

# A ceiling may have a body that differs by this share from the answer compared.
SAME_SIZE = 0.05


@dataclass(frozen=True)
class Sized:
    """A world of one size: its database, what is in it, and the service that remembers nothing of it."""

    database: Database
    facts: Facts
    fresh: Server


@dataclass(frozen=True)
class Pace:
    """How long each subject is asked in each round, how many rounds there are, and how many combinations of a kind."""

    seconds: float
    rounds: int
    combinations: int


@dataclass
class Stage:
    """Everything of one engine, and what was found on it."""

    large: Sized
    small: Sized
    # The service as it is, with what it remembers.
    remembering: Server
    mapper: Server
    datasette: Server
    flat: Path
    pace: Pace
    folder: Path
    findings: list[Finding] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)

    def take_turns(self, subjects: dict[str, Subject]) -> dict[str, Reading]:
        """The median reading of each subject; all are kept for the report."""
        prepared = {name: subject.prepared(self.pace.seconds) for name, subject in subjects.items()}
        found = interleaved(prepared, self.pace.rounds)
        self.readings.update(found)
        return found

    @contextmanager
    def ceilings(self, sizes: Sequence[int]) -> Iterator[Ceilings]:
        """The ceiling, with a body for each of these sizes."""
        kept: list[int] = []
        for size in sorted(set(sizes)):
            if not kept or size - kept[-1] > kept[-1] * SAME_SIZE:
                kept.append(size)
        with servers.ceiling(kept, self.folder) as server:
            yield Ceilings(server, tuple(kept))


@dataclass(frozen=True)
class Ceilings:
    """Bare Flask with constant bodies."""

    server: Server
    sizes: tuple[int, ...]

    def like(self, size: int) -> Subject:
        """What a body of this size costs at the least."""
        return Subject(self.server, [ceiling.path(self._nearest(size))])

    def name(self, size: int) -> str:
        return f"ceiling of {self._nearest(size):,} bytes"

    def _nearest(self, size: int) -> int:
        return min(self.sizes, key=lambda known: abs(known - size))


@dataclass(frozen=True)
class Subject:
    """A server and what it is asked in turn; with a tag, the answer has to be 304.

    With `is_warmed`, each address was asked before, and what the server remembers is remembered.
    """

    server: Server
    paths: Sequence[str]
    tag: str = ""
    is_warmed: bool = False

    def prepared(self, seconds: float) -> _Asked:
        """The same, ready to be measured; the body of one answer at least was looked at."""
        status = HTTPStatus.NOT_MODIFIED if self.tag else HTTPStatus.OK
        with Client(self.server) as client:
            for path in self.paths if self.is_warmed else self.paths[:1]:
                client.ask(path, self.tag, status)
        return _Asked(self, seconds)


@dataclass(frozen=True)
class _Asked:
    subject: Subject
    seconds: float

    def __call__(self) -> Reading:
        requests = [Request(path, self.subject.tag) for path in self.subject.paths]
        reading = ask(self.subject.server, requests, self.seconds)
        if self.subject.tag and reading.bytes_per_answer > MOST_UNCHANGED_BYTES:
            raise BenchmarkFailed(f"{self.subject.paths[0]} answered with a body, not with 304")
        return reading


# A 304 is headers alone.
MOST_UNCHANGED_BYTES = 2000


@contextmanager
def staged(
    large: tuple[Database, Facts], small: tuple[Database, Facts], flat: Path, pace: Pace, folder: Path
) -> Iterator[Stage]:
    """Starts every server of one engine."""
    with ExitStack() as stack:

        def sized(database: Database, facts: Facts) -> Sized:
            return Sized(database, facts, stack.enter_context(servers.ours(database.address, folder, remembers=False)))

        yield Stage(
            sized(*large),
            sized(*small),
            stack.enter_context(servers.ours(large[0].address, folder, remembers=True)),
            stack.enter_context(servers.object_mapper(large[0].address, folder)),
            stack.enter_context(servers.datasette(flat, folder)),
            flat,
            pace,
            folder,
        )
