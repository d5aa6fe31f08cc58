"""The verb that draws zones: read, compute without holding the database, write once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.pipeline.drafting import DrawnCommunity, save_draft
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.plan_report import PlanReport
from geo_service.pipeline.policies import find_profile
from geo_service.pipeline.wishes import CommunityOrder, Wishes, look_up, order_for
from geo_service.planning.model import CommunityZoning, Finding, Infeasibility, LoadRange
from geo_service.planning.policy import ZONE_RULES
from geo_service.planning.zoning.community.brief import ZoneCount
from geo_service.planning.zoning.community.many import Commission, draw_communities
from geo_service.progress import Progress, silent
from geo_service.store import areas, buildings
from geo_service.store.drafts import NewPlan
from geo_service.store.earlier import free_chiefs
from geo_service.store.session import transaction

NO_WISHES = Wishes()


def draw_zones(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    plan_name: str | None = None,
    limits: LoadRange | None = None,
    zones: int | str | None = None,
    seed: int = 1,
    budget: int | None = None,
    wishes: Wishes = NO_WISHES,
    on: date | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
    progress: Progress = silent,
) -> PlanReport:
    """Draw a draft plan over every community of an area.

    Communities that admit no zoning are listed with the reason while the others are zoned.

    Parameters
    ----------
    limits : LoadRange, optional
        The policy profile's zone size by default.
    zones : int or str, optional
        How many zones: a number, for an area of one community, or one of ``policy.ZONE_RULES``; the policy
        profile's rule by default.
    budget : int, optional
        Of the search, in proposed moves a community.
    wishes : Wishes
        What the zones must be beside their size.
    on : date, optional
        The day whose arrangements decide which buildings still need a zone; today by default.
    language : str
        What new zones are named in.

    Raises
    ------
    NotFound
        Unknown area or plan, or no community or building to zone in it.
    InvalidInput
        A budget below 1, a number of ``zones`` for several communities, wishes that cannot be meant.
    Infeasible
        No community can be zoned; ``details`` has one entry for each. Nothing is written.
    """
    require_writer(actor)
    _check(zones, budget)
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        srid = areas.metric_srid(connection)
        day = on or areas.today(connection)
        profile = find_profile(connection)
        communities = buildings.communities_to_zone(connection, area_code, day)
        codes = [community.code for community in communities]
        situation = look_up(
            connection, wishes, profile.zoning, area_code=area_code, communities=codes, srid=srid, on=day
        )
        rule = zones or profile.zoning.zones
        chiefs = free_chiefs(connection, area_code, day) if rule == "chiefs" else {}
    limits = limits or profile.zone_size.households
    if isinstance(zones, int) and len(communities) > 1:
        raise InvalidInput("zoning.zones_of_many", where="--zones", communities=len(communities))
    # What the engine is asked is held until its answer comes, a few communities at a time.
    waiting: dict[str, CommunityOrder] = {}
    drawn: list[DrawnCommunity] = []

    def commissions() -> Iterator[Commission]:
        for community in communities:
            with transaction(engine, actor, read_only=True) as connection:
                loaded = buildings.load_zoning_area(connection, community.code, srid=srid, on=day)
                order = order_for(connection, situation, community.name, loaded)
            count = zone_count(rule, chiefs.get(community.code, 0), len(order.area.building_codes))
            if count == 0:
                drawn.append(DrawnCommunity.of(order, _nobody(order)))
                continue
            waiting[community.code] = order
            yield Commission(order.area, order.brief, count)

    for answer in draw_communities(
        commissions(), limits, seed=seed, budget=budget, total=len(communities), progress=progress
    ):
        drawn.append(DrawnCommunity.of(waiting.pop(answer.area_code), answer))
    drawn.sort(key=lambda each: each.answer.area_code)

    asked = {
        "limits": str(limits),
        "zones": rule,
        "seed": seed,
        "budget": budget,
        "on": str(day),
        "profile": profile.key,
        "profile_version": profile.version,
        **wishes.as_json(),
    }
    plan = NewPlan(plan_name or f"{area.name} {limits}", area_code, asked, parent_id=situation.earlier_plan)
    return save_draft(engine, actor, plan, drawn, srid=srid, limits=limits, seed=seed, language=language)


def _check(zones: int | str | None, budget: int | None) -> None:
    if budget is not None and budget < 1:
        raise InvalidInput("zoning.no_moves", where="--budget")
    if isinstance(zones, str) and zones not in ZONE_RULES:
        raise InvalidInput("zoning.zones_unreadable", where="--zones", given=zones[:40])
    if isinstance(zones, int) and zones < 1:
        raise InvalidInput("zoning.zones_unreadable", where="--zones", given=zones)


def zone_count(rule: int | str, chiefs: int, buildings: int) -> ZoneCount:
    """How many zones of a community the engine is asked for; 0 where nobody could serve one."""
    if rule == "chiefs":
        return min(chiefs, buildings)
    return None if rule == "middle" else rule


def _nobody(order: CommunityOrder) -> CommunityZoning:
    reason = Finding("zoning.no_chief", order.area.code)
    return CommunityZoning(order.area.code, (), Infeasibility(order.area.code, reason, ()))
