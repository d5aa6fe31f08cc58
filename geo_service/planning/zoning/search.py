"""The whole search for one number of zones: anneal everything, then re-anneal groups of nearby zones.

Annealing: Kirkpatrick, Gelatt and Vecchi 1983. Re-optimising groups of parts in turn: POPMUSIC, Taillard and
Voss 2002. The load penalty hardens while the temperature falls, so that zones first find their places and
then their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.annealing import Cooling, RandomState, anneal
from geo_service.planning.zoning.construct import start_labels
from geo_service.planning.zoning.partition import (
    Partition,
    Terrain,
    medoid_of,
    partition_of,
    rebuild,
    terrain_of,
)
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.recombination import ZonePool, best_choice
from geo_service.planning.zoning.connection import is_connected
from geo_service.planning.zoning.relocation import dissolve_and_split
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.scoring import (
    aims_cost,
    load_violation,
    rules_broken,
    squared_distances_to_zone,
    torn_zones,
)
from geo_service.planning.zoning.stop import SearchState, Stop
from geo_service.progress import Progress

STAGE = "zoning.stage_search"
CHUNK_MOVES = 250_000
QUENCH_MOVES_PER_BUILDING = 30
# A group ends outside the limits only where that is all it can do.
VIOLATION_WEIGHT = 50.0


@dataclass(frozen=True)
class Schedule:
    """How the search spends its moves; temperatures in mean distances of a building to its centre.

    Tuned on street blocks with 300-household zones and on published p-median instances.
    """

    main_share: float = float(__import__('os').environ.get('MS','0.5'))
    hottest: float = 2.0
    coldest: float = 0.025
    softest: float = 4.0
    hardest: float = 100.0
    group_heats: tuple[float, ...] = eval(__import__('os').environ.get('GH','(0.1, 0.25, 0.5)'))
    group_coldest: float = 0.004
    group_moves: tuple[int, ...] = eval(__import__('os').environ.get('GM','(60, 200)'))
    largest_group: int = 8


class Search:
    """One run: the state, its random numbers, the moves spent, and the best labels so far.

    Parameters
    ----------
    problem : ZoningProblem
    zones : int
        Number of zones.
    seed : int
    labels : Counts, optional
        Labels to start from, within the rules; grown when None.
    schedule : Schedule
    stop : Stop
    """

    def __init__(
        self,
        problem: ZoningProblem,
        zones: int,
        seed: int,
        *,
        stop: Stop,
        labels: Counts | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.problem = problem
        self.zones = zones
        self.stop = stop
        self.schedule = schedule or Schedule()
        self.random = np.random.default_rng([seed, zones])
        self.state: RandomState = self.random.integers(0, 2**63, size=1).astype(np.uint64)
        self.terrain: Terrain = terrain_of(problem, zones)
        start = start_labels(problem, zones, self.random) if labels is None else labels
        self.partition: Partition = partition_of(self.terrain, start, zones)
        self.movable = np.flatnonzero(self.terrain.movable)
        self.every_zone = np.arange(zones)
        self.every_building = np.arange(problem.buildings)
        # the natural units of temperature and penalty: a building's mean distance, and that a mean load
        self.mean_cost = max(float(self.partition.costs.sum()) / problem.buildings, 1.0)
        self.mean_load = max(float(problem.loads.mean()), 1.0)
        self.pool = ZonePool()
        self.moves = 0
        self.improved_at = 0
        self.best_labels = self.partition.labels.copy()
        self.best = self._standing()

    def run(self, moves: int, progress: Progress) -> None:
        """Spend ``moves`` proposed moves, or fewer when told to stop.

        A quick quench comes first, so that a search that is stopped early has an answer.
        """
        if self.zones == 1:
            return
        self.anneal_stretch(1.0, 1.2, QUENCH_MOVES_PER_BUILDING * self.problem.buildings)
        self.keep_if_best()
        self._anneal_everywhere(int(moves * self.schedule.main_share), moves, progress)
        self.keep_if_best()
        self.improve(moves, progress)

    def improve(self, moves: int, progress: Progress) -> None:
        """Re-anneal groups of zones until ``moves`` are spent in all."""
        attempts = 0
        while self.zones > 1 and self.moves < moves and not self._stops():
            progress(STAGE, min(self.moves, moves), moves)
            if self._improve_group():
                self.improved_at = self.moves
            attempts += 1
            import os
            if attempts % int(os.environ.get('RE','20')) == 0:
                mean = self.problem.buildings / self.zones
                if self.recombine(max(2, min(self.zones, int(int(os.environ.get('RB','400')) / mean)))):
                    self.improved_at = self.moves
        self.keep_if_best()

    def result(self) -> ZoningResult:
        """The best division found."""
        self._return_to_best()
        units_per_m = self.terrain.units_per_m
        medoids = [medoid_of(self.terrain, self.partition, zone) for zone in range(self.zones)]
        violation, objective = self._standing()
        return ZoningResult(
            labels=self.best_labels,
            medoids=np.array(medoids, dtype=np.int64),
            loads=self.partition.loads.copy(),
            distance_m=float(self.partition.costs.sum()) / units_per_m,
            objective_m=objective / units_per_m,
            violation=violation,
        )

    def begin_again(self) -> None:
        """Start from new seeds; the best division and the pool of zones stay."""
        self.partition.labels[:] = start_labels(self.problem, self.zones, self.random)
        rebuild(self.terrain, self.partition, self.every_building, self.every_zone)

    def combine_with_best(self) -> None:
        """Go back to the best division and better it by the zones met since, region by region."""
        self._remember(self.every_zone)
        self.keep_if_best()
        self._return_to_best()
        tries = 0
        zones = max(2, min(self.zones, int(400*self.zones / self.problem.buildings)))
        while tries < -(-2*self.zones // zones):
            tries = 0 if self.recombine(zones) and zones<self.zones else tries + 1
        self.keep_if_best()

    def _standing(self) -> tuple[int, float]:
        """Violation and objective (units) of the current division: the lesser, the better."""
        violation = int(load_violation(self.terrain, self.partition, self.every_zone))
        violation += int(rules_broken(self.terrain, self.partition, self.every_building))
        violation += int(torn_zones(self.terrain, self.partition, self.every_zone))
        violation += self._joined_broken()
        return violation, float(aims_cost(self.terrain, self.partition, self.every_zone, self.every_building))

    def _joined_broken(self) -> int:
        labels, rules = self.partition.labels, self.problem.rules
        broken = int((labels[rules.together[:, 0]] != labels[rules.together[:, 1]]).sum())
        if len(rules.stay):
            broken += int(((rules.stay >= 0) & (labels != rules.stay)).sum())
        return broken

    def keep_if_best(self) -> None:
        """Remember the current division when it is the best so far."""
        standing = self._standing()
        if standing <= self.best:
            if standing < self.best:
                self.improved_at = self.moves
            self.best = standing
            self.best_labels = self.partition.labels.copy()

    def _return_to_best(self) -> None:
        self.partition.labels[:] = self.best_labels
        rebuild(self.terrain, self.partition, self.every_building, self.every_zone)

    def _stops(self) -> bool:
        violation, objective = self.best
        objective_m = float("inf") if violation else objective / self.terrain.units_per_m
        return self.stop(SearchState(self.moves, self.moves - self.improved_at, objective_m))

    def anneal_stretch(self, begin: float, end: float, moves: int) -> None:
        """Anneal over all zones while the schedule goes from the share ``begin`` of its way to ``end``."""
        if not len(self.movable):
            return
        schedule = self.schedule
        unit = self.mean_cost / self.mean_load
        heat = np.geomspace(schedule.hottest, schedule.coldest, 2) * self.mean_cost
        penalty = np.geomspace(schedule.softest, schedule.hardest, 2) * unit
        cooling = Cooling(
            heat[0] * (heat[1] / heat[0]) ** begin,
            heat[0] * (heat[1] / heat[0]) ** end,
            penalty[0] * (penalty[1] / penalty[0]) ** begin,
            penalty[0] * (penalty[1] / penalty[0]) ** end,
            self.mean_load,
            moves,
        )
        active = np.ones(self.zones, dtype=np.bool_)
        anneal(self.terrain, self.partition, self.movable, active, cooling, self.state)
        self.moves += moves

    def _anneal_everywhere(self, moves: int, total: int, progress: Progress) -> None:
        chunks = max(1, -(-moves // CHUNK_MOVES))
        for chunk in range(chunks):
            progress(STAGE, min(self.moves, total), total)
            if self._stops():
                return
            self.anneal_stretch(chunk / chunks, (chunk + 1) / chunks, max(1, moves // chunks))

    def _improve_group(self) -> bool:
        """Re-anneal a few zones that lie together, and keep the outcome only if it is no worse."""
        group = self._pick_group()
        buildings = self._members(group)
        labels = self.partition.labels[buildings].copy()
        before = self._score(group, buildings)
        if len(group) > 2 and self.random.random() < 0.4:
            dissolve_and_split(self.problem, self.terrain, self.partition, group, buildings, self.random)
        active = np.zeros(self.zones, dtype=np.bool_)
        active[group] = True
        heat = float(self.random.choice(self.schedule.group_heats)) * self.mean_cost
        moves = len(buildings) * int(self.random.choice(self.schedule.group_moves))
        unit = self.mean_cost / self.mean_load
        coldest = self.schedule.group_coldest * self.mean_cost
        cooling = Cooling(heat, coldest, unit, 30 * unit, self.mean_load, moves)
        movable = buildings[self.terrain.movable[buildings]]
        if len(movable):
            anneal(self.terrain, self.partition, movable, active, cooling, self.state)
        self.moves += moves
        after = self._score(group, buildings)
        self._remember(group)
        if after > before or torn_zones(self.terrain, self.partition, group):
            self.partition.labels[buildings] = labels
            rebuild(self.terrain, self.partition, buildings, group)
            return False
        return after < before

    def _remember(self, group: Counts) -> None:
        """Put the zones of a group that keep the rules into the pool."""
        loads, limits = self.partition.loads, self.problem.limits
        for zone in group.tolist():
            size = self.partition.sizes[zone]
            if size and limits.lo <= loads[zone] <= limits.hi:
                if self.problem.connected and not is_connected(self.terrain, self.partition, zone): continue
                self.pool.add(np.sort(self.partition.members[zone, :size]), float(self.partition.costs[zone]))

    def recombine(self, zones_wanted) -> bool:
        """Choose anew among the zones met so far, over one region."""
        centre = int(self.random.integers(self.zones))
        squared = squared_distances_to_zone(self.partition, centre, np.empty(self.zones))
        group = np.argsort(squared, kind="stable")[:zones_wanted].astype(np.int64)
        self._remember(group)
        buildings = self._members(group)
        region = np.zeros(self.problem.buildings, dtype=np.bool_)
        region[buildings] = True
        zones, costs = self.pool.inside(region)
        chosen = best_choice(buildings, zones, costs, len(group))
        if chosen is None:
            return False
        labels = self.partition.labels[buildings].copy()
        before = self._score(group, buildings)
        for zone, place in zip(group.tolist(), chosen, strict=True):
            self.partition.labels[zones[place]] = zone
        rebuild(self.terrain, self.partition, buildings, group)
        after = self._score(group, buildings)
        if after >= before:
            self.partition.labels[buildings] = labels
            rebuild(self.terrain, self.partition, buildings, group)
            return False
        return True

    def _members(self, zones: Counts) -> Counts:
        width = self.partition.members.shape[1]
        inside = np.arange(width) < self.partition.sizes[zones][:, None]
        return np.sort(self.partition.members[zones][inside])

    def _score(self, zones: Counts, buildings: Counts) -> float:
        violation = load_violation(self.terrain, self.partition, zones)
        broken = rules_broken(self.terrain, self.partition, buildings) if self.terrain.ruled else 0
        weight = VIOLATION_WEIGHT * self.mean_cost / self.mean_load
        return float(
            aims_cost(self.terrain, self.partition, zones, buildings)
            + weight * (violation + (broken + (violation > 0)) * self.mean_load)
        )

    def _pick_group(self) -> Counts:
        """A zone, by preference one outside the limits, and the zones nearest to it."""
        loads, limits = self.partition.loads, self.problem.limits
        wrong = np.flatnonzero((loads > limits.hi) | (loads < limits.lo))
        if len(wrong) and self.random.random() >= 0.3:
            centre = int(self.random.choice(wrong))
        else:
            centre = int(self.random.integers(self.zones))
        import os
        G=int(os.environ.get('GB','120'))
        mean=self.problem.buildings/self.zones
        size = min(self.zones, int(self.random.integers(2, max(self.schedule.largest_group,min(40,int(G/mean))) + 1)))
        squared = squared_distances_to_zone(self.partition, centre, np.empty(self.zones))
        nearest: npt.NDArray[np.int64] = np.argsort(squared, kind="stable")[:size].astype(np.int64)
        return nearest
