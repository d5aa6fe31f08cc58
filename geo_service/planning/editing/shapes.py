"""Outlines and lines drawn on the map, against the points of buildings; all in EPSG:4490 degrees."""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput
from geo_service.planning.editing.ground import Degrees, EditGround
from geo_service.planning.editing.orders import MOST_VERTICES, LineString, MultiPolygon, Polygon
from geo_service.planning.model import Counts


def buildings_within(ground: EditGround, outline: Polygon | MultiPolygon) -> Counts:
    """The buildings whose representative point lies in an outline or on its edge, ascending.

    Raises
    ------
    InvalidInput
        When the outline crosses itself, has too many vertices or encloses nothing.
    """
    shape = _area(outline)
    west, south, east, north = shape.bounds
    lon, lat = ground.points.T
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    shapely.prepare(shape)
    inside: Counts = near[shapely.covers(shape, ground.spots[near])]
    return inside


def side_of_line(points: Degrees, line: LineString) -> Counts:
    """0 or 1 for each point by the side of a line it is on; on the line counts as side 0.

    The line goes on straight at both ends as far as there are points.

    Raises
    ------
    InvalidInput
        When it crosses itself, or parts the plane into more than two sides.
    """
    way = shapely.LineString(line.coordinates)
    if not way.is_simple or way.length == 0 or way.is_closed:
        raise InvalidInput("edits.line_crosses_itself")
    west, south, east, north = shapely.total_bounds([way, shapely.multipoints(points)])
    margin = max(east - west, north - south, 1e-6)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    longer = _prolonged(shapely.get_coordinates(way), 8 * margin)
    sides = shapely.get_parts(shapely.polygonize([shapely.union_all([frame.boundary, longer])]))
    sides = sides[shapely.covers(frame, shapely.point_on_surface(sides))]
    if len(sides) != 2:
        raise InvalidInput("edits.line_crosses_itself")
    first: Counts = (~shapely.covers(sides[0], shapely.points(points))).astype(np.int64)
    return first


def _area(outline: Polygon | MultiPolygon) -> BaseGeometry:
    polygons = [outline.coordinates] if isinstance(outline, Polygon) else outline.coordinates
    vertices = sum(len(ring) for rings in polygons for ring in rings)
    if vertices > MOST_VERTICES:
        raise InvalidInput("edits.too_many_vertices", vertices=vertices, most=MOST_VERTICES)
    try:
        parts = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    except (ValueError, shapely.errors.GEOSException) as error:
        raise InvalidInput("edits.outline_encloses_nothing") from error
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if shape.convex_hull.area == 0:
        raise InvalidInput("edits.outline_encloses_nothing")
    if not shape.is_valid:
        # GEOS says "Self-intersection[111.1 34.2]"
        place = shapely.is_valid_reason(shape).partition("[")[2].removesuffix("]")
        raise InvalidInput("edits.outline_crosses_itself", where=place, place=place)
    return shape


def _prolonged(way: Degrees, further: float) -> BaseGeometry:
    ends = [_beyond(way[1], way[0], further), *way.tolist(), _beyond(way[-2], way[-1], further)]
    return shapely.LineString(ends)


def _beyond(before: Degrees, end: Degrees, further: float) -> list[float]:
    east, north = end - before
    length = math.hypot(east, north)
    return [float(end[0] + further * east / length), float(end[1] + further * north / length)]
