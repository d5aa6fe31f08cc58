"""The best division of a region into zones that the search has met before, by integer programming.

Set partitioning over a pool of zones: each was met in some division, the best choice among all of them
perhaps in none. It pays most where zones are small, since there good zones return again and again. The idea
is the column pool of Rochat and Taillard 1995.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, vstack

from geo_service.planning.model import Counts

# HiGHS is told to stop by nodes, never by seconds: the answer must not depend on the machine.
NODE_LIMIT = 200
MOST_COLUMNS = 12_000
LARGEST_POOL = 200_000

Costs = npt.NDArray[np.float64]


class ZonePool:
    """Zones met so far, each once, with what they cost in units."""

    def __init__(self) -> None:
        self._cost_of: dict[bytes, float] = {}

    def __len__(self) -> int:
        return len(self._cost_of)

    def add(self, members: Counts, cost: float) -> None:
        """Remember one zone: its members in rising order, and its cost. A full pool takes no more."""
        if len(self._cost_of) < LARGEST_POOL:
            self._cost_of[members.tobytes()] = cost

    def absorb(self, other: ZonePool) -> None:
        """Remember what another search met."""
        for members, cost in other._cost_of.items():
            if len(self._cost_of) >= LARGEST_POOL:
                break
            self._cost_of[members] = cost

    def inside(self, region: npt.NDArray[np.bool_]) -> tuple[list[Counts], Costs]:
        """The zones whose members all lie in ``region``, with their costs; the cheapest a member if many."""
        zones: list[Counts] = []
        costs: list[float] = []
        for key, cost in self._cost_of.items():
            members = np.frombuffer(key, dtype=np.int64)
            if region[members[0]] and region[members].all():
                zones.append(members)
                costs.append(cost)
        if len(zones) <= MOST_COLUMNS:
            return zones, np.array(costs)
        a_member = np.array(costs) / [len(zone) for zone in zones]
        kept = np.sort(np.argsort(a_member, kind="stable")[:MOST_COLUMNS]).tolist()
        return [zones[place] for place in kept], np.array([costs[place] for place in kept])


def best_choice(buildings: Counts, zones: list[Counts], costs: Costs, count: int) -> list[Counts] | None:
    """The ``count`` of ``zones`` that hold each of ``buildings`` just once at the least cost.

    Returns
    -------
    list of Counts, or None
        Members of each; None where none was found within the node limit.
    """
    row_of = np.zeros(int(buildings.max()) + 1, dtype=np.int64)
    row_of[buildings] = np.arange(len(buildings))
    rows = row_of[np.concatenate(zones)]
    starts = np.concatenate([[0], np.cumsum([len(zone) for zone in zones])])
    holds = csc_array((np.ones(len(rows)), rows, starts), shape=(len(buildings), len(zones)))
    table = vstack([holds, csc_array(np.ones((1, len(zones))))])
    right = np.concatenate([np.ones(len(buildings)), [float(count)]])
    answer = milp(
        costs,
        integrality=np.ones(len(zones), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(table, right, right),
        options={"node_limit": NODE_LIMIT, "mip_rel_gap": 0.0},
    )
    if answer.x is None:
        return None
    return [zones[place] for place in np.flatnonzero(answer.x > 0.5).tolist()]
