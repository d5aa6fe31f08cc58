"""An independent judge of drawn zones: it shares no code with the engine."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import shapely

from geo_service.planning.model import CommunityZoning, DrawnZone, LoadRange, ZoningArea

# Outlines are drawn on a grid of one millimetre.
GRID_M = 0.002
# How far around a zone its pockets are looked for.
POCKET_M = 100.0
# A barrier that stops this far short of an edge is meant to reach it.
EXTENSION_M = 30.0


def complaints(area: ZoningArea, limits: LoadRange, zoning: CommunityZoning) -> list[str]:
    """Everything wrong with a zoning that claims to be feasible; empty when it holds."""
    wrong = _membership(area, zoning) + _numbering(area, zoning) + _outlines(area, zoning)
    for zone in zoning.zones:
        wrong += [f"{zone.code}: {complaint}" for complaint in _zone(area, limits, zone)]
    distance_m = sum(_medoid_sums(area, zone).min() for zone in zoning.zones)
    if not np.isclose(distance_m, zoning.distance_m, atol=1e-3):
        wrong.append(f"distance {zoning.distance_m} is really {distance_m}")
    return wrong


def _membership(area: ZoningArea, zoning: CommunityZoning) -> list[str]:
    members = sorted(int(member) for zone in zoning.zones for member in zone.members)
    return [] if members == list(range(len(area.footprints))) else ["not every building is in just one zone"]


def _numbering(area: ZoningArea, zoning: CommunityZoning) -> list[str]:
    expected = [f"{area.code}{number:03d}" for number in range(1, len(zoning.zones) + 1)]
    return [] if [zone.code for zone in zoning.zones] == expected else ["codes are not numbered 001, 002 ..."]


def _zone(area: ZoningArea, limits: LoadRange, zone: DrawnZone) -> list[str]:
    wrong = []
    households = int(area.households[zone.members].sum())
    if households != zone.households:
        wrong.append(f"{zone.households} households claimed, {households} counted")
    if not limits.lo <= households <= limits.hi:
        wrong.append(f"{households} households are outside {limits}")
    sums = _medoid_sums(area, zone)
    if sums[list(zone.members).index(zone.medoid)] > sums.min() + 1e-6:
        wrong.append("the medoid is not the member nearest to all others")
    if not zone.outline.is_valid or zone.outline.area == 0:
        wrong.append("the outline is no valid polygon")
    if zone.outline.difference(area.outline.buffer(GRID_M)).area > 1e-6:
        wrong.append("the outline leaves the community")
    if not _hangs_together(area, zone):
        wrong.append("the land is in pieces that no crossing joins")
    if len(area.barriers) and not _reachable_by_straight_links(area, zone):
        wrong.append("some members can be reached only through a barrier")
    return wrong


def _medoid_sums(area: ZoningArea, zone: DrawnZone) -> np.ndarray:
    east, north = shapely.get_coordinates(shapely.centroid(area.footprints[zone.members])).T
    return np.hypot(east[:, None] - east, north[:, None] - north).sum(axis=1)


def _hangs_together(area: ZoningArea, zone: DrawnZone) -> bool:
    """Pieces of the outline that hold members are joined by crossings, or are parts of a dirty outline."""
    footprints = area.footprints[zone.members]
    pieces = shapely.get_parts(zone.outline)
    shares = shapely.area(shapely.intersection(footprints[:, None], pieces[None, :]))
    nearness = -shapely.distance(footprints[:, None], pieces[None, :])
    holds = np.lexsort((nearness, shares))[:, -1] if len(pieces) > 1 else np.zeros(len(footprints), int)
    graph = nx.Graph()
    graph.add_nodes_from(set(holds.tolist()))
    for line in area.crossings:
        ends = shapely.points(shapely.get_coordinates(line)[[0, -1]])
        reached = [min(graph, key=lambda piece, end=end: pieces[piece].distance(end)) for end in ends]
        graph.add_edge(*reached)
    parts = shapely.get_parts(area.outline)
    for one, other in combinations(list(graph), 2):
        apart = [
            int(np.argmax(shapely.area(shapely.intersection(parts, pieces[each])))) for each in (one, other)
        ]
        # one walks from building to building: the bare land between may lie behind a barrier
        homes = [shapely.union_all(footprints[holds == each]) for each in (one, other)]
        if apart[0] != apart[1] and not _blocked(area, *homes):
            graph.add_edge(one, other)
    return nx.is_connected(graph)


def _blocked(area: ZoningArea, one: shapely.Geometry, other: shapely.Geometry) -> bool:
    link = shapely.shortest_line(one, other)
    return any(link.intersects(barrier) for barrier in area.barriers)


def _reachable_by_straight_links(area: ZoningArea, zone: DrawnZone) -> bool:
    """Members hang together by straight links that cross no barrier, over the zone's land, and by crossings.

    Where a barrier ends inside the community, a pocket beside it can be such that no straight link leads out
    of it. It is reached round the barrier's end, and no zone could do better: pockets count as one.
    """
    footprints = area.footprints[zone.members]
    graph = _free_links(area, footprints)
    blocked = shapely.union_all(shapely.buffer(area.barriers, 0.05))
    land = shapely.get_parts(zone.outline.difference(blocked))
    # a building astride a barrier stands on either side of it
    for stands_on in shapely.area(shapely.intersection(footprints[:, None], land[None, :])).T > 1.0:
        nx.add_path(graph, np.flatnonzero(stands_on).tolist())
    for line in area.crossings:
        ends = shapely.points(shapely.get_coordinates(line)[[0, -1]])
        graph.add_edge(*(_nearest_on_the_same_side(area, footprints, end) for end in ends))
    if nx.is_connected(graph):
        return True
    sides = shapely.get_parts(area.outline.difference(blocked))
    shares = shapely.area(shapely.intersection(footprints[:, None], sides[None, :]))
    side_of = shares.argmax(axis=1)
    if len(set(side_of.tolist())) > 1:
        return False
    around = shapely.buffer(shapely.union_all(footprints).convex_hull, POCKET_M)
    near = np.flatnonzero(
        shapely.intersects(area.footprints, around)
        & (shapely.area(shapely.intersection(area.footprints, sides[side_of[0]])) > 0)
    )
    everybody = _free_links(area, area.footprints[near])
    place_of = {int(building): place for place, building in enumerate(near)}
    pocket_of = {
        place: number for number, pocket in enumerate(nx.connected_components(everybody)) for place in pocket
    }
    pockets = [
        {pocket_of[place_of[int(zone.members[each])]] for each in group}
        for group in nx.connected_components(graph)
    ]
    return all(one.isdisjoint(other) for one, other in combinations(pockets, 2))


def _free_links(area: ZoningArea, footprints: np.ndarray) -> nx.Graph:
    """Buildings joined where the line between their middles, or their walls, crosses no barrier."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(footprints)))
    first, second = np.triu_indices(len(footprints), 1)
    # a wall that cuts a corner of a footprint is no matter
    middles = shapely.get_coordinates(shapely.centroid(footprints))
    for links in (
        shapely.linestrings(np.stack([middles[first], middles[second]], axis=1)),
        shapely.shortest_line(footprints[first], footprints[second]),
    ):
        free = ~shapely.intersects(links[:, None], area.barriers[None, :]).any(axis=1)
        graph.add_edges_from(zip(first[free].tolist(), second[free].tolist(), strict=True))
    return graph


