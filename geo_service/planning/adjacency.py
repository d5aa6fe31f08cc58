"""Which buildings are neighbours: side by side in an enclosure, or joined by a bridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from shapely.geometry.base import BaseGeometry

from geo_service.planning.enclosures import Enclosures
from geo_service.planning.model import Counts, Finding, Geometries
from geo_service.planning.tessellation import Tessellation

# Walls are sampled: where four cells meet in a point, two of them share up to about a metre by chance.
SHORTEST_BORDER_M = 1.5
Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Adjacency:
    """Neighbours in compressed rows, as ``ZoningProblem`` takes them.

    Parameters
    ----------
    starts, neighbours : Counts, shapes (n + 1,) and (m,)
    component_of : Counts, shape (n,)
        Which connected part of the graph each building is in.
    findings : tuple of Finding
        Parts of a dirty outline that were linked.
    """

    starts: Counts
    neighbours: Counts
    component_of: Counts
    findings: tuple[Finding, ...]


def find_neighbours(
    footprints: Geometries,
    tessellation: Tessellation,
    enclosures: Enclosures,
    crossings: Geometries,
    *,
    where: str = "",
) -> Adjacency:
    """Buildings whose cells share enough border, and those that ``crossings`` join.

    A pair with hardly any border, or whose footprints' straight link crosses a barrier that ends inside the
    enclosure, are no neighbours, unless the enclosure would fall apart without it. Parts of the outline that
    lie apart with no barrier between them are linked where they are nearest, with a finding.
    """
    count = len(footprints)
    pairs = _with_enough_border(tessellation, count)
    pairs = _around_barrier_ends(pairs, footprints, enclosures.barriers, count)
    pairs = np.vstack([pairs, _joined_by_crossings(footprints, tessellation, enclosures, crossings)])
    links = _links_between_outline_parts(pairs, footprints, tessellation, enclosures)
    findings = tuple(
        Finding("zoning.outline_parts_linked", where, {"metres": round(length, 1)}) for *_, length in links
    )
    joined = np.array([link[:2] for link in links], dtype=np.int64).reshape(-1, 2)
    matrix = _graph(np.vstack([pairs, joined]), count)
    component_of = connected_components(matrix, directed=False)[1]
    return Adjacency(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int64),
        component_of.astype(np.int64),
        findings,
    )


def _graph(pairs: Pairs, count: int, weights: npt.NDArray[np.float64] | None = None) -> csr_matrix:
    values = np.ones(len(pairs)) if weights is None else weights
    ends = np.vstack([pairs, pairs[:, ::-1]]).T
    return coo_matrix((np.tile(values, 2), (ends[0], ends[1])), shape=(count, count)).tocsr()


def _with_enough_border(tessellation: Tessellation, count: int) -> Pairs:
    pairs, short = tessellation.pairs, tessellation.border_m < SHORTEST_BORDER_M
    group_of = connected_components(_graph(pairs[~short], count), directed=False)[1]
    # buildings on one spot have cells of less than a metre
    needed = group_of[pairs[:, 0]] != group_of[pairs[:, 1]]
    kept: Pairs = pairs[~short | needed]
    return kept


def _crosses(links: Geometries, barriers: Geometries) -> npt.NDArray[np.bool_]:
    crossed = np.zeros(len(links), dtype=np.bool_)
    if len(barriers) and len(links):
        crossed[shapely.STRtree(links).query(barriers, predicate="intersects")[1]] = True
    return crossed


def _around_barrier_ends(pairs: Pairs, footprints: Geometries, barriers: Geometries, count: int) -> Pairs:
    if not len(barriers) or not len(pairs):
        return pairs
    links = shapely.shortest_line(footprints[pairs[:, 0]], footprints[pairs[:, 1]])
    crossed = _crosses(links, barriers)
    if not crossed.any():
        return pairs
    # a spanning tree that takes a crossed link only where nothing else holds the enclosure together
    weights = 1.0 + shapely.length(links) + np.where(crossed, 1e6, 0.0)
    tree = minimum_spanning_tree(_graph(pairs, count, weights)).tocoo()
    needed = {(min(one, other), max(one, other)) for one, other in zip(tree.row, tree.col, strict=True)}
    kept = [
        not cross or (one, other) in needed
        for (one, other), cross in zip(pairs.tolist(), crossed, strict=True)
    ]
    return pairs[kept]


def _joined_by_crossings(
    footprints: Geometries, tessellation: Tessellation, enclosures: Enclosures, crossings: Geometries
) -> Pairs:
    """The buildings nearest to both ends of each crossing, on either bank."""
    used = np.unique(tessellation.enclosure_of)
    banks = shapely.STRtree(enclosures.polygons[used])
    pairs: list[tuple[int, int]] = []
    for crossing in crossings:
        ends = _ends(crossing)
        if ends is None:
            continue
        sides = [int(used[banks.query_nearest(end, all_matches=False)[0]]) for end in ends]
        if sides[0] == sides[1]:
            continue
        nearest = []
        for end, side in zip(ends, sides, strict=True):
            members = np.flatnonzero(tessellation.enclosure_of == side)
            nearest.append(int(members[np.argmin(shapely.distance(footprints[members], end))]))
        pairs.append((min(nearest), max(nearest)))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _ends(crossing: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry] | None:
    coordinates = shapely.get_coordinates(
        shapely.line_merge(crossing) if crossing.geom_type == "MultiLineString" else crossing
    )
    if len(coordinates) < 2:
        return None
    return shapely.Point(coordinates[0]), shapely.Point(coordinates[-1])


def _links_between_outline_parts(
    pairs: Pairs, footprints: Geometries, tessellation: Tessellation, enclosures: Enclosures
) -> list[tuple[int, int, float]]:
    """Shortest links (building, building, metres) that join parts of a dirty outline, crossing no barrier."""
    if not enclosures.outline_parts.any():
        return []
    component_of = connected_components(_graph(pairs, len(footprints)), directed=False)[1]
    parts = enclosures.outline_parts[tessellation.enclosure_of]
    groups = [np.flatnonzero(component_of == group) for group in range(component_of.max() + 1)]
    candidates: list[tuple[float, int, int]] = []
    for place, group in enumerate(groups):
        tree = shapely.STRtree(footprints[group])
        for other in groups[place + 1 :]:
            if set(parts[group]) & set(parts[other]):
                continue
            found, length = tree.query_nearest(footprints[other], return_distance=True, all_matches=False)
            least = int(np.argmin(length))
            near, far = int(group[found[1][least]]), int(other[found[0][least]])
            candidates.append((float(length[least]), near, far))
    leader = list(range(len(groups)))
    links = []
    for metres, near, far in sorted(candidates):
        here, there = leader[component_of[near]], leader[component_of[far]]
        line = shapely.shortest_line(footprints[near], footprints[far])
        if here != there and not _crosses(np.array([line], dtype=object), enclosures.barriers)[0]:
            leader = [there if each == here else each for each in leader]
            links.append((near, far, metres))
    return links
