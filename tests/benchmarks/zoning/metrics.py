"""What every engine's zones are measured with, whoever drew them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

from tests.benchmarks.zoning.workload import Counts, Metres, Workload

CAPACITY = 300
FARTHEST_NEIGHBOUR_M = 200.0
# A zone beyond this many buildings has no medoid here: its distances would fill the memory.
MOST_MEMBERS = 8000


@dataclass(frozen=True)
class Measures:
    """How good zones are, and which rules they break.

    Parameters
    ----------
    zones, unassigned : int
    over_capacity : int
        Zones with more than the capacity.
    excess_percent : float
        Households above the capacity, of all.
    max_deviation_percent, mean_deviation_percent : float
        Of a zone's households from the mean zone's.
    largest, smallest : int
        Households of a zone.
    disconnected : int
        Zones that do not hang together over neighbours.
    cross_barrier, cross_community : int
        Zones on several sides of the barriers, or in several communities.
    distance_m, household_distance_m : float
        Summed over buildings, or over households, to the member of their zone with the least sum.
    """

    zones: int
    unassigned: int
    over_capacity: int
    excess_percent: float
    max_deviation_percent: float
    mean_deviation_percent: float
    largest: int
    smallest: int
    disconnected: int
    cross_barrier: int
    cross_community: int
    distance_m: float
    household_distance_m: float


def neighbour_pairs(positions_m: Metres) -> Counts:
    """Pairs of buildings, shape (m, 2), that a Delaunay edge of at most 200 m joins; each once, in order."""
    corners = Delaunay(positions_m).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0).astype(np.int64)
    lengths = np.hypot(*(positions_m[pairs[:, 0]] - positions_m[pairs[:, 1]]).T)
    return pairs[lengths <= FARTHEST_NEIGHBOUR_M]


def measure(workload: Workload, labels: Counts, capacity: int = CAPACITY) -> Measures:
    """Measure zones given as one label a building; a negative label is no zone.

    Parameters
    ----------
    workload : Workload
    labels : Counts, shape (n,)
        Any numbers.
    capacity : int
        Households a zone may hold.
    """
    given = labels >= 0
    zone_of = np.full(workload.buildings, -1)
    zone_of[given] = np.unique(labels[given], return_inverse=True)[1]
    zones = int(zone_of.max()) + 1
    loads = np.bincount(zone_of[given], weights=workload.households[given], minlength=zones)
    deviation = 100 * np.abs(loads - loads.mean()) / loads.mean()
    sums = np.array([_medoid_sums(workload, np.flatnonzero(zone_of == zone)) for zone in range(zones)])
    return Measures(
        zones=zones,
        unassigned=int((~given).sum()),
        over_capacity=int((loads > capacity).sum()),
        excess_percent=float(100 * np.maximum(loads - capacity, 0).sum() / workload.households.sum()),
        max_deviation_percent=float(deviation.max()),
        mean_deviation_percent=float(deviation.mean()),
        largest=int(loads.max()),
        smallest=int(loads.min()),
        disconnected=_torn(neighbour_pairs(workload.positions_m), zone_of, zones),
        cross_barrier=_across(zone_of[given], workload.side[given], zones),
        cross_community=_across(zone_of[given], workload.community[given], zones),
        distance_m=float(sums[:, 0].sum()),
        household_distance_m=float(sums[:, 1].sum()),
    )


def _medoid_sums(workload: Workload, members: Counts) -> tuple[float, float]:
    """Least summed distance from one member to all, once a building and once a household."""
    if len(members) >= MOST_MEMBERS:
        return np.nan, np.nan
    east, north = workload.positions_m[members].T
    distances = np.hypot(east[:, None] - east, north[:, None] - north)
    weighted = distances * workload.households[members, None]
    return float(distances.sum(axis=0).min()), float(weighted.sum(axis=0).min())


def _torn(pairs: Counts, zone_of: Counts, zones: int) -> int:
    """Zones whose buildings make several pieces of the graph of neighbours in the same zone."""
    inside = pairs[(zone_of[pairs[:, 0]] == zone_of[pairs[:, 1]]) & (zone_of[pairs[:, 0]] >= 0)]
    shape = (len(zone_of), len(zone_of))
    _, pieces = connected_components(coo_array((np.ones(len(inside)), inside.T), shape), directed=False)
    return _across(zone_of[zone_of >= 0], pieces[zone_of >= 0], zones)


def _across(zone_of: Counts, parts: Counts, zones: int) -> int:
    """Zones with buildings in more than one part."""
    distinct = np.unique(np.stack([zone_of, parts]), axis=1)
    return int((np.bincount(distinct[0], minlength=zones) > 1).sum())
