"""Who reads and writes what: the policies of the migrations, in a county of two towns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from geo_service.access import Actor, Role
from geo_service.errors import Conflict, Forbidden
from geo_service.store.session import make_engine, transaction
from tests.actors import BOX, actor, new_zone, undone
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, post_of, save_plan

SECRETS = (
    "compound",
    "building",
    "arrangement",
    "person",
    "plan",
    "plan_outcome",
    "plan_publication",
    "zone",
    "zone_member",
    "post",
)


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Three communities with a published zone each; WEST and EAST in one town, SOUTH in the other."""
    build_world(module_engine, {TOWN: {WEST: "12\naP", EAST: "34\n.P"}, SECOND_TOWN: {SOUTH: "56\n7P"}})
    for community in (WEST, EAST, SOUTH):
        zone = f"{community}001"
        save_plan(
            module_engine,
            community,
            {zone: [f"{community}-B0001", f"{community}-B0002"]},
            effective_from=date(2024, 6, 1),
            chiefs={zone: f"{community}-P01"},
        )
    save_plan(module_engine, COUNTY, {f"{WEST}001": [f"{WEST}-B0001"], f"{SOUTH}001": [f"{SOUTH}-B0003"]})
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " SELECT 'building', code, community_code, 'roving', 'assigned', '[2024-01-01,)'"
                " FROM building WHERE code LIKE '%-B0001'"
            )
        )
    return module_engine


def chief(engine: Engine, community: str) -> Actor:
    with engine.begin() as connection:
        plan = connection.execute(
            text("SELECT plan_id FROM plan_publication WHERE community_code = :code"), {"code": community}
        ).scalar_one()
    post = post_of(engine, plan, f"{community}001")
    return Actor(name="chief", role=Role.CHIEF, scope=community, post_id=post)


def communities_of(connection: Connection, table: str) -> set[str]:
    column = "area_code" if table in ("plan", "barrier", "walkway") else "community_code"
    return set(connection.execute(text(f"SELECT {column} FROM {table}")).scalars())


def count(connection: Connection, table: str) -> int:
    return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PLANNER, Role.GIS])
@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ("*", {WEST, EAST, SOUTH}),
        (COUNTY, {WEST, EAST, SOUTH}),
        (TOWN, {WEST, EAST}),
        (SOUTH, {SOUTH}),
        ("000000000000", set()),
    ],
)
def test_readers_see_their_scope_and_nothing_else(
    world: Engine, role: Role, scope: str, seen: set[str]
) -> None:
    with undone(world, actor(role, scope)) as connection:
        for table in {*SECRETS} - {"compound", "plan"}:
            assert communities_of(connection, table) == seen, table
        assert communities_of(connection, "compound") == seen & {WEST}
        assert communities_of(connection, "plan") - {COUNTY} == seen


def test_a_draft_of_a_larger_area_is_hidden_from_its_parts_and_shown_once_published(world: Engine) -> None:
    with undone(world, actor(Role.GIS, COUNTY)) as connection:
        assert COUNTY in communities_of(connection, "plan")
    with undone(world, actor(Role.GIS, TOWN)) as connection:
        assert COUNTY not in communities_of(connection, "plan")
        connection.execute(text("RESET ROLE"))
        connection.execute(text(f"UPDATE plan SET state = 'published' WHERE area_code = '{COUNTY}'"))
        connection.execute(text("SET LOCAL ROLE geo_service_app"))
        assert COUNTY in communities_of(connection, "plan")


def test_a_viewer_reads_areas_and_coverage_and_nothing_else(world: Engine) -> None:
    with undone(world, actor(Role.VIEWER, TOWN)) as connection:
        for table in (*SECRETS, "barrier", "walkway", "person_contact", "audit", "import_record"):
            assert count(connection, table) == 0, table
        areas = set(connection.execute(text("SELECT code FROM area")).scalars())
        counted = connection.execute(
            text("SELECT area_code, sum(units) FROM coverage_change WHERE day <= '2024-06-30' GROUP BY 1")
        ).all()
    assert areas == {COUNTY, TOWN, WEST, EAST}
    assert dict(counted) == {TOWN: 5, WEST: 3, EAST: 2}


