"""A community of six buildings beside a river, a plan over it, and what the database holds of the plan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor
from geo_service.pipeline.editing import edit_plan
from geo_service.planning.editing import read_order
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

# 210 households; the river leaves the last two buildings on the other bank.
GRIDS = {TOWN: {WEST: "1234|56\nP..P...", EAST: "34\nP."}, SECOND_TOWN: {SOUTH: "12"}}
FIRST, SECOND, THIRD = f"{WEST}001", f"{WEST}002", f"{WEST}003"

# All that a plan is, but for ids, times and revisions.
_STATE = """
SELECT z.code, z.name, z.locked, z.household_count, z.building_count, z.medoid_building_code, z.load,
       z.distance_m, z.patrol_m, z.span_m, z.compactness, z.stranded, z.barriers_crossed, z.visits_outdated,
       z.explanation, ST_AsText(z.geom, 9),
       (SELECT array_agg(m.building_code || ' ' || coalesce(m.visit_order::text, '-')
                         ORDER BY m.building_code)
        FROM zone_member m WHERE m.zone_id = z.id),
       (SELECT array_agg(o.person_code || ' ' || o.rank || ' ' || round(o.walk_distance_m::numeric, 6)
                         ORDER BY o.person_code)
        FROM post o WHERE o.zone_id = z.id)
FROM zone z WHERE z.plan_id = :plan ORDER BY z.code
"""
_OUTCOMES = """
SELECT community_code, zones, distance_m, patrol_m, imbalance, border_pairs, objective_m, lower_bound_m,
       unassigned, infeasible
FROM plan_outcome WHERE plan_id = :plan ORDER BY community_code
"""


def b(number: int, community: str = WEST) -> str:
    """Code of the building that is the so manieth of its community in reading order."""
    return f"{community}-B{number:04d}"


def planned(engine: Engine) -> int:
    """The world with a draft of two zones in WEST and one in EAST; somebody serves the first alone."""
    build_world(engine, GRIDS)
    return save_plan(
        engine,
        TOWN,
        {FIRST: [b(1), b(2)], SECOND: [b(3), b(4)], f"{EAST}001": [b(1, EAST), b(2, EAST)]},
        chiefs={FIRST: f"{WEST}-P01"},
    )


def do(
    engine: Engine, plan_id: int, actor: Actor = LOCAL_ADMIN, revision: int | None = None, **order: Any
) -> dict:
    """Carry out an order, named as over HTTP."""
    return edit_plan(engine, actor, plan_id=plan_id, order=read_order(order), expected_revision=revision)


def state(engine: Engine, plan_id: int) -> list[list[tuple]]:
    """All that the database holds of a plan."""
    with engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(text(statement), {"plan": plan_id})]
            for statement in (_STATE, _OUTCOMES)
        ]


def held(engine: Engine, plan_id: int) -> dict[str, list[str]]:
    """The last digits of the buildings of each zone, by the last digits of its code and its community's."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT z.code, array_agg(m.building_code ORDER BY m.building_code) AS buildings"
                " FROM zone z JOIN zone_member m ON m.zone_id = z.id WHERE z.plan_id = :plan"
                " GROUP BY z.code ORDER BY z.code"
            ),
            {"plan": plan_id},
        )
        return {row.code: [code[-1] for code in row.buildings] for row in rows}


def history(engine: Engine, plan_id: int) -> list[tuple]:
    """Number, kind, which edit it is about, what stands and what can be done again, of each row."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT number, kind, of_number, stands, again FROM plan_edit"
                " WHERE plan_id = :plan ORDER BY number"
            ),
            {"plan": plan_id},
        )
        return [tuple(row) for row in rows]
