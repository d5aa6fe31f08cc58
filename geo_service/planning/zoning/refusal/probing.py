"""Trying changes to a community that cannot be zoned: limits, bridges, buildings set apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning.community.appraisal import load_excess
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.community.parts import Drawing, Search, draw_parts
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.refusal.counting import counting_reason
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.stop import SearchState

FEWEST_FAILURES = 3

Probe = Callable[[Ground, LoadRange, ZoneCount], Drawing | None]
"""A drawing within the rules, or None where arithmetic, a proof or the search finds none."""
Prober = Callable[[], Probe]
"""A new probe, which has all its patience yet."""


def first_feasible(state: SearchState) -> bool:
    """Stop rule: any zones within the rules will do."""
    return state.feasible


def probing(search: Search) -> Probe:
    """Draw as ``search`` does."""

    def probe(ground: Ground, limits: LoadRange, zones: ZoneCount) -> Drawing | None:
        if counting_reason(ground, limits, zones) is not None:
            return None
        drawing = draw_parts(ground, limits, zones, search)
        return drawing if drawing.feasible else None

    return probe


class Memory:
    """Zones found before, which also answer the same question with wider limits."""

    def __init__(self) -> None:
        self._found: dict[bytes, list[ZoningResult]] = {}

    def remembering(self, search: Search, *, patience: float = float("inf")) -> Search:
        """``search``, asked only what is not known yet.

        After three failures, on ``patience`` buildings in all, nothing unknown is searched for any more.
        """
        failures: list[int] = []

        def answer(problem: ZoningProblem) -> ZoningResult:
            known = self._found.setdefault(_fingerprint(problem), [])
            for result in known:
                if (
                    problem.zones in (None, len(result.loads))
                    and load_excess(result.loads, problem.limits) == 0
                ):
                    return replace(result, violation=0, impossible=False)
            if len(failures) >= FEWEST_FAILURES and sum(failures) > patience:
                return _not_searched(problem)
            result = search(problem)
            if not result.feasible:
                failures.append(problem.buildings)
            if result.violation == load_excess(result.loads, problem.limits):
                known.append(result)
            return result

        return answer


def _not_searched(problem: ZoningProblem) -> ZoningResult:
    """One zone of everything, as if that were the best there is."""
    nobody = np.zeros(1, dtype=np.int64)
    everything = np.zeros(problem.buildings, dtype=np.int64)
    loads = problem.loads.sum(keepdims=True)
    infinite = float("inf")
    return ZoningResult(everything, nobody, loads, infinite, infinite, violation=1)


def _fingerprint(problem: ZoningProblem) -> bytes:
    """The same for problems that differ in their limits and number of zones only."""
    digest = hashlib.sha256()
    rules, earlier = problem.rules, problem.earlier
    arrays = [problem.positions_m, problem.loads, problem.neighbour_starts, problem.neighbours]
    arrays += [rules.stay, rules.together, rules.apart, rules.centres_m]
    if earlier is not None:
        arrays += [
            earlier.zone_of,
            np.array([np.nan if earlier.most_changes is None else earlier.most_changes]),
        ]
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()
