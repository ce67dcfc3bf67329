"""The tables, with every constraint the database can hold. Knows the codebook, no request and no file.

Children of an event carry `event_id`, so that the schema can be sharded by event. Columns under "derived" are worked
out by the loading wing from the others; nobody codes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from api.codebook import MEASURES, values
from api.db import Base, Moment, Text

# The levels of places, coarsest first. Each place, event and figure has a column for each: the place of that level
# that it lies in. A subtree is then one comparison, whatever its level.
LEVELS: tuple[str, ...] = values("location_level")

# Precisions at which a point may be drawn on a map; coarser ones name an area that no point stands for.
DRAWN_PRECISIONS: tuple[str, ...] = ("exact", "near", "township", "district")
# Levels of places that no point stands for.
UNDRAWN_LEVELS: tuple[str, ...] = ("country", "area", "state_or_region")


def _among(column: str, codes: Iterable[str]) -> str:
    """The condition that a column holds one of these codes.

    Spelt out, since SQLite builds the list of an IN anew for every row that it checks: 146 against 12 microseconds for
    one figure.
    """
    listed = " OR ".join(f"{column} = '{code}'" for code in codes)
    return f"({listed or '1 = 0'})"


def _one_of(column: str, code_list: str | None = None) -> CheckConstraint:
    """A column that holds a code of the list, or null where the column allows it."""
    return CheckConstraint(_among(column, values(code_list or column)), name=f"{column}_known")


def _bounds() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name="bounds_not_negative"),
        CheckConstraint("low <= best AND best <= high AND low <= high", name="bounds_in_order"),
    )


def _period() -> tuple[CheckConstraint, ...]:
    return (CheckConstraint("date_start <= date_end", name="period_in_order"), _one_of("date_precision"))


def _point() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
    )


def _measure_where(**wanted: object) -> str:
    """The condition that the measure is one of those with these properties."""
    return _among(
        "measure",
        (m.code for m in MEASURES.values() if all(getattr(m, name) == value for name, value in wanted.items())),
    )


def _deferred(target: str) -> ForeignKey:
    """A reference that is checked at commit, since a load may bring the child before its parent."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


def _in_order(table: str, column: str, *, covered: tuple[str, ...] = (), is_sparse: bool = False) -> Index:
    """The index behind a filter by one column in the default order, newest first.

    The covered columns are those that most questions filter by as well, so that counting need not visit the rows. A
    sparse column is one that many records lack; those have no entry.
    """
    where = text(f"{column} IS NOT NULL") if is_sparse else None
    columns = (column, "date_start", "id", *covered)
    return Index(f"ix_{table}_{column}", *columns, sqlite_where=where, postgresql_where=where)


Id = Mapped[str]


class Kept:
    """The columns of a record that keeps a history: when it last changed, and the hash of what was loaded."""

    updated_at: Mapped[datetime] = mapped_column(Moment)
    fingerprint: Mapped[str]


class Dataset(Kept, Base):
    """One body of coded data with one licence."""

    __tablename__ = "dataset"

    id: Id = mapped_column(Text, primary_key=True)
    title: Mapped[str]
    publisher: Mapped[str]
    description: Mapped[str | None]
    licence: Mapped[str]
    licence_url: Mapped[str | None]
    citation: Mapped[str]
    release: Mapped[str]
    first_date: Mapped[date | None]
    last_date: Mapped[date | None]
    is_redistributable: Mapped[bool]
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    # Which shapes its renditions were made with: other shapes mean that they have to be made again.
    rendered_with: Mapped[str]
    content_hash: Mapped[str]

    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="period_in_order"),
        CheckConstraint("(first_date IS NULL) = (last_date IS NULL)", name="period_whole"),
    )


class Document(Kept, Base):
    """One report that was coded."""

    __tablename__ = "document"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    outlet: Mapped[str]
    outlet_basis: Mapped[str]
    agencies: Mapped[list[str]] = mapped_column(JSON)
    title: Mapped[str | None]
    published_on: Mapped[date | None]
    published_on_basis: Mapped[str | None]
    published_on_reason: Mapped[str | None]
    language: Mapped[str | None]
    sha256: Mapped[str | None]
    length: Mapped[int | None]
    # Derived: the words of its title and of who published it, each between spaces.
    words: Mapped[str]

    __table_args__ = (
        _one_of("outlet_basis", "published_on_basis"),
        _one_of("published_on_basis"),
        CheckConstraint("(published_on IS NULL) = (published_on_basis IS NULL)", name="published_on_has_basis"),
        CheckConstraint("length(sha256) = 64", name="sha256_whole"),
        CheckConstraint("length > 0", name="length_positive"),
        Index("ix_document_dataset_id", "dataset_id", "id"),
        Index("ix_document_published_on", "published_on", "id"),
        Index("ix_document_updated_at", "updated_at", "id"),
    )


