"""The verb that begins a plan without zones: drawn by hand, or by asking the solver afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.policies import find_profile
from geo_service.planning.model import LoadRange
from geo_service.store import areas, buildings
from geo_service.store.drafts import NewOutcome, NewPlan, save_plan
from geo_service.store.session import transaction


def begin_plan(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    plan_name: str | None = None,
    limits: LoadRange | None = None,
    on: date | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Write a draft without zones over an area.

    Parameters
    ----------
    limits : LoadRange, optional
        What its zones are judged by; the policy profile's zone size by default.
    on : date, optional
        The day whose arrangements decide which buildings need a zone; today by default.
    language : str
        What the plan is named in.

    Raises
    ------
    NotFound
        Unknown area, or no community or building to zone in it.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        area = areas.require_area(connection, area_code)
        day = on or areas.today(connection)
        communities = buildings.communities_to_zone(connection, area_code, day)
        profile = find_profile(connection)
        limits = limits or profile.zone_size.households
        asked = {
            "limits": str(limits),
            "zones": profile.zoning.zones,
            "on": str(day),
            "profile": profile.key,
            "profile_version": profile.version,
        }
        name = plan_name or messages.text("zoning.new_plan_name", language, area=area.name, day=day)
        waiting = [NewOutcome(each.code, 0, unassigned=each.buildings) for each in communities]
        srid = areas.metric_srid(connection)
        plan_id, _ = save_plan(connection, NewPlan(name, area_code, asked), [], waiting, srid=srid)
    return {
        "plan_id": plan_id,
        "name": name,
        "area_code": area_code,
        "state": "draft",
        "revision": 1,
        "limits": str(limits),
        "on": str(day),
    }
