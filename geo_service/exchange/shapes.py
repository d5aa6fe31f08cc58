"""Geometry checks: the right family, finite, not empty, valid or honestly repaired."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from geo_service.exchange.field import Shape
from geo_service.exchange.findings import Findings, Mask
from geo_service.exchange.threads import spread

Geometries = npt.NDArray[np.object_]

LARGEST_REPAIR = 0.01
"""A repair may change a polygon's area by this share; a larger change is a guess."""

# One square degree is about 1e10 square metres: this is a hundredth of a square metre.
_SMALLEST_AREA_DEG2 = 1e-12

_POLYGONS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
_LINES = (GeometryType.LINESTRING, GeometryType.MULTILINESTRING)
_FAMILIES = {
    Shape.POLYGON: _POLYGONS,
    Shape.LINE: _LINES,
    Shape.LINE_OR_POLYGON: _POLYGONS + _LINES,
    Shape.POINT: (GeometryType.POINT, GeometryType.MULTIPOINT),
}


def check_shapes(
    geometry: Geometries, shape: Shape, required: bool, trusted: bool, findings: Findings
) -> Geometries:
    """Reject, repair and unify the geometries of one file, in longitude and latitude.

    Parameters
    ----------
    trusted : bool
        Whether polygons are taken for valid.

    Returns
    -------
    array, shape (n,)
        Polygons, lines or points, single or multi; None where there is none or the row is out.
    """
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if required:
        findings.reject(absent, "geometry", "import.geometry_empty")
    present = ~absent
    wrong = present & ~np.isin(shapely.get_type_id(geometry), _FAMILIES[shape])
    findings.reject(wrong, "geometry", "import.geometry_wrong_type", {"found": _type_names(geometry, wrong)})
    infinite = present & ~_finite(geometry)
    findings.reject(infinite, "geometry", "import.geometry_not_finite")
    off_earth = present & ~infinite & _off_earth(geometry)
    findings.reject(off_earth & ~wrong, "geometry", "import.geometry_off_earth")
    out = geometry.copy()
    out[absent | wrong | infinite | off_earth] = None
    if shape in (Shape.POLYGON, Shape.LINE_OR_POLYGON) and not trusted:
        out = _repaired(out, findings)
    if shape in (Shape.LINE, Shape.LINE_OR_POLYGON):
        short = np.isin(shapely.get_type_id(out), _LINES) & (shapely.length(out) == 0.0)
        findings.reject(short, "geometry", "import.geometry_zero_length")
        out[short] = None
    return _point(out, findings) if shape is Shape.POINT else out


def _type_names(geometry: Geometries, which: Mask) -> list[str]:
    names = [""] * len(geometry)
    for i in np.flatnonzero(which):
        names[i] = geometry[i].geom_type
    return names


def _finite(geometry: Geometries) -> Mask:
    coordinates, index = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[index[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _off_earth(geometry: Geometries) -> Mask:
    west, south, east, north = shapely.bounds(geometry).T
    return (west < -180.0) | (east > 180.0) | (south < -90.0) | (north > 90.0)


def _repaired(geometry: Geometries, findings: Findings) -> Geometries:
    geometry = geometry.copy()
    polygons = np.isin(shapely.get_type_id(geometry), _POLYGONS)
    invalid = polygons & ~spread(shapely.is_valid, geometry)
    flat = polygons & (shapely.area(geometry) < _SMALLEST_AREA_DEG2)
    # The lobes of a figure of eight cancel out, and yet it is not flat.
    flat[flat & invalid] = shapely.area(shapely.convex_hull(geometry[flat & invalid])) < _SMALLEST_AREA_DEG2
    findings.reject(flat, "geometry", "import.geometry_zero_area")
    geometry[flat] = None
    invalid &= ~flat
    if invalid.any():
        before = shapely.area(geometry[invalid])
        repaired = _polygonal(shapely.make_valid(geometry[invalid], method="structure"))
        after = shapely.area(repaired)
        honest = np.zeros(len(geometry), dtype=bool)
        honest[invalid] = (before > 0) & (np.abs(after - before) <= LARGEST_REPAIR * before)
        geometry[invalid] = repaired
        findings.repair(honest, "geometry", "import.geometry_repaired")
        findings.reject(invalid & ~honest, "geometry", "import.geometry_invalid")
        geometry[invalid & ~honest] = None
    return geometry


def _polygonal(geometry: Geometries) -> Geometries:
    parts, index = shapely.get_parts(geometry, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    index = index[inner]
    keep = shapely.get_type_id(parts) == GeometryType.POLYGON
    out = np.empty(len(geometry), dtype=object)
    out[:] = shapely.MultiPolygon()
    if keep.any():
        made = shapely.multipolygons(parts[keep], indices=index[keep])
        out[: len(made)] = np.where(shapely.is_missing(made), shapely.MultiPolygon(), made)
    return out


def _point(geometry: Geometries, findings: Findings) -> Geometries:
    several = (shapely.get_type_id(geometry) == GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(geometry) != 1
    )
    findings.reject(several, "geometry", "import.geometry_several_points")
    single = np.where(
        shapely.get_type_id(geometry) == GeometryType.MULTIPOINT, shapely.get_geometry(geometry, 0), geometry
    )
    single[several] = None
    return single


def same_footprints(geometry: Geometries) -> npt.NDArray[np.int64]:
    """For each geometry the index of the first one identical to it; its own index where it is the first.

    Identical means the same point set: the same ring begun elsewhere or turned the other way round counts.
    """
    first = np.arange(len(geometry))
    bounds = shapely.bounds(geometry)
    known = np.flatnonzero(~np.isnan(bounds[:, 0]))
    order = known[np.lexsort(bounds[known].T)]
    same_box = np.concatenate([[False], (bounds[order[1:]] == bounds[order[:-1]]).all(axis=1)])
    start = 0
    for position in range(1, len(order)) if same_box.any() else ():
        if not same_box[position]:
            start = position
            continue
        i = order[position]
        for j in order[start:position]:
            if first[j] == j and shapely.equals(geometry[i], geometry[j]):
                first[i] = j
                break
    return first
