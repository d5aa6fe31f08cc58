"""The verb that publishes a plan from a date."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.errors import Conflict
from geo_service.pipeline.edit_words import lock_as_read
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.plan_checks import breaches
from geo_service.pipeline.reviewing import settle_visits
from geo_service.store import areas, plans
from geo_service.store.plan_edits import record_edit
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
    override_reason: str | None = None,
) -> PublicationReport:
    """Freeze a plan and let it hold from a date on, in all its communities or in those of one area.

    The first publication freezes the whole plan; its other communities may follow from dates of their own.
    What held in a community before ends the day before, with its posts; the plan's undated posts begin.

    Parameters
    ----------
    override_reason : str, optional
        Why zones that break the plan's rules are published all the same; kept in the plan's history.

    Raises
    ------
    NotFound
        No such plan or area in the actor's scope.
    InvalidInput
        The plan has no zone in the area.
    Conflict
        The plan is superseded, published there already or not at ``expected_revision``; or what holds in a
        community starts on that date or later; or zones break the plan's rules, all named in ``details``.
    """
    require_writer(actor)
    reason = (override_reason or "").strip()
    with transaction(engine, actor) as connection:
        plan = lock_as_read(connection, plan_id, expected_revision)
        within = areas.require_area(connection, area_code or plan.area_code).code
        communities = plans.communities_to_publish(connection, plan_id, within)
        broken = breaches(connection, plan_id, communities)
        if broken and not reason:
            raise Conflict("plan.breaks_rules", where=str(plan_id), details=broken, count=len(broken))
        if plan.state != "published":
            settle_visits(connection, plan)
        plans.close_earlier_publications(connection, communities, from_date)
        published = plans.open_publication(connection, plan_id, communities, from_date)
        said = {
            "from": from_date.isoformat(),
            "communities": communities,
            **({"reason": reason, "broken": broken} if broken else {}),
        }
        revision = record_edit(connection, plan_id, "publish", said, counts=False).revision
    return PublicationReport(plan_id, plan.name, revision, from_date, tuple(published))
