"""A disk that fills in mid-export: said in words, nothing left under a final name, nothing kept open.

A real file system of a fixed size is mounted for it, in a namespace of its own so that no rest is left.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.world import TOWN, WEST, build_world

CHECKOUT = Path(__file__).parents[2]
FORMATS = ("gpkg", "shp", "fgb", "geojson", "parquet", "kml", "csv", "xlsx", "zip")
# The disk has room for the start of every one of these files, and for the whole of none.
DISK_KB = 256

EXPORT = """
    import json, sys, time
    from pathlib import Path
    from sqlalchemy import text
    from geo_service.access import LOCAL_ADMIN
    from geo_service.errors import GeoServiceError
    from geo_service.pipeline.exporting import export_layers
    from geo_service.store.session import make_engine

    url, format, disk = sys.argv[1:]
    disk = Path(disk)
    out = disk / f"out.{format}"
    out.write_bytes(b"before")
    engine = make_engine(url)
    choice = {"format": "fgb", "each": "subdistrict"} if format == "zip" else {"format": format}
    try:
        export_layers(engine, LOCAL_ADMIN, area_code=%r,
                      layers=["standalone_buildings"], out=out, **choice)
        said = "nothing"
    except GeoServiceError as error:
        said = error.key
    checked_out = engine.pool.checkedout()
    # A server learns that its client is gone when it next writes to it; its own upkeep is nobody's leak.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(100):
            busy = connection.execute(text(
                "SELECT left(query, 80) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND state <> 'idle'")).scalars().all()
            if not busy:
                break
            time.sleep(0.1)
    print(json.dumps({
        "said": said, "left": sorted(path.name for path in disk.iterdir()),
        "before": out.read_bytes().decode(),
        "checked_out": checked_out, "busy_connections": busy,
    }))
"""


@pytest.fixture(scope="module")
def buildings(module_engine: Engine) -> Engine:
    """Six thousand buildings, whose names are long enough to fill any file."""
    build_world(module_engine, {TOWN: {WEST: "1"}})
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO building (code, community_code, name, address, household_count, geom)"
                " SELECT 'X' || n, community_code, md5(n::text), md5(random()::text), 1,"
                " ST_Translate(geom, random() / 1000, random() / 1000)"
                " FROM building, generate_series(1, 6000) n"
            )
        )
        connection.execute(text("ANALYZE building"))
    return module_engine


@pytest.fixture(scope="module")
def can_mount() -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_leaves_what_was_there(buildings: Engine, tmp_path: Path, format: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = tmp_path / "export.py"
    script.write_text(textwrap.dedent(EXPORT % TOWN), encoding="utf-8")
    mounted = f'mount -t tmpfs -o size={DISK_KB}k tmpfs "{disk}" && exec "$@"'
    url = buildings.url.render_as_string(hide_password=False)

    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted, "sh", sys.executable, str(script), url, format, str(disk)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "said": "export.disk_full",
        "left": [f"out.{format}"],
        "before": "before",
        "checked_out": 0,
        "busy_connections": [],
    }
