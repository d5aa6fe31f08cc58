"""Finding connected zones within the limits, or proving that there are none, where that can be done."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.exact.blocked import find_blocked
from geo_service.planning.zoning.exact.contraction import Contraction, contract
from geo_service.planning.zoning.exact.sums import can_add_up
from geo_service.planning.zoning.naming import count_changes, earlier_numbers
from geo_service.planning.zoning.problem import NOWHERE, ZoningProblem

# Sets of groups are the bits of one machine word.
MOST_GROUPS = 64
STEPS = 20_000_000

Bits = npt.NDArray[np.uint64]


class Verdict(Enum):
    """What the exhaustive search learnt."""

    FOUND = 1
    IMPOSSIBLE = 0
    GAVE_UP = -1


def find_division(problem: ZoningProblem, zones: int) -> tuple[Verdict, Counts]:
    """Some division into exactly ``zones`` connected zones within the limits and rules.

    Buildings that must share a zone are taken together first. Then, the cheapest first, it is asked whether
    loads can add up, whether every building can be in some zone, and, with few groups, whether any
    division exists: zone by zone, every connected set around the lowest building left is tried; a set is
    dropped as soon as its load, or what it leaves over, cannot come out within the limits.

    Returns
    -------
    Verdict
        ``GAVE_UP`` when there are more than 64 groups or the steps are spent.
    Counts, shape (n,)
        Labels; empty unless found.
    """
    nothing = np.empty(0, dtype=np.int64)
    contraction = contract(problem)
    if is_impossible(problem, contraction, zones):
        return Verdict.IMPOSSIBLE, nothing
    groups = len(contraction.loads)
    if groups > MOST_GROUPS:
        return Verdict.GAVE_UP, nothing
    labels = np.full(groups, -1, dtype=np.int64)
    outcome = _search(
        _bits_of(_pairs(contraction), groups),
        _bits_of(contraction.apart, groups),
        contraction.bound,
        contraction.loads,
        problem.limits.lo,
        problem.limits.hi,
        zones,
        STEPS,
        labels,
    )
    if Verdict(outcome) is not Verdict.FOUND:
        return Verdict(outcome), nothing
    found = _as_held(problem, labels[contraction.group_of])
    found = earlier_numbers(problem, found, zones)[found]
    return (Verdict.GAVE_UP, nothing) if _changes_too_much(problem, found) else (Verdict.FOUND, found)


def is_impossible(problem: ZoningProblem, contraction: Contraction, zones: int) -> bool:
    """Whether a single group, a pair or adding up proves that there is no division."""
    loads = contraction.loads
    return bool(
        zones > len(loads)
        or loads.max() > problem.limits.hi
        or contraction.contradictory
        or not can_add_up(loads, problem.limits, zones)
        or (zones > 1 and find_blocked(contraction, problem.limits, zones) is not None)
    )


def _pairs(contraction: Contraction) -> Counts:
    owners = np.repeat(np.arange(len(contraction.loads)), np.diff(contraction.starts))
    return np.column_stack([owners, contraction.neighbours])


def _bits_of(pairs: Counts, groups: int) -> Bits:
    """For each group, the bits of those it is paired with."""
    bits = np.zeros(groups, dtype=np.uint64)
    for one, other in pairs.tolist():
        bits[one] |= np.uint64(1) << np.uint64(other)
        bits[other] |= np.uint64(1) << np.uint64(one)
    return bits


def _as_held(problem: ZoningProblem, labels: Counts) -> Counts:
    """The zones renumbered so that buildings that must stay are in the zone they must be in."""
    stay = problem.rules.stay
    if not len(stay):
        return labels
    held = {int(labels[building]): int(stay[building]) for building in np.flatnonzero(stay != NOWHERE)}
    zones = int(labels.max()) + 1
    unused = iter(sorted(set(range(zones)) - set(held.values())))
    numbers = np.array(
        [held[zone] if zone in held else next(unused) for zone in range(zones)], dtype=np.int64
    )
    return numbers[labels]


def _changes_too_much(problem: ZoningProblem, labels: Counts) -> bool:
    earlier = problem.earlier
    if earlier is None or earlier.most_changes is None:
        return False
    return count_changes(problem, labels) > earlier.most_changes


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
def _keeps_bound(inside: np.uint64, bound: Counts) -> bool:
    """Whether of each pair that must share a zone both are inside or neither."""
    for place in range(len(bound)):
        one = inside & _bit(bound[place, 0])
        other = inside & _bit(bound[place, 1])
        if (one != 0) != (other != 0):
            return False
    return True


@compiled
def _push(
    sets: Bits, sums: Counts, top: int, four_sets: tuple[np.uint64, ...], four_sums: tuple[int, ...]
) -> None:
    for column in range(4):
        sets[top, column] = four_sets[column]
        sums[top, column] = four_sums[column]


@compiled
def _search(
    adjacency: Bits,
    conflicts: Bits,
    bound: Counts,
    households: Counts,
    lowest: int,
    highest: int,
    zones: int,
    budget: int,
    labels: Counts,
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
    steps = 0
    while top > 0:
        steps += 1
        if steps > budget:
            return -1
        top -= 1
        free, inside, refused, around = sets[top, 0], sets[top, 1], sets[top, 2], sets[top, 3]
        zone, load, reach, grown = sums[top, 0], sums[top, 1], sums[top, 2], sums[top, 3]
        if load > highest or reach < lowest:
            continue
        rest = free & ~inside
        closes = grown == 1 and load >= lowest and _keeps_bound(inside, bound)
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
            top += 1
            if not inside & conflicts[building]:
                _push(
                    sets,
                    sums,
                    top,
                    (free, inside | _bit(building), refused, around | adjacency[building]),
                    (zone, load + more, reach, 1),
                )
                top += 1
        if not closes or zone == zones - 1 or rest == none:
            continue
        steps += buildings
        if _rest_can_be_divided(rest, adjacency, households, lowest, highest, zones - zone - 1):
            closed[zone] = inside
            building = _lowest(rest)
            start = (rest, _bit(building), none, adjacency[building])
            _push(sets, sums, top, start, (zone + 1, households[building], _load(rest, households), 1))
            top += 1
    return 0
