"""The history of a plan: rows are added and read, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo_service.store.queries import kept_query, query


@dataclass(frozen=True)
class Standing:
    """What undo would take back and redo would do again, as numbers of edits."""

    undo: int | None
    redo: int | None


@dataclass(frozen=True)
class TakingBack:
    """The newest row about an edit, whose inverse is to be carried out."""

    number: int
    kind: str
    community_code: str | None
    inverse: dict[str, Any]

    @property
    def inverse_by_community(self) -> dict[str, dict[str, Any]]:
        """What takes the edit back in each community it changed."""
        return inverse_by_community(self.community_code, self.inverse)


@dataclass(frozen=True)
class NewRow:
    """A row that was added, and how the plan stands after it."""

    number: int
    revision: int
    standing: Standing


def record_edit(
    connection: Connection,
    plan_id: int,
    kind: str,
    edit: Mapping[str, Any],
    *,
    community_code: str | None = None,
    zones: Sequence[str] = (),
    buildings: int = 0,
    inverse: Mapping[str, Any] | None = None,
    of_number: int | None = None,
    counts: bool = True,
) -> NewRow:
    """Add a row to a plan's history and count one more revision.

    Parameters
    ----------
    edit : mapping
        The order as it was said.
    zones : sequence of str
        Codes of the zones it changed, founded or ended.
    buildings : int
        How many came into another zone, or into none.
    inverse : mapping, optional
        What takes it back; None for what is no edit of zones.
    of_number : int, optional
        The edit that is taken back, or done again.
    counts : bool
        Whether this makes a revision; False where what is recorded has counted one already.
    """
    row = connection.execute(
        kept_query("insert_plan_edit"),
        {
            "plan": plan_id,
            "kind": kind,
            "community": community_code,
            "zones": list(zones),
            "buildings": buildings,
            "edit": json.dumps(edit, ensure_ascii=False),
            "inverse": None if inverse is None else json.dumps(inverse, ensure_ascii=False),
            "of_number": of_number,
            "counts": counts,
        },
    ).one()
    return NewRow(row.number, row.revision, Standing(row.stands, row.again))


def inverse_by_community(community_code: str | None, inverse: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """An inverse as rows keep it, by the code of each community it is of."""
    if community_code is None:
        return dict(inverse["communities"])
    return {community_code: dict(inverse)}


def communities_edited(connection: Connection, plan_id: int, after_revision: int) -> set[str]:
    """The communities whose zones were edited after a revision."""
    given = {"plan": plan_id, "revision": after_revision}
    return set(connection.execute(query("communities_edited"), given).scalars())


def standing_edits(connection: Connection, plan_id: int) -> Standing:
    """What undo and redo would be about now."""
    row = connection.execute(
        text("SELECT stands, again FROM plan_edit WHERE plan_id = :plan ORDER BY number DESC LIMIT 1"),
        {"plan": plan_id},
    ).one_or_none()
    return Standing(None, None) if row is None else Standing(*row)


def newest_about(connection: Connection, plan_id: int, number: int) -> TakingBack:
    """What carries out an undo or a redo of an edit."""
    given = {"plan": plan_id, "number": number}
    return TakingBack(*connection.execute(kept_query("edit_to_take_back"), given).one())


def list_edits(
    connection: Connection,
    plan_id: int,
    *,
    after_revision: int = 0,
    before: int | None = None,
    most: int = 100,
) -> list[dict[str, Any]]:
    """Rows of a plan's history after a revision and before a number, newest first."""
    given = {"plan": plan_id, "after_revision": after_revision, "before": before, "most": most}
    return [dict(row) for row in connection.execute(query("plan_edits"), given).mappings()]


def plan_totals(connection: Connection, plan_id: int, *, lowest: int, highest: int) -> dict[str, Any]:
    """Sums over the zones of a plan, the loads of all, and the codes of those outside the limits."""
    given = {"plan": plan_id, "lowest": lowest, "highest": highest}
    return dict(connection.execute(kept_query("plan_totals"), given).mappings().one())


def last_touched(connection: Connection, plan_id: int, zone_code: str) -> str | None:
    """Who last touched a zone, if any edit did."""
    row = connection.execute(query("zone_last_touched"), {"plan": plan_id, "zone": zone_code}).first()
    return None if row is None else str(row.actor)
