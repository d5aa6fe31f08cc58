"""Plans: read as JSON-ready rows, taken for writing, published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo_service.errors import Conflict, InvalidInput, LostRace, NotFound
from geo_service.store.queries import query


def list_plans(connection: Connection, area_code: str) -> list[dict[str, Any]]:
    """The plans made for an area or for one inside it, newest first, each as ``get_plan`` gives it."""
    return _read_plans(connection, "lineage @> ARRAY[:area]", {"area": area_code})


def get_plan(connection: Connection, plan_id: int) -> dict[str, Any]:
    """One plan: its state and revision, its size, how far from the best possible, where it is published.

    Raises
    ------
    NotFound
        When there is no such plan in the actor's scope.
    """
    plans = _read_plans(connection, "p.id = :plan", {"plan": plan_id})
    if not plans:
        raise NotFound("plan.unknown", where=str(plan_id), id=plan_id)
    return plans[0]


def require_plan(connection: Connection, plan_id: int) -> None:
    """Refuse a plan that is not there.

    Raises
    ------
    NotFound
        When there is no such plan in the actor's scope.
    """
    found = connection.execute(text("SELECT FROM plan WHERE id = :plan"), {"plan": plan_id})
    if found.one_or_none() is None:
        raise NotFound("plan.unknown", where=str(plan_id), id=plan_id)


def _read_plans(connection: Connection, condition: str, given: dict[str, object]) -> list[dict[str, Any]]:
    statement = query("list_plans").text.replace("/* condition */", condition)
    return [dict(row) for row in connection.execute(text(statement), given).mappings()]


def plan_parameters(connection: Connection, plan_id: int) -> dict[str, Any]:
    """What a plan was drawn with."""
    return connection.execute(
        text("SELECT parameters FROM plan WHERE id = :plan"), {"plan": plan_id}
    ).scalar_one()


def zones_by_community(connection: Connection, plan_id: int) -> dict[str, int]:
    """How many zones a plan has in each community it has any in."""
    rows = connection.execute(
        text("SELECT community_code, count(*) FROM zone WHERE plan_id = :plan GROUP BY community_code"),
        {"plan": plan_id},
    )
    return {row.community_code: row.count for row in rows}


@dataclass(frozen=True)
class PlanHead:
    """The part of a plan a writer checks first."""

    id: int
    name: str
    area_code: str
    state: str
    revision: int
    parameters: dict[str, Any]


def plan_head(connection: Connection, plan_id: int) -> PlanHead:
    """A plan as whoever only looks sees it.

    Raises
    ------
    NotFound
        When there is no such plan in the actor's scope.
    """
    return _head(connection, plan_id, "")


def lock_plan(connection: Connection, plan_id: int, *, expected_revision: int | None = None) -> PlanHead:
    """Take a plan for writing: whoever else wants to write it waits for this transaction.

    Raises
    ------
    NotFound
        When there is no such plan, or none the actor may write.
    LostRace
        When it is no longer at ``expected_revision``.
    Conflict
        When it is superseded.
    """
    head = _head(connection, plan_id, "FOR UPDATE")
    if expected_revision is not None and head.revision != expected_revision:
        raise LostRace(
            "plan.revision_lost", where=str(plan_id), expected=expected_revision, found=head.revision
        )
    if head.state == "superseded":
        raise Conflict("plan.superseded", where=str(plan_id))
    return head


def _head(connection: Connection, plan_id: int, locking: str) -> PlanHead:
    columns = "id, name, area_code, state, revision, parameters"
    row = connection.execute(
        text(f"SELECT {columns} FROM plan WHERE id = :plan {locking}"),  # noqa: S608
        {"plan": plan_id},
    ).one_or_none()
    if row is None:
        raise NotFound("plan.unknown", where=str(plan_id), id=plan_id)
    return PlanHead(*row)


@dataclass(frozen=True)
class PublishedCommunity:
    """One community of a publication, and the plan whose time there it ends."""

    code: str
    name: str
    zones: int
    households: int
    replaced_plan_id: int | None
    without_chief: list[str]


def communities_inside(connection: Connection, plan_id: int, area_code: str) -> dict[str, date | None]:
    """Communities of a plan inside an area, with the day from which each is published; None for not yet.

    Raises
    ------
    InvalidInput
        When the plan has no zone in that area.
    """
    rows = connection.execute(query("communities_of_plan"), {"plan": plan_id, "area": area_code}).all()
    if not rows:
        raise InvalidInput("plan.not_in_area", where=area_code)
    return {row.community_code: row.published_from for row in rows}


def communities_to_publish(connection: Connection, plan_id: int, area_code: str) -> list[str]:
    """Communities of a plan inside an area that are not published yet.

    Raises
    ------
    InvalidInput
        When the plan has no zone in that area.
    Conflict
        When all of them are published already.
    """
    inside = communities_inside(connection, plan_id, area_code)
    waiting = [code for code, published_from in inside.items() if published_from is None]
    if not waiting:
        raise Conflict("plan.already_published", where=str(plan_id))
    return waiting


def require_later(connection: Connection, communities: Sequence[str], from_date: date) -> None:
    """Refuse a first day that what is published in some communities has not begun before.

    Raises
    ------
    Conflict
        When one of them starts on ``from_date`` or later.
    """
    given = {"communities": list(communities), "from_date": from_date}
    later = connection.execute(query("later_publications"), given).scalars().all()
    if later:
        raise Conflict("plan.publication_overlaps", where=", ".join(later))


def close_earlier_publications(connection: Connection, communities: Sequence[str], from_date: date) -> None:
    """End what is published in some communities on the day before ``from_date``, with the posts of its zones.

    Raises
    ------
    Conflict
        When one of them starts on ``from_date`` or later.
    """
    require_later(connection, communities, from_date)
    given = {"communities": list(communities), "from_date": from_date}
    connection.execute(query("close_posts"), given)
    connection.execute(query("close_publications"), given)


def open_publication(
    connection: Connection, plan_id: int, communities: Sequence[str], from_date: date
) -> list[PublishedCommunity]:
    """Freeze the plan and let its zones and chiefs of some communities hold from a date on.

    Raises
    ------
    Conflict
        When another publication holds for that time: the database's exclusion constraint.
    """
    given = {"plan": plan_id, "communities": list(communities), "from_date": from_date}
    connection.execute(
        text("UPDATE plan SET state = 'published', revision = revision + 1 WHERE id = :plan"), given
    )
    connection.execute(
        text(
            "INSERT INTO plan_publication (plan_id, community_code, effective)"
            " SELECT :plan, code, daterange(:from_date, NULL) FROM unnest(:communities) AS code"
        ),
        given,
    )
    connection.execute(
        text(
            "UPDATE post SET valid = daterange(:from_date, NULL) FROM zone z WHERE z.id = zone_id"
            " AND z.plan_id = :plan AND z.community_code = ANY(:communities) AND post.valid IS NULL"
        ),
        given,
    )
    return [PublishedCommunity(*row) for row in connection.execute(query("published_communities"), given)]
