"""Why a zone is as it is: its load, the limits it touches, and the cheapest move that was refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.planning.model import Counts
from geo_service.planning.zoning.community.appraisal import distances_between
from geo_service.planning.zoning.problem import NOWHERE, Metres, ZoningProblem

# Millimetres are rounding, not a reason.
SAME_M = 1e-3


class Rule(Enum):
    """What refused a move."""

    LOCKED = "locked"
    BARRIER = "barrier"
    STAY = "stay"
    TOGETHER = "together"
    APART = "apart"
    ONLY = "only"
    UPPER = "upper"
    LOWER = "lower"
    CONNECTION = "connection"
    CHANGES = "changes"
    COST = "cost"
    NONE = "none"


@dataclass(frozen=True)
class RefusedMove:
    """One building that could have been in another zone.

    Parameters
    ----------
    building, giver, taker : int
        The building, its zone and the other one.
    cost_m : float
        What the move adds to the objective; negative where it would save.
    rule : Rule
        ``COST`` where the move only makes things worse; else the first rule that it would break, ``NONE``
        where the search overlooked it.
    """

    building: int
    giver: int
    taker: int
    cost_m: float
    rule: Rule


@dataclass(frozen=True)
class ZoneExplanation:
    """Why one zone is as it is.

    Parameters
    ----------
    zone, load : int
    full : bool
        At the upper limit: no neighbouring building fits in any more.
    lean : bool
        At the lower limit: it can spare no building with any load.
    move : RefusedMove, optional
        The cheapest move of one building into the zone or out of it; None where it has no neighbours.
    """

    zone: int
    load: int
    full: bool
    lean: bool
    move: RefusedMove | None


@dataclass(frozen=True)
class Surroundings:
    """What the problem itself does not know of its buildings.

    Parameters
    ----------
    locked : bool array, shape (n,) or (0,)
        Buildings of zones that were kept as they were.
    behind : Counts, shape (m, 2)
        Pairs of buildings that are near each other but parted by a barrier.
    """

    locked: npt.NDArray[np.bool_]
    behind: Counts


NOTHING_AROUND = Surroundings(np.empty(0, dtype=np.bool_), np.empty((0, 2), dtype=np.int64))


def explain_zones(
    problem: ZoningProblem, labels: Counts, surroundings: Surroundings = NOTHING_AROUND
) -> tuple[ZoneExplanation, ...]:
    """Explain every zone of ``labels``, 0 .. k - 1 for each building; exact, and apart from the search.

    Every building is tried in every zone of a neighbour, and of a building just behind a barrier.
    """
    division = _Division(problem, labels, surroundings)
    cheapest: dict[int, RefusedMove] = {}
    candidates = list(division.candidates())
    costs_m = division.costs_of_moving(candidates)
    for (building, taker, rule), cost_m in zip(candidates, costs_m.tolist(), strict=True):
        giver = int(labels[building])
        for zone in (giver, taker):
            if zone not in cheapest or cost_m < cheapest[zone].cost_m - SAME_M:
                cheapest[zone] = RefusedMove(building, giver, taker, cost_m, rule)
    known: dict[tuple[int, int], RefusedMove] = {}
    for move in cheapest.values():
        key = (move.building, move.taker)
        if key not in known:
            known[key] = division.judged(move)
    return tuple(
        ZoneExplanation(
            zone,
            int(division.loads[zone]),
            division.is_full(zone),
            division.is_lean(zone),
            known[cheapest[zone].building, cheapest[zone].taker] if zone in cheapest else None,
        )
        for zone in range(len(division.loads))
    )


class _Division:
    """The zones with what the cost of a move needs: distances within each zone, and their weighted sums."""

    def __init__(self, problem: ZoningProblem, labels: Counts, surroundings: Surroundings) -> None:
        self.problem = problem
        self.labels = labels
        self.surroundings = surroundings
        zones = int(labels.max()) + 1
        order = np.argsort(labels, kind="stable")
        self.members = np.split(order, np.searchsorted(labels[order], np.arange(1, zones)))
        self.loads = np.bincount(labels, weights=problem.loads, minlength=zones).astype(np.int64)
        self.weights = np.ones(problem.buildings) if problem.weights is None else problem.weights
        self.within_m = [distances_between(problem, members) for members in self.members]
        self.sums_m = [
            self.weights[members] @ within
            for members, within in zip(self.members, self.within_m, strict=True)
        ]
        self.costs_m = np.array([self._zone_m(zone, sums) for zone, sums in enumerate(self.sums_m)])

    def candidates(self) -> Iterator[tuple[int, int, Rule]]:
        """Building, zone to take it, and the rule known to forbid it, each pair once."""
        problem, labels = self.problem, self.labels
        owners = np.repeat(np.arange(problem.buildings), np.diff(problem.neighbour_starts))
        behind = self.surroundings.behind
        ones = np.concatenate([owners, behind[:, 0], behind[:, 1]])
        others = np.concatenate([problem.neighbours, behind[:, 1], behind[:, 0]])
        barred = np.arange(len(ones)) >= len(owners)
        outside = labels[ones] != labels[others]
        seen: set[tuple[int, int]] = set()
        # neighbours come first: a zone that can be reached is not behind a barrier
        for one, other, bar in zip(
            ones[outside].tolist(), others[outside].tolist(), barred[outside].tolist(), strict=True
        ):
            move = (one, int(labels[other]))
            if move not in seen:
                seen.add(move)
                yield *move, Rule.BARRIER if bar else Rule.NONE

    def costs_of_moving(self, moves: Sequence[tuple[int, int, Rule]]) -> Metres:
        """Metres that the objective grows by in each of ``moves`` (building, zone to take it)."""
        problem, aims = self.problem, self.problem.aims
        buildings, takers = np.array([move[:2] for move in moves], dtype=np.int64).reshape(-1, 2).T
        givers, loads = self.labels[buildings], problem.loads[buildings]
        changes_m = self._without_m()[buildings] + self._with_m(buildings, takers)
        changes_m -= self.costs_m[givers] + self.costs_m[takers]
        if aims.balance_m:
            off = self.loads - (self.loads.mean() if aims.target is None else aims.target)
            after = np.abs(off[givers] - loads) + np.abs(off[takers] + loads)
            changes_m += aims.balance_m * (after - np.abs(off[givers]) - np.abs(off[takers]))
        if aims.compactness_m:
            beside = self._neighbours_in_zones()
            opened = beside[buildings, givers] - beside[buildings, takers]
            changes_m += aims.compactness_m * np.asarray(opened).ravel()
        if problem.earlier is not None:
            more = [self._more_changes(*move[:2]) for move in moves]
            changes_m += problem.earlier.change_cost_m * np.array(more, dtype=np.float64)
        return changes_m

    def judged(self, move: RefusedMove) -> RefusedMove:
        """The move with the rule that refused it."""
        if move.cost_m >= -SAME_M:
            return replace(move, rule=Rule.COST)
        return move if move.rule is Rule.BARRIER else replace(move, rule=self._broken_rule(move))

    def is_full(self, zone: int) -> bool:
        """Whether the lightest neighbouring building is too much."""
        around = np.unique(np.concatenate([self._neighbours(member) for member in self.members[zone]]))
        outside = self.problem.loads[around[self.labels[around] != zone]]
        outside = outside[outside > 0]
        room = self.problem.limits.hi - self.loads[zone]
        return bool(room <= 0 or (len(outside) and outside.min() > room))

    def is_lean(self, zone: int) -> bool:
        """Whether the lightest building with a load is more than can be spared."""
        inside = self.problem.loads[self.members[zone]]
        inside = inside[inside > 0]
        spare = self.loads[zone] - self.problem.limits.lo
        return bool(self.problem.limits.lo > 0 and (spare <= 0 or (len(inside) and inside.min() > spare)))

    def _broken_rule(self, move: RefusedMove) -> Rule:
        problem, rules = self.problem, self.problem.rules
        building, load = move.building, int(problem.loads[move.building])
        locked = self.surroundings.locked
        if len(locked) and (locked[building] or locked[self.members[move.taker][0]]):
            return Rule.LOCKED
        if len(rules.stay) and rules.stay[building] != NOWHERE:
            return Rule.STAY
        if any(building in pair for pair in rules.together.tolist()):
            return Rule.TOGETHER
        foes = {other for pair in rules.apart.tolist() if building in pair for other in pair} - {building}
        if any(self.labels[foe] == move.taker for foe in foes):
            return Rule.APART
        if len(self.members[move.giver]) == 1:
            return Rule.ONLY
        if self.loads[move.taker] + load > problem.limits.hi:
            return Rule.UPPER
        if self.loads[move.giver] - load < problem.limits.lo:
            return Rule.LOWER
        if problem.connected and not self._hangs_together_without(move.giver, building):
            return Rule.CONNECTION
        if self._exceeds_changes(building, move.taker):
            return Rule.CHANGES
        return Rule.NONE

    def _zone_m(self, zone: int, sums: Metres) -> float:
        centre = self._fixed_centre(zone)
        if centre is None:
            return float(sums.min())
        return float(sum(self._to_centre_m(int(member), centre) for member in self.members[zone]))

    def _without_m(self) -> Metres:
        """What the zone of each building costs without it."""
        without_m = np.zeros(len(self.labels))
        for zone, members in enumerate(self.members):
            centre = self._fixed_centre(zone)
            if centre is not None:
                own_m = [self._to_centre_m(int(member), centre) for member in members]
                without_m[members] = self.costs_m[zone] - own_m
            elif len(members) > 1:
                sums = self.sums_m[zone] - self.weights[members][:, None] * self.within_m[zone]
                np.fill_diagonal(sums, np.inf)
                without_m[members] = sums.min(axis=1)
        return without_m

    def _with_m(self, buildings: Counts, takers: Counts) -> Metres:
        """What each of ``takers`` costs with the building that comes to it."""
        with_m = np.empty(len(buildings))
        for zone in np.unique(takers):
            coming = np.flatnonzero(takers == zone)
            centre = self._fixed_centre(zone)
            if centre is not None:
                own_m = [self._to_centre_m(int(building), centre) for building in buildings[coming]]
                with_m[coming] = self.costs_m[zone] + own_m
                continue
            members, weights = self.members[zone], self.weights[buildings[coming]]
            away_m = self._away_m(buildings[coming], members)
            others_m = (self.sums_m[zone] + weights[:, None] * away_m).min(axis=1)
            with_m[coming] = np.minimum(away_m @ self.weights[members], others_m)
        return with_m

    def _away_m(self, buildings: Counts, members: Counts) -> Metres:
        problem = self.problem
        if problem.distances_m is not None:
            walked: Metres = problem.distances_m[np.ix_(buildings, members)].astype(np.float64)
            return walked
        apart = problem.positions_m[buildings][:, None] - problem.positions_m[members]
        away: Metres = np.hypot(apart[:, :, 0], apart[:, :, 1])
        return away

    def _neighbours_in_zones(self) -> csr_matrix:
        """How many neighbours each building has in each zone, shape (n, k)."""
        problem, count = self.problem, self.problem.buildings
        links = (np.ones(len(problem.neighbours)), problem.neighbours, problem.neighbour_starts)
        inside = (np.ones(count), (np.arange(count), self.labels))
        return csr_matrix(links, (count, count)) @ csr_matrix(inside, (count, len(self.members)))

    def _fixed_centre(self, zone: int) -> Metres | None:
        centres = self.problem.rules.centres_m
        if zone >= len(centres) or np.isnan(centres[zone]).any():
            return None
        centre: Metres = centres[zone]
        return centre

    def _to_centre_m(self, building: int, centre: Metres) -> float:
        return float(self.weights[building] * np.hypot(*(self.problem.positions_m[building] - centre)))

    def _neighbours(self, building: int) -> Counts:
        start, end = self.problem.neighbour_starts[building : building + 2]
        return self.problem.neighbours[start:end]

    def _hangs_together_without(self, zone: int, building: int) -> bool:
        problem = self.problem
        rest = self.members[zone][self.members[zone] != building]
        links = (np.ones(len(problem.neighbours)), problem.neighbours, problem.neighbour_starts)
        graph = csr_matrix(links, (problem.buildings, problem.buildings))[rest][:, rest]
        return int(connected_components(graph, directed=False)[0]) == 1

    def _more_changes(self, building: int, taker: int) -> int:
        earlier = self.problem.earlier
        if earlier is None or earlier.zone_of[building] < 0:
            return 0
        before = earlier.zone_of[building]
        return int(before != taker) - int(before != self.labels[building])

    def _exceeds_changes(self, building: int, taker: int) -> bool:
        earlier = self.problem.earlier
        if earlier is None or earlier.most_changes is None:
            return False
        changed = int(((earlier.zone_of >= 0) & (earlier.zone_of != self.labels)).sum())
        return changed + self._more_changes(building, taker) > earlier.most_changes
