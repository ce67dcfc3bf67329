"""The tables, with every constraint that the database can hold.

Children of an event carry `event_number`, so that the schema can be sharded by event. Columns under "derived" are worked
out by the load engine from the others; nobody codes them.
"""

from api.store.models.derived import (
    ColumnChunk,
    ColumnPiece,
    EventRendition,
    EventWords,
    FigureRendition,
    RenditionDictionary,
)
from api.store.models.events import Event, Participation, Report
from api.store.models.figures import Claim, Figure
from api.store.models.groups import Group, GroupCode, GroupName, GroupRelation
from api.store.models.history import Change, Load, Revision
from api.store.models.places import Location, LocationName
from api.store.models.sources import Dataset, Document, Release

__all__ = [
    "Change",
    "Claim",
    "ColumnChunk",
    "ColumnPiece",
    "Dataset",
    "Document",
    "Event",
    "EventRendition",
    "EventWords",
    "Figure",
    "FigureRendition",
    "Group",
    "GroupCode",
    "GroupName",
    "GroupRelation",
    "Load",
    "Location",
    "LocationName",
    "Participation",
    "Release",
    "RenditionDictionary",
    "Report",
    "Revision",
]
