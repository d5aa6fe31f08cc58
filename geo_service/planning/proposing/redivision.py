"""From a division to what the solver is asked of it, and from its zones to a division again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_service.planning.editing.division import NOWHERE, Division, ZoneHead
from geo_service.planning.editing.ground import EditGround
from geo_service.planning.model import Counts, DrawnZone
from geo_service.planning.zoning.community.brief import NO_AIMS, Brief, LockedZone
from geo_service.planning.zoning.community.continuity import continue_codes
from geo_service.planning.zoning.problem import Aims


@dataclass(frozen=True)
class Taste:
    """What good zones are, by the policy profile."""

    aims: Aims = NO_AIMS
    patrol_weight: float = 0.0
    change_cost_m: float = 0.0


def members_by_code(division: Division) -> dict[str, Counts]:
    """The buildings of each zone, by its code."""
    return {head.code: np.flatnonzero(division.zone_of == place) for place, head in enumerate(division.zones)}


def brief_of(ground: EditGround, division: Division, taste: Taste) -> Brief:
    """What the solver is asked of a division: locked zones stay, the ground's pairs and centres hold.

    Zones are judged where they are shown, so the solver need neither explain or prove anything nor walk.
    """
    members = members_by_code(division)
    locked = [LockedZone(head.code, members[head.code]) for head in division.zones if head.locked]
    return replace(
        ground.ground.brief,
        aims=taste.aims,
        locked=tuple(locked),
        bounded=False,
        explained=False,
        walked=False,
        patrol_weight=taste.patrol_weight,
    )


def free_buildings(division: Division) -> Counts:
    """The buildings in no locked zone."""
    locked = [place for place, head in enumerate(division.zones) if head.locked]
    return np.flatnonzero(~np.isin(division.zone_of, locked))


def redivided(
    division: Division,
    zones: Sequence[DrawnZone],
    community_code: str,
    codes: Iterator[str],
    name_of: Callable[[str], str],
) -> Division:
    """``division`` with its buildings in the solver's zones.

    A zone keeps the code, name and lock of the zone it continues; others take ``codes``, in the order of the
    zones. No code that ever was comes again, so that nobody takes a new zone for an old one.
    """
    heads = {head.code: head for head in division.zones}
    held = []
    for zone in continue_codes(zones, members_by_code(division), community_code):
        head = heads.get(zone.code)
        if head is None:
            code = next(codes)
            head = ZoneHead(code, name_of(code))
        held.append((head, zone.members))
    return Division.of(held, len(division.zone_of))


def moved_buildings(before: Division, after: Division) -> Counts:
    """The buildings that had a zone and are in one of another code, or in none."""
    had_zone = before.zone_of != NOWHERE
    moved: Counts = np.flatnonzero(had_zone & (before.code_of != after.code_of))
    return moved


def joined_buildings(before: Division, after: Division) -> Counts:
    """The buildings that were in no zone and are in one."""
    joined: Counts = np.flatnonzero((before.zone_of == NOWHERE) & (after.zone_of != NOWHERE))
    return joined
