"""Layers as OGC API - Tiles vector tiles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.deps import Caller, Database, Language, OnDate, OptionalAreaQuery, ShownDate
from geo_service.api.editions import Answer
from geo_service.api.feature_queries import TILES_PARAMETERS, only_known
from geo_service.api.html import PRESENTATION
from geo_service.api.layers import LayerName, Layers, OptionalPlan, OptionalTarget, within_scope
from geo_service.api.remembering import RememberingRoute, asking
from geo_service.api.routes.collections import root_of
from geo_service.publish.catalogue import VECTOR_TILE, tile_json, tileset
from geo_service.publish.statements import LayerRequest
from geo_service.publish.style import tile_path
from geo_service.publish.tiles import check_address, tile_statement
from geo_service.store.session import transaction

router = APIRouter(tags=["layers"], route_class=RememberingRoute)


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
    responses={
        200: {"content": {VECTOR_TILE: {}}},
        204: {"description": "Nothing lies in this tile"},
        304: {"description": "Nothing has changed since"},
    },
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
    check_address(asked, z, x, y)
    edition = ask.editions.of(asked, ask.caller, LayerRequest(on or ask.today, area, plan, target))
    ask.answer = answer = Answer(edition, (z, x, y), VECTOR_TILE)

    def make() -> bytes:
        statement = tile_statement(asked, edition.request, z, x, y)
        return bytes(ask.read_connections.value(ask.caller, statement.text, statement.values))

    unchanged = answer.not_modified(ask.conditions)
    return unchanged or answer.response(ask.editions.body(answer, ask.conditions, make), ask.conditions)
