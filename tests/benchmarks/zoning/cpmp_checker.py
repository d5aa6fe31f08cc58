"""An independent judge of p-median answers: it reads the file itself and shares no code with the product."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path


def recount(path: Path, assignment: list[int]) -> tuple[float, list[str]]:
    """Cost of an answer by the file's own numbers, and everything wrong with it.

    Parameters
    ----------
    path : Path
        Instance file.
    assignment : list of int
        The median of each point, as its number from 0.
    """
    head, *points = [line.split() for line in path.read_text().splitlines() if line.strip()]
    count, medians = int(head[0]), int(head[1])
    if len(assignment) != count or not all(0 <= median < count for median in assignment):
        return math.inf, [f"{len(assignment)} points assigned, {count} wanted, or to no point"]
    places = [(float(point[0]), float(point[1])) for point in points]
    carried: dict[int, float] = defaultdict(float)
    for point, median in zip(points, assignment, strict=True):
        carried[median] += float(point[3])
    wrong = [
        f"median {median} carries {load} of {points[median][2]}"
        for median, load in carried.items()
        if load > float(points[median][2])
    ]
    wrong += [f"median {median} serves not itself" for median in carried if assignment[median] != median]
    if len(carried) != medians:
        wrong.append(f"{len(carried)} medians, {medians} wanted")
    cost = math.fsum(math.dist(places[i], places[median]) for i, median in enumerate(assignment))
    return cost, wrong
