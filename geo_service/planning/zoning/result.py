"""What the solver answers."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.planning.model import Counts


@dataclass(frozen=True)
class ZoningResult:
    """Connected zones, best found.

    Parameters
    ----------
    labels : Counts, shape (n,)
        Zone of each building, 0 .. k - 1.
    medoids : Counts, shape (k,)
        The member of each zone with the least summed distance to the others.
    loads : Counts, shape (k,)
        Households of each zone.
    distance_m : float
        Sum over all buildings of the straight distance to their zone's medoid, unweighted.
    violation : int
        Households above or below the limits, summed over the zones; 0 when feasible.
    impossible : bool
        No connected zones within the limits exist: arithmetic or exhaustive search has shown it.
    """

    labels: Counts
    medoids: Counts
    loads: Counts
    distance_m: float
    violation: int
    impossible: bool = False

    @property
    def feasible(self) -> bool:
        """Whether every zone is within the limits."""
        return self.violation == 0
