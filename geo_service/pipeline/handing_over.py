"""The verb that lists what changes hands when a plan begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service.access import Actor
from geo_service.errors import Conflict
from geo_service.pipeline.guard import require_reader
from geo_service.store import areas, plans
from geo_service.store.handovers import handed_over
from geo_service.store.plans import PlanHead
from geo_service.store.session import transaction


def list_handover(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    from_date: date,
    area_code: str | None = None,
    most: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Buildings whose primary chief would be another, or nobody, if a plan were published from a date.

    As in publishing, only communities where the plan is not published yet are asked about, against who is in
    post on that date without it. Where all are published already, the list tells what changed hands when
    they were: the plan's first day in each community against the day before, whatever ``from_date`` says.

    Parameters
    ----------
    most : int, optional
        At most so many buildings; all by default.
    after : str, optional
        Only buildings with codes after this one: ``next`` of the page before.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope.
    InvalidInput
        The plan has no zone in the area.
    Conflict
        Publishing would be refused: the plan is superseded, or what holds in a community starts on that date
        or later.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.plan_head(connection, plan_id)
        if area_code is not None:
            areas.require_area(connection, area_code)
        published_from = plans.communities_inside(connection, plan_id, area_code or plan.area_code)
        waiting = _waiting_communities(connection, plan, published_from, from_date)
        found = handed_over(
            connection,
            plan_id,
            dict.fromkeys(waiting, from_date) or published_from,
            published=not waiting,
            most=None if most is None else most + 1,  # the one too many tells that there is a next page
            after=after,
        )
    buildings = found["buildings"][:most]
    return {
        "plan_id": plan_id,
        "from": from_date.isoformat(),
        "buildings": buildings,
        "next": buildings[-1]["code"] if len(buildings) < len(found["buildings"]) else None,
        "totals": found["totals"],
        "by_chief": found["by_chief"],
    }


def _waiting_communities(
    connection: Connection, plan: PlanHead, published_from: Mapping[str, date | None], from_date: date
) -> list[str]:
    """Those where the plan may still be published, and could be from that date."""
    waiting = [code for code, first_day in published_from.items() if first_day is None]
    if waiting and plan.state == "superseded":
        raise Conflict("plan.superseded", where=str(plan.id))
    plans.require_later(connection, waiting, from_date)
    return waiting
