"""Coordinate systems: to the storage CRS, and out of the shifted Chinese web-map datums.

Storage is EPSG:4490 (CGCS2000), longitude first. WGS 84 and CGCS2000 agree within decimetres, so between
them coordinates are kept as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geo_service.errors import InvalidInput

STORAGE_CRS = "EPSG:4490"
DATUMS = ("cgcs2000", "wgs84", "gcj02", "bd09")
GCJ02_CRS_NAME = "GCJ-02 (shifted for consumer maps, not CGCS2000, not WGS 84)"
"""What our own files in GCJ-02 call their CRS: it has no code by which to call it."""
GCJ02_WKT = f"""GEOGCRS["{GCJ02_CRS_NAME}",
    DATUM["GCJ-02 (shifted)", ELLIPSOID["GRS 1980", 6378137, 298.257222101, LENGTHUNIT["metre", 1]]],
    CS[ellipsoidal, 2],
        AXIS["longitude", east, ORDER[1], ANGLEUNIT["degree", 0.0174532925199433]],
        AXIS["latitude", north, ORDER[2], ANGLEUNIT["degree", 0.0174532925199433]]]"""

Points = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

# The Krasovsky 1940 ellipsoid, on which the GCJ-02 shift is defined.
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
# About 1e-6 m on the ground.
_CLOSE_ENOUGH_DEG = 1e-11


def to_gcj02(points: Points) -> Points:
    """Shift CGCS2000/WGS 84 to GCJ-02 (the published formula of the shift); outside China nothing moves.

    Parameters
    ----------
    points : array, shape (n, 2)
        Longitude and latitude in degrees.
    """
    lon, lat = points[:, 0], points[:, 1]
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (waves + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (waves + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    flattening = 1.0 - _ECCENTRICITY_SQUARED * np.sin(np.radians(lat)) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flattening) * np.cos(np.radians(lat))
    shift = np.column_stack([np.degrees(east / parallel_m), np.degrees(north / meridian_m)])
    in_china = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return np.where(in_china[:, None], points + shift, points)


def to_bd09(points: Points) -> Points:
    """Shift CGCS2000/WGS 84 to BD-09: GCJ-02, then Baidu's own twist."""
    gcj = to_gcj02(points)
    x, y = gcj[:, 0], gcj[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _X_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _X_PI)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _undone(forward: Callable[[Points], Points], shifted: Points) -> Points:
    # The shift varies by parts in a thousand over its own length, so each step gains three digits.
    points = shifted.copy()
    for _ in range(20):
        correction = shifted - forward(points)
        points += correction
        if not len(points) or np.nanmax(np.abs(correction), initial=0.0) < _CLOSE_ENOUGH_DEG:
            break
    return points


def undo_datum(points: Points, datum: str) -> Points:
    """Longitude and latitude, shape (n, 2), out of ``datum`` by the exact (iterated) inverse.

    Raises
    ------
    InvalidInput
        When the datum is unknown.
    """
    if datum in ("cgcs2000", "wgs84"):
        return points
    if datum == "gcj02":
        return _undone(to_gcj02, points)
    if datum == "bd09":
        return _undone(to_bd09, points)
    raise InvalidInput("import.datum_unknown", where="--datum", datum=datum, datums=", ".join(DATUMS))


def read_crs(name: str, *, where: str) -> CRS:
    """The CRS of that name.

    Raises
    ------
    InvalidInput
        When PROJ does not know it.
    """
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise InvalidInput("import.crs_unknown", where=where, crs=name[:200]) from error


def datum_stated(crs: CRS) -> str | None:
    """The datum that the name of a CRS gives away; a Shapefile writes it in its own manner."""
    return "gcj02" if re.match(r"(GCS_)?GCJ-02[ _]", crs.name) else None


def check_metric(crs: CRS, *, where: str) -> int:
    """The EPSG code of a projected CRS in metres.

    Raises
    ------
    InvalidInput
        When it is not one, or has no EPSG code.
    """
    code = crs.to_epsg()
    metres = crs.is_projected and all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info)
    if not metres or code is None:
        raise InvalidInput("import.crs_not_metric", where=where, crs=crs.name)
    return code


class ToStorage:
    """Turns coordinates of one source CRS and datum into EPSG:4490.

    Parameters
    ----------
    crs : CRS
        Of the file.
    datum : str
        ``cgcs2000``, ``wgs84``, ``gcj02`` or ``bd09``.
    """

    def __init__(self, crs: CRS, datum: str) -> None:
        undo_datum(np.empty((0, 2)), datum)
        self.crs = crs
        self.datum = datum
        self._transformer = (
            None if _is_storage_like(crs) else Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)
        )

    def points(self, points: Points) -> Points:
        """Shape (n, 2) in the file's CRS to longitude and latitude."""
        if self._transformer is not None:
            try:
                points = np.column_stack(self._transformer.transform(points[:, 0], points[:, 1]))
            except ProjError as error:
                raise InvalidInput("import.crs_unknown", where="--crs", crs=self.crs.name) from error
        return undo_datum(points, self.datum)

    def geometries(self, geometries: Geometries) -> Geometries:
        """Shape (n,), None kept; nothing is copied where nothing moves."""
        if self._transformer is None and self.datum in ("cgcs2000", "wgs84"):
            return geometries
        return shapely.transform(geometries, self.points)


def _is_storage_like(crs: CRS) -> bool:
    if not crs.is_geographic:
        return False
    return crs.to_epsg() in (4490, 4326, 4979) or crs.to_authority() == ("OGC", "CRS84")
