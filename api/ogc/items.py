"""Features of a collection: pages of them, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Response

from api.answers.coverage import coverage, licence_links
from api.answers.responses import base
from api.answers.single_records import missing
from api.columns.snapshot import Snapshot
from api.ogc.answers import GEO_JSON, DataAnswer, Link, answer, link, own_links, pairs_asked, queryables_link
from api.ogc.collections import Collection
from api.ogc.parameters import Address, as_ours
from api.query.lookup.database import DatabaseLookUp
from api.query.paging import cursor_of, next_page
from api.query.parsing import parse
from api.query.question import Question
from api.records.formats import GEOJSON, JSON
from api.records.renditions import json_bytes


def answer_items(collection: Collection) -> Response:
    """A page of the features that the query asks for."""

    def make(snapshot: Snapshot, values: dict[str, Any]) -> DataAnswer:
        pairs = pairs_asked()
        question = question_asked(collection, snapshot, as_ours(values, pairs))
        found = collection.listing.page(snapshot, question, base())
        links = own_links(GEO_JSON)
        if found.last is not None:
            kept = [(name, value) for name, value in pairs if name != "f"]
            path = next_page(question, cursor_of(question, found.last), collection.address.path, kept)
            links.append(link("next", path.removeprefix("/ogc"), "The next page", GEO_JSON))
        links.append(link("collection", f"/collections/{collection.id}", collection.title))
        about = coverage(snapshot, question)
        sources = [source._asdict() for source in about.sources]
        return DataAnswer(feature_collection(found.records, links, found.total, {"sources": sources}), about.links)

    return answer(collection.address, make, GEO_JSON, headed=[queryables_link(collection.id)])


def answer_item(collection: Collection, address: Address, identity: str) -> Response:
    """One feature. Errors: 404 with near matches; 410 with its tombstone."""

    def make(snapshot: Snapshot, _values: dict[str, Any]) -> DataAnswer:
        question = question_asked(collection, snapshot, [])
        by_id = next(wanted for wanted in collection.asked_as.filters if wanted.name == "id")
        found = collection.listing.page(snapshot, replace(question, filter_values={by_id: [identity]}), base())
        if not found.records:
            raise missing(snapshot.connection, collection.record, identity)
        back = link("collection", f"/collections/{collection.id}", collection.title)
        feature = orjson.loads(found.records[0])
        licences = licence_links(snapshot, feature["properties"]["dataset"])
        return DataAnswer({**feature, "links": [*own_links(GEO_JSON), back]}, licences)

    return answer(address, make, GEO_JSON)


def feature_collection(features: Sequence[bytes], links: Sequence[Link], matched: int, rest: dict[str, Any]) -> bytes:
    """A page of features with its links and counts."""
    told = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": matched,
        "numberReturned": len(features),
        "links": links,
        **rest,
    }
    return json_bytes(told)[:-1] + b',"features":[' + b",".join(features) + b"]}"


def question_asked(collection: Collection, snapshot: Snapshot, pairs: Sequence[tuple[str, str]]) -> Question:
    """The question that a query in the names of the resources asks of a collection. Errors: a Problem."""
    look_up = DatabaseLookUp(snapshot.connection, snapshot.copy)
    asked = parse(collection.asked_as, pairs, JSON, look_up)
    return replace(asked, format=GEOJSON, values={**asked.values, "fields": collection.keys, "boundaries": True})
