"""Layers as OGC API - Tiles vector tiles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.deps import Caller, Database, Language, OnDate, OptionalAreaQuery, ShownDate
from geo_service.api.editions import Answer, Edition, joined
from geo_service.api.feature_queries import TILES_PARAMETERS, only_known
from geo_service.api.html import PRESENTATION
from geo_service.api.layers import LayerName, LayerNames, Layers, OptionalPlan, OptionalTarget, within_scope
from geo_service.api.remembering import Asking, RememberingRoute, asking
from geo_service.api.routes.collections import root_of
from geo_service.publish.catalogue import VECTOR_TILE, tile_json, tileset
from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest
from geo_service.publish.style import tile_path
from geo_service.publish.tiles import check_address, tile_statement
from geo_service.store.session import transaction

router = APIRouter(tags=["layers"], route_class=RememberingRoute)


_TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {VECTOR_TILE: {}}},
    204: {"description": "Nothing lies in this tile"},
    304: {"description": "Nothing has changed since"},
}


@router.get("/collections/{layer}/tiles", summary="Tilesets of a layer")
def read_tilesets(
    request: Request, layer: LayerName, layers: Layers, caller: Caller, language: Language
) -> dict[str, Any]:
    """The one tileset there is, in the WebMercatorQuad tile matrix set."""
    asked = layers.get(layer, caller.role)
    only_known(request, PRESENTATION)
    here = f"{root_of(request)}/collections/{asked.name}/tiles/WebMercatorQuad"
    tiles = f"{here}/{{z}}/{{y}}/{{x}}"
    return {"tilesets": [tileset(asked, address=here, tiles=tiles, language=language)]}


@router.get("/collections/{layer}/tiles/WebMercatorQuad", summary="The tileset of a layer, TileJSON too")
def read_tile_json(
    request: Request,
    layer: LayerName,
    layers: Layers,
    caller: Caller,
    database: Database,
    language: Language,
    on: OnDate,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
    target: OptionalTarget = None,
) -> dict[str, Any]:
    """Where the tiles are, their zooms and their fields: a tileset of OGC API - Tiles and TileJSON in one."""
    asked = layers.get(layer, caller.role)
    only_known(request, TILES_PARAMETERS)
    shown = LayerRequest(on, area, plan, target)
    with transaction(database, caller, read_only=True) as connection:
        within_scope(connection, caller, shown)
    tiles = root_of(request) + tile_path(asked, shown)
    described = tileset(asked, address=str(request.url), tiles=tiles, language=language)
    return {**described, **tile_json(asked, tiles=tiles, language=language)}


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    summary="A vector tile of a layer",
    response_class=Response,
    responses=_TILE_ANSWERS,
)
def read_vector_tile(
    request: Request,
    layer: LayerName,
    z: int,
    y: int,
    x: int,
    on: ShownDate = None,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
    target: OptionalTarget = None,
) -> Response:
    """The tile of zoom z, row y from the north and column x from the west."""
    ask = asking(request)
    asked = ask.layers.get(layer, ask.caller.role)
    only_known(request, TILES_PARAMETERS)
    check_address(asked, z, x, y)
    edition = ask.editions.of(asked, ask.caller, LayerRequest(on or ask.today, area, plan, target))
    ask.answer = answer = Answer(edition, (z, x, y), VECTOR_TILE)

    def make() -> bytes:
        return _tile(ask, asked, edition, z, x, y)

    unchanged = answer.not_modified(ask.conditions)
    return unchanged or answer.response(ask.editions.body(answer, ask.conditions, make), ask.conditions)


@router.get(
    "/map/tiles/{z}/{y}/{x}",
    summary="A vector tile of several layers",
    response_class=Response,
    responses=_TILE_ANSWERS,
)
def read_joined_tile(
    request: Request,
    layers: LayerNames,
    z: int,
    y: int,
    x: int,
    on: ShownDate = None,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
    target: OptionalTarget = None,
) -> Response:
    """The tile of zoom z, row y from the north and column x from the west: of each layer that begins by z."""
    ask = asking(request)
    only_known(request, TILES_PARAMETERS | {"layers"})
    asked = [ask.layers.get(name, ask.caller.role) for name in dict.fromkeys(layers.split(","))]
    asked = [layer for layer in asked if layer.minzoom <= z] or asked[:1]
    for layer in asked:
        check_address(layer, z, x, y)
    shown = LayerRequest(on or ask.today, area, plan, target)
    editions = [ask.editions.of(layer, ask.caller, shown) for layer in asked]
    ask.answer = answer = Answer(joined(editions), (z, x, y), VECTOR_TILE)

    def make() -> bytes:
        # A tile is its layers one after the other (Vector Tile specification 2.1, section 4.1).
        parts = zip(asked, editions, strict=True)
        return b"".join(_tile(ask, layer, edition, z, x, y) for layer, edition in parts)

    unchanged = answer.not_modified(ask.conditions)
    return unchanged or answer.response(ask.editions.body(answer, ask.conditions, make), ask.conditions)


def _tile(ask: Asking, layer: Layer, edition: Edition, z: int, x: int, y: int) -> bytes:
    statement = tile_statement(layer, edition.request, z, x, y)
    return bytes(ask.read_connections.value(ask.caller, statement.text, statement.values))
