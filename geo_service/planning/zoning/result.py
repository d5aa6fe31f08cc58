"""What the solver answers."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.planning.model import Counts


@dataclass(frozen=True)
class ZoningResult:
    """Zones within every rule, best found, or the least broken ones.

    Parameters
    ----------
    labels : Counts, shape (n,)
        Zone of each building, 0 .. k - 1.
    medoids : Counts, shape (k,)
        The member of each zone with the least summed weighted distance from the others; where the rules fix
        the zone's centre, the member nearest to it.
    loads : Counts, shape (k,)
        Summed load of each zone.
    distance_m : float
        Sum over all buildings of weight x distance to their zone's medoid or fixed centre.
    objective_m : float
        The distance and the other weighted aims together (``Aims``, ``Earlier.change_cost_m``).
    violation : int
        Load above or below the limits, summed over the zones, plus one for each other rule broken;
        0 when feasible.
    impossible : bool
        No zones within the rules exist: arithmetic or exhaustive search has shown it.
    """

    labels: Counts
    medoids: Counts
    loads: Counts
    distance_m: float
    objective_m: float
    violation: int
    impossible: bool = False

    @property
    def feasible(self) -> bool:
        """Whether every rule holds."""
        return self.violation == 0
