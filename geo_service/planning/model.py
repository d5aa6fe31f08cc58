"""The planning nouns. Geometry here is planar, in the deployment's metric CRS (metres)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo_service.errors import InvalidInput

Geometries = npt.NDArray[np.object_]
Codes = npt.NDArray[np.object_]
Counts = npt.NDArray[np.int64]

DEFAULT_MIN_HOUSEHOLDS = 300
DEFAULT_MAX_HOUSEHOLDS = 500

_RANGE = re.compile(r"\s*([0-9]{1,9})\s*[-–—~]\s*([0-9]{1,9})\s*")


@dataclass(frozen=True)
class LoadRange:
    """How many households one zone may hold, both ends included.

    No plan fixes a size; 300-500 is the customary grid size and a default, never policy.

    Raises
    ------
    InvalidInput
        When an end is negative or ``lo`` exceeds ``hi``.
    """

    lo: int = DEFAULT_MIN_HOUSEHOLDS
    hi: int = DEFAULT_MAX_HOUSEHOLDS

    def __post_init__(self) -> None:
        if self.lo < 0 or self.hi < 1 or self.lo > self.hi:
            raise InvalidInput("zoning.range_reversed", where="--target", lo=self.lo, hi=self.hi)

    @classmethod
    def parse(cls, text: str) -> LoadRange:
        """The range written as ``300-500``; a full-width or en dash, ``~`` and full-width digits do as well.

        Raises
        ------
        InvalidInput
            When the text is no range, or a reversed one.
        """
        ends = _RANGE.fullmatch(unicodedata.normalize("NFKC", text))
        if ends is None:
            raise InvalidInput("zoning.range_unreadable", where="--target", given=text[:40])
        return cls(lo=int(ends[1]), hi=int(ends[2]))

    def __str__(self) -> str:
        return f"{self.lo}-{self.hi}"


@dataclass(frozen=True)
class ZoningArea:
    """One community as the zoning engine sees it; all geometry in metres.

    Parameters
    ----------
    code : str
        The community's code.
    outline : BaseGeometry
        Polygon or MultiPolygon of the community.
    building_codes : Codes, shape (n,)
    footprints : Geometries, shape (n,)
        Polygon or MultiPolygon of each standalone building to be zoned.
    households : Counts, shape (n,)
    barriers : Geometries, shape (b,)
        Lines or polygons no zone may cross.
    crossings : Geometries, shape (c,)
        Lines (bridges, underpasses, level crossings) that join what a barrier parts.
    barrier_names : Codes, shape (b,) or (0,)
        What a refusal calls the barriers; numbers where there are no names.
    """

    code: str
    outline: BaseGeometry
    building_codes: Codes
    footprints: Geometries
    households: Counts
    barriers: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    crossings: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    barrier_names: Codes = field(default_factory=lambda: np.empty(0, dtype=object))


@dataclass(frozen=True)
class Finding:
    """Something the user should know: a message key, where it is, and the sentence's values."""

    key: str
    where: str = ""
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class FeasibleLimits:
    """Limits that do admit an answer, with the number of zones they give."""

    limits: LoadRange
    zones: int


@dataclass(frozen=True)
class Infeasibility:
    """Why a community has no zoning within the limits, and the nearest limits that have one.

    ``proven`` is False where the search found nothing within its budget but no proof exists.
    """

    area_code: str
    reason: Finding
    nearest: tuple[FeasibleLimits, ...]
    proven: bool = True


@dataclass(frozen=True)
class DrawnZone:
    """One zone of a community.

    Parameters
    ----------
    code : str
        Community code + 3 digits, numbered west to east, then north to south
        (the order of DB6101/T 3185-2024 and DB11/T 2157-2023).
    members : Counts, shape (m,)
        Indices into the arrays of the community's ``ZoningArea``.
    households : int
    medoid : int
        Index of the member with the least summed distance to the others.
    outline : BaseGeometry
        Union of the members' tessellation cells.
    """

    code: str
    members: Counts
    households: int
    medoid: int
    outline: BaseGeometry


@dataclass(frozen=True)
class CommunityZoning:
    """The answer for one community: zones, or the reason there are none."""

    area_code: str
    zones: tuple[DrawnZone, ...]
    infeasible: Infeasibility | None = None
    findings: tuple[Finding, ...] = ()
    distance_m: float = 0.0
