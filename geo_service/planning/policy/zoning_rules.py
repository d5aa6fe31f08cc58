"""How zones are drawn: their size, what they weigh, and what makes one division better than another."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.policy.part import Part, fault

ZONE_RULES = ("middle", "least", "chiefs")
"""How many zones: so that loads are nearest to mid-range, as few as can be, or one a chief."""

MOST_LOAD = 10**12  # far above what any limits admit, and far from overflow

# Loads and objectives stay far below what whole and floating-point numbers hold exactly.
Weight = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class ZoneSize(Part):
    """Households a roving-service zone should hold; no plan fixes it, so it is shown as a default."""

    min_households: Annotated[int, Field(ge=0)]
    max_households: Annotated[int, Field(ge=1)]
    is_default: bool

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_households > self.max_households:
            raise fault("range_reversed", lo=self.min_households, hi=self.max_households)
        return self

    @property
    def households(self) -> LoadRange:
        """Both ends, included."""
        return LoadRange(self.min_households, self.max_households)


class LoadWeights(Part):
    """What the limits of a zone count: a weighted sum of what its buildings hold."""

    households: Weight
    buildings: Weight
    floor_area_m2: Weight

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        if not (self.households or self.buildings or self.floor_area_m2):
            raise fault("counts_nothing")
        return self

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


class ZoningRules(Part):
    """What makes one division into zones better than another; no plan says, so it is shown as a default."""

    load: LoadWeights
    zones: Literal["middle", "least", "chiefs"]
    """How many: so that loads are nearest to mid-range, as few as can be, or one a chief."""
    distance_per: Literal["building", "household"]
    """What a metre to the zone's centre is counted once for."""
    balance_m: Weight
    """Metres of distance that one unit of load away from the mean is worth."""
    compactness_m: Weight
    """Metres of distance that one pair of neighbours in different zones is worth."""
    patrol_weight: Weight
    """Metres of distance that one metre of the walk over all buildings of a zone is worth."""
    change_cost_m: Weight
    """Metres of distance that keeping one building in the zone it was in is worth."""
    is_default: bool

    def weights(self, households: Counts) -> npt.NDArray[np.float64]:
        """What a metre of each building's distance counts, shape (n,); an empty building counts as one."""
        if self.distance_per == "building":
            return np.ones(len(households))
        return np.maximum(households, 1).astype(np.float64)
