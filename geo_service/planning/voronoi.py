"""The lines midway between groups of points: Voronoi ridges that part them, chained into borders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, depth_first_order
from scipy.spatial import Delaunay

from geo_service.planning.model import Counts, Geometries

Metres = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Four points that frame the others make every border end at a junction. So many times as far off as borders
# are wanted, they are nearest to no place of interest.
FRAMES_AWAY = 10.0
OUTSIDE = NOWHERE = -1


def borders_between(points: Metres, owners: Counts, reach_m: float) -> tuple[Geometries, Counts]:
    """Where two groups of points are equally near, each stretch between two junctions one line.

    The Voronoi diagram of the points is the dual of their Delaunay triangulation; of its ridges those
    between points of one group are no borders. A triangle of three groups is a junction, one of two groups
    is passed through, so that ridges chain into paths and rings.

    Parameters
    ----------
    points : Metres, shape (n, 2)
        At least two; of equal ones any stands for all.
    owners : Counts, shape (n,)
        Group of each point, 0 or more.
    reach_m : float
        How far from the points, all round, borders are wanted.

    Returns
    -------
    borders : Geometries, shape (b,)
        LineStrings; those at the rim run on beyond ``reach_m``.
    parted : Counts, shape (b, 2)
        The two groups along each.
    """
    corner_of = points.min(axis=0)
    local, owners = _framed(points - corner_of, owners, reach_m)
    triangulation = Delaunay(local)
    groups = owners[triangulation.simplices]
    one, other = groups[:, [1, 2, 0]], groups[:, [2, 0, 1]]
    parting = (one != other) & (one != OUTSIDE) & (other != OUTSIDE)
    count = len(groups)
    triangle, side = np.nonzero(parting & (triangulation.neighbors > np.arange(count)[:, None]))
    ends = np.column_stack([triangle, triangulation.neighbors[triangle, side]])
    order, path = _chained(ends, parting.sum(axis=1) != 2)
    centres = _circumcentres(local[triangulation.simplices]) + corner_of
    borders: Geometries = shapely.linestrings(centres[ends.ravel()[order]], indices=path)
    first = np.flatnonzero(np.diff(path, prepend=-1))
    ridge = order[first] // 2
    parted = np.column_stack([one[triangle[ridge], side[ridge]], other[triangle[ridge], side[ridge]]])
    return borders, parted.astype(np.int64)


def _framed(points: Metres, owners: Counts, reach_m: float) -> tuple[Metres, Counts]:
    """The points and four corners far around them."""
    size = points.max(axis=0)
    corners = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    frame = size / 2 + FRAMES_AWAY * (size.max() + reach_m) * corners
    return np.vstack([points, frame]), np.append(owners, [OUTSIDE] * 4)


def _circumcentres(triangles: npt.NDArray[np.float64]) -> Metres:
    """Centre of the circle through the corners of each triangle, shape (t, 3, 2) -> (t, 2)."""
    first = triangles[:, 0]
    (bx, by), (cx, cy) = (triangles[:, 1] - first).T, (triangles[:, 2] - first).T
    b, c = bx * bx + by * by, cx * cx + cy * cy
    twice_area = 2 * (bx * cy - by * cx)
    centres: Metres = first + np.column_stack([cy * b - by * c, bx * c - cx * b]) / twice_area[:, None]
    return centres


def _chained(ends: Counts, is_junction: Flags) -> tuple[Counts, Counts]:
    """Ridges, given by their two triangles, in the order one walks along them.

    Returns
    -------
    order, path : Counts, shapes (v,)
        Places in ``ends.ravel()``, one a corner of a path, and which path it is.
    """
    # a junction ends every ridge that meets it, so each of them has an end of its own there
    names = np.where(is_junction[ends], len(is_junction) + np.arange(ends.size).reshape(ends.shape), ends)
    place_of = np.full(len(is_junction) + ends.size, NOWHERE)
    place_of[names.ravel()] = np.arange(ends.size)
    known = np.flatnonzero(place_of != NOWHERE)
    node_of = np.cumsum(place_of != NOWHERE) - 1
    # a root leads to every such end: a walk from it goes along one path after the other
    root = len(known)
    loose = np.flatnonzero(known >= len(is_junction))
    heads = np.append(node_of[names[:, 0]], np.full(len(loose), root))
    tails = np.append(node_of[names[:, 1]], loose)
    graph = coo_matrix((np.ones(len(heads)), (heads, tails)), shape=(root + 1, root + 1)).tocsr()
    walk, before = depth_first_order(graph, root, directed=False)
    if len(walk) <= root:
        # rings have no junction: open each at one of its triangles
        unmet = np.setdiff1d(np.arange(root), walk)
        _, first = np.unique(connected_components(graph, directed=False)[1][unmet], return_index=True)
        opened = is_junction.copy()
        opened[known[unmet[first]]] = True
        return _chained(ends, opened)
    walk = walk[1:]
    path: Counts = np.cumsum(before[walk] == root) - 1
    return place_of[known[walk]], path
