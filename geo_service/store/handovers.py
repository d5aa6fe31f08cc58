"""What changes hands when a plan begins, and who served a building before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo_service.errors import NotFound
from geo_service.store.queries import query


def handed_over(
    connection: Connection,
    plan_id: int,
    first_days: Mapping[str, date | None],
    *,
    published: bool,
    most: int | None,
    after: str | None,
) -> dict[str, Any]:
    """Buildings whose primary chief becomes another, by code; counts of all of them, whatever page is asked.

    Parameters
    ----------
    first_days : mapping
        The plan's first day in each community.
    published : bool
        Whether it has begun there, or would.
    most, after
        At most so many buildings, whose codes come after that one.
    """
    row = connection.execute(
        query("handed_over"),
        {
            "plan": plan_id,
            "communities": list(first_days),
            "first_days": list(first_days.values()),
            "published": published,
            "most": most,
            "after": after,
        },
    )
    return dict(row.mappings().one())


def services_of_unit(connection: Connection, unit_code: str) -> list[dict[str, Any]]:
    """Zones and primary chiefs that a building had by published plans, newest first; none for a compound.

    Raises
    ------
    NotFound
        No such compound or building in the actor's scope.
    """
    known = text(
        "SELECT FROM building WHERE code = :unit UNION ALL SELECT FROM compound WHERE code = :unit LIMIT 1"
    )
    given = {"unit": unit_code}
    if connection.execute(known, given).one_or_none() is None:
        raise NotFound("classification.no_such_unit", where=unit_code)
    return [dict(row) for row in connection.execute(query("unit_services"), given).mappings()]
