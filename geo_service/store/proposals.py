"""Proposals of the solver: kept apart from the plan until they are accepted.

One is worked out by whoever runs ``pipeline.proposal_work``, on any host; the row is all they share.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo_service.errors import NotFound
from geo_service.store.plans import PlanHead
from geo_service.store.queries import query

# Since the last change; then it is gone, whatever became of it: what was accepted is in the plan's history.
KEPT_DAYS = 7
LOST_AFTER_S = 30.0


@dataclass(frozen=True)
class Proposal:
    """A proposal as it stands; ``report`` is JSON, there once the state is done."""

    id: int
    plan_id: int
    revision: int
    actor: str
    asked: dict[str, Any]
    state: str
    stage: str
    done: int
    total: int | None
    problem: dict[str, Any] | None
    created_at: str
    changed_at: str
    is_lost: bool
    report: str | None


def add_proposal(connection: Connection, plan: PlanHead, asked: Mapping[str, Any]) -> int:
    """A new proposal of the actor, on a plan that is taken for writing; its id.

    An older one of the same actor that is still open is set aside, and what is past its time is removed.
    """
    given = {"plan": plan.id, "kept_days": KEPT_DAYS}
    connection.execute(
        text(
            "DELETE FROM plan_proposal WHERE plan_id = :plan"
            " AND changed_at <= clock_timestamp() - make_interval(days => :kept_days)"
        ),
        given,
    )
    connection.execute(
        text(
            "UPDATE plan_proposal SET state = CASE state WHEN 'running' THEN 'cancelled' ELSE 'dropped' END,"
            " changed_at = clock_timestamp()"
            " WHERE plan_id = :plan AND actor = access.actor() AND state IN ('running', 'done')"
        ),
        given,
    )
    return int(
        connection.execute(
            text(
                "INSERT INTO plan_proposal (plan_id, area_code, revision, asked)"
                " VALUES (:plan, :area, :revision, CAST(:asked AS jsonb)) RETURNING id"
            ),
            {
                "plan": plan.id,
                "area": plan.area_code,
                "revision": plan.revision,
                "asked": json.dumps(asked, ensure_ascii=False),
            },
        ).scalar_one()
    )


def get_proposal(connection: Connection, plan_id: int, proposal_id: int) -> Proposal:
    """One proposal of a plan.

    Raises
    ------
    NotFound
        When the plan has none of this number in the actor's scope, or its time is past.
    """
    given = {
        "plan": plan_id,
        "proposal": proposal_id,
        "kept_days": KEPT_DAYS,
        "lost_after_s": LOST_AFTER_S,
    }
    row = connection.execute(query("proposal"), given).one_or_none()
    if row is None:
        raise NotFound("proposals.unknown", where=str(proposal_id), number=proposal_id, days=KEPT_DAYS)
    return Proposal(*row)


def open_proposals(connection: Connection, plan_id: int) -> list[tuple[int, str]]:
    """Number and actor of each proposal of a plan that is being worked out, or waits to be accepted."""
    rows = connection.execute(query("open_proposals"), {"plan": plan_id, "kept_days": KEPT_DAYS})
    return [(row.id, row.actor) for row in rows]


def proposed_zones(connection: Connection, proposal_id: int) -> dict[str, dict[str, Any]]:
    """The zones a proposal changes, by community and code, each with name, lock and buildings, or null."""
    return connection.execute(
        text("SELECT answer -> 'zones' FROM plan_proposal WHERE id = :proposal"), {"proposal": proposal_id}
    ).scalar_one()


def beat(connection: Connection, proposal_id: int, stage: str, done: int, total: int | None) -> bool:
    """Say that a proposal is being worked out, and how far; False when it is not wanted any more."""
    return bool(
        connection.execute(
            text(
                "UPDATE plan_proposal SET stage = :stage, done = :done, total = :total,"
                " heartbeat = clock_timestamp() WHERE id = :proposal AND state = 'running'"
            ),
            {"proposal": proposal_id, "stage": stage, "done": done, "total": total},
        ).rowcount
    )


def finish(
    connection: Connection,
    proposal_id: int,
    *,
    answer: str | None = None,
    problem: Mapping[str, Any] | None = None,
) -> None:
    """Write what came of a proposal, JSON; nothing when it is not wanted any more."""
    connection.execute(
        text(
            "UPDATE plan_proposal SET state = :state, answer = CAST(:answer AS jsonb),"
            " problem = CAST(:problem AS jsonb), changed_at = clock_timestamp()"
            " WHERE id = :proposal AND state = 'running'"
        ),
        {
            "proposal": proposal_id,
            "state": "done" if problem is None else "failed",
            "answer": answer,
            "problem": None if problem is None else json.dumps(problem, ensure_ascii=False),
        },
    )


def settle(connection: Connection, proposal_id: int, before: str, after: str) -> bool:
    """Take a proposal of the actor's from one state to another; False when it was not in the first."""
    given = {"proposal": proposal_id, "before": before, "after": after}
    return bool(
        connection.execute(
            text(
                "UPDATE plan_proposal SET state = :after, changed_at = clock_timestamp()"
                " WHERE id = :proposal AND state = :before AND actor = access.actor()"
            ),
            given,
        ).rowcount
    )


def outlines_as_geojson(
    connection: Connection, outlines: Mapping[str, BaseGeometry], srid: int
) -> dict[str, str]:
    """Outlines in the CRS of ``srid`` as the zones made of them will have them, by code."""
    given = {
        "codes": list(outlines),
        "outlines": [shapely.to_wkb(outline) for outline in outlines.values()],
        "srid": srid,
    }
    return {row.code: row.geometry for row in connection.execute(query("outlines_as_geojson"), given)}


def building_names(connection: Connection, codes: list[str]) -> dict[str, str]:
    """The names of those of some buildings that have one."""
    rows = connection.execute(
        text("SELECT code, name FROM building WHERE code = ANY(:codes) AND name <> ''"), {"codes": codes}
    )
    return {row.code: row.name for row in rows}
