"""The trail every write leaves, and who reads it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from geo_service.access import Role
from tests.actors import actor, new_zone, undone
from tests.world import COUNTY, SECOND_TOWN, SOUTH, TOWN, WEST, build_world


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    build_world(module_engine, {TOWN: {WEST: "12P"}, SECOND_TOWN: {SOUTH: "5"}})
    return module_engine


def count(connection: Connection, table: str) -> int:
    return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_every_write_leaves_who_what_before_and_after(world: Engine) -> None:
    code = f"{WEST}-B0001"
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        connection.execute(text(f"UPDATE building SET household_count = 99 WHERE code = '{code}'"))
        new_zone(connection, WEST, code)
        connection.execute(text(f"DELETE FROM plan WHERE area_code = '{WEST}' AND state = 'draft'"))
        connection.execute(text("RESET ROLE"))
        trail = connection.execute(
            text("SELECT * FROM audit WHERE actor = :actor ORDER BY id"), {"actor": f"planner-{TOWN}"}
        ).all()
    seen = [(row.role, row.action, row.table_name) for row in trail]
    assert seen[:3] == [
        ("planner", "update", "building"),
        ("planner", "insert", "plan"),
        ("planner", "insert", "zone"),
    ]
    assert ("planner", "delete", "plan") in seen
    assert ("planner", "delete", "zone") in seen  # what a deleted plan takes with it
    update = trail[0]
    assert update.row_key == code
    assert (update.before["household_count"], update.after["household_count"]) == (10, 99)
    assert update.before["geom"]["type"] == "MultiPolygon"
    assert trail[1].before is None
    assert trail[1].after["area_code"] == WEST


def test_the_outcome_of_a_community_and_the_walk_of_a_zone_are_in_the_trail(world: Engine) -> None:
    first, second = f"{WEST}-B0001", f"{WEST}-B0002"
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        plan, zone = new_zone(connection, WEST, first)
        connection.execute(
            text(
                "INSERT INTO zone_member VALUES"
                f" ({plan}, '{first}', {zone}, '{WEST}', 2), ({plan}, '{second}', {zone}, '{WEST}', 1)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO plan_outcome (plan_id, community_code, zones, objective_m, lower_bound_m)"
                f" VALUES ({plan}, '{WEST}', 1, 103, 100)"
            )
        )
        connection.execute(text("RESET ROLE"))
        trail = connection.execute(
            text(
                "SELECT table_name, row_key, after FROM audit WHERE actor = :actor ORDER BY id DESC LIMIT 2"
            ),
            {"actor": f"planner-{TOWN}"},
        ).all()
    outcome, members = trail
    assert (outcome.table_name, outcome.row_key) == ("plan_outcome", f"{plan}/{WEST}")
    assert outcome.after["gap_percent"] == 3
    assert (members.table_name, members.after["buildings"]) == ("zone_member", [second, first])


def test_a_changed_code_is_in_the_trail_under_both_names(world: Engine) -> None:
    with undone(world, actor(Role.PLANNER, SECOND_TOWN)) as connection:
        connection.execute(
            text(f"INSERT INTO compound (code, community_code, name) VALUES ('old', '{SOUTH}', 'x')")
        )
        connection.execute(text("UPDATE compound SET code = 'new' WHERE code = 'old'"))
        connection.execute(text("RESET ROLE"))
        trail = connection.execute(
            text(
                "SELECT row_key, before ->> 'code', after ->> 'code' FROM audit WHERE action = 'update'"
                " AND table_name = 'compound' ORDER BY row_key"
            )
        ).all()
    assert [tuple(row) for row in trail] == [("new", None, "new"), ("old", "old", None)]


def test_the_trail_is_the_administrators_to_read(world: Engine) -> None:
    with undone(world, actor(Role.ADMIN)) as connection:
        assert count(connection, "audit") > 0
    for who in (actor(Role.ADMIN, COUNTY), actor(Role.PLANNER), actor(Role.GIS)):
        with undone(world, who) as connection:
            assert count(connection, "audit") == 0
