"""The verbs that ask who served a unit: on a day, with its form and whether that counted, and ever."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.errors import NotFound
from geo_service.pipeline.guard import require_reader
from geo_service.pipeline.policies import find_profile
from geo_service.store.handovers import services_of_unit
from geo_service.store.posts import who_serves
from geo_service.store.session import transaction

_SERVICE = (
    "zone_code",
    "zone_name",
    "plan_id",
    "chief_name",
    "work_phone",
    "chief_role",
    "in_post_from",
    "in_post_to",
)


def served_by(
    engine: Engine, actor: Actor, *, unit_code: str, on: date, known: datetime | None = None
) -> dict[str, Any]:
    """A compound or standalone building on a day, with the zone and the chief in post then.

    Parameters
    ----------
    known : datetime, optional
        Its form and step as they were known at this moment; now by default.

    Raises
    ------
    NotFound
        No such unit in the actor's scope, or none that was known then.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        found = who_serves(connection, unit_code, on=on, known=known)
        if found is None:
            raise NotFound("classification.no_such_unit", where=unit_code)
        profile = find_profile(connection)
    unit = {key: value for key, value in found.items() if key not in (*_SERVICE, "state_id")}
    return {
        "on": on.isoformat(),
        "known": known.isoformat() if known else None,
        **unit,
        "covered": (unit["form"], unit["step"]) in profile.covered_pairs,
        "service": {key: found[key] for key in _SERVICE} if found["zone_code"] else None,
        "profile": profile.citation,
    }


def list_services(engine: Engine, actor: Actor, *, unit_code: str) -> list[dict[str, Any]]:
    """Who served a building by published plans, newest first, with the time without anybody.

    Raises
    ------
    NotFound
        No such compound or building in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    with transaction(engine, actor, read_only=True) as connection:
        return services_of_unit(connection, unit_code)
