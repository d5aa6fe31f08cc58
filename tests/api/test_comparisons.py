"""Two plans side by side over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.api.answers.comparison import PlanComparison
from geo_service.pipeline.plan_copying import copy_plan
from tests.api.conftest import ClientFor, assert_problem
from tests.pipeline.editing_world import FIRST, SECOND, THIRD, b, do, planned, state
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, save_plan


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


@pytest.fixture
def copy(engine: Engine, plan: int) -> int:
    return copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]


@pytest.fixture
def client(engine: Engine, plan: int, client_for: ClientFor) -> TestClient:
    return client_for(engine)


def serving(engine: Engine) -> str:
    """Name of the person who serves the first zone."""
    with engine.connect() as connection:
        return connection.execute(
            text("SELECT name FROM person WHERE code = :code"), {"code": f"{WEST}-P01"}
        ).scalar_one()


def compared(client: TestClient, a: int, b: int, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"/api/plans/{a}/comparison/{b}", params=asked)
    assert answer.status_code == 200, answer.text
    PlanComparison.model_validate_json(answer.content, strict=True)
    return answer.json()


def codes(comparison: dict[str, Any]) -> list[str]:
    return [building["code"] for building in comparison["buildings"]]


def test_a_copy_is_the_same_until_a_building_moves(
    client: TestClient, engine: Engine, plan: int, copy: int
) -> None:
    same = compared(client, plan, copy)
    assert (same["differing"], same["buildings"], same["next"]) == (
        {"buildings": 0, "households": 0},
        [],
        None,
    )
    assert same["a"]["figures"] == same["b"]["figures"]
    assert (same["b"]["parent_id"], same["b"]["name"], same["b"]["state"]) == (plan, "plan（副本）", "draft")

    do(engine, copy, kind="assign", zone=FIRST, buildings=[b(3)])
    found = compared(client, plan, copy)
    assert found["differing"] == {"buildings": 1, "households": 30}
    (building,) = found["buildings"]
    assert (building["code"], building["households"], building["community_code"]) == (b(3), 30, WEST)
    assert building["lon"] == pytest.approx(111.000109 + 2 * 0.000218, abs=4e-5)
    assert building["a"]["code"] == SECOND
    assert building["a"]["chief"] is None
    assert building["b"] == {"code": FIRST, "name": FIRST, "chief": serving(engine)}


def test_figures_stand_side_by_side(client: TestClient, engine: Engine, plan: int, copy: int) -> None:
    do(engine, copy, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, copy, kind="assign", zone=None, buildings=[b(1, EAST), b(2, EAST)])
    found = compared(client, plan, copy)
    a, other = found["a"]["figures"], found["b"]["figures"]
    # 10+20, 30+40 and 30+40 households; limits 300-500, the middle 400
    assert (a["zones"], a["households"], a["buildings"], a["under"], a["over"]) == (3, 170, 6, 3, 0)
    assert a["largest_deviation_percent"] == pytest.approx(92.5)
    assert a["mean_deviation_percent"] == pytest.approx((92.5 + 82.5 + 82.5) / 3)
    # 10+20+30 and 40
    assert (other["zones"], other["households"], other["buildings"], other["under"]) == (2, 100, 4, 2)
    assert other["largest_deviation_percent"] == pytest.approx(90)
    assert other["mean_deviation_percent"] == pytest.approx(87.5)
    assert other["unassigned"] == 2 + 2  # in EAST, and beyond the river in WEST
    by_code = {each["code"]: each for each in found["communities"]}
    assert {code: each["differing"] for code, each in by_code.items()} == {WEST: 1, EAST: 2}
    assert (by_code[EAST]["a"]["zones"], by_code[EAST]["b"]["zones"]) == (1, 0)
    assert (by_code[EAST]["b"]["distance_m"], by_code[EAST]["b"]["mean_compactness"]) == (None, None)


def test_zones_are_paired_by_their_people_not_their_codes(
    client: TestClient, engine: Engine, plan: int
) -> None:
    recoded = save_plan(engine, TOWN, {SECOND: [b(1), b(2)], THIRD: [b(3)], FIRST: [b(4), b(5)]})
    found = compared(client, plan, recoded)
    pairs = [
        (pair["a"] and pair["a"]["code"], pair["b"] and pair["b"]["code"], pair["shared_households"])
        for pair in found["zones"]
    ]
    assert pairs == [(FIRST, SECOND, 30), (SECOND, FIRST, 40), (None, THIRD, 0), (f"{EAST}001", None, 0)]
    assert codes(found) == [b(3), b(5), b(1, EAST), b(2, EAST)]
    assert found["differing"] == {"buildings": 4, "households": 30 + 50 + 30 + 40}
    nowhere = {each["code"]: (each["a"] is None, each["b"] is None) for each in found["buildings"]}
    assert nowhere[b(5)] == (True, False)
    assert nowhere[b(1, EAST)] == (False, True)


def test_buildings_come_page_by_page(client: TestClient, engine: Engine, plan: int) -> None:
    empty = save_plan(engine, TOWN, {THIRD: [b(6)]})
    whole = codes(compared(client, plan, empty))
    assert len(whole) == 7
    seen, after = [], None
    while True:
        page = compared(client, plan, empty, limit=3, **({"after": after} if after else {}))
        assert page["differing"]["buildings"] == 7
        seen.append(codes(page))
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in seen] == [3, 3, 1]
    assert [code for page in seen for code in page] == whole
    assert codes(compared(client, plan, empty, after="zzz")) == []
    for bad in ({"limit": 0}, {"limit": 10_001}, {"limit": "x"}, {"after": ""}, {"area": ""}):
        refused = client.get(f"/api/plans/{plan}/comparison/{empty}", params=bad)
        assert_problem(refused, 400, "request.unusable")


def test_only_what_is_shared_is_compared(client: TestClient, engine: Engine, plan: int) -> None:
    west = save_plan(engine, WEST, {FIRST: [b(1), b(2)], SECOND: [b(3), b(4)]})
    found = compared(client, plan, west)
    assert (found["area_code"], found["differing"]["buildings"]) == (WEST, 0)
    assert (found["a"]["figures"]["zones"], found["a"]["area_code"]) == (2, TOWN)
    copy = copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]
    do(engine, copy, kind="assign", zone=FIRST, buildings=[b(3)])
    assert compared(client, plan, copy, area=EAST)["differing"]["buildings"] == 0
    assert codes(compared(client, plan, copy, area=COUNTY)) == [b(3)]
    south = save_plan(engine, SOUTH, {f"{SOUTH}001": [b(1, SOUTH)]})
    nothing = client.get(f"/api/plans/{plan}/comparison/{south}")
    assert_problem(nothing, 400, "comparison.nothing_shared")
    for area in (SOUTH, SECOND_TOWN):
        elsewhere = client.get(f"/api/plans/{plan}/comparison/{copy}", params={"area": area})
        assert_problem(elsewhere, 400, "comparison.not_in_area")
    unknown = client.get(f"/api/plans/{plan}/comparison/{copy}", params={"area": "nowhere"})
    assert_problem(unknown, 404, "area.unknown")


def test_scopes_and_roles_hold(
    client_for: ClientFor, client: TestClient, engine: Engine, plan: int, copy: int
) -> None:
    before = state(engine, plan), state(engine, copy)
    path = f"/api/plans/{plan}/comparison/{copy}"
    elsewhere = client_for(engine, Role.PLANNER, SECOND_TOWN)
    assert_problem(elsewhere.get(path), 404, "plan.unknown")
    assert_problem(client_for(engine, Role.PLANNER, WEST).get(path), 404, "plan.unknown")
    assert client_for(engine, Role.GIS, TOWN).get(path).status_code == 200
    assert_problem(client_for(engine, Role.VIEWER, COUNTY).get(path), 403, "access.outside_scope")
    south = save_plan(engine, SOUTH, {f"{SOUTH}001": [b(1, SOUTH)]})
    mine = client_for(engine, Role.PLANNER, TOWN).get(f"/api/plans/{plan}/comparison/{south}")
    assert_problem(mine, 404, "plan.unknown")
    assert_problem(client.get(f"/api/plans/{plan}/comparison/999"), 404, "plan.unknown")
    for other in ("0", "-1", "x", str(2**63)):
        assert_problem(client.get(f"/api/plans/{plan}/comparison/{other}"), 400, "request.unusable")
    assert (state(engine, plan), state(engine, copy)) == before


def test_who_reads_a_town_is_told_of_the_town_alone(
    client_for: ClientFor, client: TestClient, engine: Engine, plan: int
) -> None:
    """Published plans of the county can be read in its towns; figures for the county would be wrong there."""
    zones = {FIRST: [b(1), b(2)], f"{SOUTH}001": [b(1, SOUTH)]}
    one = save_plan(engine, COUNTY, zones, effective_from=date(2024, 6, 1))
    assert compared(client, one, one)["a"]["figures"]["zones"] == 2
    town = compared(client_for(engine, Role.PLANNER, TOWN), one, one)
    assert (town["area_code"], town["a"]["figures"]["zones"]) == (TOWN, 1)
    assert SOUTH not in str(town)
