"""How hot the search is, how hard its limits are, and how its moves are shared out."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.planning.zoning.problem import ZoningProblem

# With less room between the limits than this many buildings they are tight.
TIGHT_BUILDINGS = 4.0


@dataclass(frozen=True)
class Schedule:
    """How the search spends its moves; temperatures in mean distances of a building to its centre.

    Tuned on street blocks with 300-household zones and on published p-median instances.
    """

    main_share: float = 0.5
    hottest: float = 2.0
    coldest: float = 0.025
    softest: float = 4.0
    hardest: float = 100.0
    group_heats: tuple[float, ...] = (0.1, 0.25, 0.5)
    group_coldest: float = 0.004
    group_moves: tuple[int, ...] = (60, 200)
    group_zones: int = 8
    group_buildings: int = 120
    most_group_zones: int = 40
    region_buildings: int = 400
    relocation_share: float = 0.4
    near_share: float = 0.5


def schedule_for(problem: ZoningProblem) -> Schedule:
    """Softer limits at first where they leave less than a few buildings of room between them."""
    room = problem.limits.hi - problem.limits.lo
    tight = room < TIGHT_BUILDINGS * max(float(problem.loads.mean()), 1.0)
    return Schedule(softest=0.3) if tight else Schedule()
