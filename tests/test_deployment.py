"""What the settings become: an engine on the right database, and one signing key."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo_service import deployment
from geo_service.errors import Unavailable
from geo_service.resources import migrations_dir
from geo_service.settings import Settings
from geo_service.store import local, schema


def test_the_signing_key_is_made_once_and_for_the_owner_alone(tmp_path: Path):
    settings = Settings(home=tmp_path / "home")
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: deployment.signing_secret(settings), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 64
    (path,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_configured_secret_needs_no_file(tmp_path: Path):
    settings = Settings(home=tmp_path / "home", secret="s" * 32)
    assert deployment.signing_secret(settings) == "s" * 32
    assert not (tmp_path / "home").exists()


def test_a_home_that_is_a_file_is_said(tmp_path: Path):
    (tmp_path / "home").write_text("")
    with pytest.raises(Unavailable) as refused:
        deployment.signing_secret(Settings(home=tmp_path / "home"))
    assert refused.value.key == "database.home_unusable"


def test_the_private_cluster_is_brought_up_to_date(cluster: local.Cluster):
    engine = deployment.open_engine(Settings(home=cluster.home.parent))
    assert schema.current_revision(engine) == schema.newest_revision(migrations_dir())
    engine.dispose()


def test_somebodys_database_is_not_upgraded_behind_their_back(cluster: local.Cluster):
    with pytest.raises(Unavailable) as refused:
        deployment.open_engine(Settings(database_url=cluster.url("postgres")))
    assert refused.value.key == "database.not_migrated"
