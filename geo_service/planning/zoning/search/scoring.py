"""What a division is worth, term by term, and which rules it breaks."""

from __future__ import annotations

import numpy as np

from geo_service.planning.compiled import allocation_free
from geo_service.planning.model import Counts
from geo_service.planning.zoning.problem import Metres
from geo_service.planning.zoning.search.connection import is_connected
from geo_service.planning.zoning.search.partition import Partition, Terrain, excess


@allocation_free
def load_violation(terrain: Terrain, partition: Partition, zones: Counts) -> int:
    """Load by which ``zones`` lie outside the limits, in all."""
    total = np.int64(0)
    for zone in zones:
        total += excess(partition.loads[zone], terrain.lowest, terrain.highest)
    return total  # type: ignore[return-value]


@allocation_free
def rules_broken(terrain: Terrain, partition: Partition, buildings: Counts) -> int:
    """Parted pairs of ``buildings`` in one zone, and changes of zone beyond the most allowed."""
    parted = 0
    for building in buildings:
        for place in range(terrain.parted_starts[building], terrain.parted_starts[building + 1]):
            other = terrain.parted[place]
            if building < other and partition.labels[building] == partition.labels[other]:
                parted += 1
    return parted + max(partition.changed[0] - terrain.most_changes, 0)  # type: ignore[no-any-return]


@allocation_free
def border_pairs(terrain: Terrain, partition: Partition, buildings: Counts) -> int:
    """Pairs of neighbours in different zones, one of them at least among ``buildings``."""
    pairs = 0
    for building in buildings:
        for place in range(terrain.starts[building], terrain.starts[building + 1]):
            other = terrain.neighbours[place]
            if building < other and partition.labels[building] != partition.labels[other]:
                pairs += 1
    return pairs


@allocation_free
def aims_cost(terrain: Terrain, partition: Partition, zones: Counts, buildings: Counts) -> float:
    """The objective in units over ``zones``, which hold just the ``buildings``."""
    total = 0.0
    for zone in zones:
        total += partition.costs[zone]
        total += terrain.balance_units * abs(partition.loads[zone] - terrain.target)
    if terrain.ruled:
        total += terrain.change_units * partition.changed[0]
        if terrain.border_units > 0.0:
            total += terrain.border_units * border_pairs(terrain, partition, buildings)
    return total


@allocation_free
def torn_zones(terrain: Terrain, partition: Partition, zones: Counts) -> int:
    """How many of ``zones`` are empty, or in pieces where they must hang together."""
    torn = 0
    for zone in zones:
        if partition.sizes[zone] == 0 or (terrain.connected and not is_connected(terrain, partition, zone)):
            torn += 1
    return torn


@allocation_free
def squared_distances_to_zone(partition: Partition, centre: int, squared: Metres) -> Metres:
    """Squared distance (m2) of every zone's mean position to that of ``centre``, which comes first."""
    middle_east = partition.east[centre, : partition.sizes[centre]].mean()
    middle_north = partition.north[centre, : partition.sizes[centre]].mean()
    for zone in range(len(partition.sizes)):
        size = partition.sizes[zone]
        east = 0.0
        north = 0.0
        for slot in range(size):
            east += partition.east[zone, slot]
            north += partition.north[zone, slot]
        size = max(size, 1)
        squared[zone] = (east / size - middle_east) ** 2 + (north / size - middle_north) ** 2
    squared[centre] = -1.0
    return squared
