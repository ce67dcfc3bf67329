"""The tables, with every constraint the database can hold. Knows the codebook, no request and no file.

Children of an event carry `event_number`, so that the schema can be sharded by event. Columns under "derived" are worked
out by the loading wing from the others; nobody codes them.
"""

from api.models.columns import ALIAS_RANK
from api.models.events import Event, Participation, Report
from api.models.figures import Claim, Figure
from api.models.groups import Group, GroupCode, GroupName, GroupRelation
from api.models.history import Change, Revision
from api.models.pieces import ColumnChunk, ColumnPiece
from api.models.places import Location, LocationName
from api.models.rules import DRAWN_PRECISIONS, LEVELS, UNDRAWN_LEVELS
from api.models.served import EventRendition, EventWords, FigureRendition, RenditionDictionary
from api.models.sources import Dataset, Document

__all__ = [
    "ALIAS_RANK",
    "DRAWN_PRECISIONS",
    "LEVELS",
    "UNDRAWN_LEVELS",
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
    "Location",
    "LocationName",
    "Participation",
    "RenditionDictionary",
    "Report",
    "Revision",
]
