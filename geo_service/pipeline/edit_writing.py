"""Edits written: changed zones, the communities' figures, one row of the history; and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from geo_service.pipeline.edit_report import changed_zones, plan_figures
from geo_service.pipeline.edit_scene import Records, Scene
from geo_service.store import plan_edits
from geo_service.store.outcomes import CommunityFigures, put_outcome
from geo_service.store.plans import PlanHead
from geo_service.store.statistics import renew_statistics
from geo_service.store.zone_records import ZoneRecord, put_zones

Report = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What an edit makes of one community: some zones as they shall be, and its figures then."""

    scene: Scene
    records: Records
    figures: CommunityFigures | None

    @property
    def inverse(self) -> dict[str, Any]:
        """What takes the change back."""
        before, outcome = self.scene.zones, self.scene.outcome
        return {
            "zones": {code: before[code].as_json() if code in before else None for code in self.records},
            "outcome": None if outcome is None else outcome.as_json(),
        }


def written(
    connection: Connection,
    plan: PlanHead,
    changes: Sequence[Change],
    kind: str,
    edit: Mapping[str, Any],
    *,
    of_number: int | None = None,
) -> Report:
    """Write what an edit changes as one step of the history.

    Parameters
    ----------
    changes : sequence of Change
        One a community; not empty.
    """
    limits = changes[0].scene.rules.limits
    zones: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    for change in changes:
        zones += _put(connection, change)
        moves += _moves(change)
    moved = sum(len(move["buildings"]) for move in moves)
    renew_statistics(connection, moved)
    row = plan_edits.record_edit(
        connection,
        plan.id,
        kind,
        edit,
        community_code=changes[0].scene.community.code if len(changes) == 1 else None,
        zones=sorted(code for change in changes for code in change.records),
        buildings=moved,
        inverse=_inverse(changes),
        of_number=of_number,
    )
    gone = [code for change in changes for code, record in change.records.items() if record is None]
    after = [change.scene.after(change.records) for change in changes]
    before_m = sum(_distance_m(change.scene.zones) for change in changes)
    gained_m = sum(_distance_m(zones) for zones in after) - before_m
    told = [change.scene.community_json(zones) for change, zones in zip(changes, after, strict=True)]
    figures = plan_figures(connection, plan.id, limits)
    return {
        "plan_id": plan.id,
        "number": row.number,
        "revision": row.revision,
        "kind": kind,
        "of_number": of_number,
        "zones": zones,
        "deleted": sorted(gone),
        "moves": moves,
        **_situation(told, figures, gained_m, row.standing),
    }


def nothing_changed(connection: Connection, scene: Scene) -> Report:
    """What is answered to an edit that leaves all as it was."""
    told = [scene.community_json(scene.zones)]
    figures = plan_figures(connection, scene.plan.id, scene.rules.limits)
    return {
        "plan_id": scene.plan.id,
        "number": None,
        "revision": scene.plan.revision,
        "kind": None,
        "of_number": None,
        "zones": [],
        "deleted": [],
        "moves": [],
        **_situation(told, figures, 0.0, plan_edits.standing_edits(connection, scene.plan.id)),
    }


def _put(connection: Connection, change: Change) -> list[dict[str, Any]]:
    """Write the zones and figures of one community; its changed zones as they are answered."""
    scene, records = change.scene, change.records
    community = scene.community
    geometries = put_zones(
        connection,
        scene.plan.id,
        community.code,
        scene.zones,
        records,
        scene.outlines(records),
        srid=community.srid,
    )
    put_outcome(connection, scene.plan.id, community.code, change.figures)
    put = [record for record in records.values() if record is not None]
    return changed_zones(connection, put, community.code, scene.rules.limits, geometries)


def _inverse(changes: Sequence[Change]) -> dict[str, Any]:
    if len(changes) == 1:
        return changes[0].inverse
    return {"communities": {change.scene.community.code: change.inverse for change in changes}}


def _situation(
    communities: Sequence[dict[str, Any]],
    figures: dict[str, Any],
    gained_m: float,
    standing: plan_edits.Standing,
) -> Report:
    """The communities and the plan in figures, and what undo and redo would be about."""
    return {
        "community": communities[0] if len(communities) == 1 else None,
        "communities": list(communities),
        "plan": {**figures, "distance_before_m": (figures["distance_m"] or 0.0) - gained_m},
        "undo": standing.undo,
        "redo": standing.redo,
    }


def _distance_m(zones: Mapping[str, ZoneRecord]) -> float:
    return sum(zone.distance_m or 0.0 for zone in zones.values())


def _moves(change: Change) -> list[dict[str, Any]]:
    """The buildings that are in another zone than before, by the zone they are in now; null for none."""
    records = change.records
    before, after = change.scene.zones, change.scene.after(records)
    was = {code: zone.code for zone in before.values() if zone.code in records for code in zone.buildings}
    now = {code: zone.code for zone in after.values() if zone.code in records for code in zone.buildings}
    moved: dict[str | None, list[str]] = {}
    for code in sorted(was.keys() | now.keys()):
        if was.get(code) != now.get(code):
            moved.setdefault(now.get(code), []).append(code)
    return [{"zone": zone, "buildings": moved[zone]} for zone in sorted(moved, key=lambda each: each or "")]
