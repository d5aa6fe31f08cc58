"""Whether a zone hangs together, what parts it where it does not, and how far it is across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.planning.enclosures import barrier_name
from geo_service.planning.model import Counts
from geo_service.planning.zoning.community.ground import Ground


@dataclass(frozen=True)
class Soundness:
    """How a zone lies on its ground.

    Parameters
    ----------
    span_m : float
        Between the two buildings farthest apart on foot.
    stranded : Counts
        Members that do not hang together with the part that holds most load; none in a connected zone.
    barriers : tuple of str
        Names, or numbers, of the barriers across the straight way from that part to the others.
    """

    span_m: float
    stranded: Counts
    barriers: tuple[str, ...] = ()


def soundness(ground: Ground, members: Counts) -> Soundness:
    """How a zone of ``members`` lies on its ground, whatever their order."""
    members = np.sort(members)
    span_m = float(ground.apart_m(members).max(initial=0.0))
    count, part_of = ground.pieces(members)
    if count < 2:
        return Soundness(span_m, np.empty(0, dtype=np.int64))
    loads = np.bincount(part_of, weights=ground.loads[members], minlength=count)
    sizes = np.bincount(part_of, minlength=count)
    # of equals, the part of the first building
    main = int(np.lexsort((np.arange(count), -sizes, -loads))[0])
    return Soundness(span_m, members[part_of != main], _barriers_between(ground, members, part_of, main))


def _barriers_between(ground: Ground, members: Counts, part_of: Counts, main: int) -> tuple[str, ...]:
    barriers = ground.enclosures.barriers
    if not len(barriers):
        return ()
    footprints = ground.area.footprints[members]
    here = shapely.union_all(footprints[part_of == main])
    ways = [
        shapely.shortest_line(here, shapely.union_all(footprints[part_of == part]))
        for part in np.unique(part_of[part_of != main])
    ]
    crossed = np.unique(shapely.STRtree(barriers).query(ways, predicate="intersects")[1])
    return tuple(barrier_name(int(place), ground.area.barrier_names) for place in crossed)
