"""The reading copy is of the rows: pieces go with each load, and copies are made, shared and removed on each machine."""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, delete, func, select, text, union, update

from api.answers.service import Service
from api.columns import pieces, reading_copy, tables
from api.columns.copy_files import make_copy
from api.columns.reading_copy import Copy
from api.columns.rows import DIALECT
from api.columns.statements import CompiledStatement, compiled_statement
from api.domain.errors import TooMuchWork
from api.load.loading import load
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models import Claim, ColumnChunk, ColumnPiece, Dataset, Event, Figure, Location, Participation, Report
from api.store.revision import revision
from tests.conftest import ENGINES, load_into
from tests.databases import Databases
from tests.edited_seeds import ELSEWHERE, EditedSeeds, seeded
from tests.made import Made, made_event, made_figure
from tests.running import ANSWER_SECONDS, LOOK_SECONDS
from tests.stored import answers, connected, hashes, rows, served, stale_pieces
from tests.test_errors import problem

# What pieces are made of and written in is a database of its own; the files they are put together in are the same.
pytestmark = pytest.mark.engines("sqlite")
on_both = pytest.mark.engines(*ENGINES)

# Columns of what is said that follow from others: from its document, and from that with its chain.
DERIVED = ("outlet", "source_set")
LIST = "/v1/events?dataset=other"
SILENT = "kawlin-communications-cut-2023-11"
TOTAL = "/v1/figures/totals?group_by=dataset,group"


def fights(count: int, **changes: Any) -> Made:
    """A little dataset of so many fights, each with its dead."""
    return Made(
        [
            made_event(
                f"fight-{number}", figures=[made_figure(f"dead-{number}", low=1, best=number, high=None)], **changes
            )
            for number in range(1, count + 1)
        ]
    )


@pytest.fixture(scope="module")
def template(databases: Databases) -> str:
    """A database with the seeds as they ship and one fight. Not to be written to."""
    found = databases.copy(seeded(databases))
    load_into(found, fights(1))
    return databases.served(found)


