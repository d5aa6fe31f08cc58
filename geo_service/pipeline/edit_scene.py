"""One community of a draft as an edit finds it: its zones, its ground, and the plan's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo_service.errors import InvalidInput
from geo_service.pipeline.edit_grounds import ground_of
from geo_service.pipeline.naming import Names
from geo_service.planning.editing import Division, EditGround, ZoneHead, ZoneJudgement, judge
from geo_service.planning.editing.division import Patch
from geo_service.planning.editing.figures import border_pairs, imbalance
from geo_service.planning.model import Counts, Finding, LoadRange
from geo_service.store import areas
from geo_service.store.earlier import places
from geo_service.store.outcomes import CommunityFigures, read_outcome
from geo_service.store.plans import PlanHead
from geo_service.store.zone_records import EditedCommunity, ZoneRecord, edited_communities, read_zones

Records = Mapping[str, ZoneRecord | None]
Visits = Literal["kept", "found", "given"]


@dataclass(frozen=True)
class PlanRules:
    """What a plan was drawn with, as far as edits are judged by it."""

    limits: LoadRange
    on: date
    together: Sequence[tuple[str, str]]
    apart: Sequence[tuple[str, str]]
    centres: Sequence[str]

    @classmethod
    def of(cls, connection: Connection, plan_id: int, parameters: Mapping[str, Any]) -> PlanRules:
        """The rules in a plan's parameters.

        Raises
        ------
        InvalidInput
            When the plan does not say which limits it was drawn with.
        """
        if not parameters.get("limits"):
            raise InvalidInput("plan.no_limits", where=str(plan_id))
        drawn_on = parameters.get("on")
        return cls(
            LoadRange.parse(parameters["limits"]),
            date.fromisoformat(drawn_on) if drawn_on else areas.today(connection),
            [(one, other) for one, other in parameters.get("together", ())],
            [(one, other) for one, other in parameters.get("apart", ())],
            list(parameters.get("centres", ())),
        )


def community_of(connection: Connection, plan_id: int, code: str) -> EditedCommunity:
    """A community of a plan's area.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    found = edited_communities(connection, plan_id, community=code)
    if not found:
        raise InvalidInput("plan.not_in_area", where=code)
    return found[0]


