"""Drawing, appointing and publishing over HTTP, and who comes second."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

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


def test_a_plan_tells_how_good_it_is_and_its_zones_why_they_are_so(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    report, path = created.json(), created.headers["location"]
    plan = client.get(path).json()
    (outcome,) = plan["outcomes"]
    (community,) = report["communities"]
    for key in ("community_code", "zones", "distance_m", "objective_m", "lower_bound_m", "border_pairs"):
        assert outcome[key] == community[key], key
    assert plan["distance_m"] == outcome["distance_m"]

    shown = client.get(f"/api/areas/{WEST}/zones?plan={report['plan_id']}").json()
    assert shown["outcomes"] == plan["outcomes"]
    assert sum(zone["distance_m"] for zone in shown["zones"]) == pytest.approx(outcome["distance_m"])
    code = shown["zones"][0]["code"]
    zone = client.get(f"{path}/zones/{code}").json()
    assert zone["load"] == zone["households"]
    assert sum(building["households"] for building in zone["walk"]) == zone["households"]
    assert all(reason["message_zh"] and reason["message_en"] for reason in zone["explanation"])
    assert_problem(client.get(f"{path}/zones/nowhere"), 404, "plan.no_such_zone")


def test_plans_drawn_before_figures_were_kept_are_read_all_the_same(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    (outcome,) = client.get(f"/api/plans/{fresh.plans[WEST]}").json()["outcomes"]
    assert (outcome["zones"], outcome["distance_m"], outcome["gap_percent"]) == (1, None, None)
    zone = client.get(f"/api/plans/{fresh.plans[WEST]}/zones/{WEST}001").json()
    assert (zone["distance_m"], zone["compactness"], zone["explanation"]) == (None, None, [])


def test_a_plan_is_continued_around_locked_zones(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    first = drawn(client, target="10-60").json()
    locked = first["zones"][0]["code"]
    again = client.post(
        "/api/plans",
        json={
            "area": WEST,
            "target": "10-60",
            "from_plan": first["plan_id"],
            "lock": [locked],
            "max_moves": 9,
        },
        headers={"Accept-Language": "en"},
    )
    assert again.status_code == 201, again.text
    assert again.json()["parent_id"] == first["plan_id"]
    kept = next(zone for zone in again.json()["zones"] if zone["code"] == locked)
    assert kept["locked"]
    assert kept["households"] == first["zones"][0]["households"]


def test_a_plan_is_mended_into_a_new_draft(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    created = drawn(client)
    mended = client.post(f"{created.headers['location']}/rebalance", json={"max_moves": 3})
    assert mended.status_code == 201, mended.text
    report = mended.json()
    assert (report["parent_id"], report["changes"]) == (created.json()["plan_id"], [])
    assert client.get(mended.headers["location"]).json()["state"] == "draft"
    with fresh.engine.begin() as connection:
        connection.execute(text("UPDATE building SET household_count = 999 WHERE code LIKE '%-B0001'"))
    broken = client.post(f"{created.headers['location']}/rebalance", json={})
    body = assert_problem(broken, 422, "zoning.not_rebalanced")
    assert body["details"][0]["reason_zh"]
    for order in ({"max_moves": -1}, {"max_moves": "many"}, {"area": "a\0b"}, {"zones": 3}, []):
        answer = client.post(f"{created.headers['location']}/rebalance", json=order)
        assert_problem(answer, 400, "request.unusable")
    assert_problem(client.post("/api/plans/999/rebalance", json={}), 404, "plan.unknown")


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
        ({"area": WEST, "zones": 0}, "request.unusable"),
        ({"area": WEST, "zones": "most"}, "request.unusable"),
        ({"area": WEST, "zones": True}, "request.unusable"),
        ({"area": WEST, "budget": 0}, "request.unusable"),
        ({"area": WEST, "from_plan": 2**70}, "request.unusable"),
        ({"area": WEST, "from_plan": 2**62}, "plan.unknown"),
        ({"area": WEST, "max_moves": -1}, "request.unusable"),
        ({"area": WEST, "lock": ["x"] * 1_001}, "request.unusable"),
        ({"area": WEST, "lock": ["x"]}, "zoning.no_zone_to_lock"),
        ({"area": WEST, "together": [["only one"]]}, "request.unusable"),
        ({"area": WEST, "apart": [["a", "b", "c"]]}, "request.unusable"),
        ({"area": WEST, "together": [["x' OR 1=1 --", f"{WEST}-B0001"]]}, "zoning.place_unknown"),
        ({"area": WEST, "centres": ["nobody"]}, "zoning.place_unknown"),
        ({"area": WEST, "centres": [""]}, "request.unusable"),
        ({"area": WEST, "seed": -1}, "request.unusable"),
        ({"area": WEST, "sead": 1}, "request.unusable"),
        ({"area": WEST, "name": "a\0b"}, "request.unusable"),
        ({}, "request.unusable"),
        ([], "request.unusable"),
    ]
    for order, key in orders:
        status = 404 if key == "plan.unknown" else 400
        assert_problem(client.post("/api/plans", json=order), status, key)
    half_a_pair = b'{"area": "1", "\\ud800": "\\ud800"}'
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, half_a_pair):
        answer = client.post("/api/plans", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, body[:10]
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_plan_without_zones_is_begun_and_drawn_by_hand(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine)
    answer = client.post("/api/plans/blank", json={"area": TOWN, "target": "10-90"})
    assert answer.status_code == 201
    begun = answer.json()
    plan = begun["plan_id"]
    assert (begun["state"], begun["revision"], begun["limits"]) == ("draft", 1, "10-90")
    assert answer.headers["location"] == f"/api/plans/{plan}"
    assert answer.headers["etag"] == f'"plan-{plan}-1"'
    board = client.get(f"/api/plans/{plan}/board").json()
    assert (board["zones"], board["plan"]["zones"]) == ([], 0)
    waiting = board["buildings"]["code"]
    assert board["plan"]["unassigned"] == len(waiting) > 0
    order = {"kind": "new_zone", "buildings": [code for code in waiting if code.startswith(WEST)]}
    made = client.post(f"/api/plans/{plan}/edits", json=order, headers={"If-Match": answer.headers["etag"]})
    assert made.status_code == 200, made.text
    assert [zone["buildings"] for zone in made.json()["zones"]] == [len(order["buildings"])]


@pytest.mark.parametrize(
    ("order", "status", "key"),
    [
        ({"area": "nowhere"}, 404, "area.unknown"),
        ({"area": TOWN, "target": "90-10"}, 400, "zoning.range_reversed"),
        ({"area": TOWN, "name": "a\x00b"}, 400, "request.unusable"),
        ({"area": TOWN, "zones": 3}, 400, "request.unusable"),
        ({}, 400, "request.unusable"),
    ],
)
def test_no_plan_is_begun_without_sense(
    seeded: Seeded, client_for: ClientFor, order: dict, status: int, key: str | None
):
    answer = client_for(seeded.engine).post("/api/plans/blank", json=order)
    assert answer.status_code == status, answer.text
    assert key in (None, answer.json()["key"])
