"""The solver asked about a draft over HTTP, and every bad question answered in words."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import Role
from geo_service.api.answers.proposals import Proposal
from tests.api.conftest import ClientFor, assert_problem
from tests.pipeline.editing_world import do, held, state
from tests.pipeline.proposing_world import E1, EVEN, W1, W2, ask, planned
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


@pytest.fixture
def client(engine: Engine, plan: int, client_for: ClientFor) -> TestClient:
    return client_for(engine)


def asked(client: TestClient, plan: int, question: object, revision: object = "*"):
    tag = "*" if revision == "*" else f'"plan-{plan}-{revision}"'
    return client.post(f"/api/plans/{plan}/proposals", json=question, headers={"If-Match": tag})


def settled(client: TestClient, address: str, language: str = "zh") -> dict[str, Any]:
    """The proposal once nobody works at it any more; of the shape that is documented."""
    for _ in range(1_200):
        told = client.get(address, headers={"Accept-Language": language})
        assert told.status_code == 200, told.text
        Proposal.model_validate(told.json())
        if told.json()["state"] != "running":
            return told.json()
        time.sleep(0.05)
    raise AssertionError("the solver never came to an end")


def accepted(client: TestClient, address: str, tag: str = "*"):
    return client.post(f"{address}/accept", headers={"If-Match": tag})


def test_from_the_question_to_the_edit(client: TestClient, plan: int, engine: Engine):
    before = state(engine, plan)
    started = asked(client, plan, {"kind": "rebalance"}, revision=1)
    assert started.status_code == 202, started.text
    Proposal.model_validate(started.json())
    address = started.headers["location"]
    assert address == f"/api/plans/{plan}/proposals/{started.json()['number']}"
    assert client.get(f"/api/plans/{plan}/proposals").json() == {"number": started.json()["number"]}

    told = settled(client, address)
    assert (told["state"], told["is_mine"], told["problem"]) == ("done", True, None)
    assert told["asked"] == {"kind": "rebalance", "area": None, "max_moves": None, "seed": 1}
    assert state(engine, plan) == before

    edit = accepted(client, address, f'"plan-{plan}-1"')
    assert (edit.status_code, edit.headers["etag"]) == (200, f'"plan-{plan}-2"'), edit.text
    body = edit.json()
    assert [zone["code"] for zone in body["zones"]] == [zone["code"] for zone in told["report"]["zones"]]
    assert body["zones"] == told["report"]["zones"]
    assert {code: "".join(digits) for code, digits in held(engine, plan).items()} == EVEN
    assert client.get(f"/api/plans/{plan}/proposals").json() == {"number": None}
    assert_problem(accepted(client, address), 409, "proposals.not_waiting")
    undone = client.post(f"/api/plans/{plan}/undo", headers={"If-Match": edit.headers["etag"]})
    assert undone.status_code == 200, undone.text
    assert undone.json()["community"] is None
    assert [each["zones"] for each in undone.json()["communities"]] == [2, 2]
    assert state(engine, plan) == before


def test_a_proposal_is_dropped_as_often_as_one_likes(client: TestClient, plan: int, engine: Engine):
    before = state(engine, plan)
    address = asked(client, plan, {"kind": "split", "zone": W2, "parts": 2}).headers["location"]
    settled(client, address)
    for _ in range(3):
        dropped = client.delete(address)
        assert (dropped.status_code, dropped.json()["state"]) == (200, "dropped")
    assert_problem(accepted(client, address), 409, "proposals.not_waiting")
    assert state(engine, plan) == before


def test_new_zones_are_named_in_the_language_of_who_asks(client: TestClient, plan: int):
    question = {"kind": "split", "zone": W2, "parts": 2}
    headers = {"If-Match": "*", "Accept-Language": "en"}
    address = client.post(f"/api/plans/{plan}/proposals", json=question, headers=headers).headers["location"]
    names = {zone["code"]: zone["name"] for zone in settled(client, address)["report"]["zones"]}
    assert names == {W2: W2, f"{W2[:-3]}003": f"area {W2[:-3]} zone 3"}


def test_one_that_nobody_has_worked_out_yet_is_cancelled(client: TestClient, plan: int, engine: Engine):
    number = ask(engine, plan, kind="zone")
    address = f"/api/plans/{plan}/proposals/{number}"
    running = client.get(address, headers={"Accept-Language": "en"}).json()
    assert (running["state"], running["stage_zh"], running["stage_en"]) == (
        "running",
        "等待求解",
        "waiting for the solver",
    )
    assert_problem(accepted(client, address), 409, "proposals.not_waiting")
    assert client.delete(address).json()["state"] == "cancelled"


def test_what_cannot_be_is_a_problem_in_the_language_of_who_reads(client: TestClient, plan: int):
    address = asked(client, plan, {"kind": "rebalance", "max_moves": 0}).headers["location"]
    chinese, english = settled(client, address, "zh"), settled(client, address, "en")
    assert (chinese["state"], chinese["report"]) == ("failed", None)
    assert chinese["problem"]["key"] == english["problem"]["key"] == "proposals.nothing_feasible"
    assert chinese["problem"]["detail"] == "求解器在方案的限额和规则内找不到可行的划法"
    assert english["problem"]["detail"] == "the solver finds no zones within the plan's limits and rules"
    assert english["problem"]["status"] == 422
    reasons = {each["area_code"]: each["reason_zh"] for each in chinese["problem"]["details"]}
    assert reasons[EAST] == "换 0 栋不够：换 2 栋可以，已证明少于 2 栋不行"


@pytest.mark.parametrize(
    ("status", "key", "question"),
    [
        (404, "area.unknown", {"kind": "zone", "area": "nowhere"}),
        (400, "plan.not_in_area", {"kind": "zone", "area": SOUTH}),
        (404, "plan.no_such_zone", {"kind": "split", "zone": "nowhere", "parts": 2}),
        (409, "edits.locked", {"kind": "split", "zone": W1, "parts": 2}),
        (400, "edits.split_too_many", {"kind": "split", "zone": W2, "parts": 5}),
        (400, "edits.split_too_many", {"kind": "split", "zone": E1, "parts": 2}),
        (400, "request.unusable", {"kind": "split", "zone": W2, "parts": 1}),
        (400, "request.unusable", {"kind": "split", "zone": W2, "parts": 10**9}),
        (400, "request.unusable", {"kind": "split", "zone": W2, "parts": 2.5}),
        (400, "request.unusable", {"kind": "rebalance", "max_moves": -1}),
        (400, "request.unusable", {"kind": "rebalance", "max_moves": "10"}),
        (400, "request.unusable", {"kind": "rebalance", "max_moves": True}),
        (400, "request.unusable", {"kind": "rebalance", "max_moves": 10**30}),
        (400, "request.unusable", {"kind": "rebalance", "area": "\ud800"}),
        (400, "request.unusable", {"kind": "zone", "area": "a\0b"}),
        (400, "request.unusable", {"kind": "zone", "area": "x" * 65}),
        (400, "request.unusable", {"kind": "zone", "budget": 1}),
        (400, "request.unusable", {"kind": "accept"}),
        (400, "request.unusable", {}),
        (400, "request.unusable", []),
        (400, "request.unusable", None),
    ],
)
def test_bad_questions_are_answered_in_words_and_start_nothing(
    client: TestClient, plan: int, engine: Engine, status: int, key: str, question: object
):
    do(engine, plan, kind="lock", zones=[W1])
    answer = client.post(
        f"/api/plans/{plan}/proposals",
        content=json.dumps(question),
        headers={"If-Match": "*", "Content-Type": "application/json"},
    )
    assert_problem(answer, status, key)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM plan_proposal")).scalar_one() == 0


def test_questions_and_acceptance_say_which_revision_they_build_on(
    client: TestClient, plan: int, engine: Engine
):
    path = f"/api/plans/{plan}/proposals"
    assert_problem(client.post(path, json={"kind": "zone"}), 428, "request.if_match_required")
    assert_problem(asked(client, plan, {"kind": "zone"}, revision=2), 412, "plan.revision_lost")
    address = asked(client, plan, {"kind": "rebalance"}, revision=1).headers["location"]
    settled(client, address)
    assert_problem(client.post(f"{address}/accept"), 428, "request.if_match_required")
    do(engine, plan, kind="rename", zone=W1, name="甲")
    late = assert_problem(accepted(client, address, f'"plan-{plan}-1"'), 412, "plan.revision_lost")
    assert late["details"][0]["kind"] == "rename"
    overtaken = assert_problem(accepted(client, address, f'"plan-{plan}-2"'), 409, "proposals.overtaken")
    assert W1[:-3] in overtaken["detail"]


def test_a_published_plan_is_not_asked_about(client: TestClient, plan: int, engine: Engine):
    address = asked(client, plan, {"kind": "rebalance"}).headers["location"]
    settled(client, address)
    published = client.post(
        f"/api/plans/{plan}/publish",
        json={"from": "2030-01-01", "override": {"reason": "试行"}},
        headers={"If-Match": "*"},
    )
    assert published.status_code == 200, published.text
    before = state(engine, plan)
    assert_problem(asked(client, plan, {"kind": "zone"}), 409, "plan.frozen")
    assert_problem(accepted(client, address), 409, "plan.frozen")
    assert client.delete(address).json()["state"] == "dropped"
    assert state(engine, plan) == before


def test_scopes_and_roles_hold(client_for: ClientFor, plan: int, engine: Engine):
    town = client_for(engine, Role.PLANNER, TOWN)
    address = asked(town, plan, {"kind": "rebalance"}).headers["location"]
    settled(town, address)
    elsewhere = client_for(engine, Role.PLANNER, SECOND_TOWN)
    for answer in (
        asked(elsewhere, plan, {"kind": "zone"}),
        elsewhere.get(address),
        elsewhere.get(f"/api/plans/{plan}/proposals"),
        elsewhere.delete(address),
        accepted(elsewhere, address),
    ):
        assert_problem(answer, 404, "plan.unknown")
    gis = client_for(engine, Role.GIS, COUNTY)
    assert (gis.get(address).json()["state"], gis.get(address).json()["is_mine"]) == ("done", False)
    for other in (client_for(engine, Role.GIS, TOWN), client_for(engine, Role.VIEWER, TOWN)):
        for answer in (asked(other, plan, {"kind": "zone"}), other.delete(address), accepted(other, address)):
            assert_problem(answer, 403, "access.outside_scope")
    colleague = client_for(engine, Role.PLANNER, COUNTY)
    for answer in (colleague.delete(address), accepted(colleague, address)):
        assert_problem(answer, 403, "proposals.of_somebody_else")
    assert accepted(town, address).status_code == 200


def test_unknown_numbers_are_not_found(client: TestClient, plan: int):
    for number, status in ((99, 404), (2**63 - 1, 404), (2**63, 400), (0, 400), ("x", 400)):
        for answer in (
            client.get(f"/api/plans/{plan}/proposals/{number}"),
            client.delete(f"/api/plans/{plan}/proposals/{number}"),
            accepted(client, f"/api/plans/{plan}/proposals/{number}"),
        ):
            assert_problem(answer, status, "proposals.unknown" if status == 404 else "request.unusable")


def test_somebody_who_never_stops_asking_how_far_it_is_changes_nothing(
    client: TestClient, plan: int, engine: Engine
):
    number = ask(engine, plan, kind="zone")
    with engine.connect() as connection:
        row = text("SELECT to_jsonb(p) FROM plan_proposal p")
        before = connection.execute(row).scalar_one()
        for _ in range(1_000):
            assert client.get(f"/api/plans/{plan}/proposals/{number}").status_code == 200
        assert connection.execute(row).scalar_one() == before
