"""What the database itself keeps of edits, whoever asks."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden
from geo_service.store import plan_edits
from geo_service.store.session import transaction
from tests.actors import actor, undone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

NOTHING = {"zones": {}, "outcome": None}


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Plan 1 is a draft of the town with one edit, plan 2 is published in WEST."""
    build_world(module_engine, {TOWN: {WEST: "123P", EAST: "1"}, SECOND_TOWN: {SOUTH: "1"}})
    save_plan(module_engine, TOWN, {f"{WEST}001": [f"{WEST}-B0001"]})
    save_plan(module_engine, WEST, {f"{WEST}001": [f"{WEST}-B0001"]}, effective_from=date(2024, 6, 1))
    with transaction(module_engine, actor(Role.PLANNER, TOWN)) as connection:
        plan_edits.record_edit(connection, 1, "lock", {}, community_code=WEST, inverse=NOTHING)
    return module_engine


@pytest.mark.parametrize("statement", ["UPDATE plan_edit SET actor = 'x'", "DELETE FROM plan_edit"])
@pytest.mark.parametrize("who", [LOCAL_ADMIN, actor(Role.PLANNER, TOWN)])
def test_no_row_is_changed_or_removed(world: Engine, who: Actor, statement: str) -> None:
    with pytest.raises(Forbidden), transaction(world, who) as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("who", "rows"),
    [
        (actor(Role.PLANNER, TOWN), 1),
        (actor(Role.GIS, COUNTY), 1),
        (actor(Role.PLANNER, SECOND_TOWN), 0),
        (actor(Role.PLANNER, WEST), 0),
        (actor(Role.VIEWER, TOWN), 0),
        (actor(Role.CHIEF, TOWN), 0),
    ],
)
def test_a_history_is_read_where_its_plan_is_written(world: Engine, who: Actor, rows: int) -> None:
    with transaction(world, who, read_only=True) as connection:
        assert len(plan_edits.list_edits(connection, 1)) == rows


@pytest.mark.parametrize(
    "columns",
    [
        f"1, 9, '{TOWN}', 9, 'somebody else', 'planner'",
        f"1, 9, '{TOWN}', 9, 'planner-{TOWN}', 'admin'",
        f"1, 9, '{COUNTY}', 9, 'planner-{TOWN}', 'planner'",
    ],
)
def test_nobody_writes_history_in_another_name_or_place(world: Engine, columns: str) -> None:
    with pytest.raises(Forbidden), transaction(world, actor(Role.PLANNER, TOWN)) as connection:
        connection.execute(
            text(
                "INSERT INTO plan_edit"
                " (plan_id, number, area_code, revision, actor, role, kind, edit, inverse)"
                f" VALUES ({columns}, 'lock', '{{}}', '{{}}')"
            )
        )


def test_no_edit_of_zones_is_recorded_of_a_published_plan(world: Engine) -> None:
    with pytest.raises(Conflict) as frozen, transaction(world, LOCAL_ADMIN) as connection:
        plan_edits.record_edit(connection, 2, "lock", {}, community_code=WEST, inverse=NOTHING)
    assert frozen.value.key == "plan.frozen"
    with undone(world, LOCAL_ADMIN) as connection:
        plan_edits.record_edit(connection, 2, "appoint", {})


def test_the_trail_of_an_edit_says_what_was_done_and_by_whom(world: Engine) -> None:
    with world.connect() as connection:
        row = connection.execute(
            text("SELECT actor, role, row_key, after FROM audit WHERE table_name = 'plan_edit'")
        ).one()
    assert tuple(row)[:3] == (f"planner-{TOWN}", "planner", "1/1")
    assert (row.after["kind"], row.after["community_code"]) == ("lock", WEST)
    assert "inverse" not in row.after


def test_a_draft_goes_with_its_history(world: Engine) -> None:
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        connection.execute(text("DELETE FROM plan WHERE id = 1"))
        connection.execute(text("RESET ROLE"))
        assert connection.execute(text("SELECT count(*) FROM plan_edit WHERE plan_id = 1")).scalar_one() == 0
        trail = connection.execute(
            text("SELECT row_key FROM audit WHERE table_name = 'plan_edit' AND action = 'delete'")
        ).scalars()
        assert list(trail) == ["1/1"]


def test_a_revision_is_counted_once(world: Engine) -> None:
    with undone(world, LOCAL_ADMIN) as connection:
        first = plan_edits.record_edit(connection, 1, "appoint", {})
        second = plan_edits.record_edit(connection, 1, "appoint", {}, counts=True)
        assert (first.number, first.revision, second.number, second.revision) == (2, 3, 3, 4)
        connection.execute(text("UPDATE plan SET revision = 5 WHERE id = 1"))
        assert plan_edits.record_edit(connection, 1, "appoint", {}, counts=False).revision == 5


def last_trail(connection: Connection, table: str) -> tuple[dict, dict]:
    """Before and after of the newest update of a table."""
    connection.execute(text("RESET ROLE"))
    row = connection.execute(
        text(
            "SELECT before, after FROM audit WHERE table_name = :t AND action = 'update'"
            " ORDER BY id DESC LIMIT 1"
        ),
        {"t": table},
    ).one()
    return tuple(row)


def test_the_trail_of_a_zone_holds_an_outline_where_it_changes(world: Engine) -> None:
    with undone(world, LOCAL_ADMIN) as connection:
        connection.execute(text("UPDATE zone SET name = 'new' WHERE plan_id = 1"))
        before, after = last_trail(connection, "zone")
        row = connection.execute(text("SELECT to_jsonb(z) FROM zone z LIMIT 1")).scalar_one()
    assert (before["name"], after["name"]) == (None, "new")
    assert row.keys() - after.keys() == {"geom", "geom_3857"}
    with undone(world, LOCAL_ADMIN) as connection:
        box = "ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4490))"
        connection.execute(text(f"UPDATE zone SET geom = {box} WHERE plan_id = 1"))
        before, after = last_trail(connection, "zone")
        outline = connection.execute(text("SELECT geom::text FROM zone WHERE plan_id = 1")).scalar_one()
    assert before["geom"] != after["geom"] == outline
    assert "geom_3857" not in before.keys() | after.keys()


def test_the_trail_of_a_plan_holds_findings_where_they_change(world: Engine) -> None:
    with undone(world, LOCAL_ADMIN) as connection:
        connection.execute(text("UPDATE plan SET revision = 9 WHERE id = 1"))
        before, after = last_trail(connection, "plan")
    assert (before["revision"], after["revision"]) == (2, 9)
    assert not {"findings", "parameters"} & (before.keys() | after.keys())
    with undone(world, LOCAL_ADMIN) as connection:
        connection.execute(text("UPDATE plan SET findings = '{\"a\": 1}' WHERE id = 1"))
        before, after = last_trail(connection, "plan")
    assert (before["findings"], after["findings"]) == ({}, {"a": 1})
