"""A first division: zones grown together from seeds spread over the buildings."""

from __future__ import annotations

import heapq

import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import ZoningProblem


def grow_zones(problem: ZoningProblem, zones: int, random: np.random.Generator) -> Counts:
    """Labels of ``zones`` connected zones: the lightest zone takes its nearest free neighbour, in turn.

    Returns
    -------
    Counts, shape (n,)
    """
    positions = problem.positions_m
    labels = np.full(problem.buildings, -1, dtype=np.int64)
    seeds = _spread_seeds(problem, zones, random)
    fringes: list[list[tuple[float, int]]] = [[] for _ in range(zones)]
    turns: list[tuple[int, int, int]] = []

    def take(building: int, zone: int) -> None:
        labels[building] = zone
        start, end = problem.neighbour_starts[building : building + 2]
        for neighbour in problem.neighbours[start:end].tolist():
            if labels[neighbour] < 0:
                east, north = positions[neighbour] - positions[seeds[zone]]
                heapq.heappush(fringes[zone], (east * east + north * north, neighbour))

    for zone, seed in enumerate(seeds):
        take(seed, zone)
    for zone, seed in enumerate(seeds):
        heapq.heappush(turns, (int(problem.loads[seed]), 1, zone))
    while turns:
        load, size, zone = heapq.heappop(turns)
        while fringes[zone] and labels[fringes[zone][0][1]] >= 0:
            heapq.heappop(fringes[zone])
        if fringes[zone]:
            building = heapq.heappop(fringes[zone])[1]
            take(building, zone)
            heapq.heappush(turns, (load + int(problem.loads[building]), size + 1, zone))
    return labels


def _spread_seeds(problem: ZoningProblem, zones: int, random: np.random.Generator) -> list[int]:
    """Buildings far from one another, drawn with chances by squared distance (k-means++)."""
    positions = problem.positions_m
    seeds = [int(random.integers(problem.buildings))]
    squared = ((positions - positions[seeds[0]]) ** 2).sum(axis=1)
    while len(seeds) < zones:
        squared[seeds] = 0.0
        total = squared.sum()
        if total > 0:
            rank = np.searchsorted(np.cumsum(squared), random.random() * total, side="right")
            seed = min(int(rank), problem.buildings - 1)
        else:
            seed = next(building for building in range(problem.buildings) if building not in seeds)
        if seed in seeds:
            continue
        seeds.append(seed)
        squared = np.minimum(squared, ((positions - positions[seed]) ** 2).sum(axis=1))
    return seeds
