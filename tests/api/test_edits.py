"""Drafts edited over HTTP: one request an edit, and every bad one answered in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import Role
from geo_service.api.app import create_app
from geo_service.settings import Settings
from tests.api.conftest import ClientFor, assert_problem
from tests.pipeline.editing_world import FIRST, SECOND, THIRD, b, held, planned, state
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


@pytest.fixture
def client(engine: Engine, plan: int, client_for: ClientFor) -> TestClient:
    return client_for(engine)


def edit(client: TestClient, plan: int, order: object, revision: object = "*"):
    tag = "*" if revision == "*" else f'"plan-{plan}-{revision}"'
    return client.post(f"/api/plans/{plan}/edits", json=order, headers={"If-Match": tag})


def assign(zone: str | None, *numbers: int) -> dict[str, Any]:
    return {"kind": "assign", "zone": zone, "buildings": [b(number) for number in numbers]}


def test_an_edit_answers_with_the_zones_that_changed_and_the_new_tag(client: TestClient, plan: int):
    answer = edit(client, plan, assign(FIRST, 3), revision=1)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"plan-{plan}-2"'
    body = answer.json()
    assert [zone["code"] for zone in body["zones"]] == [FIRST, SECOND]
    outline = body["zones"][0]["geometry"]
    assert outline["type"] == "MultiPolygon"
    west, south = np.array(outline["coordinates"][0][0]).min(axis=0)
    assert (west, south) == (pytest.approx(111, abs=1e-6), pytest.approx(34.3272, abs=1e-4))
    assert len(answer.content) < 8_000
    assert client.get(f"/api/plans/{plan}").headers["etag"] == answer.headers["etag"]


def test_undo_and_redo_answer_as_edits_do(client: TestClient, plan: int, engine: Engine):
    before = held(engine, plan)
    edit(client, plan, assign(SECOND, 1, 2))
    undone = client.post(f"/api/plans/{plan}/undo", headers={"If-Match": f'"plan-{plan}-2"'})
    assert (undone.status_code, undone.headers["etag"]) == (200, f'"plan-{plan}-3"')
    assert (undone.json()["undo"], undone.json()["redo"]) == (None, 1)
    assert held(engine, plan) == before
    redone = client.post(f"/api/plans/{plan}/redo", headers={"If-Match": undone.headers["etag"]})
    assert redone.json()["deleted"] == [FIRST]
    assert held(engine, plan) == {SECOND: ["1", "2", "3", "4"], f"{EAST}001": ["1", "2"]}
    nothing = client.post(f"/api/plans/{plan}/redo", headers={"If-Match": "*"})
    assert_problem(nothing, 409, "edits.nothing_to_redo")


def test_who_comes_second_gets_412_with_what_changed(
    client: TestClient, client_for: ClientFor, plan: int, engine: Engine
):
    other = client_for(engine, Role.PLANNER, TOWN)
    assert edit(other, plan, assign(FIRST, 3), revision=1).status_code == 200
    before = state(engine, plan)
    late = client.post(
        f"/api/plans/{plan}/edits",
        json=assign(SECOND, 1),
        headers={"If-Match": f'"plan-{plan}-1"', "Accept-Language": "en"},
    )
    body = assert_problem(late, 412, "plan.revision_lost")
    (change,) = body["details"]
    assert (change["actor"], change["kind"], change["zones"]) == (
        f"planner of {TOWN}",
        "assign",
        [FIRST, SECOND],
    )
    assert change["message_zh"] == "将 1 栋楼划入第1片区"
    assert state(engine, plan) == before


def test_an_edit_says_which_revision_it_builds_on(client: TestClient, plan: int):
    for path in ("edits", "undo", "redo", "review", "reopen"):
        order = assign(FIRST, 3) if path == "edits" else None
        assert_problem(client.post(f"/api/plans/{plan}/{path}", json=order), 428, "request.if_match_required")


def test_a_plan_is_renamed_by_whoever_has_read_it(client: TestClient, plan: int) -> None:
    path, read = f"/api/plans/{plan}/name", {"If-Match": f'"plan-{plan}-1"'}
    assert_problem(client.put(path, json={"name": "x"}), 428, "request.if_match_required")
    for unusable in ("", " ", "a\nb", "长" * 201, None, 7):
        refused = client.put(path, json={"name": unusable}, headers=read)
        assert_problem(refused, 400, "request.unusable")
    renamed = client.put(path, json={"name": " 二月方案 "}, headers=read)
    assert renamed.json() == {"plan_id": plan, "name": "二月方案", "revision": 2}
    assert client.get(f"/api/plans/{plan}").json()["name"] == "二月方案"
    late = assert_problem(
        client.put(path, json={"name": "三月方案"}, headers=read), 412, "plan.revision_lost"
    )
    assert [row["kind"] for row in late["details"]] == ["rename_plan"]
    again = client.put(path, json={"name": "三月方案"}, headers={"If-Match": renamed.headers["ETag"]})
    assert again.json()["revision"] == 3


BOX = [(111, 34.3), (111.1, 34.3), (111.1, 34.4), (111, 34.4)]
BOW_TIE = {"type": "Polygon", "coordinates": [[(111, 34.3), (111.1, 34.4), (111.1, 34.3), (111, 34.4)]]}
BESIDE = {"type": "LineString", "coordinates": [(110, 34.3), (110, 34.4)]}


@pytest.mark.parametrize(
    ("status", "key", "order"),
    [
        (400, "edits.outline_crosses_itself", {"kind": "assign_within", "zone": FIRST, "outline": BOW_TIE}),
        (400, "edits.split_leaves_empty", {"kind": "split_by_line", "zone": FIRST, "line": BESIDE}),
        (400, "edits.building_not_here", {"kind": "assign", "zone": FIRST, "buildings": [b(1, SOUTH)]}),
        (400, "edits.building_not_in_plan", {"kind": "new_zone", "buildings": [b(1, SOUTH)]}),
        (404, "plan.no_such_zone", {"kind": "delete", "zone": "nowhere"}),
        (400, "request.unusable", {"kind": "split", "zone": FIRST, "parts": 10**9}),
        (400, "request.unusable", {"kind": "rename", "zone": FIRST, "name": "\ud800"}),
        (400, "request.unusable", {"kind": "rename", "zone": FIRST, "name": "a\0b"}),
        (400, "request.unusable", {"kind": "assign", "zone": FIRST, "buildings": "B1"}),
        (400, "request.unusable", {"zone": FIRST}),
        (400, "request.unusable", []),
        (400, "request.unusable", {"kind": "undo"}),
    ],
)
def test_bad_orders_are_answered_in_words_and_change_nothing(
    client: TestClient, plan: int, engine: Engine, status: int, key: str, order: object
):
    before = state(engine, plan)
    answer = client.post(
        f"/api/plans/{plan}/edits",
        content=json.dumps(order),
        headers={"If-Match": "*", "Content-Type": "application/json"},
    )
    assert_problem(answer, status, key)
    assert state(engine, plan) == before
    assert client.get(f"/api/plans/{plan}").json()["revision"] == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "91", '"34"', "null"])
def test_coordinates_that_are_no_places_are_refused(client: TestClient, plan: int, number: str):
    body = (
        f'{{"kind": "split_by_line", "zone": "{FIRST}",'
        f' "line": {{"type": "LineString", "coordinates": [[111, {number}], [111, 34]]}}}}'
    )
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    answer = client.post(f"/api/plans/{plan}/edits", content=body, headers=headers)
    assert_problem(answer, 400, "request.unusable")


def test_a_million_codes_are_refused_in_words(client_for: ClientFor, plan: int, client: TestClient):
    # in the test's deployment a request may hold a megabyte; the order itself has a limit too
    codes = json.dumps({"kind": "assign", "zone": FIRST, "buildings": ["x"] * 150_000})
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    assert_problem(
        client.post(f"/api/plans/{plan}/edits", content=codes, headers=headers), 400, "request.unusable"
    )
    million = json.dumps({"kind": "assign", "zone": FIRST, "buildings": ["x"] * 1_000_000})
    assert_problem(
        client.post(f"/api/plans/{plan}/edits", content=million, headers=headers), 413, "request.too_large"
    )


def test_an_outline_of_fifty_thousand_vertices_is_taken(engine: Engine, plan: int, settings: Settings):
    turn = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    ring = np.column_stack([111.0003 + 0.00025 * np.cos(turn), 34.3274 + 0.0005 * np.sin(turn)])
    outline = {"type": "Polygon", "coordinates": [ring.tolist()]}
    roomy = create_app(settings.model_copy(update={"upload_limit_mb": 8}), engine)
    client = TestClient(roomy, base_url="http://127.0.0.1")
    answer = edit(client, plan, {"kind": "assign_within", "zone": SECOND, "outline": outline})
    assert answer.status_code == 200, answer.text
    # the first and second buildings stand 0.00011 and 0.00033 degrees east of the corner
    assert held(engine, plan)[SECOND] == ["1", "2", "3", "4"]


def test_a_published_plan_is_frozen(client: TestClient, plan: int, engine: Engine):
    published = client.post(
        f"/api/plans/{plan}/publish",
        json={"from": "2030-01-01", "override": {"reason": "试行"}},
        headers={"If-Match": "*"},
    )
    assert published.status_code == 200, published.text
    before = state(engine, plan)
    assert_problem(edit(client, plan, assign(FIRST, 3)), 409, "plan.frozen")
    assert_problem(client.post(f"/api/plans/{plan}/undo", headers={"If-Match": "*"}), 409, "plan.frozen")
    assert state(engine, plan) == before


def test_scopes_and_roles_hold(client_for: ClientFor, client: TestClient, plan: int, engine: Engine):
    before = state(engine, plan)
    elsewhere = client_for(engine, Role.PLANNER, SECOND_TOWN)
    assert_problem(edit(elsewhere, plan, assign(FIRST, 3)), 404, "plan.unknown")
    for path in ("board", "edits", "check"):
        assert_problem(elsewhere.get(f"/api/plans/{plan}/{path}"), 404, "plan.unknown")
    assert_problem(elsewhere.post(f"/api/plans/{plan}/copy", json={}), 404, "plan.unknown")
    for role in (Role.GIS, Role.VIEWER):
        other = client_for(engine, role, COUNTY)
        assert_problem(edit(other, plan, assign(FIRST, 3)), 403, "access.outside_scope")
        assert_problem(other.post(f"/api/plans/{plan}/copy", json={}), 403, "access.outside_scope")
    assert client_for(engine, Role.GIS, TOWN).get(f"/api/plans/{plan}/board").status_code == 200
    assert_problem(
        client_for(engine, Role.VIEWER, TOWN).get(f"/api/plans/{plan}/board"), 403, "access.outside_scope"
    )
    assert state(engine, plan) == before


def test_the_board_holds_all_that_is_needed_to_work_on_a_plan(client: TestClient, plan: int):
    edit(client, plan, assign(None, 4))
    answer = client.get(f"/api/plans/{plan}/board")
    assert answer.headers["etag"] == f'"plan-{plan}-2"'
    board = answer.json()
    assert (board["state"], board["revision"], board["limits"]) == ("draft", 2, {"lo": 300, "hi": 500})
    assert (board["undo"], board["redo"]) == (1, None)
    assert [zone["code"] for zone in board["zones"]] == [FIRST, SECOND, f"{EAST}001"]
    assert board["zones"][0]["chief"]["code"] == f"{WEST}-P01"
    buildings = board["buildings"]
    assert {len(column) for column in buildings.values()} == {8}
    west = {code: place for place, code in enumerate(buildings["code"]) if code.startswith(WEST)}
    assert [buildings["zone"][west[b(number)]] for number in range(1, 7)] == [0, 0, 1, -1, -1, -1]
    assert [buildings["households"][west[b(number)]] for number in range(1, 7)] == [10, 20, 30, 40, 50, 60]
    assert buildings["lon"][west[b(1)]] == pytest.approx(111.000109, abs=2e-6)
    assert [(each["code"], each["unassigned"]) for each in board["communities"]] == [(WEST, 3), (EAST, 0)]
    assert board["plan"]["zones"] == 3
    assert sum(board["plan"]["histogram"]["counts"]) == 3


def test_a_community_tells_who_waits_for_a_zone_and_what_its_buildings_are_called(
    engine: Engine, client: TestClient, plan: int
):
    with engine.begin() as connection:
        connection.execute(text("UPDATE building SET name = NULL WHERE code = :code"), {"code": b(2)})
        connection.execute(
            text("UPDATE building SET name = NULL, address = NULL WHERE code = :code"), {"code": b(3)}
        )
    answer = client.get(f"/api/plans/{plan}/communities/{WEST}")
    assert answer.headers["etag"] == f'"plan-{plan}-1"'
    assert answer.json() == {
        "plan_id": plan, "revision": 1, "code": WEST, "zones": 2, "unassigned": [b(5), b(6)],
        "parted": [], "not_apart": [],
        "names": {
            b(2): f"address {b(2)}", **{b(number): f"building {b(number)}" for number in (1, 4, 5, 6)}
        },
    }  # fmt: skip
    for code in (SOUTH, TOWN, "nowhere"):
        assert_problem(client.get(f"/api/plans/{plan}/communities/{code}"), 400, "plan.not_in_area")
    assert_problem(client.get(f"/api/plans/999/communities/{WEST}"), 404, "plan.unknown")


def test_the_history_is_told_newest_first(client: TestClient, plan: int):
    edit(client, plan, assign(FIRST, 3))
    edit(client, plan, {"kind": "rename", "zone": FIRST, "name": "河西"})
    page = client.get(f"/api/plans/{plan}/edits?limit=1").json()
    assert ([row["message_zh"] for row in page["edits"]], page["next"]) == (["将第1片区改名为“河西”"], 2)
    page = client.get(f"/api/plans/{plan}/edits?limit=1&before=2").json()
    assert ([row["number"] for row in page["edits"]], page["next"]) == ([1], None)
    assert_problem(client.get("/api/plans/999/edits"), 404, "plan.unknown")
    assert_problem(client.get(f"/api/plans/{plan}/edits?limit=0"), 400, "request.unusable")


def test_a_fork_keeps_what_was_read(client: TestClient, plan: int, engine: Engine):
    edit(client, plan, assign(FIRST, 3))
    edit(client, plan, assign(FIRST, 4))
    answer = client.post(f"/api/plans/{plan}/copy", json={"name": "我的", "revision": 2})
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/plans/{plan + 1}")
    assert answer.headers["etag"] == f'"plan-{plan + 1}-1"'
    assert held(engine, plan + 1)[FIRST] == ["1", "2", "3"]
    assert client.get(answer.headers["location"]).json()["name"] == "我的"
    for order in ({"revision": 0}, {"revision": "1"}, {"name": ""}, {"from": 1}, []):
        assert_problem(client.post(f"/api/plans/{plan}/copy", json=order), 400, "request.unusable")
    assert_problem(
        client.post(f"/api/plans/{plan}/copy", json={"revision": 9}), 400, "edits.no_such_revision"
    )


def test_from_review_to_publication(client: TestClient, plan: int, engine: Engine):
    edit(client, plan, assign(SECOND, 5))
    handed_in = client.post(f"/api/plans/{plan}/review", headers={"If-Match": f'"plan-{plan}-2"'})
    assert (handed_in.status_code, handed_in.json()["state"]) == (200, "review")
    listed = [(breach["rule"], breach["zone_code"]) for breach in handed_in.json()["breaches"]]
    assert ("crosses_barrier", SECOND) in listed
    check = client.get(f"/api/plans/{plan}/check").json()
    assert (check["state"], check["breaches"]) == ("review", handed_in.json()["breaches"])
    assert_problem(edit(client, plan, assign(FIRST, 5)), 409, "edits.in_review")
    order: dict[str, Any] = {"from": "2030-01-01"}
    now = {"If-Match": handed_in.headers["etag"]}
    body = assert_problem(
        client.post(f"/api/plans/{plan}/publish", json=order, headers=now), 409, "plan.breaks_rules"
    )
    assert body["details"] == check["breaches"]
    for reason in ("", "   ", "a\0b"):
        unreasoned = client.post(
            f"/api/plans/{plan}/publish", json={**order, "override": {"reason": reason}}, headers=now
        )
        assert_problem(unreasoned, 400, "request.unusable")
    reopened = client.post(f"/api/plans/{plan}/reopen", headers=now)
    assert edit(client, plan, assign(None, 5), revision=4).status_code == 200
    assert reopened.json()["state"] == "draft"
    order["override"] = {"reason": "居民一致要求"}
    published = client.post(f"/api/plans/{plan}/publish", json=order, headers={"If-Match": "*"})
    assert published.status_code == 200, published.text
    with engine.connect() as connection:
        kinds = connection.execute(text("SELECT kind FROM plan_edit ORDER BY number")).scalars()
        assert list(kinds) == ["assign", "hand_in", "reopen", "assign", "publish"]


def test_a_new_zone_is_named_in_the_language_asked_for(client: TestClient, plan: int):
    order = {"kind": "new_zone", "buildings": [b(5), b(6)]}
    answer = client.post(
        f"/api/plans/{plan}/edits", json=order, headers={"If-Match": "*", "Accept-Language": "en"}
    )
    assert [(zone["code"], zone["name"]) for zone in answer.json()["zones"]] == [
        (THIRD, f"area {WEST} zone 3")
    ]
