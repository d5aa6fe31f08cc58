"""The moves of the search: what each would cost, exactly, and making it when that is within a bound."""

from __future__ import annotations

import math

from geo_service.planning.compiled import allocation_free, inlined
from geo_service.planning.zoning.search.connection import is_connected, stays_connected, touches
from geo_service.planning.zoning.search.costs import cost_exchanged, cost_with, cost_without
from geo_service.planning.zoning.search.partition import (
    NEVER,
    Partition,
    Terrain,
    distance_to,
    excess,
    join_zone,
    leave_zone,
    set_cost,
    zone_cost,
)


@inlined
def load_price(terrain: Terrain, load: int, penalty: float) -> float:
    """What a zone of ``load`` pays, in units, for lying outside the limits and away from the target."""
    price = terrain.balance_units * abs(load - terrain.target)
    outside = excess(load, terrain.lowest, terrain.highest)
    if outside > 0:
        price += penalty * (outside + terrain.toll)
    return price


@inlined
def _load_change(
    terrain: Terrain, partition: Partition, giver: int, taker: int, load: int, penalty: float
) -> float:
    """Change of both zones' load prices when ``load`` goes from one to the other."""
    return (
        load_price(terrain, partition.loads[giver] - load, penalty)
        - load_price(terrain, partition.loads[giver], penalty)
        + load_price(terrain, partition.loads[taker] + load, penalty)
        - load_price(terrain, partition.loads[taker], penalty)
    )


@inlined
def _rule_change(
    terrain: Terrain, partition: Partition, building: int, taker: int, partner: int, penalty: float
) -> float:
    """Change of what parted pairs and borders cost when ``building`` goes to ``taker``.

    ``partner`` is the building that comes back in exchange, or -1; its own change is asked for separately.
    """
    giver = partition.labels[building]
    parted = 0
    for place in range(terrain.parted_starts[building], terrain.parted_starts[building + 1]):
        other = terrain.parted[place]
        if other != partner:
            zone = partition.labels[other]
            parted += int(zone == taker) - int(zone == giver)
    change = penalty * parted
    if terrain.border_units > 0.0:
        borders = 0
        for place in range(terrain.starts[building], terrain.starts[building + 1]):
            other = terrain.neighbours[place]
            if other != partner:
                zone = partition.labels[other]
                borders += int(zone == giver) - int(zone == taker)
        change += terrain.border_units * borders
    return change


@inlined
def _more_changes(terrain: Terrain, building: int, giver: int, taker: int) -> int:
    """1 when ``building`` leaves its earlier zone, -1 when it comes back to it."""
    before = terrain.earlier[building]
    return int(before == giver) - int(before == taker)


@inlined
def _price_of_changes(terrain: Terrain, partition: Partition, more: int, penalty: float) -> float:
    """What ``more`` changed buildings cost; all of a move's at once, for only so many are allowed."""
    over = partition.changed[0] - terrain.most_changes
    beyond = max(over + more, 0) - max(over, 0)
    return terrain.change_units * more + penalty * beyond  # type: ignore[no-any-return]


@inlined
def _is_joined(terrain: Terrain, building: int) -> bool:
    return terrain.joined_starts[building] < terrain.joined_starts[building + 1]  # type: ignore[no-any-return]


@inlined
def _promised(terrain: Terrain, partition: Partition, building: int, giver: int, taker: int) -> float:
    """The least that a change of zone may be expected to cost: what it would at today's centres, less slack.

    Better centres may make it cheaper still, the more so the smaller the zones are; a move that is dear by
    more than that is not worth the exact sum.
    """
    if not terrain.straight:
        return -float(NEVER)
    today = distance_to(terrain, building, partition.medoids[taker]) - distance_to(
        terrain, building, partition.medoids[giver]
    )
    spread = partition.costs[giver] / partition.sizes[giver] + partition.costs[taker] / partition.sizes[taker]
    return float(today - terrain.slack * spread)


