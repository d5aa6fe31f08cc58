"""Layers as OGC API - Tiles vector tiles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.deps import Caller, Language, OnDate, OptionalAreaQuery, ShownDate
from geo_service.api.editions import Answer
from geo_service.api.layers import LayerName, Layers, OptionalPlan
from geo_service.api.remembering import RememberingRoute, asking
from geo_service.api.routes.collections import root_of
from geo_service.publish.catalogue import WEB_MERCATOR_QUAD, require_tiles, tile_json
from geo_service.publish.statements import LayerRequest
from geo_service.publish.style import tile_path
from geo_service.publish.tiles import check_address, tile_statement
from geo_service.store.session import read_once

router = APIRouter(tags=["layers"], route_class=RememberingRoute)

MVT = "application/vnd.mapbox-vector-tile"


@router.get("/collections/{layer}/tiles", summary="Tilesets of a layer")
def read_tilesets(
    request: Request, layer: LayerName, layers: Layers, caller: Caller, language: Language
) -> dict[str, Any]:
    """The one tileset there is, in the WebMercatorQuad tile matrix set."""
    asked = layers.get(layer, caller.role)
    require_tiles(asked)
    here = f"{root_of(request)}/collections/{asked.name}/tiles/WebMercatorQuad"
    return {
        "tilesets": [
            {
                "title": asked.title.in_language(language),
                "dataType": "vector",
                "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
                "tileMatrixSetURI": WEB_MERCATOR_QUAD,
                "links": [
                    {"rel": "self", "type": "application/json", "href": here},
                    {
                        "rel": "item",
                        "type": MVT,
                        "templated": True,
                        "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                    },
                ],
            }
        ]
    }


@router.get("/collections/{layer}/tiles/WebMercatorQuad", summary="TileJSON of a layer")
def read_tile_json(
    request: Request,
    layer: LayerName,
    layers: Layers,
    caller: Caller,
    language: Language,
    on: OnDate,
    area: OptionalAreaQuery = None,
    plan: OptionalPlan = None,
) -> dict[str, Any]:
    """Where the tiles are, their zooms and their fields."""
    asked = layers.get(layer, caller.role)
    tiles = root_of(request) + tile_path(asked, LayerRequest(on, area, plan))
    return tile_json(asked, tiles=tiles, language=language)


@router.get(
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    summary="A vector tile of a layer",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}},
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
) -> Response:
    """The tile of zoom z, row y from the north and column x from the west."""
    ask = asking(request)
    asked = ask.layers.get(layer, ask.caller.role)
    check_address(asked, z, x, y)
    edition = ask.editions.of(asked, ask.caller, LayerRequest(on or ask.today, area, plan))
    ask.answer = answer = Answer(edition, (z, x, y), MVT)

    def make() -> bytes:
        statement = tile_statement(asked, edition.request, z, x, y)
        return bytes(read_once(ask.engine, ask.caller, statement.text, statement.values))

    unchanged = answer.not_modified(ask.conditions)
    return unchanged or answer.response(ask.editions.body(answer, ask.conditions, make), ask.conditions)
