"""Reads what groups, locations and datasets show beside their own rows: aliases, codes, relations, paths, releases.

Each in a fixed number of queries, however many records there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.orm import aliased

from api.domain.names import ALIAS_RANK
from api.store.groups_and_places import GroupsAndPlacesReader
from api.store.models import Group, GroupCode, GroupName, GroupRelation, Location, LocationName, Release
from api.store.record_types import Record

Rows = Sequence[Mapping[str, Any]]


def with_group_details(connection: Connection, rows: Rows) -> list[Record]:
    """The groups with their aliases, codes and relations."""
    ids = [row["id"] for row in rows]
    aliases, relations = _aliases(connection, GroupName, GroupName.group_id, ids), _relations(connection, ids)
    external: dict[str, list[Record]] = defaultdict(list)
    for group_id, scheme, code in connection.execute(
        select(GroupCode.group_id, GroupCode.scheme, GroupCode.code)
        .where(GroupCode.group_id.in_(ids))
        .order_by(GroupCode.scheme, GroupCode.code)
    ):
        external[group_id].append({"scheme": scheme, "code": code})
    return [
        {**row, "aliases": aliases[row["id"]], "codes": external[row["id"]], "relations": relations[row["id"]]}
        for row in rows
    ]


def with_location_details(connection: Connection, rows: Rows) -> list[Record]:
    """The locations with their parent, path, aliases and the number of their children."""
    ids = [row["id"] for row in rows]
    reader = GroupsAndPlacesReader(connection)
    reader.fetch_places(ids)
    aliases = _aliases(connection, LocationName, LocationName.location_id, ids)
    below = select(Location.parent_id, func.count()).where(Location.parent_id.in_(ids)).group_by(Location.parent_id)
    children = dict(connection.execute(below).all())
    paths = {identity: reader.places[identity].path for identity in ids}
    return [
        {
            **row,
            "parent": next((step for step in paths[row["id"]] if step["id"] == row["parent_id"]), None),
            "path": paths[row["id"]],
            "aliases": aliases[row["id"]],
            "children": children.get(row["id"], 0),
        }
        for row in rows
    ]


def releases_of(connection: Connection, dataset_ids: Sequence[str]) -> Sequence[RowMapping]:
    """The releases of these datasets, each dataset's main one first: whole before parts, then what begins earliest."""
    first = func.coalesce(Release.first_told, date.min)
    order = (Release.dataset_id, Release.is_whole.desc(), first, Release.sort_key, Release.name)
    statement = select(Release.__table__).where(Release.dataset_id.in_(dataset_ids)).order_by(*order)
    return connection.execute(statement).mappings().all()


def with_releases(connection: Connection, rows: Rows) -> list[Record]:
    """The datasets with the releases that they are made of."""
    found: dict[str, list[Record]] = defaultdict(list)
    for release in releases_of(connection, [row["id"] for row in rows]):
        found[release["dataset_id"]].append(dict(release))
    return [{**row, "releases": found[row["id"]]} for row in rows]


def _aliases(connection: Connection, names: Any, owner: Any, ids: Sequence[str]) -> dict[str, list[Record]]:
    """The aliases of these records, in the order in which each dataset brings them."""
    found: dict[str, list[Record]] = defaultdict(list)
    for identity, name, language, document in connection.execute(
        select(owner, names.name, names.language, names.document_id)
        .where(owner.in_(ids), names.rank == ALIAS_RANK)
        .order_by(names.dataset_id, names.position)
    ):
        found[identity].append({"name": name, "language": language, "document": document})
    return found


def _relations(connection: Connection, ids: Sequence[str]) -> dict[str, list[Record]]:
    """The relations of these groups, each from its own side."""
    found: dict[str, list[Record]] = defaultdict(list)
    other = aliased(Group)
    for direction, own, theirs in (
        ("from", GroupRelation.from_group_id, GroupRelation.to_group_id),
        ("to", GroupRelation.to_group_id, GroupRelation.from_group_id),
    ):
        relation = (GroupRelation.type, GroupRelation.valid_from, GroupRelation.valid_to, GroupRelation.document_id)
        rows = connection.execute(
            select(own.label("own"), *relation, other.id, other.name, other.acronym)
            .join(other, other.id == theirs)
            .where(own.in_(ids))
            .order_by(GroupRelation.type, theirs, GroupRelation.document_id, GroupRelation.position)
        )
        for row in rows:
            found[row.own].append(
                {
                    "type": row.type,
                    "direction": direction,
                    "group": {"id": row.id, "name": row.name, "acronym": row.acronym},
                    "valid_from": row.valid_from,
                    "valid_to": row.valid_to,
                    "document": row.document_id,
                }
            )
    return found
