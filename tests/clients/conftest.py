"""A small world with Chinese names on a real server, for clients that other people wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.serving import serving_apart
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

SECRET = "a secret of the clients' tests, long enough"
ON = "2024-06-30"
# Lines, areas, a compound, more buildings than one page of ten holds.
GRIDS = {
    TOWN: {WEST: "123456789P\n.|.H......\n987654321P", EAST: "aab12\naa..P"},
    SECOND_TOWN: {SOUTH: "555\nP..\n|.."},
}
BUILDINGS = {WEST: 18, EAST: 5, SOUTH: 3}
STANDALONE = {WEST: range(1, 19), EAST: (4, 5), SOUTH: range(1, 4)}
NAMES = {
    # One sign beyond the first plane of Unicode, one of four bytes in GB 18030 alone, quotes and commas.
    "area": "'社区' || right(code, 6)",
    "building": "'𠮷祥里㐂“' || right(code, 4) || '”号楼, ''A'''",
    "compound": "'幸福小区' || right(code, 4)",
    "barrier": "'洛河'",
    "person": "'张三' || right(code, 2)",
    "zone": "'片区' || right(code, 3)",
}

Ask = Callable[..., list[tuple]]


def missing(what: str) -> None:
    """Skip on a developer's machine, fail where everything is meant to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"the set-up installs what is missing: {what}")
    pytest.skip(what)


def environment(home: Path) -> dict[str, str]:
    """Settings of a server that touches nothing outside ``home``."""
    return {"GEO_SERVICE_HOME": str(home), "GEO_SERVICE_WORK_DIR": str(home), "GEO_SERVICE_SECRET": SECRET}


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """Two towns, each community with a published zone; every name is Chinese."""
    build_world(module_engine, GRIDS)
    for community, numbers in STANDALONE.items():
        zone = f"{community}001"
        save_plan(
            module_engine,
            community,
            {zone: [f"{community}-B{number:04d}" for number in numbers]},
            effective_from=date(2024, 6, 1),
            chiefs={zone: f"{community}-P01"},
        )
    with module_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table, name in NAMES.items():
            connection.execute(text(f"UPDATE {table} SET name = {name}"))
    return module_engine


@pytest.fixture(scope="module")
def server(world: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the world's server, open to this machine without tokens."""
    with serving_apart(world, **environment(tmp_path_factory.mktemp("home"))) as address:
        yield address


@pytest.fixture(scope="module")
def ask(world: Engine) -> Ask:
    """Rows of a SQL question to the tables themselves, past our own code."""

    def ask(question: str, **values: object) -> list[tuple]:
        with world.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    return ask
