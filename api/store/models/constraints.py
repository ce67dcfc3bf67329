"""The CHECK constraints, references and indexes that several tables are made with."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, ForeignKey, Index, text

from api.domain.codebook import MEASURES, values

# SQLite stores a table's rows in the order of its key, and nothing beside it, where the key is not one whole number.
# PostgreSQL keeps them apart.
WITHOUT_ROWID = {"sqlite_with_rowid": False}


def among(column: str, codes: Iterable[str]) -> str:
    """The condition that a column holds one of these codes.

    Spelt out, since SQLite builds the list of an IN anew for every row that it checks: 146 against 12 microseconds for
    one figure.
    """
    listed = " OR ".join(f"{column} = '{code}'" for code in codes)
    return f"({listed or '1 = 0'})"


def one_of(column: str, code_list: str | None = None) -> CheckConstraint:
    """A column that holds a code of the list, or null where the column allows it."""
    return CheckConstraint(among(column, values(code_list or column)), name=f"{column}_known")


def bounds() -> tuple[CheckConstraint, ...]:
    """Low, best and high: not below zero, and in their order."""
    return (
        CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name="bounds_not_negative"),
        CheckConstraint("low <= best AND best <= high AND low <= high", name="bounds_in_order"),
    )


def period() -> tuple[CheckConstraint, ...]:
    """First and last day in their order, and a known precision."""
    return (CheckConstraint("date_start <= date_end", name="period_in_order"), one_of("date_precision"))


def point() -> tuple[CheckConstraint, ...]:
    """A point on Earth, or none."""
    return (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
    )


def measure_where(**wanted: object) -> str:
    """The condition that the measure is one of those with these properties."""
    return among(
        "measure",
        (m.code for m in MEASURES.values() if all(getattr(m, name) == value for name, value in wanted.items())),
    )


def deferred(target: str) -> ForeignKey:
    """A reference that is checked at commit, since a load may bring the child before its parent."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


def partial_index(table: str, column: str) -> Index:
    """The index of a column that most rows leave empty; those have no entry."""
    where = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{column}", column, sqlite_where=where, postgresql_where=where)
