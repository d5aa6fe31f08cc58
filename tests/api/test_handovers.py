"""Who hands what to whom, and who served a unit, over HTTP."""

from __future__ import annotations

import pytest

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, save_plan

JULY = "2024-07-01"


def building(number: int, community: str = WEST) -> str:
    return f"{community}-B{number:04d}"


@pytest.fixture(scope="module")
def plan(seeded: Seeded) -> int:
    """A draft of the town: in WEST the other person takes 2 of 4 buildings, in EAST 1 of 3 is left out."""
    zones = {
        f"{WEST}001": [building(1), building(2)],
        f"{WEST}002": [building(3), building(4)],
        f"{EAST}001": [building(1, EAST), building(2, EAST)],
    }
    chiefs = {f"{WEST}001": f"{WEST}-P01", f"{WEST}002": f"{WEST}-P02", f"{EAST}001": f"{EAST}-P01"}
    return save_plan(seeded.engine, TOWN, zones, chiefs=chiefs)


def test_pages_of_a_handover(seeded: Seeded, plan: int, client_for: ClientFor):
    client = client_for(seeded.engine, Role.PLANNER, TOWN)
    address = f"/api/plans/{plan}/handover"
    got = client.get(address, params={"from": JULY, "limit": 2})
    assert got.status_code == 200, got.text
    first = got.json()
    assert list(first) == ["plan_id", "from", "buildings", "next", "totals", "by_chief"]
    assert (first["plan_id"], first["from"], first["next"]) == (plan, JULY, building(4))
    # 30 and 40 households go to the other person in WEST; 10 in EAST to nobody.
    assert first["totals"] == {"buildings": 3, "households": 80, "gain": 0, "lose": 1, "change": 2}
    assert [each["code"] for each in first["buildings"]] == [building(3), building(4)]
    assert first["by_chief"][0] == {
        "chief_code": f"{WEST}-P01",
        "chief_name": f"person {WEST}-P01",
        "gives": 2,
        "takes": 0,
    }
    second = client.get(address, params={"from": JULY, "limit": 2, "after": first["next"]}).json()
    (last,) = second["buildings"]
    assert (last["code"], last["after"], second["next"]) == (building(3, EAST), None, None)
    assert last["before"]["chief_name"] == f"person {EAST}-P01"
    assert "phone" not in got.text
    assert client.get(address, params={"from": JULY, "area": EAST}).json()["totals"]["lose"] == 1


@pytest.mark.parametrize(
    ("status", "key", "asked"),
    [
        (400, "request.unusable", {}),
        (400, "request.unusable", {"from": "2024-02-30"}),
        (400, "request.unusable", {"from": "七月"}),
        (400, "request.unusable", {"from": JULY, "limit": 0}),
        (400, "request.unusable", {"from": JULY, "limit": 10**6}),
        (400, "request.unusable", {"from": JULY, "after": "x" * 1_000}),
        (404, "area.unknown", {"from": JULY, "area": "nowhere"}),
        (400, "plan.not_in_area", {"from": JULY, "area": SOUTH}),
        (409, "plan.publication_overlaps", {"from": "2024-06-01"}),
    ],
)
def test_bad_questions_are_answered_in_words(
    seeded: Seeded, plan: int, client_for: ClientFor, status: int, key: str, asked: dict
):
    got = client_for(seeded.engine).get(f"/api/plans/{plan}/handover", params=asked)
    assert assert_problem(got, status, key)["mend"]


def test_odd_values_are_no_fault_of_ours(seeded: Seeded, plan: int, client_for: ClientFor):
    client = client_for(seeded.engine)
    for query in ("after=%00", "area=%00", "after=%ED%A0%80", "after='%3B--"):
        got = client.get(f"/api/plans/{plan}/handover?from={JULY}&{query}")
        assert got.status_code < 500, (query, got.text)
    for day in ("0001-01-01", "9999-12-31"):
        assert client.get(f"/api/plans/{plan}/handover?from={day}").status_code in (200, 409)
    for unit in ("%00", "%ED%A0%80", "'%3B--"):
        assert 400 <= client.get(f"/api/units/{unit}/services").status_code < 500


def test_who_may_not_read_plans_reads_no_handover(seeded: Seeded, plan: int, client_for: ClientFor):
    post = seeded.posts[WEST]
    for role, scope, status, key in (
        (Role.VIEWER, TOWN, 403, "access.outside_scope"),
        (Role.CHIEF, WEST, 403, "access.outside_scope"),
        (Role.PLANNER, SECOND_TOWN, 404, None),
    ):
        client = client_for(seeded.engine, role, scope, post if role is Role.CHIEF else None)
        for path, unknown in (
            (f"/api/plans/{plan}/handover?from={JULY}", "plan.unknown"),
            (f"/api/units/{building(1)}/services", "classification.no_such_unit"),
        ):
            assert_problem(client.get(path), status, key or unknown)


def test_a_community_reads_its_part_of_what_is_published_for_the_town(fresh: Seeded, client_for: ClientFor):
    zones = {f"{WEST}001": [building(1)], f"{EAST}001": [building(1, EAST)]}
    plan = save_plan(fresh.engine, TOWN, zones)
    published = client_for(fresh.engine).post(
        f"/api/plans/{plan}/publish", json={"from": JULY}, headers={"If-Match": "*"}
    )
    assert published.status_code == 200, published.text
    client = client_for(fresh.engine, Role.PLANNER, EAST)
    report = client.get(f"/api/plans/{plan}/handover", params={"from": JULY}).json()
    # The zones have no chief: all three buildings of EAST, of 60 households, lose theirs.
    assert {each["community_code"] for each in report["buildings"]} == {EAST}
    assert report["totals"] == {"buildings": 3, "households": 60, "gain": 0, "lose": 3, "change": 0}


def test_who_served_a_unit(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine, Role.GIS, TOWN)
    assert client.get(f"/api/units/{building(1)}/services").json() == [
        {
            "plan_id": seeded.plans[WEST],
            "plan_name": "plan",
            "zone_code": f"{WEST}001",
            "zone_name": f"{WEST}001",
            "chief_name": f"person {WEST}-P01",
            "chief_role": "grid_chief",
            "from": "2024-06-01",
            "to": None,
        }
    ]
    assert client.get(f"/api/units/{EAST}-C001/services").json() == []
    assert_problem(client.get("/api/units/nowhere/services"), 404, "classification.no_such_unit")
