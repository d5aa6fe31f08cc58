"""The coordinate reference systems that items are asked for and given out in, each with its axis order.

Coordinates are stored as CGCS2000 longitude and latitude. CGCS2000 (EPSG:4490) and WGS 84 agree to a few
centimetres and PROJ treats the step between them as none, so CRS84, EPSG:4326 and EPSG:4490 share numbers
and differ in the order of their axes alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput

STORED_SRID = 4490
MERCATOR_SRID = 3857
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# Web Mercator cannot show the poles themselves.
_NEXT_TO_POLE = 89.9
# A straight side of a box in metres is curved in degrees.
_POINTS_A_SIDE = 16
# Two builds of PROJ may differ in the last digits.
_ROUNDING_M = 0.001


@dataclass(frozen=True)
class ReferenceSystem:
    """A CRS as the OGC names it.

    Parameters
    ----------
    uri : str
    srid : int
        EPSG code.
    in_degrees : bool
        True for longitudes and latitudes, whose numbers are the stored ones.
    north_first : bool
        True where the authority's first axis is the latitude or the northing.
    """

    uri: str
    srid: int
    in_degrees: bool
    north_first: bool

    @property
    def decimals(self) -> int:
        """Decimals that give a millimetre."""
        return 8 if self.in_degrees else 3

    def to_longitude_latitude(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in this CRS, its axes in the authority's order, as longitude and latitude.

        Coordinates that this CRS cannot have become infinite.
        """

        def convert(points: np.ndarray) -> np.ndarray:
            points = points[:, ::-1] if self.north_first else points
            if self.in_degrees:
                return points
            return np.column_stack(_transformer(self.srid, STORED_SRID).transform(points[:, 0], points[:, 1]))

        return shapely.transform(geometry, convert)


CRS84 = ReferenceSystem("http://www.opengis.net/def/crs/OGC/1.3/CRS84", STORED_SRID, True, False)
CGCS2000 = ReferenceSystem(f"{_EPSG}4490", STORED_SRID, True, True)
WGS84 = ReferenceSystem(f"{_EPSG}4326", STORED_SRID, True, True)
WEB_MERCATOR = ReferenceSystem(f"{_EPSG}3857", MERCATOR_SRID, False, False)
EVERYWHERE = (CRS84, CGCS2000, WGS84, WEB_MERCATOR)
"""What every deployment offers; its own CGCS2000 zone comes besides."""


@cache
def metric(srid: int) -> ReferenceSystem:
    """The projected CRS of an EPSG code, its axes in the order EPSG gives them."""
    first = pyproj.CRS.from_epsg(srid).axis_info[0]
    return ReferenceSystem(f"{_EPSG}{srid}", srid, False, first.direction == "north")


def find(uri: str, offered: Sequence[ReferenceSystem], *, where: str) -> ReferenceSystem:
    """The system ``uri`` out of those ``offered``.

    Raises
    ------
    InvalidInput
        Naming those there are.
    """
    for system in offered:
        if system.uri == uri:
            return system
    known = ", ".join(system.uri for system in offered)
    raise InvalidInput("features.crs_unknown", where=where, given=uri, known=known)


def read_bounding_box(text: str, system: ReferenceSystem = CRS84) -> tuple[BaseGeometry, ...]:
    """The box of four numbers, or of six whose heights are left out, as areas of longitude and latitude.

    A box whose west lies east of its east crosses the antimeridian and gives two areas.

    Raises
    ------
    InvalidInput
        When it is not four or six finite numbers, is reversed, or leaves the globe.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    return box_areas(numbers, system, where="bbox", given=text)


def box_areas(
    numbers: Sequence[float], system: ReferenceSystem, *, where: str, given: str
) -> tuple[BaseGeometry, ...]:
    """The areas of longitude and latitude inside the two corners ``numbers``, as `read_bounding_box`."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise InvalidInput("layers.bbox_unreadable", where=where, given=given)
    if system.in_degrees:
        return _boxes_on_the_globe(numbers, system, where, given)
    if numbers[0] > numbers[2] or numbers[1] > numbers[3]:
        raise InvalidInput("layers.bbox_reversed", where=where, given=given)
    area = system.to_longitude_latitude(_outline(*numbers))
    if not _is_on_the_globe(area):
        raise InvalidInput("layers.bbox_reversed", where=where, given=given)
    return (area,)


def _boxes_on_the_globe(
    numbers: Sequence[float], system: ReferenceSystem, where: str, given: str
) -> tuple[BaseGeometry, ...]:
    west, south, east, north = numbers
    if system.north_first:
        south, west, north, east = numbers
    if south > north or max(abs(west), abs(east)) > 180 or max(-south, north) > 90:
        raise InvalidInput("layers.bbox_reversed", where=where, given=given)
    if west <= east:
        return (_box(west, south, east, north),)
    return _box(west, south, 180, north), _box(-180, south, east, north)


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    # As a hull a box without width is a line or a point, where a polygon would be invalid.
    return shapely.MultiPoint([(west, south), (east, south), (east, north), (west, north)]).convex_hull


def _outline(left: float, bottom: float, right: float, top: float) -> BaseGeometry:
    if left == right or bottom == top:
        return _box(left, bottom, right, top)
    corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)])
    sides = [np.linspace(a, b, _POINTS_A_SIDE, endpoint=False) for a, b in pairwise(corners)]
    return shapely.Polygon(np.vstack(sides))


def _is_on_the_globe(geometry: BaseGeometry) -> bool:
    """True when every coordinate is a longitude and a latitude."""
    points = shapely.get_coordinates(geometry)
    return bool(np.isfinite(points).all() and (np.abs(points) <= (180, 90)).all())


def check_geometry(geometry: BaseGeometry) -> str | None:
    """What is wrong with a geometry of longitudes and latitudes; None when nothing is."""
    if geometry.is_empty:
        return "Empty"
    if not _is_on_the_globe(geometry):
        return "Coordinates outside -180..180, -90..90"
    return None if geometry.is_valid else shapely.is_valid_reason(geometry)


def mercator_bounds(geometry: BaseGeometry) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in Web Mercator of longitudes and latitudes, a little generously."""
    west, south, east, north = geometry.bounds
    south, north = (min(max(side, -_NEXT_TO_POLE), _NEXT_TO_POLE) for side in (south, north))
    (left, right), (bottom, top) = _transformer(STORED_SRID, MERCATOR_SRID).transform(
        (west, east), (south, north)
    )
    return left - _ROUNDING_M, bottom - _ROUNDING_M, right + _ROUNDING_M, top + _ROUNDING_M


@cache
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
