"""One valid row of every table, as little as the schema takes; tests break them one column at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert

from api.store.models.base import Base

DAY, NOW = date(2023, 11, 6), datetime(2023, 11, 7, tzinfo=UTC)

_KEPT = {"updated_at": NOW, "fingerprint": "f"}
_PERIOD = {
    "date_start": DAY,
    "date_end": DAY,
    "date_precision": "day",
}
_AT = {"location_id": "mmr", "location_precision": "country"}
_SAID: dict[str, Any] = {
    "spans": [],
    "claimant": None,
    "chain": [],
    "verification": "unverified",
    "document_id": "report",
}
_RENDERED = {"number": 1, "json": b"{}"}
_NAME = {"position": 0, "rank": 2, "name": "N", "folded": "n", "words": " n ", "document_id": None, "dataset_id": "set"}
_FIGURE = {
    **_KEPT,
    **_PERIOD,
    **_AT,
    "event_id": "fight",
    "event_number": 1,
    "dataset_id": "set",
    "position": 0,
    "family": "casualty",
    "measure": "killed",
    "population": "civilians",
    "object": None,
    "sex": "both",
    "age": "both",
    "cause": "unknown",
    "term": None,
    "unit": "person",
    "low": 2,
    "best": 2,
    "high": 2,
    "open_ended": False,
    "qualifier": "exact",
    "status": "numbered",
    "part_of": None,
    "nesting": None,
}
_EVENT = {
    **_KEPT,
    **_PERIOD,
    **_AT,
    "dataset_id": "set",
    "release": "1",
    "kind": "incident",
    "type": "battles",
    "subtype": None,
    "title": "A fight",
    "coding_status": "coded",
}
_GROUP = {**_KEPT, "dataset_id": "set", "name": "A group", "group_kind": "force", "country": "MMR"}

# By table. The first row of each is the one that tests break.
ROWS: dict[str, list[dict[str, Any]]] = {
    "dataset": [
        {
            **_KEPT,
            "id": "set",
            "title": "A set",
            "publisher": "Nobody",
            "licence": "CC0-1.0",
            "citation": "None.",
            "release": "1",
            "first_date": DAY,
            "last_date": DAY,
            "is_redistributable": True,
            "loaded_at": NOW,
            "content_hash": "h",
        }
    ],
    "dataset_release": [
        {
            "dataset_id": "set",
            "name": "1",
            "first_told": DAY,
            "last_told": DAY,
            "is_whole": True,
            "first_date": DAY,
            "last_date": DAY,
            "events": 2,
            "loaded_at": NOW,
            "code_hash": "r",
            "content_hash": "h",
        }
    ],
    "document": [
        {
            **_KEPT,
            "id": "report",
            "dataset_id": "set",
            "outlet": "A paper",
            "outlet_basis": "stated",
            "agencies": [],
            "published_on": DAY,
            "published_on_basis": "stated",
            "sha256": "0" * 64,
            "length": 9,
            "words": " ",
        }
    ],
    "location": [
        {
            **_KEPT,
            "id": "town",
            "dataset_id": "set",
            "name": "Town",
            "level": "town",
            "parent_id": "mmr",
            "country": "MMR",
        },
        {**_KEPT, "id": "mmr", "dataset_id": "set", "name": "Myanmar", "level": "country", "country": "MMR"},
    ],
    "group": [{**_GROUP, "id": "ours"}, {**_GROUP, "id": "theirs"}],
    "location_name": [{**_NAME, "location_id": "town"}],
    "group_name": [{**_NAME, "group_id": "ours"}],
    "group_code": [{"group_id": "ours", "scheme": "ucdp_name", "code": "O"}],
    "group_relation": [
        {
            "from_group_id": "ours",
            "position": 0,
            "to_group_id": "theirs",
            "type": "opposes",
            "valid_from": DAY,
            "valid_to": DAY,
            "document_id": "report",
            "spans": [],
            "dataset_id": "set",
        }
    ],
    "event": [{**_EVENT, "number": 1, "id": "fight"}, {**_EVENT, "number": 2, "id": "battle", "kind": "episode"}],
    "participation": [
        {
            "position": 0,
            "group_id": "ours",
            "role": "attacker",
            "certainty": "stated",
            "event_number": 1,
        }
    ],
    "report": [{**_SAID, "event_number": 1, "position": 0}],
    "figure": [
        {**_FIGURE, "number": 1, "id": "dead"},
        {**_FIGURE, "number": 2, "id": "all-dead", "position": 1},
    ],
    "claim": [
        {
            **_SAID,
            "position": 0,
            "figure_number": 1,
            "event_number": 1,
            "qualifier": "exact",
            "low": 2,
            "best": 2,
            "high": 2,
            "is_preferred": True,
        }
    ],
    "rendition_dictionary": [{"number": 1, "dataset_id": "set", "record": "event", "content": b"dictionary"}],
    "event_rendition": [{**_RENDERED, "release": "1"}],
    "figure_rendition": [_RENDERED],
    "event_words": [{"number": 1, "words": "fight"}],
    "change": [
        {"number": 1, "record": "event", "record_id": "fight", "dataset_id": "set", "action": "created", "at": NOW}
    ],
    "column_piece": [
        {"dataset_id": "set", "name": name, "rows": 2, "hash": "h", "code_hash": "m"} for name in ("figure", "event")
    ],
    "column_chunk": [{"dataset_id": "set", "name": "event", "position": 0, "content": b"piece"}],
    "load": [{"revision": 1, "token": "1-a", "dataset_id": "set", "at": NOW, "counts": {}}],
    "revision": [{"id": 1, "number": 1, "token": "1-a", "at": NOW}],
}


def put_least_rows(connection: Connection) -> None:
    """Puts all of them into the database."""
    for table in Base.metadata.sorted_tables:
        for row in ROWS[table.name]:
            connection.execute(insert(table).values(row))
