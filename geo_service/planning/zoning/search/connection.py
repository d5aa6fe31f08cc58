"""Whether a zone still hangs together after a move."""

from __future__ import annotations

from geo_service.planning.compiled import allocation_free, inlined
from geo_service.planning.zoning.search.partition import Partition, Terrain


@inlined
def touches(terrain: Terrain, partition: Partition, building: int, zone: int, besides: int) -> bool:
    """Whether a neighbour of ``building`` other than ``besides`` is in ``zone``."""
    for place in range(terrain.starts[building], terrain.starts[building + 1]):
        neighbour = terrain.neighbours[place]
        if neighbour != besides and partition.labels[neighbour] == zone:
            return True
    return False


@inlined
def stays_connected(terrain: Terrain, partition: Partition, zone: int, leaving: int, joining: int) -> bool:
    """Whether a connected ``zone`` is still so without ``leaving`` and with ``joining`` (-1: none).

    Every piece it could fall into holds a neighbour of the one that leaves: once a walk has met all of
    those, and the one that joins, nothing is cut off.
    """
    queue = partition.queue
    marks = partition.marks
    partition.marks[-1] += 2
    wanted_mark = marks[-1]
    met_mark = wanted_mark + 1
    wanted = 0
    first = -1
    for place in range(terrain.starts[leaving], terrain.starts[leaving + 1]):
        neighbour = terrain.neighbours[place]
        if partition.labels[neighbour] == zone and marks[neighbour] != wanted_mark:
            marks[neighbour] = wanted_mark
            wanted += 1
            first = neighbour
    if joining >= 0:
        if marks[joining] != wanted_mark:
            marks[joining] = wanted_mark
            wanted += 1
        first = joining
    if wanted <= 1:
        return wanted == 1 and (joining < 0 or partition.sizes[zone] == 1)
    marks[first] = met_mark
    queue[0] = first
    reached = 1
    met = 1
    head = 0
    while head < reached:
        building = queue[head]
        head += 1
        for place in range(terrain.starts[building], terrain.starts[building + 1]):
            neighbour = terrain.neighbours[place]
            if neighbour == leaving or marks[neighbour] == met_mark:
                continue
            if partition.labels[neighbour] != zone and neighbour != joining:
                continue
            if marks[neighbour] == wanted_mark:
                met += 1
                if met == wanted:
                    return True
            marks[neighbour] = met_mark
            queue[reached] = neighbour
            reached += 1
    return False


@allocation_free
def is_connected(terrain: Terrain, partition: Partition, zone: int) -> bool:
    """Whether ``zone`` holds a building and all its buildings hang together."""
    size = partition.sizes[zone]
    if size == 0:
        return False
    queue = partition.queue
    marks = partition.marks
    marks[-1] += 2
    seen = marks[-1]
    queue[0] = partition.members[zone, 0]
    marks[queue[0]] = seen
    reached = 1
    head = 0
    while head < reached:
        building = queue[head]
        head += 1
        for place in range(terrain.starts[building], terrain.starts[building + 1]):
            neighbour = terrain.neighbours[place]
            if partition.labels[neighbour] == zone and marks[neighbour] != seen:
                marks[neighbour] = seen
                queue[reached] = neighbour
                reached += 1
    return reached == size  # type: ignore[no-any-return]
