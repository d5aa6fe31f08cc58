"""The command line run in this process against a database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from geo_service.cli import main
from geo_service.cli.terminal import language
from tests.world import EAST, TOWN, WEST, build_world

SECRET = "a secret of the tests, long enough to sign"


@dataclass(frozen=True)
class Run:
    """How one command line ended."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)


Cli = Callable[..., Run]


TOWN_GRIDS = {TOWN: {WEST: "1234\nP..P", EAST: "321\n.P."}}


def _settle(folder: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    for name, value in {
        "DATABASE_URL": database_url,
        "GEO_SERVICE_HOME": str(folder / "home"),
        "GEO_SERVICE_SECRET": SECRET,
        "GEO_SERVICE_LANG": "zh",
        "COLUMNS": "160",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("GEO_SERVICE_TOKEN", "GEO_SERVICE_REQUIRE_TOKEN", "GEO_SERVICE_LAYERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    language.cache_clear()
    return folder


def _runner(capsys: pytest.CaptureFixture[str]) -> Cli:
    def run(*arguments: object) -> Run:
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run


@pytest.fixture
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The variables of a deployment on a fresh database; the working folder is the test's own."""
    return _settle(tmp_path, monkeypatch, database_url)


@pytest.fixture
def cli(environment: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs ``geo-service`` with arguments on a database of this test alone."""
    return _runner(capsys)


@pytest.fixture
def world(environment: Path, engine: Engine) -> Engine:
    """Two communities: 100 households of standalone buildings west, 60 east; two people west, one east."""
    build_world(engine, TOWN_GRIDS)
    return engine


@pytest.fixture(scope="module")
def shared_world(module_engine: Engine) -> Engine:
    """The same two communities for the tests of one module that only read."""
    build_world(module_engine, TOWN_GRIDS)
    return module_engine


@pytest.fixture
def reading_cli(
    shared_world: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cli:
    """Runs ``geo-service`` on the world the module shares."""
    _settle(tmp_path, monkeypatch, shared_world.url.render_as_string(hide_password=False))
    return _runner(capsys)
