"""The verb that says why a plan is as it is: what was kept of its zones when they were drawn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.plan_report import gap_sentences
from geo_service.store import plans, zones
from geo_service.store.session import transaction


def explain_plan(
    engine: Engine, actor: Actor, *, plan_id: int, zone_code: str | None = None
) -> dict[str, Any]:
    """How good a plan is by community, and of its zones, or one of them, the reasons and the walk.

    Raises
    ------
    NotFound
        No such plan in the actor's scope, or no such zone in it.
    """
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.get_plan(connection, plan_id)
        explained = zones.explained_zones(connection, plan_id, zone_code)
        outcomes = zones.list_outcomes(connection, plan_id=plan_id)
    told = {zone["community_code"] for zone in explained}
    return {
        "plan_id": plan_id,
        "name": plan["name"],
        "limits": plan["limits"],
        "communities": [
            {**outcome, **gap_sentences(outcome["gap_percent"])}
            for outcome in outcomes
            if outcome["community_code"] in told
        ],
        "zones": explained,
        "infeasible": plan["infeasible"] if zone_code is None else [],
    }
