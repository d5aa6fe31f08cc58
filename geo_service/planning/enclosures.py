"""A community's outline cut by its barriers: the enclosures nothing crosses but bridges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput
from geo_service.planning.model import Codes, Counts, Finding, Geometries

# A railway or wall drawn up to this far short of the community's edge is meant to reach it.
LONGEST_EXTENSION_M = 30.0
# A smaller gap is the width of a drawn line, and no news to anybody.
SHORTEST_REPORTED_GAP_M = 1.0
SMALLEST_ENCLOSURE_M2 = 1.0
SHORTEST_CUT_M = 1.0
TOUCHING_M = 0.05
BEYOND_M = 0.05
NODING_GRID_M = 0.001


@dataclass(frozen=True)
class Enclosures:
    """The parts of a community between its barriers.

    Parameters
    ----------
    polygons : Geometries, shape (m,)
        Disjoint polygons, metres; water and other barrier polygons are left out.
    outline_parts : Counts, shape (m,)
        Which polygon of the community's outline each lies in.
    barriers : Geometries, shape (b,)
        The barriers as cut along: made valid and extended.
    findings : tuple of Finding
        Barriers that were extended, or cut nothing.
    """

    polygons: Geometries
    outline_parts: Counts
    barriers: Geometries
    findings: tuple[Finding, ...]


def cut_enclosures(
    outline: BaseGeometry, barriers: Geometries, *, names: Codes | None = None, where: str = ""
) -> Enclosures:
    """Cut ``outline`` along ``barriers`` (lines and polygons, metres), called by ``names`` in findings.

    A line that ends less than 30 m short of the edge is extended to it, with a finding from a metre on; one
    that separates nothing is reported and otherwise ignored.

    Raises
    ------
    InvalidInput
        When barrier polygons cover all of the outline.
    """
    outline = _polygons_only(outline)
    near = np.array([_valid(barrier) for barrier in barriers], dtype=object)
    blocked = [_polygons_only(barrier) for barrier in near]
    land = outline.difference(shapely.union_all(blocked)) if blocked else outline
    if land.area < SMALLEST_ENCLOSURE_M2:
        raise InvalidInput("zoning.no_land", where=where)
    findings: list[Finding] = []
    reach = land.buffer(TOUCHING_M)
    lines = [_lines_only(barrier).intersection(reach) for barrier in near]
    for place, line in enumerate(lines):
        bridges = list(_missing_ends(line, land, [other for other in lines if other is not line]))
        if bridges:
            lines[place] = shapely.union_all([line, *bridges])
            near[place] = shapely.union_all([near[place], *bridges])
            gap = round(sum(bridge.length - BEYOND_M for bridge in bridges), 1)
            if gap >= SHORTEST_REPORTED_GAP_M:
                values: dict[str, object] = {"barrier": barrier_name(place, names), "metres": gap}
                findings.append(Finding("zoning.barrier_extended", where, values))
    faces, loose = _faces(land, [line for line in lines if not line.is_empty])
    for place in _cutting_nothing(lines, land, loose):
        findings.append(
            Finding("zoning.barrier_cuts_nothing", where, {"barrier": barrier_name(place, names)})
        )
    parts = shapely.get_parts(outline)
    centres = shapely.point_on_surface(faces)
    outline_parts = shapely.STRtree(parts).query_nearest(centres, all_matches=False)[1]
    return Enclosures(faces, outline_parts.astype(np.int64), near, tuple(findings))


def barrier_name(place: int, names: Codes | None) -> str:
    """What users call the barrier: its name, or else its number."""
    named = names is not None and len(names) > place and bool(names[place])
    return str(names[place]) if names is not None and named else f"#{place + 1}"


def _faces(land: BaseGeometry, lines: list[BaseGeometry]) -> tuple[Geometries, BaseGeometry]:
    """What the lines cut the land into, on the noding grid; and what of them has one face on both sides."""
    if not lines:
        return _parts(shapely.set_precision(land, NODING_GRID_M)), shapely.GeometryCollection()
    # Ends a hair short of an edge, and pieces of one line a hair apart, meet on the grid.
    noded = shapely.union_all([land.boundary, *lines], grid_size=NODING_GRID_M)
    collected, cuts, dangles, _ = shapely.polygonize_full(shapely.get_parts(noded))
    faces = shapely.get_parts(collected)
    inside = shapely.intersects(shapely.point_on_surface(faces), land)
    kept = faces[inside & (shapely.area(faces) >= SMALLEST_ENCLOSURE_M2)]
    return kept if len(kept) else _parts(land), shapely.union_all([cuts, dangles])


def _parts(geometry: BaseGeometry) -> Geometries:
    return np.asarray(shapely.get_parts(geometry), dtype=object)


def _cutting_nothing(lines: list[BaseGeometry], land: BaseGeometry, loose: BaseGeometry) -> Iterator[int]:
    """Places of the lines that lie inside the land, over a metre of them, and are nearly all ``loose``."""
    if loose.length < SHORTEST_CUT_M:
        return
    inner, uncut = land.buffer(-10 * TOUCHING_M), loose.buffer(TOUCHING_M)
    for place, line in enumerate(lines):
        inside = line.intersection(inner)
        if inside.length > SHORTEST_CUT_M and inside.difference(uncut).length < SHORTEST_CUT_M:
            yield place


def _missing_ends(line: BaseGeometry, land: BaseGeometry, others: list[BaseGeometry]) -> Iterator[LineString]:
    """Straight pieces from the loose ends of ``line`` to the edge of ``land`` or another barrier."""
    edge = land.boundary
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    if others:
        edge = shapely.union_all([edge, *others])
    parts = shapely.get_parts(merged)
    for place, part in enumerate(parts):
        if part.length == 0 or part.is_closed:
            continue
        elsewhere = shapely.union_all([edge, *np.delete(parts, place)])
        coordinates = shapely.get_coordinates(part)
        for end, before in ((coordinates[0], coordinates[1]), (coordinates[-1], coordinates[-2])):
            loose = shapely.Point(end).distance(elsewhere) > TOUCHING_M
            piece = _reach(end, before, edge) if loose else None
            if piece is not None:
                yield piece


def _reach(end: np.ndarray, before: np.ndarray, edge: BaseGeometry) -> LineString | None:
    """From ``end`` straight on to ``edge``, or else the shortest way; None when that is too far."""
    ahead = (end - before) / np.hypot(*(end - before))
    ray = LineString([end, end + LONGEST_EXTENSION_M * ahead])
    hit = ray.intersection(edge)
    if not hit.is_empty:
        target = shapely.shortest_line(shapely.Point(end), hit)
    else:
        target = shapely.shortest_line(shapely.Point(end), edge)
    if target.length > LONGEST_EXTENSION_M:
        return None
    # a hair beyond the edge, so that noding finds the crossing
    start, stop = shapely.get_coordinates(target)
    return LineString([start, stop + (stop - start) / target.length * BEYOND_M])


def _valid(geometry: BaseGeometry) -> BaseGeometry:
    return geometry if geometry.is_valid else shapely.make_valid(geometry)


def _polygons_only(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shapely.get_parts(_valid(geometry)))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _lines_only(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 1])
