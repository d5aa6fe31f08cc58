"""From a problem to its best zones."""

from __future__ import annotations

from dataclasses import replace

from geo_service.errors import InvalidInput
from geo_service.planning.zoning.exact.division import Verdict, find_division
from geo_service.planning.zoning.exact.enumeration import best_division
from geo_service.planning.zoning.feasibility import preferred_counts
from geo_service.planning.zoning.naming import with_earlier_numbers
from geo_service.planning.zoning.problem import ZoningProblem, require_connected
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.search.schedule import schedule_for
from geo_service.planning.zoning.search.search import Search
from geo_service.planning.zoning.stop import Stop, never
from geo_service.progress import Progress, silent

MOVES_PER_BUILDING = 2_000
FEWEST_MOVES = 200_000
SMALL = 30
SMALL_STARTS = 4
# A search that ends outside the limits is begun again from other seeds this often.
MOST_STARTS = 4
# Every second time with harder limits, which keep loads together where soft ones drift apart.
STIFFER = 5.0
# Numbers of zones tried beyond this many are as far from mid-range as to be hopeless.
MOST_COUNTS = 4


def solve(
    problem: ZoningProblem,
    *,
    seed: int = 1,
    budget: int | None = None,
    stop: Stop = never,
    progress: Progress = silent,
) -> ZoningResult:
    """Divide the buildings into connected zones within the limits, with little distance to their medoids.

    The number of zones nearest to mid-range loads is tried first, the others only where it fails.

    Parameters
    ----------
    problem : ZoningProblem
    seed : int
        Same problem, same seed, same budget: same zones.
    budget : int, optional
        Proposed moves for each number of zones tried; by default it grows with the problem.
    stop : Stop
        Ends the search early with the best answer so far.
    progress : Progress
        May raise ``Cancelled``.

    Raises
    ------
    InvalidInput
        A budget below 1; neighbours in separate pieces where zones must be connected.

    Returns
    -------
    ZoningResult
        The least violation, then the least distance; ask ``feasible`` before using it.
    """
    require_connected(problem)
    if budget is not None and budget < 1:
        raise InvalidInput("zoning.no_moves")
    moves = budget or max(FEWEST_MOVES, MOVES_PER_BUILDING * problem.buildings)
    counts = preferred_counts(problem.loads, problem.limits)
    if problem.zones is not None:
        impossible = problem.zones not in counts
        result = _solve_for(problem, problem.zones, seed, moves, stop, progress)
        return replace(result, impossible=result.impossible or impossible)
    if not counts:
        nearest = max(1, round(2 * int(problem.loads.sum()) / (problem.limits.lo + problem.limits.hi)))
        zones = min(nearest, problem.buildings)
        return replace(_solve_for(problem, zones, seed, moves, stop, progress), impossible=True)
    best: ZoningResult | None = None
    impossible = len(counts) <= MOST_COUNTS
    for zones in counts[:MOST_COUNTS]:
        result = _solve_for(problem, zones, seed, moves, stop, progress)
        if result.feasible:
            return result
        impossible = impossible and result.impossible
        if best is None or result.violation < best.violation:
            best = result
    assert best is not None
    return replace(best, impossible=impossible)


def _solve_for(
    problem: ZoningProblem, zones: int, seed: int, moves: int, stop: Stop, progress: Progress
) -> ZoningResult:
    """Best of one long search, or of several short ones where the problem is small; exact as last resort.

    Of a few buildings every possible zone is weighed instead.
    """
    verdict, labels = best_division(problem, zones)
    if verdict is Verdict.FOUND:
        search = Search(problem, zones, seed, stop=stop, labels=labels)
        return with_earlier_numbers(problem, search.result())
    starts = SMALL_STARTS if problem.buildings <= SMALL else 1
    best: ZoningResult | None = None
    for start in range(1 if zones == 1 else MOST_STARTS):
        if best is not None and best.feasible and start >= starts:
            break
        schedule = schedule_for(problem)
        if start % 2:
            schedule = replace(schedule, softest=STIFFER * schedule.softest)
        search = Search(problem, zones, seed + start, stop=stop, schedule=schedule)
        search.run(moves // starts, progress)
        result = with_earlier_numbers(problem, search.result())
        if best is None or (result.violation, result.objective_m) < (best.violation, best.objective_m):
            best = result
    assert best is not None
    if best.feasible:
        return best
    if verdict is Verdict.GAVE_UP:
        verdict, labels = find_division(problem, zones)
    if verdict is not Verdict.FOUND:
        return replace(best, impossible=verdict is Verdict.IMPOSSIBLE)
    search = Search(problem, zones, seed, stop=stop, labels=labels)
    search.improve(moves // starts, progress)
    return with_earlier_numbers(problem, search.result())