@pytest.fixture
def address(databases: Databases, template: str) -> str:
    """The same to write to."""
    return databases.copy(template)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A folder for copies in which nothing is."""
    return tmp_path / "cache"


def files_in(cache: Path, ending: str = "duckdb") -> list[Path]:
    """The copies in a folder of copies."""
    return sorted(cache.glob(f"*/*.{ending}"))


def total(client: FlaskClient, url: str = LIST) -> int:
    """How many records a list has."""
    response = client.get(f"{url}&limit=1")
    assert response.status_code == 200, response.text
    return int(response.json["total"])


def copy_of(client: FlaskClient) -> Copy:
    """The copy that an application serves from."""
    service = client.application.extensions["conflict_events"]
    assert isinstance(service, Service)
    with service.engine.connect() as connection:
        return service.copies.at(connection, revision(connection))


# --- Pieces ------------------------------------------------------------------------------------------------------


@on_both
def test_a_load_writes_the_pieces_of_what_it_touches_and_of_nothing_else(address: str) -> None:
    datasets = ("gazetteer", "op1027", "other")
    before = {dataset: hashes(address, dataset) for dataset in datasets}
    load_into(address, fights(2))
    after = {dataset: hashes(address, dataset) for dataset in datasets}
    assert [after[dataset] == before[dataset] for dataset in datasets] == [True, True, False]
    # Of its own those alone that came out otherwise; the dataset, if it was loaded in another second.
    changed = {name for name, own in after["other"].items() if own != before["other"][name]}
    assert {"event", "figure"} <= changed
    assert not changed & {"location", "document", "group", "participant"}


def test_a_dataset_that_shows_what_a_load_changed_gets_its_pieces_too(address: str, tmp_path: Path) -> None:
    seeds, before = EditedSeeds(tmp_path), hashes(address, "other")
    with seeds.places() as places:
        places["mmr005024701"] |= {"name": "Kawlin on the rails", "latitude": "23.5"}
    # When a record changed is told to the second.
    time.sleep(1)
    load_into(address, *seeds.sources)
    after = hashes(address, "other")
    assert after["event"] != before["event"] and after["participant"] == before["participant"]
    assert stale_pieces(address) == []
    with served(address) as client:
        assert total(client, f"{LIST}&near=23.5,95.68&radius_km=3") == 1


def test_a_place_that_moves_takes_along_what_others_have_in_it(address: str, tmp_path: Path) -> None:
    # None of its events lies there, so none of them changes.
    pauktaw = {"location_id": "mmr012007701"}
    load_into(address, Made([made_event(**pauktaw, figures=[made_figure(**pauktaw)])]))
    seeds, before = EditedSeeds(tmp_path), hashes(address, "other")
    with seeds.places() as places:
        assert places["mmr005024"]["parent"] != ELSEWHERE
        places["mmr005024"]["parent"] = ELSEWHERE
    load_into(address, *seeds.sources)
    assert hashes(address, "other")["location"] != before["location"]
    assert stale_pieces(address) == []
    with served(address) as client:
        found = client.get(f"/v1/locations?location={ELSEWHERE}&level=site&updated_since=2000-01-01").json["data"]
        assert "other-hill" in [record["id"] for record in found]


def test_words_follow_names_that_another_dataset_brings_and_takes_back(address: str, tmp_path: Path) -> None:
    seeds = EditedSeeds(tmp_path)
    corpus = "/v1/events?dataset=op1027&q="
    with served(address) as client:
        # The place is called so by the other dataset.
        assert total(client, f"{corpus}koolin") > 0
        load_into(address, Made(made_names={"location": {}, "group": {}}))
        assert total(client, f"{corpus}koolin") == 0
        with seeds.event(SILENT) as event:
            event["title"] = "Semaphores fall still"
        assert total(client, f"{corpus}cut") == 1
        load_into(address, *seeds.sources)
        assert (total(client, f"{corpus}cut"), total(client, f"{corpus}semaphores")) == (0, 1)
        seeds.without_event(SILENT)
        load_into(address, *seeds.sources)
        assert total(client, f"{corpus}semaphores") == 0
    assert stale_pieces(address) == []


@on_both
def test_pieces_are_written_in_the_transaction_of_their_load(address: str) -> None:
    before = hashes(address, "other")
    seen: list[set[str]] = []

    def fail(connection: Connection) -> None:
        fresh = {piece.name: piece.hash for piece in pieces.stored_pieces(connection)["other"]}
        assert fresh["event"] != before["event"]
        # Whoever else looks sees those of the state before.
        seen.append({hashes(address, "other")["event"]})
        raise RuntimeError("the disk is full")

    engine = connect_for_loading(Settings(database_url=address, busy_timeout_seconds=0))
    with pytest.raises(RuntimeError, match="the disk is full"):
        load(engine, fights(2), lambda _what, _count: None, fail)
    engine.dispose()
    assert seen == [{before["event"]}]
    assert hashes(address, "other") == before


@on_both
def test_a_load_that_is_refused_leaves_no_piece(databases: Databases, template: str) -> None:
    address = databases.copy(template)
    before = rows(address)
    with pytest.raises(Exception, match="no location 'nowhere'"):
        load_into(address, fights(3, location_id="nowhere"))
    after = rows(address)
    assert after["column_piece"] == before["column_piece"] and after["column_chunk"] == before["column_chunk"]


# --- The numbers of the copy are those of the rows ---------------------------------------------------------------


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with sums as whole numbers, which is what they are."""
    return tuple(int(value) if isinstance(value, Decimal) else value for value in row)


def _named(model: Any, names: Sequence[str]) -> list[Any]:
    """The columns of these names."""
    return [getattr(model, name) for name in names]


