"""Two plans over the same buildings: which zone of the one is which of the other, and who is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_service.planning.model import Counts

NOWHERE = -1


@dataclass(frozen=True)
class ZoneMatching:
    """Zones of plan A with those of plan B, each in one pair at most.

    Parameters
    ----------
    match_of : Counts, shape (zones of A,)
        The zone of B, ``NOWHERE`` where none is left that shares a building.
    households, buildings : Counts, shape (zones of A,)
        That each zone of A shares with its match.
    """

    match_of: Counts
    households: Counts
    buildings: Counts

    def differing(self, zone_in_a: Counts, zone_in_b: Counts) -> npt.NDArray[np.bool_]:
        """Which buildings are not in the match of their zone, or in a zone of one plan alone."""
        expected = np.append(self.match_of, NOWHERE)[zone_in_a]
        in_one_alone = (zone_in_a == NOWHERE) != (zone_in_b == NOWHERE)
        return np.asarray((expected != zone_in_b) | in_one_alone, dtype=np.bool_)


@dataclass(frozen=True)
class _Overlaps:
    """Pairs of zones that share a building, and how much they share."""

    zone_a: Counts
    zone_b: Counts
    households: Counts
    buildings: Counts

    @classmethod
    def of(cls, zone_in_a: Counts, zone_in_b: Counts, households: Counts) -> _Overlaps:
        in_both = (zone_in_a != NOWHERE) & (zone_in_b != NOWHERE)
        pairs = np.column_stack([zone_in_a[in_both], zone_in_b[in_both]])
        found, place = np.unique(pairs, axis=0, return_inverse=True)
        people = np.bincount(place.ravel(), weights=households[in_both], minlength=len(found))
        return cls(
            found[:, 0],
            found[:, 1],
            people.astype(np.int64),
            np.bincount(place.ravel(), minlength=len(found)).astype(np.int64),
        )

    def groups(self, zones_a: int, zones_b: int) -> Iterator[npt.NDArray[np.intp]]:
        """The pairs by what hangs together: zones that share nobody, even through others, stay apart."""
        ends = (self.zone_a, zones_a + self.zone_b)
        graph = coo_array((np.ones(len(self.zone_a)), ends), shape=(zones_a + zones_b,) * 2)
        group = connected_components(graph, directed=False)[1][self.zone_a]
        order = np.argsort(group, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def match_zones(
    zone_in_a: Counts, zone_in_b: Counts, households: Counts, *, zones_a: int, zones_b: int
) -> ZoneMatching:
    """The pairs of zones that share most households together; among equals, most buildings.

    Codes and names play no part: a zone is the people in it.

    Parameters
    ----------
    zone_in_a, zone_in_b : Counts, shape (n,)
        By building, its zone in either plan; ``NOWHERE`` for none.
    households : Counts, shape (n,)
    zones_a, zones_b : int
        How many zones each plan has.
    """
    overlaps = _Overlaps.of(zone_in_a, zone_in_b, households)
    # One household outweighs all buildings together.
    weights = overlaps.households * (int(overlaps.buildings.sum()) + 1) + overlaps.buildings
    match_of = np.full(zones_a, NOWHERE, dtype=np.int64)
    shared_households, shared_buildings = np.zeros((2, zones_a), dtype=np.int64)
    for group in overlaps.groups(zones_a, zones_b) if len(weights) else ():
        for pair in group[_heaviest(overlaps.zone_a[group], overlaps.zone_b[group], weights[group])]:
            zone = overlaps.zone_a[pair]
            match_of[zone] = overlaps.zone_b[pair]
            shared_households[zone] = overlaps.households[pair]
            shared_buildings[zone] = overlaps.buildings[pair]
    return ZoneMatching(match_of, shared_households, shared_buildings)


def _heaviest(zone_a: Counts, zone_b: Counts, weights: Counts) -> npt.NDArray[np.intp]:
    """Places of pairs that together weigh most, no zone in two of them."""
    names_a, rows = np.unique(zone_a, return_inverse=True)
    names_b, columns = np.unique(zone_b, return_inverse=True)
    table = np.zeros((len(names_a), len(names_b)))
    table[rows, columns] = weights
    place = np.full(table.shape, -1, dtype=np.intp)
    place[rows, columns] = np.arange(len(weights))
    chosen = place[linear_sum_assignment(table, maximize=True)]
    return chosen[chosen >= 0]
