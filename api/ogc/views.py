"""The addresses of OGC API Features: landing page, conformance, collections, their queryables and their features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app
from marshmallow import Schema

from api.answers.description import description
from api.answers.routes import ANYWHERE, IN_ONE_FORM, OF_RECORDS, describe_page
from api.columns.snapshot import Snapshot
from api.domain.errors import NotFound, nearest
from api.ogc import filtered_totals, totals_by_place
from api.ogc.answers import (
    GEO_JSON,
    OPENAPI_JSON,
    SCHEMA_JSON,
    Link,
    answer,
    as_data_and_page,
    link,
    own_links,
    pairs_asked,
    queryables_link,
    root,
)
from api.ogc.collections import COLLECTIONS, PREFIX, Collection
from api.ogc.items import answer_item, answer_items, question_asked
from api.ogc.own_description import own_description
from api.ogc.parameters import CRS84, DATETIME, ITEMS, Address, F, as_ours, given
from api.ogc.schemas import (
    CollectionPage,
    CollectionsPage,
    Conformance,
    Feature,
    FeaturePage,
    Landing,
    OGCDescription,
    QueryablesPage,
)
from api.records.formats import HTML, JSON, MEDIA_TYPES
from api.records.renditions import json_bytes

BLUEPRINT = Blueprint("ogc", __name__)
_CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_FILTERING = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMS_TO = (
    *(f"{_CORE}/{name}" for name in ("core", "oas30", "geojson", "html")),
    *(f"{_FILTERING}/{name}" for name in ("queryables", "filter", "features-filter")),
    *(
        f"{_CQL2}/{name}"
        for name in (
            *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison"),
            *("accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus"),
            *("spatial-functions", "temporal-functions", "property-property"),
        )
    ),
)


def _page(path: str) -> Address:
    return Address(f"{PREFIX}{path}", "ogc", None, formats=(JSON,))


def _described(
    address: Address,
    page: type[Schema],
    example: str | None = None,
    media_type: str = MEDIA_TYPES[JSON],
    may_be_withdrawn: bool = False,
) -> Callable[[Any], Any]:
    media = {media_type: page, MEDIA_TYPES[HTML]: None}
    of_one = OF_RECORDS if may_be_withdrawn else frozenset({404})
    return describe_page(address, media, example, statuses=ANYWHERE if example is None else ANYWHERE | of_one)


LANDING, CONFORMANCE, COLLECTION_LIST = _page(""), _page("/conformance"), _page("/collections")
ONE_COLLECTION, QUERYABLES = _page("/collections/{id}"), _page("/collections/{id}/queryables")
API = Address(f"{PREFIX}/api", "ogc", None, formats=(JSON,), takes=(), has_page=False)


@BLUEPRINT.get("/ogc")
@_described(LANDING, Landing)
def get_ogc_landing_page() -> Response:
    """Where OGC API Features begins: give this address to GDAL or QGIS."""
    told = {
        "title": "Conflict events",
        "description": "Events, casualties, displacement and places, with totals by area, as OGC API Features.",
    }
    links = [
        link("service-desc", "/api", "The description", OPENAPI_JSON),
        {**link("service-doc", "", "The manual", MEDIA_TYPES[HTML]), "href": root().removesuffix("/ogc") + "/docs/"},
        link("conformance", "/conformance", "What it conforms to"),
        link("data", "/collections", "What there is"),
    ]
    return answer(LANDING, lambda _snapshot, _values: {**told, "links": [*own_links(), *links]})


@BLUEPRINT.get("/ogc/conformance")
@_described(CONFORMANCE, Conformance)
def get_ogc_conformance() -> Response:
    """Which parts of the standards hold here."""
    return answer(CONFORMANCE, lambda _snapshot, _values: {"conformsTo": CONFORMS_TO, "links": own_links()})


@BLUEPRINT.get("/ogc/api")
@describe_page(API, {OPENAPI_JSON.partition(";")[0]: OGCDescription}, statuses=IN_ONE_FORM)
def get_ogc_description() -> Response:
    """The description of what stands below `/ogc` alone, as tools for GIS read it."""
    given(API, pairs_asked())
    key = "description of OGC API Features"
    if key not in current_app.extensions:
        current_app.extensions[key] = own_description(description(current_app))
    found = {**current_app.extensions[key], "servers": [{"url": root()}]}
    return Response(json_bytes(found), content_type=OPENAPI_JSON)


# --- Collections -------------------------------------------------------------------------------------------------


@BLUEPRINT.get("/ogc/collections")
@_described(COLLECTION_LIST, CollectionsPage)
def list_ogc_collections() -> Response:
    """The collections of features."""

    def make(snapshot: Snapshot, _values: dict[str, Any]) -> dict[str, Any]:
        return {"collections": [_collection(snapshot, name) for name in _NAMES], "links": own_links()}

    return answer(COLLECTION_LIST, make)


@BLUEPRINT.get("/ogc/collections/<identity>")
@_described(ONE_COLLECTION, CollectionPage, "events")
def get_ogc_collection(identity: str) -> Response:
    """One collection by its id."""
    return _answer_collection(ONE_COLLECTION, identity)


def _answer_collection(address: Address, identity: str) -> Response:
    _known(identity)

    def make(snapshot: Snapshot, values: dict[str, Any]) -> dict[str, Any]:
        pairs, collection = pairs_asked(), COLLECTIONS.get(identity)
        # What its features would refuse is refused here too.
        if collection is not None:
            question_asked(collection, snapshot, as_ours(values, pairs))
        elif any(name != F.name for name, _value in pairs):
            totals_by_place.rows_asked(snapshot, values, pairs, values.get("by", totals_by_place.DEFAULT_LEVEL))
        found = _collection(snapshot, identity, pairs)
        return {**found, "links": [*own_links(), *found["links"]]}

    return answer(address, make, headed=[queryables_link(identity)])


@BLUEPRINT.get("/ogc/collections/<identity>/queryables")
@_described(QUERYABLES, QueryablesPage, "events", SCHEMA_JSON)
def get_ogc_queryables(identity: str) -> Response:
    """What filters of a collection may speak of, as a JSON Schema."""
    _known(identity)
    collection = COLLECTIONS.get(identity)
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root()}/collections/{identity}/queryables",
        "type": "object",
        "title": totals_by_place.TITLE if collection is None else collection.title,
        "properties": filtered_totals.queryables() if collection is None else collection.queryables(),
        "additionalProperties": False,
    }
    return answer(QUERYABLES, lambda _snapshot, _values: told, SCHEMA_JSON)


_NAMES = (*COLLECTIONS, totals_by_place.ID)


def _known(identity: str) -> None:
    """Errors: 404, where there is no collection of this id."""
    if identity not in _NAMES:
        near = nearest(identity, _NAMES) or list(_NAMES)
        raise NotFound(f"There is no collection '{identity}'.", extra={"near": near})


def _collection(snapshot: Snapshot, identity: str, pairs: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """What is said of a collection."""
    found = COLLECTIONS.get(identity)
    path = f"/collections/{identity}"
    # A collection that is asked for with filters is that of what they let through, so that tools need not know of them.
    features, page = as_data_and_page(f"{path}/items", pairs)
    links: list[Link] = [
        link("items", features, "Its features", GEO_JSON),
        link("items", page, "Its features as HTML", MEDIA_TYPES[HTML]),
    ]
    about = queryables_link(identity)
    links += [about, {**about, "rel": "queryables"}]
    told = totals_by_place if found is None else found
    return {
        "id": identity,
        "title": totals_by_place.TITLE if found is None else found.title,
        "description": totals_by_place.DESCRIPTION if found is None else found.description,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": told.extent(snapshot),
        "links": links,
    }


# --- Features ----------------------------------------------------------------------------------------------------


def _collection_route(identity: str, title: str, items: Address) -> None:
    """The address of a collection, which takes what its features take but for what chooses a page of them."""
    of_pages = {parameter.name for parameter in ITEMS}
    takes = (F, *(parameter for parameter in items.takes if parameter.name not in of_pages or parameter is DATETIME))
    address = replace(items, path=f"{PREFIX}/collections/{identity}", takes=takes)

    def collection() -> Response:
        return _answer_collection(address, identity)

    collection.__doc__ = f"The collection of {title.lower()}; with filters, of what they let through."
    name = f"get_ogc_collection_{identity.replace('-', '_')}"
    _add(name, f"/{identity}", collection, _described(address, CollectionPage))


def _routes(collection: Collection) -> None:
    """The addresses of a collection's features, whose parameters are its own."""
    name = collection.id.replace("-", "_")

    def items() -> Response:
        return answer_items(collection)

    def item(identity: str) -> Response:
        return answer_item(collection, one, identity)

    one = _page(f"/collections/{collection.id}/items/{{id}}")
    items.__doc__ = f"{collection.title} as features.\n\n{collection.description}"
    item.__doc__ = f"One of the {collection.title.lower()} as a feature."
    _add(
        f"list_ogc_{name}",
        f"/{collection.id}/items",
        items,
        _described(collection.address, FeaturePage, media_type=GEO_JSON),
    )
    _add(
        f"get_ogc_{name}",
        f"/{collection.id}/items/<identity>",
        item,
        _described(one, Feature, collection.example, GEO_JSON, may_be_withdrawn=True),
    )


