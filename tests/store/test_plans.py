"""What the database itself refuses of plans, whoever asks."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Conflict, NotFound
from geo_service.store import plans
from geo_service.store.session import transaction
from tests.world import EAST, TOWN, WEST, build_world, save_plan

ZONE = f"{WEST}001"
FIRST, SECOND, THIRD = (f"{WEST}-B000{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Plan 1 is published from June 2024 with a chief, plan 2 is a draft."""
    build_world(module_engine, {TOWN: {WEST: "123P", EAST: "1"}})
    june, person = date(2024, 6, 1), {ZONE: f"{WEST}-P01"}
    assert save_plan(module_engine, WEST, {ZONE: [FIRST, SECOND]}, effective_from=june, chiefs=person) == 1
    assert save_plan(module_engine, WEST, {ZONE: [FIRST], f"{WEST}002": [SECOND]}) == 2
    return module_engine


def refused(engine: Engine, statement: str) -> str:
    with pytest.raises(Conflict) as conflict, transaction(engine, LOCAL_ADMIN) as connection:
        connection.execute(text(statement))
    return conflict.value.key


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE zone SET household_count = 1 WHERE plan_id = 1",
        "UPDATE zone SET geom = ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4490)) WHERE plan_id = 1",
        "DELETE FROM zone_member WHERE plan_id = 2;"
        "UPDATE zone SET plan_id = 1, code = 'x' WHERE plan_id = 2 AND code LIKE '%002'",
        "DELETE FROM zone WHERE plan_id = 1",
        f"INSERT INTO zone_member SELECT 1, '{THIRD}', id, community_code FROM zone WHERE plan_id = 1",
        "DELETE FROM zone_member WHERE plan_id = 1",
        f"UPDATE zone_member SET building_code = '{THIRD}' WHERE building_code = '{FIRST}' AND plan_id = 1",
        "UPDATE plan SET name = 'x' WHERE id = 1",
        "UPDATE plan SET findings = '[]' WHERE id = 1",
        "UPDATE plan SET state = 'draft' WHERE id = 1",
        "DELETE FROM plan WHERE id = 1",
        "DELETE FROM plan_publication",
        "UPDATE plan_publication SET effective = '[2024-05-01,)'",
        "UPDATE plan_publication SET plan_id = 2",
        f"INSERT INTO plan_publication VALUES (2, '{WEST}', '[2030-01-01,)')",  # a draft is not frozen
        "UPDATE plan_outcome SET lower_bound_m = 1 WHERE plan_id = 1",
        "DELETE FROM plan_outcome WHERE plan_id = 1",
        f"INSERT INTO plan_outcome (plan_id, community_code, zones) VALUES (1, '{EAST}', 1)",
    ],
)
def test_what_is_published_is_frozen(world: Engine, statement: str) -> None:
    assert refused(world, statement) == "plan.frozen"


def test_an_ended_publication_is_not_prolonged(world: Engine) -> None:
    assert (
        refused(
            world,
            "UPDATE plan_publication SET effective = '[2024-06-01,2024-07-01)';"
            "UPDATE plan_publication SET effective = '[2024-06-01,2024-08-01)'",
        )
        == "plan.frozen"
    )


def test_a_superseded_plan_does_not_come_back(world: Engine) -> None:
    assert (
        refused(
            world,
            "UPDATE plan_publication SET effective = '[2024-06-01,2024-07-01)';"
            "UPDATE plan SET state = 'published' WHERE id = 1",
        )
        == "plan.frozen"
    )


@pytest.mark.parametrize(
    "effective", ["[2024-06-01,)", "[2020-01-01,2024-06-02)", "[2030-01-01,2030-02-01)", "(,)"]
)
def test_two_plans_never_hold_in_one_community_at_once(world: Engine, effective: str) -> None:
    assert (
        refused(
            world,
            "UPDATE plan SET state = 'published' WHERE id = 2;"
            f"INSERT INTO plan_publication VALUES (2, '{WEST}', '{effective}')",
        )
        == "plan.publication_overlaps"
    )


def test_a_plan_may_hold_until_the_day_the_next_one_starts(world: Engine) -> None:
    with transaction(world, LOCAL_ADMIN) as connection:
        connection.execute(text("UPDATE plan SET state = 'published' WHERE id = 2"))
        connection.execute(
            text(f"INSERT INTO plan_publication VALUES (2, '{WEST}', '[2024-01-01,2024-06-01)')")
        )
        connection.rollback()


@pytest.mark.parametrize("valid", ["'[2025-01-01,)'", "'[2024-01-01,2024-06-02)'"])
def test_a_zone_has_one_primary_chief_a_day(world: Engine, valid: str) -> None:
    assert (
        refused(
            world,
            "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m, valid)"
            f" SELECT id, '{WEST}-P01', community_code, 0, {valid} FROM zone WHERE plan_id = 1",
        )
        == "post.two_primaries"
    )


def test_a_zone_of_a_draft_has_one_primary_chief(world: Engine) -> None:
    once = (
        "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m)"
        f" SELECT id, '{WEST}-P01', community_code, 0 FROM zone WHERE plan_id = 2;"
    )
    assert refused(world, once + once) == "post.two_primaries"


def test_a_building_is_in_one_zone_of_a_plan(world: Engine) -> None:
    with pytest.raises(Exception, match="zone_member_pkey"), transaction(world, LOCAL_ADMIN) as connection:
        connection.execute(
            text(
                f"INSERT INTO zone_member SELECT 2, '{FIRST}', id, community_code FROM zone"
                " WHERE plan_id = 2 AND code LIKE '%002'"
            )
        )


def test_a_plan_is_read_with_its_size_and_publications(world: Engine) -> None:
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        draft, published = plans.list_plans(connection, TOWN)
        assert plans.get_plan(connection, 1) == published
        with pytest.raises(NotFound):
            plans.get_plan(connection, 99)
    # FIRST and SECOND have 10 and 20 households.
    assert (draft["id"], draft["zones"], draft["households"], draft["buildings"]) == (2, 2, 30, 2)
    assert (draft["state"], draft["without_chief"], draft["publications"]) == ("draft", 2, [])
    assert (published["state"], published["without_chief"]) == ("published", 0)
    assert published["publications"] == [{"community_code": WEST, "from": "2024-06-01", "to": None}]
