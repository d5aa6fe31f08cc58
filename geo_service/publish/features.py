"""Items of a layer as GeoJSON (RFC 7946), and its rows for exports.

Coordinates are CGCS2000 longitude and latitude. CGCS2000 (EPSG:4490) and WGS 84 agree to a few centimetres,
and PROJ treats the step between them as none, so the items are given out as CRS84.
"""

# ruff: noqa: S608 - column names come from layer files that load.py has checked; values are bound

from __future__ import annotations

import math

from geo_service.errors import InvalidInput
from geo_service.publish.model import Layer
from geo_service.publish.statements import LayerRequest, Statement

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
# 8 decimals of a degree are about a millimetre.
DECIMALS = 8
# Web Mercator cannot show the poles themselves.
NEXT_TO_POLE = 89.9

# Between CGCS2000 and WGS 84 nothing moves, and to ask PROJ so takes as long as to read the rows.
_SAME_DEGREES = (4490, 4326)

BoundingBox = tuple[float, float, float, float]


def read_bounding_box(text: str) -> BoundingBox:
    """``west,south,east,north`` in degrees; with six numbers the two heights are left out.

    Raises
    ------
    InvalidInput
        When it is not four or six finite numbers, west before east and south before north.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise InvalidInput("layers.bbox_unreadable", where="bbox", given=text)
    west, south, east, north = numbers
    if west > east or south > north or abs(west) > 180 or abs(east) > 180 or south < -90 or north > 90:
        raise InvalidInput("layers.bbox_reversed", where="bbox", given=text)
    return west, south, east, north


def check_limit(limit: int) -> int:
    """``limit`` itself, if it is 1 to ``MAX_LIMIT``.

    Raises
    ------
    InvalidInput
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput("layers.limit_outside", where="limit", limit=limit, most=MAX_LIMIT)
    return limit


def _feature(layer: Layer, geometry: str) -> str:
    columns = ", ".join(f"source.{field.name}" for field in layer.fields)
    return f"""'{{"type":"Feature","id":' || to_json(source.{layer.key})::text || ',"geometry":'
           || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW({geometry}), {DECIMALS}, 0), 'null')
           || ',"properties":' || (SELECT row_to_json(p)::text FROM (SELECT {columns}) AS p) || '}}'"""


def items_statement(
    layer: Layer,
    request: LayerRequest,
    *,
    limit: int,
    bounding_box: BoundingBox | None = None,
    after: str | None = None,
) -> Statement:
    """SQL giving up to ``limit`` + 1 rows of (key, GeoJSON feature), ordered by key.

    The row past the limit says that there is a next page, and is not part of this one.

    Parameters
    ----------
    after : str, optional
        Key of the last feature of the page before.
    """
    conditions = []
    values = {**request.values_for(layer), "row_limit": limit + 1}
    if bounding_box is not None:
        # In web Mercator, where the index is; a box of longitudes and latitudes stays one.
        conditions.append(
            "source.geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4490), 3857)"
        )
        west, south, east, north = bounding_box
        values |= {
            "west": west,
            "south": max(south, -NEXT_TO_POLE),
            "east": east,
            "north": min(north, NEXT_TO_POLE),
        }
    if after is not None:
        conditions.append(f"source.{layer.key} > :after")
        values["after"] = after
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    text = f"""
SELECT source.{layer.key} AS key, {_feature(layer, "source.geom")} AS feature
FROM ({layer.sql}
) AS source
{where}
ORDER BY source.{layer.key}
LIMIT :row_limit"""
    return Statement(text, values)


def geojson_statement(layer: Layer, request: LayerRequest) -> Statement:
    """SQL giving every feature as GeoJSON text that begins with a comma and a new line, ordered by key."""
    text = f"""
SELECT E',\\n' || {_feature(layer, "source.geom")} AS feature
FROM ({layer.sql}
) AS source
ORDER BY source.{layer.key}"""
    return Statement(text, request.values_for(layer))


def count_statement(layer: Layer, request: LayerRequest, *, dimension: int | None = None) -> Statement:
    """SQL giving the number of rows of a layer.

    Parameters
    ----------
    dimension : int, optional
        Only geometries of this dimension (0 points, 1 lines, 2 areas).
    """
    values = request.values_for(layer)
    where = ""
    if dimension is not None:
        where = "WHERE ST_Dimension(source.geom) = :dimension"
        values["dimension"] = dimension
    return Statement(f"SELECT count(*)\nFROM ({layer.sql}\n) AS source\n{where}", values)


def rows_statement(
    layer: Layer,
    request: LayerRequest,
    *,
    srid: int | None,
    centre: bool = False,
    dimension: int | None = None,
) -> Statement:
    """SQL giving every row: the declared fields, then the geometry as WKB, ordered by key.

    Parameters
    ----------
    srid : int, optional
        EPSG code of the geometry; None gives no geometry.
    centre : bool
        Give the longitude and latitude of the centre after the fields, for tables.
    dimension : int, optional
        Only geometries of this dimension (0 points, 1 lines, 2 areas); lines and areas all as multi ones.
    """
    columns = [f"source.{field.name}" for field in layer.fields]
    values = request.values_for(layer)
    if centre:
        columns += [
            f"round(ST_{axis}(ST_PointOnSurface(source.geom))::numeric, 7)::float8 AS {name}"
            for axis, name in (("X", "longitude"), ("Y", "latitude"))
        ]
    if srid is not None:
        geometry = "ST_Multi(source.geom)" if dimension else "source.geom"
        if srid not in _SAME_DEGREES:
            geometry = f"ST_Transform({geometry}, CAST(:srid AS integer))"
            values["srid"] = srid
        columns.append(f"ST_AsBinary({geometry}) AS geom")
    where = ""
    if dimension is not None:
        where = "WHERE ST_Dimension(source.geom) = :dimension"
        values["dimension"] = dimension
    text = f"""
SELECT {", ".join(columns)}
FROM ({layer.sql}
) AS source
{where}
ORDER BY source.{layer.key}"""
    return Statement(text, values)
