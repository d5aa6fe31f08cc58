"""Two towns with tokens of every role never see each other's rows, in whatever order they ask."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import Actor, Role
from tests.clients.conftest import ON, SECRET
from tests.clients.scopes import Town, addresses, contents, is_written_to_a_file
from tests.serving import serving
from tests.world import SECOND_TOWN, SOUTH, TOWN, WEST, build_world, post_of, save_plan

THREADS = 8
GRIDS = {TOWN: {WEST: "12aa|H\n34aaP."}, SECOND_TOWN: {SOUTH: "56bb|H\n78bbP."}}
FIRST, SECOND = Town(TOWN, "甲地专名"), Town(SECOND_TOWN, "乙地专名")
COMMUNITY = {FIRST.code: WEST, SECOND.code: SOUTH}
NAMED = ("area", "building", "compound", "barrier", "walkway", "person", "zone", "plan")

PROPOSED = """
INSERT INTO plan_proposal (plan_id, area_code, revision, actor, asked, state, answer)
SELECT id, area_code, revision, 'administrator', '{"kind": "zone", "language": "zh"}', 'done',
       jsonb_build_object('report', jsonb_build_object('communities', CAST(:mark AS text)))
FROM plan WHERE id = :plan RETURNING id
"""


@dataclass(frozen=True)
class Asker:
    """Who asks, and what must never be in the answer."""

    name: str
    headers: dict[str, str]
    own: Town
    other: Town


@dataclass(frozen=True)
class Answer:
    status: int
    etag: str | None
    said: bytes


@pytest.fixture(scope="module")
def towns(module_engine: Engine) -> dict[str, Town]:
    """Two towns alike, every name of each with its mark, both with a plan, a post and a bulletin."""
    build_world(module_engine, GRIDS)
    made = {}
    for town in (FIRST, SECOND):
        community = COMMUNITY[town.code]
        zone = f"{community}001"
        plan = save_plan(
            module_engine,
            community,
            {zone: [f"{community}-B{number:04d}" for number in (1, 2)]},
            effective_from=date(2024, 6, 1),
            chiefs={zone: f"{community}-P01"},
        )
        with module_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in NAMED:
                code = {"plan": "area_code", "barrier": "area_code", "walkway": "area_code"}.get(
                    table, "code"
                )
                connection.execute(
                    text(f"UPDATE {table} SET name = :mark || {code} WHERE {code} LIKE :codes"),
                    {"mark": town.mark, "codes": f"{town.code[:6]}%"},
                )
            proposal = connection.execute(text(PROPOSED), {"plan": plan, "mark": town.mark}).scalar_one()
        post = post_of(module_engine, plan, zone)
        ids = {
            "area": town.code,
            "code": community,
            "unit": f"{community}-B0001",
            "plan": plan,
            "plan_id": plan,
            "other_plan_id": plan,
            "zone_code": zone,
            "community_code": community,
            "post_id": post,
            "on": ON,
            "from": ON,
            "key": "county_2024",
            "round": "final",
            "bulletin_id": len(made) + 1,
            "number": len(made) + 1,
            "proposal_id": proposal,
            "item": f"{community}-B0001",
            "item_id": f"{community}-B0001",
            "feature_id": f"{community}-B0001",
            "limit": 1000,
            "since": 1,
            # Uploads stand on a server's disk by owner: tests/api/test_uploads.py.
            "upload_id": f"{len(made):032x}",
        }
        made[town.code] = replace(town, ids=ids)
    return made


@contextmanager
def served(engine: Engine, home: Path) -> Iterator[str]:
    """A server of its own: what one walk leaves in a cache, the next does not find."""
    given = {"home": home, "work_dir": home, "secret": SECRET, "require_token": True}
    with serving(engine, **given) as address:
        yield address


@pytest.fixture(scope="module")
def askers(towns: dict[str, Town]) -> dict[str, list[Asker]]:
    """Of each town a token of every role; the administrator's own sees both."""
    first, second = towns[TOWN], towns[SECOND_TOWN]

    def token(role: Role, scope: str, post: int | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.issue(Actor(role.value, role, scope, post), 1, SECRET)}"}

    everybody = {"*": [Asker("administrator", token(Role.ADMIN, "*"), first, second)]}
    for own, other in ((first, second), (second, first)):
        everybody[own.code] = [
            Asker(f"{role} of {own.mark}", token(role, own.code), own, other)
            for role in (Role.ADMIN, Role.PLANNER, Role.GIS, Role.VIEWER)
        ]
        chief = token(Role.CHIEF, COMMUNITY[own.code], own.ids["post_id"])
        everybody[own.code].append(Asker(f"chief of {own.mark}", chief, own, other))
    return everybody


