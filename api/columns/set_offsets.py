"""Moves the numbers of sets and chains, which each dataset's pieces count from 1, so that no two datasets number theirs alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from api.columns import tables

# Tables whose rows name sets and chains by numbers, and which each names.
_SETS_NAMED_BY = {
    "event": tables.EVENT_SETS,
    "figure": tables.FIGURE_SETS,
    "participant": ("participant_set",),
    "attribution": ("attribution_set", "chain_number"),
    "claim": ("claim_set", "chain_number"),
    "interim_claim": ("chain_number",),
    "document_chain": ("chain_number",),
    "profile": ("profile_set",),
    "word": ("word_set",),
}
# The table that has all of each kind.
_TABLE_OF_SETS = {
    "participant_set": "participant",
    "attribution_set": "attribution",
    "claim_set": "claim",
    "chain_number": "document_chain",
    "profile_set": "profile",
    "word_set": "word",
}


def set_offsets(database: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> list[Mapping[str, int]]:
    """What the numbers of each dataset's sets and chains are moved by, so that no two datasets number theirs alike."""
    found: list[Mapping[str, int]] = []
    following = dict.fromkeys(_TABLE_OF_SETS, 0)
    for folder in folders:
        found.append(dict(following))
        for key, table in _TABLE_OF_SETS.items():
            if not (folder / f"{table}.parquet").exists():
                continue
            ((most,),) = database.execute(f"select max({key}) from read_parquet('{folder / table}.parquet')").fetchall()
            following[key] += most or 0
    return found


def moved(name: str, offset: Mapping[str, int]) -> str:
    """All columns of a piece, with the numbers of sets and chains moved."""
    replaced = ", ".join(f"({key} + {offset[key]})::int as {key}" for key in _SETS_NAMED_BY.get(name, ()))
    return f"* replace ({replaced})" if replaced else "*"
