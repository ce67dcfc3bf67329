"""Reads ACLED's list of deleted ids, with which its users keep an export up to date, and withdraws those events.

An event that stands with a change newer than its deletion was coded anew since, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from api.load.source import Expectation
from api.store.batches import batches
from api.store.models import Event
from api.store.record_types import Record
from seeds.acled.values import seconds
from seeds.importer.ids import id_tail
from seeds.importer.imported import Imported
from seeds.importer.importer import FileSummary
from seeds.importer.table_importer import TableImporter


class AcledDeletions(TableImporter):
    """A list of deleted ids. It is a part: what it does not name is kept, and the dataset stays as it is told."""

    about = Path(__file__).with_name("about.yaml")
    columns_table = Path(__file__).with_name("deleted_columns.csv")
    is_always_part = True

    @property
    def expectation(self) -> Expectation:
        """Nothing is brought."""
        return Expectation()

    @property
    def dataset(self) -> Record:
        """The dataset's columns stay as they stand."""
        return {"id": super().dataset["id"]}

    def survey(self) -> FileSummary:
        """It has no release of its own."""
        return FileSummary("", None, None)

    def events(self, imported: Imported) -> Iterator[Record]:
        """None; the events of the listed ids are noted as gone."""
        connection, dataset = imported.connection, imported.dataset_id
        pick = self.file.picker(("event_id_cnty", "deleted_timestamp"))
        deleted: dict[str, int] = {}
        for printed, at in map(pick, self.file.rows()):
            identity = f"{dataset}-{id_tail(printed)}"
            deleted[identity] = max(seconds(at), deleted.get(identity, 0))
        self.report.columns_unread = self.file.unread
        standing_count = 0
        for some in batches(sorted(deleted)):
            standing = select(Event.id, Event.codes).where(Event.id.in_(some))
            for identity, codes in connection.execute(standing):
                standing_count += 1
                changed = codes.get("timestamp", 0)
                if isinstance(changed, int) and changed > deleted[identity] > 0:
                    self.report.note("changed again since they were deleted, so they stay", 0, identity)
                else:
                    self.gone.append(identity)
        self.report.decide(f"listed ids: {len(deleted):,}, of which {standing_count:,} are events here")
        yield from ()
