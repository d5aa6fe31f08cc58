"""The whole search for one number of zones: anneal everything, then re-anneal groups of nearby zones."""

from __future__ import annotations

import heapq
import math

import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.zoning.annealing import Cooling, RandomState, anneal
from geo_service.planning.zoning.construct import grow_zones
from geo_service.planning.zoning.partition import (
    Partition,
    Terrain,
    all_connected,
    partition_of,
    rebuild,
    terrain_of,
)
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.progress import Progress

STAGE = "zoning.stage_search"
CHUNK_MOVES = 500_000
# Shares and temperatures were tuned on street blocks with 300-household zones.
MAIN_SHARE = 0.7
HOTTEST = 1.0
COLDEST = 0.025
VIOLATION_WEIGHT = 50.0


class Search:
    """One run: the state, its random numbers and the moves spent so far.

    Parameters
    ----------
    problem : ZoningProblem
    zones : int
        Number of zones.
    seed : int
    labels : Counts, optional
        Connected zones to start from; grown when None.
    stiffness : float
        How hard the limits are from the start; 1 shortens distances best, 10 keeps loads together.
    """

    def __init__(
        self,
        problem: ZoningProblem,
        zones: int,
        seed: int,
        labels: Counts | None = None,
        *,
        stiffness: float = 1.0,
    ) -> None:
        self.problem = problem
        self.random = np.random.default_rng([seed, zones])
        self.state: RandomState = self.random.integers(0, 2**63, size=1).astype(np.uint64)
        self.terrain: Terrain = terrain_of(problem)
        start = grow_zones(problem, zones, self.random) if labels is None else labels
        self.partition: Partition = partition_of(self.terrain, start, zones)
        self.zones = zones
        self.stiffness = stiffness
        # metres a building, and metres a household: the natural units of temperature and penalty
        self.metres = max(float(self.partition.costs.sum()) / problem.buildings, 1e-6)
        self.metres_per_household = self.metres / max(float(problem.loads.mean()), 1.0)
        self.spent = 0

    def run(self, moves: int, progress: Progress) -> None:
        """Spend ``moves`` proposed moves."""
        if self.zones == 1:
            return
        self._anneal_everywhere(int(moves * MAIN_SHARE), moves, progress)
        while self.spent < moves:
            progress(STAGE, self.spent, moves)
            self._improve_group()

    def polish(self, moves: int) -> None:
        """Improve a feasible start without leaving feasibility for long."""
        while self.zones > 1 and self.spent < moves:
            self._improve_group()

    def result(self) -> ZoningResult:
        """The state as an answer, its sums recomputed."""
        rebuild(self.terrain, self.partition, np.arange(self.problem.buildings), np.arange(self.zones))
        return ZoningResult(
            labels=self.partition.labels.copy(),
            medoids=self.partition.medoids.copy(),
            loads=self.partition.loads.copy(),
            distance_m=float(self.partition.costs.sum()),
            objective_m=float(self.partition.costs.sum()),
            violation=int(self._violations(np.arange(self.zones)).sum()),
        )

    def _violations(self, zones: Counts) -> Counts:
        loads = self.partition.loads[zones]
        limits = self.problem.limits
        violations: Counts = np.maximum(loads - limits.hi, 0) + np.maximum(limits.lo - loads, 0)
        return violations

    def _score(self, zones: Counts) -> float:
        violation = float(self._violations(zones).sum())
        cost = float(self.partition.costs[zones].sum())
        return cost + VIOLATION_WEIGHT * self.metres_per_household * violation

    def _anneal_everywhere(self, moves: int, total: int, progress: Progress) -> None:
        everything = np.arange(self.problem.buildings)
        active = np.ones(self.zones, dtype=np.bool_)
        chunks = max(1, -(-moves // CHUNK_MOVES))
        heat = np.geomspace(HOTTEST * self.metres, COLDEST * self.metres, chunks + 1)
        penalty = np.geomspace(
            self.stiffness * self.metres_per_household, 60 * self.metres_per_household, chunks + 1
        )
        for chunk in range(chunks):
            progress(STAGE, self.spent, total)
            cooling = Cooling(
                heat[chunk], heat[chunk + 1], penalty[chunk], penalty[chunk + 1], max(1, moves // chunks)
            )
            anneal(self.terrain, self.partition, everything, active, cooling, self.state)
            self.spent += cooling.moves
        self._drop_rounding()

    def _drop_rounding(self) -> None:
        """Incremental sums drift by rounding; recompute them."""
        rebuild(self.terrain, self.partition, np.arange(self.problem.buildings), np.arange(self.zones))

    def _improve_group(self) -> None:
        """Re-anneal a few zones that lie together; keep the outcome only if it is better."""
        group = self._pick_group()
        buildings = np.concatenate(
            [self.partition.members[zone, : self.partition.sizes[zone]] for zone in group]
        )
        buildings.sort()
        labels = self.partition.labels[buildings].copy()
        before = self._score(group)
        if len(group) > 2 and self.random.random() < 0.4:
            self._dissolve_and_split(group, buildings)
        active = np.zeros(self.zones, dtype=np.bool_)
        active[group] = True
        heat = float(self.random.choice([0.05, 0.12, 0.25])) * self.metres
        moves = len(buildings) * int(self.random.choice([60, 200]))
        unit = self.metres_per_household
        cooling = Cooling(heat, 0.004 * self.metres, unit, 30 * unit, moves)
        anneal(self.terrain, self.partition, buildings, active, cooling, self.state)
        self.spent += moves
        worse = self._score(group) > before + 1e-9
        if worse or not all_connected(self.terrain, self.partition, group):
            self.partition.labels[buildings] = labels
            rebuild(self.terrain, self.partition, buildings, group)

    def _pick_group(self) -> Counts:
        everywhere = np.arange(self.zones)
        wrong = np.flatnonzero(self._violations(everywhere))
        if len(wrong) and self.random.random() >= 0.3:
            centre = int(self.random.choice(wrong))
        else:
            centre = int(self.random.integers(self.zones))
        size = min(self.zones, int(self.random.integers(2, 9)))
        medoids = self.problem.positions_m[self.partition.medoids]
        squared = ((medoids - medoids[centre]) ** 2).sum(axis=1)
        group: Counts = np.argsort(squared, kind="stable")[:size].astype(np.int64)
        return group

    def _dissolve_and_split(self, group: Counts, buildings: Counts) -> None:
        """Deal one zone's buildings to its neighbours in the group and cut a costly one in two.

        The number of zones stays, and so does connection; where nobody can take the buildings, nothing
        changes. A zone too light, walled in by buildings its neighbours cannot spare, is freed this way.
        """
        labels = self.partition.labels
        light = group[self.partition.loads[group] < self.problem.limits.lo]
        dissolved = int(self.random.choice(light if len(light) else group))
        others = group[group != dissolved]
        chances = self.partition.costs[others] * self.random.random(len(others))
        split = int(others[int(np.argmax(chances))])
        leaving = np.sort(self.partition.members[dissolved, : self.partition.sizes[dissolved]])
        if self.partition.sizes[split] < 4 or len(buildings) > self.partition.members.shape[1]:
            return
        fringe: list[tuple[float, int, int]] = []
        for building in leaving.tolist():
            for neighbour in self._neighbours(building):
                zone = int(labels[neighbour])
                if zone in others:
                    metres = self._apart(building, int(self.partition.medoids[zone]))
                    fringe.append((metres, building, zone))
        if not self._grow(leaving, fringe):
            return
        halved = buildings[labels[buildings] == split]
        one = int(self.random.choice(halved))
        other = max(halved.tolist(), key=lambda building: self._apart(building, one))
        self._grow(halved, [(0.0, one, split), (0.0, other, dissolved)])
        rebuild(self.terrain, self.partition, buildings, group)

    def _grow(self, free: Counts, fringe: list[tuple[float, int, int]]) -> bool:
        """Label the ``free`` buildings outwards from ``fringe`` (metres, building, zone), nearest first.

        False, with the labels as before, when some cannot be reached.
        """
        labels = self.partition.labels
        before = labels[free].copy()
        waiting = set(free.tolist())
        heapq.heapify(fringe)
        while fringe and waiting:
            metres, building, zone = heapq.heappop(fringe)
            if building not in waiting:
                continue
            waiting.remove(building)
            labels[building] = zone
            for neighbour in self._neighbours(building):
                if neighbour in waiting:
                    heapq.heappush(fringe, (metres + self._apart(building, neighbour), neighbour, zone))
        if waiting:
            labels[free] = before
        return not waiting

    def _neighbours(self, building: int) -> list[int]:
        start, end = self.terrain.starts[building : building + 2]
        neighbours: list[int] = self.terrain.neighbours[start:end].tolist()
        return neighbours

    def _apart(self, one: int, other: int) -> float:
        east = self.terrain.east[one] - self.terrain.east[other]
        north = self.terrain.north[one] - self.terrain.north[other]
        return math.hypot(east, north)
