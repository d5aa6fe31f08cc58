"""An import that is stopped, by whatever, leaves the database as it was."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
from shapely import box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Cancelled, Conflict, Unavailable
from geo_service.pipeline import ImportOptions, import_file
from geo_service.store import copying
from geo_service.store.session import make_engine, transaction

COUNT = 400


@pytest.fixture
def buildings(engine: Engine, tmp_path: Path) -> Path:
    """A file of buildings whose community is in the database."""
    community = geopandas.GeoDataFrame(
        {"code": ["1"], "name": ["西社区"]}, geometry=[box(111, 34, 112, 35)], crs=4490
    )
    community.to_file(tmp_path / "areas.gpkg")
    options = ImportOptions(mapping={"kind": "=community"})
    import_file(engine, LOCAL_ADMIN, kind="areas", path=tmp_path / "areas.gpkg", options=options)
    shapes = [box(111 + i / 1000, 34.5, 111.0005 + i / 1000, 34.5005) for i in range(COUNT)]
    path = tmp_path / "b.gpkg"
    geopandas.GeoDataFrame({"code": [f"B{i}" for i in range(COUNT)]}, geometry=shapes, crs=4490).to_file(path)
    return path


def state(engine: Engine) -> tuple[int, ...]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        counts = [f"(SELECT count(*) FROM {table})" for table in ("building", "audit", "import_record")]
        return tuple(connection.execute(text(f"SELECT {', '.join(counts)}")).one())


_IMPORTER = """
import sys, time
from pathlib import Path
from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import import_file
from geo_service.store.session import make_engine

def stop_after_writing(stage, done, total=None):
    if stage == "import.writing" and done == total:
        print("written, not committed", flush=True)
        time.sleep(600)

engine, path = make_engine(sys.argv[1]), Path(sys.argv[2])
import_file(engine, LOCAL_ADMIN, kind="buildings", path=path, progress=stop_after_writing)
"""


def test_a_killed_import_leaves_no_trace_and_no_lock(
    engine: Engine, database_url: str, buildings: Path
) -> None:
    before = state(engine)
    importer = subprocess.Popen(
        [sys.executable, "-c", _IMPORTER, database_url, str(buildings)], stdout=subprocess.PIPE, text=True
    )
    assert importer.stdout is not None
    assert importer.stdout.readline() == "written, not committed\n"
    with pytest.raises(Conflict) as busy:
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings)
    assert busy.value.key == "import.already_running"
    importer.send_signal(signal.SIGKILL)
    importer.wait()
    importer.stdout.close()
    assert state(engine) == before
    assert _when_free(engine, buildings) == COUNT


def _when_free(engine: Engine, buildings: Path) -> int:
    # The server notices a dead client by the closed socket, within milliseconds.
    for _ in range(100):
        try:
            return import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings).inserted
        except Conflict:
            time.sleep(0.1)
    raise AssertionError("the killed import still holds the lock")


def test_a_lost_database_is_said_and_nothing_lands(
    engine: Engine, database_url: str, buildings: Path
) -> None:
    before = state(engine)
    other = make_engine(database_url)

    def cut(stage: str, done: int, total: int | None = None) -> None:
        if stage == "import.writing":
            with other.begin() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )

    with pytest.raises(Unavailable) as lost:
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings, progress=cut)
    other.dispose()
    assert lost.value.key == "database.lost"
    assert state(engine) == before


def test_a_connection_lost_during_copy_is_said_too(
    engine: Engine, database_url: str, buildings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COPY goes past SQLAlchemy; its failures must come out in the same words."""
    before = state(engine)
    other = make_engine(database_url)
    chunks = copying._chunks

    def cut_then_copy(columns):
        with other.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        yield from chunks(columns)

    monkeypatch.setattr(copying, "_chunks", cut_then_copy)
    with pytest.raises(Unavailable) as lost:
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings)
    other.dispose()
    assert lost.value.key == "database.lost"
    assert state(engine) == before


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real file system of one megabyte that the server can write to."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    # The server runs as another account and must be able to come this far.
    for parent in (folder, *folder.parents[:3]):
        if parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    account = pwd.getpwnam("postgres")
    space = folder / "space"
    space.mkdir()
    os.chown(space, account.pw_uid, account.pw_gid)
    yield space
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_is_said_and_nothing_lands(engine: Engine, buildings: Path, small_disk: Path) -> None:
    name = f"small_{os.getpid()}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE TABLESPACE {name} LOCATION '{small_disk}'"))
        connection.execute(text(f"ALTER TABLE building SET TABLESPACE {name}"))
        connection.execute(text(f"ALTER INDEX building_geom_3857 SET TABLESPACE {name}"))
    (small_disk.parent / "filler").write_bytes(bytes(900_000))
    before = state(engine)
    try:
        with pytest.raises(Unavailable) as full:
            import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings)
        assert full.value.key == "database.disk_full"
        assert state(engine) == before
    finally:
        (small_disk.parent / "filler").unlink()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER TABLE building SET TABLESPACE pg_default"))
            connection.execute(text("ALTER INDEX building_geom_3857 SET TABLESPACE pg_default"))
            connection.execute(text(f"DROP TABLESPACE {name}"))


@pytest.mark.parametrize("last_stage", ["import.reading", "import.checking", "import.writing"])
def test_a_cancelled_import_leaves_no_trace(engine: Engine, buildings: Path, last_stage: str) -> None:
    before = state(engine)

    def cancel(stage: str, done: int, total: int | None = None) -> None:
        if stage == last_stage and done == total:
            raise Cancelled("import.already_running")

    with pytest.raises(Cancelled):
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=buildings, progress=cancel)
    assert state(engine) == before