def _nearest_on_the_same_side(area: ZoningArea, footprints: np.ndarray, end: shapely.Point) -> int:
    links = shapely.shortest_line(shapely.centroid(footprints), end)
    behind = shapely.intersects(links[:, None], area.barriers[None, :]).any(axis=1)
    return int(np.lexsort((shapely.length(links), behind))[0])


def _outlines(area: ZoningArea, zoning: CommunityZoning) -> list[str]:
    """Outlines do not overlap, and fill every part between barriers that holds a building."""
    wrong = []
    outlines = [zone.outline for zone in zoning.zones]
    for one, other in combinations(zoning.zones, 2):
        if one.outline.intersects(other.outline):
            overlap = one.outline.intersection(other.outline).area
            if overlap > GRID_M * one.outline.length:
                wrong.append(f"{one.code} and {other.code} overlap by {overlap} m2")
    land = shapely.union_all(outlines)
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(land) for ring in part.interiors]
    inside = [hole for hole in holes if area.outline.contains(hole.buffer(-GRID_M)) and hole.area > 0.1]
    blocked = shapely.union_all(shapely.buffer(area.barriers, 0.05)) if len(area.barriers) else None
    if any(blocked is None or not hole.intersects(blocked) for hole in inside):
        wrong.append("there is a gap between zones")
    sides = area.outline if blocked is None else area.outline.difference(blocked)
    for side in shapely.get_parts(sides):
        covered = side.intersection(land).area
        shared = shapely.area(shapely.intersection(area.footprints, side))
        holds = bool((shared > 0.5 * shapely.area(area.footprints)).any())
        if holds and covered < side.area - GRID_M * side.length - 0.01:
            open_m2 = sum(
                piece.area
                for piece in shapely.get_parts(side.difference(land))
                if _is_open(piece, land, blocked)
            )
            if open_m2 > GRID_M * side.length + 0.01:
                wrong.append(f"{open_m2:.2f} m2 beside buildings are in no zone")
    return wrong


def _is_open(piece: shapely.Geometry, land: shapely.Geometry, blocked: shapely.Geometry | None) -> bool:
    """Whether bare land borders on a zone along more than the gap of a barrier that stops short."""
    border = shapely.intersection(piece.boundary, shapely.buffer(land, 2 * GRID_M))
    if blocked is None:
        return border.length > 0
    border = shapely.line_merge(shapely.difference(border, shapely.buffer(blocked, 2 * GRID_M)))
    return any(part.length > EXTENSION_M for part in shapely.get_parts(border))
