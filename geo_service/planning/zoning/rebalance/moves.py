"""Every change that could be part of mending one broken rule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import allocation_free
from geo_service.planning.model import Counts
from geo_service.planning.zoning.rebalance.ground import Division, Ground, changes_in, walk

# What is broken, or that nothing is, or that too much is.
HOPELESS = -1
SOUND = 0
OPEN = 1
APART = 2
LIGHT = 3
TORN = 4
HEAVY = 5

MOST_LISTED = 1 << 15


class Repair(NamedTuple):
    """The search's memory, made once for many runs.

    ``decided`` units do not change again; ``refused[unit, zone]`` moves are left to other branches; rows of
    ``moves`` are (unit, zone). ``costs`` (m) hold for the zones not ``touched`` since the start. ``best``
    holds the labels of the best plan met, ``best_cost`` its objective (m), ``counts`` its changes and the
    work spent. The rest is scratch: stamps of what is listed or in reach, and a queue.
    """

    decided: npt.NDArray[np.bool_]
    refused: npt.NDArray[np.bool_]
    seen: npt.NDArray[np.int32]
    stamps: Counts
    moves: Counts
    costs: npt.NDArray[np.float64]
    touched: Counts
    heaviest: Counts
    needs: Counts
    zones: Counts
    reached: Counts
    visited: Counts
    near: Counts
    best: Counts
    best_cost: npt.NDArray[np.float64]
    counts: Counts


def repair_of(ground: Ground) -> Repair:
    """An empty memory for ``ground``."""
    units, zones, buildings = len(ground.loads), len(ground.usable), len(ground.unit_of)
    return Repair(
        decided=ground.stay >= 0,
        refused=np.zeros((units, zones), dtype=np.bool_),
        seen=np.zeros((units, zones), dtype=np.int32),
        stamps=np.zeros(2, dtype=np.int64),
        moves=np.zeros((MOST_LISTED, 2), dtype=np.int64),
        costs=np.zeros(zones),
        touched=np.zeros(zones, dtype=np.int64),
        heaviest=np.zeros(zones, dtype=np.int64),
        needs=np.zeros(zones, dtype=np.int64),
        zones=np.zeros(zones, dtype=np.int64),
        reached=np.zeros(zones, dtype=np.int64),
        visited=np.zeros(buildings, dtype=np.int64),
        near=np.zeros((2 * buildings, 2), dtype=np.int64),
        best=np.zeros(buildings, dtype=np.int64),
        best_cost=np.full(1, np.inf),
        counts=np.zeros(5, dtype=np.int64),
    )


class State(NamedTuple):
    """What the kernels of the search hand each other; ``heaviest`` is the load of the heaviest free unit."""

    ground: Ground
    division: Division
    repair: Repair
    heaviest: int


@allocation_free
def least_leavers(state: State, zone: int, over: int) -> int:
    """No fewer buildings than this take ``over`` out of ``zone``."""
    if over <= 0:
        return 0
    heaviest = state.repair.heaviest[zone]
    if heaviest == 0:
        return len(state.division.labels) + 1
    return -(-over // heaviest)  # type: ignore[no-any-return]


@allocation_free
def list_moves(state: State, kind: int, which: int, left: int, top: int) -> int:
    """Write every move that may be part of mending the rule after row ``top`` of ``moves``."""
    ground, repair = state.ground, state.repair
    repair.stamps[0] += 1
    if kind == OPEN:
        return _list_zones(state, ground.unit_of[which], left, top)
    if kind == APART:
        for side in range(2):
            unit = ground.apart[which, side]
            if not repair.decided[unit]:
                top = _list_zones(state, unit, left, top)
        return top
    if kind == LIGHT:
        return _list_joiners(state, which, left, top)
    if kind == TORN:
        return _list_for_torn(state, which, left, top)
    return _list_leavers(state, which, left, top)


@allocation_free
def _list(state: State, unit: int, zone: int, left: int, top: int) -> int:
    """Append one move unless it was refused or leaves too little to mend the rest with."""
    ground, division, repair = state.ground, state.division, state.repair
    if repair.refused[unit, zone] or repair.seen[unit, zone] == repair.stamps[0]:
        return top
    repair.seen[unit, zone] = repair.stamps[0]
    left -= changes_in(ground, unit, zone)
    if left < 0 or not ground.usable[zone]:
        return top
    load = ground.loads[unit]
    leaving = repair.counts[2] - repair.needs[zone]
    leaving += least_leavers(state, zone, division.loads[zone] + load - ground.highest)
    old = division.labels[ground.members[ground.member_starts[unit]]]
    if old >= 0:
        leaving += least_leavers(state, old, division.loads[old] - load - ground.highest) - repair.needs[old]
        # every building is placed by now, so only changes can fill what falls below
        lightest = min(division.loads[zone] + load, division.loads[old] - load)
        if ground.lowest - lightest > left * state.heaviest or repair.counts[3] - 2 > 2 * left:
            return top
    if leaving > left:
        return top
    repair.moves[top] = (unit, zone)
    return top + 1


@allocation_free
def _list_zones(state: State, unit: int, left: int, top: int) -> int:
    """Every zone ``unit`` could end in."""
    ground, division, repair = state.ground, state.division, state.repair
    old = division.labels[ground.members[ground.member_starts[unit]]]
    left_after = left - (1 if old >= 0 else 0)
    found = _find_zones_near(state, unit, left_after)
    for place in range(found):
        if repair.zones[place] != old:
            top = _list(state, unit, repair.zones[place], left, top)
    if left_after >= repair.counts[4]:
        # a zone may give up all it has
        for zone in range(len(division.sizes)):
            if division.sizes[zone] <= left_after and zone != old:
                top = _list(state, unit, zone, left, top)
    return top


@allocation_free
def _find_zones_near(state: State, unit: int, left: int) -> int:
    """List in ``zones`` those that ``unit`` could hang together with after ``left`` more changes between.

    A walk through buildings that would follow it: one change each, none for those yet to be placed.
    """
    ground, division, repair = state.ground, state.division, state.repair
    if not ground.connected:
        for zone in range(len(repair.zones)):
            repair.zones[zone] = zone
        return len(repair.zones)
    repair.stamps[1] += 1
    stamp = repair.stamps[1]
    found = 0
    near = repair.near
    head = len(division.labels)
    end = head
    for place in range(ground.member_starts[unit], ground.member_starts[unit + 1]):
        near[end] = (ground.members[place], 0)
        repair.visited[ground.members[place]] = stamp
        end += 1
    while head < end:
        building, steps = near[head]
        head += 1
        for place in range(ground.starts[building], ground.starts[building + 1]):
            neighbour = ground.neighbours[place]
            if repair.visited[neighbour] == stamp:
                continue
            zone = division.labels[neighbour]
            if zone < 0:
                repair.visited[neighbour] = stamp
                head -= 1
                near[head] = (neighbour, steps)
                continue
            if repair.reached[zone] != stamp:
                repair.reached[zone] = stamp
                repair.zones[found] = zone
                found += 1
            if steps < left and not repair.decided[ground.unit_of[neighbour]]:
                repair.visited[neighbour] = stamp
                near[end] = (neighbour, steps + 1)
                end += 1
    return found


@allocation_free
def _borders(ground: Ground, division: Division, building: int) -> bool:
    """Whether a neighbour of ``building`` is outside its zone."""
    for place in range(ground.starts[building], ground.starts[building + 1]):
        if division.labels[ground.neighbours[place]] != division.labels[building]:
            return True
    return False


@allocation_free
def _list_leavers(state: State, zone: int, left: int, top: int) -> int:
    """Every change that takes load out of ``zone``.

    Of the buildings that leave it for one zone, one lies on its border; unless that zone gives up all
    buildings it has.
    """
    ground, division, repair = state.ground, state.division, state.repair
    anything = not ground.connected or repair.counts[4] < left
    building = division.first[zone]
    while building >= 0:
        unit = ground.unit_of[building]
        if not repair.decided[unit] and (anything or _borders(ground, division, building)):
            top = _list_zones(state, unit, left, top)
        building = division.after[building]
    return top


@allocation_free
def _list_joiners(state: State, zone: int, left: int, top: int) -> int:
    """Every change that brings load into ``zone``: of those that join, one lies beside it."""
    ground, division, repair = state.ground, state.division, state.repair
    if not ground.connected or division.sizes[zone] < left:
        for unit in range(len(ground.loads)):
            joins = division.labels[ground.members[ground.member_starts[unit]]] != zone
            if joins and not repair.decided[unit]:
                top = _list(state, unit, zone, left, top)
        return top
    building = division.first[zone]
    while building >= 0:
        top = _list_beside(state, building, zone, left, top)
        building = division.after[building]
    return top


@allocation_free
def _list_beside(state: State, building: int, zone: int, left: int, top: int) -> int:
    """The neighbours of ``building`` that could join ``zone``."""
    ground, division, repair = state.ground, state.division, state.repair
    for place in range(ground.starts[building], ground.starts[building + 1]):
        neighbour = ground.neighbours[place]
        unit = ground.unit_of[neighbour]
        if division.labels[neighbour] != zone and not repair.decided[unit]:
            top = _list(state, unit, zone, left, top)
    return top


@allocation_free
def _list_for_torn(state: State, zone: int, left: int, top: int) -> int:
    """Every change that may join the pieces of ``zone``, seen from its smallest piece.

    Either a neighbour of the piece joins the zone, or the piece leaves, or all others do.
    """
    ground, division, repair = state.ground, state.division, state.repair
    size = division.sizes[zone]
    queue = division.queue
    smallest = size + 1
    outside = -1
    inside = -1
    reached = 0
    building = division.first[zone]
    while building >= 0:
        if division.marks[building] == 0:
            begin = reached
            reached = walk(ground, division, building, begin)
            if reached - begin < smallest:
                outside = inside if inside >= 0 else outside
                smallest = reached - begin
                inside = building
            else:
                outside = building
        building = division.after[building]
    for place in range(reached):
        division.marks[queue[place]] = 0
    reached = walk(ground, division, inside, 0)
    for place in range(reached):
        division.marks[queue[place]] = 0
    for place in range(reached):
        top = _list_beside(state, queue[place], zone, left, top)
    for leaver, many in ((inside, smallest), (outside, size - smallest)):
        unit = ground.unit_of[leaver]
        if many <= left and not repair.decided[unit]:
            top = _list_zones(state, unit, left, top)
    return top
