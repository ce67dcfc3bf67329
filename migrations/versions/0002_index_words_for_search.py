"""Index words for search.

Revision: 0002, after: 0001

The words come folded and apart by single spaces, so neither engine is asked to cut or fold: FTS5 cuts at spaces only
(its `ascii` tokenizer takes every character outside ASCII as part of a word), and PostgreSQL takes the words as they are.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TAKE_OUT = "INSERT INTO event_search (event_search, rowid, words) VALUES ('delete', old.number, old.words);"
_PUT_IN = "INSERT INTO event_search (rowid, words) VALUES (new.number, new.words);"
_SQLITE = (
    """
    CREATE VIRTUAL TABLE event_search
    USING fts5(words, content='event_words', content_rowid='number', tokenize='ascii')
    """,
    f"CREATE TRIGGER event_search_insert AFTER INSERT ON event_words BEGIN {_PUT_IN} END",
    f"CREATE TRIGGER event_search_delete AFTER DELETE ON event_words BEGIN {_TAKE_OUT} END",
    f"CREATE TRIGGER event_search_update AFTER UPDATE ON event_words BEGIN {_TAKE_OUT} {_PUT_IN} END",
)
# Kept beside the words, since the planner takes making it anew for each row for cheap, and it is not.
_POSTGRESQL = (
    """
    ALTER TABLE event_words
    ADD COLUMN vector tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
    """,
    "CREATE INDEX ix_event_words_vector ON event_words USING gin (vector)",
)


def upgrade() -> None:
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER event_search_{trigger}")
        op.execute("DROP TABLE event_search")
    else:
        op.execute("ALTER TABLE event_words DROP COLUMN vector")
