"""One community from its footprints to its numbered zones, or to the reason there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.planning.adjacency import Adjacency, find_neighbours
from geo_service.planning.enclosures import Enclosures, barrier_name, cut_enclosures
from geo_service.planning.model import (
    CommunityZoning,
    Counts,
    DrawnZone,
    FeasibleLimits,
    Finding,
    Geometries,
    Infeasibility,
    LoadRange,
    ZoningArea,
)
from geo_service.planning.space import numbering_order, require_metric
from geo_service.planning.tessellation import Tessellation, tessellate
from geo_service.planning.zoning.feasibility import (
    limits_around,
    lower_floor,
    raise_ceiling,
    share_out,
    zone_counts,
)
from geo_service.planning.zoning.problem import ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.solve import solve
from geo_service.planning.zoning.stop import Stop, never
from geo_service.progress import Progress, silent

STAGE = "zoning.stage_tessellate"


@dataclass(frozen=True)
class _Ground:
    """What is drawn once and solved over, perhaps with several limits."""

    area: ZoningArea
    enclosures: Enclosures
    tessellation: Tessellation
    adjacency: Adjacency
    parts: list[Counts]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.enclosures.findings + self.adjacency.findings


def draw_community_zones(
    area: ZoningArea,
    limits: LoadRange,
    *,
    zones: int | None = None,
    seed: int = 1,
    budget: int | None = None,
    stop: Stop = never,
    progress: Progress = silent,
) -> CommunityZoning:
    """Divide one community's buildings into connected zones within ``limits``.

    Zones cross no barrier except at a crossing, and never leave the community. What barriers separate is
    zoned apart; where one part cannot keep to the limits, the community is infeasible.

    Parameters
    ----------
    area : ZoningArea
        Metres.
    limits : LoadRange
        Hard, both ends.
    zones : int, optional
        How many zones in all; None lets the solver choose.
    seed : int
        Same input, same seed, same budget: same zones.
    budget : int, optional
        Proposed moves for each part and each number of zones tried.
    stop : Stop
        Ends each search early.
    progress : Progress
        May raise ``Cancelled``.

    Raises
    ------
    InvalidInput
        When coordinates are not finite, or look like degrees.
    """
    require_metric(np.append(area.footprints, area.outline), where=area.code)
    households = area.households
    if len(households) == 0:
        return _refused(area.code, Finding("zoning.no_buildings", area.code), ())
    if households.sum() == 0 and limits.lo > 0:
        return _refused(area.code, Finding("zoning.no_households", area.code), ())
    progress(STAGE, 0, 1)
    ground = _survey(area)
    progress(STAGE, 1, 1)
    refusal = _arithmetic_refusal(ground, limits, zones)
    if refusal is not None:
        return refusal
    counts = _zones_by_part(ground, limits, zones)
    results = [
        solve(_problem(ground, part, limits, count), seed=seed, budget=budget, stop=stop, progress=progress)
        for part, count in zip(ground.parts, counts, strict=True)
    ]
    failed = [place for place, result in enumerate(results) if not result.feasible]
    if failed:
        return _search_refusal(ground, limits, results, failed)
    return _drawn(ground, results)


def _survey(area: ZoningArea) -> _Ground:
    enclosures = cut_enclosures(area.outline, area.barriers, names=area.barrier_names, where=area.code)
    tessellation = tessellate(area.footprints, enclosures)
    adjacency = find_neighbours(area.footprints, tessellation, enclosures, area.crossings, where=area.code)
    parts = [
        np.flatnonzero(adjacency.component_of == part) for part in range(adjacency.component_of.max() + 1)
    ]
    return _Ground(area, enclosures, tessellation, adjacency, parts)


def _problem(ground: _Ground, part: Counts, limits: LoadRange, zones: int | None) -> ZoningProblem:
    """The sub-problem of the buildings ``part``."""
    starts, neighbours = ground.adjacency.starts, ground.adjacency.neighbours
    inside = np.full(len(starts) - 1, -1, dtype=np.int64)
    inside[part] = np.arange(len(part))
    rows = [inside[neighbours[starts[building] : starts[building + 1]]] for building in part]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    return ZoningProblem(
        positions_m=shapely.get_coordinates(shapely.centroid(ground.area.footprints[part])),
        loads=ground.area.households[part].astype(np.int64),
        neighbour_starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        neighbours=np.concatenate(rows).astype(np.int64),
        limits=limits,
        zones=zones,
    )


def _zones_by_part(ground: _Ground, limits: LoadRange, zones: int | None) -> list[int | None]:
    if zones is None:
        return [None] * len(ground.parts)
    shared = share_out([zone_counts(ground.area.households[part], limits) for part in ground.parts], zones)
    assert shared is not None
    return list(shared)


def _arithmetic_refusal(ground: _Ground, limits: LoadRange, zones: int | None) -> CommunityZoning | None:
    """Proof by counting alone that there is no answer, if there is one."""
    area, households = ground.area, ground.area.households
    loads = [households[part] for part in ground.parts]
    options = _nearest(loads, limits)
    largest = int(np.argmax(households))
    if households[largest] > limits.hi:
        reason = Finding(
            "zoning.building_too_large",
            area.code,
            {
                "building": str(area.building_codes[largest]),
                "households": int(households[largest]),
                "limits": str(limits),
            },
        )
        return _refused(area.code, reason, options, findings=ground.findings)
    ranges = [zone_counts(load, limits) for load in loads]
    for part, load, counts in zip(ground.parts, loads, ranges, strict=True):
        if not len(counts):
            reason = _unsplittable(ground, part, int(load.sum()), limits)
            return _refused(area.code, reason, options, findings=ground.findings)
    if zones is not None and share_out(ranges, zones) is None:
        fewest, most = sum(each.start for each in ranges), sum(each.stop - 1 for each in ranges)
        values: dict[str, object] = {"zones": zones, "fewest": fewest, "most": most, "limits": str(limits)}
        reason = Finding("zoning.zone_count_impossible", area.code, values)
        return _refused(
            area.code,
            reason,
            tuple(FeasibleLimits(limits, count) for count in sorted({fewest, most})),
            findings=ground.findings,
        )
    return None


def _unsplittable(ground: _Ground, part: Counts, households: int, limits: LoadRange) -> Finding:
    values: dict[str, object] = {"households": households, "limits": str(limits)}
    if len(ground.parts) == 1:
        return Finding("zoning.total_unsplittable", ground.area.code, values)
    values |= {
        "building": str(ground.area.building_codes[part[0]]),
        "buildings": len(part),
        "barriers": _barriers_around(ground, part),
    }
    return Finding("zoning.part_unsplittable", ground.area.code, values)


def _barriers_around(ground: _Ground, part: Counts) -> str:
    """The barriers along the edge of a part, by name or number."""
    polygons = ground.enclosures.polygons[np.unique(ground.tessellation.enclosure_of[part])]
    edge = shapely.union_all(polygons).buffer(1.0)
    return ", ".join(
        barrier_name(place, ground.area.barrier_names)
        for place, barrier in enumerate(ground.enclosures.barriers)
        if edge.intersects(barrier)
    )


def _nearest(loads: list[Counts], limits: LoadRange) -> tuple[FeasibleLimits, ...]:
    options = (lower_floor(loads, limits), raise_ceiling(loads, limits))
    return tuple(option for option in options if option is not None)


def _search_refusal(
    ground: _Ground, limits: LoadRange, results: list[ZoningResult], failed: list[int]
) -> CommunityZoning:
    part = ground.parts[failed[0]]
    proven = any(results[place].impossible for place in failed)
    reason = Finding(
        "zoning.no_connected_split" if proven else "zoning.search_failed",
        ground.area.code,
        {
            "households": int(ground.area.households[part].sum()),
            "buildings": len(part),
            "building": str(ground.area.building_codes[part[0]]),
            "limits": str(limits),
        },
    )
    loads = np.concatenate([result.loads for result in results])
    options = (limits_around(loads, limits),)
    return _refused(ground.area.code, reason, options, proven=proven, findings=ground.findings)


def _refused(
    code: str,
    reason: Finding,
    nearest: tuple[FeasibleLimits, ...],
    *,
    proven: bool = True,
    findings: tuple[Finding, ...] = (),
) -> CommunityZoning:
    return CommunityZoning(code, (), Infeasibility(code, reason, nearest, proven), findings)


def _drawn(ground: _Ground, results: list[ZoningResult]) -> CommunityZoning:
    members: list[Counts] = []
    medoids: list[int] = []
    for part, result in zip(ground.parts, results, strict=True):
        members += [part[result.labels == zone] for zone in range(len(result.loads))]
        medoids += [int(part[medoid]) for medoid in result.medoids]
    outlines = np.empty(len(members), dtype=object)
    outlines[:] = [_dissolved(ground.tessellation.cells[each]) for each in members]
    drawn = tuple(
        DrawnZone(
            code=f"{ground.area.code}{number:03d}",
            members=members[zone],
            households=int(ground.area.households[members[zone]].sum()),
            medoid=medoids[zone],
            outline=outlines[zone],
        )
        for number, zone in enumerate(numbering_order(outlines), start=1)
    )
    distance_m = sum(result.distance_m for result in results)
    return CommunityZoning(ground.area.code, drawn, findings=ground.findings, distance_m=distance_m)


def _dissolved(cells: Geometries) -> BaseGeometry:
    """One outline of cells that share their borders; slivers of rounding are closed."""
    return shapely.union_all(cells, grid_size=0.001)
