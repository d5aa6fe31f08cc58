"""Objections to bulletins: filed and read, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from geo_service.store.bulletins import Bulletin
from geo_service.store.tables import objection as _objection


@dataclass(frozen=True)
class Objection:
    """What somebody objected to in a bulletin."""

    id: int
    bulletin_id: int
    area_code: str
    objector: str
    wording: str
    objected_on: date
    recorded_by: str
    recorded_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The objection as it stands beside its bulletin."""
        return {
            "id": self.id,
            "by": self.objector,
            "text": self.wording,
            "on": self.objected_on.isoformat(),
            "recorded_by": self.recorded_by,
            "recorded_at": self.recorded_at.isoformat(),
        }


def insert_objection(
    connection: Connection, bulletin: Bulletin, *, objector: str, wording: str, on: date, actor: str
) -> None:
    """Keep an objection to a bulletin."""
    connection.execute(
        insert(_objection).values(
            bulletin_id=bulletin.id,
            area_code=bulletin.area_code,
            objector=objector,
            wording=wording,
            objected_on=on,
            recorded_by=actor,
        )
    )


def objections_to(connection: Connection, bulletin_id: int) -> list[Objection]:
    """Objections to a bulletin as far as the actor reads them, in the order they were recorded."""
    rows = connection.execute(
        select(_objection).where(_objection.c.bulletin_id == bulletin_id).order_by(_objection.c.id)
    )
    return [Objection(**row) for row in rows.mappings()]