class Place:
    """The columns of whatever lies somewhere: derived from its location, one for each level above it and its own."""

    country: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    state_or_region: Mapped[str | None] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    township: Mapped[str | None] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    village: Mapped[str | None] = mapped_column(Text)
    site: Mapped[str | None] = mapped_column(Text)


class Location(Place, Kept, Base):
    """A named place or area. `country` is its ISO 3166-1 alpha-3 code, the other level columns are location ids."""

    __tablename__ = "location"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    name: Mapped[str] = mapped_column(Text)
    native_name: Mapped[str | None]
    level: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text, _deferred("location.id"))
    pcode: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    uncertainty_km: Mapped[float | None]
    position_basis: Mapped[str | None]

    __table_args__ = (
        _one_of("level", "location_level"),
        *_point(),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        # An area may be wider than any one country, and then lies in none.
        CheckConstraint(f"parent_id IS NOT NULL OR {_among('level', ('country', 'area'))}", name="lies_in_a_place"),
        CheckConstraint(
            "level <> 'country' OR (parent_id IS NULL AND country IS NOT NULL AND id = lower(country))",
            name="country_named_by_code",
        ),
        CheckConstraint("uncertainty_km >= 0", name="uncertainty_not_negative"),
        CheckConstraint("length(country) = 3 AND country = upper(country)", name="country_alpha_3"),
        Index("ix_location_parent_id", "parent_id", "id"),
        Index("ix_location_dataset_id", "dataset_id", "id"),
        Index("ix_location_level", "level", "id"),
        Index("ix_location_name", "name", "id"),
        Index("ix_location_point", "latitude", "longitude"),
        Index("ix_location_updated_at", "updated_at", "id"),
        *(Index(f"ix_location_{level}", level, "id") for level in LEVELS),
    )


class Name:
    """The columns of a name that a record answers to: found by `folded`, in the order of `rank`.

    A dataset may bring names for records that another dataset brought; it takes back only its own.
    """

    position: Mapped[int] = mapped_column(primary_key=True)
    # 0 the id, 1 the acronym or P-code, 2 the name, 3 an alias: the order in which a name given by a client is tried.
    rank: Mapped[int]
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(Text)
    # Its words, folded, each between spaces, so that a whole word is found as text between spaces.
    words: Mapped[str]
    language: Mapped[str | None]


class LocationName(Name, Base):
    """What a location is called."""

    __tablename__ = "location_name"

    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str | None] = mapped_column(Text, _deferred("document.id"))
    dataset_id: Mapped[str] = mapped_column(Text, _deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        CheckConstraint("rank BETWEEN 0 AND 3", name="rank_known"),
        Index("ix_location_name_folded", "folded", "rank", "location_id"),
        Index("ix_location_name_dataset_id", "dataset_id", "location_id"),
        Index("ix_location_name_document_id", "document_id"),
    )


class Group(Kept, Base):
    """An armed group, force, government, alliance, organisation, or population."""

    __tablename__ = "group"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    name: Mapped[str] = mapped_column(Text)
    acronym: Mapped[str | None]
    group_kind: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None]

    __table_args__ = (
        _one_of("group_kind"),
        CheckConstraint("length(country) = 3 AND country = upper(country)", name="country_alpha_3"),
        Index("ix_group_dataset_id", "dataset_id", "id"),
        Index("ix_group_group_kind", "group_kind", "id"),
        Index("ix_group_country", "country", "id"),
        Index("ix_group_name", "name", "id"),
        Index("ix_group_updated_at", "updated_at", "id"),
    )


class GroupName(Name, Base):
    """What a group is called."""

    __tablename__ = "group_name"

    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str | None] = mapped_column(Text, _deferred("document.id"))
    dataset_id: Mapped[str] = mapped_column(Text, _deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        CheckConstraint("rank BETWEEN 0 AND 3", name="rank_known"),
        Index("ix_group_name_folded", "folded", "rank", "group_id"),
        Index("ix_group_name_dataset_id", "dataset_id", "group_id"),
        Index("ix_group_name_document_id", "document_id"),
    )


class GroupCode(Base):
    """What another system calls a group."""

    __tablename__ = "group_code"

    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)

    __table_args__ = (Index("ix_group_code_code", "scheme", "code"),)


