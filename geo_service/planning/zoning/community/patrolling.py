"""The last pass over the borders of zones: buildings change zone where that saves more than it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.patrol import walking_order, walking_orders
from geo_service.planning.zoning.community.appraisal import appraise, zone_cost
from geo_service.planning.zoning.problem import Metres, ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.progress import Progress, silent

STAGE = "patrol.stage_borders"
MOST_ROUNDS = 20
# A saving below this is rounding.
LEAST_SAVING_M = 1e-6


@dataclass(frozen=True)
class PatrolPass:
    """Zones after the pass, and what it changed.

    Parameters
    ----------
    result : ZoningResult
        Its ``objective_m`` is without the walks.
    patrol_before_m, patrol_after_m : float
        Length of all walks.
    objective_before_m : float
    exchanges : int
        How often one building changed zone, or two were exchanged.
    """

    result: ZoningResult
    patrol_before_m: float
    patrol_after_m: float
    objective_before_m: float
    exchanges: int


@dataclass(frozen=True)
class _Walked:
    """One zone: its buildings in walking order, the length of the walk and its distance to the centre."""

    order: Counts
    length_m: float
    distance_m: float


def patrol_pass(
    problem: ZoningProblem,
    result: ZoningResult,
    *,
    patrol_weight: float,
    seed: int = 1,
    progress: Progress = silent,
) -> PatrolPass:
    """Move and exchange border buildings while objective + ``patrol_weight`` x walks falls.

    Moves are chosen by cheapest insertion and removal, and made where both walks, found anew, confirm the
    saving and every rule holds. Ends when no neighbours of different zones are left to improve.

    Parameters
    ----------
    result : ZoningResult
        An infeasible one is given back as it is.
    patrol_weight : float
        Metres of the objective that one metre of the walks is worth; 0 leaves the zones as they are.
    progress : Progress
        May raise ``Cancelled``.
    """
    if not result.feasible or patrol_weight <= 0:
        zones = [np.flatnonzero(result.labels == zone) for zone in np.unique(result.labels)]
        walks = walking_orders(zones, problem.positions_m, distances_m=problem.distances_m, seed=seed)
        patrol_m = sum(walk.length_m for walk in walks)
        return PatrolPass(result, patrol_m, patrol_m, result.objective_m, 0)
    borders = _Borders(problem, result.labels, patrol_weight, seed)
    before_m = borders.patrol_m
    exchanges = 0
    for number in range(MOST_ROUNDS):
        progress(STAGE, number, MOST_ROUNDS)
        made = sum(borders.improve(one, other) for one, other in borders.neighbours_of_other_zones())
        exchanges += made
        if not made:
            break
    progress(STAGE, MOST_ROUNDS, MOST_ROUNDS)
    worth = appraise(problem, borders.labels)
    after = replace(
        result,
        labels=borders.labels,
        medoids=worth.medoids,
        loads=worth.loads,
        distance_m=float(worth.distances_m.sum()),
        objective_m=worth.objective_m,
    )
    return PatrolPass(after, before_m, borders.patrol_m, result.objective_m, exchanges)


class _Borders:
    """Labels and walks as they change."""

    def __init__(self, problem: ZoningProblem, labels: Counts, patrol_weight: float, seed: int) -> None:
        self.problem = problem
        self.labels = labels.copy()
        self._weight = patrol_weight
        self._seed = seed
        self._around = np.split(problem.neighbours, problem.neighbour_starts[1:-1])
        self._fixed = np.zeros(problem.buildings, dtype=np.bool_)
        if len(problem.rules.stay):
            self._fixed |= problem.rules.stay >= 0
        self._fixed[problem.rules.together.ravel()] = True
        self._apart: dict[int, set[int]] = {}
        for one, other in problem.rules.apart.tolist():
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)
        self._zones = [
            self._walked(np.flatnonzero(labels == zone), zone) for zone in range(int(labels.max()) + 1)
        ]
        target = problem.aims.target
        self._target = float(problem.loads.sum()) / len(self._zones) if target is None else target
        # what was tried in vain, with the walks it was tried on
        self._vain: dict[tuple[int, int], tuple[_Walked, _Walked]] = {}

    @property
    def patrol_m(self) -> float:
        """Length of all walks."""
        return sum(zone.length_m for zone in self._zones)

    def neighbours_of_other_zones(self) -> Iterator[tuple[int, int]]:
        """Pairs of neighbours that are in different zones when their turn comes."""
        for one, around in enumerate(self._around):
            for other in around.tolist():
                if self.labels[one] != self.labels[other]:
                    yield one, other

    def improve(self, one: int, other: int) -> bool:
        """Move ``one`` into the zone of ``other``, or else exchange the two, where that saves."""
        giver, taker = int(self.labels[one]), int(self.labels[other])
        if giver == taker:
            return False
        tried_on = (self._zones[giver], self._zones[taker])
        vain = self._vain.get((one, other))
        if vain is not None and vain[0] is tried_on[0] and vain[1] is tried_on[1]:
            return False
        if self._try([one], giver, taker) or (one < other and self._try([one, other], giver, taker)):
            return True
        self._vain[one, other] = tried_on
        return False

    def _try(self, movers: list[int], giver: int, taker: int) -> bool:
        """Make the move of the first of ``movers`` to ``taker``, of the second to ``giver``."""
        if self._fixed[movers].any():
            return False
        goal = dict(zip(movers, (taker, giver), strict=False))
        zones = {
            zone: np.array(
                [each for each in self._zones[zone].order if each not in goal]
                + [each for each in movers if goal[each] == zone],
                dtype=np.int64,
            )
            for zone in (giver, taker)
        }
        if not all(self._keeps_rules(members, zone) for zone, members in zones.items()):
            return False
        cost_m = self._cost_beside_walks(goal, zones)
        if cost_m is None:
            return False
        expected_m = sum(self._expected_length(zone, movers, goal) for zone in zones)
        before_m = sum(self._zones[zone].length_m for zone in zones)
        if cost_m + self._weight * (expected_m - before_m) > -LEAST_SAVING_M:
            return False
        if not all(self._hangs_together(members) for members in zones.values()):
            return False
        walked = {zone: self._walked(members, zone) for zone, members in zones.items()}
        after_m = sum(zone.length_m for zone in walked.values())
        if cost_m + self._weight * (after_m - before_m) > -LEAST_SAVING_M:
            return False
        for zone, members in zones.items():
            self.labels[members] = zone
            self._zones[zone] = walked[zone]
        return True

    def _walked(self, members: Counts, zone: int) -> _Walked:
        members = np.sort(members)
        matrix = self.problem.distances_m
        within = None if matrix is None else matrix[np.ix_(members, members)]
        walk = walking_order(self.problem.positions_m[members], distances_m=within, seed=self._seed)
        return _Walked(members[walk.order], walk.length_m, zone_cost(self.problem, members, zone)[0])

    def _keeps_rules(self, members: Counts, zone: int) -> bool:
        limits = self.problem.limits
        if not len(members) or not limits.lo <= int(self.problem.loads[members].sum()) <= limits.hi:
            return False
        held = set(members.tolist())
        return not any(self._apart.get(each, set()) & held for each in held & self._apart.keys())

    def _cost_beside_walks(self, goal: dict[int, int], zones: dict[int, Counts]) -> float | None:
        """Change of the objective, in metres; None where more buildings than allowed would change zone."""
        problem, aims, earlier = self.problem, self.problem.aims, self.problem.earlier
        cost_m = 0.0
        for zone, members in zones.items():
            cost_m += zone_cost(problem, members, zone)[0] - self._zones[zone].distance_m
            imbalance = self._imbalance(members) - self._imbalance(self._zones[zone].order)
            cost_m += aims.balance_m * imbalance
        cost_m += aims.compactness_m * (self._border_pairs(goal, goal) - self._border_pairs(goal, {}))
        if earlier is not None:
            new, old = list(goal.values()), self.labels[list(goal)]
            was = earlier.zone_of[list(goal)]
            more = int((was[was >= 0] != np.array(new)[was >= 0]).sum()) - int((was != old)[was >= 0].sum())
            changes = int(((earlier.zone_of >= 0) & (earlier.zone_of != self.labels)).sum()) + more
            if earlier.most_changes is not None and changes > earlier.most_changes:
                return None
            cost_m += earlier.change_cost_m * more
        return cost_m

    def _imbalance(self, members: Counts) -> float:
        return abs(float(self.problem.loads[members].sum()) - self._target)

    def _border_pairs(self, moved: dict[int, int], goal: dict[int, int]) -> int:
        """Border pairs with one of ``moved`` in them, when the buildings of ``goal`` are in those zones."""
        pairs = {
            (min(one, other), max(one, other))
            for one in moved
            for other in self._around[one].tolist()
            if goal.get(one, self.labels[one]) != goal.get(other, self.labels[other])
        }
        return len(pairs)

    def _expected_length(self, zone: int, movers: list[int], goal: dict[int, int]) -> float:
        """Length of a zone's walk with the leavers skipped and the joiners put in where that is cheapest."""
        order = np.array([each for each in self._zones[zone].order if each not in goal], dtype=np.int64)
        length_m = float(self._apart_m(order, np.roll(order, -1)).sum())
        for joining in (each for each in movers if goal[each] == zone):
            there = self._apart_m(order, np.full(len(order), joining))
            detours = there + np.roll(there, -1) - self._apart_m(order, np.roll(order, -1))
            length_m += float(detours.min()) if len(order) else 0.0
        return length_m

    def _apart_m(self, ones: Counts, others: Counts) -> Metres:
        if self.problem.distances_m is not None:
            return self.problem.distances_m[ones, others].astype(np.float64)
        away: Metres = np.hypot(*(self.problem.positions_m[ones] - self.problem.positions_m[others]).T)
        return away

    def _hangs_together(self, members: Counts) -> bool:
        if not self.problem.connected:
            return True
        waiting = set(members.tolist())
        reached = [waiting.pop()]
        while reached:
            found = waiting.intersection(self._around[reached.pop()].tolist())
            waiting -= found
            reached += found
        return not waiting
