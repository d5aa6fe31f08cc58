"""The outcome of one community of a plan, taken and put back by edits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo_service.store.queries import kept_query, query


@dataclass(frozen=True)
class CommunityFigures:
    """A community's zones in figures; None where nothing is known, or proven any more."""

    zones: int
    distance_m: float | None
    patrol_m: float | None
    imbalance: float | None
    border_pairs: int | None
    objective_m: float | None
    lower_bound_m: float | None
    unassigned: int | None

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def read_outcome(connection: Connection, plan_id: int, community_code: str) -> CommunityFigures | None:
    """The figures a plan keeps of a community; None where it keeps none."""
    row = connection.execute(
        text(
            "SELECT zones, distance_m, patrol_m, imbalance, border_pairs, objective_m, lower_bound_m,"
            " unassigned FROM plan_outcome WHERE plan_id = :plan AND community_code = :community"
        ),
        {"plan": plan_id, "community": community_code},
    ).one_or_none()
    return None if row is None else CommunityFigures(*row)


def put_outcome(
    connection: Connection, plan_id: int, community_code: str, figures: CommunityFigures | None
) -> None:
    """Keep these figures of a community, or none."""
    given: dict[str, Any] = {"plan": plan_id, "community": community_code}
    if figures is None:
        statement = "DELETE FROM plan_outcome WHERE plan_id = :plan AND community_code = :community"
        connection.execute(text(statement), given)
        return
    given |= figures.as_json()
    # not one statement for both: an insert that turns into an update fires the triggers of either
    if not connection.execute(kept_query("update_outcome"), given).rowcount:
        connection.execute(query("add_outcome"), given)
