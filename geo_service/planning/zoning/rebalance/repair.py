"""The least change that mends a plan, by exhausting every smaller one.

A plan breaks a rule only until some building involved has changed zone. So the search takes one broken
rule at a time and branches over every change that could be part of mending it; a change tried is refused
in the branches after it, so that no set of changes is met twice (the bounded search trees of
parameterised algorithms, with set enumeration).
"""

from __future__ import annotations

import numpy as np

from geo_service.planning.compiled import allocation_free, compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.rebalance.ground import (
    Division,
    Ground,
    changes_in,
    cost_beside_distance,
    count_pieces,
    put,
    zone_cost,
)
from geo_service.planning.zoning.rebalance.moves import (
    APART,
    HEAVY,
    HOPELESS,
    LIGHT,
    MOST_LISTED,
    OPEN,
    SOUND,
    TORN,
    Repair,
    State,
    least_leavers,
    list_moves,
)

EXHAUSTED = 0
OUT_OF_BUDGET = 1


@compiled
def find_repairs(
    ground: Ground, division: Division, repair: Repair, spent: int, most: int, budget: int
) -> int:
    """Find the best plan within the rules with at most ``most`` changes: the fewest, then the best.

    Parameters
    ----------
    division : Division
        Given back as it came.
    spent : int
        Changes already decided.
    most : int
        The limit on changes, those decided included.
    budget : int
        Candidate moves looked at.

    Returns
    -------
    int
        ``EXHAUSTED``: ``repair.best`` is the best there is, or there is none (``best_cost`` infinite).
        ``OUT_OF_BUDGET``: ``repair.best`` is the best met so far.
    """
    units = len(ground.loads)
    state = State(ground, division, repair, _find_heaviest(ground, division, repair))
    for zone in range(len(division.sizes)):
        repair.costs[zone] = zone_cost(ground, division, zone)[0]
        repair.touched[zone] = 0
    repair.best_cost[0] = np.inf
    begins = np.zeros(units + 2, dtype=np.int64)
    ends = np.zeros(units + 2, dtype=np.int64)
    tried = np.zeros(units + 2, dtype=np.int64)
    origin = np.zeros((units + 2, 3), dtype=np.int64)
    depth = 0
    work = 0
    outcome = EXHAUSTED
    fresh = True
    while True:
        if fresh:
            fresh = False
            kind, which = _diagnose(state, most - spent)
            ends[depth] = begins[depth]
            if kind == SOUND:
                _record(state, spent)
                most = min(most, spent)
            elif kind != HOPELESS:
                ends[depth] = list_moves(state, kind, which, most - spent, begins[depth])
            work += 8 + ends[depth] - begins[depth]
            tried[depth] = begins[depth]
            if work > budget or ends[depth] > MOST_LISTED - units - len(division.sizes):
                outcome = OUT_OF_BUDGET
                ends[depth] = begins[depth]
        if tried[depth] < ends[depth] and outcome == EXHAUSTED:
            unit, zone = repair.moves[tried[depth]]
            tried[depth] += 1
            spent += changes_in(ground, unit, zone)
            _apply(state, unit, zone, origin[depth])
            depth += 1
            begins[depth] = ends[depth - 1]
            fresh = True
            continue
        for place in range(begins[depth], tried[depth]):
            unit, zone = repair.moves[place]
            repair.refused[unit, zone] = False
        if depth == 0:
            repair.counts[1] += work
            return outcome
        depth -= 1
        unit, zone = repair.moves[tried[depth] - 1]
        spent -= changes_in(ground, unit, zone)
        _undo(state, unit, zone, origin[depth])
        repair.refused[unit, zone] = True


@allocation_free
def _find_heaviest(ground: Ground, division: Division, repair: Repair) -> int:
    """The heaviest unit that may change, in all and of each zone: those that change later began there."""
    heaviest = 0
    for zone in range(len(division.sizes)):
        repair.heaviest[zone] = 0
    for unit in range(len(ground.loads)):
        if not repair.decided[unit]:
            heaviest = max(heaviest, ground.loads[unit])
            zone = division.labels[ground.members[ground.member_starts[unit]]]
            if zone >= 0:
                repair.heaviest[zone] = max(repair.heaviest[zone], ground.loads[unit])
    return heaviest


