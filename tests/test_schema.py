"""Every constraint of the schema is in the database that the migrations build, and holds: each is broken once.

PostgreSQL names what was broken. SQLite names checks alone; of keys it tells the columns, of references nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Engine,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models.base import Base
from tests.databases import Databases
from tests.least_rows import DAY, ROWS, put_least_rows
from tests.stored import connected
from tests.sweep import for_each

TABLES = {table.name: table for table in Base.metadata.sorted_tables}
PAST = DAY - timedelta(days=1)


@dataclass(frozen=True)
class Broken:
    """A change to the first row of a table, and the check that refuses it."""

    check: str
    changes: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.check}: {', '.join(self.changes)}"

    @property
    def table(self) -> Table:
        """The table of the check, the longest one that its name begins with."""
        return TABLES[max((name for name in TABLES if self.check.startswith(f"ck_{name}_")), key=len)]


def unknown(table: str, *columns: str) -> Iterator[Broken]:
    """Checks that a column holds a code of its list, each broken by a word that is none."""
    return (Broken(f"ck_{table}_{column}_known", {column: "nonsense"}) for column in columns)


DISPLACED = {"family": "displacement", "measure": "displaced", "cause": None}
THING = {"family": "damage", "measure": "destroyed", "unit": "thing", "population": None, "sex": None, "age": None}
THING["cause"] = None
PART = {"part_of": "all-dead", "nesting": "certain"}
NUMBERLESS = {"low": None, "best": None, "high": None}
NONE = {"status": "none_reported", "low": 0, "best": 0, "high": 0}

CHECKS = (
    *unknown("change", "action", "record"),
    *unknown("document", "outlet_basis", "published_on_basis"),
    *unknown("group", "group_kind"),
    *unknown("location", "level"),
    *unknown("group_relation", "type"),
    *unknown("event", "kind", "type", "subtype", "outcome", "coding_status", "location_precision", "date_precision"),
    *unknown("participation", "role", "certainty"),
    *unknown("report", "verification"),
    *unknown("claim", "verification", "qualifier", "population"),
    Broken("ck_figure_family_known", {"family": "nonsense", "cause": None}),
    *unknown("figure", "measure", "population", "sex", "age", "cause", "unit", "qualifier"),
    *unknown("figure", "location_precision", "date_precision"),
    Broken("ck_figure_object_known", {**THING, "object": "nonsense"}),
    Broken("ck_figure_term_known", {**DISPLACED, "term": "nonsense"}),
    Broken("ck_figure_status_known", {**NUMBERLESS, "status": "nonsense"}),
    Broken("ck_figure_nesting_known", {**PART, "nesting": "nonsense"}),
    Broken("ck_location_name_rank_known", {"rank": 4}),
    Broken("ck_group_name_rank_known", {"rank": -1}),
    Broken("ck_revision_one_row", {"id": 2}),
    Broken("ck_load_revision_counted", {"revision": 0}),
    *unknown("rendition_dictionary", "record"),
    # Periods.
    Broken("ck_dataset_period_in_order", {"last_date": PAST}),
    Broken("ck_dataset_period_whole", {"last_date": None}),
    Broken("ck_dataset_release_events_counted", {"events": -1}),
    Broken("ck_dataset_release_period_in_order", {"last_date": PAST}),
    Broken("ck_dataset_release_told_in_order", {"last_told": PAST}),
    Broken("ck_event_period_in_order", {"date_end": PAST}),
    Broken("ck_figure_period_in_order", {"date_end": PAST}),
    Broken("ck_group_relation_period_in_order", {"valid_to": PAST}),
    # Points.
    *(
        Broken(f"ck_{table}_{check}", changes)
        for table in ("location", "event", "figure")
        for check, changes in (
            ("latitude_in_range", {"latitude": 90.1, "longitude": 0}),
            ("latitude_in_range", {"latitude": -90.1, "longitude": 0}),
            ("longitude_in_range", {"latitude": 0, "longitude": 180.1}),
            ("longitude_in_range", {"latitude": 0, "longitude": -180.1}),
            ("point_whole", {"latitude": 0}),
            ("point_whole", {"longitude": 0}),
        )
    ),
    # Documents.
    Broken("ck_document_published_on_has_basis", {"published_on_basis": None}),
    Broken("ck_document_published_on_has_basis", {"published_on": None}),
    Broken("ck_document_sha256_whole", {"sha256": "0" * 63}),
    Broken("ck_document_archived_somewhere", {"archive_url": None, "archived_on": DAY}),
    Broken("ck_document_length_positive", {"length": 0}),
    # Places and groups.
    Broken("ck_location_not_its_own_parent", {"parent_id": "town"}),
    Broken("ck_location_lies_in_a_place", {"parent_id": None}),
    Broken("ck_location_country_named_by_code", {"level": "country", "id": "mmr-too", "parent_id": None}),
    Broken("ck_location_country_named_by_code", {"level": "country", "parent_id": None, "country": None}),
    Broken("ck_location_country_named_by_code", {"level": "country", "id": "tha", "country": "THA"}),
    Broken("ck_location_uncertainty_not_negative", {"uncertainty_km": -0.1}),
    Broken("ck_location_country_alpha_3", {"country": "MM"}),
    Broken("ck_group_country_alpha_3", {"country": "mmr"}),
    Broken("ck_group_relation_not_with_itself", {"to_group_id": "ours"}),
    # Events, figures and claims.
    Broken("ck_event_not_part_of_itself", {"part_of": "fight"}),
    Broken("ck_figure_not_part_of_itself", {**PART, "part_of": "dead"}),
    Broken("ck_figure_nesting_goes_with_part_of", {"nesting": "certain"}),
    Broken("ck_figure_nesting_goes_with_part_of", {"part_of": "all-dead"}),
    Broken("ck_figure_measure_of_family", {"family": "affected", "cause": None}),
    Broken("ck_figure_people_have_population", {"population": None, "sex": None, "age": None}),
    Broken(
        "ck_figure_people_have_population",
        {**THING, "object": "house", "population": "mixed", "sex": "both", "age": "both"},
    ),
    Broken("ck_figure_people_have_sex", {"sex": None}),
    Broken("ck_figure_people_have_age", {"age": None}),
    Broken("ck_figure_casualties_have_cause", {"cause": None}),
    Broken("ck_figure_casualties_have_cause", {**DISPLACED, "cause": "unknown"}),
    Broken("ck_figure_things_have_object", {"object": "house"}),
    Broken("ck_figure_things_have_object", THING),
    Broken("ck_figure_term_of_displaced", {"term": "evacuated"}),
    Broken("ck_figure_status_fits_numbers", NUMBERLESS),
    Broken("ck_figure_status_fits_numbers", {"status": "unknown"}),
    Broken("ck_figure_none_reported_is_zero", {"status": "none_reported"}),
    *(Broken("ck_figure_none_reported_is_zero", {**NONE, bound: None}) for bound in ("low", "best", "high")),
    Broken("ck_figure_open_end_has_no_high", {"open_ended": True}),
    *(
        Broken(f"ck_{table}_bounds_not_negative", {**NUMBERLESS, bound: -1})
        for table in ("figure", "claim")
        for bound in NUMBERLESS
    ),
    Broken("ck_figure_bounds_in_order", {"low": 3}),
    Broken("ck_figure_bounds_in_order", {"high": 1}),
    Broken("ck_figure_bounds_in_order", {"low": 3, "best": None}),
    Broken("ck_claim_none_reported_has_claimant", {"qualifier": "none_reported"}),
)

# The references that are checked at commit, since a load may bring the child before its parent.
DEFERRED = (
    "fk_location_parent_id",
    "fk_location_name_document_id",
    "fk_location_name_dataset_id",
    "fk_group_name_document_id",
    "fk_group_name_dataset_id",
    "fk_group_relation_to_group_id",
    "fk_group_relation_document_id",
    "fk_group_relation_dataset_id",
    "fk_event_part_of",
    "fk_figure_part_of",
)
IMMEDIATE = (
    "fk_dataset_release_dataset_id",
    "fk_document_dataset_id",
    "fk_location_dataset_id",
    "fk_group_dataset_id",
    "fk_location_name_location_id",
    "fk_group_name_group_id",
    "fk_group_code_group_id",
    "fk_group_relation_from_group_id",
    "fk_event_dataset_id",
    "fk_event_location_id",
    "fk_participation_event_number",
    "fk_participation_group_id",
    "fk_report_event_number",
    "fk_report_document_id",
    "fk_figure_event_number",
    "fk_figure_dataset_id",
    "fk_figure_location_id",
    "fk_claim_figure_number",
    "fk_claim_document_id",
    "fk_column_piece_dataset_id",
    "fk_column_chunk_dataset_id_name",
    "fk_rendition_dictionary_dataset_id",
    "fk_event_rendition_number",
    "fk_figure_rendition_number",
    "fk_event_words_number",
)
# Checks that nothing breaks alone, with the other one that SQLite may find first.
TWINS = {f"ck_figure_{column}_known": "ck_figure_measure_of_family" for column in ("family", "measure")}
# What has to differ in a row that repeats a primary key and no other.
APART: dict[str, dict[str, Any]] = {
    "claim": {"is_preferred": False},
    "event": {"id": "another"},
    "figure": {"id": "another"},
    "rendition_dictionary": {"record": "figure"},
}
# Rows that repeat a key, by the key; beside these, every table's primary key is repeated.
REPEATED: dict[str, tuple[str, dict[str, Any]]] = {
    "uq_claim_preferred": ("claim", {"position": 1}),
    "uq_event_id": ("event", {"number": 3}),
    "uq_rendition_dictionary_dataset_id_record": ("rendition_dictionary", {"number": 2}),
    "uq_figure_id": ("figure", {"number": 3}),
}


@pytest.fixture(scope="module")
def address(databases: Databases) -> str:
    """A database with one valid row in every table; no test changes it."""
    found = databases.migrated()
    with connected(found) as connection:
        put_least_rows(connection)
    return found


@pytest.fixture(scope="module")
def engine(address: str) -> Iterator[Engine]:
    """Connections to it; what one does is undone when it is closed."""
    found = connect_for_loading(Settings(database_url=address))
    yield found
    found.dispose()


def change_first_row(connection: Connection, table: Table, changes: dict[str, Any]) -> None:
    """Changes the row that the tests break."""
    row = ROWS[table.name][0]
    connection.execute(
        update(table).where(and_(*(column == row[column.name] for column in table.primary_key))).values(changes)
    )


def is_named(error: IntegrityError, name: str) -> bool:
    """Whether the error names the constraint, on the engine that names all."""
    diagnosis = getattr(error.orig, "diag", None)
    return diagnosis is not None and diagnosis.constraint_name == name


def reference(name: str) -> tuple[Table, str]:
    """The table and the column of a reference."""
    found = [
        (table, next(iter(constraint.columns)).name)
        for table in TABLES.values()
        for constraint in table.foreign_key_constraints
        if constraint.name == name
    ]
    return found[0]


@for_each("broken", CHECKS, ids=str)
def test_a_check_refuses_what_breaks_it(engine: Engine, broken: Broken) -> None:
    with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        change_first_row(connection, broken.table, broken.changes)
    if engine.name == "sqlite":
        named = str(refused.value.orig).removeprefix("CHECK constraint failed: ")
        assert named in (broken.check, TWINS.get(broken.check))
    else:
        assert is_named(refused.value, broken.check)


@for_each("name", IMMEDIATE)
def test_a_reference_to_nothing_is_refused_at_once(engine: Engine, name: str) -> None:
    table, column = reference(name)
    nothing = "nothing" if table.c[column].type.python_type is str else 99
    with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        change_first_row(connection, table, {column: nothing})
    if engine.name == "sqlite":
        assert str(refused.value.orig) == "FOREIGN KEY constraint failed"
    else:
        assert is_named(refused.value, name)


@for_each("name", DEFERRED)
def test_a_deferred_reference_to_nothing_is_refused_at_commit(engine: Engine, name: str) -> None:
    table, column = reference(name)
    # A part of a figure or event has to say how it is nested.
    more = {"nesting": "certain"} if name == "fk_figure_part_of" else {}
    with engine.connect() as connection:
        change_first_row(connection, table, {column: "nothing", **more})
        with pytest.raises(IntegrityError) as refused:
            connection.commit()
    if engine.name == "sqlite":
        assert str(refused.value.orig) == "FOREIGN KEY constraint failed"
    else:
        assert is_named(refused.value, name)


def test_a_child_may_come_before_its_parent(databases: Databases) -> None:
    address = databases.migrated()
    with connected(address) as connection:
        put_least_rows(connection)
        # The town stands before the country that it lies in.
        change_first_row(connection, TABLES["event"], {"part_of": "later"})
        connection.execute(insert(TABLES["event"]).values({**ROWS["event"][1], "number": 3, "id": "later"}))
    with connected(address) as connection:
        assert connection.scalar(select(TABLES["event"].c.part_of).where(TABLES["event"].c.id == "fight")) == "later"


@for_each("name", [f"pk_{table}" for table in TABLES])
def test_a_key_stands_once(engine: Engine, name: str) -> None:
    table = TABLES[name.removeprefix("pk_")]
    row = {**ROWS[table.name][0], **APART.get(table.name, {})}
    repeated(engine, name, table, row, [column.name for column in table.primary_key])


@for_each("name", REPEATED)
def test_what_may_stand_once_is_refused_a_second_time(engine: Engine, name: str) -> None:
    table, changes = REPEATED[name]
    unique = {
        **{index.name: [column.name for column in index.columns] for index in TABLES[table].indexes},
        **{found.name: [column.name for column in found.columns] for found in _unique(TABLES[table])},
    }
    repeated(engine, name, TABLES[table], {**ROWS[table][0], **changes}, unique[name])


def repeated(engine: Engine, name: str, table: Table, row: dict[str, Any], columns: list[str]) -> None:
    """Proves that a row is refused because of these columns."""
    with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(insert(table).values(row))
    if engine.name == "sqlite":
        listed = ", ".join(f"{table.name}.{column}" for column in columns)
        assert str(refused.value.orig) == f"UNIQUE constraint failed: {listed}"
    else:
        assert is_named(refused.value, name)


def test_claims_that_are_not_preferred_may_be_many(engine: Engine) -> None:
    with engine.connect() as connection:
        for position in (1, 2, 3):
            row = {**ROWS["claim"][0], "position": position, "is_preferred": False}
            connection.execute(insert(TABLES["claim"]).values(row))


def _unique(table: Table) -> list[UniqueConstraint]:
    return [found for found in table.constraints if isinstance(found, UniqueConstraint)]


def _names(*, indexes: bool) -> set[str]:
    """The names of all constraints of the models, and of their indexes or of the unique ones among these."""
    found: set[str] = set()
    for table in TABLES.values():
        found |= {str(constraint.name) for constraint in table.constraints}
        found |= {str(index.name) for index in table.indexes if indexes or index.unique}
    return found


def test_every_constraint_is_broken_by_a_test() -> None:
    keys = {f"pk_{table}" for table in TABLES}
    assert {broken.check for broken in CHECKS} | {*IMMEDIATE, *DEFERRED, *REPEATED} | keys == _names(indexes=False)


def test_every_reference_is_deferred_or_immediate_as_it_is_said_here() -> None:
    for name in (*IMMEDIATE, *DEFERRED):
        table, column = reference(name)
        (constraint,) = (key.constraint for key in table.c[column].foreign_keys)
        assert isinstance(constraint, ForeignKeyConstraint)
        assert bool(constraint.deferrable) is (name in DEFERRED)


def test_the_migrations_build_what_the_models_say(engine: Engine) -> None:
    inspector = inspect(engine)
    found: set[str | None] = set()
    for name in TABLES:
        found |= {check["name"] for check in inspector.get_check_constraints(name)}
        found |= {key["name"] for key in inspector.get_foreign_keys(name)}
        found |= {key["name"] for key in inspector.get_unique_constraints(name)}
        found |= {index["name"] for index in inspector.get_indexes(name)}
        found.add(inspector.get_pk_constraint(name)["name"])
    assert found == _names(indexes=True)


def test_the_migrations_know_every_code(engine: Engine) -> None:
    inspector = inspect(engine)
    found = {
        check["name"]: _codes(str(check["sqltext"]))
        for table in TABLES
        for check in inspector.get_check_constraints(table)
    }
    models = [check for table in TABLES.values() for check in table.constraints if isinstance(check, CheckConstraint)]
    assert found == {check.name: _codes(str(check.sqltext)) for check in models}


def _codes(condition: str) -> set[str]:
    return set(re.findall(r"'(\w+)'", condition))


def test_what_hangs_on_an_event_goes_with_it(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(TABLES["event"].delete().where(TABLES["event"].c.id == "fight"))
        for name, table in TABLES.items():
            if "event_number" in table.c:
                assert connection.execute(select(table)).all() == [], name


def test_every_table_has_a_least_row_and_a_named_key() -> None:
    assert ROWS.keys() == TABLES.keys()
    for table in TABLES.values():
        assert isinstance(table.primary_key, PrimaryKeyConstraint)
        assert table.primary_key.name == f"pk_{table.name}"
