"""The move too large for annealing: one zone is dealt to its neighbours, another is cut in two."""

from __future__ import annotations

import heapq
import math

import numpy as np

from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.search.partition import Partition, Terrain, rebuild


def dissolve_and_split(
    problem: ZoningProblem,
    terrain: Terrain,
    partition: Partition,
    group: Counts,
    buildings: Counts,
    dissolved: int,
    split: int,
    random: np.random.Generator,
) -> None:
    """Deal the zone ``dissolved`` to the others of ``group`` and cut ``split`` in two, in place.

    The number of zones stays, and so does connection; where nobody can take the buildings, nothing changes.
    A zone too light, walled in by buildings its neighbours cannot spare, is freed this way. Zones with
    buildings that must stay or be together, or that had these buildings before, are left alone.
    """
    if terrain.ruled or not terrain.straight or not terrain.movable[buildings].all():
        return
    labels = partition.labels
    others = group[group != dissolved]
    leaving = np.sort(partition.members[dissolved, : partition.sizes[dissolved]])
    if partition.sizes[split] < 4 or len(buildings) > partition.members.shape[1]:
        return
    if problem.connected:
        done = _deal_over_the_graph(terrain, labels, leaving, buildings, set(others.tolist()))
    else:
        done = _deal_to_the_nearest(terrain, partition, leaving, others)
    if not done:
        return
    halved = buildings[labels[buildings] == split]
    one = int(random.choice(halved))
    away = np.hypot(terrain.east[halved] - terrain.east[one], terrain.north[halved] - terrain.north[one])
    other = int(halved[int(np.argmax(away))])
    if one == other:
        partition.labels[one] = dissolved
    elif problem.connected:
        _grow(terrain, labels, halved, [(0.0, one, split), (0.0, other, dissolved)])
    else:
        to_other = np.hypot(
            terrain.east[halved] - terrain.east[other], terrain.north[halved] - terrain.north[other]
        )
        labels[halved[to_other < away]] = dissolved
    rebuild(terrain, partition, buildings, group)


def _deal_over_the_graph(
    terrain: Terrain, labels: Counts, leaving: Counts, buildings: Counts, others: set[int]
) -> bool:
    fringe: list[tuple[float, int, int]] = []
    for building in leaving.tolist():
        for neighbour in _neighbours(terrain, building):
            zone = int(labels[neighbour])
            if zone in others:
                fringe.append((_apart(terrain, building, neighbour), building, zone))
    return _grow(terrain, labels, leaving, fringe)


def _deal_to_the_nearest(terrain: Terrain, partition: Partition, leaving: Counts, others: Counts) -> bool:
    east = np.array([partition.east[zone, : partition.sizes[zone]].mean() for zone in others])
    north = np.array([partition.north[zone, : partition.sizes[zone]].mean() for zone in others])
    away = np.hypot(terrain.east[leaving][:, None] - east, terrain.north[leaving][:, None] - north)
    partition.labels[leaving] = others[np.argmin(away, axis=1)]
    return True


def _grow(terrain: Terrain, labels: Counts, free: Counts, fringe: list[tuple[float, int, int]]) -> bool:
    """Label the ``free`` buildings outwards from ``fringe`` (metres, building, zone), nearest first.

    False, with the labels as before, when some cannot be reached.
    """
    before = labels[free].copy()
    waiting = set(free.tolist())
    heapq.heapify(fringe)
    while fringe and waiting:
        metres, building, zone = heapq.heappop(fringe)
        if building not in waiting:
            continue
        waiting.remove(building)
        labels[building] = zone
        for neighbour in _neighbours(terrain, building):
            if neighbour in waiting:
                heapq.heappush(fringe, (metres + _apart(terrain, building, neighbour), neighbour, zone))
    if waiting:
        labels[free] = before
    return not waiting


def _neighbours(terrain: Terrain, building: int) -> list[int]:
    start, end = terrain.starts[building : building + 2]
    neighbours: list[int] = terrain.neighbours[start:end].tolist()
    return neighbours


def _apart(terrain: Terrain, one: int, other: int) -> float:
    return math.hypot(terrain.east[one] - terrain.east[other], terrain.north[one] - terrain.north[other])
