"""Others' edits as they happen: who hears of what, and what a page makes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.api import app
from geo_service.api.routes import live
from geo_service.errors import Conflict
from geo_service.pipeline import appoint_chiefs, publish_plan
from geo_service.pipeline.editing import undo_edit
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.plan_news import read_news
from geo_service.pipeline.reviewing import hand_in
from geo_service.store import plans
from geo_service.store.notices import PlanNotices
from tests.api.conftest import SECRET, ClientFor, assert_problem
from tests.pipeline.editing_world import FIRST, SECOND, b, do, planned
from tests.serving import serving, serving_apart
from tests.world import EAST, SECOND_TOWN, TOWN

PATIENCE_S = 30
JUNE_FIRST = date(2024, 6, 1)
PLANNER = Actor("规划员甲", Role.PLANNER, TOWN)
ENDED = ("ended", {})


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


@pytest.fixture
def address(engine: Engine, plan: int, tmp_path: Path) -> Iterator[str]:
    with serving(engine, home=tmp_path, work_dir=tmp_path, secret=SECRET) as address:
        yield address


Heard = Queue[tuple[str, dict[str, Any]]]


@contextmanager
def following(address: str, plan: int, **asked: int) -> Iterator[Callable[[], tuple[str, dict[str, Any]]]]:
    """Follow a plan; what is given waits for the next event."""
    heard: Heard = Queue()
    begun = threading.Event()

    def follow() -> None:
        with httpx.stream(
            "GET", f"{address}/api/plans/{plan}/events", params=asked, timeout=PATIENCE_S
        ) as got:
            assert got.status_code == 200
            assert got.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in got.headers
            name = ""
            for line in got.iter_lines():
                begun.set()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                if line.startswith("data: "):
                    heard.put((name, json.loads(line.removeprefix("data: "))))
        heard.put(ENDED)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    assert begun.wait(PATIENCE_S)
    yield lambda: heard.get(timeout=PATIENCE_S)


def test_all_who_follow_a_plan_hear_who_did_what(address: str, engine: Engine, plan: int) -> None:
    other = copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]
    with (
        following(address, plan) as one,
        following(address, plan) as another,
        following(address, other) as elsewhere,
    ):
        do(engine, plan, PLANNER, kind="assign", zone=FIRST, buildings=[b(3)])
        undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
        for hear in (one, another):
            name, said = hear()
            assert (name, said["revision"], said["actor"], said["kind"]) == (
                "revision",
                2,
                "规划员甲",
                "assign",
            )
            assert said["message_zh"] == "将 1 栋楼划入第1片区"
            assert (hear()[1]["kind"], said["message_en"] != said["message_zh"]) == ("undo", True)
        do(engine, other, kind="lock", zones=[FIRST])
        assert elsewhere()[1]["kind"] == "lock"  # the first it hears


def test_who_comes_back_hears_what_happened_meanwhile(address: str, engine: Engine, plan: int) -> None:
    for zone in (FIRST, SECOND):
        do(engine, plan, kind="lock", zones=[zone])
    with following(address, plan, since=1) as hear:
        assert [hear()[1]["revision"] for _ in range(2)] == [2, 3]
    with following(address, plan, since=2) as hear:
        assert hear()[1]["revision"] == 3


def test_an_edit_that_is_rolled_back_is_not_told(address: str, engine: Engine, plan: int) -> None:
    with following(address, plan) as hear:
        do(engine, plan, kind="lock", zones=[FIRST])
        with pytest.raises(Conflict):
            do(engine, plan, kind="assign", zone=SECOND, buildings=[b(1)])
        assert hear()[1]["kind"] == "lock"
        do(engine, plan, kind="unlock", zones=[FIRST])
        assert hear()[1]["kind"] == "unlock"


def test_an_edit_in_the_midst_of_reading_is_told_once(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, plan: int
) -> None:
    def read_then_edited(*args: Any, **given: Any) -> Any:
        head = plan_head(*args, **given)
        monkeypatch.undo()
        do(engine, plan, kind="lock", zones=[FIRST])
        return head

    plan_head = plans.plan_head
    monkeypatch.setattr(plans, "plan_head", read_then_edited)
    news = read_news(engine, PLANNER, plan_id=plan, since=1)
    assert (news.revision, news.told) == (1, [])
    news = read_news(engine, PLANNER, plan_id=plan, since=news.revision)
    assert (news.revision, [told["kind"] for told in news.told]) == (2, ["lock"])


def test_news_are_heard_again_after_the_database_has_hung_up(address: str, engine: Engine, plan: int) -> None:
    listening = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    with following(address, plan) as hear:
        do(engine, plan, kind="lock", zones=[FIRST])
        assert hear()[1]["revision"] == 2
        with engine.begin() as connection:
            ended = connection.execute(text(f"SELECT pg_terminate_backend(pid) {listening}")).scalars().all()
        assert ended == [True]  # one for all who follow
        do(engine, plan, kind="unlock", zones=[FIRST])
        assert hear()[1]["revision"] == 3


def test_one_connection_listens_for_everybody(address: str, engine: Engine, plan: int) -> None:
    listening = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    with following(address, plan) as one, following(address, plan) as another:
        do(engine, plan, kind="lock", zones=[FIRST])
        assert (one()[1], another()[1])[0]["revision"] == 2
        with engine.connect() as connection:
            assert connection.scalar(text(listening)) == 1


def test_the_server_ends_although_somebody_follows(engine: Engine, plan: int, tmp_path: Path) -> None:
    with serving(engine, home=tmp_path, work_dir=tmp_path) as address:
        stream = following(address, plan)
        hear = stream.__enter__()
    assert hear() == ENDED


def test_the_serve_command_ends_although_somebody_follows(engine: Engine, plan: int, tmp_path: Path) -> None:
    with serving_apart(engine, GEO_SERVICE_HOME=str(tmp_path)) as address:
        stream = following(address, plan)
        hear = stream.__enter__()
        do(engine, plan, kind="lock", zones=[FIRST])  # in another process than the server's
        assert hear()[1]["revision"] == 2
    assert hear() == ENDED


def test_a_plan_that_is_removed_ends_the_stream(
    monkeypatch: pytest.MonkeyPatch, address: str, engine: Engine, plan: int
) -> None:
    monkeypatch.setattr(live, "_SILENCE_S", 0.1)
    with following(address, plan) as hear:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM plan WHERE id = :plan"), {"plan": plan})
        assert [hear(), hear()] == [("gone", {}), ENDED]


def test_a_plan_whose_place_is_taken_says_so(
    monkeypatch: pytest.MonkeyPatch, address: str, engine: Engine, plan: int
) -> None:
    monkeypatch.setattr(live, "_SILENCE_S", 0.1)
    later = copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]
    override = {"override_reason": "试行"}
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE_FIRST, **override)
    with following(address, plan) as hear:
        publish_plan(engine, LOCAL_ADMIN, plan_id=later, from_date=JUNE_FIRST.replace(month=7), **override)
        name, said = hear()
    assert (name, said["kind"], said["actor"]) == ("revision", "superseded", None)
    assert said["message_zh"] == "方案已被新发布的方案取代"


@pytest.mark.parametrize("what", ["events", "changes?since=1"])
def test_only_who_may_see_a_plan_hears_of_it(
    client_for: ClientFor, engine: Engine, plan: int, what: str
) -> None:
    path = f"/api/plans/{plan}/{what}"
    foreign = client_for(engine, Role.PLANNER, SECOND_TOWN)
    assert_problem(foreign.get(path), 404, "plan.unknown")
    assert_problem(client_for(engine, Role.VIEWER, TOWN).get(path), 403, "access.outside_scope")
    assert_problem(client_for(engine).get(f"/api/plans/99/{what}"), 404, "plan.unknown")


@pytest.mark.parametrize("what", ["events", "changes"])
def test_a_revision_to_come_is_refused(client_for: ClientFor, engine: Engine, plan: int, what: str) -> None:
    client = client_for(engine)
    path = f"/api/plans/{plan}/{what}"
    assert_problem(client.get(path, params={"since": 2}), 400, "edits.no_such_revision")
    for nonsense in ("0", "-1", "x", str(2**31), ""):
        assert client.get(path, params={"since": nonsense}).status_code == 400, nonsense


def test_a_follower_too_many_is_told_so_and_comes_in_when_another_leaves(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, plan: int, tmp_path: Path
) -> None:
    monkeypatch.setattr(app, "PlanNotices", partial(PlanNotices, most_waiting=1))
    with serving(engine, home=tmp_path, work_dir=tmp_path) as address:
        path = f"{address}/api/plans/{plan}/events"
        for _ in range(2):
            with httpx.stream("GET", path, timeout=PATIENCE_S) as first:
                assert first.status_code == 200
                lines = first.iter_lines()  # kept: the connection goes with it
                next(lines)
                assert_problem(httpx.get(path), 503, "live.too_many")
            for _ in range(100):
                with httpx.stream("GET", path, timeout=PATIENCE_S) as next_one:
                    if next_one.status_code == 200:
                        break
            assert next_one.status_code == 200


def test_head_is_answered_without_the_stream(address: str, plan: int) -> None:
    answer = httpx.head(f"{address}/api/plans/{plan}/events", timeout=PATIENCE_S)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_token_is_needed_where_tokens_are(engine: Engine, plan: int, tmp_path: Path) -> None:
    given = {"home": tmp_path, "work_dir": tmp_path, "secret": SECRET, "require_token": True}
    with serving(engine, **given) as address:
        path = f"{address}/api/plans/{plan}/events"
        assert_problem(httpx.get(path), 401, "token.missing")
        token = {"Authorization": f"Bearer {tokens.issue(PLANNER, 1, SECRET)}"}
        with httpx.stream("GET", path, headers=token, timeout=PATIENCE_S) as got:
            assert got.status_code == 200


Page = tuple[dict[str, Any], dict[str, str | None]]


def shown(client: TestClient, plan: int) -> Page:
    """Zones by code, and the zone of each building, as a page has them that opens the plan."""
    board = client.get(f"/api/plans/{plan}/board").json()
    zones, buildings = board["zones"], board["buildings"]
    zone_of = {
        code: zones[place]["code"] if place >= 0 else None
        for code, place in zip(buildings["code"], buildings["zone"], strict=True)
    }
    return {zone["code"]: zone for zone in zones}, zone_of


def caught_up(page: Page, changes: dict[str, Any]) -> Page:
    zones, zone_of = page
    after = {code: None if zone in changes["touched"] else zone for code, zone in zone_of.items()}
    for move in changes["moves"]:
        after |= dict.fromkeys(move["buildings"], move["zone"])
    kept = {code: zone for code, zone in zones.items() if code not in changes["deleted"]}
    return {**kept, **{zone["code"]: zone for zone in changes["zones"]}}, after


def test_a_page_that_catches_up_shows_what_a_page_that_opens_anew_shows(
    client_for: ClientFor, engine: Engine, plan: int
) -> None:
    client = client_for(engine)
    pages = [shown(client, plan)]
    orders: list[dict[str, Any]] = [
        {"kind": "assign", "zone": FIRST, "buildings": [b(3)]},
        {"kind": "assign", "zone": None, "buildings": [b(1)]},
        {"kind": "new_zone", "buildings": [b(1), b(5)]},
        {"kind": "merge", "zones": [FIRST, SECOND], "into": SECOND},
        {"kind": "rename", "zone": SECOND, "name": "河西"},
        {"kind": "delete", "zone": f"{EAST}001"},
    ]
    for order in orders:
        do(engine, plan, **order)
        pages.append(shown(client, plan))
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    pages.append(shown(client, plan))
    for since, page in enumerate(pages, start=1):
        answer = client.get(f"/api/plans/{plan}/changes", params={"since": since})
        assert answer.headers["etag"] == f'"plan-{plan}-8"'
        changes = answer.json()
        assert caught_up(page, changes) == pages[-1]
        assert [edit["revision"] for edit in changes["edits"]] == list(range(8, since, -1))
        assert (changes["undo"], changes["redo"]) == (5, 6)
    assert changes["touched"] == []


@pytest.mark.parametrize("verb", [hand_in, appoint_chiefs])
def test_what_is_more_than_edits_of_zones_asks_for_the_whole_plan(
    client_for: ClientFor, engine: Engine, plan: int, verb: Callable[..., object]
) -> None:
    verb(engine, LOCAL_ADMIN, plan_id=plan)
    answer = client_for(engine).get(f"/api/plans/{plan}/changes", params={"since": 1})
    assert_problem(answer, 409, "live.open_anew")
