"""Mapbox vector tiles of a layer, made by PostGIS."""

# ruff: noqa: S608 - column names come from layer files that load.py has checked; values are bound

from __future__ import annotations

from geo_service.errors import InvalidInput
from geo_service.publish.catalogue import require_tiles
from geo_service.publish.load import MAX_ZOOM
from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest, Statement

EXTENT = 4096
BUFFER = 64
WORLD_M = 2 * 20037508.342789244
# From here on a small feature is a good part of a tile; below, simplification by the grid is wanted.
SMALL_FEATURES_FROM_ZOOM = 13

_CLIPPED = "ST_AsMVTGeom(source.geom_3857, ST_TileEnvelope(:z, :x, :y), :extent, :buffer, true)"
# Only shifted and scaled: for features much smaller than a tile clipping and validation cost more than they
# save. ST_AsMVT truncates to the grid; the shifts bear the half unit that makes it round.
_SCALED = "ST_TransScale(source.geom_3857, :shift_x, :shift_y, :scale, :down)"


def tile_statement(layer: Layer, request: LayerRequest, z: int, x: int, y: int) -> Statement:
    """SQL giving one row, one column: the tile's bytes, empty where nothing lies in it.

    Parameters
    ----------
    z, x, y : int
        Zoom, column from the west and row from the north of the WebMercatorQuad tile matrix set.

    Raises
    ------
    NotFound
        When the layer is a table.
    InvalidInput
        When the tile lies outside the matrix, or the zoom outside those the layer declares.
    """
    check_address(layer, z, x, y)
    scaled = layer.small_features and z >= SMALL_FEATURES_FROM_ZOOM
    columns = ", ".join([*(f"source.{field.name}" for field in layer.tile_fields)])
    text = f"""
SELECT ST_AsMVT(tile, :layer, :extent, 'geom')
FROM (
    SELECT {columns}, {_SCALED if scaled else _CLIPPED} AS geom
    FROM ({layer.sql}
    ) AS source
    WHERE source.geom_3857 && ST_TileEnvelope(:z, :x, :y, margin => :margin)
) AS tile"""
    values = {
        **request.values_for(layer),
        "layer": layer.name,
        "z": z,
        "x": x,
        "y": y,
        "extent": EXTENT,
        "margin": BUFFER / EXTENT,
    }
    if scaled:
        width_m = WORLD_M / 2**z
        unit_m = width_m / EXTENT
        values["shift_x"] = WORLD_M / 2 - x * width_m + unit_m / 2
        values["shift_y"] = -(WORLD_M / 2 - y * width_m) - unit_m / 2
        values["scale"] = 1 / unit_m
        values["down"] = -1 / unit_m
    else:
        values["buffer"] = BUFFER
    return Statement(text, values)


def check_address(layer: Layer, z: int, x: int, y: int) -> None:
    """Whether a layer has such a tile.

    Raises
    ------
    InvalidInput
        When the tile lies outside the matrix, or the zoom outside those the layer declares.
    """
    require_tiles(layer)
    where = f"{layer.name}/{z}/{y}/{x}"
    if not 0 <= z <= MAX_ZOOM or not (0 <= x < 2**z and 0 <= y < 2**z):
        raise InvalidInput("layers.tile_outside", where=where, most=MAX_ZOOM)
    if not layer.minzoom <= z <= layer.maxzoom:
        raise InvalidInput("layers.zoom_outside", where=where, minzoom=layer.minzoom, maxzoom=layer.maxzoom)