def test_a_chief_sees_the_zone_of_the_post_alone(world: Engine) -> None:
    with undone(world, chief(world, WEST)) as connection:
        assert set(connection.execute(text("SELECT code FROM building")).scalars()) == {
            f"{WEST}-B0001",
            f"{WEST}-B0002",
        }
        assert [count(connection, table) for table in ("zone", "zone_member", "post", "person", "plan")] == [
            1, 2, 1, 1, 1,
        ]  # fmt: skip
        for table in (
            "compound",
            "arrangement",
            "coverage_change",
            "plan_outcome",
            "person_contact",
            "audit",
        ):
            assert count(connection, table) == 0, table
        assert set(connection.execute(text("SELECT unit_code FROM unit_history()")).scalars()) == {
            f"{WEST}-B0001",
            f"{WEST}-B0002",
        }


def test_a_chief_whose_post_has_ended_sees_nothing(world: Engine) -> None:
    former = chief(world, WEST)
    with undone(world, former) as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(
            text("UPDATE post SET valid = daterange(lower(valid), current_date) WHERE id = :id"),
            {"id": former.post_id},
        )
        connection.execute(text("SET LOCAL ROLE geo_service_app"))
        assert [count(connection, table) for table in ("zone", "building", "post", "person")] == [0, 0, 0, 0]


def test_a_chief_without_a_post_sees_nothing(world: Engine) -> None:
    with undone(world, Actor("chief", Role.CHIEF, WEST)) as connection:
        assert [count(connection, table) for table in ("zone", "building", "post", "person")] == [0, 0, 0, 0]


def test_a_session_that_is_nobody_sees_nothing(world: Engine) -> None:
    with world.begin() as connection:
        connection.execute(text("SET LOCAL ROLE geo_service_app"))
        for table in (*SECRETS, "area", "barrier", "audit"):
            assert count(connection, table) == 0, table


