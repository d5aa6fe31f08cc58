"""The verb that publishes a plan from a date."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.guard import require_writer
from geo_service.store import areas, plans
from geo_service.store.session import transaction


@dataclass(frozen=True)
class PublicationReport:
    """Which communities a plan holds in from a date on, and what it replaces there."""

    plan_id: int
    name: str
    revision: int
    from_date: date
    communities: tuple[plans.PublishedCommunity, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "plan_id": self.plan_id,
            "name": self.name,
            "revision": self.revision,
            "from": self.from_date.isoformat(),
            "communities": [asdict(community) for community in self.communities],
        }


def publish_plan(
    engine: Engine,
    actor: Actor,
    *,
    plan_id: int,
    from_date: date,
    area_code: str | None = None,
    expected_revision: int | None = None,
) -> PublicationReport:
    """Freeze a plan and let it hold from a date on, in all its communities or in those of one area.

    The first publication freezes the whole plan; its other communities may follow from dates of their own.
    What held in a community before ends the day before, with its posts; the plan's undated posts begin.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope.
    InvalidInput
        The plan has no zone in the area.
    Conflict
        The plan is superseded, published there already or not at ``expected_revision``; or what holds in a
        community starts on that date or later.
    """
    require_writer(actor)
    with transaction(engine, actor) as connection:
        plan = plans.lock_plan(connection, plan_id, expected_revision=expected_revision)
        within = areas.require_area(connection, area_code or plan.area_code).code
        communities = plans.communities_to_publish(connection, plan_id, within)
        plans.close_earlier_publications(connection, communities, from_date)
        published = plans.open_publication(connection, plan_id, communities, from_date)
        revision = plans.get_plan(connection, plan_id)["revision"]
    return PublicationReport(plan_id, plan.name, revision, from_date, tuple(published))
