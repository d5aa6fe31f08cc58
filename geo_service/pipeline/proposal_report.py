"""What a proposal answers: zones as they would be, the buildings that move, figures before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo_service.pipeline.edit_report import changed_zones, fit
from geo_service.pipeline.edit_scene import Records, Scene
from geo_service.pipeline.naming import Names
from geo_service.pipeline.plan_report import refusal_json
from geo_service.planning.editing import Division, difference
from geo_service.planning.editing.division import NOWHERE
from geo_service.planning.editing.figures import imbalance
from geo_service.planning.model import CommunityZoning, Infeasibility
from geo_service.planning.proposing.redivision import joined_buildings, moved_buildings
from geo_service.store.proposals import building_names, outlines_as_geojson
from geo_service.store.zone_records import ZoneRecord

WHY = "proposals.why"


@dataclass(frozen=True)
class Proposed:
    """One community of a proposal, with the reason where it stays as it is for want of an answer."""

    scene: Scene
    division: Division
    records: Records
    outlines: Mapping[str, BaseGeometry]
    refusal: dict[str, Any] | None

    @classmethod
    def of(cls, scene: Scene, after: Division, refusal: dict[str, Any] | None = None) -> Proposed:
        """The community with other zones, judged."""
        records = scene.records(difference(scene.division, after), why=WHY, visits="found")
        return cls(scene, after, records, scene.outlines(records), refusal)


def refusal_of(scene: Scene, infeasible: Infeasibility) -> dict[str, Any]:
    """Why a community stays as it is."""
    community = scene.community
    names = Names(community.code, {}, {code: zone.name for code, zone in scene.zones.items()})
    return refusal_json(CommunityZoning(community.code, (), infeasible), community.name, names)


def answer_of(connection: Connection, found: Sequence[Proposed]) -> dict[str, Any]:
    """What is kept of a proposal: ``report`` to be shown, ``zones`` to be written when it is accepted."""
    changed = [each for each in found if each.records]
    return {
        "zones": {each.scene.community.code: _zones_kept(each.records) for each in changed},
        "report": {
            "communities": [_community(each) for each in found],
            "zones": [zone for each in changed for zone in _zones_shown(connection, each)],
            "deleted": sorted(
                code for each in changed for code, record in each.records.items() if record is None
            ),
            "moves": _moves(connection, changed),
            "before": _figures([(each.scene, each.scene.division, each.scene.zones) for each in found]),
            "after": _figures(
                [(each.scene, each.division, each.scene.after(each.records)) for each in found]
            ),
            "moved_buildings": sum(
                len(moved_buildings(each.scene.division, each.division)) for each in changed
            ),
            "joined_buildings": sum(
                len(joined_buildings(each.scene.division, each.division)) for each in changed
            ),
            "refused": [each.refusal for each in found if each.refusal is not None],
        },
    }


def _zones_kept(records: Records) -> dict[str, Any]:
    return {
        code: None
        if record is None
        else {"name": record.name, "locked": record.locked, "walk": record.buildings}
        for code, record in records.items()
    }


def _community(proposed: Proposed) -> dict[str, Any]:
    community = proposed.scene.community
    return {
        "code": community.code,
        "name": community.name,
        "zones_before": len(proposed.scene.zones),
        "zones_after": len(proposed.scene.after(proposed.records)),
        "moved": len(moved_buildings(proposed.scene.division, proposed.division)),
        "joined": len(joined_buildings(proposed.scene.division, proposed.division)),
    }


def _zones_shown(connection: Connection, proposed: Proposed) -> list[dict[str, Any]]:
    scene = proposed.scene
    put = [record for record in proposed.records.values() if record is not None]
    geometries = outlines_as_geojson(connection, proposed.outlines, scene.community.srid)
    return changed_zones(connection, put, scene.community.code, scene.rules.limits, geometries)


def _moves(connection: Connection, changed: Sequence[Proposed]) -> list[dict[str, Any]]:
    """Every building that is in another zone than before, by code; null for none."""
    moves = []
    for each in changed:
        was, now = each.scene.division.code_of, each.division.code_of
        places = (was != now).nonzero()[0]
        codes = each.scene.ground.codes(places)
        pairs = zip(codes, was[places], now[places], strict=True)
        moves += [{"building": code, "from": one or None, "to": other or None} for code, one, other in pairs]
    names = building_names(connection, [move["building"] for move in moves])
    return [{**move, "name": names.get(str(move["building"]), "")} for move in moves]


def _figures(communities: Sequence[tuple[Scene, Division, Mapping[str, ZoneRecord]]]) -> dict[str, Any]:
    """The communities asked about in figures, with some zones.

    Loads are those of the buildings as they are now: what the plan keeps of its zones may be older.
    """
    loads = [_loads(scene, division) for scene, division, _ in communities]
    fits = [
        fit(load, scene.rules.limits)
        for (scene, _, _), held in zip(communities, loads, strict=True)
        for load in held
    ]
    zones = [zone for _, _, kept in communities for zone in kept.values()]
    return {
        "zones": len(zones),
        "under": fits.count("under"),
        "over": fits.count("over"),
        "imbalance": sum(imbalance(held) for held in loads),
        "distance_m": _total([zone.distance_m for zone in zones]),
        "patrol_m": _total([zone.patrol_m for zone in zones]),
        "unassigned": sum(len(division.unassigned) for _, division, _ in communities),
    }


def _loads(scene: Scene, division: Division) -> list[int]:
    held = division.zone_of != NOWHERE
    loads = np.zeros(len(division.zones), dtype=np.int64)
    np.add.at(loads, division.zone_of[held], scene.ground.ground.loads[held])
    return loads.tolist()


def _total(metres: Sequence[float | None]) -> float | None:
    """The sum; None where a part of it is not known."""
    known = [each for each in metres if each is not None]
    return sum(known) if len(known) == len(metres) else None