@dataclass(frozen=True)
class Scene:
    """One community of a plan that is being edited."""

    plan: PlanHead
    rules: PlanRules
    community: EditedCommunity
    zones: dict[str, ZoneRecord]
    outcome: CommunityFigures | None
    ground: EditGround

    @classmethod
    def read(
        cls,
        connection: Connection,
        plan: PlanHead,
        community: EditedCommunity,
        *,
        coming: Sequence[str] = (),
    ) -> Scene:
        """The community as the plan has it; ``coming`` are buildings that an edit will put into zones.

        Raises
        ------
        Conflict
            When one of these is no longer known.
        """
        rules = PlanRules.of(connection, plan.id, plan.parameters)
        zones = read_zones(connection, plan.id, community.code)
        outcome = read_outcome(connection, plan.id, community.code)
        held = [code for zone in zones.values() for code in zone.buildings]
        ground = ground_of(connection, community, rules.on, [*held, *coming])
        return cls(plan, rules, community, zones, outcome, _under(connection, ground, rules, community))

    @property
    def division(self) -> Division:
        """The zones as indices of the ground's buildings."""
        return self.divided(self.zones)

    def divided(self, zones: Mapping[str, ZoneRecord]) -> Division:
        """Some records of zones as a division."""
        place_of = self.ground.place_of
        return Division.of(
            (
                (
                    ZoneHead(zone.code, zone.name, zone.locked),
                    np.array([place_of[code] for code in zone.buildings], dtype=np.int64),
                )
                for zone in zones.values()
            ),
            self.ground.buildings,
        )

    def records(
        self, patch: Patch, *, why: str = "edits.why_edited", visits: Visits = "kept"
    ) -> dict[str, ZoneRecord | None]:
        """The zones of a patch as they are to be kept; judged anew where their buildings change.

        Parameters
        ----------
        why : str
            Key of the sentence that says why these are as they are.
        visits : str
            What the order of their buildings is: ``kept`` as far as these stay, so that only what moves is
            written; ``found`` with the walk; ``given`` by the patch.
        """
        return {
            code: None if wanted is None else self._record(*wanted, why, visits)
            for code, wanted in patch.items()
        }

    def settled(self, record: ZoneRecord) -> ZoneRecord:
        """A zone with its buildings in walking order."""
        found = judge(self.ground, self.ground.places(record.buildings))
        return replace(record, patrol_m=found.patrol_m, **self._walked(found))

    def after(self, records: Records) -> dict[str, ZoneRecord]:
        """All zones of the community with some as they shall be."""
        merged: dict[str, ZoneRecord | None] = {**self.zones, **records}
        return {code: record for code, record in sorted(merged.items()) if record is not None}

    def outlines(self, records: Records) -> dict[str, BaseGeometry]:
        """Outlines of those whose buildings change, in metres, by code."""
        return {
            code: self.ground.land_of(self.ground.places(record.buildings))
            for code, record in records.items()
            if record is not None
            and (code not in self.zones or set(self.zones[code].buildings) != set(record.buildings))
        }

    def figures(self, zones: Mapping[str, ZoneRecord]) -> CommunityFigures:
        """The community in figures, with these zones; no bound holds for zones made by hand."""
        return CommunityFigures(
            zones=len(zones),
            distance_m=sum(zone.distance_m or 0.0 for zone in zones.values()),
            patrol_m=sum(zone.patrol_m or 0.0 for zone in zones.values()),
            imbalance=imbalance([_load(zone) for zone in zones.values()]),
            border_pairs=border_pairs(self.ground.ground, self.divided(zones)),
            objective_m=None,
            lower_bound_m=None,
            unassigned=self.ground.buildings - sum(len(zone.buildings) for zone in zones.values()),
        )

    def community_json(self, zones: Mapping[str, ZoneRecord]) -> dict[str, Any]:
        """The community with these zones: who waits for a zone, and which pairs are not as they must be."""
        division = self.divided(zones)
        parted, shared = self.ground.broken_pairs(division.zone_of)
        return {
            "code": self.community.code,
            "zones": len(zones),
            "unassigned": list(self.ground.codes(division.unassigned)),
            "parted": [list(self.ground.codes(pair)) for pair in parted],
            "not_apart": [list(self.ground.codes(pair)) for pair in shared],
        }

    def _walked(self, found: ZoneJudgement) -> dict[str, Any]:
        walk = list(self.ground.codes(found.walk))
        return {"buildings": walk, "visits": list(range(1, len(walk) + 1)), "visits_outdated": False}

    def _record(self, head: ZoneHead, members: Counts, why: str, visits: Visits) -> ZoneRecord:
        was = self.zones.get(head.code)
        codes = self.ground.codes(members)
        if was is not None and set(codes) == set(was.buildings):
            return _headed(was, head)
        found = judge(self.ground, members, walked=visits == "given")
        names = Names(self.community.code, {}, {head.code: head.name})
        return ZoneRecord(
            code=head.code,
            name=head.name,
            locked=head.locked,
            medoid=self.ground.codes(np.array([found.medoid]))[0],
            households=found.households,
            load=found.load,
            distance_m=found.distance_m,
            patrol_m=found.patrol_m,
            span_m=found.span_m,
            compactness=found.compactness,
            stranded=list(self.ground.codes(found.stranded)),
            barriers=list(found.barriers),
            explanation=[names.finding_json(Finding(why, head.code))],
            **(_visited(codes, was) if visits == "kept" else self._walked(found)),
            posts=[] if was is None else was.posts,
        )


def _headed(record: ZoneRecord, head: ZoneHead) -> ZoneRecord:
    return ZoneRecord(**{**vars(record), "name": head.name, "locked": head.locked})


def _visited(codes: Sequence[str], was: ZoneRecord | None) -> dict[str, Any]:
    """Who stays keeps the place in the walk, who joins has none: only what moves is written."""
    place_of = {} if was is None else dict(zip(was.buildings, was.visits, strict=True))
    order = sorted(codes, key=lambda code: (place_of.get(code) is None, place_of.get(code) or 0, code))
    return {
        "buildings": order,
        "visits": [place_of.get(code) for code in order],
        "visits_outdated": True,
    }


def _load(zone: ZoneRecord) -> int:
    return zone.households if zone.load is None else zone.load


def _under(
    connection: Connection, ground: EditGround, rules: PlanRules, community: EditedCommunity
) -> EditGround:
    centres_m = np.empty((0, 2))
    if rules.centres:
        found = places(connection, rules.centres, srid=community.srid).values()
        here = [(place.x, place.y) for place in found if place.community_code == community.code]
        centres_m = np.array(here, dtype=np.float64).reshape(-1, 2)
    return ground.under(
        together=_pairs(rules.together, ground), apart=_pairs(rules.apart, ground), centres_m=centres_m
    )


def _pairs(pairs: Sequence[tuple[str, str]], ground: EditGround) -> Counts:
    place_of = ground.place_of
    here = [(place_of[one], place_of[other]) for one, other in pairs if one in place_of and other in place_of]
    return np.array(here, dtype=np.int64).reshape(-1, 2)
