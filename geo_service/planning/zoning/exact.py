"""Exhaustive search for few buildings: finds connected zones within the limits, or proves there are none."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from geo_service.planning.model import Counts
from geo_service.planning.zoning.compiled import compiled
from geo_service.planning.zoning.problem import ZoningProblem

MOST_BUILDINGS = 40
NODE_BUDGET = 100_000_000

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
        ``GAVE_UP`` when there are more than 40 buildings or the node budget is spent.
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
    households = np.ascontiguousarray(problem.loads, dtype=np.int64)
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
def _lowest(inside: np.uint64) -> int:
    place = 0
    while not inside & _bit(place):
        place += 1
    return place


@compiled
def _push(
    sets: Bits, sums: Counts, top: int, four_sets: tuple[np.uint64, ...], four_sums: tuple[int, ...]
) -> None:
    for column in range(4):
        sets[top, column] = four_sets[column]
        sums[top, column] = four_sums[column]


@compiled
def _search(
    adjacency: Bits, households: Counts, lowest: int, highest: int, zones: int, budget: int, labels: Counts
) -> int:
    """1 with ``labels`` filled, 0 when exhausted, -1 when the budget is spent.

    Depth first on a stack. A frame stands for the zones closed before it and one connected set being grown:
    the buildings still free, those inside, those refused to it, the neighbours of those inside; and the
    zone's number, its load, the most it could still reach, and whether it grew last (1) or was refused (0).
    """
    buildings = len(households)
    sets = np.zeros((2 * buildings + 2 * zones + 8, 4), dtype=np.uint64)
    sums = np.zeros((2 * buildings + 2 * zones + 8, 4), dtype=np.int64)
    closed = np.zeros(zones, dtype=np.uint64)
    none = np.uint64(0)
    everything = none
    for building in range(buildings):
        everything |= _bit(building)
    _push(sets, sums, 0, (everything, _bit(0), none, adjacency[0]), (0, households[0], households.sum(), 1))
    top = 1
    nodes = 0
    while top > 0:
        nodes += 1
        if nodes > budget:
            return -1
        top -= 1
        free, inside, refused, around = sets[top, 0], sets[top, 1], sets[top, 2], sets[top, 3]
        zone, load, reach, grown = sums[top, 0], sums[top, 1], sums[top, 2], sums[top, 3]
        if load > highest or reach < lowest:
            continue
        rest = free & ~inside
        closes = grown == 1 and load >= lowest
        if closes and rest == none and zone == zones - 1:
            closed[zone] = inside
            for place in range(zones):
                for building in range(buildings):
                    if closed[place] & _bit(building):
                        labels[building] = place
            return 1
        fringe = around & rest & ~refused
        if fringe:
            building = _lowest(fringe)
            more = households[building]
            _push(
                sets,
                sums,
                top,
                (free, inside, refused | _bit(building), around),
                (zone, load, reach - more, 0),
            )
            _push(
                sets,
                sums,
                top + 1,
                (free, inside | _bit(building), refused, around | adjacency[building]),
                (zone, load + more, reach, 1),
            )
            top += 2
        if (
            closes
            and zone < zones - 1
            and rest
            and _rest_can_be_divided(rest, adjacency, households, lowest, highest, zones - zone - 1)
        ):
            closed[zone] = inside
            building = _lowest(rest)
            start = (rest, _bit(building), none, adjacency[building])
            _push(sets, sums, top, start, (zone + 1, households[building], _load(rest, households), 1))
            top += 1
    return 0
