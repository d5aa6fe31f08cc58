"""From the engine's answers to a stored draft: names, codes that go on, figures, walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import Infeasible
from geo_service.pipeline.naming import Names
from geo_service.pipeline.plan_report import (
    PlanReport,
    SavedZone,
    ZonedCommunity,
    refusal_json,
)
from geo_service.pipeline.wishes import CommunityOrder
from geo_service.planning.model import Codes, CommunityZoning, DrawnZone, Finding, LoadRange
from geo_service.planning.zoning.community.continuity import Change, changes, continue_codes
from geo_service.planning.zoning.community.shape import compactness
from geo_service.store.drafts import NewOutcome, NewPlan, NewZone, save_plan
from geo_service.store.session import transaction


@dataclass(frozen=True)
class DrawnCommunity:
    """One community's answer with what is needed to write it down; zones carry the codes that go on.

    Parameters
    ----------
    changes : tuple of Change, or None
        Buildings in another zone than before; None where nothing was before.
    """

    name: str
    building_codes: Codes
    answer: CommunityZoning
    names: Names
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...] | None

    @classmethod
    def of(cls, order: CommunityOrder, answer: CommunityZoning) -> DrawnCommunity:
        """The answer with the codes of the earlier zones its zones continue."""
        earlier, codes = order.earlier, order.area.building_codes
        if earlier:
            answer = replace(answer, zones=continue_codes(answer.zones, earlier, answer.area_code))
        names = Names(
            answer.area_code,
            {str(code): order.building_names.get(str(code), "") for code in codes},
            {
                code: order.earlier_names.get(code, "")
                for code in (*earlier, *(zone.code for zone in answer.zones))
            },
        )
        changed = changes(answer.zones, earlier) if earlier and answer.zones else None
        return cls(order.name, codes, answer, names, order.findings + answer.findings, changed)

    def refusal(self) -> dict[str, Any]:
        """Why the community has no zones, JSON-ready."""
        return refusal_json(self.answer, self.name, self.names)


def save_draft(
    engine: Engine,
    actor: Actor,
    plan: NewPlan,
    drawn: Sequence[DrawnCommunity],
    *,
    srid: int,
    limits: LoadRange,
    seed: int,
    language: str,
) -> PlanReport:
    """Write the plan and report it.

    Raises
    ------
    Infeasible
        No community has zones; ``details`` has one entry for each. Nothing is written.
    Conflict
        A building left its community since the zones were computed.
    """
    refusals = {each.answer.area_code: each.refusal() for each in drawn if each.answer.infeasible}
    zones = [new for each in drawn for new in _new_zones(each, language)]
    if not zones:
        raise Infeasible(
            "zoning.nothing_feasible",
            where=plan.area_code,
            details=list(refusals.values()),
            limits=str(limits),
        )
    findings = [each.names.finding_json(finding) for each in drawn for finding in each.findings]
    outcomes = {each.answer.area_code: _outcome(each, refusals) for each in drawn}
    plan = replace(plan, findings=findings)
    with transaction(engine, actor) as connection:
        plan_id, ids = save_plan(connection, plan, zones, list(outcomes.values()), srid=srid)
    return PlanReport(
        plan_id=plan_id,
        parent_id=plan.parent_id,
        name=plan.name,
        area_code=plan.area_code,
        limits=limits,
        seed=seed,
        zones=tuple(SavedZone.of(zone, ids[zone.code]) for zone in sorted(zones, key=lambda zone: zone.code)),
        communities=tuple(_community(each, outcomes) for each in drawn if each.answer.zones),
        infeasible=tuple(refusals.values()),
        findings=tuple(findings),
        changes=tuple(change for each in drawn for change in _changes(each)),
    )


def _new_zones(drawn: DrawnCommunity, language: str) -> list[NewZone]:
    return [_new_zone(drawn, zone, language) for zone in drawn.answer.zones]


def _new_zone(drawn: DrawnCommunity, zone: DrawnZone, language: str) -> NewZone:
    return NewZone(
        code=zone.code,
        name=drawn.names.zones[zone.code] or _zone_name(drawn, zone, language),
        community_code=drawn.answer.area_code,
        members=tuple(str(code) for code in drawn.building_codes[zone.members]),
        medoid=str(drawn.building_codes[zone.medoid]),
        households=zone.households,
        load=zone.load,
        distance_m=zone.distance_m,
        patrol_m=zone.patrol_m,
        compactness=compactness(zone.outline),
        locked=zone.locked,
        explanation=[drawn.names.finding_json(finding) for finding in zone.explanation],
        outline=zone.outline,
        span_m=zone.span_m,
        stranded=tuple(str(code) for code in drawn.building_codes[zone.stranded]),
        barriers=zone.barriers,
    )


def _zone_name(drawn: DrawnCommunity, zone: DrawnZone, language: str) -> str:
    number = zone.code.removeprefix(drawn.answer.area_code).lstrip("0")
    return messages.text("zoning.zone_name", language, community=drawn.name, number=number)


def _outcome(drawn: DrawnCommunity, refusals: Mapping[str, dict[str, Any]]) -> NewOutcome:
    answer = drawn.answer
    if answer.infeasible:
        return NewOutcome(
            answer.area_code,
            0,
            infeasible=refusals[answer.area_code],
            unassigned=len(drawn.building_codes),
        )
    return NewOutcome(
        community_code=answer.area_code,
        zones=len(answer.zones),
        distance_m=answer.distance_m,
        patrol_m=sum(zone.patrol_m or 0.0 for zone in answer.zones),
        imbalance=answer.imbalance,
        border_pairs=answer.border_pairs,
        objective_m=answer.objective_m,
        lower_bound_m=answer.lower_bound_m if answer.gap_percent is not None else None,
        unassigned=len(drawn.building_codes) - sum(len(zone.members) for zone in answer.zones),
    )


def _changes(drawn: DrawnCommunity) -> list[dict[str, str]]:
    return [
        {
            "building_code": str(drawn.building_codes[change.building]),
            "from_zone": change.from_zone,
            "to_zone": change.to_zone,
        }
        for change in drawn.changes or ()
    ]


def _community(drawn: DrawnCommunity, outcomes: Mapping[str, NewOutcome]) -> ZonedCommunity:
    return ZonedCommunity(
        name=drawn.name,
        households=sum(zone.households for zone in drawn.answer.zones),
        buildings=len(drawn.building_codes),
        outcome=outcomes[drawn.answer.area_code],
        changed_buildings=None if drawn.changes is None else len(drawn.changes),
    )
