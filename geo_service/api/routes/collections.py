"""Layers as OGC API - Features collections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from geo_service import messages
from geo_service.api.attachments import MEDIA_TYPES
from geo_service.api.conformance import CONFORMANCE, DEPARTURES
from geo_service.api.deps import Caller, Database, OptionalAreaQuery
from geo_service.api.feature_pages import (
    GEOJSON,
    FeaturePage,
    content_crs,
    feature_collection,
    page_links,
    read_feature_page,
)
from geo_service.api.feature_queries import (
    ItemsQuery,
    LayerQuery,
    items_parameters,
    offered_systems,
    only_known,
    same_state,
)
from geo_service.api.feature_tables import feature_table
from geo_service.api.html import NEGOTIATED, PRESENTATION, Presentation, Shown, answer_json, answer_page
from geo_service.api.known_answers import NOT_MODIFIED, KnownEditions, of_edition
from geo_service.api.layers import LayerName, Layers
from geo_service.pipeline.export_formats import FORMATS
from geo_service.pipeline.policies import in_own_words
from geo_service.publish.catalogue import Extent, collection
from geo_service.publish.crs import ReferenceSystem
from geo_service.publish.model import Layer
from geo_service.store.areas import first_day, list_areas, require_area
from geo_service.store.session import transaction

router = APIRouter(tags=["layers"])

IN_BOTH = {200: {"content": {"application/json": {}, "text/html": {}}}}


def root_of(request: Request) -> str:
    """Address of the server's root without a slash at its end."""
    return str(request.base_url).rstrip("/")


def landing_page(request: Request, shown: Presentation) -> Response:
    """The OGC API landing page."""
    root = root_of(request)
    openapi = "application/vnd.oai.openapi+json;version=3.1"
    document = {
        "title": messages.text("webpage.service", shown.language),
        "description": messages.text("webpage.service_description", shown.language),
        "links": [
            {"rel": "self", "type": "application/json", "href": f"{root}/?f=json"},
            {"rel": "alternate", "type": "text/html", "href": f"{root}/?f=html"},
            {"rel": "conformance", "type": "application/json", "href": f"{root}/conformance"},
            {"rel": "data", "type": "application/json", "href": f"{root}/collections"},
            {"rel": "service-desc", "type": openapi, "href": f"{root}/api/openapi.json"},
        ],
    }
    if shown.as_page:
        return answer_page("landing", request, shown, document=document)
    return answer_json(document, shown)


@router.get("/conformance", summary="Conformance classes", response_class=Response, responses=IN_BOTH)
def read_conformance(request: Request, shown: Shown) -> Response:
    """What this server conforms to, and where it knowingly departs."""
    only_known(request, PRESENTATION)
    document = {
        "conformsTo": list(CONFORMANCE),
        "departures": [messages.text(f"features.departure.{name}", shown.language) for name in DEPARTURES],
    }
    if shown.as_page:
        return answer_page("conformance", request, shown, document=document)
    return answer_json(document, shown)


@router.get("/collections", summary="All layers as collections", response_class=Response, responses=IN_BOTH)
def read_collections(
    request: Request,
    layers: Layers,
    caller: Caller,
    database: Database,
    shown: Shown,
    area: OptionalAreaQuery = None,
) -> Response:
    """The layers the caller's role reads, for the whole scope or one area of it, and the areas there are."""
    only_known(request, {"area"} | PRESENTATION)
    root = root_of(request)
    with transaction(database, caller, read_only=True) as connection:
        ground = _ground(connection, area)
    readable = layers.readable_by(caller.role)
    document = {
        "title": messages.text("webpage.collections", shown.language),
        "crs": [system.uri for system in ground.systems],
        "links": [
            {"rel": "self", "type": "application/json", "href": str(request.url)},
            {"rel": "alternate", "type": "text/html", "href": f"{root}/collections?f=html"},
        ],
        "areas": [_area_entry(entry, root) for entry in ground.areas if entry["kind"] != "community"],
        "collections": [_described(layer, ground, root, shown.language) for layer in readable],
    }
    if not shown.as_page:
        return answer_json(document, shown)
    return answer_page(
        "collections",
        request,
        shown,
        areas=_listed(ground),
        layers=list(readable),
        formats_of=_formats_of,
    )


@dataclass(frozen=True)
class _Ground:
    """What collections are of: an area or the caller's whole scope, with all areas there are."""

    area: str | None
    areas: list[dict[str, Any]]
    extent: Extent
    systems: tuple[ReferenceSystem, ...]


