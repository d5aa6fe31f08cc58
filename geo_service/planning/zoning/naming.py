"""The search tells zones apart by their buildings; whoever lives in them, by their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.result import ZoningResult


def with_earlier_numbers(problem: ZoningProblem, result: ZoningResult) -> ZoningResult:
    """``result`` with its zones numbered so that as few buildings as can be have another zone than before."""
    if problem.earlier is None:
        return result
    number_of = earlier_numbers(problem, result.labels, len(result.loads))
    labels = number_of[result.labels]
    changes = count_changes(problem, result.labels)
    saved = changes - count_changes(problem, labels)
    if saved <= 0:
        return result
    order = np.argsort(number_of)
    return replace(
        result,
        labels=labels,
        medoids=result.medoids[order],
        loads=result.loads[order],
        objective_m=result.objective_m - problem.earlier.change_cost_m * saved,
        violation=result.violation - _too_many(problem, changes) + _too_many(problem, changes - saved),
    )


def earlier_numbers(problem: ZoningProblem, labels: Counts, zones: int) -> Counts:
    """The number each of ``labels``' zones should have, so that the fewest buildings change zone.

    Zones with a fixed centre, or with buildings that must stay in them, keep their numbers. The best numbers
    are an assignment problem (Kuhn 1955).

    Returns
    -------
    Counts, shape (zones,)
    """
    number_of = np.arange(zones)
    if problem.earlier is None:
        return number_of
    before = problem.earlier.zone_of
    known = (before >= 0) & (before < zones)
    shared = np.zeros((zones, zones), dtype=np.int64)
    np.add.at(shared, (labels[known], before[known]), 1)
    free = np.flatnonzero(~bound_to_their_numbers(problem, zones))
    rows, columns = linear_sum_assignment(shared[np.ix_(free, free)], maximize=True)
    number_of[free[rows]] = free[columns]
    return number_of


def count_changes(problem: ZoningProblem, labels: Counts) -> int:
    """Buildings in another zone than before; new ones do not count."""
    if problem.earlier is None:
        return 0
    before = problem.earlier.zone_of
    return int(((before >= 0) & (before != labels)).sum())


def bound_to_their_numbers(problem: ZoningProblem, zones: int) -> npt.NDArray[np.bool_]:
    """Whether each zone is one that the rules name, shape (zones,)."""
    rules = problem.rules
    bound = np.isin(np.arange(zones), rules.stay)
    centres = rules.centres_m[:zones]
    bound[: len(centres)] |= np.isfinite(centres).all(axis=1)
    return bound


def _too_many(problem: ZoningProblem, changes: int) -> int:
    assert problem.earlier is not None
    most = problem.earlier.most_changes
    return 0 if most is None else max(0, changes - most)
