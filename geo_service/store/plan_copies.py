"""Plans copied into new drafts, set by set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from geo_service.store.plan_edits import inverse_by_community
from geo_service.store.queries import query
from geo_service.store.statistics import renew_statistics

_PARTS = ("copy_zones", "copy_members", "copy_outcomes", "copy_posts")


def copy_plan(connection: Connection, plan_id: int, *, name: str, area_code: str, revision: int) -> int:
    """A new draft with the zones, members, outcomes and chiefs a plan has in an area; its id.

    Parameters
    ----------
    revision : int
        The plan's, which the copy says it was made at.
    """
    given = {"plan": plan_id, "area": area_code}
    copy = connection.execute(query("copy_plan"), {**given, "name": name, "revision": revision}).scalar_one()
    written = {part: connection.execute(query(part), {**given, "copy": copy}).rowcount for part in _PARTS}
    renew_statistics(connection, written["copy_members"])
    return int(copy)


def inverses_since(connection: Connection, plan_id: int, revision: int) -> list[tuple[str, dict[str, Any]]]:
    """Communities and inverses of the edits of a plan after a revision, the oldest first."""
    rows = connection.execute(query("inverses_since"), {"plan": plan_id, "revision": revision})
    return [each for row in rows for each in inverse_by_community(row.community_code, row.inverse).items()]
