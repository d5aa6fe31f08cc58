"""The verb that tells the history of a plan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.pipeline.edit_words import told
from geo_service.pipeline.guard import require_reader
from geo_service.store import plan_edits, plans
from geo_service.store.session import transaction


def read_history(
    engine: Engine, actor: Actor, *, plan_id: int, before: int | None = None, most: int = 100
) -> dict[str, Any]:
    """Rows of a plan's history, newest first, and what undo and redo would be about.

    Parameters
    ----------
    before : int, optional
        Only rows of a lower number.

    Raises
    ------
    NotFound
        No such plan in the actor's scope.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        plan = plans.get_plan(connection, plan_id)
        rows = plan_edits.list_edits(connection, plan_id, before=before, most=most + 1)
        standing = plan_edits.standing_edits(connection, plan_id)
    return {
        "plan_id": plan_id,
        "revision": plan["revision"],
        "edits": [told(row) for row in rows[:most]],
        "next": rows[most - 1]["number"] if len(rows) > most else None,
        "undo": standing.undo,
        "redo": standing.redo,
    }
