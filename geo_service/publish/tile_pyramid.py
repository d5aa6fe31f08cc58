"""All vector tiles of an area at once: for archives that are used without a server."""

# ruff: noqa: S608 - column names come from layer files that load.py has checked; values are bound

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.publish.tiles import BUFFER, EXTENT, SMALL_FEATURES_FROM_ZOOM, WORLD_M

# More would take hours and gain nothing: a tile of zoom 16 already holds 15 cm.
MOST_TILES_A_ZOOM = 60_000
# Boxes that PostGIS compares are of single precision: near 20,000 km a metre.
_BOX_ERROR_M = 2.0

_CLIPPED = "ST_AsMVTGeom(source.geom_3857, ST_TileEnvelope(:z, cell.x, cell.y), :extent, :buffer, true)"
_SCALED = (
    "ST_TransScale(source.geom_3857, :half_world - cell.x * :width + :unit / 2,"
    " cell.y * :width - :half_world - :unit / 2, 1 / :unit, -1 / :unit)"
)


@dataclass(frozen=True)
class TileCells:
    """The addresses of one zoom that an area touches: columns from the west, rows from the north."""

    zoom: int
    columns: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)


def cells_by_zoom(area: shapely.Geometry, first: int, last: int) -> Iterator[TileCells]:
    """The tiles that ``area`` (EPSG:3857) touches, zoom by zoom; ends early where they become too many.

    Parameters
    ----------
    first, last : int
        Zooms of the WebMercatorQuad tile matrix set.
    """
    shapely.prepare(area)
    columns = rows = np.zeros(1, dtype=int)
    for zoom in range(last + 1):
        if zoom:
            # Only what lies in a tile of the zoom before can be touched.
            columns = np.concatenate([2 * columns, 2 * columns + 1, 2 * columns, 2 * columns + 1])
            rows = np.concatenate([2 * rows, 2 * rows, 2 * rows + 1, 2 * rows + 1])
        touched = shapely.intersects(area, _boxes(zoom, columns, rows))
        columns, rows = columns[touched], rows[touched]
        if zoom > first and len(columns) > MOST_TILES_A_ZOOM:
            return
        if zoom >= first:
            yield TileCells(zoom, columns, rows)


def _boxes(zoom: int, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    width = WORLD_M / 2**zoom
    west, north = columns * width - WORLD_M / 2, WORLD_M / 2 - rows * width
    return shapely.box(west, north - width, west + width, north)


def pyramid_statement(layer: Layer, request: LayerRequest, cells: TileCells) -> Statement:
    """SQL giving column, row and bytes of every tile of ``cells`` in which something of the layer lies.

    Each holds what ``tile_statement`` gives for its address; the layer's query runs once for all of them.
    """
    scaled = layer.small_features and cells.zoom >= SMALL_FEATURES_FROM_ZOOM
    columns = "".join(f"source.{field.name}, " for field in layer.tile_fields)
    text = f"""
WITH cell AS MATERIALIZED (
    SELECT x, y FROM unnest(CAST(:columns AS integer[]), CAST(:rows AS integer[])) AS given(x, y)
)
SELECT cell.x, cell.y, ST_AsMVT(tile, :layer, :extent, 'geom') AS bytes
FROM ({layer.sql}
) AS source
CROSS JOIN LATERAL generate_series(
    greatest(floor((ST_XMin(source.geom_3857) - :slack + :half_world) / :width)::integer, :west),
    least(floor((ST_XMax(source.geom_3857) + :slack + :half_world) / :width)::integer, :east)) AS across(x)
CROSS JOIN LATERAL generate_series(
    greatest(floor((:half_world - ST_YMax(source.geom_3857) - :slack) / :width)::integer, :north),
    least(floor((:half_world - ST_YMin(source.geom_3857) + :slack) / :width)::integer, :south)) AS down(y)
JOIN cell ON cell.x = across.x AND cell.y = down.y
CROSS JOIN LATERAL (SELECT {columns}{_SCALED if scaled else _CLIPPED} AS geom) AS tile
WHERE source.geom_3857 && ST_TileEnvelope(:z, cell.x, cell.y, margin => :margin)
GROUP BY cell.x, cell.y"""
    width = WORLD_M / 2**cells.zoom
    values = {
        **request.values_for(layer),
        "columns": cells.columns.tolist(),
        "rows": cells.rows.tolist(),
        "layer": layer.name,
        "extent": EXTENT,
        "z": cells.zoom,
        "margin": BUFFER / EXTENT,
        "slack": width * BUFFER / EXTENT + _BOX_ERROR_M,
        "width": width,
        "half_world": WORLD_M / 2,
        "west": int(cells.columns.min()),
        "east": int(cells.columns.max()),
        "north": int(cells.rows.min()),
        "south": int(cells.rows.max()),
        **({"unit": width / EXTENT} if scaled else {"buffer": BUFFER}),
    }
    return Statement(text, values)
