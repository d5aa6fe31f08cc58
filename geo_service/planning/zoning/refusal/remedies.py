"""Changes of the ground or the brief, not of the limits, that make a community possible: each is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import shapely

from geo_service.planning.enclosures import barrier_name
from geo_service.planning.model import Counts, Finding, LoadRange
from geo_service.planning.zoning.community.brief import LockedZone, ZoneCount
from geo_service.planning.zoning.community.ground import Ground
from geo_service.planning.zoning.refusal.counting import counting_reason
from geo_service.planning.zoning.refusal.probing import Probe, Prober

# Changes of each kind that are drawn, of those that counting allows.
MOST_TRIES = 3
Change = tuple[Ground, Finding]


def remedies(
    ground: Ground, limits: LoadRange, zones: ZoneCount, part: Counts, prober: Prober
) -> tuple[Finding, ...]:
    """The smallest change of each kind with which the community was drawn; ``part`` is what fails."""
    more = zones + 1 if isinstance(zones, int) else zones
    kinds = (
        (_bridges(ground, part), zones),
        (_buildings_apart(ground, limits, part), more),
        (_unlocked(ground, part), zones),
        (_pairs_dropped(ground, part), zones),
    )
    found = (_first_drawn(changes, limits, count, prober()) for changes, count in kinds)
    return tuple(remedy for remedy in found if remedy is not None)


def _first_drawn(
    changes: Iterator[Change], limits: LoadRange, zones: ZoneCount, probe: Probe
) -> Finding | None:
    countable = (change for change in changes if counting_reason(change[0], limits, zones) is None)
    for changed, remedy in islice(countable, MOST_TRIES):
        drawing = probe(changed, limits, zones)
        if drawing is not None:
            values = {**remedy.values, "zones": drawing.zones, "limits": str(limits)}
            return replace(remedy, values=values)
    return None


def _bridges(ground: Ground, part: Counts) -> Iterator[Change]:
    """A crossing to another part, the nearest first, where the buildings of both are nearest."""
    area = ground.area
    tree = shapely.STRtree(area.footprints[part])
    links = []
    for other in ground.parts:
        if other[0] != part[0]:
            found, metres = tree.query_nearest(
                area.footprints[other], return_distance=True, all_matches=False
            )
            least = int(np.argmin(metres))
            links.append((float(metres[least]), int(part[found[1][least]]), int(other[found[0][least]])))
    for metres, near, far in sorted(links):
        line = shapely.shortest_line(area.footprints[near], area.footprints[far])
        crossed = ", ".join(
            barrier_name(place, area.barrier_names)
            for place, barrier in enumerate(ground.enclosures.barriers)
            if barrier.intersects(line)
        )
        if crossed:
            one, other_code = str(area.building_codes[near]), str(area.building_codes[far])
            values: dict[str, object] = {"barriers": crossed, "one": one, "other": other_code}
            values["metres"] = round(metres)
            yield ground.bridged(near, far), Finding("zoning.remedy_bridge", area.code, values)


def _buildings_apart(ground: Ground, limits: LoadRange, part: Counts) -> Iterator[Change]:
    """Every building above the limit managed on its own; where none is, one of the part, lightest first."""
    loads = ground.loads
    heavy = ground.free[loads[ground.free] > limits.hi]
    singles = part[np.argsort(loads[part], kind="stable")] if not len(heavy) else heavy[:0]
    for buildings in ([heavy] if len(heavy) else []) + [np.array([each]) for each in singles]:
        names = ground.area.building_codes[buildings]
        locked = tuple(
            LockedZone(f"apart {name}", np.array([each])) for name, each in zip(names, buildings, strict=True)
        )
        pairs = ground.brief
        brief = replace(
            pairs,
            locked=pairs.locked + locked,
            together=pairs.together[~np.isin(pairs.together, buildings).any(axis=1)],
            apart=pairs.apart[~np.isin(pairs.apart, buildings).any(axis=1)],
        )
        values: dict[str, object] = {
            "buildings": ", ".join(map(str, names)),
            "households": int(loads[buildings].sum()),
        }
        yield ground.rebriefed(brief), Finding("zoning.remedy_set_apart", ground.area.code, values)


def _unlocked(ground: Ground, part: Counts) -> Iterator[Change]:
    """One of the locked zones that cut the part off, unlocked."""
    around = ground.locked_around(part)
    for zone in ground.brief.locked:
        if zone.code in around:
            rest = tuple(each for each in ground.brief.locked if each is not zone)
            values: dict[str, object] = {"zone": zone.code}
            yield (
                ground.rebriefed(replace(ground.brief, locked=rest)),
                Finding("zoning.remedy_unlock", ground.area.code, values),
            )


def _pairs_dropped(ground: Ground, part: Counts) -> Iterator[Change]:
    """One pair of buildings no longer kept together, or apart."""
    brief, names = ground.brief, ground.area.building_codes
    for kind, pairs in (("together", brief.together), ("apart", brief.apart)):
        for place in np.flatnonzero(np.isin(pairs, part).any(axis=1)).tolist():
            fewer = np.delete(pairs, place, axis=0)
            changed = replace(brief, together=fewer) if kind == "together" else replace(brief, apart=fewer)
            one, other = pairs[place]
            values: dict[str, object] = {"one": str(names[one]), "other": str(names[other])}
            yield (
                ground.rebriefed(changed),
                Finding(f"zoning.remedy_not_{kind}", ground.area.code, values),
            )
