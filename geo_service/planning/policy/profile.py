"""The parts of a policy profile; each names its clause, or says that it is a default of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts, LoadRange

STEPS = ("planned", "assigned", "in_service", "accepted", "compliant")
"""The ladder of an arrangement, lowest first."""

ZONE_RULES = ("middle", "least", "chiefs")
"""How many zones: so that loads are nearest to mid-range, as few as can be, or one a chief."""

MOST_LOAD = 10**12  # far above what any limits admit, and far from overflow

DISTANCE_PER = ("building", "household")
"""What a metre to the zone's centre is counted once for."""


@dataclass(frozen=True)
class Clause:
    """Where a rule stands: the plan and its section, never its sentences."""

    plan: str
    section: str


@dataclass(frozen=True)
class Milestone:
    """A share of the base that must be covered by the end of a day; reaching it exactly is enough.

    Parameters
    ----------
    percent : int
        1 to 100. Whole numbers: a milestone is judged on exact counts, never on a rounded rate.
    """

    date: date
    percent: int
    clause: Clause

    def required(self, denominator: int) -> int:
        """The least whole count that reaches the milestone: 80 % of 229 are 183.2, so 184."""
        return -(-denominator * self.percent // 100)


@dataclass(frozen=True)
class CoverageRule:
    """What is counted.

    Parameters
    ----------
    measure : str
        Key of the measure the milestones are judged by.
    base : str
        What the denominator is taken from; ``"unmanaged_baseline"`` is the only base so far.
    covered_from : str
        The lowest step that counts as covered.
    is_default : bool
        True where the plan is silent and this is our reading.
    """

    measure: str
    base: str
    covered_from: str
    is_default: bool
    clause: Clause

    @property
    def covered_steps(self) -> tuple[str, ...]:
        """Every step that counts as covered."""
        return STEPS[STEPS.index(self.covered_from) :]


@dataclass(frozen=True)
class ZoneSize:
    """Households a roving-service zone should hold; no plan fixes it, so it is shown as a default."""

    households: LoadRange
    is_default: bool


@dataclass(frozen=True)
class LoadWeights:
    """What the limits of a zone count: a weighted sum of what its buildings hold."""

    households: float
    buildings: float
    floor_area_m2: float

    @property
    def counts_households_alone(self) -> bool:
        """Whether a load is a number of households."""
        return (self.households, self.buildings, self.floor_area_m2) == (1, 0, 0)

    def loads(self, households: Counts, floor_area_m2: npt.NDArray[np.float64]) -> Counts:
        """Load of each building in whole units, halves to the even number.

        Parameters
        ----------
        households : Counts, shape (n,)
        floor_area_m2 : array of float, shape (n,)
            NaN where it is not known; it counts as 0.
        """
        area = np.nan_to_num(floor_area_m2, nan=0.0)
        summed = self.households * households + self.buildings + self.floor_area_m2 * area
        return np.rint(np.minimum(summed, MOST_LOAD)).astype(np.int64)


@dataclass(frozen=True)
class ZoningRules:
    """What makes one division into zones better than another; no plan says, so it is shown as a default.

    Parameters
    ----------
    load : LoadWeights
    zones : str
        One of ``ZONE_RULES``.
    distance_per : str
        One of ``DISTANCE_PER``.
    balance_m : float
        Metres of distance that one unit of load away from the mean is worth.
    compactness_m : float
        Metres of distance that one pair of neighbours in different zones is worth.
    patrol_weight : float
        Metres of distance that one metre of the walk over all buildings of a zone is worth.
    change_cost_m : float
        Metres of distance that keeping one building in the zone it was in is worth.
    is_default : bool
        True where the plan is silent and this is our choice.
    """

    load: LoadWeights
    zones: str
    distance_per: str
    balance_m: float
    compactness_m: float
    patrol_weight: float
    change_cost_m: float
    is_default: bool

    def weights(self, households: Counts) -> npt.NDArray[np.float64]:
        """What a metre of each building's distance counts, shape (n,); an empty building counts as one."""
        if self.distance_per == "building":
            return np.ones(len(households))
        return np.maximum(households, 1).astype(np.float64)


@dataclass(frozen=True)
class Profile:
    """One government plan as data."""

    key: str
    version: int
    title_zh: str
    title_en: str
    coverage: CoverageRule
    milestones: tuple[Milestone, ...]
    zone_size: ZoneSize
    zoning: ZoningRules

    def milestone_on(self, day: date) -> Milestone | None:
        """The latest milestone due by the end of ``day``."""
        due = [milestone for milestone in self.milestones if milestone.date <= day]
        return due[-1] if due else None
