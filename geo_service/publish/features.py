"""Items of a layer as GeoJSON (RFC 7946), and its rows for exports."""

# ruff: noqa: S608 - column names come from layer files that load.py has checked; values are bound

from __future__ import annotations

import re
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput
from geo_service.publish.crs import CRS84, STORED_SRID, ReferenceSystem, mercator_bounds
from geo_service.publish.model import Field, Layer
from geo_service.publish.statements import LayerRequest, Statement

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
COUNTED_AT_MOST = 10_000
"""Matching rows are counted up to here unless asked otherwise: a page must not cost a whole table."""

# Any of so many digits fits a bigint.
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
# Between CGCS2000 and WGS 84 nothing moves, and to ask PROJ so takes as long as to read the rows.
_SAME_DEGREES = (4490, 4326)


def check_limit(limit: int) -> int:
    """``limit`` itself, if it is 1 to ``MAX_LIMIT``.

    Raises
    ------
    InvalidInput
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput("layers.limit_outside", where="limit", limit=limit, most=MAX_LIMIT)
    return limit


def touching(areas: Sequence[BaseGeometry]) -> Statement:
    """The condition that a row's geometry has a point in one of ``areas`` of longitude and latitude."""
    conditions, values = [], {}
    for number, area in enumerate(areas):
        # The index holds Web Mercator, in which a box of longitudes and latitudes stays one.
        sides = dict(zip((f"bbox_{number}_{n}" for n in range(4)), mercator_bounds(area), strict=True))
        bounds = ", ".join(f":{name}" for name in sides)
        conditions.append(
            f"source.geom_3857 && ST_MakeEnvelope({bounds}, 3857)"
            f" AND ST_Intersects(source.geom, ST_GeomFromWKB(:bbox_{number}, {STORED_SRID}))"
        )
        values |= {**sides, f"bbox_{number}": shapely.to_wkb(area)}
    return Statement(f"({' OR '.join(conditions)})", values)


def key_condition(layer: Layer, comparison: str, name: str, key: str) -> Statement:
    """The condition that a row's key compares with ``key``, bound as ``name``.

    Raises
    ------
    InvalidInput
        When the layer's keys are numbers and ``key`` is none.
    """
    if layer.field(layer.key).type != "integer":
        return Statement(f"source.{layer.key} {comparison} CAST(:{name} AS text)", {name: key})
    if not _WHOLE_NUMBER.fullmatch(key):
        raise InvalidInput("features.key_unreadable", where=name, given=key[:40])
    return Statement(f"source.{layer.key} {comparison} CAST(:{name} AS bigint)", {name: int(key)})


def _feature(layer: Layer, geometry: str, decimals: int = CRS84.decimals) -> str:
    # Four fifths of what row_to_json takes; in brackets, so that the long geometry is moved once.
    properties = " || ',' || ".join(f"""'"{field.name}":' || {_as_json(field)}""" for field in layer.fields)
    return f"""'{{"type":"Feature","id":' || to_json(source.{layer.key})::text || ',"geometry":'
           || coalesce(ST_AsGeoJSON({geometry}, {decimals}, 0), 'null')
           || ',"properties":{{' || ({properties}) || '}}}}'"""


def _as_json(field: Field) -> str:
    column = f"source.{field.name}"
    return f"coalesce({column if field.type == 'integer' else f'to_json({column})'}::text, 'null')"


def _shown_in(system: ReferenceSystem) -> str:
    geometry = "source.geom" if system.in_degrees else f"ST_Transform(source.geom, {system.srid})"
    geometry = f"ST_ForcePolygonCCW({geometry})"
    return f"ST_FlipCoordinates({geometry})" if system.north_first else geometry


def items_statement(
    layer: Layer,
    request: LayerRequest,
    *,
    limit: int,
    conditions: Sequence[Statement] = (),
    after: str | None = None,
    before: str | None = None,
    system: ReferenceSystem = CRS84,
) -> Statement:
    """SQL giving up to ``limit`` + 1 rows of (key, GeoJSON feature), ordered by key.

    The row past the limit says that there is another page, and is not part of this one: it is the last row,
    or with ``before`` the first.

    Parameters
    ----------
    conditions : sequence of Statement
        What every row must meet besides.
    after : str, optional
        Key of the last feature of the page before.
    before : str, optional
        Key of the first feature of the page behind.
    system : ReferenceSystem
        The CRS of the coordinates.
    """
    conditions = list(conditions)
    if after is not None:
        conditions.append(key_condition(layer, ">", "after", after))
    if before is not None:
        conditions.append(key_condition(layer, "<", "before", before))
    direction = "DESC" if before is not None else "ASC"
    text = f"""
SELECT source.{layer.key} AS key, {_feature(layer, _shown_in(system), system.decimals)} AS feature
FROM ({layer.sql}
) AS source
{_where(conditions)}
ORDER BY source.{layer.key} {direction}
LIMIT :row_limit"""
    if before is not None:
        text = f"SELECT page.key, page.feature FROM ({text}\n) AS page ORDER BY page.key"
    values = {**request.values_for(layer), "row_limit": limit + 1}
    return Statement(text, {**values, **_values(conditions)})


def matching_statement(
    layer: Layer,
    request: LayerRequest,
    *,
    conditions: Sequence[Statement] = (),
    at_most: int | None = COUNTED_AT_MOST,
) -> Statement:
    """SQL giving the number of rows that meet ``conditions``.

    Parameters
    ----------
    at_most : int, optional
        Count no further than one more than this.
    """
    bound = "" if at_most is None else "LIMIT :count_limit"
    text = f"""
SELECT count(*)
FROM (SELECT FROM ({layer.sql}
) AS source
{_where(conditions)} {bound}) AS matching"""
    values = {**request.values_for(layer), **_values(conditions)}
    return Statement(text, values if at_most is None else {**values, "count_limit": at_most + 1})


def item_statement(
    layer: Layer, request: LayerRequest, key: str, *, system: ReferenceSystem = CRS84
) -> Statement:
    """SQL giving the one feature of a key, or no row."""
    condition = key_condition(layer, "=", "key", key)
    text = f"""
SELECT source.{layer.key} AS key, {_feature(layer, _shown_in(system), system.decimals)} AS feature
FROM ({layer.sql}
) AS source
WHERE {condition.text}"""
    return Statement(text, {**request.values_for(layer), **condition.values})


def _where(conditions: Sequence[Statement]) -> str:
    return f"WHERE {' AND '.join(condition.text for condition in conditions)}" if conditions else ""


def _values(conditions: Sequence[Statement]) -> dict[str, object]:
    return {name: value for condition in conditions for name, value in condition.values.items()}


def geojson_statement(layer: Layer, request: LayerRequest) -> Statement:
    """SQL giving every feature as GeoJSON text that begins with a comma and a new line, ordered by key."""
    # Sorted before they become texts, rows are smaller, and the first text need not wait for the last.
    text = f"""
SELECT E',\\n' || {_feature(layer, "ST_ForcePolygonCCW(source.geom)")} AS feature
FROM (
SELECT * FROM ({layer.sql}
) AS unsorted
ORDER BY unsorted.{layer.key}
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
    in_order: bool = True,
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
    in_order : bool
        False leaves the order to PostgreSQL, which has the first row at once then.
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
{f"ORDER BY source.{layer.key}" if in_order else ""}"""
    return Statement(text, values)