def _add(name: str, path: str, view: Callable[..., Response], described: Callable[[Any], Any]) -> None:
    BLUEPRINT.add_url_rule(f"{PREFIX}/collections{path}", name, described(view))


for each in COLLECTIONS.values():
    _collection_route(each.id, each.title, each.address)
    _routes(each)
_collection_route(totals_by_place.ID, totals_by_place.TITLE, totals_by_place.ADDRESS)

_ONE_TOTAL = _page(f"/collections/{totals_by_place.ID}/items/{{id}}")


@BLUEPRINT.get(f"/ogc/collections/{totals_by_place.ID}/items")
@_described(totals_by_place.ADDRESS, FeaturePage, media_type=GEO_JSON)
def list_ogc_totals_by_place() -> Response:
    """Totals of figures by area, as features.

    They count nobody twice: low, best and high of each measure, drawn as the outlines of the areas. Different measures,
    units, objects and datasets are never added, so an area has a feature for each. Every filter of figures narrows what is
    counted; `bbox` and `filter` narrow which totals are shown.
    """
    return totals_by_place.answer_items()


@BLUEPRINT.get(f"/ogc/collections/{totals_by_place.ID}/items/<identity>")
@_described(_ONE_TOTAL, Feature, totals_by_place.EXAMPLE, GEO_JSON)
def get_ogc_total(identity: str) -> Response:
    """One area with one of its numbers, over all that is loaded."""
    return totals_by_place.answer_item(_ONE_TOTAL, identity)
