"""The CRS an export is asked for: a flat one, in force, and meant for where the data lie."""

from __future__ import annotations

from pyproj import CRS
from pyproj.aoi import AreaOfUse
from pyproj.exceptions import CRSError

from geo_service.errors import InvalidInput

# A zone beside one's own is a choice that many provinces make; from further off it is a slip of the pen.
_NEIGHBOURING_DEG = 6.0

Bounds = tuple[float, float, float, float]


def target_srid(given: str, bounds: Bounds) -> int:
    """The EPSG code that ``given`` names, as ``EPSG:4547`` or ``4547``.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north of the data in degrees.

    Raises
    ------
    InvalidInput
        When it is no EPSG code, is unknown or withdrawn, has heights or an origin in the middle of the
        Earth, or is meant for another part of the world: coordinates would be nonsense there.
    """
    digits = given.strip().upper().removeprefix("EPSG:")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 6):
        raise InvalidInput("export.crs_unreadable", where="--crs", crs=given)
    try:
        crs = CRS.from_epsg(int(digits))
    except CRSError as error:
        raise InvalidInput("export.crs_unreadable", where="--crs", crs=given) from error
    if not (crs.is_geographic or crs.is_projected) or crs.is_compound or len(crs.axis_info) != 2:
        raise InvalidInput("export.crs_not_flat", where="--crs", crs=given, name=crs.name)
    if crs.is_deprecated and (instead := crs.get_non_deprecated()):
        codes = ", ".join(f"EPSG:{other.to_epsg()}" for other in instead)
        raise InvalidInput("export.crs_withdrawn", where="--crs", crs=given, name=crs.name, instead=codes)
    if crs.area_of_use is not None and _apart(crs.area_of_use, bounds):
        raise InvalidInput(
            "export.crs_elsewhere", where="--crs", crs=given, name=crs.name, region=crs.area_of_use.name
        )
    return int(digits)


def _apart(area: AreaOfUse, bounds: Bounds) -> bool:
    west, south = (least - _NEIGHBOURING_DEG for least in bounds[:2])
    east, north = (most + _NEIGHBOURING_DEG for most in bounds[2:])
    if area.north < south or area.south > north:
        return True
    if area.west <= area.east:
        return area.east < west or area.west > east
    # It lies across the antimeridian.
    return area.east < west and area.west > east