class GroupRelation(Base):
    """How one group relates to another, as a document says."""

    __tablename__ = "group_relation"

    from_group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    to_group_id: Mapped[str] = mapped_column(Text, _deferred("group.id"))
    type: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    document_id: Mapped[str | None] = mapped_column(Text, _deferred("document.id"))
    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    dataset_id: Mapped[str] = mapped_column(Text, _deferred("dataset.id"), primary_key=True)

    __table_args__ = (
        _one_of("type", "relation_type"),
        CheckConstraint("from_group_id <> to_group_id", name="not_with_itself"),
        CheckConstraint("valid_from <= valid_to", name="period_in_order"),
        Index("ix_group_relation_to_group_id", "to_group_id", "type"),
        Index("ix_group_relation_dataset_id", "dataset_id"),
        Index("ix_group_relation_document_id", "document_id"),
    )


class Period:
    """The columns of whatever takes time. Start and end are the earliest and latest possible day, both included."""

    date_start: Mapped[date]
    date_end: Mapped[date]
    date_precision: Mapped[str] = mapped_column(Text)
    # Derived: the ISO weeks (`2023-W45`) of the first and the last day; SQLite before 3.46 cannot work them out.
    week: Mapped[str] = mapped_column(Text)
    last_week: Mapped[str] = mapped_column(Text)


# What most questions about events filter by: the kind has a default, and a period needs the end.
_EVENT_COVERED = ("kind", "date_end")
_EVENT_FILTERS = ("type", "dataset_id", "coding_status", "country", "state_or_region", "location_id")
_EVENT_SPARSE = ("subtype", "outcome", "part_of", "area", "district", "township", "town", "village", "site")


