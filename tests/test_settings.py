"""Which variables of the environment a deployment obeys, and which are none of its business."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.settings import Settings, default_home


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "GEO_SERVICE_HOME", "GEO_SERVICE_SECRET", "GEO_SERVICE_LANG"):
        monkeypatch.delenv(name, raising=False)


def test_variables_everybody_has_are_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("HOME", "LANGUAGE", "SECRET", "WORK_DIR", "LAYERS_DIR", "METRIC_CRS"):
        monkeypatch.setenv(name, str(tmp_path))
    settings = Settings()
    assert settings.home == default_home()
    assert settings.home != tmp_path
    assert settings.language == "zh"
    assert settings.secret is None
    assert settings.work_dir != tmp_path
    assert settings.layers_dir is None
    assert settings.metric_crs is None


def test_our_variables_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name, value in {
        "DATABASE_URL": "postgresql://host/database",
        "GEO_SERVICE_HOME": str(tmp_path),
        "GEO_SERVICE_LANG": "en",
        "GEO_SERVICE_REQUIRE_TOKEN": "1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url == "postgresql://host/database"
    assert (settings.home, settings.language, settings.require_token) == (tmp_path, "en", True)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch):
    for name in ("DATABASE_URL", "GEO_SERVICE_HOME", "GEO_SERVICE_LANG"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert settings.database_url is None
    assert settings.home == default_home()
    assert settings.language == "zh"


def test_a_relative_home_is_taken_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEO_SERVICE_HOME", "data")
    assert Settings().home == tmp_path / "data"
