"""What can be listed, by type of record."""

from __future__ import annotations

from collections.abc import Mapping

from api.answers.lists import Listing
from api.answers.row_records import RowRecords
from api.answers.stored_records import StoredRecords
from api.columns import tables
from api.query import named_records
from api.records.events import EVENT_SHAPE
from api.records.figures import FIGURE_SHAPE
from api.records.groups_and_locations import GROUP_SHAPE, LOCATION_SHAPE
from api.records.sources import DATASET_SHAPE, DOCUMENT_SHAPE
from api.store.models import Dataset, Document, Event, Figure, Group, Location
from api.store.related_rows import with_group_details, with_location_details, with_releases

EVENTS = StoredRecords(EVENT_SHAPE, Event, tables.EVENT)
FIGURES = StoredRecords(FIGURE_SHAPE, Figure, tables.FIGURE)
GROUPS = RowRecords(GROUP_SHAPE, Group, tables.GROUP, named_records.groups, with_group_details)
LOCATIONS = RowRecords(LOCATION_SHAPE, Location, tables.LOCATION, named_records.locations, with_location_details)
DOCUMENTS = RowRecords(DOCUMENT_SHAPE, Document, tables.DOCUMENT, named_records.documents)
DATASETS = RowRecords(DATASET_SHAPE, Dataset, tables.DATASET, named_records.datasets, with_releases)

LISTINGS: Mapping[str, Listing] = {
    "dataset": DATASETS,
    "document": DOCUMENTS,
    "group": GROUPS,
    "location": LOCATIONS,
    "event": EVENTS,
    "figure": FIGURES,
}