ARRANGE = "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
FORGERIES = {
    "a building": f"INSERT INTO building (code, community_code, geom) VALUES ('x', '{SOUTH}', {BOX})",
    "a compound": f"INSERT INTO compound (code, community_code, name) VALUES ('x', '{SOUTH}', 'x')",
    "a person": f"INSERT INTO person (code, community_code, name, home)"
    f" VALUES ('x', '{SOUTH}', 'x', ST_Point(111, 34, 4490))",
    "a plan": f"INSERT INTO plan (name, area_code, parameters, created_by)"
    f" VALUES ('x', '{SOUTH}', '{{}}', 'x')",
    "a barrier": f"INSERT INTO barrier (code, area_code, kind, geom) VALUES ('x', '{SOUTH}', 'wall', {BOX})",
    "an area": f"INSERT INTO area (code, kind, name, parent_code, lineage, geom)"
    f" VALUES ('x', 'community', 'x', '{SECOND_TOWN}', ARRAY['{COUNTY}', '{SECOND_TOWN}', 'x'], {BOX})",
    "an arrangement": f"{ARRANGE} ('building', '{SOUTH}-B0002', '{SOUTH}', 'basic', 'compliant', '(,)')",
    "a foreign unit managed as its own": f"{ARRANGE}"
    f" ('building', '{SOUTH}-B0002', '{WEST}', 'basic', 'compliant', '(,)')",
    "a unit that does not exist": f"{ARRANGE} ('building', 'nowhere', '{WEST}', 'basic', 'compliant', '(,)')",
    "a building moved out": f"UPDATE building SET community_code = '{SOUTH}' WHERE code = '{WEST}-B0001'",
    "a person moved out": f"UPDATE person SET community_code = '{SOUTH}' WHERE code = '{WEST}-P01'",
    "a plan moved out": f"UPDATE plan SET area_code = '{SOUTH}' WHERE area_code = '{EAST}'",
    "an area moved out": f"UPDATE area SET lineage = ARRAY['{COUNTY}', '{SECOND_TOWN}', code]"
    f" WHERE code = '{WEST}'",
    "the audit trail": "INSERT INTO audit (actor, role, action, table_name) VALUES ('x', 'x', 'x', 'x')",
    "a rewritten trail": "UPDATE audit SET actor = 'somebody else'",
    "a shortened trail": "DELETE FROM audit",
    "a phone": f"INSERT INTO person_contact (person_code, private_phone) VALUES ('{WEST}-P01', '1')",
    "a new column": "ALTER TABLE building ADD COLUMN x text",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_the_planner_of_one_town_cannot_write(world: Engine, forgery: str) -> None:
    with pytest.raises((Forbidden, Conflict)), transaction(world, actor(Role.PLANNER, TOWN)) as connection:
        connection.execute(text(forgery))


def test_a_planner_cannot_fill_a_zone_with_buildings_of_another_town(world: Engine) -> None:
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        plan, zone = new_zone(connection, WEST, f"{WEST}-B0001")
        member = text(
            "INSERT INTO zone_member (plan_id, building_code, zone_id, community_code)"
            " VALUES (:plan, :building, :zone, :community)"
        )
        given = {"plan": plan, "zone": zone, "community": WEST}
        connection.execute(member, {**given, "building": f"{WEST}-B0001"})
        with pytest.raises(DBAPIError, match="of its own community only"):
            connection.execute(member, {**given, "building": f"{SOUTH}-B0001"})


def test_a_planner_cannot_put_a_chief_on_a_zone_of_another_town(world: Engine) -> None:
    # The post claims to be of WEST; the zone is SOUTH's: no zone has that id and that community.
    with world.begin() as connection:
        south = connection.execute(
            text(f"SELECT min(id) FROM zone WHERE community_code = '{SOUTH}'")
        ).scalar_one()
    planner = actor(Role.PLANNER, TOWN)
    with pytest.raises(IntegrityError, match="foreign key"), transaction(world, planner) as connection:
        connection.execute(
            text(
                "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m)"
                f" VALUES ({south}, '{WEST}-P01', '{WEST}', 0)"
            )
        )


def test_a_planner_cannot_smuggle_a_zone_into_a_plan_of_another_town(world: Engine) -> None:
    with world.begin() as connection:
        foreign = connection.execute(
            text(
                "INSERT INTO plan (name, area_code, parameters, created_by)"
                " VALUES ('d', :area, '{}', 'x') RETURNING id"
            ),
            {"area": SOUTH},
        ).scalar_one()
    with pytest.raises(Forbidden), transaction(world, actor(Role.PLANNER, TOWN)) as connection:
        new_zone(connection, WEST, f"{WEST}-B0001", plan=foreign)
    outcome = "INSERT INTO plan_outcome (plan_id, community_code, zones) VALUES (:plan, :area, 1)"
    for community in (WEST, SOUTH):
        with pytest.raises(Forbidden), transaction(world, actor(Role.PLANNER, TOWN)) as connection:
            connection.execute(text(outcome), {"plan": foreign, "area": community})
    with world.begin() as connection:
        connection.execute(text("DELETE FROM plan WHERE id = :id"), {"id": foreign})


@pytest.mark.parametrize("table", SECRETS)
def test_what_lies_outside_the_scope_is_not_there_to_be_changed_or_removed(world: Engine, table: str) -> None:
    column = "area_code" if table == "plan" else "community_code"
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        changed = connection.execute(
            text(f"UPDATE {table} SET {column} = {column} WHERE {column} = '{SOUTH}'")
        )
        removed = connection.execute(text(f"DELETE FROM {table} WHERE {column} = '{SOUTH}'"))
        assert (changed.rowcount, removed.rowcount) == (0, 0)


@pytest.mark.parametrize("role", [Role.GIS, Role.VIEWER, Role.CHIEF])
def test_other_roles_write_nothing_at_all(world: Engine, role: Role) -> None:
    with undone(world, replace(chief(world, WEST), role=role)) as connection:
        changed = connection.execute(text("UPDATE building SET household_count = 0"))
        removed = connection.execute(text("DELETE FROM post"))
        assert (changed.rowcount, removed.rowcount) == (0, 0)
    with pytest.raises(Forbidden), transaction(world, actor(role, "*")) as connection:
        connection.execute(
            text(f"INSERT INTO compound (code, community_code, name) VALUES ('x', '{WEST}', 'x')")
        )


@pytest.mark.parametrize(
    ("who", "phone", "rows"),
    [
        (actor(Role.ADMIN), "13812345678", 3),
        (actor(Role.ADMIN, SECOND_TOWN), None, 1),
        (actor(Role.PLANNER), "138****5678", 0),
        (actor(Role.GIS, TOWN), "138****5678", 0),
        (actor(Role.PLANNER, SECOND_TOWN), None, 0),
        (actor(Role.VIEWER), None, 0),
    ],
)
def test_private_phones_are_masked_below_the_administrator(
    world: Engine, who: Actor, phone: str | None, rows: int
) -> None:
    with undone(world, who) as connection:
        assert connection.execute(text(f"SELECT access.masked_phone('{WEST}-P01')")).scalar() == phone
        assert count(connection, "person_contact") == rows


def test_a_planner_stores_phones_of_the_scope_without_reading_them(world: Engine) -> None:
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        stored = connection.execute(
            text("SELECT access.store_private_phones(:codes, :phones)"),
            {"codes": [f"{WEST}-P01", f"{SOUTH}-P01"], "phones": ["13900000000", "13900000000"]},
        ).scalar_one()
        assert stored == 1
        connection.execute(text("RESET ROLE"))
        phones = dict(connection.execute(text("SELECT person_code, private_phone FROM person_contact")).all())
        trail = connection.execute(
            text(
                "SELECT actor, before, after FROM audit WHERE table_name = 'person_contact'"
                " ORDER BY id DESC LIMIT 1"
            )
        ).one()
    assert phones[f"{WEST}-P01"] == "13900000000"
    assert phones[f"{SOUTH}-P01"] == "13812345678"
    assert trail.actor == f"planner-{TOWN}"
    assert trail.before["private_phone"] == "****5678"
    assert trail.after["private_phone"] == "****0000"


def test_a_transaction_leaves_nothing_behind_on_the_connection(database_url: str) -> None:
    single = create_engine(make_engine(database_url).url, pool_size=1, max_overflow=0)
    somebody = Actor("somebody", Role.CHIEF, TOWN, post_id=7)
    with transaction(single, somebody):
        pass
    with undone(single, somebody):
        pass
    with single.connect() as connection:
        left = connection.execute(
            text(
                "SELECT current_user = session_user, access.role(), access.scope(), access.post(),"
                " nullif(current_setting('geo.actor', true), '')"
            )
        ).one()
    single.dispose()
    assert tuple(left) == (True, None, None, None, None)


def test_the_spatial_index_answers_under_row_level_security(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "\n".join(["1" * 70] * 70)}, SECOND_TOWN: {SOUTH: "5"}})
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with undone(engine, actor(Role.PLANNER, TOWN)) as connection:
        plan = connection.execute(
            text(
                "EXPLAIN (FORMAT JSON) SELECT code FROM building"
                " WHERE geom_3857 &&"
                " ST_Transform(ST_MakeEnvelope(111.0001, 34.327, 111.0005, 34.3275, 4490), 3857)"
            )
        ).scalar_one()
    assert "building_geom_3857" in json.dumps(plan)
