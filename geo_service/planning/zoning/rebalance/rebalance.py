"""Mending or bettering a plan with as few buildings changing zone as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.errors import Infeasible
from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import NOWHERE, ZoningProblem
from geo_service.planning.zoning.rebalance.annealing import IMPROVING, anneal
from geo_service.planning.zoning.rebalance.descent import descend
from geo_service.planning.zoning.rebalance.ground import (
    Ground,
    cost_beside_distance,
    division_of,
    ground_of,
    starting_labels,
    zone_cost,
)
from geo_service.planning.zoning.rebalance.mending import Mending, changed_buildings, objective_of
from geo_service.planning.zoning.result import ZoningResult

# Candidate moves looked at before a proof is given up: some 50 ms.
PROOF_BUDGET = 200_000
IMPROVING_MOVES_PER_BUILDING = 300


@dataclass(frozen=True)
class Rebalance:
    """A plan that keeps every rule, beside the one it came from.

    Parameters
    ----------
    result : ZoningResult
        Zones keep their numbers; a lost zone has no load and the medoid -1.
    changed : Counts, shape (c,)
        Buildings that had a zone and are in another one now.
    loads_before : Counts, shape (k,)
        Loads of the earlier zones, lost ones too, from the buildings that are still there.
    least_changes : int
        No plan within the rules has fewer changes: proven.
    """

    result: ZoningResult
    changed: Counts
    loads_before: Counts
    least_changes: int

    @property
    def proven_least(self) -> bool:
        """Whether no plan within the rules changes fewer buildings."""
        return len(self.changed) == self.least_changes


def rebalance(
    problem: ZoningProblem,
    *,
    lost: Sequence[int] = (),
    most_changes: int | None = None,
    seed: int = 1,
    budget: int = PROOF_BUDGET,
) -> Rebalance:
    """Mend the earlier plan with the fewest buildings changing zone; of such plans, the least objective.

    Small changes are exhausted first, so that most answers are proven the least; where much has changed,
    annealing finds a plan with few changes and the proof stops at ``least_changes``.

    Parameters
    ----------
    problem : ZoningProblem
        With ``earlier`` set; zones keep its numbers, which ``rules.stay`` and ``rules.centres_m`` mean too.
    lost : sequence of int
        Zones that end, because their chief is gone: all their buildings change zone.
    most_changes : int, optional
        Refuse to change more; the lesser of this and ``problem.earlier.most_changes`` counts.
    seed : int
        Same problem, same seed, same budget: same plan.
    budget : int
        Candidate moves the proof may look at.

    Raises
    ------
    Infeasible
        When no plan within the rules exists or was found; with the least number of changes where only
        that was asked too low.
    InvalidInput
        When a building is to stay in a zone that is lost or never was.
    """
    ground = ground_of(problem, np.array(lost, dtype=np.int64))
    _refuse_by_arithmetic(problem, ground)
    search = Mending(ground, budget)
    search.deepen()
    cut_off = _cut_off(ground) if search.labels is None else np.empty(0, dtype=np.int64)
    if search.labels is None and not search.exhausted and not len(cut_off):
        search.anneal(seed)
        search.tighten()
    limit = _limit(problem, most_changes)
    if len(cut_off):
        raise Infeasible("zoning.rebalance_cut_off", building=int(cut_off[0]), buildings=len(cut_off))
    if search.labels is None and search.exhausted:
        raise Infeasible("zoning.rebalance_impossible")
    if search.labels is None:
        raise Infeasible("zoning.rebalance_not_found", least=search.least)
    if search.changes > limit:
        raise Infeasible("zoning.rebalance_needs_more", asked=limit, least=search.least, found=search.changes)
    return _answer(problem, ground, search.labels, search.least)


def improve(
    problem: ZoningProblem, *, most_changes: int, seed: int = 1, budget: int = PROOF_BUDGET
) -> Rebalance:
    """Lower the objective as far as ``most_changes`` buildings changing zone can; mend first what is broken.

    With ``problem.aims.balance_m`` set this evens out the loads.

    Raises
    ------
    Infeasible, InvalidInput
        As `rebalance`.
    """
    mended = rebalance(problem, most_changes=most_changes, seed=seed, budget=budget)
    ground = ground_of(problem, np.empty(0, dtype=np.int64))
    limit = int(_limit(problem, most_changes))
    start = mended.result.labels
    moves = IMPROVING_MOVES_PER_BUILDING * problem.buildings
    annealed = anneal(ground, start, np.arange(len(start)), IMPROVING, moves, seed, most_changes=limit)
    starts = [start] if annealed is None else [start, annealed]
    plans = [descend(ground, each, limit) for each in starts]
    labels = min(plans, key=lambda plan: objective_of(ground, plan))
    return _answer(problem, ground, labels, mended.least_changes)


def _limit(problem: ZoningProblem, most_changes: int | None) -> float:
    assert problem.earlier is not None
    given = [each for each in (most_changes, problem.earlier.most_changes) if each is not None]
    return min(given, default=float("inf"))


def _answer(problem: ZoningProblem, ground: Ground, labels: Counts, least: int) -> Rebalance:
    zones = len(ground.usable)
    division = division_of(ground, labels)
    costs = [zone_cost(ground, division, zone) for zone in range(zones)]
    changed = changed_buildings(ground, labels)
    distance_m = float(sum(cost for cost, _ in costs))
    result = ZoningResult(
        labels=labels,
        medoids=np.array([medoid for _, medoid in costs], dtype=np.int64),
        loads=division.loads.copy(),
        distance_m=distance_m,
        objective_m=distance_m + cost_beside_distance(ground, division, len(changed)),
        violation=0,
    )
    had_zone = ground.earlier != NOWHERE
    before = np.zeros(zones, dtype=np.int64)
    np.add.at(before, ground.earlier[had_zone], problem.loads[had_zone])
    return Rebalance(result, changed, before, least)


def _refuse_by_arithmetic(problem: ZoningProblem, ground: Ground) -> None:
    """What no search need be begun for."""
    if not ground.usable.any():
        raise Infeasible("zoning.rebalance_no_zone_left")
    limits, zones, total = problem.limits, int(ground.usable.sum()), int(problem.loads.sum())
    if problem.zones is not None and problem.zones != zones:
        raise Infeasible("zoning.rebalance_zone_count", zones=zones, asked=problem.zones)
    if problem.loads.max() > limits.hi:
        heaviest = int(np.argmax(problem.loads))
        load = int(problem.loads[heaviest])
        raise Infeasible("zoning.rebalance_building_too_large", building=heaviest, load=load, limits=limits)
    if not limits.lo * zones <= total <= limits.hi * zones:
        fewest = -(-total // limits.hi)
        raise Infeasible("zoning.rebalance_total", zones=zones, load=total, limits=limits, fewest=fewest)


def _cut_off(ground: Ground) -> Counts:
    """Buildings that hang together with no zone: one would have to leave all it has for them."""
    count = len(ground.unit_of)
    if not ground.connected:
        return np.empty(0, dtype=np.int64)
    ones = np.ones(len(ground.neighbours), dtype=np.int8)
    graph = csr_matrix((ones, ground.neighbours, ground.starts), shape=(count, count))
    _, part_of = connected_components(graph, directed=False)
    held = np.unique(part_of[starting_labels(ground) != NOWHERE])
    return np.flatnonzero(~np.isin(part_of, held))
