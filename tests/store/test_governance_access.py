"""Records of what is agreed: confined to their area, closed and never changed, all of it in the trail."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from geo_service.access import Role
from geo_service.errors import Conflict, Forbidden
from geo_service.store.session import transaction
from tests.actors import actor, undone
from tests.world import COUNTY, SECOND_TOWN, SOUTH, TOWN, WEST, build_world


def statements(
    unit: str, community: str, *, area: str | None = None, giver: str | None = None
) -> dict[str, str]:
    """One row of every table, about a compound of a community."""
    where = f"'compound', '{unit}', '{community}'"
    return {
        "consent_round": "INSERT INTO consent_round (unit_kind, unit_code, community_code, proposal, began,"
        " ended, heads_agree, heads_all, area_agree_m2, area_all_m2, profile_key, profile_version, clause,"
        f" rule, passes, recorded_by) VALUES ({where}, 'x', '2017-11-01', '2017-11-02', 1, 2, 1, 2, 'k', 1,"
        " '一', '{}', true, 'x')",
        "governance_body": "INSERT INTO governance_body (unit_kind, unit_code, community_code, kind, name,"
        f" founded_on, recorded_by) VALUES ({where}, 'pmc', 'x', '2023-05-01', 'x')",
        "responsible_unit": "INSERT INTO responsible_unit (code, name, area_code, recorded_by)"
        f" VALUES ('{area or community}', 'x', '{area or community}', 'x')",
        "responsibility": "INSERT INTO responsibility (unit_kind, unit_code, community_code,"
        f" responsible_code, recorded_by) VALUES ({where}, '{area or community}', 'x')",
        "target_letter": "INSERT INTO target_letter (giver_code, taker_code, signed_on, due_on,"
        f" target_percent, document_no, recorded_by) VALUES ('{giver or community}', '{community}',"
        " '2024-03-20', '2024-12-31', 100, '1', 'x')",
        "compound_plan": "INSERT INTO compound_plan (unit_kind, unit_code, community_code, form, measures,"
        f" state, entered_on, profile_key, profile_version, recorded_by) VALUES ({where}, 'basic', 'x',"
        " 'drafted', '2017-11-01', 'k', 1, 'x')",
        "lapse": "INSERT INTO lapse (unit_kind, unit_code, community_code, lapsed_on, reason,"
        f" ended_arrangement_id, recorded_by) SELECT {where}, '2024-12-10', 'x', min(id), 'x'"
        " FROM arrangement",
    }


TABLES = tuple(statements("", ""))


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """A compound in WEST and one in SOUTH, another town's; every record of both."""
    build_world(module_engine, {TOWN: {WEST: "ab"}, SECOND_TOWN: {SOUTH: "cd"}})
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) SELECT"
                " 'compound', code, community_code, 'basic', 'in_service', '[2024-01-01,)' FROM compound"
            )
        )
        for community, giver in ((WEST, TOWN), (SOUTH, SECOND_TOWN)):
            for statement in statements(f"{community}-C001", community, giver=giver).values():
                connection.execute(text(statement))
    return module_engine


def count(connection: Connection, table: str) -> int:
    return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.mark.parametrize("table", TABLES)
def test_each_reads_what_the_scope_holds(world: Engine, table: str) -> None:
    for who, seen in (
        (actor(Role.ADMIN), 2),
        (actor(Role.PLANNER, COUNTY), 2),
        (actor(Role.GIS, TOWN), 1),
        (actor(Role.PLANNER, SOUTH), 1),
        (actor(Role.VIEWER), 0),
        (actor(Role.VIEWER, TOWN), 0),
        (actor(Role.CHIEF, WEST), 0),
        (actor(Role.PLANNER, "000000000000"), 0),
    ):
        with undone(world, who) as connection:
            assert count(connection, table) == seen, who.name
    with world.begin() as nobody:
        nobody.execute(text("SET LOCAL ROLE geo_service_app"))
        assert count(nobody, table) == 0


ABROAD = statements(f"{SOUTH}-C002", SOUTH, area=SECOND_TOWN, giver=SECOND_TOWN)
SMUGGLED = statements(f"{SOUTH}-C002", WEST)  # another town's compound as one's own
FORGERIES = {
    **{f"{table} abroad": statement for table, statement in ABROAD.items()},
    **{
        f"{table} smuggled": SMUGGLED[table]
        for table in ("consent_round", "governance_body", "responsibility", "compound_plan", "lapse")
    },
    "a letter from above to oneself": statements("", TOWN, giver=COUNTY)["target_letter"],
    "a letter to the side": statements("", SECOND_TOWN, giver=TOWN)["target_letter"],
    "a letter upwards": statements("", TOWN, giver=WEST)["target_letter"],
    "a body of a town": "INSERT INTO governance_body (community_code, kind, name, founded_on, recorded_by)"
    f" VALUES ('{TOWN}', 'pmc', 'x', '2023-05-01', 'x')",
    "a unit that is on no register": statements(f"{WEST}-C002", WEST, area="nobody")["responsibility"],
    "a register of another town": statements(f"{WEST}-C002", WEST, area=SOUTH)["responsibility"],
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_the_planner_of_one_town_cannot_write(world: Engine, forgery: str) -> None:
    with pytest.raises((Forbidden, Conflict)), transaction(world, actor(Role.PLANNER, TOWN)) as connection:
        connection.execute(text(forgery))


def test_the_same_rows_are_written_at_home(world: Engine) -> None:
    home = statements(f"{WEST}-C002", WEST, area=TOWN, giver=TOWN)
    home["target_letter"] = home["target_letter"].replace("100, '1'", "100, '2'")
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        for table, statement in home.items():
            assert connection.execute(text(statement)).rowcount == 1, table


@pytest.mark.parametrize("table", TABLES)
def test_other_roles_write_nothing(world: Engine, table: str) -> None:
    statement = statements(f"{WEST}-C002", WEST, area=TOWN, giver=TOWN)[table]
    for role in (Role.GIS, Role.VIEWER, Role.CHIEF):
        with pytest.raises(Forbidden), transaction(world, actor(role, TOWN)) as connection:
            connection.execute(text(statement))
        with undone(world, actor(role, TOWN)) as connection:
            closed = connection.execute(text(f"UPDATE {table} SET recorded = '(,2020-01-01)'"))
            assert closed.rowcount == 0


@pytest.mark.parametrize("table", TABLES)
def test_a_record_is_closed_by_its_own_area_once_and_never_changed_or_deleted(
    world: Engine, table: str
) -> None:
    close = text(
        f"UPDATE {table} SET recorded = tstzrange(lower(recorded), clock_timestamp())"
        " WHERE upper_inf(recorded)"
    )
    reopen = text(f"UPDATE {table} SET recorded = tstzrange(lower(recorded), NULL)")
    with undone(world, actor(Role.PLANNER, TOWN)) as connection:
        assert connection.execute(close).rowcount == 1  # of two: the other is the other town's
        assert connection.execute(reopen).rowcount == 0
        connection.execute(text("RESET ROLE"))
        trail = connection.execute(
            text("SELECT actor FROM audit WHERE table_name = :table AND action = 'update'"), {"table": table}
        ).scalars()
        assert list(trail) == [f"planner-{TOWN}"]
    for change in (f"UPDATE {table} SET recorded_by = 'somebody else'", f"DELETE FROM {table}"):
        with pytest.raises(Forbidden), transaction(world, actor(Role.ADMIN)) as connection:
            connection.execute(text(change))
