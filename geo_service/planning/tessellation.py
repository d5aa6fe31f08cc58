"""The land around each building: every enclosure divided to the nearest wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.planning.enclosures import NODING_GRID_M, Enclosures
from geo_service.planning.model import Counts, Geometries
from geo_service.planning.voronoi import borders_between
from geo_service.planning.walls import draw_walls
from geo_service.progress import Progress, silent

STAGE = "zoning.stage_tessellate"
PHASES = 4

# Walls are sampled at this share of the gap to the nearest other wall. A border between two sampled walls
# lies at most (spacing / 2)^2 / gap from the middle: a sixteenth of the gap.
SPACING_BY_GAP = 0.5
CLOSEST_SAMPLES_M, WIDEST_SAMPLES_M = 1.0, 8.0
FARTHEST_GAP_M = WIDEST_SAMPLES_M / SPACING_BY_GAP
# Borders are straightened by less than would reach a wall, and by no more than the eye misses.
STRAIGHTENED_BY_GAP = 0.25
MOST_STRAIGHTENED_M = 0.5
NOBODY = -1

Metres = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tessellation:
    """The land around each building.

    Parameters
    ----------
    cells : Geometries, shape (n,)
        Polygon or MultiPolygon of each building; together they fill every enclosure that holds a
        building, without overlap. Those of one enclosure are a coverage: neighbours share their corners.
    enclosure_of : Counts, shape (n,)
        Index into ``Enclosures.polygons``.
    pairs : Counts, shape (p, 2)
        Buildings of one enclosure whose cells share a border, the smaller index first.
    border_m : Metres, shape (p,)
        How long a border they share.
    """

    cells: Geometries
    enclosure_of: Counts
    pairs: Counts
    border_m: Metres

    def land_of(self, members: Counts) -> BaseGeometry:
        """One outline of the cells of ``members``."""
        enclosure_of = self.enclosure_of[members]
        pieces = [
            shapely.coverage_union_all(self.cells[members[enclosure_of == place]])
            for place in np.unique(enclosure_of)
        ]
        # on either side of a barrier the corners differ
        return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces, grid_size=NODING_GRID_M)


def tessellate(
    footprints: Geometries, enclosures: Enclosures, *, progress: Progress = silent
) -> Tessellation:
    """Divide the enclosures among the buildings, each point to the nearest wall.

    The morphological tessellation of Fleischmann, Feliciotti, Romice & Porta (2020), inside enclosures. A
    building belongs to the enclosure with its largest share, or the nearest one, and has land in no other.
    Of overlapping footprints the larger gives way; a duplicate, a footprint under about a square metre, or
    one outside every enclosure counts as a point.

    Parameters
    ----------
    footprints : Geometries, shape (n,)
        Polygons in metres.
    enclosures : Enclosures
    progress : Progress
        Told of buildings done; may raise ``Cancelled``.
    """
    total = len(footprints)
    progress(STAGE, 0, total)
    enclosure_of = place_in_enclosures(footprints, enclosures.polygons)
    walls = draw_walls(footprints, enclosures.polygons, enclosure_of)
    cells = np.empty(total, dtype=object)
    pairs, border_m = [np.empty((0, 2), dtype=np.int64)], [np.empty(0)]
    done = 0
    for place in np.unique(enclosure_of):
        members = np.flatnonzero(enclosure_of == place)

        def tell(phase: int, done: int = done, members: Counts = members) -> None:
            progress(STAGE, done + len(members) * phase // PHASES, total)

        cells[members], shared, metres = _share(enclosures.polygons[place], walls[members], tell)
        pairs.append(members[shared])
        border_m.append(metres)
        done += len(members)
        progress(STAGE, done, total)
    return Tessellation(cells, enclosure_of, np.vstack(pairs), np.concatenate(border_m))


def _share(
    polygon: BaseGeometry, walls: Geometries, tell: Callable[[int], None]
) -> tuple[Geometries, Counts, Metres]:
    """Divide one enclosure among the buildings of ``walls``: cells, pairs of neighbours, their borders."""
    if len(walls) == 1:
        return np.array([polygon], dtype=object), np.empty((0, 2), dtype=np.int64), np.empty(0)
    gaps = _gaps(walls)
    points, owners = _samples(walls, np.clip(SPACING_BY_GAP * gaps, CLOSEST_SAMPLES_M, WIDEST_SAMPLES_M))
    tell(1)
    borders, parted = borders_between(points, owners, polygon.length)
    tell(2)
    slack = np.minimum(STRAIGHTENED_BY_GAP * gaps[parted].min(axis=1), MOST_STRAIGHTENED_M)
    faces = _faces(polygon, shapely.simplify(borders, slack, preserve_topology=False))
    tell(3)
    pairs, border_m = _shared_borders(faces)
    spots = shapely.points(points[np.flatnonzero(np.diff(owners, prepend=NOBODY))])
    owner_of = _owners(faces, pairs, border_m, spots)
    return _gathered(faces, pairs, border_m, owner_of)


def _gaps(walls: Geometries) -> Metres:
    """Distance from each wall to the nearest other one, as far as it matters."""
    gaps = np.full(len(walls), FARTHEST_GAP_M)
    (here, _), metres = shapely.STRtree(walls).query_nearest(
        walls, max_distance=FARTHEST_GAP_M, exclusive=True, return_distance=True, all_matches=False
    )
    gaps[here] = metres
    return gaps


def _samples(walls: Geometries, spacing_m: Metres) -> tuple[Metres, Counts]:
    """Points along the walls, the corners among them, and whose wall each is on."""
    points, owners = shapely.get_coordinates(shapely.segmentize(walls, spacing_m), return_index=True)
    return points, owners.astype(np.int64)


def _faces(polygon: BaseGeometry, borders: Geometries) -> Geometries:
    """What the borders cut the enclosure into."""
    shapely.prepare(polygon)
    reaching = ~shapely.contains_properly(polygon, borders)
    borders[reaching] = shapely.intersection(borders[reaching], polygon)
    lines = [*shapely.get_parts(borders), polygon.boundary]
    network = shapely.union_all(lines, grid_size=NODING_GRID_M)
    faces: Geometries = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    if len(polygon.interiors):
        faces = faces[shapely.contains_properly(polygon, shapely.point_on_surface(faces))]
    return faces


def _shared_borders(faces: Geometries) -> tuple[Counts, Metres]:
    """Pairs of faces that lie side by side, shape (p, 2), and along how many metres."""
    rings, face_of = shapely.get_rings(faces, return_index=True)
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    steps = np.rint((corners - corners.min(axis=0)) / NODING_GRID_M).astype(np.int64)
    corner = steps[:, 0] * (steps[:, 1].max() + 1) + steps[:, 1]
    follows = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    sides = np.sort(np.column_stack([corner[follows], corner[follows + 1]]), axis=1)
    face = face_of[ring_of[follows]]
    # of a noded network every side has at most two faces
    order = np.lexsort((face, sides[:, 1], sides[:, 0]))
    twice = np.flatnonzero((sides[order[1:]] == sides[order[:-1]]).all(axis=1))
    one, other = order[twice], order[twice + 1]
    metres = np.hypot(*(corners[follows[one] + 1] - corners[follows[one]]).T)
    return _summed(np.column_stack([face[one], face[other]]), metres)


def _summed(pairs: Counts, metres: Metres) -> tuple[Counts, Metres]:
    """Each pair once, the smaller index first, with all its metres."""
    pairs = np.sort(pairs, axis=1)
    most = pairs.max(initial=0) + 1
    unique, which = np.unique(pairs[:, 0] * most + pairs[:, 1], return_inverse=True)
    summed: Metres = np.bincount(which, weights=metres).astype(np.float64)
    return np.column_stack(np.divmod(unique, most)), summed


def _owners(faces: Geometries, pairs: Counts, border_m: Metres, spots: Geometries) -> Counts:
    """Whose each face is: that of the building with its spot inside, else of the face along most border.

    Where an enclosure bends, a building can be nearest to a fragment of land it has no way to.
    """
    owner_of = np.full(len(faces), NOBODY)
    building, face = shapely.STRtree(faces).query(spots, predicate="within")
    owner_of[face] = building
    here, there = np.vstack([pairs, pairs[:, ::-1]]).T
    metres = np.tile(border_m, 2)
    while (owner_of == NOBODY).any():
        heirs = np.flatnonzero((owner_of[here] == NOBODY) & (owner_of[there] != NOBODY))
        if not len(heirs):
            # they touch others in points alone
            left = np.flatnonzero(owner_of == NOBODY)
            owner_of[left] = shapely.STRtree(spots).query_nearest(faces[left], all_matches=False)[1]
            break
        heirs = heirs[np.lexsort((there[heirs], metres[heirs], here[heirs]))]
        owner_of[here[heirs]] = owner_of[there[heirs]]
    return owner_of


def _gathered(
    faces: Geometries, pairs: Counts, border_m: Metres, owner_of: Counts
) -> tuple[Geometries, Counts, Metres]:
    """The faces of each owner as one cell, and the borders between cells."""
    order = np.argsort(owner_of, kind="stable")
    first = np.flatnonzero(np.diff(owner_of[order], prepend=NOBODY))
    cells = faces[order[first]]
    sizes = np.diff(first, append=len(order))
    for owner in np.flatnonzero(sizes > 1):
        cells[owner] = shapely.coverage_union_all(faces[owner_of == owner])
    between = owner_of[pairs]
    apart = between[:, 0] != between[:, 1]
    return cells, *_summed(between[apart], border_m[apart])


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
