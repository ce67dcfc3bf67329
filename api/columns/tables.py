"""The tables of the reading copy, as questions see them.

Events and figures are wide: whatever a filter or a dimension asks of them is a column. What hangs on them (who takes
part, who reports, who claims) is stored as sets: many events have the very same participants, so an event names its set
by number, and a small table says what each set holds. A question about participants then looks at some hundreds of sets
and not at millions of rows, and no event is counted twice for having two of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, String, Table

from api.columns.column_types import BOUNDS, bare_column
from api.domain.codebook.places import LEVELS
from api.store.models import (
    Claim,
    Dataset,
    Document,
    Event,
    Figure,
    Group,
    GroupName,
    GroupRelation,
    Location,
    LocationName,
    Participation,
    Report,
)

METADATA = MetaData()


def _like(model: Any, *names: str) -> list[Column[Any]]:
    return [bare_column(model.__table__.columns[name]) for name in names]


def _integers(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer()) for name in names]


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, String()) for name in names]


def _placed() -> list[Column[Any]]:
    """What events and figures are asked for by where they lie: the place of each level, and the point on a map; and what
    flat rows show of it."""
    return [
        *_like(Location, *LEVELS),
        Column("drawn_latitude", Double()),
        Column("drawn_longitude", Double()),
        *_like(Event, *POINT),
        *_texts(*PLACE_SHOWN),
    ]


def _adding() -> list[Column[Any]]:
    """In which columns a whole and its parts differ (bits, see families.py; 0 of a figure that has neither), and what a figure
    adds to a total where its family stands in one row, and where each of its populations stands in a row of its own."""
    return [
        *_integers("differences"),
        *(Column(f"{way}_{bound}", BigInteger()) for way in ("one_row", "by_population") for bound in BOUNDS),
        *(Column(f"{way}_open", Boolean()) for way in ("one_row", "by_population")),
    ]


# --- Events and figures --------------------------------------------------------------------------------------------

# A record's own point, or else its place's.
POINT = ("latitude", "longitude")
# What flat rows show of the place: its own, and the name and P-code of each level of places that it lies in.
SHOWN_LEVELS = {"admin1": "state_or_region", "admin2": "district", "admin3": "township"}
PLACE_SHOWN = (
    *("location_name", "location_level", "location_pcode"),
    *(f"{shown}_{what}" for shown in SHOWN_LEVELS for what in ("name", "pcode")),
)
# The columns that are read from the rows as they are.
EVENT_ROW = (
    *("number", "id", "dataset_id", "release", "kind", "type", "subtype", "outcome", "coding_status", "part_of"),
    *("date_start", "date_end", "date_precision", "location_id", "location_precision", "updated_at"),
    *("title", "summary", "codes"),
)
FIGURE_ROW = (
    *("number", "id", "event_number", "event_id", "dataset_id", "family", "measure", "population", "object", "sex"),
    *("age", "cause", "term", "unit", "low", "best", "high", "open_ended", "qualifier", "status"),
    *("part_of", "nesting", "reason"),
    *("date_start", "date_end", "date_precision", "location_id", "location_precision", "updated_at"),
)
# What a figure knows of its event, so that a filter on the event is one on the figure.
OF_ITS_EVENT = ("release", "kind", "type", "subtype", "outcome", "coding_status")
# The sets that an event names by number, and those that a figure does.
EVENT_SETS = ("participant_set", "attribution_set", "profile_set", "word_set")
FIGURE_SETS = ("claim_set", "participant_set", "word_set")
# What flat rows show of what hangs on an event or figure: ids in the order of the record, joined to one text.
EVENT_LISTED = ("figure_ids",)
FIGURE_LISTED = ("part_ids",)
# What flat rows show of an event's groups: those of a role and all of them, by their ids and names; and of who says so, of an
# event or figure. It follows from the sets, in the order of ids.
SHOWN_ROLES = {"attacker": "attacker", "defender": "defender", "target": "target", "participant": None}
PARTICIPANTS_SHOWN = tuple(name for shown in SHOWN_ROLES for name in (f"{shown}s", f"{shown}_names"))
ATTRIBUTION_SHOWN = ("document_ids", "outlets", "claimants")
# What is told of who says so, each by itself, as sets of its own: far fewer than sets of whole reports or claims.
ATTRIBUTION_COLUMNS = ("outlet", "claimant", "source", "verification")
ATTRIBUTION_SETS = tuple(f"{name}_values" for name in ATTRIBUTION_COLUMNS)
# The measures whose totals stand in an event's flat row, as totals say them of this event alone. No bounds where no figure
# has a number; null altogether where there is no figure.
TOTALLED = ("killed", "injured", "captured", "displaced")
# And of the civilians among them.
CIVILIANS_TOTALLED = ("killed",)
# Texts that only flat rows show; no filter or dimension reads them.
SHOWN = frozenset(
    {
        *("title", "summary", "codes", "reason", "event_id", "event_title", "part_of_title"),
        *(*PLACE_SHOWN, *EVENT_LISTED, *FIGURE_LISTED, *PARTICIPANTS_SHOWN, *ATTRIBUTION_SHOWN),
    }
)
# Columns of events that figures have too, under the same names and of the same meaning.
EVENT_COLUMNS_OF_FIGURES = (*OF_ITS_EVENT, "dataset_id", "participant_set", "word_set")


EVENT = Table(
    "event",
    METADATA,
    # Its position among all in the order of lists, newest first, in which they are stored.
    *_integers("list_position"),
    *_like(Event, *EVENT_ROW),
    *_placed(),
    *_integers(*EVENT_SETS, *ATTRIBUTION_SETS),
    *_texts("part_of_title", *EVENT_LISTED, *PARTICIPANTS_SHOWN, *ATTRIBUTION_SHOWN),
    *(Column(f"{measure}_{bound}", BigInteger()) for measure in TOTALLED for bound in BOUNDS),
    *(Column(f"{measure}_civilians_{bound}", BigInteger()) for measure in CIVILIANS_TOTALLED for bound in BOUNDS),
    *(Column(f"{measure}_open_ended", Boolean()) for measure in TOTALLED),
)
FIGURE = Table(
    "figure",
    METADATA,
    *_integers("list_position"),
    *_like(Figure, *FIGURE_ROW),
    *_like(Event, *OF_ITS_EVENT),
    *_placed(),
    *_integers(*FIGURE_SETS, *ATTRIBUTION_SETS),
    # How many claims, documents and roots it rests on.
    *_integers("claims", "documents", "roots"),
    # The whole's number, of a whole and of its parts; its own where it has neither.
    *_integers("family_number"),
    Column("is_part", Boolean()),
    Column("is_certain", Boolean()),
    # Whose people its whole counts, of parts and of the whole itself.
    Column("whole_population", String()),
    *_adding(),
    *_texts("event_title", *FIGURE_LISTED, *ATTRIBUTION_SHOWN),
)

# --- Sets ----------------------------------------------------------------------------------------------------------

PARTICIPANT = Table(
    "participant", METADATA, *_integers("participant_set"), *_like(Participation, "group_id", "role", "certainty")
)


# Who says something, as reports and claims have it.
ATTRIBUTION_ROW = ("document_id", "claimant", "verification")


def _attribution() -> list[Column[Any]]:
    """Who says something: in which document of which outlet, and the number of the set of its sources (see SOURCE)."""
    said = _like(Report, *ATTRIBUTION_ROW)
    return [*said, Column("outlet", String()), *_integers("source_set")]


# What is said of an event: its reports, and the claims on its figures.
ATTRIBUTION = Table("attribution", METADATA, *_integers("attribution_set"), *_attribution())
CLAIM = Table("claim", METADATA, *_integers("claim_set"), *_attribution())
# Who says it or passes it on: everybody in the chain, and the outlet of the document.
SOURCE = Table("source", METADATA, *_integers("source_set"), Column("source", String()))
# What an event's figures count, whatever their numbers are.
PROFILE_ROW = (
    *("family", "measure", "population", "object", "sex", "age", "cause", "term", "unit", "status"),
    "qualifier",
)
PROFILE = Table("profile", METADATA, *_integers("profile_set"), *_like(Figure, *PROFILE_ROW))
WORD = Table("word", METADATA, Column("word", String()), *_integers("word_set"))


class Sets(NamedTuple):
    """What hangs on events or figures, as a table of sets: `key` is the number of a set, there and in their own table."""

    table: Table
    key: str


PARTICIPANTS = Sets(PARTICIPANT, "participant_set")
ATTRIBUTIONS = Sets(ATTRIBUTION, "attribution_set")
CLAIMS = Sets(CLAIM, "claim_set")


def _one_column_sets(owner: str) -> dict[str, Sets]:
    return {
        name: Sets(Table(f"{owner}_{name}", METADATA, *_integers(key), Column(name, String())), key)
        for name, key in zip(ATTRIBUTION_COLUMNS, ATTRIBUTION_SETS, strict=True)
    }


# Of the sets of reports and claims, what each says of one thing alone (see ATTRIBUTION_COLUMNS).
ONE_COLUMN_SETS: dict[Sets, dict[str, Sets]] = {
    ATTRIBUTIONS: _one_column_sets("event"),
    CLAIMS: _one_column_sets("figure"),
}
PROFILES = Sets(PROFILE, "profile_set")

# --- What each source says -----------------------------------------------------------------------------------------

# Columns of figures that claimed figures lack, since no question reads them there.
_FIGURE_ALONE = {"list_position", "id", "claim_set", *ATTRIBUTION_SETS, *SHOWN}
# One row for each claim on each figure: the figure's columns, low, best, high and status among them, and the claim's. What it
# adds (`one_row_*`, `by_population_*`) is worked out with the claims of that precedence on its whole and parts.
CLAIM_NUMBERS = ("claim_low", "claim_best", "claim_high", "claim_open", "claim_status")
CLAIMED_FIGURE = Table(
    "claimed_figure",
    METADATA,
    *(Column(column.name, column.type) for column in FIGURE.columns if column.name not in _FIGURE_ALONE),
    *_attribution(),
    # The order of the claims on a figure, from 1: of those that pass, the first counts.
    *_integers("precedence"),
    # Bits: the combinations of columns in which a claim of higher precedence has the same values (see claimed_figures.py).
    # And the set of the sources that no claim of higher precedence has; null where there are none.
    *_integers("preceded_in", "new_source_set"),
    # CLAIM_NUMBERS: what it says, as totals count it.
    *(Column(f"claim_{bound}", BigInteger()) for bound in BOUNDS),
    Column("claim_open", Boolean()),
    Column("claim_status", String()),
)

NEW_SOURCE = Table("new_source", METADATA, *_integers("new_source_set"), Column("source", String()))
NEW_SOURCES = Sets(NEW_SOURCE, "new_source_set")
# Tables that claimed figures are made from, and that are dropped then: each claim, and each document with each chain of sources in it.
INTERIM = MetaData()
INTERIM_CLAIM = Table(
    "interim_claim",
    INTERIM,
    *_integers("number"),
    *_like(Claim, *ATTRIBUTION_ROW),
    *_integers("chain_number"),
    Column("is_preferred", Boolean()),
    # Its order among claims on its figure that were published on one day, from 1: the highest document id first, then the last span.
    *_integers("newest"),
    *(Column(column.name, column.type) for column in CLAIMED_FIGURE.columns if column.name in CLAIM_NUMBERS),
    prefixes=["TEMPORARY"],
)
DOCUMENT_CHAIN = Table(
    "document_chain",
    INTERIM,
    *_integers("chain_number"),
    Column("document_id", String()),
    # A list of links, as JSON.
    Column("chain", String()),
    prefixes=["TEMPORARY"],
)

# --- What events and figures name ----------------------------------------------------------------------------------

DATASET = Table("dataset", METADATA, *_like(Dataset, "id", "updated_at"))
GROUP = Table("group", METADATA, *_like(Group, "id", "dataset_id", "name", "group_kind", "updated_at"))
GROUP_NAME = Table("group_name", METADATA, *_like(GroupName, "group_id", "dataset_id", "words"))
GROUP_RELATION = Table(
    "group_relation", METADATA, *_like(GroupRelation, "from_group_id", "to_group_id", "dataset_id", "type")
)
LOCATION_ROW = ("id", "dataset_id", "name", "level", "pcode", "parent_id", *POINT, "updated_at", *LEVELS)
LOCATION = Table("location", METADATA, *_like(Location, *LOCATION_ROW))
# Each place with those that it lies in, itself among them.
LOCATION_ABOVE = Table("location_above", METADATA, Column("location_id", String()), Column("above_id", String()))
LOCATION_NAME = Table("location_name", METADATA, *_like(LocationName, "location_id", "dataset_id", "words"))
DOCUMENT = Table(
    "document", METADATA, *_like(Document, "id", "dataset_id", "outlet", "published_on", "words", "updated_at")
)
