"""The verbs for whoever looks on while others work on a plan: what has happened since, and to which zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import Conflict, InvalidInput
from geo_service.pipeline.edit_report import plan_figures
from geo_service.pipeline.edit_scene import PlanRules
from geo_service.pipeline.edit_words import MOST_TOLD, told
from geo_service.pipeline.guard import require_reader
from geo_service.pipeline.plan_board import zones_as_shown
from geo_service.store import plans
from geo_service.store.boards import buildings_in_zones
from geo_service.store.plan_edits import list_edits, standing_edits
from geo_service.store.plans import PlanHead
from geo_service.store.session import transaction

_TOLD_OF_NEWS = ("revision", "actor", "at", "kind", *(f"message_{each}" for each in messages.LANGUAGES))


@dataclass(frozen=True)
class News:
    """The revision a plan is at, and what led to it, oldest first."""

    revision: int
    told: list[dict[str, Any]]


def read_news(engine: Engine, actor: Actor, *, plan_id: int, since: int | None = None) -> News:
    """What has happened to a plan after a revision; nothing where none is given.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    InvalidInput
        The plan has not come to that revision.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.plan_head(connection, plan_id)
        rows = [] if since is None else _rows_since(connection, plan, since)
    news = [{key: row[key] for key in _TOLD_OF_NEWS} for row in reversed(rows)]
    reached = news[-1]["revision"] if news else since
    if reached is not None and reached < plan.revision:
        news.append(_without_history(plan))
    return News(plan.revision, news)


def changes_since(engine: Engine, actor: Actor, *, plan_id: int, since: int) -> dict[str, Any]:
    """The zones of a draft that were touched after a revision, as they are now.

    Whoever shows the plan as it was then takes all buildings out of the ``touched`` zones and carries out
    ``moves``: then it shows the plan as it is.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    InvalidInput
        The plan has not come to that revision; or does not say which limits it was drawn with.
    Conflict
        More than edits of zones has happened, or too much to be told: the plan is to be opened anew.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.plan_head(connection, plan_id)
        rows = _rows_since(connection, plan, since)
        reached = rows[0]["revision"] if rows else since
        if len(rows) > MOST_TOLD or reached != plan.revision or not all(row["zones"] for row in rows):
            raise Conflict("live.open_anew", where=str(plan_id))
        rules = PlanRules.of(connection, plan_id, plan.parameters)
        touched = sorted({code for row in rows for code in row["zones"]})
        zones = zones_as_shown(connection, plan_id, rules.limits, touched)
        held = buildings_in_zones(connection, plan_id, touched)
        figures = plan_figures(connection, plan_id, rules.limits)
        standing = standing_edits(connection, plan_id)
    there = {zone["code"] for zone in zones}
    return {
        "plan_id": plan_id,
        "revision": plan.revision,
        "edits": rows,
        "touched": touched,
        "zones": zones,
        "deleted": [code for code in touched if code not in there],
        "moves": [{"zone": code, "buildings": buildings} for code, buildings in held.items()],
        "plan": figures,
        "undo": standing.undo,
        "redo": standing.redo,
    }


def _rows_since(connection: Connection, plan: PlanHead, since: int) -> list[dict[str, Any]]:
    """Newest first; one more than are told where there are more."""
    if since > plan.revision:
        raise InvalidInput("edits.no_such_revision", where="since", given=since, found=plan.revision)
    return [told(row) for row in list_edits(connection, plan.id, after_revision=since, most=MOST_TOLD + 1)]


def _without_history(plan: PlanHead) -> dict[str, Any]:
    """A revision that no row tells of: another plan has taken the plan's place."""
    return {
        "revision": plan.revision,
        "actor": None,
        "at": None,
        "kind": plan.state,
        **{f"message_{each}": messages.text("live.superseded", each) for each in messages.LANGUAGES},
    }