class Event(Period, Place, Kept, Base):
    """Something that happened."""

    __tablename__ = "event"

    id: Id = mapped_column(Text, primary_key=True)
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    kind: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    subtype: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str]
    summary: Mapped[str | None]
    date_reason: Mapped[str | None]
    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    location_precision: Mapped[str] = mapped_column(Text)
    part_of: Mapped[str | None] = mapped_column(Text, _deferred("event.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    coding_status: Mapped[str] = mapped_column(Text)
    codes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        _one_of("kind", "event_kind"),
        _one_of("type", "event_type"),
        _one_of("subtype", "event_subtype"),
        _one_of("outcome"),
        _one_of("coding_status"),
        _one_of("location_precision"),
        *_period(),
        *_point(),
        CheckConstraint("part_of <> id", name="not_part_of_itself"),
        Index("ix_event_order", "date_start", "id", *_EVENT_COVERED),
        *(_in_order("event", name, covered=_EVENT_COVERED) for name in _EVENT_FILTERS),
        Index("ix_event_kind", "kind", "date_start", "id", "date_end"),
        *(_in_order("event", name, covered=_EVENT_COVERED, is_sparse=True) for name in _EVENT_SPARSE),
        Index("ix_event_date_end", "date_end"),
        # With all that decides whether a record is drawn, so that no row is visited.
        Index("ix_event_point", "latitude", "longitude", "location_precision", "location_id", "id"),
        Index("ix_event_updated_at", "updated_at", "id"),
    )


class Participation(Base):
    """A group in an event."""

    __tablename__ = "participation"

    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(Text, ForeignKey("group.id"))
    role: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    # Derived: the event's start, so that a group's newest events are read in order from one index.
    date_start: Mapped[date]

    __table_args__ = (
        _one_of("role"),
        _one_of("certainty"),
        Index("uq_participation_event_id", "event_id", "group_id", "role", unique=True),
        Index("ix_participation_group_id", "group_id", "date_start", "event_id", "role"),
        Index("ix_participation_role", "role", "date_start", "event_id"),
    )


class Said:
    """The columns of what a document says: where in it, on whose word, and how well verified."""

    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    # A group's id, or our words for somebody who is no group; null where the document speaks itself.
    claimant: Mapped[str | None] = mapped_column(Text)
    chain: Mapped[list[str]] = mapped_column(JSON)
    verification: Mapped[str] = mapped_column(Text)


class Report(Said, Base):
    """A document's account of an event."""

    __tablename__ = "report"

    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(Text, ForeignKey("document.id"))

    __table_args__ = (
        _one_of("verification"),
        Index("ix_report_document_id", "document_id", "event_id"),
        Index("ix_report_claimant", "claimant", "event_id"),
        Index("ix_report_verification", "verification", "event_id"),
    )


_FIGURE_COVERED = ("date_end",)
# What figures are summed by, in the order of the index that sums are made from; and what it holds besides, so that no
# row is visited: the rows are ten times as wide.
TOTALLED_IN_ORDER = ("date_start", "dataset_id", "measure", "unit", "object", "country", "state_or_region", "type")
_SUMMED = (
    *("family", "is_nested_across", "status", "date_end"),
    *("joint_low", "joint_best", "joint_high", "joint_open"),
)
_FIGURE_FILTERS = (
    "dataset_id",
    "kind",
    "type",
    "family",
    "measure",
    "status",
    "state_or_region",
    "location_id",
)
_FIGURE_SPARSE = (
    *("population", "object", "sex", "term"),
    *("area", "district", "township", "town", "village", "site"),
)


class Figure(Period, Place, Kept, Base):
    """A quantity in the world: one measure, of one population or object, in one place and period."""

    __tablename__ = "figure"

    id: Id = mapped_column(Text, primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"))
    dataset_id: Mapped[str] = mapped_column(Text, ForeignKey("dataset.id"))
    position: Mapped[int]
    family: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    population: Mapped[str | None] = mapped_column(Text)
    object: Mapped[str | None] = mapped_column(Text)
    sex: Mapped[str | None] = mapped_column(Text)
    term: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    low: Mapped[int | None] = mapped_column(BigInteger)
    best: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    open_ended: Mapped[bool]
    qualifier: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    # Why the bounds are the coder's and not the preferred claim's; null where they are the claim's.
    reason: Mapped[str | None]
    date_reason: Mapped[str | None]
    location_id: Mapped[str] = mapped_column(Text, ForeignKey("location.id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    location_precision: Mapped[str] = mapped_column(Text)
    part_of: Mapped[str | None] = mapped_column(Text, _deferred("figure.id"))
    nesting: Mapped[str | None] = mapped_column(Text)

    # Derived: the event's own classification, so that a total need not visit its event.
    kind: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    # Derived: what the figure adds to totals (see api/totals.py). Where `is_nested_across`, whole and parts may be
    # in scope without each other, and contributions are worked out for each question. Elsewhere they are fixed:
    # `joint_*` where whole and parts count in one row, `split_*` where rows or filters part them by population.
    is_nested_across: Mapped[bool]
    joint_low: Mapped[int] = mapped_column(BigInteger)
    joint_best: Mapped[int] = mapped_column(BigInteger)
    joint_high: Mapped[int] = mapped_column(BigInteger)
    joint_open: Mapped[bool]
    split_low: Mapped[int] = mapped_column(BigInteger)
    split_best: Mapped[int] = mapped_column(BigInteger)
    split_high: Mapped[int] = mapped_column(BigInteger)
    split_open: Mapped[bool]

    __table_args__ = (
        *(_one_of(name) for name in ("family", "measure", "population", "object", "sex", "term", "unit")),
        *(_one_of(name) for name in ("qualifier", "status", "nesting", "location_precision")),
        _one_of("kind", "event_kind"),
        _one_of("type", "event_type"),
        *_period(),
        *_point(),
        *_bounds(),
        CheckConstraint("part_of <> id", name="not_part_of_itself"),
        CheckConstraint("(part_of IS NULL) = (nesting IS NULL)", name="nesting_goes_with_part_of"),
        CheckConstraint(
            " OR ".join(f"(family = '{family}' AND {_measure_where(family=family)})" for family in values("family")),
            name="measure_of_family",
        ),
        CheckConstraint(
            f"(population IS NOT NULL) = {_measure_where(counts='people')}",
            name="people_have_population",
        ),
        CheckConstraint("(sex IS NULL) = (population IS NULL)", name="people_have_sex"),
        CheckConstraint(f"(object IS NOT NULL) = {_measure_where(has_object=True)}", name="things_have_object"),
        CheckConstraint(f"term IS NULL OR {_measure_where(has_term=True)}", name="term_of_displaced"),
        CheckConstraint(
            f"{_among('status', ('numbered', 'none_reported'))} = (low IS NOT NULL OR best IS NOT NULL OR high IS NOT NULL)",
            name="status_fits_numbers",
        ),
        CheckConstraint(
            "status <> 'none_reported' OR (coalesce(low, 1) = 0 AND coalesce(best, 1) = 0 AND coalesce(high, 1) = 0)",
            name="none_reported_is_zero",
        ),
        CheckConstraint("NOT open_ended OR high IS NULL", name="open_end_has_no_high"),
        Index("ix_figure_order", "date_start", "id", *_FIGURE_COVERED),
        *(_in_order("figure", name, covered=_FIGURE_COVERED) for name in _FIGURE_FILTERS),
        Index("ix_figure_totals", *TOTALLED_IN_ORDER, *_SUMMED),
        # Most totals are of one country.
        Index(
            "ix_figure_country",
            *("country", "date_start", "id"),
            *(name for name in TOTALLED_IN_ORDER if name not in ("country", "date_start")),
            *_SUMMED,
        ),
        *(_in_order("figure", name, covered=_FIGURE_COVERED, is_sparse=True) for name in _FIGURE_SPARSE),
        Index("ix_figure_event_id", "event_id", "position"),
        Index("ix_figure_part_of", "part_of"),
        Index("ix_figure_best", "best", "id"),
        Index("ix_figure_date_end", "date_end"),
        Index("ix_figure_point", "latitude", "longitude", "location_precision", "location_id", "id"),
        Index("ix_figure_updated_at", "updated_at", "id"),
        Index(
            "ix_figure_nested_across",
            "is_nested_across",
            sqlite_where=text("is_nested_across = 1"),
            postgresql_where=text("is_nested_across"),
        ),
    )


class Claim(Said, Base):
    """One report's statement of a figure."""

    __tablename__ = "claim"

    figure_id: Mapped[str] = mapped_column(Text, ForeignKey("figure.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    # Its figure's event. No reference of its own: it would be checked for every claim and say nothing new.
    event_id: Mapped[str] = mapped_column(Text)
    document_id: Mapped[str] = mapped_column(Text, ForeignKey("document.id"))
    qualifier: Mapped[str] = mapped_column(Text)
    low: Mapped[int | None] = mapped_column(BigInteger)
    best: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    is_preferred: Mapped[bool]

    __table_args__ = (
        _one_of("verification"),
        _one_of("qualifier"),
        # A claim keeps what was printed: publishers print bounds out of order, and that is theirs to say.
        CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name="bounds_not_negative"),
        CheckConstraint("qualifier <> 'none_reported' OR claimant IS NOT NULL", name="none_reported_has_claimant"),
        Index(
            "uq_claim_preferred",
            "figure_id",
            unique=True,
            sqlite_where=text("is_preferred"),
            postgresql_where=text("is_preferred"),
        ),
        Index("ix_claim_event_id", "event_id"),
        Index("ix_claim_document_id", "document_id", "figure_id"),
        Index("ix_claim_claimant", "claimant", "figure_id"),
        Index("ix_claim_verification", "verification", "figure_id"),
    )


class EventRendition(Base):
    """An event as the bytes that are served: a JSON object, a CSV line and a GeoJSON feature."""

    __tablename__ = "event_rendition"

    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    json: Mapped[bytes] = mapped_column(LargeBinary)
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    geojson: Mapped[bytes] = mapped_column(LargeBinary)


class FigureRendition(Base):
    """A figure as the bytes that are served."""

    __tablename__ = "figure_rendition"

    figure_id: Mapped[str] = mapped_column(Text, ForeignKey("figure.id", ondelete="CASCADE"), primary_key=True)
    # Its figure's event, as of a claim.
    event_id: Mapped[str] = mapped_column(Text)
    json: Mapped[bytes] = mapped_column(LargeBinary)
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    geojson: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_figure_rendition_event_id", "event_id"),)


class EventWords(Base):
    """The words that full-text search finds an event by, folded, apart from each other by single spaces.

    The indexes over them are each engine's own and stand in the migrations: FTS5 on SQLite, GIN on PostgreSQL.
    """

    __tablename__ = "event_words"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(Text, ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str]


class Change(Base):
    """One line of history."""

    __tablename__ = "change"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    record: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str] = mapped_column(Text)
    dataset_id: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str | None]
    replaced_by: Mapped[str | None] = mapped_column(Text)
    # What changed, `{"best": [50, 60]}`: from, to. Null where the whole record came or went.
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        CheckConstraint(
            _among("record", ("dataset", "document", "group", "location", "event", "figure")), name="record_known"
        ),
        _one_of("action", "change_action"),
        Index("ix_change_record", "record", "record_id", "number"),
        Index("ix_change_dataset_id", "dataset_id", "number"),
    )


class Revision(Base):
    """The state of the data as one token: one row, replaced at the end of every load that changed something."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    token: Mapped[str]
    # How many days the longest period of any event or figure takes; never less, though it may have been withdrawn.
    longest_days: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
