"""The best zone around one centre with whole buildings only: the knapsack's linear relaxation, tightened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import compiled
from geo_service.planning.model import Counts
from geo_service.planning.zoning.bound.columns import Columns
from geo_service.planning.zoning.bound.knapsack import (
    Filling,
    Scratch,
    ZoneLoad,
    cheapest,
    imbalance_m,
    nearest_to_target,
    value_at_price,
)
from geo_service.planning.zoning.problem import Metres

# Buildings that reduced costs leave least decided.
CORE_SIZE = 16
# Tables for zones of more load than this would be slow to fill in.
LARGEST_TABLE = 4096


class Table(NamedTuple):
    """Least cost of each load of the core, and which buildings were taken to reach it."""

    units: Counts
    core: Counts
    least: Metres
    taken: npt.NDArray[np.bool_]


def table_of(buildings: int, highest: int) -> Table:
    """Room for zones of at most ``highest`` load."""
    return Table(
        np.ones(buildings, dtype=np.int64),
        np.zeros(CORE_SIZE, dtype=np.int64),
        np.zeros(highest + 1),
        np.zeros((CORE_SIZE, highest + 1), dtype=np.bool_),
    )


@compiled
def best_whole(
    columns: Columns,
    zone: ZoneLoad,
    multipliers: Metres,
    centre: int,
    filling: Filling,
    scratch: Scratch,
    table: Table,
) -> Filling:
    """The knapsack over whole buildings, from ``filling``, its relaxation, which the scratch still holds.

    All but a core is decided by its reduced cost at the relaxation's price (Pisinger 1995); a zone that
    differs outside the core is no better than the value at that price plus the least reduced cost there.
    """
    if filling.value == np.inf:
        return filling
    start = columns.starts[centre]
    seat = columns.seats[centre]
    price = filling.price
    count = 0
    value = 0.0
    held = 0
    if seat >= 0:
        value -= multipliers[seat]
        held += zone.loads[seat]
    for place in range(start, columns.starts[centre + 1]):
        building = columns.members[place]
        if building == seat:
            continue
        cost = columns.costs_m[place] - multipliers[building]
        if zone.loads[building] > 0:
            scratch.ratios[count] = abs(cost + price * zone.loads[building])
            scratch.buildings[count] = place - start
            count += 1
        elif cost < 0:
            value += cost
    undecided = cheapest(table.units, scratch, count, min(count, CORE_SIZE))[0]
    table.core[:undecided] = scratch.buildings[:undecided]
    elsewhere = np.inf
    if undecided < count:
        elsewhere = value_at_price(columns, zone, multipliers, centre, price) + scratch.ratios[undecided]
    whole = 0
    for slot in range(undecided, count):
        place = start + scratch.buildings[slot]
        building = columns.members[place]
        cost = columns.costs_m[place] - multipliers[building]
        if cost + price * zone.loads[building] < 0:
            value += cost
            held += zone.loads[building]
            scratch.buildings[whole] = building
            whole += 1
    value, load = _fill_table(columns, zone, multipliers, start, undecided, value, held, table)
    for slot in range(undecided - 1, -1, -1):
        if load >= 0 and table.taken[slot, load]:
            building = columns.members[start + table.core[slot]]
            scratch.buildings[whole] = building
            whole += 1
            load -= zone.loads[building]
    return Filling(min(value, elsewhere), price, whole, 0.0, filling.light)


@compiled
def _fill_table(
    columns: Columns,
    zone: ZoneLoad,
    multipliers: Metres,
    start: int,
    undecided: int,
    decided_m: float,
    held: int,
    table: Table,
) -> tuple[float, int]:
    """Least value of the zone over what of the core it takes, and that load; infinite when nothing fits."""
    room = zone.highest - held
    if room < 0:
        return np.inf, -1
    least = table.least
    least[: room + 1] = np.inf
    least[0] = decided_m
    reached = 0
    for slot in range(undecided):
        place = start + table.core[slot]
        building = columns.members[place]
        cost = columns.costs_m[place] - multipliers[building]
        load = zone.loads[building]
        reached = min(room, reached + load)
        table.taken[slot, : room + 1] = False
        for total in range(reached, load - 1, -1):
            if least[total - load] + cost < least[total]:
                least[total] = least[total - load] + cost
                table.taken[slot, total] = True
    best = np.inf
    best_load = -1
    for total in range(reached + 1):
        load_held = float(held + total)
        if not columns.whole:
            # what is not listed may fill up the zone for nothing
            load_held = max(load_held, nearest_to_target(zone))
        if load_held >= zone.lowest and least[total] + imbalance_m(zone, load_held) < best:
            best = least[total] + imbalance_m(zone, load_held)
            best_load = total
    return best, best_load
