"""The built wheel, installed outside the checkout, carries everything the demo and the server need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

CHECKOUT = Path(__file__).parents[2]

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source distribution, so that that one is complete too."""
    folder = tmp_path_factory.mktemp("built")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; the packages it depends on are this environment's own."""
    home = tmp_path_factory.mktemp("elsewhere") / "environment"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    _run(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=home
    )
    own = next(home.glob("lib/python*/site-packages"))
    # A path inside a .pth file is searched, but its own .pth files (our editable install) are not read.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def test_wheel_carries_layers_migrations_and_web_build_only(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    layers = {f"geo_service/bundled/{p.relative_to(CHECKOUT).as_posix()}" for p in _files("layers")}
    migrations = {f"geo_service/bundled/{p.relative_to(CHECKOUT).as_posix()}" for p in _files("migrations")}
    assert len(layers) > 5
    assert len(migrations) > 3
    assert layers | migrations <= names
    assert "geo_service/webapp/dist/index.html" in names
    assert [name for name in names if "node_modules" in name or "webapp/src" in name] == []


def test_demo_runs_from_the_wheel(installed: Path, database_url: str, tmp_path: Path):
    document = json.loads(_geo_service(installed, database_url, tmp_path, "demo", "--out", "out", "--json"))
    assert (document["units"], document["compounds"], document["standalone_buildings"]) == (229, 134, 95)
    june = document["coverage"]["2024-06-30"]
    assert (june["numerator"], june["denominator"], june["milestone_met"]) == (71, 229, True)
    assert all((tmp_path / file).exists() for file in document["files"])


def test_pages_are_served_from_the_wheel(installed: Path, database_url: str, tmp_path: Path):
    command = [installed / "bin" / "geo-service", "serve", "--port", "0", "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=_environment(database_url), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            address = json.loads(server.stdout.readline())["url"]
            assert "<html" in _get(f"{address}/")
            assert json.loads(_get(f"{address}/api/layers"))
        finally:
            server.terminate()


def _geo_service(installed: Path, database_url: str, cwd: Path, *arguments: str) -> str:
    return _run(installed / "bin" / "geo-service", *arguments, cwd=cwd, env=_environment(database_url))


def _environment(database_url: str) -> dict[str, str]:
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return {**os.environ, "DATABASE_URL": url, "GEO_SERVICE_HOME": os.devnull}


def _run(*command: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def _get(url: str) -> str:
    asked = urllib.request.Request(url, headers={"Accept": "text/html,*/*"})  # as browsers do
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read().decode()


def _files(folder: str) -> list[Path]:
    return [
        path for path in (CHECKOUT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
