"""The zones of a community with the walk over their buildings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo_service.planning.model import DrawnZone
from geo_service.planning.zoning.ground import Ground


def walked(ground: Ground, zones: Sequence[DrawnZone]) -> tuple[DrawnZone, ...]:
    """``zones`` with their members in walking order, beginning at the medoid, and the length of the walk."""
    # patrol's kernels are compiled by this package: at the top the two would wait for each other
    from geo_service.planning.patrol import walking_orders

    walks = walking_orders(
        [zone.members for zone in zones],
        ground.positions_m,
        distances_m=ground.walking.distances_m,
        starts=[zone.medoid for zone in zones],
    )
    return tuple(
        replace(zone, members=walk.order, patrol_m=walk.length_m)
        for zone, walk in zip(zones, walks, strict=True)
    )
