"""Gives a column other codes: replaces the CHECK that lists them.

SQLite changes no CHECK of a table by itself. To make the table anew, as Alembic would, takes away the rows that refer to its
rows, or fails where they stay. So the text of the CHECK is replaced in SQLite's schema, which touches no row: see "Making Other
Kinds Of Table Schema Changes" at https://www.sqlite.org/lang_altertable.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text


def replace_codes(table: str, column: str, before: Sequence[str], after: Sequence[str]) -> None:
    """The column of this table holds one of the codes of `after` from now on, where it held one of `before`."""
    name = f"ck_{table}_{column}_known"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, _among(column, after))
        return
    connection = op.get_bind()
    old, new = (f"CONSTRAINT {name} CHECK ({_among(column, codes)})" for codes in (before, after))
    found = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}).scalar_one()
    if old not in found:
        raise ValueError(f"{name} does not list these codes before the migration: {', '.join(before)}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"),
        {"sql": found.replace(old, new), "table": table},
    )
    # By this, every connection that has the file open reads the schema again.
    connection.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _among(column: str, codes: Sequence[str]) -> str:
    """The condition, written as `api/store/models/constraints.py` writes it."""
    listed = " OR ".join(f"{column} = '{code}'" for code in codes)
    return f"({listed})"
