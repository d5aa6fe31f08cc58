"""What a person waits for, once everything is compiled: a first plan, and a plan mended after one change."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Earlier, ZoningProblem, solve
from geo_service.planning.zoning.stop import SearchState
from tests.benchmarks.zoning.ours import whole_problem
from tests.benchmarks.zoning.processes import Limits, NoAnswer, run_alone
from tests.benchmarks.zoning.workload import make_workload

BUILDINGS = 1_000
LIMITS = LoadRange()
REPEATS = 9
ADDED_HOUSEHOLDS = 40
ENOUGH = Limits(cpu_seconds=300, memory_gb=8)


@dataclass(frozen=True)
class Wait:
    """One kind of answer, and how long it took.

    Parameters
    ----------
    what : str
    n : int
        Buildings of the community.
    milliseconds, longest_milliseconds : float
        CPU time: the median and the longest of the repeats.
    at_most : float
        Milliseconds the median may take.
    """

    what: str
    n: int
    milliseconds: float
    longest_milliseconds: float
    at_most: float


def waits() -> tuple[list[Wait], str]:
    """Measured in a process of its own; empty, and why, where that failed."""
    try:
        printed = run_alone(
            [sys.executable, "-m", "tests.benchmarks.zoning.promptness"],
            Limits(cpu_seconds=300, memory_gb=8),
            {},
        )
    except NoAnswer as reason:
        return [], str(reason)
    return [Wait(**wait) for wait in json.loads(printed.splitlines()[-1])], ""


def _measure() -> Iterator[Wait]:
    problem = whole_problem(make_workload(BUILDINGS), LIMITS)
    yield _wait("first feasible plan", 100, lambda seed: _first_plan(problem, seed))
    zones = solve(problem, seed=1, budget=200 * BUILDINGS).labels
    yield _wait("rebalance after one change", 50, lambda seed: _mend(problem, zones, seed))


def _wait(what: str, at_most: float, answer: Callable[[int], float]) -> Wait:
    """Median and longest over seeds; the first call, which compiles, does not count."""
    taken = [answer(seed) for seed in range(REPEATS + 1)][1:]
    return Wait(what, BUILDINGS, median(taken), max(taken), at_most)


def _first_plan(problem: ZoningProblem, seed: int) -> float:
    def feasible(state: SearchState) -> bool:
        return state.feasible

    started = time.process_time()
    result = solve(problem, seed=seed, stop=feasible)
    taken = 1000 * (time.process_time() - started)
    return taken if result.feasible else float("inf")


def _mend(problem: ZoningProblem, zones: np.ndarray, seed: int) -> float:
    """A building, another one with each seed, has got so many households that its zone is overfull."""
    from geo_service.planning.zoning.rebalance.rebalance import rebalance

    building = np.random.default_rng(seed).integers(problem.buildings)
    zone_load = int(problem.loads[zones == zones[building]].sum())
    loads = problem.loads.copy()
    loads[building] += max(ADDED_HOUSEHOLDS, LIMITS.hi + 1 - zone_load)
    changed = replace(problem, loads=loads, earlier=Earlier(zones))
    started = time.process_time()
    mended = rebalance(changed, seed=seed)
    taken = 1000 * (time.process_time() - started)
    return taken if len(mended.changed) else float("inf")


if __name__ == "__main__":
    print(json.dumps([wait.__dict__ for wait in _measure()]))
