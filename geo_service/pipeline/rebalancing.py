"""The verb that mends a plan after something changed: a building gone, households added, a chief lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import Infeasible, InvalidInput
from geo_service.pipeline.drafting import DrawnCommunity, save_draft
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.plan_report import PlanReport
from geo_service.pipeline.policies import find_profile
from geo_service.pipeline.wishes import Situation, Wishes, look_up, order_for
from geo_service.planning.model import LoadRange
from geo_service.planning.zoning.rebalance.community import rebalance_community_zones
from geo_service.progress import Progress, silent
from geo_service.store import areas, buildings, plans
from geo_service.store.buildings import ZoningCommunity
from geo_service.store.drafts import NewPlan
from geo_service.store.earlier import free_chiefs, zones_losing_chief
from geo_service.store.session import transaction

STAGE = "zoning.rebalanced_communities"


@dataclass(frozen=True)
class _Task:
    """What is read once: the plan as it was drawn, and what has changed beside the buildings."""

    name: str
    area_code: str
    limits: LoadRange
    srid: int
    day: date
    communities: Sequence[ZoningCommunity]
    situation: Situation
    lost: Mapping[str, Sequence[str]]


def rebalance_plan(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    area_code: str | None = None,
    max_moves: int | None = None,
    plan_name: str | None = None,
    seed: int = 1,
    on: date | None = None,
    language: str = messages.DEFAULT_LANGUAGE,
    progress: Progress = silent,
) -> PlanReport:
    """Draw a new draft that continues a plan with the fewest buildings changing zone.

    What changed is read from the database: buildings that are gone or new, households, people who no longer
    serve. Rules, locked zones, pairs and centres are those the plan was drawn with.

    Parameters
    ----------
    area_code : str, optional
        Only the plan's communities in this area.
    max_moves : int, optional
        At most so many buildings of a community change zone.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope, or no building left to zone.
    InvalidInput
        A negative number of moves, or the plan has no zones in the area.
    Infeasible
        Some community's zones cannot be mended; ``details`` says why of each. Nothing is written.
    """
    require_writer(actor)
    with transaction(engine, actor, read_only=True) as connection:
        task = _read(connection, plan_id, area_code, max_moves, on)
    drawn = []
    for number, community in enumerate(task.communities):
        progress(STAGE, number, len(task.communities))
        with transaction(engine, actor, read_only=True) as connection:
            loaded = buildings.load_zoning_area(connection, community.code, srid=task.srid, on=task.day)
            order = order_for(connection, task.situation, community.name, loaded)
        if not order.earlier:
            continue
        answer = rebalance_community_zones(
            order.area,
            task.limits,
            order.earlier,
            brief=order.brief,
            lost=task.lost.get(community.code, ()),
            most_changes=max_moves,
            seed=seed,
            progress=progress,
        )
        drawn.append(DrawnCommunity.of(order, answer))
    progress(STAGE, len(task.communities), len(task.communities))
    refused = [each.refusal() for each in drawn if each.answer.infeasible]
    if refused:
        raise Infeasible("zoning.not_rebalanced", where=str(plan_id), details=refused)
    asked = {
        "limits": str(task.limits),
        "seed": seed,
        "on": str(task.day),
        "rebalanced": True,
        "lost": [code for codes in task.lost.values() for code in codes],
        **task.situation.wishes.as_json(),
    }
    name = plan_name or messages.text("zoning.rebalanced_name", language, name=task.name)
    plan = NewPlan(name, task.area_code, asked, parent_id=plan_id)
    return save_draft(
        engine, actor, plan, drawn, srid=task.srid, limits=task.limits, seed=seed, language=language
    )


def _read(
    connection: Connection, plan_id: int, area_code: str | None, max_moves: int | None, on: date | None
) -> _Task:
    plan = plans.get_plan(connection, plan_id)
    parameters = plans.plan_parameters(connection, plan_id)
    within = areas.require_area(connection, area_code or plan["area_code"]).code
    srid, day = areas.metric_srid(connection), on or areas.today(connection)
    rules = find_profile(connection).zoning
    if not parameters.get("limits"):
        raise InvalidInput("plan.no_limits", where=str(plan_id))
    communities = buildings.communities_to_zone(connection, within, day)
    situation = look_up(
        connection,
        Wishes.of_plan(parameters, plan_id, max_moves),
        rules,
        area_code=within,
        communities=[community.code for community in communities],
        srid=srid,
        on=day,
    )
    return _Task(
        name=plan["name"],
        area_code=within,
        limits=LoadRange.parse(parameters["limits"]),
        srid=srid,
        day=day,
        communities=communities,
        situation=situation,
        lost=_lost(connection, plan_id, within, day),
    )


def _lost(connection: Connection, plan_id: int, area_code: str, day: date) -> dict[str, list[str]]:
    """Zones that end because nobody is left to serve them; others of the community may yet take some over."""
    free = free_chiefs(connection, area_code, day)
    zones = plans.zones_by_community(connection, plan_id)
    lost = {}
    for community, codes in zones_losing_chief(connection, plan_id, day).items():
        ending = max(0, zones[community] - free.get(community, 0))
        lost[community] = codes[:ending]
    return lost
