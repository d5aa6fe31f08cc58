"""Where a file's places come to lie, datum by datum, before anything is imported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod

from geo_service.errors import InvalidInput
from geo_service.exchange.checking import refuse_swapped
from geo_service.exchange.coordinates import STORAGE_CRS, ToStorage, datum_stated, read_crs
from geo_service.exchange.placing import Communities, place
from geo_service.exchange.table import Table

MOST_PLACES = 400
MOST_OUTLINES = 500
_UNSHIFTED = "cgcs2000"
_CANDIDATES = (_UNSHIFTED, "gcj02", "bd09")
_MARGIN = 0.3
_DRAWN_STEPS = 3_000
_GEOD = Geod(ellps="GRS80")


@dataclass(frozen=True)
class Placed:
    """The sample as one datum places it.

    Parameters
    ----------
    datum : str
    points : array, shape (n, 2)
        Longitude and latitude in EPSG:4490, which EPSG:4326 equals within decimetres.
    inside : int
        How many of them lie in a community.
    shift_m : float
        The median distance from where they lie unshifted.
    """

    datum: str
    points: npt.NDArray[np.float64]
    inside: int
    shift_m: float


@dataclass(frozen=True)
class Preview:
    """The sample, every datum's placement of it, and the outlines around.

    Parameters
    ----------
    crs : str
        Name of the CRS that the coordinates were read in.
    crs_assumed : bool
        Whether nobody stated it, and the numbers can only be degrees.
    row_count, sampled : int
    placements : list of Placed
    suggested : str
        The datum that puts most of them into a community; the stated one where the CRS names one.
    codes : array, shape (c,)
    outlines : array, shape (c,)
        Simplified for drawing, EPSG:4490.
    """

    crs: str
    crs_assumed: bool
    row_count: int
    sampled: int
    placements: list[Placed]
    suggested: str
    codes: npt.NDArray[np.object_]
    outlines: npt.NDArray[np.object_]


def preview(table: Table, communities: Communities, *, crs: str | None) -> Preview:
    """Place an even sample of at most ``MOST_PLACES`` rows by every datum.

    Raises
    ------
    InvalidInput
        When no row has a place, the CRS is missing or unknown, or the axes are swapped.
    """
    centres = _centres(table)
    assumed = crs is None and table.crs is None
    read_in = _read_in(table, crs, centres)
    to_storage = ToStorage(read_in, _UNSHIFTED)
    refuse_swapped(table, to_storage)
    stated = datum_stated(read_in)
    datums = _CANDIDATES if stated is None else (stated,)
    sample = centres[np.linspace(0, len(centres) - 1, min(len(centres), MOST_PLACES)).astype(np.int64)]
    unshifted = to_storage.points(sample)
    placements = [
        _placed(datum, ToStorage(read_in, datum).points(sample), unshifted, communities) for datum in datums
    ]
    around, outlines = _outlines(np.vstack([placed.points for placed in placements]), communities)
    return Preview(
        crs=read_in.name,
        crs_assumed=assumed,
        row_count=len(table),
        sampled=len(sample),
        placements=placements,
        suggested=max(placements, key=lambda placed: placed.inside).datum,
        codes=around,
        outlines=outlines,
    )


def _centres(table: Table) -> npt.NDArray[np.float64]:
    if table.geometry is None:
        raise InvalidInput("import.no_geometry", where=table.file)
    centroids = shapely.centroid(table.geometry)
    points = np.column_stack([shapely.get_x(centroids), shapely.get_y(centroids)])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise InvalidInput("import.no_geometry", where=table.file)
    return points


def _read_in(table: Table, crs: str | None, centres: npt.NDArray[np.float64]) -> CRS:
    if crs is not None:
        return read_crs(crs, where="crs")
    if table.crs is not None:
        return read_crs(table.crs, where=table.file)
    if (np.abs(centres) > 180).any():
        raise InvalidInput("import.crs_missing", where=table.file)
    return CRS.from_user_input(STORAGE_CRS)


def _placed(
    datum: str,
    points: npt.NDArray[np.float64],
    unshifted: npt.NDArray[np.float64],
    communities: Communities,
) -> Placed:
    known = np.isfinite(points).all(axis=1)
    points, unshifted = points[known], unshifted[known]
    if not len(points):
        raise InvalidInput("import.crs_unknown", where="crs", crs=datum)
    inside = 0
    if len(communities.codes):
        inside = int((place(shapely.points(points), communities).community >= 0).sum())
    distances = _GEOD.inv(unshifted[:, 0], unshifted[:, 1], points[:, 0], points[:, 1])[2]
    return Placed(datum, points, inside, float(np.median(distances)))


def _outlines(
    points: npt.NDArray[np.float64], communities: Communities
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """The communities around the points; where none is near, some, to show how far off they lie."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN * max(*(high - low), 0.01)
    box = shapely.box(*(low - margin), *(high + margin))
    near = np.flatnonzero(shapely.intersects(communities.outlines, box))
    if not len(near):
        near = np.arange(len(communities.codes))
    near = near[:MOST_OUTLINES]
    tolerance = float(max(high - low)) / _DRAWN_STEPS
    return communities.codes[near], shapely.simplify(communities.outlines[near], tolerance)
