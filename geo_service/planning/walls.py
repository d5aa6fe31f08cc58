"""The walls that stand for buildings when land is divided: disjoint, and strictly inside their enclosure."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.planning.model import Counts, Geometries

# Touching houses are drawn this far inside their footprints, so that a border finds its way between them.
SHRINK_M = 0.4
LEAST_SHRINK_M = 0.1
SMALLEST_REMAINDER_M2 = 1.0
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
# Marks keep this far from each other and from walls; less where an enclosure is a sliver.
APART_M = (0.4, 0.1, 0.02)
MOST_TURNS = 10_000

Square = tuple[int, int]


def draw_walls(footprints: Geometries, polygons: Geometries, enclosure_of: Counts) -> Geometries:
    """Outline of each footprint's part in its own enclosure, drawn in a little; a point where none is left.

    Parameters
    ----------
    footprints : Geometries, shape (n,)
        Polygons in metres; may overlap, repeat, cross themselves, or lie outside.
    polygons : Geometries, shape (m,)
        The enclosures.
    enclosure_of : Counts, shape (n,)
        Index into ``polygons``.

    Returns
    -------
    Geometries, shape (n,)
        LineStrings, MultiLineStrings and Points.
    """
    own = footprints.copy()
    own[~shapely.is_valid(own)] = shapely.make_valid(own[~shapely.is_valid(own)])
    shapely.prepare(polygons)
    outside = np.flatnonzero(~shapely.contains_properly(polygons[enclosure_of], own))
    own[outside] = shapely.intersection(own[outside], polygons[enclosure_of[outside]])
    _empty_repeats(own)
    _part_overlaps(own)
    shrunk = shapely.buffer(own, -SHRINK_M, join_style="mitre")
    thin = shapely.is_empty(shrunk)
    shrunk[thin] = shapely.buffer(own[thin], -LEAST_SHRINK_M, join_style="mitre")
    walls: Geometries = shapely.boundary(shrunk)
    small = shapely.is_empty(shrunk) | (shapely.area(own) < SMALLEST_REMAINDER_M2)
    marks = _Marks(walls[~small])
    for place in np.flatnonzero(small):
        walls[place] = marks.place(footprints[place], polygons[enclosure_of[place]])
    return walls


def _empty_repeats(own: Geometries) -> None:
    """Leave the first of equal footprints, in place: a thousand on one spot are a thousand marks."""
    _, first = np.unique(shapely.to_wkb(shapely.normalize(own)), return_index=True)
    own[np.setdiff1d(np.arange(len(own)), first)] = shapely.Polygon()


def _part_overlaps(own: Geometries) -> None:
    """Cut from the larger of two overlapping footprints what the smaller covers, in place."""
    first, second = shapely.STRtree(own).query(own, predicate="intersects")
    ahead = first < second
    first, second = first[ahead], second[ahead]
    overlap = ~shapely.touches(own[first], own[second])
    for one, other in zip(first[overlap].tolist(), second[overlap].tolist(), strict=True):
        larger, smaller = (one, other) if own[one].area > own[other].area else (other, one)
        own[larger] = shapely.difference(own[larger], own[smaller])


class _Marks:
    """Points that stand for buildings without walls, apart from one another and from the walls."""

    def __init__(self, walls: Geometries) -> None:
        self._walls = shapely.STRtree(walls)
        self._taken: dict[Square, list[BaseGeometry]] = {}
        self._turns: dict[tuple[Square, float], int] = {}

    def place(self, footprint: BaseGeometry, polygon: BaseGeometry) -> BaseGeometry:
        """A point inside ``polygon``, at or near the footprint."""
        spot = _spot(footprint, polygon)
        for apart_m in APART_M:
            start = (_square(spot), apart_m)
            for turn in range(self._turns.get(start, 0), MOST_TURNS):
                # a sunflower spiral: spots evenly spread, whatever the polygon's shape
                reach, angle = 2 * apart_m * np.sqrt(turn), turn * GOLDEN_ANGLE
                point = shapely.Point(spot.x + reach * np.cos(angle), spot.y + reach * np.sin(angle))
                if self._is_free(point, apart_m) and polygon.contains_properly(point):
                    self._taken.setdefault(_square(point), []).append(point)
                    self._turns[start] = turn + 1
                    return point
        raise AssertionError("no room for a mark in an enclosure")

    def _is_free(self, point: BaseGeometry, apart_m: float) -> bool:
        east, north = _square(point)
        around = [(east + right, north + up) for right in (-1, 0, 1) for up in (-1, 0, 1)]
        marks = [mark for square in around for mark in self._taken.get(square, ())]
        crowded = any(point.distance(mark) < apart_m for mark in marks)
        return not crowded and not len(self._walls.query(point, "dwithin", apart_m))


def _spot(footprint: BaseGeometry, polygon: BaseGeometry) -> BaseGeometry:
    share = shapely.make_valid(footprint).intersection(polygon)
    if share.area > 0:
        return share.point_on_surface()
    inner = polygon.buffer(-SHRINK_M)
    inner = polygon.point_on_surface() if inner.is_empty else inner
    return shapely.Point(shapely.get_coordinates(shapely.shortest_line(inner, footprint))[0])


def _square(point: BaseGeometry) -> Square:
    return round(point.x / APART_M[0]), round(point.y / APART_M[0])
