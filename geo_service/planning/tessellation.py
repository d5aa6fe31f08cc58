"""One cell a building: momepy's enclosed tessellation, arrays in and arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import momepy
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.planning.enclosures import Enclosures
from geo_service.planning.model import Counts, Geometries

# Walls are sampled every metre, 0.4 m inside the footprint, so that touching houses keep a clean border
# (Fleischmann et al. 2020 use 0.5 m; a metre halves the time and moves borders by less than 0.2 m).
SAMPLE_EVERY_M = 1.0
SHRINK_M = 0.4
LEAST_SHRINK_M = 0.1
SMALLEST_REMAINDER_M2 = 1.0
MARK_M = 0.1
COLLECTION = 7


@dataclass(frozen=True)
class Tessellation:
    """The land around each building.

    Parameters
    ----------
    cells : Geometries, shape (n,)
        Polygon or MultiPolygon of each building; together they fill every enclosure that holds a
        building, without overlap.
    enclosure_of : Counts, shape (n,)
        Index into ``Enclosures.polygons``.
    """

    cells: Geometries
    enclosure_of: Counts


def tessellate(footprints: Geometries, enclosures: Enclosures) -> Tessellation:
    """Divide the enclosures among the buildings, each point to the nearest wall.

    A building belongs to the enclosure with its largest share, or the nearest one, and has land in no
    other. Of overlapping footprints the larger gives way; a duplicate, a footprint under about a square
    metre, or one outside every enclosure counts as a point.

    Parameters
    ----------
    footprints : Geometries, shape (n,)
        Polygons in metres.
    enclosures : Enclosures
    """
    enclosure_of = place_in_enclosures(footprints, enclosures.polygons)
    walls = _walls(footprints, enclosures.polygons, enclosure_of)
    cells = np.empty(len(footprints), dtype=object)
    count = np.bincount(enclosure_of, minlength=len(enclosures.polygons))
    alone = count[enclosure_of] == 1
    cells[alone] = enclosures.polygons[enclosure_of[alone]]
    for place in np.flatnonzero(count > 1):
        members = np.flatnonzero(enclosure_of == place)
        cells[members] = _share(enclosures.polygons[place], walls[members])
    return Tessellation(cells, enclosure_of)


def _share(polygon: BaseGeometry, walls: Geometries) -> Geometries:
    """Divide one enclosure among the buildings of ``walls``.

    One enclosure a call: ``momepy.enclosed_tessellation`` mixes up the order of lines it finds by index
    (libpysal 4.14).
    """
    drawn = momepy.morphological_tessellation(
        geopandas.GeoSeries(walls), clip=polygon, shrink=0, segment=SAMPLE_EVERY_M, simplify=False
    )
    cells: Geometries = drawn.geometry.to_numpy().copy()
    for place in np.flatnonzero(shapely.get_type_id(cells) == COLLECTION):
        # clipping leaves a line where a cell only touches the enclosure's edge
        parts = shapely.get_parts(cells[place])
        cells[place] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    _give_away_fragments(cells, walls)
    simplified: Geometries = shapely.coverage_simplify(cells, SAMPLE_EVERY_M / 2, simplify_boundary=False)
    return simplified


def _give_away_fragments(cells: Geometries, walls: Geometries) -> None:
    """Leave each cell its part with most wall; the rest joins the cell along its longest border. In place."""
    fragments: list[tuple[BaseGeometry, int]] = []
    for place in np.flatnonzero(shapely.get_num_geometries(cells) > 1).tolist():
        parts = shapely.get_parts(cells[place])
        order = np.lexsort((shapely.area(parts), shapely.length(shapely.intersection(parts, walls[place]))))
        cells[place] = parts[order[-1]]
        fragments += [(parts[part], place) for part in order[:-1]]
    while fragments:
        waiting: list[tuple[BaseGeometry, int]] = []
        tree = shapely.STRtree(cells)
        for fragment, owner in fragments:
            near = np.sort(tree.query(fragment, predicate="intersects"))
            border = shapely.length(shapely.intersection(cells[near], fragment))
            if len(near) and border.max() > 0:
                heir = near[int(np.argmax(border))]
                cells[heir] = shapely.union(cells[heir], fragment)
            else:
                waiting.append((fragment, owner))
        if len(waiting) == len(fragments):
            # bordered by nothing but the enclosure's edge
            for fragment, owner in waiting:
                cells[owner] = shapely.union(cells[owner], fragment)
            return
        fragments = waiting


def place_in_enclosures(footprints: Geometries, polygons: Geometries) -> Counts:
    """Index of the polygon with the largest share of each footprint, else of the nearest."""
    shapely.prepare(polygons)
    places, buildings = shapely.STRtree(footprints).query(polygons, predicate="intersects")
    shares = np.ones(len(buildings))
    contested = np.bincount(buildings, minlength=len(footprints))[buildings] > 1
    shares[contested] = shapely.area(
        shapely.intersection(footprints[buildings[contested]], polygons[places[contested]])
    )
    chosen = np.full(len(footprints), -1, dtype=np.int64)
    order = np.lexsort((-places, shares, buildings))
    chosen[buildings[order]] = places[order]
    astray = np.flatnonzero(chosen < 0)
    if len(astray):
        found = shapely.STRtree(polygons).query_nearest(footprints[astray], all_matches=False)
        chosen[astray[found[0]]] = found[1]
    return chosen


def _walls(footprints: Geometries, polygons: Geometries, enclosure_of: Counts) -> Geometries:
    """Lines that stand for each building: disjoint, and strictly inside its own enclosure."""
    own = footprints.copy()
    own[~shapely.is_valid(own)] = shapely.make_valid(own[~shapely.is_valid(own)])
    shapely.prepare(polygons)
    outside = np.flatnonzero(~shapely.contains_properly(polygons[enclosure_of], own))
    own[outside] = shapely.intersection(own[outside], polygons[enclosure_of[outside]])
    _part_overlaps(own)
    shrunk = shapely.buffer(own, -SHRINK_M, join_style="mitre")
    thin = shapely.is_empty(shrunk)
    shrunk[thin] = shapely.buffer(own[thin], -LEAST_SHRINK_M, join_style="mitre")
    walls: Geometries = shapely.boundary(shrunk)
    taken: set[tuple[int, int]] = set()
    for place in np.flatnonzero(shapely.is_empty(shrunk) | (shapely.area(own) < SMALLEST_REMAINDER_M2)):
        polygon = polygons[enclosure_of[place]]
        walls[place] = _mark(footprints[place].intersection(polygon), footprints[place], polygon, taken)
    return walls


def _part_overlaps(own: Geometries) -> None:
    """Cut from the larger of two overlapping footprints what the smaller covers, in place."""
    first, second = shapely.STRtree(own).query(own, predicate="intersects")
    ahead = first < second
    first, second = first[ahead], second[ahead]
    overlap = ~shapely.touches(own[first], own[second])
    for one, other in zip(first[overlap].tolist(), second[overlap].tolist(), strict=True):
        larger, smaller = (one, other) if own[one].area > own[other].area else (other, one)
        own[larger] = shapely.difference(own[larger], own[smaller])


def _mark(
    share: BaseGeometry, footprint: BaseGeometry, polygon: BaseGeometry, taken: set[tuple[int, int]]
) -> BaseGeometry:
    """A short line inside ``polygon`` at or near the footprint, apart from those already ``taken``."""
    if share.area > 0:
        spot = share.point_on_surface()
    else:
        inner = polygon.buffer(-SHRINK_M)
        inner = polygon.point_on_surface() if inner.is_empty else inner
        spot = shapely.Point(shapely.get_coordinates(shapely.shortest_line(inner, footprint))[0])
    for ring in range(10_000):
        # a sunflower spiral: spots about SHRINK_M apart, whatever the polygon's shape
        reach, turn = 2 * SHRINK_M * np.sqrt(ring), ring * 2.399963
        east, north = spot.x + reach * np.cos(turn), spot.y + reach * np.sin(turn)
        key = (round(east / SHRINK_M), round(north / SHRINK_M))
        line = shapely.LineString([(east - MARK_M / 2, north), (east + MARK_M / 2, north)])
        if key not in taken and polygon.contains_properly(line):
            taken.add(key)
            return line
    raise AssertionError("no room for a mark in an enclosure")