def _ground(connection: Connection, area: str | None) -> _Ground:
    if area is not None:
        require_area(connection, area)
    areas = list_areas(connection)
    extent = Extent(_box_of(areas, area), first_day(connection))
    return _Ground(area, areas, extent, offered_systems(connection))


def _described(layer: Layer, ground: _Ground, root: str, language: str) -> dict[str, Any]:
    """A collection, with its downloads where they are of one area."""
    document = collection(
        layer,
        base_url=root,
        language=language,
        extent=ground.extent,
        systems=ground.systems,
        area=ground.area,
    )
    if ground.area is not None:
        document["links"] += _downloads(layer, root, ground.area)
    return document


def _downloads(layer: Layer, root: str, area: str) -> list[dict[str, str]]:
    return [
        {
            "rel": "enclosure",
            "type": MEDIA_TYPES.get(name, MEDIA_TYPES["zip"]),
            "title": name,
            "href": f"{root}/api/export?{urlencode({'area': area, 'layers': layer.name, 'format': name})}",
        }
        for name in _formats_of(layer)
    ]


def _formats_of(layer: Layer) -> list[str]:
    """The formats that hold a layer: what only draws has nothing to draw of a table."""
    return [name for name, format in FORMATS.items() if format.holds(layer)]


def _box_of(areas: list[dict[str, Any]], code: str | None) -> tuple[float, float, float, float] | None:
    boxes = [entry["bbox"] for entry in areas if code is None or entry["code"] == code]
    boxes = [box for box in boxes if None not in box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _area_entry(entry: dict[str, Any], root: str) -> dict[str, Any]:
    here = f"{root}/collections?area={entry['code']}"
    return {
        "code": entry["code"],
        "kind": entry["kind"],
        "name": entry["name"],
        "links": [{"rel": "data", "type": "application/json", "href": here}],
    }


def _listed(ground: _Ground) -> list[dict[str, Any]]:
    """The area asked for alone; otherwise every one but communities, or these where there is nothing else."""
    if ground.area is not None:
        return [entry for entry in ground.areas if entry["code"] == ground.area]
    return [entry for entry in ground.areas if entry["kind"] != "community"] or ground.areas


@router.get(
    "/collections/{layer}", summary="One layer as a collection", response_class=Response, responses=IN_BOTH
)
def read_collection(
    request: Request,
    layer: LayerName,
    layers: Layers,
    caller: Caller,
    database: Database,
    shown: Shown,
    area: OptionalAreaQuery = None,
) -> Response:
    """Title, description, extent and links of a layer."""
    asked = layers.get(layer, caller.role)
    only_known(request, {"area"} | PRESENTATION)
    with transaction(database, caller, read_only=True) as connection:
        ground = _ground(connection, area)
        worded = in_own_words(connection, asked)
    document = _described(worded, ground, root_of(request), shown.language)
    if shown.as_page:
        return answer_page("collection", request, shown, document=document, layer=worded, area=ground.area)
    return answer_json(document, shown)


@router.get(
    "/collections/{layer}/items",
    summary="Features of a layer",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {}, "text/html": {}}}, **NOT_MODIFIED},
)
def read_items(
    request: Request,
    layer: LayerName,
    layers: Layers,
    caller: Caller,
    database: Database,
    editions: KnownEditions,
    shown: Shown,
    query: Annotated[LayerQuery, Depends()],
    wanted: Annotated[ItemsQuery, Depends()],
) -> Response:
    """A page of features, ordered by key, linked to those before and behind it.

    Besides the parameters below, every queryable of the layer is one: ``status=in_service``.
    """
    asked = layers.get(layer, caller.role)
    only_known(request, items_parameters(asked))
    wanted.check()
    edition = editions.of(asked, caller, query.request())

    def read() -> Response:
        with transaction(database, caller, read_only=True) as connection:
            page = read_feature_page(connection, caller, asked, edition.request, wanted, request)
            worded = in_own_words(connection, asked) if shown.as_page else asked
        return _items(request, worded, page, shown)

    return of_edition(request, edition, shown, read)


def _items(request: Request, asked: Layer, page: FeaturePage, shown: Presentation) -> Response:
    links = page_links(page, request, f"{root_of(request)}/collections/{asked.name}/items")
    if shown.as_page:
        return answer_page(
            "items",
            request,
            shown,
            layer=asked,
            page=page,
            links=links,
            table=feature_table(asked, page.features, shown.language),
            state=same_state(request),
            count_address=str(request.url.include_query_params(count="exact")),
        )
    return Response(
        feature_collection(page, links),
        media_type=GEOJSON,
        headers={**NEGOTIATED, **content_crs(page.system)},
    )
