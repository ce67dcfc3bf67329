"""The command that makes the reading copy anew and holds it to the rows."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from api.store.models import ColumnChunk, ColumnPiece, Figure
from tests.databases import Databases
from tests.stored import connected, stale_pieces
from tests.test_seeds_cli import refused, run


@pytest.fixture
def address(databases: Databases, corpus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the corpus, which the environment names."""
    found = databases.copy(corpus_address)
    monkeypatch.setenv("DATABASE_URL", found)
    return found


def test_columns_are_what_the_rows_are(address: str) -> None:
    done = run("columns", "--check")
    assert done.exit_code == 0 and done.output == "The columns are what the rows are.\n"


def test_columns_that_are_not_what_the_rows_are_are_told_and_made_anew(address: str) -> None:
    with connected(address) as connection:
        wrong = update(Figure).where(Figure.measure == "killed", Figure.best == 60).values(low=61, best=61, high=61)
        assert connection.execute(wrong).rowcount > 0
        connection.commit()
    told = run("columns", "--check")
    assert refused(told) == "The columns are not what the rows are."
    assert "op1027: best of figures: " in told.stderr
    assert run("columns").exit_code == 0
    assert run("columns", "--check").exit_code == 0


def test_columns_that_are_gone_are_stored_again(address: str) -> None:
    with connected(address) as connection:
        stored = connection.scalar(select(func.count()).select_from(ColumnPiece))
        connection.execute(delete(ColumnChunk))
        connection.execute(delete(ColumnPiece))
        connection.commit()
    assert run("columns").exit_code == 0
    with connected(address) as connection:
        assert connection.scalar(select(func.count()).select_from(ColumnPiece)) == stored


@pytest.mark.engines("sqlite")
def test_columns_that_need_more_memory_are_made_with_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    assert stale_pieces(address, memory="1MB") == []
    assert "need more than 1MB of memory" in caplog.text


def test_columns_that_are_made_a_few_rows_at_a_time_are_the_same(address: str) -> None:
    assert stale_pieces(address, rows_at_a_time=20) == []
