"""The private cluster: made on demand, safe to ask for twice, reachable by its owner only."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from geo_service.errors import Unavailable
from geo_service.store import local


@pytest.fixture
def fresh() -> Iterator[local.Cluster]:
    with tempfile.TemporaryDirectory(prefix="geo-service-") as folder:
        Path(folder).chmod(0o755)  # root's stand-in account must be able to enter
        cluster = local.Cluster(Path(folder) / "home", hasty=True)
        yield cluster
        local.stop(cluster)


def test_two_starts_at_once_make_one_cluster(fresh: local.Cluster) -> None:
    with ThreadPoolExecutor(2) as pool:
        urls = list(pool.map(local.start, [fresh, fresh]))
    assert urls[0] == urls[1]
    assert local.is_running(fresh)
    with psycopg2.connect(host=str(fresh.socket), user=local.OWNER, dbname=local.DATABASE) as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
    connection.close()
    socket = fresh.socket / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_stopping_twice_is_no_error(fresh: local.Cluster) -> None:
    local.start(fresh)
    assert local.stop(fresh)
    assert not local.stop(fresh)
    assert not local.is_running(fresh)


def test_data_outlives_a_stop(fresh: local.Cluster) -> None:
    local.start(fresh)
    connection = psycopg2.connect(host=str(fresh.socket), user=local.OWNER, dbname=local.DATABASE)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 7 AS number")
    connection.close()
    local.stop(fresh)
    local.start(fresh)
    connection = psycopg2.connect(host=str(fresh.socket), user=local.OWNER, dbname=local.DATABASE)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (7,)
    connection.close()


def test_a_long_home_gets_a_short_socket_folder() -> None:
    cluster = local.Cluster(Path("/" + "x" * 120))
    assert len(str(cluster.socket / ".s.PGSQL.5432")) < 107


def test_without_postgis_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_BINARY_FOLDERS", ("/nowhere/*/bin",))
    monkeypatch.delenv("PG_BINDIR", raising=False)
    with pytest.raises(Unavailable) as refused:
        local.find_binaries()
    assert "make setup" in refused.value.mend("en")


def test_a_home_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable) as refused:
        local.start(local.Cluster(blocked / "home"))
    assert refused.value.key == "database.home_unusable"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could give a folder away")
def test_a_folder_somebody_uses_is_never_given_away(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")
    with pytest.raises(Unavailable) as refused:
        local.start(local.Cluster(tmp_path))
    assert refused.value.key == "database.home_foreign"
    assert tmp_path.stat().st_uid == 0
