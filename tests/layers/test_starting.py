"""A server does not start on layers with a fault: it names every one, as ``layers check`` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service.api.app import create_app
from geo_service.errors import InvalidInput
from geo_service.settings import Settings

FAULTS_OF_FILES = {("zones/layer.toml", "minzoom"), ("walkways/layer.toml", "key")}


def _break(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _break_files(folder: Path) -> None:
    _break(folder / "zones/layer.toml", "minzoom = 11", "minzoom = 19")
    _break(folder / "walkways/layer.toml", 'key = "code"', 'key = "nothing"')


def _serve(folder: Path, engine: Engine) -> subprocess.CompletedProcess[str]:
    environment = {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "GEO_SERVICE_HOME": str(folder.parent / "home"),
        "GEO_SERVICE_LAYERS": str(folder),
    }
    return subprocess.run(
        [sys.executable, "-m", "geo_service.cli", "serve", "--port", "0", "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _places(details: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(fault["file"], fault["field"]) for fault in details}


def test_serve_names_every_fault_of_the_files(folder: Path, module_engine: Engine) -> None:
    _break_files(folder)

    ended = _serve(folder, module_engine)

    assert ended.returncode == 2
    assert _places(json.loads(ended.stdout)["error"]["details"]) == FAULTS_OF_FILES
    assert "Traceback" not in ended.stderr
    assert "zones/layer.toml minzoom" in ended.stderr


def test_serve_names_every_fault_of_the_queries(folder: Path, module_engine: Engine) -> None:
    _break(folder / "zones/query.sql", "FROM zone", "FROM nowhere")
    _break(folder / "walkways/query.sql", "w.name,", "length(w.name) AS name,")
    _break(folder / "no_location/layer.toml", "geom IS NULL", "nothing IS NULL")

    ended = _serve(folder, module_engine)

    assert ended.returncode == 2
    assert _places(json.loads(ended.stdout)["error"]["details"]) == {
        ("zones/query.sql", ""),
        ("walkways/query.sql", "name"),
        ("no_location/layer.toml", "where"),
    }
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("given", [True, False])
def test_the_application_does_not_start_either(
    folder: Path, module_engine: Engine, tmp_path: Path, given: bool
) -> None:
    """Whoever runs it, on an engine of theirs or on the deployment's."""
    _break_files(folder)
    settings = Settings(
        home=tmp_path,
        layers_dir=folder,
        database_url=module_engine.url.render_as_string(hide_password=False),
    )
    application = create_app(settings, module_engine if given else None)

    with pytest.raises(InvalidInput) as refused, TestClient(application):
        pytest.fail("it started")

    assert _places(refused.value.details) == FAULTS_OF_FILES


def test_it_starts_once_the_files_are_mended(folder: Path, module_engine: Engine) -> None:
    style = (folder / "zones/style.json").read_text(encoding="utf-8")
    (folder / "zones/style.json").unlink()
    application = create_app(Settings(layers_dir=folder), module_engine)
    with pytest.raises(InvalidInput), TestClient(application):
        pytest.fail("it started")

    (folder / "zones/style.json").write_text(style, encoding="utf-8")

    with TestClient(application, base_url="http://127.0.0.1") as client:
        assert client.get("/collections/zones").status_code == 200