@pytest.fixture(scope="module")
def walk(
    module_engine: Engine, towns: dict[str, Town], askers: dict[str, list[Asker]],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[str]:  # fmt: skip
    """Addresses of everything that can be read of either town; each has a bulletin by now."""
    (administrator,) = askers["*"]
    with (
        served(module_engine, tmp_path_factory.mktemp("walk")) as address,
        httpx.Client(base_url=address, headers=administrator.headers, timeout=120) as client,
    ):
        for town in towns.values():
            issued = client.post("/api/bulletins", json={"area": town.code, "period": "2024-06"})
            assert (issued.status_code, issued.json()["id"]) == (201, town.ids["bulletin_id"]), issued.text
            unit = {"area": town.code, "code": f"U{town.code}", "name": f"{town.mark}物业"}
            assert client.post("/api/responsible-units", json=unit).status_code == 201
        document = client.get("/api/openapi.json").json()
        layers = client.get("/api/layers").json()
    asked = [path for town in towns.values() for path in addresses(document, layers, town)]
    return list(dict.fromkeys(asked))


def ask(client: httpx.Client, asker: Asker, path: str, etag: str | None = None) -> Answer:
    """Ask, and hold the answer against the other town."""
    headers = asker.headers | ({"If-None-Match": etag} if etag else {})
    got = client.get(path, headers=headers)
    said = contents(got.content)
    assert got.status_code < 500, (asker.name, path, got.text)
    if asker.name != "administrator":
        # An answer may repeat the area that was asked for, a refusal any code; neither knows a name.
        seen = asker.other.is_in if got.status_code < 400 else asker.other.is_named_in
        assert not seen(said.replace(b"area=" + asker.other.code.encode(), b"")), (
            f"{asker.name} sees the other town at {path}"
        )
    return Answer(got.status_code, got.headers.get("etag"), said)


Order = Callable[[dict[str, list[Asker]]], list[Asker]]
ORDERS: dict[str, Order] = {
    "the first town first": lambda askers: [*askers["*"], *askers[TOWN], *askers[SECOND_TOWN]],
    "the second town first": lambda askers: [*askers[SECOND_TOWN], *askers[TOWN], *askers["*"]],
}


@pytest.mark.parametrize("order", ORDERS)
def test_no_answer_knows_the_other_town(
    module_engine: Engine, askers: dict[str, list[Asker]], walk: list[str], tmp_path: Path, order: str
) -> None:
    """One after the other on one server; then again, each with the ETag that the others were given."""
    answers: dict[tuple[str, str], Answer] = {}
    with (
        served(module_engine, tmp_path) as address,
        httpx.Client(base_url=address, timeout=120) as client,
    ):
        everybody = [asker for asker in ORDERS[order](askers) if "gis" not in asker.name]
        for path in walk:
            if is_written_to_a_file(path):
                continue  # nothing keeps files; they are read when all ask at once
            for asker in everybody:
                answers[asker.name, path] = ask(client, asker, path)
        for (name, path), answer in list(answers.items()):
            if answer.etag is None:
                continue
            for asker in everybody:
                mine = answers[asker.name, path]
                if asker.name == name or mine.status >= 400:
                    continue
                again = ask(client, asker, path, answer.etag)
                if again.status == 304:
                    assert mine.said == answer.said, f"{asker.name} is told that {path} is what {name} had"
    _assert_own_towns_were_seen(askers, answers)


def test_no_answer_knows_the_other_town_when_all_ask_at_once(
    module_engine: Engine, askers: dict[str, list[Asker]], walk: list[str], tmp_path: Path
) -> None:
    questions = [
        (asker, path) for asker in (*askers["*"], *askers[TOWN], *askers[SECOND_TOWN]) for path in walk
    ]
    random.Random(1).shuffle(questions)
    with (
        served(module_engine, tmp_path) as address,
        httpx.Client(base_url=address, timeout=120) as client,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        answered = threads.map(lambda question: (question, ask(client, *question)), questions)
        answers = {(asker.name, path): answer for (asker, path), answer in answered}
    _assert_own_towns_were_seen(askers, answers)


def _assert_own_towns_were_seen(
    askers: dict[str, list[Asker]], answers: dict[tuple[str, str], Answer]
) -> None:
    """A walk that shows nobody anything would prove nothing."""
    asked = {name for name, _ in answers}
    for asker in (*askers[TOWN], *askers[SECOND_TOWN]):
        if asker.name not in asked:
            continue
        seen = {
            path.split("?")[0]
            for (name, path), answer in answers.items()
            if name == asker.name and answer.status < 400 and asker.own.is_in(answer.said)
        }
        assert "/map/style.json" in seen
        if "planner" in asker.name:
            assert any("/proposals/" in path for path in seen)
        if "planner" in asker.name or "gis" in asker.name:
            assert {"/collections/zones/items", "/api/compound-plans"} <= seen
            assert any("/standalone_buildings/tiles/WebMercatorQuad/14" in path for path in seen)
    shared = [
        answer for (name, path), answer in answers.items() if name == "administrator" and "/tiles/" in path
    ]
    assert any(FIRST.is_in(answer.said) and SECOND.is_in(answer.said) for answer in shared)