@on_both
def test_the_copy_counts_and_sums_what_the_rows_do(address: str) -> None:
    load_into(address, fights(3))
    numbers = (func.count(), func.sum(Figure.low), func.sum(Figure.best), func.sum(Figure.high))
    copied = tables.FIGURE.c
    of_columns = (func.count(), func.sum(copied.low), func.sum(copied.best), func.sum(copied.high))
    with served(address) as client, connected(address) as connection:
        copy = copy_of(client)

        def same(of_rows: Any, of_copy: Any) -> None:
            expected = sorted((tuple(row) for row in connection.execute(of_rows)), key=repr)
            assert expected and sorted(map(_plain, copy.rows(of_copy)), key=repr) == expected

        by_measure = (Figure.dataset_id, Figure.measure, Figure.unit)
        by_copied = (copied.dataset_id, copied.measure, copied.unit)
        with_numbers = (Figure.best.is_not(None), copied.best.is_not(None))
        same(
            select(*by_measure, *numbers[:3]).where(with_numbers[0]).group_by(*by_measure),
            select(*by_copied, *of_columns[:3]).where(with_numbers[1]).group_by(*by_copied),
        )
        for model, table in ((Event, tables.EVENT), (Figure, tables.FIGURE), (Location, tables.LOCATION)):
            same(
                select(model.dataset_id, func.count()).group_by(model.dataset_id),
                select(table.c.dataset_id, func.count()).group_by(table.c.dataset_id),
            )
        same(
            select(Event.number, Event.id, Event.date_start, Location.country, Location.state_or_region).join(
                Location, Location.id == Event.location_id
            ),
            select(*(tables.EVENT.c[name] for name in ("number", "id", "date_start", "country", "state_or_region"))),
        )
        hanging: tuple[tuple[tables.Sets, Callable[[Sequence[str]], Any]], ...] = (
            (tables.PARTICIPANTS, lambda names: select(Participation.event_number, *_named(Participation, names))),
            # What is said of an event: its reports, and the claims on its figures.
            (
                tables.ATTRIBUTIONS,
                lambda names: union(
                    select(Report.event_number, *_named(Report, names)),
                    select(Figure.event_number, *_named(Claim, names)).join(
                        Claim, Claim.figure_number == Figure.number
                    ),
                ),
            ),
        )
        for sets, of_rows in hanging:
            listed = [column for column in sets.table.c if column.name not in (sets.key, *DERIVED)]
            same(
                select(of_rows([column.name for column in listed]).subquery()).distinct(),
                select(tables.EVENT.c.number, *listed)
                .join(sets.table, sets.table.c[sets.key] == tables.EVENT.c[sets.key])
                .distinct(),
            )
        said = [column for column in tables.CLAIM.c if column.name not in ("claim_set", *DERIVED)]
        same(
            select(Claim.figure_number, *(getattr(Claim, column.name) for column in said)).distinct(),
            # Claims that differ in the chain alone are different members.
            select(copied.number, *said).join(tables.CLAIM, tables.CLAIM.c.claim_set == copied.claim_set).distinct(),
        )
        same(select(func.count()).select_from(Claim), select(func.sum(copied.claims)))
        same(select(Dataset.id), select(tables.DATASET.c.id))


# --- Copies that cannot be made of the pieces --------------------------------------------------------------------


def _flip(connection: Connection) -> None:
    (content,) = connection.scalars(
        select(ColumnChunk.content).where(ColumnChunk.dataset_id == "op1027", ColumnChunk.name == "figure")
    )
    middle = len(content) // 2
    broken = content[:middle] + bytes(255 - byte for byte in content[middle : middle + 9]) + content[middle + 9 :]
    of_figures = update(ColumnChunk).where(ColumnChunk.dataset_id == "op1027", ColumnChunk.name == "figure")
    connection.execute(of_figures.values(content=broken))