@allocation_free
def _apply(state: State, unit: int, zone: int, origin: Counts) -> None:
    ground, division, repair = state.ground, state.division, state.repair
    old = division.labels[ground.members[ground.member_starts[unit]]]
    origin[0] = old
    origin[1] = division.pieces[old] if old >= 0 else 0
    origin[2] = division.pieces[zone]
    put(ground, division, unit, zone)
    repair.decided[unit] = True
    repair.touched[zone] += 1
    division.pieces[zone] = count_pieces(ground, division, zone)
    if old >= 0:
        repair.touched[old] += 1
        division.pieces[old] = count_pieces(ground, division, old)


@allocation_free
def _undo(state: State, unit: int, zone: int, origin: Counts) -> None:
    division, repair = state.division, state.repair
    old = origin[0]
    put(state.ground, division, unit, old)
    repair.decided[unit] = False
    repair.touched[zone] -= 1
    division.pieces[zone] = origin[2]
    if old >= 0:
        repair.touched[old] -= 1
        division.pieces[old] = origin[1]


@allocation_free
def _record(state: State, spent: int) -> None:
    """Keep a plan within the rules if it is the best so far."""
    ground, division, repair = state.ground, state.division, state.repair
    cost = cost_beside_distance(ground, division, spent)
    for zone in range(len(division.sizes)):
        if repair.touched[zone] > 0:
            cost += zone_cost(ground, division, zone)[0]
        else:
            cost += repair.costs[zone]
    if np.isinf(repair.best_cost[0]) or (spent, cost) < (repair.counts[0], repair.best_cost[0]):
        repair.best_cost[0] = cost
        repair.counts[0] = spent
        for building in range(len(division.labels)):
            repair.best[building] = division.labels[building]


@allocation_free
def _diagnose(state: State, left: int) -> tuple[int, int]:
    """The broken rule to branch on and where it is; hopeless when ``left`` changes cannot mend all."""
    ground, division, repair, heaviest = state.ground, state.division, state.repair, state.heaviest
    if left < 0:
        return HOPELESS, -1
    leaving = 0
    joining = 0
    broken = 0
    placed = 0
    heavy = -1
    light = -1
    torn = -1
    least_size = len(division.labels)
    for zone in range(len(division.sizes)):
        repair.needs[zone] = 0
        if not ground.usable[zone]:
            continue
        placed += division.sizes[zone]
        least_size = min(least_size, division.sizes[zone])
        over = division.loads[zone] - ground.highest
        under = ground.lowest - division.loads[zone]
        if over > 0:
            heavy = zone
            repair.needs[zone] = least_leavers(state, zone, over)
            leaving += repair.needs[zone]
            broken += 1
        elif under > 0 or division.sizes[zone] == 0:
            light = zone
            joining += 1 if heaviest == 0 else max(1, -(-under // heaviest))
            broken += 1
        elif division.pieces[zone] > 1:
            torn = zone
            broken += 1
    repair.counts[2] = leaving
    repair.counts[3] = broken
    repair.counts[4] = least_size
    if leaving > left:
        return HOPELESS, -1
    if placed < len(division.labels):
        return OPEN, _first_open(ground, division)
    if joining > left or broken > 2 * left:
        return HOPELESS, -1
    for pair in range(len(ground.apart)):
        one = ground.members[ground.member_starts[ground.apart[pair, 0]]]
        other = ground.members[ground.member_starts[ground.apart[pair, 1]]]
        if division.labels[one] == division.labels[other]:
            return (APART, pair) if left > 0 else (HOPELESS, -1)
    if light >= 0:
        return LIGHT, light
    if torn >= 0:
        return TORN, torn
    if heavy >= 0:
        return HEAVY, heavy
    return SOUND, -1


@allocation_free
def _first_open(ground: Ground, division: Division) -> int:
    """A building yet to be placed, beside a zone if there is one."""
    found = -1
    for building in range(len(division.labels)):
        if division.labels[building] < 0:
            if found < 0:
                found = building
            for place in range(ground.starts[building], ground.starts[building + 1]):
                if division.labels[ground.neighbours[place]] >= 0:
                    return building
    return found
