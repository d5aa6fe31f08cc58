"""The ground of one community: what barriers and locked zones leave to be zoned, part by part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.planning.adjacency import Adjacency, find_neighbours
from geo_service.planning.enclosures import Enclosures, barrier_name, cut_enclosures
from geo_service.planning.model import Counts, Finding, LoadRange, ZoningArea
from geo_service.planning.patrol import straight_lines
from geo_service.planning.tessellation import Tessellation, tessellate
from geo_service.planning.walking import WalkingDistances, walking_distances
from geo_service.planning.zoning.community.brief import Brief
from geo_service.planning.zoning.problem import (
    NOWHERE,
    Earlier,
    Metres,
    Rules,
    ZoningProblem,
    every_pair,
    groups_of,
)
from geo_service.progress import Progress, silent

# Of the way from a building to the middle of its land: millimetres.
HAIR = 1e-4


@dataclass(frozen=True)
class Ground:
    """What is drawn once and solved over, perhaps with several limits.

    ``parts`` are the buildings that hang together once barriers and locked zones are taken out.
    """

    area: ZoningArea
    brief: Brief
    enclosures: Enclosures
    tessellation: Tessellation
    adjacency: Adjacency
    parts: tuple[Counts, ...]
    walking: WalkingDistances

    @property
    def loads(self) -> Counts:
        """What the limits count, shape (n,)."""
        loads = self.area.households if self.brief.loads is None else self.brief.loads
        return loads.astype(np.int64)

    @property
    def free(self) -> Counts:
        """The buildings in no locked zone, part by part."""
        return np.concatenate(self.parts) if self.parts else np.empty(0, dtype=np.int64)

    @cached_property
    def positions_m(self) -> Metres:
        """Centroid of each footprint, shape (n, 2)."""
        points: Metres = shapely.get_coordinates(shapely.centroid(self.area.footprints))
        return points

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the user should know of the ground."""
        return self.enclosures.findings + self.adjacency.findings + self.walking.findings

    def group_loads(self, part: Counts) -> Counts:
        """Load of each group of a part's buildings that must share a zone."""
        groups = np.unique(
            groups_of(self.brief.together, len(self.area.footprints))[part], return_inverse=True
        )
        return np.bincount(groups[1], weights=self.loads[part]).astype(np.int64)

    def problem(self, part: Counts, limits: LoadRange, zones: int | None = None) -> ZoningProblem:
        """The sub-problem of the buildings ``part``."""
        return self._problem(part, limits, zones, self._rules(part, zones), self._earlier(part))

    def told_apart(self, problem: ZoningProblem, part: Counts) -> ZoningProblem:
        """The sub-problem with buildings on one spot a hair apart, each towards its land.

        Where all distances are nothing, a search has no way to see which neighbours lie together.
        """
        if len(np.unique(problem.positions_m, axis=0)) == len(part):
            return problem
        middles = shapely.get_coordinates(shapely.centroid(self.tessellation.cells[part]))
        return replace(problem, positions_m=problem.positions_m + HAIR * (middles - problem.positions_m))

    def plain_problem(self, part: Counts, limits: LoadRange) -> ZoningProblem:
        """Buildings, loads and distances alone: no rules, no earlier zones."""
        return self._problem(part, limits, None, Rules(), None)

    def centres_in(self, part: Counts) -> Metres:
        """The fixed centres whose nearest free building is in ``part``, shape (c, 2)."""
        centres = self.brief.centres_m
        if not len(centres):
            return centres
        free = self.free
        tree = shapely.STRtree(self.area.footprints[free])
        nearest = free[tree.query_nearest(shapely.points(centres), all_matches=False)[1]]
        return centres[np.isin(nearest, part)]

    def barriers_around(self, part: Counts) -> tuple[str, ...]:
        """The barriers along the edge of a part, by name or number."""
        polygons = self.enclosures.polygons[np.unique(self.tessellation.enclosure_of[part])]
        edge = shapely.union_all(polygons).buffer(1.0)
        return tuple(
            barrier_name(place, self.area.barrier_names)
            for place, barrier in enumerate(self.enclosures.barriers)
            if edge.intersects(barrier)
        )

    def locked_around(self, part: Counts) -> tuple[str, ...]:
        """Codes of the locked zones that cut a part off; none where barriers alone do."""
        component_of = self.adjacency.component_of
        locked_zone_of = self.brief.locked_zone_of(len(component_of))
        free = (component_of == component_of[part[0]]) & (locked_zone_of < 0)
        if free.sum() == len(part):
            return ()
        beside = np.unique(locked_zone_of[self.neighbours_of(part)])
        return tuple(self.brief.locked[zone].code for zone in beside if zone >= 0)

    def neighbours_of(self, part: Counts) -> Counts:
        """All neighbours of a part's buildings, within it and outside."""
        starts, neighbours = self.adjacency.starts, self.adjacency.neighbours
        return np.unique(np.concatenate([neighbours[starts[each] : starts[each + 1]] for each in part]))

    def rebriefed(self, brief: Brief) -> Ground:
        """The same ground with another brief."""
        free = np.flatnonzero(brief.locked_zone_of(len(self.area.footprints)) < 0)
        return replace(self, brief=brief, parts=_parts(self.adjacency, free))

    def bridged(self, one: int, other: int) -> Ground:
        """The same ground with a bridge between two buildings."""
        adjacency = with_link(self.adjacency, one, other)
        return replace(self, adjacency=adjacency, parts=_parts(adjacency, np.sort(self.free)))

    def hangs_together(self, members: Counts) -> bool:
        """Whether ``members`` are connected by themselves."""
        return self.pieces(members)[0] == 1

    def pieces(self, members: Counts) -> tuple[int, Counts]:
        """Into how many connected pieces ``members`` fall, and which of these each is in."""
        return _components(self.adjacency, members)

    def apart_m(self, members: Counts) -> Metres:
        """Walking or straight distances of ``members`` from one another, shape (m, m)."""
        if self.walking.distances_m is not None:
            return self.walking.distances_m[np.ix_(members, members)].astype(np.float64)
        return straight_lines(self.positions_m[members])

    def _problem(
        self, part: Counts, limits: LoadRange, zones: int | None, rules: Rules, earlier: Earlier | None
    ) -> ZoningProblem:
        starts, neighbours = self.adjacency.starts, self.adjacency.neighbours
        inside = np.full(len(starts) - 1, NOWHERE, dtype=np.int64)
        inside[part] = np.arange(len(part))
        rows = [inside[neighbours[starts[building] : starts[building + 1]]] for building in part]
        rows = [row[row >= 0] for row in rows]
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        weights = self.brief.weights
        walked = self.walking.distances_m
        return ZoningProblem(
            positions_m=self.positions_m[part],
            loads=self.loads[part],
            neighbour_starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            neighbours=np.concatenate(rows).astype(np.int64),
            limits=limits,
            zones=zones,
            weights=None if weights is None else weights[part].astype(np.float64),
            distances_m=None if walked is None else walked[np.ix_(part, part)],
            aims=self.brief.aims,
            rules=rules,
            earlier=earlier,
        )

    def _rules(self, part: Counts, zones: int | None) -> Rules:
        count = len(self.area.footprints)
        inside = np.full(count, NOWHERE, dtype=np.int64)
        inside[part] = np.arange(len(part))
        # a group's chain of pairs may lead through another part
        together, apart = inside[every_pair(self.brief.together, count)], inside[self.brief.apart]
        centres = self.centres_in(part)
        if len(centres) and zones is not None:
            centres = np.vstack([centres, np.full((zones - len(centres), 2), np.nan)])
        return Rules(
            together=together[(together >= 0).all(axis=1)],
            apart=apart[(apart >= 0).all(axis=1)],
            centres_m=centres,
        )

    def _earlier(self, part: Counts) -> Earlier | None:
        earlier = self.brief.earlier
        if earlier is None:
            return None
        number_of = {zone: number for number, zone in enumerate(self._earlier_zones(part)) if zone >= 0}
        numbers = [number_of.get(zone, NOWHERE) for zone in earlier.zone_of[part].tolist()]
        return replace(earlier, zone_of=np.array(numbers, dtype=np.int64))

    def _earlier_zones(self, part: Counts) -> list[int]:
        """The part's earlier zones in the order of their new numbers, -1 for a number without one.

        First those that hold the building nearest to each fixed centre, then the heavier before the lighter:
        where fewer zones are drawn, the lightest are given up.
        """
        assert self.brief.earlier is not None
        zone_of = self.brief.earlier.zone_of[part]
        held = part[zone_of >= 0]
        zones: list[int] = []
        for centre in shapely.points(self.centres_in(part)) if len(held) else ():
            nearest = held[np.argmin(shapely.distance(self.area.footprints[held], centre))]
            zone = int(self.brief.earlier.zone_of[nearest])
            zones.append(NOWHERE if zone in zones else zone)
        found, place = np.unique(zone_of[zone_of >= 0], return_inverse=True)
        loads = np.bincount(place, weights=self.loads[held], minlength=len(found))
        by_load = found[np.lexsort((found, -loads))].tolist()
        return zones + [zone for zone in by_load if zone not in zones]


