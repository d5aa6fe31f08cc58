"""Our engine in the settings that the comparison sets limits for: it is called here, not helped."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import ZoningProblem, ZoningResult, solve
from geo_service.planning.zoning.sharing import share_zones
from tests.benchmarks.zoning.engine import USED, Engine, answer_in_this_process, zones_wanted
from tests.benchmarks.zoning.metrics import CAPACITY, neighbour_pairs
from tests.benchmarks.zoning.workload import Counts, Workload, make_workload

ANY_UP_TO_CAPACITY = LoadRange(0, CAPACITY)

# Of one core of the class of machine that the comparison was made on.
MOVES_PER_SECOND = 5_000_000
SHARE_USED = 0.7
LARGE = 10_000
SECONDS_WHERE_LARGE = 60
# Trials of several shares, together, then take some quarter of the time.
TRIALS_COST = 16


def zone_parts(
    workload: Workload,
    limits: LoadRange,
    zones: int,
    *,
    within_cells: bool,
    moves: int,
    trial_moves: int = 0,
) -> Counts:
    """Zone every connected part by itself, sharing ``zones`` among them.

    Parameters
    ----------
    workload : Workload
    limits : LoadRange
    zones : int
    within_cells : bool
        Neighbours are only neighbours where no barrier and no border of communities lies between.
    moves : int
        Proposed moves a building.
    trial_moves : int
        Of the trials by which the shares of the parts are refined; 0: estimated shares are kept.

    Returns
    -------
    Counts, shape (n,)
    """
    graph = _graph(workload, within_cells=within_cells)
    _, part_of = connected_components(graph, directed=False)
    parts = [np.flatnonzero(part_of == part) for part in range(part_of.max() + 1)]
    problems = [_problem(workload, graph, part, limits) for part in parts]

    def drawn(place: int, count: int, moves: int) -> ZoningResult:
        return solve(replace(problems[place], zones=count), seed=1, budget=moves * len(parts[place]))

    def objective_m(place: int, count: int) -> float:
        trial = drawn(place, count, trial_moves)
        return trial.objective_m if trial.feasible else float("inf")

    counts = [zones]
    if len(parts) > 1:
        counts = share_zones(problems, limits, zones, measure=objective_m if trial_moves else None)
    labels = np.empty(workload.buildings, dtype=np.int64)
    for place, (part, first) in enumerate(zip(parts, np.cumsum([0, *counts]), strict=False)):
        labels[part] = first + drawn(place, counts[place], moves).labels
    return labels


def whole_problem(workload: Workload, limits: LoadRange) -> ZoningProblem:
    """The workload as one problem without barriers."""
    return _problem(workload, _graph(workload, within_cells=False), np.arange(workload.buildings), limits)


def _graph(workload: Workload, *, within_cells: bool) -> csr_array:
    pairs = neighbour_pairs(workload.positions_m)
    if within_cells:
        pairs = pairs[workload.cell[pairs[:, 0]] == workload.cell[pairs[:, 1]]]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return csr_array((np.ones(len(both)), both.T), (workload.buildings, workload.buildings))


def _problem(workload: Workload, graph: csr_array, part: Counts, limits: LoadRange) -> ZoningProblem:
    rows = graph[part][:, part]
    rows.sort_indices()
    return ZoningProblem(
        positions_m=workload.positions_m[part],
        loads=workload.households[part],
        neighbour_starts=rows.indptr.astype(np.int64),
        neighbours=rows.indices.astype(np.int64),
        limits=limits,
    )


def _moves(workload: Workload, seconds: float) -> int:
    """Moves a building that fit into the time with room to spare: the engine is given moves, not a clock."""
    if workload.buildings >= LARGE:
        seconds = SECONDS_WHERE_LARGE
    return int(SHARE_USED * seconds * MOVES_PER_SECOND / workload.buildings)


def capacity_alone(workload: Workload) -> Counts:
    """At most 300 households a zone, nothing else."""
    zones, moves = zones_wanted(workload), _moves(workload, 5)
    return zone_parts(workload, ANY_UP_TO_CAPACITY, zones, within_cells=False, moves=moves)


def balanced(workload: Workload) -> Counts:
    """Every zone within 5 % of the mean."""
    zones, moves = zones_wanted(workload), _moves(workload, 30)
    mean = workload.households.sum() / zones
    limits = LoadRange(int(np.ceil(0.95 * mean)), int(1.05 * mean))
    return zone_parts(workload, limits, zones, within_cells=False, moves=moves)


def within_given_limits(workload: Workload) -> Counts:
    """Every zone within the limits of ``BENCH_LIMITS``: those that another engine's zones keep."""
    zones, moves = zones_wanted(workload), _moves(workload, 30)
    limits = LoadRange.parse(os.environ["BENCH_LIMITS"])
    return zone_parts(workload, limits, zones, within_cells=False, moves=moves)


def barriers_and_communities(workload: Workload) -> Counts:
    """No zone across a barrier or the border of a community; 90 % of the capacity used in each cell."""
    loads = np.bincount(workload.cell, weights=workload.households)
    zones, moves = int(np.ceil(loads / (USED * CAPACITY)).sum()), _moves(workload, 20)
    trial_moves = moves // TRIALS_COST
    return zone_parts(
        workload, ANY_UP_TO_CAPACITY, zones, within_cells=True, moves=moves, trial_moves=trial_moves
    )


ENGINES = {
    "ours": Engine("geo-service, capacity alone", capacity_alone),
    "ours_balanced": Engine("geo-service, ±5 %", balanced),
    "ours_barriers": Engine("geo-service, barriers and communities", barriers_and_communities),
    "ours_as_metis": Engine("geo-service, as balanced as METIS", within_given_limits, needs_limits=True),
}

if __name__ == "__main__":
    # Compiles the search, or loads it compiled, before the clock starts.
    zone_parts(make_workload(100), ANY_UP_TO_CAPACITY, 12, within_cells=True, moves=10)
    answer_in_this_process(ENGINES)
