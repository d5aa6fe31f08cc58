"""Proof by a single building: whichever connected zone takes it is too heavy, or cuts off too little."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.exact.contraction import Contraction

# Steps of the search in all, and around one group. Most groups take a few dozen.
STEPS = 10_000_000
STEPS_AROUND_ONE = 1_000_000

Flags = npt.NDArray[np.bool_]


def find_blocked(contraction: Contraction, limits: LoadRange, zones: int) -> int | None:
    """A group that no division into ``zones`` connected zones within ``limits`` has room for, if any.

    Every connected set around the group is tried, until one is within the limits and leaves over what could,
    by its load, be divided into the other zones.
    """
    groups = len(contraction.loads)
    conflicts = (
        np.zeros((groups, groups), dtype=np.bool_) if len(contraction.apart) else np.zeros((0, 0), np.bool_)
    )
    for one, other in contraction.apart:
        conflicts[one, other] = conflicts[other, one] = True
    steps = STEPS
    for group in np.argsort(-contraction.loads, kind="stable").tolist():
        verdict, used = _can_be_in_a_zone(
            group,
            contraction.starts,
            contraction.neighbours,
            contraction.loads,
            conflicts,
            limits.lo,
            limits.hi,
            zones,
            min(steps, STEPS_AROUND_ONE),
        )
        if verdict == 0:
            return int(group)
        steps -= used
        if steps <= 0:
            return None
    return None


@compiled
def _rest_can_be_divided(
    inside: Flags,
    starts: Counts,
    neighbours: Counts,
    loads: Counts,
    lowest: int,
    highest: int,
    zones: int,
    queue: Counts,
    seen: Flags,
) -> bool:
    """Whether the connected pieces outside could, by their loads, make ``zones`` zones together."""
    seen[:] = inside
    fewest = 0
    most = 0
    for first in range(len(loads)):
        if seen[first]:
            continue
        seen[first] = True
        queue[0] = first
        found = 1
        head = 0
        load = 0
        while head < found:
            group = queue[head]
            head += 1
            load += loads[group]
            for place in range(starts[group], starts[group + 1]):
                neighbour = neighbours[place]
                if not seen[neighbour]:
                    seen[neighbour] = True
                    queue[found] = neighbour
                    found += 1
        piece_fewest = max(1, -(-load // highest))
        piece_most = min(found, load // lowest) if lowest > 0 else found
        if piece_fewest > piece_most:
            return False
        fewest += piece_fewest
        most += piece_most
    return fewest <= zones <= most


@compiled
def _can_be_in_a_zone(
    start: int,
    starts: Counts,
    neighbours: Counts,
    loads: Counts,
    conflicts: Flags,
    lowest: int,
    highest: int,
    zones: int,
    budget: int,
) -> tuple[int, int]:
    """1 when some connected set around ``start`` will do, 0 when none does, -1 when the budget is spent.

    The fringe is a list; one after the other its groups are taken in or refused, and on the way back those
    taken in are refused.
    """
    groups = len(loads)
    inside = np.zeros(groups, dtype=np.bool_)
    listed = np.zeros(groups, dtype=np.bool_)
    fringe = np.zeros(groups, dtype=np.int64)
    # the length of the fringe before each group was taken in, -1 for the refused
    before = np.zeros(groups, dtype=np.int64)
    queue = np.zeros(groups, dtype=np.int64)
    seen = np.zeros(groups, dtype=np.bool_)
    total = loads.sum()
    fringe[0] = start
    listed[start] = True
    length = 1
    place = 0
    load = 0
    refused = 0
    steps = 0
    while True:
        steps += 1
        if steps > budget:
            return -1, steps
        forward = place < length and total - refused >= lowest
        if forward:
            group = fringe[place]
            fits = load + loads[group] <= highest
            if fits and len(conflicts):
                for other in range(place):
                    if before[other] >= 0 and conflicts[group, fringe[other]]:
                        fits = False
                        break
            if not fits:
                before[place] = -1
                refused += loads[group]
                place += 1
                continue
            before[place] = length
            inside[group] = True
            load += loads[group]
            for slot in range(starts[group], starts[group + 1]):
                neighbour = neighbours[slot]
                if not listed[neighbour]:
                    listed[neighbour] = True
                    fringe[length] = neighbour
                    length += 1
            place += 1
            if load >= lowest:
                steps += groups
                if _rest_can_be_divided(
                    inside, starts, neighbours, loads, lowest, highest, zones - 1, queue, seen
                ):
                    return 1, steps
            continue
        place -= 1
        while place >= 0 and before[place] < 0:
            refused -= loads[fringe[place]]
            place -= 1
        if place <= 0:
            return 0, steps
        group = fringe[place]
        inside[group] = False
        load -= loads[group]
        while length > before[place]:
            length -= 1
            listed[fringe[length]] = False
        before[place] = -1
        refused += loads[group]
        place += 1