@inlined
def shift(
    terrain: Terrain,
    partition: Partition,
    building: int,
    taker: int,
    penalty: float,
    rule_penalty: float,
    bound: float,
) -> bool:
    """Move one building to a neighbouring zone when that costs no more than ``bound`` units."""
    giver = partition.labels[building]
    if partition.sizes[giver] < 2 or partition.sizes[taker] >= partition.members.shape[1]:
        return False
    change = _load_change(terrain, partition, giver, taker, terrain.loads[building], penalty)
    if terrain.ruled:
        if _is_joined(terrain, building):
            return False
        change += _rule_change(terrain, partition, building, taker, -1, rule_penalty)
        more = _more_changes(terrain, building, giver, taker)
        change += _price_of_changes(terrain, partition, more, rule_penalty)
    if change + _promised(terrain, partition, building, giver, taker) > bound:
        return False
    giver_cost = cost_without(terrain, partition, giver, building)
    change += giver_cost - partition.costs[giver]
    # a zone that takes a building may gain a better centre, but saves less than half of its cost by it
    if change - partition.costs[taker] // 2 > bound:
        return False
    taker_cost = cost_with(terrain, partition, taker, building)
    change += taker_cost - partition.costs[taker]
    if change > bound:
        return False
    if terrain.connected and not stays_connected(terrain, partition, giver, building, -1):
        return False
    leave_zone(terrain, partition, building)
    join_zone(terrain, partition, building, taker)
    set_cost(terrain, partition, giver, giver_cost)
    set_cost(terrain, partition, taker, taker_cost)
    return True


@inlined
def swap(
    terrain: Terrain,
    partition: Partition,
    one: int,
    other: int,
    penalty: float,
    rule_penalty: float,
    bound: float,
) -> bool:
    """Exchange two buildings of different zones when that costs no more than ``bound`` units."""
    first = partition.labels[one]
    second = partition.labels[other]
    moved = terrain.loads[one] - terrain.loads[other]
    change = _load_change(terrain, partition, first, second, moved, penalty)
    if terrain.ruled:
        if _is_joined(terrain, one) or _is_joined(terrain, other):
            return False
        change += _rule_change(terrain, partition, one, second, other, rule_penalty)
        change += _rule_change(terrain, partition, other, first, one, rule_penalty)
        more = _more_changes(terrain, one, first, second) + _more_changes(terrain, other, second, first)
        change += _price_of_changes(terrain, partition, more, rule_penalty)
    if (
        change
        + _promised(terrain, partition, one, first, second)
        + _promised(terrain, partition, other, second, first)
        > bound
    ):
        return False
    if terrain.connected and not (
        (partition.sizes[first] == 1 or touches(terrain, partition, other, first, one))
        and (partition.sizes[second] == 1 or touches(terrain, partition, one, second, other))
    ):
        return False
    first_cost = cost_exchanged(terrain, partition, first, one, other)
    change += first_cost - partition.costs[first]
    if change - partition.costs[second] > bound:
        return False
    second_cost = cost_exchanged(terrain, partition, second, other, one)
    change += second_cost - partition.costs[second]
    if change > bound:
        return False
    if terrain.connected and not (
        stays_connected(terrain, partition, first, one, other)
        and stays_connected(terrain, partition, second, other, one)
    ):
        return False
    leave_zone(terrain, partition, one)
    leave_zone(terrain, partition, other)
    join_zone(terrain, partition, one, second)
    join_zone(terrain, partition, other, first)
    set_cost(terrain, partition, first, first_cost)
    set_cost(terrain, partition, second, second_cost)
    return True


@allocation_free
def shift_together(
    terrain: Terrain,
    partition: Partition,
    building: int,
    taker: int,
    penalty: float,
    rule_penalty: float,
    bound: float,
) -> bool:
    """Move a building and all that must share its zone, when that costs no more than ``bound`` units."""
    giver = partition.labels[building]
    start = terrain.joined_starts[building]
    end = terrain.joined_starts[building + 1]
    room = partition.members.shape[1] - partition.sizes[taker]
    if partition.sizes[giver] <= end - start + 1 or room < end - start + 1:
        return False
    before = partition.costs[giver] + partition.costs[taker]
    change = 0.0
    moved = 0
    for turn in range(start - 1, end):
        each = building if turn < start else terrain.joined[turn]
        if not terrain.movable[each]:
            change = math.inf
            break
        change += _load_change(terrain, partition, giver, taker, terrain.loads[each], penalty)
        change += _rule_change(terrain, partition, each, taker, -1, rule_penalty)
        more = _more_changes(terrain, each, giver, taker)
        change += _price_of_changes(terrain, partition, more, rule_penalty)
        leave_zone(terrain, partition, each)
        join_zone(terrain, partition, each, taker)
        moved += 1
    if change < math.inf:
        change += zone_cost(terrain, partition, giver) + zone_cost(terrain, partition, taker) - before
    if change > bound or (
        terrain.connected
        and not (is_connected(terrain, partition, giver) and is_connected(terrain, partition, taker))
    ):
        for turn in range(start - 1, start - 1 + moved):
            each = building if turn < start else terrain.joined[turn]
            leave_zone(terrain, partition, each)
            join_zone(terrain, partition, each, giver)
        return False
    set_cost(terrain, partition, giver, zone_cost(terrain, partition, giver))
    set_cost(terrain, partition, taker, zone_cost(terrain, partition, taker))
    return True