def _rename(connection: Connection, name: str, other: str) -> None:
    """Gives pieces of this name another."""
    connection.execute(delete(ColumnChunk).where(ColumnChunk.name == name))
    connection.execute(update(ColumnPiece).where(ColumnPiece.name == name).values(name=other))


DAMAGES: dict[str, Callable[[Connection], Any]] = {
    "some bytes are others": _flip,
    "content is gone": lambda connection: connection.execute(delete(ColumnChunk).where(ColumnChunk.name == "event")),
    "a piece is gone": lambda connection: connection.execute(
        delete(ColumnPiece).where(ColumnPiece.name == "participant")
    ),
    "a piece has the name that it had before": lambda connection: _rename(connection, "interim_claim", "figure_claim"),
    "all pieces are gone": lambda connection: connection.execute(delete(ColumnPiece)),
    "other code made them": lambda connection: connection.execute(
        update(ColumnPiece).where(ColumnPiece.dataset_id == "other").values(code_hash="other code")
    ),
}


@pytest.fixture(scope="module")
def right(template: str) -> tuple[Any, Any]:
    """What is answered where every piece can be used."""
    with served(template) as client:
        return answers(client), client.get(TOTAL).json["data"]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_copy_is_made_of_the_rows_where_pieces_cannot_be_used(
    address: str, cache: Path, right: tuple[Any, Any], damage: Callable[[Connection], Any]
) -> None:
    with connected(address) as connection:
        damage(connection)
    before = rows(address)
    with served(address, cache_folder=str(cache)) as client:
        assert (answers(client), client.get(TOTAL).json["data"]) == right
    assert rows(address) == before


@on_both
def test_pieces_that_were_damaged_are_whole_after_the_next_load(address: str) -> None:
    with connected(address) as connection:
        connection.execute(delete(ColumnPiece).where(ColumnPiece.dataset_id == "other"))
    load_into(address, fights(2))
    assert stale_pieces(address) == []
    names = hashes(address, "other").keys()
    with connected(address) as connection:
        _rename(connection, "interim_claim", "figure_claim")
    assert hashes(address, "other").keys() != names
    load_into(address, fights(3))
    assert hashes(address, "other").keys() == names


def test_a_copy_that_was_made_of_rows_is_not_taken_for_a_later_state(address: str, cache: Path) -> None:
    with connected(address) as connection:
        connection.execute(update(ColumnPiece).values(code_hash="other code"))
    with served(address, cache_folder=str(cache)) as client:
        assert total(client) == 1
        load_into(address, fights(4))
        with connected(address) as connection:
            connection.execute(update(ColumnPiece).values(code_hash="other code"))
        assert total(client) == 4


# --- Copies of one machine ---------------------------------------------------------------------------------------


def put_together(caplog: pytest.LogCaptureFixture, cache: Path) -> int:
    """How many copies were put together in this folder, by what is logged."""
    return sum(str(cache) in message for message in caplog.messages if message.startswith("put the reading copy"))


