"""What the datasets asked for cover, and under which licences, as every answer tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection, select

from api.answers.service import service
from api.columns.snapshot import Snapshot
from api.columns.tables import EVENT
from api.query.question import Question
from api.records.formats import DatasetTerms
from api.records.renditions import json_bytes
from api.store.models import Dataset, Document, Group, Location


class Coverage(NamedTuple):
    """What the datasets asked for declare to cover, so that an empty answer can be told from a gap."""

    # A JSON object of `coverage` and `sources`.
    body: bytes
    sources: tuple[DatasetTerms, ...]
    links: tuple[str, ...]


def coverage(snapshot: Snapshot, question: Question, *, tells_countries: bool = True) -> Coverage:
    """The coverage of the datasets asked for; of all that declare a period where none was asked for. Without countries it
    needs no reading copy."""
    asked = question.values.get("dataset")
    named = _SHARED_BY_DATASETS.get(question.endpoint.resource)
    resource = question.endpoint.resource if named else None
    key = _key(None if asked is None else tuple(asked), resource, tells_countries)

    def make() -> Coverage:
        countries = _countries(snapshot) if tells_countries else None
        return _coverage(snapshot.connection, asked, named, snapshot.token, countries)

    return service().coverage_cache.get_or_make(snapshot.token, key, make)


def licence_links(snapshot: Snapshot, dataset: str) -> tuple[str, ...]:
    """The licence of one dataset's records with its citation, as Link headers."""
    return (
        service()
        .coverage_cache.get_or_make(
            snapshot.token, _of_one(dataset), lambda: _coverage(snapshot.connection, [dataset], None, snapshot.token)
        )
        .links
    )


def kept_licence_links(token: str, dataset: str) -> tuple[str, ...] | None:
    """The same where it was told before in this revision; null where it was not."""
    kept: Coverage | None = service().coverage_cache.find(token, _of_one(dataset))
    return None if kept is None else kept.links


def _of_one(dataset: str) -> tuple[Any, ...]:
    return _key((dataset,), None, False)


def _key(asked: tuple[str, ...] | None, resource: str | None, tells_countries: bool) -> tuple[Any, ...]:
    """What a coverage is kept under."""
    return ("coverage", asked, resource, tells_countries)


def _countries(snapshot: Snapshot) -> Mapping[str, Sequence[str]]:
    """The countries in which each dataset has events, in order: no file says which ones it was gathered for."""

    def make() -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        pair = (EVENT.c.dataset_id, EVENT.c.country)
        for dataset, country in snapshot.copy.rows(
            select(*pair).where(pair[1].is_not(None)).distinct().order_by(*pair)
        ):
            found.setdefault(dataset, []).append(country)
        return found

    return service().coverage_cache.get_or_make(snapshot.token, ("countries",), make)


# What several datasets speak of and one has brought, so that a question about some lists records of others.
_SHARED_BY_DATASETS: Mapping[str, Any] = {"groups": Group, "locations": Location, "documents": Document}


def _coverage(
    connection: Connection,
    asked: Sequence[str] | None,
    named: Any,
    token: str,
    countries: Mapping[str, Sequence[str]] | None = None,
) -> Coverage:
    is_asked = Dataset.id.in_(asked) if asked is not None else Dataset.first_date.is_not(None)
    owners = [] if named is None else connection.scalars(select(named.dataset_id).distinct()).all()
    table = Dataset.__table__
    statement = select(table, is_asked.label("is_asked")).where(is_asked | table.c.id.in_(owners)).order_by(table.c.id)
    found = connection.execute(statement).mappings().all()
    rows = [row for row in found if row["is_asked"]]
    first = [row["first_date"] for row in rows if row["first_date"] is not None]
    last = [row["last_date"] for row in rows if row["last_date"] is not None]
    sources = tuple(DatasetTerms(row["id"], *(row[name] for name in DatasetTerms._fields[1:])) for row in found)
    covered = {
        "datasets": [row["id"] for row in rows],
        "first_date": min(first, default=None),
        "last_date": max(last, default=None),
        "revision": token,
        "by_dataset": [
            {
                "dataset": row["id"],
                "first_date": row["first_date"],
                "last_date": row["last_date"],
                "countries": None if countries is None else countries.get(row["id"], []),
            }
            for row in rows
        ],
    }
    body = json_bytes({"coverage": covered, "sources": [source._asdict() for source in sources]})
    return Coverage(body, sources, tuple(_licence_links(sources)))


def _licence_links(sources: Sequence[DatasetTerms]) -> Iterator[str]:
    """Each dataset's licence with its citation, as Link headers, which say too what may not be passed on."""
    for source in sources:
        target = source.licence_url or f"/v1/datasets/{quote(source.dataset)}"
        title = source.citation if source.is_redistributable else f"{source.citation} Not for redistribution."
        yield f"<{target}>; rel=\"license\"; title*=UTF-8''{quote(title)}"
