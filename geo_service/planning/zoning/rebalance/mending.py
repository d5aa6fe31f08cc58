"""From a broken plan to the least changed one: exhaust small changes, else anneal and tighten."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE
from geo_service.planning.zoning.rebalance.annealing import MENDING, anneal
from geo_service.planning.zoning.rebalance.ground import (
    Ground,
    changes_in,
    cost_beside_distance,
    division_of,
    starting_labels,
    zone_cost,
)
from geo_service.planning.zoning.rebalance.moves import Repair, repair_of
from geo_service.planning.zoning.rebalance.repair import EXHAUSTED, find_repairs

# Zones this many borders away from what changed may help; each start looks further and longer.
NEAR = 3
MOVES = 60_000
MOST_STARTS = 3
LONGER = 4
# With more buildings to place, exhausting is hopeless.
MOST_PLACED = 8
# What remains for tightening when the first proof is given up.
PROOF_SHARE = 0.6
MOST_UNDONE = 4
# Plans with as many changes are compared by their objective as long as they are few.
MOST_UNDONE_FOR_OBJECTIVE = 2


class Mending:
    """One search for the least change.

    Parameters
    ----------
    ground : Ground
    budget : int
        Candidate moves that the proofs may look at in all.

    Attributes
    ----------
    labels : Counts or None
        The best plan so far.
    objective_m : float
        Its objective; infinite when there is none.
    least : int
        No plan within the rules has fewer changes.
    exhausted : bool
        Every plan was looked at.
    """

    def __init__(self, ground: Ground, budget: int) -> None:
        self.ground = ground
        self.budget = budget
        self.memory: Repair = repair_of(ground)
        self.start = starting_labels(ground)
        self.labels: Counts | None = None
        self.objective_m = np.inf
        self.least = _unavoidable(ground, self.start)
        self.exhausted = False

    @property
    def changes(self) -> int:
        """Changes of the best plan so far."""
        assert self.labels is not None
        return len(changed_buildings(self.ground, self.labels))

    def deepen(self) -> None:
        """Allow one change more until a plan is found, all are exhausted or the share is spent."""
        if len(np.unique(self.ground.unit_of[self.start == NOWHERE])) > MOST_PLACED:
            return
        everything = int((self.ground.earlier != NOWHERE).sum())
        for most in range(self.least, everything + 1):
            outcome = self._repair(self.start, most, int(PROOF_SHARE * self.budget))
            if self.labels is not None or outcome != EXHAUSTED:
                return
            self.least = most + 1
        self.exhausted = True

    def anneal(self, seed: int) -> None:
        """Find a plan with few changes where exhausting took too long."""
        labels = _deal(self.ground, self.start)
        for start in range(MOST_STARTS):
            around = _zones_around(self.ground, labels, NEAR * (start + 1))
            movable = np.flatnonzero(around[labels])
            found = anneal(self.ground, labels, movable, MENDING, MOVES * LONGER**start, seed + start)
            if found is not None:
                self.labels, self.objective_m = found, objective_of(self.ground, found)
                return

    def tighten(self) -> None:
        """Undo a few changes that lie together and mend the plan better, as long as that works."""
        undone = 1
        while undone <= MOST_UNDONE and self.labels is not None and self.memory.counts[1] < self.budget:
            better = [self._tighten_around(unit, undone) for unit in self._changed_units()]
            undone = 1 if any(better) else undone + 1

    def _changed_units(self) -> Counts:
        """Units that are not where they began."""
        assert self.labels is not None
        changed: Counts = np.unique(self.ground.unit_of[self.labels != self.start])
        return changed

    def _tighten_around(self, unit: int, undone: int) -> bool:
        """Undo ``unit`` and the changes nearest to it and look for a better mend; keep the others."""
        assert self.labels is not None
        ground, labels, decided = self.ground, self.labels, self.memory.decided
        changed = self._changed_units()
        places = ground.positions_m[ground.members[ground.member_starts[changed]]]
        here = ground.positions_m[ground.members[ground.member_starts[unit]]]
        nearest = np.argsort(((places - here) ** 2).sum(axis=1), kind="stable")[:undone]
        decided[:] = ground.stay != NOWHERE
        decided[changed] = True
        decided[changed[nearest]] = False
        before = (self.changes, self.objective_m)
        most = before[0] if undone <= MOST_UNDONE_FOR_OBJECTIVE else before[0] - 1
        self._repair(np.where(decided[ground.unit_of], labels, self.start), most, self.budget)
        return (self.changes, self.objective_m) < before

    def _repair(self, start: Counts, most: int, budget: int) -> int:
        """Mend ``start`` with at most ``most`` changes in all and keep the best plan; returns the outcome."""
        ground, memory = self.ground, self.memory
        spent = int(memory.decided[ground.unit_of[changed_buildings(ground, start)]].sum())
        left = budget - int(memory.counts[1])
        outcome = find_repairs(ground, division_of(ground, start), memory, spent, most, left)
        found = (memory.counts[0], memory.best_cost[0])
        if np.isfinite(found[1]) and (self.labels is None or found < (self.changes, self.objective_m)):
            self.labels, self.objective_m = memory.best.copy(), float(found[1])
        return outcome


def changed_buildings(ground: Ground, labels: Counts) -> Counts:
    """Buildings that had a zone and are in another one."""
    return np.flatnonzero((ground.earlier != NOWHERE) & (labels != ground.earlier))


def _zones_around(ground: Ground, labels: Counts, borders: int) -> npt.NDArray[np.bool_]:
    """Zones that break a rule or hold a changed building, and those up to ``borders`` away."""
    division = division_of(ground, labels)
    around = (division.loads > ground.highest) | (division.loads < ground.lowest) | (division.pieces > 1)
    around[labels[changed_buildings(ground, labels)]] = True
    around[labels[ground.members[ground.member_starts[ground.apart.ravel()]]]] = True
    mine = labels[np.repeat(np.arange(len(labels)), np.diff(ground.starts))]
    theirs = labels[ground.neighbours]
    for _ in range(borders):
        around[theirs[around[mine]]] = True
    return around


def objective_of(ground: Ground, labels: Counts) -> float:
    """The objective of a plan, in metres."""
    division = division_of(ground, labels)
    distance_m = sum(zone_cost(ground, division, zone)[0] for zone in range(len(division.sizes)))
    return distance_m + cost_beside_distance(ground, division, len(changed_buildings(ground, labels)))


def _unavoidable(ground: Ground, start: Counts) -> int:
    """Changes of what must move, wherever to."""
    usable = np.flatnonzero(ground.usable)
    firsts = start[ground.members[ground.member_starts[:-1]]]
    changes = 0
    for unit in np.flatnonzero((firsts == NOWHERE) | (ground.stay != NOWHERE)):
        zones = usable if firsts[unit] == NOWHERE else firsts[unit : unit + 1]
        changes += min(changes_in(ground, int(unit), zone) for zone in zones.tolist())
    return changes


def _deal(ground: Ground, start: Counts) -> Counts:
    """Give each building without a zone to one beside it: the one it overloads least, then the lightest."""
    labels = start.copy()
    loads = division_of(ground, start).loads.copy()
    waiting = set(ground.unit_of[start == NOWHERE].tolist())
    while waiting:
        options = [(unit, zone) for unit in waiting for zone in _zones_beside(ground, labels, unit)]
        if not options:
            options = [(unit, zone) for unit in waiting for zone in np.flatnonzero(ground.usable).tolist()]
        unit, zone = min(
            options,
            key=lambda move: (
                max(0, loads[move[1]] + ground.loads[move[0]] - ground.highest),
                loads[move[1]],
                move,
            ),
        )
        labels[ground.members[ground.member_starts[unit] : ground.member_starts[unit + 1]]] = zone
        loads[zone] += ground.loads[unit]
        waiting.remove(unit)
    return labels


def _zones_beside(ground: Ground, labels: Counts, unit: int) -> set[int]:
    members = ground.members[ground.member_starts[unit] : ground.member_starts[unit + 1]]
    rows = [ground.neighbours[ground.starts[each] : ground.starts[each + 1]] for each in members]
    return set(labels[np.concatenate(rows)].tolist()) - {NOWHERE}
