"""The loop of every importer: a publisher's file as a source for the load engine.

A publisher's package says what is its own: `about.yaml` tells what the dataset is, `columns.csv` what its columns are called
and hold, `survey` what a whole file says of itself, and `mapping` what one row is. All else is here: the hash, the report,
rows that are set aside or stand twice, what stands before what, and the least that a whole release brings.
`docs/importers.md` shows it by an example.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import yaml
from sqlalchemy import Connection

from api.domain.releases import Release
from api.load.releases import succession
from api.load.source import Expectation
from api.store.record_types import Record
from seeds.importer.imported import Imported
from seeds.importer.least_events import LeastEvents
from seeds.importer.opening import ByteProgress
from seeds.importer.records import DOCUMENT
from seeds.importer.report import ImportReport
from seeds.importer.table import FileOptions

_ABOUT = ("id", "title", "publisher", "description", "licence", "licence_url", "citation")


class FileSummary(NamedTuple):
    """What a file as a whole says: its release, and the first and last day that it covers.

    A publisher whose releases follow one another says so in a `Release`; a name alone takes the place of whatever is there, and an
    empty one is of a file that is no release.
    """

    release: Release | str
    first: date | None
    last: date | None


class Importer(ABC):
    """A file of a publisher's. `release` is what its user calls it; where it is not given it is found out.

    `progress` is told how many bytes more of the file are read. After `records` is exhausted, `report` says what was met.
    """

    # The file that says what the dataset is, beside the code.
    about: ClassVar[Path]

    # Which places and groups a release names, its publisher decides, and whoever uses them has no part in it.
    keeps_used = True
    # Whether its publisher tells a number of every event, known or not.
    counts_always = True
    # Whether the file can be nothing but a part of what is wanted.
    is_always_part = False
    # Whether the file may hold far fewer events than stand.
    may_shrink = False
    # Whether it is meant to be loaded where newer releases are, and over them.
    takes_older = False
    # What the user says of the file's form, and where to write the rows that are set aside.
    options = FileOptions()
    rejects: Path | None = None

    def __init__(
        self,
        path: Path,
        progress: ByteProgress = lambda _count: None,
        release: str | None = None,
        is_whole: bool = True,
    ) -> None:
        # Whether it is the whole release (no `--part`); `--whole` is `options.is_uncut`.
        self.is_whole = is_whole
        self.path, self.progress, self.given_release = path, progress, release
        self.report = ImportReport(path.name)
        self._imported: Imported | None = None
        self._count = 0
        # The ids of events whose rows were set aside: where they stand, they stay.
        self.left_in_place: list[str] = []
        # The ids of events that the file says are no more.
        self.gone: list[str] = []

    # --- What each publisher says ---------------------------------------------------------------------------------

    @abstractmethod
    def survey(self) -> FileSummary:
        """What the file as a whole says of itself. Errors: ImportFault."""

    @abstractmethod
    def events(self, imported: Imported) -> Iterator[Record]:
        """The events of the file; rows that cannot be read are set aside in the report. Errors: ImportFault."""

    def prepare(self, imported: Imported) -> None:  # noqa: B027  # Most publishers need nothing here.
        """Brings what has to be known before the first event."""

    @classmethod
    def title(cls) -> str:
        """What the dataset is called."""
        found: str = read_about(cls.about)["title"]
        return found

    # --- The loop -------------------------------------------------------------------------------------------------

    @property
    def content_hash(self) -> str:
        """The hash of the file and of what its user says of it."""
        return content_hash(
            self.path, f"{self.given_release or ''} {self.is_whole} {self.options.dates or ''}".rstrip()
        )

    @property
    def release(self) -> Release | None:
        """Which release of the dataset it is; null where it is none. Errors: ImportFault."""
        found = self.surveyed.release
        if isinstance(found, str):
            return Release(found) if found else None
        return found

    @cached_property
    def surveyed(self) -> FileSummary:
        """What the file as a whole says of itself, found out once. Errors: ImportFault."""
        return self.survey()

    @property
    def dataset(self) -> Record:
        """The dataset's own columns, with `{release}` where its words name the release. Errors: ImportFault."""
        about, survey = read_about(self.about), self.surveyed
        return {
            **{name: about[name] for name in _ABOUT},
            "release": "" if self.release is None else self.release.name,
            "first_date": survey.first,
            "last_date": survey.last,
            "is_redistributable": about["is_redistributable"],
        }

    @property
    def expectation(self) -> Expectation:
        """Each event has at least one figure where its publisher always counts, and a file that brings no event is refused."""
        least = max(1, self._count)
        return Expectation(events=least, figures=least if self.counts_always else 0)

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Every record of the file with its kind, each before what refers to it.

        Errors: ImportFault, where the file cannot be read on; at the end ImportRefused, where too many were set aside, and
        LoadRefused, where they are too few for a whole release.
        """
        about = read_about(self.about)
        least = LeastEvents(self.path.name, self._replaced(connection), about["least_percent"])
        imported = self._imported = Imported(connection, about["id"], about["position_basis"])
        yield "document", {**DOCUMENT, "id": about["id"], **about["document"]}
        self.prepare(imported)
        names = imported.names()
        if any(names.values()):
            yield from imported.new_records()
            yield "names", names
        for event in self.events(imported):
            yield from imported.new_records()
            self._count += 1
            yield "event", event
        self.report.refuse_too_many_set_aside()
        if self.is_whole and not self.may_shrink:
            least.refuse_fewer(self._count + len(self.left_in_place))
        counts = {"rows_read": self.report.rows, "rows_set_aside": self.report.set_aside_count}
        bound = least.refuse_others if self._may_be_of_other_events else None
        yield "end", {"left_in_place": self.left_in_place, "gone": self.gone, "refuse_withdrawing": bound, **counts}

    @property
    def _may_be_of_other_events(self) -> bool:
        """Whether the file may be of other events than those that stand: it is what its user asked for, of any country or days."""
        return not self.may_shrink and self.release is not None and self.release.is_of_living_data

    def _replaced(self, connection: Connection) -> int:
        """How many events there are of the releases that this one takes the place of. Errors: ImportFault, OlderRelease."""
        told = {"is_whole": self.is_whole, "takes_older": self.takes_older}
        return succession(connection, read_about(self.about)["id"], self.release, **told).events_replaced

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """The names that its places and groups have, and further ones of others'; asked after `records`."""
        del connection
        return {} if self._imported is None else self._imported.names()[record_type]

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """None: publishers name groups beside each other, and do not say how they relate otherwise."""
        return {}


def content_hash(path: Path, said: str = "") -> str:
    """The hash of a file, and of what its user says of it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(said.encode())
    return digest.hexdigest()


@cache
def read_about(about: Path) -> Mapping[str, Any]:
    """What a publisher's package says of its dataset."""
    found: dict[str, Any] = yaml.safe_load(about.read_text(encoding="utf-8"))
    return found
