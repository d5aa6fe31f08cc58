"""Ctrl-C while an export waits for the database: it ends at once, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, text

from tests.world import TOWN

PATIENCE_S = 60
WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
ACTIVE = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""


def _wait_for(engine: Engine, sql: str, expected: int) -> None:
    last = time.monotonic() + PATIENCE_S
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(text(sql)).scalar_one() != expected:
            assert time.monotonic() < last, f"never {expected}: {sql}"
            time.sleep(0.05)


def test_ctrl_c_stops_an_export(world: Engine, environment: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "town.gpkg").write_bytes(b"before")
    command = ["export", "--area", TOWN, "--layers", "standalone_buildings", "--format", "gpkg"]
    with world.connect() as other:
        other.execute(text("LOCK TABLE building IN ACCESS EXCLUSIVE MODE"))
        exporting = subprocess.Popen(
            [sys.executable, "-m", "geo_service.cli", *command, "--out", str(out / "town.gpkg")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        _wait_for(world, WAITING, 1)
        exporting.send_signal(signal.SIGINT)
        shown, said = exporting.communicate(timeout=PATIENCE_S)
        other.rollback()

    assert exporting.returncode == 130, said
    assert shown == ""
    assert "Traceback" not in said
    assert [path.name for path in out.iterdir()] == ["town.gpkg"]
    assert (out / "town.gpkg").read_bytes() == b"before"
    _wait_for(world, ACTIVE, 0)
