"""How far it is on foot between the buildings of a community, along the walkways that are loaded.

One graph holds every way to go: stretches of walkway, the straight access from each building to its nearest
walkway, and open ground between neighbouring buildings. Its shortest paths are the distances; therefore they
are symmetric and keep the triangle inequality.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial.distance import cdist

from geo_service.planning.model import Counts, Finding, Geometries, ZoningArea

Metres = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LONGEST_ACCESS_M = 100.0
# No way at right angles is longer than this many straight lines: open ground never beats a walkway that goes
# round one corner.
OPEN_GROUND_DETOUR = math.sqrt(2.0)
# What a barrier without a crossing parts is as far off as this many straight lines.
BARRED_DETOUR = 10.0
MOST_BUILDINGS = 5_000
# A line that ends on a barrier's edge only touches it; walkways cut at a barrier keep off it by as much.
TOUCHING_M = 0.05
NODING_GRID_M = 0.001
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class WalkingDistances:
    """What ``walking_distances`` found.

    Parameters
    ----------
    distances_m : float32 array, shape (n, n), or None
        Symmetric, metres, never below the straight line. None: straight lines are meant.
    findings : tuple of Finding
        Buildings that no walkway reaches, or nobody on foot.
    """

    distances_m: npt.NDArray[np.float32] | None
    findings: tuple[Finding, ...] = ()


class Ways(NamedTuple):
    """Ways between two nodes each, shape (w,): buildings are the nodes 0 .. n - 1."""

    one: Counts
    other: Counts
    length_m: Metres


def walking_distances(area: ZoningArea, *, most_buildings: int = MOST_BUILDINGS) -> WalkingDistances:
    """Metres on foot between all buildings of ``area``, measured between the centroids of their footprints.

    Walkways are cut where a barrier lies across them; crossings are not. A building within 100 m of walkways
    is joined to the nearest point it reaches straight, crossing no barrier; the loose ends of crossings are
    joined to walkways alike. Between neighbouring buildings (Delaunay) open ground is walked where no
    barrier is between, and counts as the square root of 2 times the straight line. Where barriers leave
    buildings unreachable, neighbours are ten straight lines apart, with a finding.

    Parameters
    ----------
    area : ZoningArea
        Metres. Without ``walkways`` the answer is straight lines.
    most_buildings : int
        Above it the matrix would not fit into memory beside others: straight lines, with a finding.
    """
    count = len(area.footprints)
    if not len(area.walkways) or count < 2:
        return WalkingDistances(None)
    if count > most_buildings:
        values: dict[str, object] = {"buildings": count, "most": most_buildings}
        return WalkingDistances(None, (Finding("walking.too_many", area.code, values),))
    positions_m = shapely.get_coordinates(shapely.centroid(area.footprints))
    barriers = _valid(area.barriers)
    network = _network(area.walkways, area.crossings, barriers)
    access, reaches = _along_walkways(positions_m, network, barriers)
    ground, barred = _over_open_ground(positions_m, barriers)
    ways = _joined(access, ground)
    component_of = _components(ways, count)
    unreachable = np.asarray(component_of != np.bincount(component_of).argmax())
    if unreachable.any():
        needed = component_of[barred.one] != component_of[barred.other]
        ways = _joined(ways, Ways(*(column[needed] for column in barred)))
    findings = _findings(area, ~reaches & ~unreachable, unreachable)
    return WalkingDistances(_shortest_paths(ways, positions_m), findings)


def _network(walkways: Geometries, crossings: Geometries, barriers: Geometries) -> Geometries:
    """Pieces of line that meet at their ends only, loose ends of crossings led to the next walkway."""
    lines = _lines(walkways)
    if len(barriers) and len(lines):
        lines = _lines(shapely.difference(lines, shapely.union_all(shapely.buffer(barriers, TOUCHING_M))))
    network = _noded(np.concatenate([lines, _lines(crossings)]))
    loose = _loose_ends(crossings, network)
    legs, reached = _nearest_reachable(loose, network, barriers, beyond_m=TOUCHING_M)
    return _noded(np.concatenate([network, legs[reached >= 0]]))


def _noded(lines: Geometries) -> Geometries:
    noded = shapely.union_all(lines, grid_size=NODING_GRID_M)
    merged = shapely.line_merge(noded) if noded.geom_type == "MultiLineString" else noded
    return _lines(np.array([merged], dtype=object))


def _lines(geometries: Geometries) -> Geometries:
    parts = shapely.get_parts(shapely.get_parts(geometries))
    lines: Geometries = parts[(shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)]
    return lines


def _valid(geometries: Geometries) -> Geometries:
    return np.asarray(shapely.make_valid(geometries), dtype=object)


def _loose_ends(crossings: Geometries, network: Geometries) -> Metres:
    """Ends of crossings at which the network goes no further, shape (e, 2)."""
    ends = _ends(network).reshape(-1, 2)
    places, times = np.unique(_rounded(ends), axis=0, return_counts=True)
    loose = {tuple(place) for place in places[times == 1].tolist()}
    wanted = _ends(_lines(crossings)).reshape(-1, 2)
    kept = [tuple(place) in loose for place in _rounded(wanted).tolist()]
    return wanted[np.array(kept, dtype=np.bool_)]


def _along_walkways(positions_m: Metres, network: Geometries, barriers: Geometries) -> tuple[Ways, Flags]:
    """Ways along the network and from the buildings to it, and which buildings have one."""
    legs, reached = _nearest_reachable(positions_m, network, barriers)
    walker = np.flatnonzero(reached >= 0)
    foot = len(positions_m) + np.arange(len(walker))
    access = Ways(walker, foot, shapely.length(legs[walker]))
    node_of = np.unique(_rounded(_ends(network).reshape(-1, 2)), axis=0, return_inverse=True)[1]
    ends_of = len(positions_m) + len(walker) + node_of.reshape(-1, 2)
    # along each piece: its start, the feet of the access legs in their order, its end
    on = reached[walker]
    feet = shapely.points(shapely.get_coordinates(legs[walker])[1::2])
    length_m = shapely.length(network)
    piece = np.concatenate([np.arange(len(network)), on, np.arange(len(network))])
    place_m = np.concatenate([np.zeros(len(network)), shapely.line_locate_point(network[on], feet), length_m])
    node = np.concatenate([ends_of[:, 0], foot, ends_of[:, 1]])
    rank = np.repeat([0, 1, 2], [len(network), len(walker), len(network)])
    order = np.lexsort((rank, place_m, piece))
    piece, place_m, node = piece[order], place_m[order], node[order]
    same = piece[1:] == piece[:-1]
    stretches = Ways(node[:-1][same], node[1:][same], np.diff(place_m)[same])
    return _joined(access, stretches), reached >= 0


def _nearest_reachable(
    points: Metres, network: Geometries, barriers: Geometries, *, beyond_m: float = -1.0
) -> tuple[Geometries, Counts]:
    """The straight leg from each point to the nearest piece it reaches, and which; None and -1 without one.

    Pieces no farther off than ``beyond_m`` are passed over.
    """
    places = shapely.points(points)
    walker, piece = shapely.STRtree(network).query(places, predicate="dwithin", distance=LONGEST_ACCESS_M)
    legs = shapely.shortest_line(places[walker], network[piece])
    length_m = shapely.length(legs)
    order = np.lexsort((piece, length_m, walker))
    order = order[length_m[order] > beyond_m]
    walker, piece, legs = walker[order], piece[order], legs[order]
    free = ~_barred(legs, barriers)
    walker, first = np.unique(walker[free], return_index=True)
    nearest = np.full(len(points), None, dtype=object)
    reached = np.full(len(points), -1, dtype=np.int64)
    nearest[walker] = legs[free][first]
    reached[walker] = piece[free][first]
    return nearest, reached


def _over_open_ground(positions_m: Metres, barriers: Geometries) -> tuple[Ways, Ways]:
    """Ways between neighbouring buildings with no barrier between, and those with one."""
    spots, spot_of = np.unique(positions_m, axis=0, return_inverse=True)
    first_on = np.unique(spot_of, return_index=True)[1]
    edges = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(spots), only_edges=True))
    number = {tuple(spot): int(building) for spot, building in zip(spots.tolist(), first_on, strict=True)}
    ends = [number[tuple(end)] for end in shapely.get_coordinates(edges).tolist()]
    one, other = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    barred = _barred(edges, barriers)
    length_m = shapely.length(edges)
    shared = np.setdiff1d(np.arange(len(positions_m)), first_on)
    same_spot = Ways(shared, first_on[spot_of[shared]], np.zeros(len(shared)))
    free = Ways(one[~barred], other[~barred], OPEN_GROUND_DETOUR * length_m[~barred])
    return _joined(free, same_spot), Ways(one[barred], other[barred], BARRED_DETOUR * length_m[barred])


def _barred(legs: Geometries, barriers: Geometries) -> Flags:
    """Which straight ``legs`` meet a barrier other than by touching it at an end."""
    barred = np.zeros(len(legs), dtype=np.bool_)
    length_m = shapely.length(legs)
    long = np.flatnonzero(length_m > 2 * TOUCHING_M)
    if len(barriers) and len(long):
        start, end = shapely.get_coordinates(legs[long]).reshape(-1, 2, 2).transpose(1, 0, 2)
        trim = (end - start) * (TOUCHING_M / length_m[long])[:, None]
        inner = shapely.linestrings(np.stack([start + trim, end - trim], axis=1))
        barred[long[shapely.STRtree(inner).query(barriers, predicate="intersects")[1]]] = True
    return barred


def _joined(*ways: Ways) -> Ways:
    return Ways(*(np.concatenate(column) for column in zip(*ways, strict=True)))


def _graph(ways: Ways, count: int) -> csr_matrix:
    """Both directions of the shortest way of each pair."""
    nodes = max(count, int(max(ways.one.max(initial=0), ways.other.max(initial=0))) + 1)
    low, high = np.minimum(ways.one, ways.other), np.maximum(ways.one, ways.other)
    order = np.lexsort((ways.length_m, high, low))
    low, high, length_m = low[order], high[order], ways.length_m[order]
    first = np.ones(len(low), dtype=np.bool_)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    low, high, length_m = low[first], high[first], length_m[first]
    rows, columns = np.concatenate([low, high]), np.concatenate([high, low])
    return csr_matrix((np.tile(length_m, 2), (rows, columns)), shape=(nodes, nodes))


def _components(ways: Ways, count: int) -> Counts:
    return cast(Counts, connected_components(_graph(ways, count), directed=False)[1][:count])


def _shortest_paths(ways: Ways, positions_m: Metres) -> npt.NDArray[np.float32]:
    count = len(positions_m)
    graph = _graph(ways, count)
    walked = np.empty((count, count), dtype=np.float32)
    for first in range(0, count, ROWS_AT_ONCE):
        rows = np.arange(first, min(first + ROWS_AT_ONCE, count))
        # noding may have shortened a straight lane by a hair
        straight = cdist(positions_m[rows], positions_m)
        walked[rows] = np.maximum(dijkstra(graph, indices=rows)[:, :count], straight)
    # a path summed from its other end may differ in the last digit
    return np.minimum(walked, walked.T)


def _findings(area: ZoningArea, apart: Flags, unreachable: Flags) -> tuple[Finding, ...]:
    findings = []
    for key, places in (("walking.no_walkway_near", apart), ("walking.unreachable", unreachable)):
        if places.any():
            building = str(area.building_codes[np.flatnonzero(places)[0]])
            values: dict[str, object] = {"buildings": int(places.sum()), "building": building}
            findings.append(Finding(key, area.code, values))
    return tuple(findings)


def _ends(lines: Geometries) -> Metres:
    """First and last point of each line, shape (l, 2, 2)."""
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    return np.stack([shapely.get_coordinates(first), shapely.get_coordinates(last)], axis=1)


def _rounded(points: Metres) -> Counts:
    return np.rint(points / NODING_GRID_M).astype(np.int64)
