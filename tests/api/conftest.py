"""A small world behind the HTTP interface, and clients for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service import tokens
from geo_service.access import Actor, Role
from geo_service.api.app import create_app
from geo_service.settings import Settings
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, post_of, save_plan

SECRET = "a secret of the tests, long enough to sign"
PUBLISHED_FROM = date(2024, 6, 1)
# 100 households west, 60 east, 150 south; a compound in the east.
GRIDS = {
    TOWN: {WEST: "1234\nP..P", EAST: "321\naa.\n.P."},
    SECOND_TOWN: {SOUTH: "555\nP.."},
}

ClientFor = Callable[..., TestClient]


@dataclass(frozen=True)
class Seeded:
    """Ids of what the world holds: one published plan a community, each with a post."""

    engine: Engine
    plans: dict[str, int]
    posts: dict[str, int]


def seed(engine: Engine) -> Seeded:
    """A county of two towns; every standalone building zoned, every zone served and published."""
    build_world(engine, GRIDS)
    plans, posts = {}, {}
    for community, count in ((WEST, 4), (EAST, 3), (SOUTH, 3)):
        numbers = range(1, count + 1)
        zone = f"{community}001"
        plans[community] = save_plan(
            engine,
            community,
            {zone: [f"{community}-B{number:04d}" for number in numbers]},
            effective_from=PUBLISHED_FROM,
            chiefs={zone: f"{community}-P01"},
        )
        posts[community] = post_of(engine, plans[community], zone)
    return Seeded(engine, plans, posts)


@pytest.fixture(scope="module")
def seeded(module_engine: Engine) -> Seeded:
    """The world the reading tests of one module share."""
    return seed(module_engine)


@pytest.fixture
def fresh(engine: Engine) -> Seeded:
    """A world of this test alone, to write in."""
    return seed(engine)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that touch nothing outside the test's folder."""
    return Settings(home=tmp_path / "home", work_dir=tmp_path, secret=SECRET, upload_limit_mb=1)


@pytest.fixture
def client_for(settings: Settings) -> ClientFor:
    """Makes a client of an engine, as the local administrator or as a token's actor."""

    def make(
        engine: Engine, role: Role | None = None, scope: str = "*", post: int | None = None
    ) -> TestClient:
        headers = {}
        if role is not None:
            actor = Actor(name=f"{role} of {scope}", role=role, scope=scope, post_id=post)
            headers["Authorization"] = f"Bearer {tokens.issue(actor, 1, SECRET)}"
        return TestClient(create_app(settings, engine), base_url="http://127.0.0.1", headers=headers)

    return make


def assert_problem(response, status: int, key: str) -> dict:
    """The response is a problem document that says what, in the language asked for, and how to mend it."""
    body = response.json()
    assert (response.status_code, body["key"]) == (status, key)
    assert response.headers["content-type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "where", "mend", "key", "details"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body
