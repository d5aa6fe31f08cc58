"""Who asks decides what there is: planners, chiefs, GIS staff and viewers, each by a token."""

from __future__ import annotations

import pytest

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, EAST, SOUTH, TOWN, WEST

PRIVATE_PHONE = "13812345678"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PLANNER, Role.GIS])
def test_readers_see_their_own_area_alone(seeded: Seeded, client_for: ClientFor, role):
    client = client_for(seeded.engine, role, WEST)
    assert [area["code"] for area in client.get("/api/areas").json() if area["kind"] == "community"] == [WEST]
    assert len(client.get(f"/api/areas/{WEST}/zones").json()["zones"]) == 1
    assert client.get(f"/api/plans/{seeded.plans[WEST]}").status_code == 200
    assert client.get(f"/api/posts/{seeded.posts[WEST]}").status_code == 200
    assert client.get(f"/api/coverage?area={WEST}").status_code == 200
    for path in (
        f"/api/areas/{EAST}/zones",
        f"/api/areas/{TOWN}/zones",
        f"/api/plans/{seeded.plans[EAST]}",
        f"/api/posts/{seeded.posts[EAST]}",
        f"/api/coverage?area={EAST}",
        f"/api/coverage?area={COUNTY}",
        f"/api/plans?area={EAST}",
        f"/api/areas/{WEST}/zones?plan={seeded.plans[EAST]}",
    ):
        assert client.get(path).status_code == 404, path


def test_a_chief_reads_the_own_post_alone(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine, Role.CHIEF, EAST, seeded.posts[EAST])
    assert client.get("/api/me").json()["post_id"] == seeded.posts[EAST]
    assert len(client.get(f"/api/posts/{seeded.posts[EAST]}").json()["buildings"]) == 3
    assert_problem(client.get(f"/api/posts/{seeded.posts[WEST]}"), 404, "post.unknown")
    assert_problem(client.get(f"/api/plans/{seeded.plans[WEST]}"), 404, "plan.unknown")
    assert_problem(client.get(f"/api/coverage?area={EAST}"), 403, "access.outside_scope")


def test_a_viewer_reads_areas_and_coverage_alone(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine, Role.VIEWER, TOWN)
    assert {area["code"] for area in client.get("/api/areas").json()} >= {TOWN, WEST, EAST}
    total = client.get(f"/api/coverage?area={TOWN}&on=2024-06-30").json()["total"]["units"]
    assert (total["numerator"], total["denominator"]) == (7, 8)
    for path in (
        f"/api/areas/{WEST}/zones",
        f"/api/plans?area={WEST}",
        f"/api/plans/{seeded.plans[WEST]}",
        f"/api/posts/{seeded.posts[WEST]}",
    ):
        assert_problem(client.get(path), 403, "access.outside_scope")


@pytest.mark.parametrize("role", [Role.GIS, Role.VIEWER, Role.CHIEF])
def test_those_who_only_read_write_nothing(seeded: Seeded, client_for: ClientFor, role):
    post = seeded.posts[WEST] if role is Role.CHIEF else None
    client = client_for(seeded.engine, role, WEST, post)
    plan = f"/api/plans/{seeded.plans[WEST]}"
    any_revision = {"If-Match": "*"}
    answers = [
        client.post("/api/plans", json={"area": WEST, "target": "50-150"}),
        client.post(f"{plan}/appoint", headers=any_revision),
        client.post(f"{plan}/publish", headers=any_revision, json={"from": "2025-01-01"}),
        client.post("/api/imports/people", files={"file": ("people.csv", b"code\n")}),
    ]
    for answer in answers:
        assert_problem(answer, 403, "access.outside_scope")


def test_a_planner_writes_in_the_own_area_alone(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine, Role.PLANNER, WEST)
    any_revision = {"If-Match": "*"}
    abroad = f"/api/plans/{fresh.plans[SOUTH]}"
    assert_problem(client.post("/api/plans", json={"area": SOUTH, "target": "50-150"}), 404, "area.unknown")
    assert_problem(client.post(f"{abroad}/appoint", headers=any_revision), 404, "plan.unknown")
    published = client.post(f"{abroad}/publish", headers=any_revision, json={"from": "2025-01-01"})
    assert_problem(published, 404, "plan.unknown")
    assert client.post("/api/plans", json={"area": WEST, "target": "50-150"}).status_code == 201


@pytest.mark.parametrize("role", [Role.PLANNER, Role.GIS, Role.CHIEF, Role.VIEWER])
def test_nobody_below_the_administrator_reads_a_private_phone(seeded: Seeded, client_for: ClientFor, role):
    post = seeded.posts[WEST] if role is Role.CHIEF else None
    client = client_for(seeded.engine, role, WEST, post)
    paths = [
        f"/api/areas/{WEST}/zones",
        f"/api/posts/{seeded.posts[WEST]}",
        f"/api/plans/{seeded.plans[WEST]}",
        f"/api/coverage?area={WEST}",
    ]
    names = [found["id"] for found in client.get("/collections").json()["collections"]]
    paths += [f"/collections/{name}/items?area={WEST}" for name in names]
    assert [path for path in paths if PRIVATE_PHONE in client.get(path).text] == []


@pytest.mark.parametrize("plan", ["unknown", "another's"])
@pytest.mark.parametrize(
    "path",
    [
        "/collections/zones/items",
        f"/collections/zones/items/{WEST}001",
        "/collections/chief_posts/items",
        "/collections/zone_labels/tiles/WebMercatorQuad/13/3270/6620",
        "/collections/zone_labels/tiles/WebMercatorQuad",
        "/map/style.json",
        f"/api/export?area={WEST}&layers=zones&format=geojson",
    ],
)
def test_a_plan_that_is_not_there_is_said_to_be_missing(
    seeded: Seeded, client_for: ClientFor, path: str, plan: str
):
    client = client_for(seeded.engine, Role.PLANNER, WEST)
    number = 424_242 if plan == "unknown" else seeded.plans[EAST]
    joint = "&" if "?" in path else "?"
    assert_problem(client.get(f"{path}{joint}plan={number}"), 404, "plan.unknown")
    assert client.get(f"{path}{joint}plan={seeded.plans[WEST]}&on=2024-06-30").status_code in (200, 204)
