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
    walkways : Geometries, shape (w,)
        Lines people walk along, beside the crossings; barriers cut them. Empty where none are known.
    """

    code: str
    outline: BaseGeometry
    building_codes: Codes
    footprints: Geometries
    households: Counts
    barriers: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    crossings: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    barrier_names: Codes = field(default_factory=lambda: np.empty(0, dtype=object))
    walkways: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))


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
    """Why a community has no zoning within the limits, and the smallest changes that help.

    Parameters
    ----------
    area_code : str
    reason : Finding
    nearest : tuple of FeasibleLimits
        Limits each of which was drawn with, over the whole community.
    proven : bool
        False where the search found nothing within its budget but no proof exists.
    remedies : tuple of Finding
        Other changes that help, each drawn as well: a bridge, a building set apart, a number of zones.
    """

    area_code: str
    reason: Finding
    nearest: tuple[FeasibleLimits, ...]
    proven: bool = True
    remedies: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class DrawnZone:
    """One zone of a community.

    Parameters
    ----------
    code : str
        Community code + 3 digits, numbered west to east, then north to south
        (the order of DB6101/T 3185-2024 and DB11/T 2157-2023).
    members : Counts, shape (m,)
        Indices into the arrays of the community's ``ZoningArea``; in walking order where there is a walk.
    households : int
    medoid : int
        Index of the member with the least summed distance to the others.
    outline : BaseGeometry
        Union of the members' tessellation cells.
    load : int
        In the units of the limits: households, or what the plan counts instead.
    distance_m : float
        Sum over the members of weight x distance to the zone's centre.
    locked : bool
        Whether the zone was kept as it was.
    explanation : tuple of Finding
        Sentences that say why the zone is as it is; empty where not asked for.
    patrol_m : float, optional
        Length of the closed walk over the members.
    span_m : float, optional
        Between the two members farthest apart on foot.
    stranded : Counts
        Members of a locked zone that do not hang together with most of it; none of a zone drawn.
    barriers : tuple of str
        Names of the barriers between these and the rest.
    """

    code: str
    members: Counts
    households: int
    medoid: int
    outline: BaseGeometry
    load: int
    distance_m: float
    locked: bool = False
    explanation: tuple[Finding, ...] = ()
    patrol_m: float | None = None
    span_m: float | None = None
    stranded: Counts = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    barriers: tuple[str, ...] = ()


def gap_percent(objective_m: float, lower_bound_m: float) -> float | None:
    """How far above the best possible ``objective_m`` can be at most; None where nothing is proven.

    Parameters
    ----------
    objective_m : float
        What the zones at hand cost; infinite when there are none.
    lower_bound_m : float
        No zones can cost less; 0 proves something only when the zones at hand cost nothing either.
    """
    if objective_m == float("inf"):
        return None
    if objective_m <= lower_bound_m:
        return 0.0
    if lower_bound_m <= 0:
        return None
    return 100 * (objective_m - lower_bound_m) / lower_bound_m


@dataclass(frozen=True)
class CommunityZoning:
    """The answer for one community: zones, or the reason there are none.

    Parameters
    ----------
    distance_m : float
        Sum over all buildings of weight x distance to their zone's centre.
    objective_m : float
        The distance and the other weighted aims together.
    lower_bound_m : float
        No division into as many zones within the limits has a smaller objective; 0 when none was computed.
    imbalance : float
        Summed difference of the zones' loads from the target.
    border_pairs : int
        Pairs of neighbouring buildings in different zones.
    """

    area_code: str
    zones: tuple[DrawnZone, ...]
    infeasible: Infeasibility | None = None
    findings: tuple[Finding, ...] = ()
    distance_m: float = 0.0
    objective_m: float = 0.0
    lower_bound_m: float = 0.0
    imbalance: float = 0.0
    border_pairs: int = 0

    @property
    def gap_percent(self) -> float | None:
        """At most how far above the best possible the zones are, in percent; None where nothing is proven."""
        return gap_percent(self.objective_m, self.lower_bound_m) if self.zones else None
