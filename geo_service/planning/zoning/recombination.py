"""The best division of a region into zones that the search has met before, by integer programming.

Set partitioning over a pool of zones: each was met in some division, the best choice among all of them in
none. It pays where zones are small, since there good zones return again and again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_matrix, vstack

from geo_service.planning.model import Counts

# HiGHS is told to stop by nodes, never by seconds: the answer must not depend on the machine.
NODE_LIMIT = 200
MOST_COLUMNS = 12_000


class ZonePool:
    """Zones met so far, each once, with what they cost."""

    def __init__(self) -> None:
        self._cost_of: dict[bytes, float] = {}

    def __len__(self) -> int:
        return len(self._cost_of)

    def add(self, members: Counts, cost: float) -> None:
        """Remember one zone: its members in rising order and its cost."""
        self._cost_of[members.tobytes()] = cost

    def inside(self, region: npt.NDArray[np.bool_]) -> tuple[list[Counts], npt.NDArray[np.float64]]:
        """The zones whose members all lie in ``region``, with their costs."""
        zones: list[Counts] = []
        costs: list[float] = []
        for key, cost in self._cost_of.items():
            members = np.frombuffer(key, dtype=np.int64)
            if region[members[0]] and region[members].all():
                zones.append(members)
                costs.append(cost)
        return zones, np.array(costs)


def best_choice(
    buildings: Counts, zones: list[Counts], costs: npt.NDArray[np.float64], count: int
) -> list[int] | None:
    """Which ``count`` of ``zones`` hold each of ``buildings`` just once at the least cost.

    Returns
    -------
    list of int, or None
        Places in ``zones``; None where the solver proved nothing better than its limits allow.
    """
    if len(zones) > MOST_COLUMNS:
        cheapest = np.sort(np.argsort(costs / [len(zone) for zone in zones], kind="stable")[:MOST_COLUMNS])
        zones, costs = [zones[place] for place in cheapest.tolist()], costs[cheapest]
        back = cheapest.tolist()
    else:
        back = list(range(len(zones)))
    row_of = {building: row for row, building in enumerate(buildings.tolist())}
    rows = np.array([row_of[building] for zone in zones for building in zone.tolist()])
    starts = np.concatenate([[0], np.cumsum([len(zone) for zone in zones])])
    holds = csc_matrix((np.ones(len(rows)), rows, starts), shape=(len(buildings), len(zones)))
    table = vstack([holds, csc_matrix(np.ones((1, len(zones))))])
    right = np.concatenate([np.ones(len(buildings)), [float(count)]])
    answer = milp(
        costs,
        integrality=np.ones(len(zones)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(table, right, right),
        options={"node_limit": NODE_LIMIT, "mip_rel_gap": 0.0},
    )
    if answer.x is None:
        return None
    return [back[place] for place in np.flatnonzero(answer.x > 0.5).tolist()]