def test_one_copy_is_made_however_many_ask_at_once(address: str, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    at_once = Barrier(6)
    caplog.set_level(logging.DEBUG)

    def ask(client: FlaskClient) -> int:
        at_once.wait()
        return total(client)

    with ExitStack() as stack:
        # Two processes have locks of their own, as two applications have.
        served_twice = [stack.enter_context(served(address, cache_folder=str(cache))) for _each in range(2)]
        clients = [client.application.test_client() for client in served_twice for _thread in range(3)]
        with ThreadPoolExecutor(len(clients)) as pool:
            assert list(pool.map(ask, clients)) == [1] * len(clients)
    assert put_together(caplog, cache) == 1
    (made,) = files_in(cache)
    # Nothing that was needed on the way is left beside it.
    assert sorted(cache.rglob("*.*")) == sorted([made, made.with_suffix(".lock")])


def test_a_copy_is_found_again_by_who_serves_the_same_state(
    address: str, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for _time in range(2):
        with served(address, cache_folder=str(cache)) as client:
            assert total(client) == 1
    assert put_together(caplog, cache) == 1


def test_the_folder_of_copies_is_nobody_elses(address: str, cache: Path) -> None:
    with served(address, cache_folder=str(cache)) as client:
        assert total(client) == 1
    (folder,) = cache.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    # One that others could look into is closed to them.
    folder.chmod(0o755)
    with served(address, cache_folder=str(cache)) as client:
        assert total(client) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_databases_have_folders_of_their_own(address: str, template: str, cache: Path) -> None:
    for served_from in (address, template):
        with served(served_from, cache_folder=str(cache)) as client:
            assert total(client) == 1
    assert len(list(cache.iterdir())) == 2


def test_copies_that_nobody_has_open_are_removed(address: str, cache: Path) -> None:
    with served(address, cache_folder=str(cache)) as client:
        with served(address, cache_folder=str(cache)) as other:
            assert total(client) == total(other) == 1
            (first,) = files_in(cache)
            for count in (2, 3, 4, 5):
                load_into(address, fights(count))
                assert total(client) == count
                gc.collect()
            # The other application still has the first one open.
            assert first in files_in(cache)
            assert len(files_in(cache)) <= 4
        gc.collect()
        load_into(address, fights(6))
        assert total(client) == 6
        assert first not in files_in(cache)
        assert len(files_in(cache)) <= 3
    assert len(files_in(cache, "lock")) == len(files_in(cache))


def test_folders_that_killed_processes_left_are_removed_by_the_next(
    address: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def left_in(folder: Path, name: str) -> Path:
        """A folder like one that an hour ago somebody worked in."""
        made = folder / f"conflict-events-scratch-{name}"
        (made / "spilled").mkdir(parents=True)
        os.utime(made, times=(time.time() - 3600,) * 2)
        return made

    with served(address, cache_folder=str(cache)) as client:
        assert total(client) == 1
        (own,) = cache.iterdir()
        abandoned, used = ([left_in(folder, name) for folder in (tmp_path, own)] for name in ("abandoned", "used"))
        with ExitStack() as locks:
            for folder in used:
                held = os.open(folder, os.O_RDONLY)
                locks.callback(os.close, held)
                fcntl.flock(held, fcntl.LOCK_SH)
            load_into(address, fights(2))
            assert total(client) == 2
    assert [folder.exists() for folder in (*abandoned, *used)] == [False, False, True, True]
    # Its own are gone, too.
    assert len([*tmp_path.glob("conflict-events-*"), *own.glob("conflict-events-*")]) == len(used)


def test_questions_wait_a_while_for_a_copy_and_records_do_not(address: str, cache: Path) -> None:
    with served(address, cache_folder=str(cache), copy_wait_seconds=0) as client:
        assert total_once_made(client) == 1
        (standing,) = files_in(cache)
        load_into(address, fights(2))
        with connected(address) as connection:
            name = pieces.copy_name(pieces.stored_pieces(connection), revision(connection))
        with (standing.parent / f"{name}.lock").open("w") as making:
            fcntl.flock(making, fcntl.LOCK_EX)
            for url in (LIST, TOTAL, f"{LIST}&format=csv", "/v1/groups"):
                response = client.get(url)
                problem(response, 503, "reading-copy-away")
                assert response.headers["Retry-After"] == "5"
            assert client.get("/v1/events/fight-2").status_code == 200
            assert client.get("/v1/figures/dead-2").status_code == 200
        assert total_once_made(client) == 2


def total_once_made(client: FlaskClient) -> int:
    """How many records a list has, once the copy stands."""
    until = time.monotonic() + ANSWER_SECONDS
    while client.get(LIST).status_code == 503:
        assert time.monotonic() < until
        time.sleep(LOOK_SECONDS)
    return total(client)


# A lock keeps the copy from being made, which SQLite has none for.
@pytest.mark.engines("postgresql")
def test_the_first_question_waits_no_longer_for_a_copy_than_others(address: str, cache: Path) -> None:
    with served(address, cache_folder=str(cache), copy_wait_seconds=0) as client:
        with connected(address) as connection:
            connection.execute(text(f"LOCK TABLE {ColumnChunk.__tablename__} IN ACCESS EXCLUSIVE MODE"))
            for url in (LIST, TOTAL):
                problem(client.get(url), 503, "reading-copy-away")
            assert client.get("/v1/events/fight-1").status_code == 200
            assert files_in(cache) == []
        assert total_once_made(client) == 1


def test_a_copy_that_cannot_be_opened_is_made_again(address: str) -> None:
    settings = Settings(database_url=address)
    with connected(address) as connection:
        file, held = make_copy(connection, revision(connection), settings)
        held.close()
    file.write_bytes(b"no database at all")
    with served(address) as client:
        assert client.get("/v1/events").status_code == 503
        answer = client.get("/v1/events")
    assert answer.status_code == 200 and answer.json["total"] > 0


def test_a_copy_that_is_damaged_while_it_is_open_is_made_again(address: str) -> None:
    # Enough for the file to have pages that opening it does not read.
    load_into(address, fights(2000))
    settings = Settings(database_url=address)
    with connected(address) as connection:
        file, held = make_copy(connection, revision(connection), settings)
        held.close()
    content = bytearray(file.read_bytes())
    # Its head, which opening reads, is left as it is, and so is its end.
    for place in range(len(content) // 8, len(content) * 7 // 8, 512):
        content[place] ^= 255
    file.write_bytes(content)
    with served(address) as client:
        first = client.get("/v1/events?sort=-updated_at&limit=5")
        assert first.status_code == 503, first.text
        assert client.get("/v1/events?sort=-updated_at&limit=5").status_code == 200


@pytest.mark.engines("sqlite")
def test_a_statement_of_a_shape_met_before_asks_with_its_own_values() -> None:
    kind, dataset = tables.EVENT.c.kind, tables.EVENT.c.dataset_id
    for kinds, dataset_id, limit in ((["incident"], "a", 1), (["episode", "aggregate"], "b", 2), ([], "c", 3)):
        statement = select(tables.EVENT.c.id).where(kind.in_(kinds), dataset == dataset_id).limit(limit)
        alone: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
        values = {name: alone.params[name] for name in alone.positiontup}
        assert sorted(map(str, values.values())) == sorted(map(str, [*kinds, dataset_id, limit]))
        assert compiled_statement(statement) == (str(alone), values)


def test_a_question_that_takes_all_memory_is_too_dear(corpus_address: str) -> None:
    with served(corpus_address) as client:
        copy = copy_of(client)
        with pytest.raises(TooMuchWork, match="memory"):
            copy.rows(CompiledStatement("select list(range) from range(100_000_000)", {}))
        assert copy.rows(CompiledStatement("select count(*) > 0 from event", {})) == [(True,)]


def test_what_was_read_is_let_go_after_much_work_and_the_limit_stays(
    corpus_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = CompiledStatement("select sum(memory_usage_bytes)::bigint from duckdb_memory()", {})
    limit = CompiledStatement("select current_setting('memory_limit')", {})
    everything = CompiledStatement("select sum(hash(columns(*))) from event", {})
    with served(corpus_address) as client:
        copy = copy_of(client)
        before = copy.rows(limit)
        copy.rows(everything)
        ((read,),) = copy.rows(in_memory)
        monkeypatch.setattr(reading_copy, "_SECONDS", 0.0)
        monkeypatch.setattr(reading_copy, "_KEPT_MEMORY", f"{read // 2}B")
        copy.rows(everything)
        monkeypatch.setattr(reading_copy, "_SECONDS", 1000.0)
        ((kept,),) = copy.rows(in_memory)
        assert 0 <= kept <= read // 2 < read
        assert copy.rows(limit) == before
