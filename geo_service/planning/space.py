"""Which metres to compute in, and in which order places are numbered."""

from __future__ import annotations

import math

import numpy as np
import shapely

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, Geometries

FIRST_CGCS2000_SRID = 4534
FIRST_CENTRAL_MERIDIAN = 75
LAST_CENTRAL_MERIDIAN = 135


def metric_srid_for(lon: float, lat: float) -> int:
    """EPSG code of the metric CRS for a deployment whose centre is (``lon``, ``lat``), in degrees.

    CGCS2000 3-degree Gauss-Kruger by central meridian (EPSG:4534-4554, 75E-135E) between 73.5E and
    136.5E north of the equator; elsewhere the UTM zone of WGS 84.

    Raises
    ------
    InvalidInput
        When the pair is not finite, or no longitude and latitude.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput("zoning.no_lon_lat", lon=lon, lat=lat)
    meridian = 3 * math.floor(lon / 3 + 0.5)
    if FIRST_CENTRAL_MERIDIAN <= meridian <= LAST_CENTRAL_MERIDIAN and lat >= 0:
        return FIRST_CGCS2000_SRID + (meridian - FIRST_CENTRAL_MERIDIAN) // 3
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def require_metric(geometries: Geometries, *, where: str = "") -> None:
    """Refuse coordinates that are not finite, or that look like degrees.

    Raises
    ------
    InvalidInput
        ``zoning.not_finite`` for NaN or infinity; ``zoning.not_metric`` when every coordinate would pass
        as a longitude and latitude.
    """
    coordinates = shapely.get_coordinates(geometries)
    if not np.isfinite(coordinates).all():
        raise InvalidInput("zoning.not_finite", where=where)
    if len(coordinates) and (np.abs(coordinates) <= (180.0, 90.0)).all():
        raise InvalidInput("zoning.not_metric", where=where)


def numbering_order(outlines: Geometries) -> Counts:
    """Indices of ``outlines`` in numbering order: row by row from the north, each row from the west.

    The order of DB6101/T 3185-2024 and DB11/T 2157-2023 (west to east, then north to south). A row is as
    tall as the side of the mean outline's square, so that neighbours side by side share one.
    """
    if not len(outlines):
        return np.empty(0, dtype=np.int64)
    west, south, east, north = shapely.total_bounds(outlines)
    row_height = max(math.sqrt((east - west) * (north - south) / len(outlines)), 1e-9)
    centres = shapely.get_coordinates(shapely.centroid(outlines))
    rows = np.floor((north - centres[:, 1]) / row_height)
    return np.lexsort((-centres[:, 1], centres[:, 0], rows)).astype(np.int64)