def survey(area: ZoningArea, brief: Brief, *, progress: Progress = silent) -> Ground:
    """Cut the community by its barriers, divide the land among its buildings and find the free parts."""
    enclosures = cut_enclosures(area.outline, area.barriers, names=area.barrier_names, where=area.code)
    tessellation = tessellate(area.footprints, enclosures, progress=progress)
    adjacency = find_neighbours(area.footprints, tessellation, enclosures, area.crossings, where=area.code)
    free = np.flatnonzero(brief.locked_zone_of(len(area.footprints)) < 0)
    parts = _parts(adjacency, free)
    return Ground(area, brief, enclosures, tessellation, adjacency, parts, walking_distances(area))


def with_link(adjacency: Adjacency, one: int, other: int) -> Adjacency:
    """``adjacency`` with two more neighbours."""
    rows = np.split(adjacency.neighbours, adjacency.starts[1:-1])
    rows[one], rows[other] = np.append(rows[one], other), np.append(rows[other], one)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    linked = replace(adjacency, starts=starts, neighbours=np.concatenate([np.sort(row) for row in rows]))
    everything = np.arange(len(starts) - 1)
    return replace(linked, component_of=_components(linked, everything)[1])


def _parts(adjacency: Adjacency, free: Counts) -> tuple[Counts, ...]:
    """The connected parts of the free buildings, in the order of their first buildings."""
    found, part_of = _components(adjacency, free)
    return tuple(free[part_of == part] for part in range(found))


def _components(adjacency: Adjacency, buildings: Counts) -> tuple[int, Counts]:
    count = len(adjacency.starts) - 1
    links = (np.ones(len(adjacency.neighbours)), adjacency.neighbours, adjacency.starts)
    graph = csr_matrix(links, (count, count))[buildings][:, buildings]
    found, component_of = connected_components(graph, directed=False)
    return int(found), component_of.astype(np.int64)
