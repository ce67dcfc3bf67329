"""The loop of every importer: a publisher's file as a source for the load engine.

A publisher's package says what is its own: `about.yaml` tells what the dataset is, `survey` what a whole file says of itself,
and `event` what one row is. All else is here: the hash, the report, what stands before what, and the least that a whole
release brings. `docs/importers.md` shows it by an example.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import yaml
from sqlalchemy import Connection, func, select

from api.load.loading import Expectation
from api.store.inserts import LoadRefused
from api.store.models import Event
from api.store.record_types import Record
from seeds.importer.csv_file import CSVFile
from seeds.importer.imported import Imported
from seeds.importer.opening import ByteProgress
from seeds.importer.records import DOCUMENT
from seeds.importer.report import ImportFault, ImportReport, Unreadable

_ABOUT = ("id", "title", "publisher", "description", "licence", "licence_url", "citation")


class Survey(NamedTuple):
    """What a file as a whole says: its release, the first and last day that it covers, and how the release is known."""

    release: str
    first: date | None
    last: date | None
    basis: str = ""


class Importer(ABC):
    """A file of a publisher's. `release` is what its user calls it; where it is not given it is found out.

    `progress` is told how many bytes more of the file are read. After `records` is exhausted, `report` says what was met.
    """

    # The file that says what the dataset is, beside the code.
    about: ClassVar[Path]

    # Which places and groups a release names, its publisher decides, and whoever uses them has no part in it.
    keeps_used = True
    # Whether the file may hold far fewer events than stand.
    may_shrink = False

    def __init__(
        self,
        path: Path,
        progress: ByteProgress = lambda _count: None,
        release: str | None = None,
        is_complete: bool = True,
    ) -> None:
        self.is_complete = is_complete
        self.path, self.progress, self.given_release = path, progress, release
        self.report = ImportReport(path.name)
        self._imported: Imported | None = None
        self._count = 0

    # --- What each publisher says ---------------------------------------------------------------------------------

    @abstractmethod
    def survey(self) -> Survey:
        """What the file as a whole says of itself. Errors: ImportFault."""

    @abstractmethod
    def events(self, imported: Imported) -> Iterator[Record]:
        """The events of the file; rows that cannot be read are refused in the report. Errors: ImportFault."""

    def prepare(self, imported: Imported) -> None:  # noqa: B027  # Most publishers need nothing here.
        """Brings what has to be known before the first event."""

    # --- The loop -------------------------------------------------------------------------------------------------

    @property
    def content_hash(self) -> str:
        """The hash of the file and of what its user says of it."""
        return content_hash(self.path, f"{self.given_release or ''} {self.is_complete}")

    @cached_property
    def surveyed(self) -> Survey:
        """What the file as a whole says of itself, found out once. Errors: ImportFault."""
        return self.survey()

    @property
    def dataset(self) -> Record:
        """The dataset's own columns. Errors: ImportFault."""
        about, survey = _read(self.about), self.surveyed
        told = {"release": survey.release, "basis": survey.basis}
        return {
            **{name: about[name] for name in _ABOUT},
            "description": about["description"].format(**told),
            "citation": about["citation"].format(**told),
            "release": survey.release,
            "first_date": survey.first,
            "last_date": survey.last,
            "is_redistributable": about["is_redistributable"],
        }

    @property
    def expectation(self) -> Expectation:
        """Each event has at least one figure, and a file without rows is none of the publisher's."""
        least = max(1, self._count)
        return Expectation(events=least, figures=least)

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Every record of the file with its kind, each before what refers to it.

        Errors: ImportFault, where the file cannot be read on; at the end ImportRefused, where rows were refused, and
        LoadRefused, where they are too few for a whole release.
        """
        about = _read(self.about)
        _ = self.surveyed
        least = _Least(connection, about["id"], about["least_percent"])
        imported = self._imported = Imported(connection, about["id"], about["position_basis"])
        yield "document", {**DOCUMENT, "id": about["id"], **about["document"]}
        self.prepare(imported)
        names = imported.names()
        if any(names.values()):
            yield from imported.fresh()
            yield "names", names
        for event in self.events(imported):
            yield from imported.fresh()
            self._count += 1
            yield "event", event
        self.report.raise_if_refused()
        if self.is_complete and not self.may_shrink:
            least.hold(self.path.name, self._count)

    def names(self, kind: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        """The names that its places and groups have, and further ones of others'; asked after `records`."""
        del connection
        return {} if self._imported is None else self._imported.names()[kind]

    def relations(self) -> Mapping[str, Sequence[Record]]:
        """None: publishers name groups beside each other, and do not say how they relate otherwise."""
        return {}


class CSVImporter(Importer):
    """A publisher's CSV file, each row of which is an event; `file` reads it."""

    # The columns that every file has.
    required: ClassVar[Sequence[str]]

    @cached_property
    def file(self) -> CSVFile:
        """The file, with all the columns that it must have. Errors: ImportFault."""
        file = CSVFile(self.path, self.progress, self.report)
        file.require(self.required)
        return file

    @abstractmethod
    def mapping(self, imported: Imported) -> Callable[[list[str]], Record]:
        """What makes an event of a row, and raises Unreadable where it cannot."""

    def events(self, imported: Imported) -> Iterator[Record]:
        """The events of the rows that can be read."""
        file, event_of = self.file, self.mapping(imported)
        for row in file.rows():
            try:
                event = event_of(row)
            except Unreadable as fault:
                self.report.refuse(ImportFault(file.name, file.line, fault.column, fault.message))
            else:
                yield event
        self.report.columns_unread = file.unread


class _Least:
    """The least of a dataset's events that a whole release brings: this percentage of those that stand.

    What a whole release lacks is withdrawn. A file with far fewer events than stand is more likely cut off between two
    rows, or a slice of what was wanted, than a correction by its publisher: then nothing is taken.
    """

    def __init__(self, connection: Connection, dataset_id: str, percent: int) -> None:
        counted = select(func.count()).select_from(Event).where(Event.dataset_id == dataset_id)
        self._standing = connection.execute(counted).scalar_one()
        self._least = self._standing * percent // 100

    def hold(self, file: str, count: int) -> None:
        """Makes sure that a file that brings so many events may replace what stands. Errors: LoadRefused."""
        if count < self._least:
            raise LoadRefused(
                f"{file} holds {count:,} events where {self._standing:,} stand, and a whole release has at least "
                f"{self._least:,}. Is it cut off, or a part? --part keeps what it does not hold, --smaller withdraws it"
            )


def content_hash(path: Path, said: str = "") -> str:
    """The hash of a file, and of what its user says of it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(said.encode())
    return digest.hexdigest()


@cache
def _read(about: Path) -> Mapping[str, Any]:
    """What a publisher's package says of its dataset."""
    found: dict[str, Any] = yaml.safe_load(about.read_text(encoding="utf-8"))
    return found
