"""The whole search for one number of zones: anneal everything, then re-anneal groups of nearby zones.

Annealing: Kirkpatrick, Gelatt and Vecchi 1983. Re-optimising groups of parts in turn: POPMUSIC, Taillard and
Voss 2002. The load penalty hardens while the temperature falls, so that zones first find their places and
then their sizes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.randomness import RandomState, random_state
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.search.annealing import Cooling, anneal
from geo_service.planning.zoning.search.connection import is_connected
from geo_service.planning.zoning.search.construct import start_labels
from geo_service.planning.zoning.search.partition import (
    Partition,
    Terrain,
    medoid_of,
    partition_of,
    rebuild,
    terrain_of,
)
from geo_service.planning.zoning.search.recombination import ZonePool, best_choice
from geo_service.planning.zoning.search.relocation import dissolve_and_split
from geo_service.planning.zoning.search.schedule import Schedule, schedule_for
from geo_service.planning.zoning.search.scoring import (
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
# Around each end of a far relocation.
RELOCATION_ZONES = 4
# Groups may first become worse by about a building's mean distance, then by less and less, then the best
# division is taken up again: so the search leaves a division that no group of zones alone can better.
CYCLE_ATTEMPTS = 100
TOLERANCE = 1.0
ATTEMPTS_A_RECOMBINATION = 20
# What a zone in an integer programme costs beside proposed moves; a budget counts both.
MOVES_A_POOLED_ZONE = 200
# One round anneals this many moves a building and building of a mean zone; a larger budget buys rounds.
ROUND_MOVES = 1_000


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
    pool : ZonePool, optional
        Of zones met by other searches too.
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
        pool: ZonePool | None = None,
    ) -> None:
        self.problem = problem
        self.zones = zones
        self.stop = stop
        self.schedule = schedule or schedule_for(problem)
        self.random = np.random.default_rng([seed, zones])
        self.state: RandomState = random_state(self.random)
        self.terrain: Terrain = terrain_of(problem, zones)
        start = start_labels(problem, zones, self.random) if labels is None else labels
        self.partition: Partition = partition_of(self.terrain, start, zones)
        self.movable = np.flatnonzero(self.terrain.movable)
        self.every_zone = np.arange(zones)
        self.every_building = np.arange(problem.buildings)
        # the natural units of temperature and penalty: a building's mean distance, and that a mean load
        self.mean_cost = max(float(self.partition.costs.sum()) / problem.buildings, 1.0)
        self.mean_load = max(float(problem.loads.mean()), 1.0)
        self.pool = ZonePool() if pool is None else pool
        self.moves = 0
        self.attempts = 0
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
        mean_size = self.problem.buildings / self.zones
        rounds = max(1, int(moves / (ROUND_MOVES * mean_size * self.problem.buildings)))
        for number in range(rounds):
            if number:
                self.begin_again()
            left = max(0, moves - self.moves) // (rounds - number)
            self._anneal_everywhere(self.moves + int(left * self.schedule.main_share), moves, progress)
            self.improve(self.moves + int(left * (1 - self.schedule.main_share)), progress)
            self.combine_with_best()
            if self._stops():
                return

    def improve(self, moves: int, progress: Progress) -> None:
        """Re-anneal groups of zones until ``moves`` are spent in all."""
        while self.zones > 1 and self.moves < moves and not self._stops():
            progress(STAGE, min(self.moves, moves), moves)
            better = self._improve_group()
            self.attempts += 1
            if self.attempts % CYCLE_ATTEMPTS == 0:
                self._remember(self.every_zone)
                self.keep_if_best()
                self._return_to_best()
            if self.attempts % ATTEMPTS_A_RECOMBINATION == 0:
                better = self._recombine() or better
            if better:
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
        whole = self._zones_a_region() == self.zones
        regions = 1 if whole else -(-2 * self.zones // self._zones_a_region())
        idle = 0
        while idle < regions and not self._stops():
            idle = 0 if self._recombine() and not whole else idle + 1
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

    def _anneal_everywhere(self, until: int, total: int, progress: Progress) -> None:
        moves = max(1, until - self.moves)
        chunks = -(-moves // CHUNK_MOVES)
        for chunk in range(chunks):
            progress(STAGE, min(self.moves, total), total)
            if self._stops():
                break
            self.anneal_stretch(chunk / chunks, (chunk + 1) / chunks, max(1, moves // chunks))
        self.keep_if_best()

    def _improve_group(self) -> bool:
        """Re-anneal a few zones that lie together, and keep the outcome only if it is no worse."""
        group = self._pick_group()
        relocates = self.zones > 2 and self.random.random() < self.schedule.relocation_share
        dissolved, split = (int(group[0]), -1)
        if relocates:
            dissolved, split = self._pick_relocation(group)
            if split not in group:
                around = [self._nearest_zones(zone, RELOCATION_ZONES) for zone in (dissolved, split)]
                group = np.unique(np.concatenate(around))
        buildings = self._members(group)
        labels = self.partition.labels[buildings].copy()
        before = self._score(group, buildings)
        if relocates and len(group) > 2:
            dissolve_and_split(
                self.problem, self.terrain, self.partition, group, buildings, dissolved, split, self.random
            )
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
        if after > before + self._tolerance() or torn_zones(self.terrain, self.partition, group):
            self.partition.labels[buildings] = labels
            rebuild(self.terrain, self.partition, buildings, group)
            return False
        return after < before

    def _tolerance(self) -> float:
        """How much worse (units) a group may become: it falls to nothing over each cycle of attempts."""
        left = 1.0 - (self.attempts % CYCLE_ATTEMPTS) / CYCLE_ATTEMPTS
        return float(-TOLERANCE * self.mean_cost * left * np.log(1.0 - self.random.random()))

    def _may_recombine(self) -> bool:
        """Whether zones may be exchanged one for another: not where their numbers or borders matter."""
        free = len(self.movable) == self.problem.buildings and not self.terrain.ruled
        return free and self.zones > 2 and not len(self.problem.rules.centres_m)

    def _zones_a_region(self) -> int:
        share = self.schedule.region_buildings / self.problem.buildings
        return max(2, min(self.zones, int(share * self.zones)))

    def _remember(self, group: Counts) -> None:
        """Put the zones of a group that keep the rules into the pool."""
        if not self._may_recombine():
            return
        terrain, partition = self.terrain, self.partition
        for zone in group.tolist():
            load, size = int(partition.loads[zone]), int(partition.sizes[zone])
            within = terrain.lowest <= load <= terrain.highest
            if size and within and (not terrain.connected or is_connected(terrain, partition, zone)):
                cost = float(partition.costs[zone]) + terrain.balance_units * abs(load - terrain.target)
                self.pool.add(np.sort(partition.members[zone, :size]), cost)

    def _recombine(self) -> bool:
        """Choose anew among the zones met so far, over one region; True when that is better."""
        if not self._may_recombine():
            return False
        region = self._nearest_zones(int(self.random.integers(self.zones)), self._zones_a_region())
        self._remember(region)
        buildings = self._members(region)
        inside = np.zeros(self.problem.buildings, dtype=np.bool_)
        inside[buildings] = True
        zones, costs = self.pool.inside(inside)
        self.moves += MOVES_A_POOLED_ZONE * len(zones)
        chosen = best_choice(buildings, zones, costs, len(region)) if zones else None
        if chosen is None:
            return False
        before = self._score(region, buildings)
        labels = self.partition.labels[buildings].copy()
        for zone, members in zip(region.tolist(), chosen, strict=True):
            self.partition.labels[members] = zone
        rebuild(self.terrain, self.partition, buildings, region)
        if self._score(region, buildings) >= before:
            self.partition.labels[buildings] = labels
            rebuild(self.terrain, self.partition, buildings, region)
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
        schedule = self.schedule
        most = int(schedule.group_buildings * self.zones / self.problem.buildings)
        most = max(schedule.group_zones, min(schedule.most_group_zones, most))
        return self._nearest_zones(centre, min(self.zones, int(self.random.integers(2, most + 1))))

    def _pick_relocation(self, group: Counts) -> tuple[int, int]:
        """A zone to dissolve, one too light by preference, and a costly one to cut, near or far."""
        light = group[self.partition.loads[group] < self.problem.limits.lo]
        dissolved = int(self.random.choice(light if len(light) else group))
        candidates = group if self.random.random() < self.schedule.near_share else self.every_zone
        others = candidates[candidates != dissolved]
        if not len(others):
            others = self.every_zone[self.every_zone != dissolved]
        chances = self.partition.costs[others] * self.random.random(len(others))
        return dissolved, int(others[int(np.argmax(chances))])

    def _nearest_zones(self, centre: int, count: int) -> Counts:
        squared = squared_distances_to_zone(self.partition, centre, np.empty(self.zones))
        nearest: npt.NDArray[np.int64] = np.argsort(squared, kind="stable")[:count].astype(np.int64)
        return nearest
