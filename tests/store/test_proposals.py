"""What the database itself keeps of proposals, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden
from geo_service.store import plans, proposals
from geo_service.store.session import transaction
from tests.actors import actor, undone
from tests.world import COUNTY, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

PLANNER = actor(Role.PLANNER, TOWN)


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Plan 1 is a draft of the town with one proposal, by its planner."""
    build_world(module_engine, {TOWN: {WEST: "123P"}, SECOND_TOWN: {SOUTH: "1"}})
    save_plan(module_engine, TOWN, {f"{WEST}001": [f"{WEST}-B0001"]})
    with transaction(module_engine, PLANNER) as connection:
        proposals.add_proposal(connection, plans.plan_head(connection, 1), {"kind": "zone"})
    return module_engine


def rows_of(world: Engine, who: Actor, statement: str) -> int:
    """How many rows a statement of somebody finds or changes."""
    with undone(world, who) as connection:
        return connection.execute(text(statement)).rowcount
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("who", "rows"),
    [
        (PLANNER, 1),
        (actor(Role.GIS, COUNTY), 1),
        (actor(Role.PLANNER, SECOND_TOWN), 0),
        (actor(Role.PLANNER, WEST), 0),
        (actor(Role.VIEWER, TOWN), 0),
        (actor(Role.CHIEF, TOWN), 0),
    ],
)
def test_a_proposal_is_read_where_its_plan_is_written(world: Engine, who: Actor, rows: int) -> None:
    assert rows_of(world, who, "SELECT FROM plan_proposal") == rows


@pytest.mark.parametrize(
    ("who", "rows"),
    [
        (PLANNER, 1),
        (LOCAL_ADMIN, 0),
        (actor(Role.PLANNER, COUNTY), 0),
        (actor(Role.GIS, TOWN), 0),
        (Actor(PLANNER.name, Role.PLANNER, SECOND_TOWN), 0),
    ],
)
def test_only_who_asked_settles_it(world: Engine, who: Actor, rows: int) -> None:
    assert rows_of(world, who, "UPDATE plan_proposal SET state = 'cancelled'") == rows


@pytest.mark.parametrize("column", ["actor = 'x'", "asked = '{}'", "plan_id = 1", "revision = 2"])
def test_what_was_asked_and_by_whom_is_never_changed(world: Engine, column: str) -> None:
    with pytest.raises(Forbidden), transaction(world, PLANNER) as connection:
        connection.execute(text(f"UPDATE plan_proposal SET {column}"))


@pytest.mark.parametrize(
    "columns", [f"1, '{TOWN}', 1, 'somebody else'", f"1, '{COUNTY}', 1, 'planner-{TOWN}'"]
)
def test_nobody_asks_in_another_name_or_place(world: Engine, columns: str) -> None:
    with pytest.raises(Forbidden), transaction(world, PLANNER) as connection:
        connection.execute(
            text(
                "INSERT INTO plan_proposal (plan_id, area_code, revision, actor, asked)"
                f" VALUES ({columns}, '{{}}')"
            )
        )


def test_one_of_an_actor_is_open_at_a_time(world: Engine) -> None:
    with world.connect() as connection, pytest.raises(IntegrityError, match="plan_proposal_one_open"):
        connection.execute(
            text(
                "INSERT INTO plan_proposal (plan_id, area_code, revision, actor, asked)"
                " SELECT plan_id, area_code, revision, actor, asked FROM plan_proposal"
            )
        )


def test_an_answer_comes_once_and_not_after_it_is_cancelled(world: Engine) -> None:
    with undone(world, PLANNER) as connection:
        assert proposals.beat(connection, 1, "proposals.reading", 1, 2)
        assert proposals.settle(connection, 1, "running", "cancelled")
        assert not proposals.beat(connection, 1, "proposals.reading", 2, 2)
        proposals.finish(connection, 1, answer='{"zones": {}, "report": {}}')
        found = proposals.get_proposal(connection, 1, 1)
        assert (found.state, found.stage, found.done, found.total, found.report) == (
            "cancelled",
            "proposals.reading",
            1,
            2,
            None,
        )
        assert not proposals.settle(connection, 1, "running", "cancelled")


def test_the_trail_tells_the_question_and_the_end_but_no_heartbeat(world: Engine) -> None:
    with undone(world, PLANNER) as connection:
        proposals.beat(connection, 1, "proposals.reading", 1, 2)
        proposals.finish(connection, 1, answer='{"zones": {}, "report": {}}')
        proposals.settle(connection, 1, "done", "dropped")
        connection.execute(text("DELETE FROM plan_proposal"))
        connection.execute(text("RESET ROLE"))
        trail = connection.execute(
            text(
                "SELECT actor, action, row_key, before ->> 'state', after ->> 'state', before ? 'answer'"
                " FROM audit WHERE table_name = 'plan_proposal' ORDER BY id"
            )
        )
        assert [tuple(row) for row in trail] == [
            (PLANNER.name, "insert", "1", None, "running", None),
            (PLANNER.name, "update", "1", "running", "done", False),
            (PLANNER.name, "update", "1", "done", "dropped", False),
            (PLANNER.name, "delete", "1", "dropped", None, False),
        ]


def test_a_draft_goes_with_its_proposals(world: Engine) -> None:
    with undone(world, PLANNER) as connection:
        connection.execute(text("DELETE FROM plan WHERE id = 1"))
        connection.execute(text("RESET ROLE"))
        assert connection.execute(text("SELECT count(*) FROM plan_proposal")).scalar_one() == 0
