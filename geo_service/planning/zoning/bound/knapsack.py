"""The best zone around one centre when buildings pay to be taken: a knapsack with a least and a most load.

Every function returns a value no zone around the centre can be below. A *price* is what a unit of load costs
on top (negative: earns); whatever the price, the value is valid (weak duality), and at the best price it is
the knapsack's linear relaxation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.bound.columns import Columns
from geo_service.planning.zoning.problem import Metres


class ZoneLoad(NamedTuple):
    """What a zone may hold, and metres each unit of load off the target costs."""

    loads: Counts
    lowest: int
    highest: int
    target: float
    balance_m: float


class Scratch(NamedTuple):
    """Room for one knapsack: buildings with what they are ordered by."""

    ratios: Metres
    buildings: Counts


class Filling(NamedTuple):
    """A zone of the linear relaxation: its value, its price, and how much of the scratch it takes.

    ``buildings[:whole]`` are in, ``buildings[whole]`` is in by ``share``; those without load are at the end
    of the scratch, from ``light`` on.
    """

    value: float
    price: float
    whole: int
    share: float
    light: int


def scratch_of(buildings: int) -> Scratch:
    """Room for any zone of so many buildings."""
    return Scratch(np.zeros(buildings + 1), np.zeros(buildings + 1, dtype=np.int64))


@compiled
def imbalance_m(zone: ZoneLoad, load: float) -> float:
    """Metres a zone of ``load`` costs for being off the target."""
    return zone.balance_m * abs(load - zone.target)


@compiled
def nearest_to_target(zone: ZoneLoad) -> float:
    """The load within the limits that is nearest to the target."""
    return min(max(zone.target, float(zone.lowest)), float(zone.highest))


@compiled
def value_at_price(columns: Columns, zone: ZoneLoad, multipliers: Metres, centre: int, price: float) -> float:
    """One pass over a centre's buildings: a value no zone around it is below, at any price.

    The price must not be negative where columns are not whole.
    """
    seat = columns.seats[centre]
    total = 0.0
    if seat >= 0:
        total += max(0.0, zone.loads[seat] * price - multipliers[seat])
    for place in range(columns.starts[centre], columns.starts[centre + 1]):
        building = columns.members[place]
        total += min(0.0, columns.costs_m[place] - multipliers[building] + price * zone.loads[building])
    wanted = nearest_to_target(zone)
    return total + min(
        imbalance_m(zone, zone.lowest) - price * zone.lowest,
        imbalance_m(zone, wanted) - price * wanted,
        imbalance_m(zone, zone.highest) - price * zone.highest,
    )


@compiled
def best_price(
    columns: Columns, zone: ZoneLoad, multipliers: Metres, centre: int, scratch: Scratch
) -> Filling:
    """The linear relaxation: buildings by cost a unit of load until more load does not pay."""
    seat = columns.seats[centre]
    held = 0
    value = 0.0
    if seat >= 0:
        held = zone.loads[seat]
        value = -multipliers[seat]
    if held > zone.highest:
        return Filling(np.inf, 0.0, 0, 0.0, len(scratch.buildings))
    count = 0
    light = len(scratch.buildings)
    gladly = float(held)
    eagerly = float(held)
    for place in range(columns.starts[centre], columns.starts[centre + 1]):
        building = columns.members[place]
        if building == seat:
            continue
        cost = columns.costs_m[place] - multipliers[building]
        load = zone.loads[building]
        if load == 0:
            if cost < 0:
                light -= 1
                scratch.buildings[light] = building
                value += cost
        elif cost < 0:
            scratch.ratios[count] = cost / load
            scratch.buildings[count] = building
            count += 1
            gladly += load
            if cost < -zone.balance_m * load:
                eagerly += load
    if not columns.whole:
        # what is not listed would cost nothing or more: as if there were any load of it, for nothing
        gladly = np.inf
    elif gladly < max(float(zone.lowest), zone.target if zone.balance_m > 0 else 0.0):
        filled = gladly
        for place in range(columns.starts[centre], columns.starts[centre + 1]):
            building = columns.members[place]
            cost = columns.costs_m[place] - multipliers[building]
            load = zone.loads[building]
            if building != seat and load > 0 and cost >= 0:
                scratch.ratios[count] = cost / load
                scratch.buildings[count] = building
                count += 1
                filled += load
                if cost < zone.balance_m * load:
                    gladly += load
        if filled < zone.lowest:
            return Filling(np.inf, 0.0, 0, 0.0, light)
    wanted = _wanted_load(zone, eagerly, gladly)
    whole, share = cheapest(zone.loads, scratch, count, wanted - held)
    price = 0.0
    for slot in range(whole):
        value += scratch.ratios[slot] * zone.loads[scratch.buildings[slot]]
    if whole < count:
        price = -scratch.ratios[whole]
        value -= price * share * zone.loads[scratch.buildings[whole]]
    if wanted != zone.target and zone.lowest < wanted < zone.highest:
        price = zone.balance_m if wanted > zone.target else -zone.balance_m
    return Filling(value + imbalance_m(zone, wanted), price, whole, share, light)


@compiled
def _wanted_load(zone: ZoneLoad, eagerly: float, gladly: float) -> float:
    """The load at which more does not pay: up to ``eagerly`` beyond the target, to ``gladly`` below it."""
    if eagerly >= zone.target:
        wanted = eagerly
    elif gladly <= zone.target:
        wanted = gladly
    else:
        wanted = zone.target
    return min(max(wanted, float(zone.lowest)), float(zone.highest))


@compiled
def cheapest(loads: Counts, scratch: Scratch, count: int, wanted: float) -> tuple[int, float]:
    """Bring the buildings of least ratio that fill ``wanted`` to the front: how many, and the next's share.

    Weighted quickselect (Balas and Zemel 1980): linear in ``count`` on average.
    """
    ratios = scratch.ratios
    buildings = scratch.buildings
    low = 0
    high = count
    while low < high:
        first = ratios[low]
        middle = ratios[(low + high) // 2]
        last = ratios[high - 1]
        pivot = max(min(first, middle), min(max(first, middle), last))
        below = low
        slot = low
        above = high
        load_below = 0
        load_equal = 0
        while slot < above:
            ratio = ratios[slot]
            building = buildings[slot]
            if ratio < pivot:
                load_below += loads[building]
                ratios[slot], ratios[below] = ratios[below], ratio
                buildings[slot], buildings[below] = buildings[below], building
                below += 1
                slot += 1
            elif ratio > pivot:
                above -= 1
                ratios[slot], ratios[above] = ratios[above], ratio
                buildings[slot], buildings[above] = buildings[above], building
            else:
                load_equal += loads[building]
                slot += 1
        if load_below > wanted:
            high = below
            continue
        wanted -= load_below
        low = above
        if load_equal <= wanted:
            wanted -= load_equal
            continue
        slot = below
        while loads[buildings[slot]] <= wanted:
            wanted -= loads[buildings[slot]]
            slot += 1
        return slot, wanted / loads[buildings[slot]]
    return low, 0.0
