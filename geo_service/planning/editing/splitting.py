"""A zone parted by the solver."""

from __future__ import annotations

import numpy as np

from geo_service.errors import InvalidInput
from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.solve import solve

# How far from their mean the loads of the parts may be: the first that succeeds.
TOLERANCES = (0.1, 0.25, 0.5)
# Somebody waits for the answer.
MOVES = 50_000


def parts_of(ground: Ground, members: Counts, parts: int, *, seed: int) -> list[Counts]:
    """``members`` in so many connected parts of nearly the same load, the first building's part first.

    Raises
    ------
    InvalidInput
        When there are fewer buildings than parts, or they do not hang together.
    """
    if len(members) < parts:
        raise InvalidInput("edits.split_too_many", parts=parts, buildings=len(members))
    if not ground.hangs_together(members):
        raise InvalidInput("edits.split_in_pieces")
    total = int(ground.loads[members].sum())
    mean = total / parts
    ranges = [
        LoadRange(int(mean * (1 - tolerance)), max(1, int(np.ceil(mean * (1 + tolerance)))))
        for tolerance in TOLERANCES
    ]
    for limits in (*ranges, LoadRange(0, max(1, total))):
        problem = ground.told_apart(ground.problem(members, limits, parts), members)
        result = solve(problem, seed=seed, budget=MOVES)
        if result.feasible:
            return [members[result.labels == part] for part in np.unique(result.labels)]
    raise InvalidInput("edits.split_not_found", parts=parts)
