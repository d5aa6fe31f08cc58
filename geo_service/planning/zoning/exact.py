"""Exhaustive search for few buildings: finds connected zones within the limits, or proves there are none."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.compiled import compiled
from geo_service.planning.zoning.problem import ZoningProblem

MOST_BUILDINGS = 60
NODE_BUDGET = 30_000_000

Bits = npt.NDArray[np.uint64]


class Verdict(Enum):
    """What the exhaustive search learnt."""

    FOUND = 1
    IMPOSSIBLE = 0
    GAVE_UP = -1


def find_division(problem: ZoningProblem, zones: int) -> tuple[Verdict, Counts]:
    """Some division into exactly ``zones`` connected zones within the limits.

    Zone by zone, every connected set around the lowest building left is tried; a set is dropped as soon
    as its load, or what it leaves over, cannot come out within the limits.

    Returns
    -------
    Verdict
        ``GAVE_UP`` when there are more than 60 buildings or the node budget is spent.
    Counts, shape (n,)
        Labels; empty unless found.
    """
    nothing = np.empty(0, dtype=np.int64)
    if problem.buildings > MOST_BUILDINGS:
        return Verdict.GAVE_UP, nothing
    adjacency = np.zeros(problem.buildings, dtype=np.uint64)
    for building in range(problem.buildings):
        start, end = problem.neighbour_starts[building : building + 2]
        for neighbour in problem.neighbours[start:end].tolist():
            adjacency[building] |= np.uint64(1) << np.uint64(neighbour)
    labels = np.full(problem.buildings, -1, dtype=np.int64)
    households = np.ascontiguousarray(problem.households, dtype=np.int64)
    outcome = _search(adjacency, households, problem.limits.lo, problem.limits.hi, zones, NODE_BUDGET, labels)
    return Verdict(outcome), labels if outcome == Verdict.FOUND.value else nothing


@compiled
def _bit(place: int) -> np.uint64:
    return np.uint64(1) << np.uint64(place)


@compiled
def _neighbourhood(inside: np.uint64, adjacency: Bits) -> np.uint64:
    around = np.uint64(0)
    for building in range(len(adjacency)):
        if inside & _bit(building):
            around |= adjacency[building]
    return around


@compiled
def _load(inside: np.uint64, households: Counts) -> int:
    total = 0
    for building in range(len(households)):
        if inside & _bit(building):
            total += households[building]
    return total


@compiled
def _rest_can_be_divided(
    rest: np.uint64, adjacency: Bits, households: Counts, lowest: int, highest: int, zones: int
) -> bool:
    """Whether the connected parts of ``rest`` could, by arithmetic, hold exactly ``zones`` zones."""
    fewest = 0
    most = 0
    while rest:
        part = rest & (~rest + np.uint64(1))
        grown = np.uint64(0)
        while part != grown:
            grown = part
            part |= _neighbourhood(part, adjacency) & rest
        load = _load(part, households)
        size = 0
        for building in range(len(households)):
            if part & _bit(building):
                size += 1
        part_fewest = max(1, -(-load // highest))
        part_most = min(size, load // lowest) if lowest > 0 else size
        if part_fewest > part_most:
            return False
        fewest += part_fewest
        most += part_most
        rest &= ~part
    return fewest <= zones <= most


@compiled
def _search(
    adjacency: Bits, households: Counts, lowest: int, highest: int, zones: int, budget: int, labels: Counts
) -> int:
    """1 with ``labels`` filled, 0 when exhausted, -1 when the budget is spent.

    Depth first on a stack of (zone, free buildings, inside, refused): a frame stands for the zones closed
    before it, the connected set ``inside`` being grown, and neighbours already refused to it.
    """
    buildings = len(households)
    depth = 2 * buildings + 2 * zones + 8
    frame_zone = np.zeros(depth, dtype=np.int64)
    frame_free = np.zeros(depth, dtype=np.uint64)
    frame_inside = np.zeros(depth, dtype=np.uint64)
    frame_refused = np.zeros(depth, dtype=np.uint64)
    frame_around = np.zeros(depth, dtype=np.uint64)
    frame_load = np.zeros(depth, dtype=np.int64)
    frame_fresh = np.zeros(depth, dtype=np.bool_)
    closed = np.zeros(zones, dtype=np.uint64)
    everything = np.uint64(0)
    for building in range(buildings):
        everything |= _bit(building)
    frame_free[0] = everything
    frame_inside[0] = np.uint64(1)
    frame_around[0] = adjacency[0]
    frame_load[0] = households[0]
    frame_fresh[0] = True
    top = 1
    nodes = 0
    while top > 0:
        nodes += 1
        if nodes > budget:
            return -1
        top -= 1
        zone = frame_zone[top]
        free = frame_free[top]
        inside = frame_inside[top]
        refused = frame_refused[top]
        around = frame_around[top]
        load = frame_load[top]
        fresh = frame_fresh[top]
        if load > highest or load + _load(free & ~inside & ~refused, households) < lowest:
            continue
        fringe = around & free & ~inside & ~refused
        closes = fresh and load >= lowest
        rest = free & ~inside
        if closes and rest == 0 and zone == zones - 1:
            closed[zone] = inside
            for place in range(zones):
                for building in range(buildings):
                    if closed[place] & _bit(building):
                        labels[building] = place
            return 1
        if fringe:
            building = 0
            while not fringe & _bit(building):
                building += 1
            frame_zone[top] = zone
            frame_free[top] = free
            frame_inside[top] = inside
            frame_refused[top] = refused | _bit(building)
            frame_around[top] = around
            frame_load[top] = load
            frame_fresh[top] = False
            top += 1
            frame_zone[top] = zone
            frame_free[top] = free
            frame_inside[top] = inside | _bit(building)
            frame_refused[top] = refused
            frame_around[top] = around | adjacency[building]
            frame_load[top] = load + households[building]
            frame_fresh[top] = True
            top += 1
        if closes and zone < zones - 1 and rest:
            if _rest_can_be_divided(rest, adjacency, households, lowest, highest, zones - zone - 1):
                closed[zone] = inside
                building = 0
                while not rest & _bit(building):
                    building += 1
                frame_zone[top] = zone + 1
                frame_free[top] = rest
                frame_inside[top] = _bit(building)
                frame_refused[top] = np.uint64(0)
                frame_around[top] = adjacency[building]
                frame_load[top] = households[building]
                frame_fresh[top] = True
                top += 1
    return 0
