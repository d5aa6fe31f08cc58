"""Layers as OGC API - Features collections."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from geo_service.api.deps import Caller, Database, Language, OnDate, OptionalAreaQuery
from geo_service.api.editions import NOT_SHARED
from geo_service.api.layers import LayerName, Layers, OptionalPlan, within_scope
from geo_service.publish.catalogue import collection
from geo_service.publish.features import DEFAULT_LIMIT, check_limit, items_statement, read_bounding_box
from geo_service.publish.statements import LayerRequest
from geo_service.store.layers import read_page
from geo_service.store.session import transaction

router = APIRouter(tags=["layers"])

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)


def root_of(request: Request) -> str:
    """Address of the server's root without a slash at its end."""
    return str(request.base_url).rstrip("/")


def landing_page(request: Request) -> dict[str, Any]:
    """The OGC API landing page."""
    root = root_of(request)
    return {
        "title": "geo-service",
        "description": "物业管理全覆盖 · Full property-management coverage",
        "links": [
            {"rel": "self", "type": "application/json", "href": f"{root}/"},
            {"rel": "conformance", "type": "application/json", "href": f"{root}/conformance"},
            {"rel": "data", "type": "application/json", "href": f"{root}/collections"},
            {
                "rel": "service-desc",
                "type": "application/vnd.oai.openapi+json;version=3.0",
                "href": f"{root}/api/openapi.json",
            },
        ],
    }


@router.get("/conformance", summary="Conformance classes")
def read_conformance() -> dict[str, list[str]]:
    """What this server conforms to."""
    return {"conformsTo": list(CONFORMANCE)}


@router.get("/collections", summary="All layers as collections")
def read_collections(request: Request, layers: Layers, caller: Caller, language: Language) -> dict[str, Any]:
    """The layers the caller's role reads."""
    root = root_of(request)
    return {
        "links": [{"rel": "self", "type": "application/json", "href": f"{root}/collections"}],
        "collections": [
            collection(layer, base_url=root, language=language) for layer in layers.readable_by(caller.role)
        ],
    }


@router.get("/collections/{layer}", summary="One layer as a collection")
def read_collection(
    request: Request, layer: LayerName, layers: Layers, caller: Caller, language: Language
) -> dict[str, Any]:
    """Title, description and links of a layer."""
    return collection(layers.get(layer, caller.role), base_url=root_of(request), language=language)


@router.get(
    "/collections/{layer}/items",
    summary="Features of a layer",
    response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}},
)
def read_items(
    request: Request,
    layer: LayerName,
    layers: Layers,
    caller: Caller,
    database: Database,
    on: OnDate,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
    bbox: Annotated[str | None, Query(max_length=256, description="west,south,east,north in degrees")] = None,
    limit: Annotated[int, Query(description="1 to 10,000 features a page")] = DEFAULT_LIMIT,
    after: Annotated[str | None, Query(max_length=256, description="Key of the last feature seen")] = None,
) -> Response:
    """A page of GeoJSON features, ordered by key, with a ``next`` link while there are more."""
    asked = layers.get(layer, caller.role)
    limit = check_limit(limit)
    box = read_bounding_box(bbox) if bbox is not None else None
    with transaction(database, caller, read_only=True) as connection:
        chosen = within_scope(connection, caller, LayerRequest(on, area, plan))
        statement = items_statement(asked, chosen, limit=limit, bounding_box=box, after=after)
        rows = read_page(connection, statement)
    features = [feature for _, feature in rows[:limit]]
    here = f"{root_of(request)}/collections/{asked.name}/items"
    links = [_link("self", here, dict(request.query_params))]
    if len(rows) > limit:
        links.append(_link("next", here, {**request.query_params, "after": rows[limit - 1][0]}))
    return Response(
        _feature_collection(features, links), media_type="application/geo+json", headers=dict(NOT_SHARED)
    )


def _link(relation: str, here: str, query: dict[str, str]) -> str:
    address = f"{here}?{urlencode(query)}" if query else here
    return f'{{"rel":"{relation}","type":"application/geo+json","href":"{address}"}}'


def _feature_collection(features: list[str], links: list[str]) -> str:
    # The features arrive as text from PostgreSQL; parsing them only to write them again would be wasted.
    return (
        f'{{"type":"FeatureCollection","numberReturned":{len(features)},"links":[{",".join(links)}],'
        f'"features":[{",".join(features)}]}}'
    )
