"""How many zones each part of a community gets where the number of all zones is given."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.cluster.vq import kmeans2

from geo_service.errors import Infeasible
from geo_service.planning.model import Counts, LoadRange
from geo_service.planning.zoning.feasibility import zone_counts
from geo_service.planning.zoning.problem import Metres

Measure = Callable[[int, int], float]
"""The objective (m) of a part, by its place, in so many zones; infinite where they cannot be drawn."""

CLUSTERING_ROUNDS = 10
# Fitted to drawn zones: full ones are longer, by 2 % at 50 % and by 40 % at 99 % of the limit.
TIGHTNESS = 0.02
TIGHTEST = 1.04
REFINEMENTS = 4


class Part(Protocol):
    """What of a ``ZoningProblem`` the estimate needs."""

    @property
    def positions_m(self) -> Metres:
        """One point a building, shape (n, 2)."""

    @property
    def loads(self) -> Counts:
        """Load of each building, shape (n,)."""


def share_zones(
    parts: Sequence[Part], limits: LoadRange, total: int, *, measure: Measure | None = None
) -> list[int]:
    """Share ``total`` zones among ``parts`` that are zoned apart, each where it shortens most distance.

    Parameters
    ----------
    parts : sequence of ZoningProblem
    limits : LoadRange
    total : int
        Zones of all parts together.
    measure : Measure, optional
        Draws a part; the shares are then refined by what is really gained, a zone or two a part.

    Raises
    ------
    Infeasible
        When the parts' fewest zones within the limits are more than ``total``, or their most are less.
    """
    ranges = [zone_counts(part.loads, limits) for part in parts]
    fewest, most = sum(each.start for each in ranges), sum(each.stop - 1 for each in ranges)
    if not all(ranges) or not fewest <= total <= most:
        raise Infeasible(
            "zoning.zone_count_impossible", zones=total, fewest=fewest, most=most, limits=str(limits)
        )
    counts = share_out(ranges, total, [estimate_for(part, limits) for part in parts])
    return counts if measure is None else refine_shares(counts, ranges, measure)


def share_out(ranges: Sequence[range], total: int, estimates: Sequence[Estimate]) -> list[int]:
    """Zones of each part, within its range and adding up to ``total``, by the gain of one more zone.

    The estimates are convex, so that giving zones out one by one is optimal.
    """
    counts = [each.start for each in ranges]
    gains = [estimate.gain(count) for estimate, count in zip(estimates, counts, strict=True)]
    waiting = [
        (-gain, place) for place, (gain, each) in enumerate(zip(gains, ranges, strict=True)) if len(each) > 1
    ]
    heapq.heapify(waiting)
    for _ in range(total - sum(counts)):
        place = heapq.heappop(waiting)[1]
        counts[place] += 1
        if counts[place] < ranges[place].stop - 1:
            heapq.heappush(waiting, (-estimates[place].gain(counts[place]), place))
    return counts


@dataclass(frozen=True)
class Estimate:
    """The summed distance of one part in k zones, without drawing them.

    scale / sqrt(k) x the share of buildings that are no medoid x what full, or hardly filled, zones cost.
    """

    scale_m: float
    buildings: int
    load: int
    limits: LoadRange

    def distance_m(self, zones: int) -> float:
        """Estimated distance in ``zones`` zones."""
        fullness = (self.load / (zones * self.limits.hi), zones * self.limits.lo / max(self.load, 1))
        tightness = 1 + sum(TIGHTNESS / (TIGHTEST - min(each, 1.0)) for each in fullness)
        return self.scale_m / math.sqrt(zones) * (1 - zones / self.buildings) * tightness

    def gain(self, zones: int) -> float:
        """Metres that one zone more than ``zones`` saves."""
        return self.distance_m(zones) - self.distance_m(zones + 1)


def estimate_for(part: Part, limits: LoadRange) -> Estimate:
    """Scaled to what k-means reaches with mid-range zones."""
    buildings, load = len(part.loads), int(part.loads.sum())
    middle = round(2 * load / (limits.lo + limits.hi))
    clusters = max(1, min(middle, len(np.unique(part.positions_m, axis=0))))
    positions = part.positions_m - part.positions_m.mean(axis=0)
    centres, nearest = kmeans2(
        positions, clusters, CLUSTERING_ROUNDS, minit="++", missing="warn", rng=np.random.default_rng(1)
    )
    reached_m = float(np.hypot(*(positions - centres[nearest]).T).sum())
    others = 1 - min(clusters, buildings - 1) / buildings if buildings > 1 else 1.0
    return Estimate(reached_m * clusters**0.5 / others, buildings, load, limits)


def refine_shares(counts: list[int], ranges: Sequence[range], measure: Measure) -> list[int]:
    """Shares moved by one zone a part towards the least measured objective, as long as that is better."""
    known: dict[tuple[int, int], float] = {}

    def objective_m(place: int, count: int) -> float:
        if (place, count) not in known:
            known[place, count] = measure(place, count)
        return known[place, count]

    for _ in range(REFINEMENTS):
        tables = [
            {count: objective_m(place, count) for count in (own - 1, own, own + 1) if count in each}
            for place, (own, each) in enumerate(zip(counts, ranges, strict=True))
        ]
        better = cheapest(tables, sum(counts))
        if better is None or better == counts:
            break
        counts = better
    return counts


def cheapest(tables: Sequence[dict[int, float]], total: int) -> list[int] | None:
    """One count of each table, adding up to ``total``, with the least summed cost; None where none does."""
    reached: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for table in tables:
        extended: dict[int, tuple[float, tuple[int, ...]]] = {}
        for zones, (cost, counts) in reached.items():
            for count, more in table.items():
                option = (cost + more, (*counts, count))
                if zones + count not in extended or option < extended[zones + count]:
                    extended[zones + count] = option
        reached = extended
    return list(reached[total][1]) if total in reached else None
