"""Drawing, appointing and publishing over HTTP, and who comes second."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import EAST, TOWN, WEST


def drawn(client: TestClient, area: str = WEST, target: str = "50-150"):
    answer = client.post("/api/plans", json={"area": area, "target": target, "name": "第二稿", "seed": 7})
    assert answer.status_code == 201, answer.text
    return answer


def test_from_draft_to_published(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    report = created.json()
    assert (report["limits"], report["seed"], report["name"]) == ("50-150", 7, "第二稿")
    # 100 households within 50-150 are one zone of 100, or two of 50.
    assert sum(zone["households"] for zone in report["zones"]) == 100
    path = created.headers["location"]

    appointed = client.post(f"{path}/appoint", headers={"If-Match": created.headers["etag"]})
    assert appointed.status_code == 200, appointed.text
    assert len(appointed.json()["posts"]) == len(report["zones"])
    assert appointed.headers["etag"] != created.headers["etag"]

    order = {"from": "2025-01-01"}
    published = client.post(f"{path}/publish", headers={"If-Match": appointed.headers["etag"]}, json=order)
    assert published.status_code == 200, published.text
    assert [community["code"] for community in published.json()["communities"]] == [WEST]
    assert client.get(path).json()["state"] == "published"
    assert (
        client.get(f"/api/areas/{WEST}/zones?on=2025-01-01").json()["zones"][0]["plan_id"]
        == report["plan_id"]
    )
    assert (
        client.get(f"/api/areas/{WEST}/zones?on=2024-12-31").json()["zones"][0]["plan_id"]
        == fresh.plans[WEST]
    )


def test_who_comes_second_is_told_so(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    path, read_by_both = created.headers["location"], {"If-Match": created.headers["etag"]}
    assert client.post(f"{path}/appoint", headers=read_by_both).status_code == 200
    assert_problem(client.post(f"{path}/appoint", headers=read_by_both), 412, "plan.revision_lost")
    late = client.post(f"{path}/publish", headers=read_by_both, json={"from": "2025-01-01"})
    assert_problem(late, 412, "plan.revision_lost")
    assert client.get(path).json()["state"] == "draft"


def test_a_write_says_which_revision_it_builds_on(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    path = created.headers["location"]
    assert_problem(client.post(f"{path}/appoint"), 428, "request.if_match_required")
    unread = client.post(f"{path}/publish", json={"from": "2025-01-01"})
    assert_problem(unread, 428, "request.if_match_required")
    for tag in ("", "7", '"plan-1"', f'"plan-{fresh.plans[WEST]}-1"', '"plan-x-y"', f'"plan-1-{"9" * 40}"'):
        answer = client.post(f"{path}/appoint", headers={"If-Match": tag})
        assert_problem(answer, 400, "request.if_match_unusable")


def test_what_no_limits_admit_is_422_with_the_nearest_that_do(fresh: Seeded, client_for: ClientFor):
    # 100 households cannot make zones of 60-70: one would hold 100, two at least 120.
    answer = client_for(fresh.engine).post("/api/plans", json={"area": WEST, "target": "60-70"})
    body = assert_problem(answer, 422, "zoning.nothing_feasible")
    assert body["details"][0]["area_code"] == WEST
    assert body["details"][0]["nearest"]
    plans = client_for(fresh.engine).get(f"/api/plans?area={WEST}").json()
    assert [plan["id"] for plan in plans] == [fresh.plans[WEST]]


def test_publishing_before_what_holds_is_a_conflict(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    path, read = created.headers["location"], {"If-Match": created.headers["etag"]}
    answer = client.post(f"{path}/publish", headers=read, json={"from": "2024-06-01"})
    assert_problem(answer, 409, "plan.publication_overlaps")
    elsewhere = client.post(f"{path}/publish", headers=read, json={"from": "2025-01-01", "area": EAST})
    assert_problem(elsewhere, 400, "plan.not_in_area")


def test_unusable_orders_are_400(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    orders = [
        ({"area": WEST, "target": "150-50"}, "zoning.range_reversed"),
        ({"area": WEST, "target": "many"}, "zoning.range_unreadable"),
        ({"area": TOWN, "target": "50-150", "zones": 2}, "zoning.zones_of_many"),
        ({"area": WEST, "seed": -1}, "request.unusable"),
        ({"area": WEST, "sead": 1}, "request.unusable"),
        ({"area": WEST, "name": "a\0b"}, "request.unusable"),
        ({}, "request.unusable"),
        ([], "request.unusable"),
    ]
    for order, key in orders:
        assert_problem(client.post("/api/plans", json=order), 400, key)
    half_a_pair = b'{"area": "1", "\\ud800": "\\ud800"}'
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, half_a_pair):
        answer = client.post("/api/plans", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, body[:10]
        assert answer.headers["content-type"] == "application/problem+json"
