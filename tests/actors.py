"""Actors of the tests, and transactions of theirs that leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text

from geo_service.access import Actor, Role
from geo_service.store.session import transaction

BOX = "ST_Multi(ST_MakeEnvelope(111, 34, 111.001, 34.001, 4490))"


class _Undo(Exception):
    pass


@contextmanager
def undone(engine: Engine, actor: Actor) -> Iterator[Connection]:
    """A transaction of ``actor`` that leaves nothing behind."""

    with suppress(_Undo), transaction(engine, actor) as connection:
        yield connection
        raise _Undo


def actor(role: Role, scope: str = "*") -> Actor:
    """Somebody of a role, named by role and scope."""
    return Actor(name=f"{role}-{scope}", role=role, scope=scope)


def new_zone(
    connection: Connection, community: str, medoid: str, plan: int | None = None, code: str = "x"
) -> tuple[int, int]:
    """Write a zone, in a new plan of its community unless one is given; ids of both."""
    plan = (
        plan
        or connection.execute(
            text(
                "INSERT INTO plan (name, area_code, parameters, created_by)"
                " VALUES ('x', :area, '{}', 'x') RETURNING id"
            ),
            {"area": community},
        ).scalar_one()
    )
    zone = connection.execute(
        text(
            "INSERT INTO zone (plan_id, code, community_code, household_count, building_count,"
            f" medoid_building_code, geom) VALUES (:plan, :code, :area, 1, 1, :medoid, {BOX}) RETURNING id"
        ),
        {"plan": plan, "code": code, "area": community, "medoid": medoid},
    ).scalar_one()
    return plan, zone
