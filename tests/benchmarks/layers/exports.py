"""Export of all buildings: ours beside ogr2ogr, and beside geopandas for GeoParquet."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import export_layers
from geo_service.publish.load import load_layers
from geo_service.store.session import make_engine
from tests.benchmarks.layers.world import ATTRIBUTES, COUNTY, LAYER, World

ROUNDS = 3
# Without an order, which is theirs to choose and costs us a sort.
QUERY = f"SELECT {', '.join(ATTRIBUTES)}, geom FROM building"
DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "fgb": "FlatGeobuf"}


def export_ratios(world: World) -> Iterator[tuple[str, float, str]]:
    """Name, ratio of the times and the figures behind it, one format after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for format in (*DRIVERS, "parquet"):
            peer = "geopandas" if format == "parquet" else "ogr2ogr"
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(_child("ours", world, format, folder))
                theirs.append(
                    _child("geopandas", world, format, folder)
                    if format == "parquet"
                    else _ogr2ogr(world, format, folder)
                )
            first, second = (statistics.median(each["seconds"] for each in found) for found in (ours, theirs))
            figures = f"ours {first:.2f} s, {peer} {second:.2f} s"
            yield f"export_{format}_vs_{peer}", first / second, figures
            if format == "gpkg":
                peak_mb = max(each["peak_mb"] for each in ours)
                yield "export_gpkg_peak_mb", peak_mb, f"ours, Python included, {peak_mb:.0f} MB"


def _ogr2ogr(world: World, format: str, folder: Path) -> dict[str, float]:
    parameters = world.connection.get_dsn_parameters()
    source = f"PG:host={parameters['host']} user={parameters['user']} dbname={parameters['dbname']}"
    out = folder / f"theirs.{format}"
    _clear(folder, format)
    started = time.perf_counter()
    command = ["ogr2ogr", "-f", DRIVERS[format], str(out), source, "-sql", QUERY, "-nln", LAYER]
    subprocess.run(command, check=True, capture_output=True)
    return {"seconds": time.perf_counter() - started}


def _child(who: str, world: World, format: str, folder: Path) -> dict[str, float]:
    """In a process of its own: the work alone, without loading Python's libraries, into an empty place."""
    _clear(folder, format)
    command = [sys.executable, "-m", __name__, who, world.url, str(world.layers), format, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _clear(folder: Path, format: str) -> None:
    """Nobody is to be timed while taking away what was written before."""
    for earlier in folder.glob(f"*.{format}"):
        earlier.unlink()


def _ours(url: str, layers: Path, format: str, folder: Path) -> None:
    engine = make_engine(url)
    export_layers(
        engine,
        LOCAL_ADMIN,
        area_code=COUNTY,
        layers=[LAYER],
        format=format,
        out=folder / f"ours.{format}",
        layer_set=load_layers(layers),
    )
    engine.dispose()


def _geopandas(url: str, _layers: Path, format: str, folder: Path) -> None:
    engine = make_engine(url)
    geopandas.read_postgis(QUERY, engine, geom_col="geom").to_parquet(folder / f"theirs.{format}")
    engine.dispose()


WORK: dict[str, Callable[[str, Path, str, Path], None]] = {"ours": _ours, "geopandas": _geopandas}


def _peak_mb() -> float:
    # Not getrusage: what it tells of a child begins with what the parent had when it started the child.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1)) / 1000


if __name__ == "__main__":
    who, url, layers, format, folder = sys.argv[1:]
    started = time.perf_counter()
    WORK[who](url, Path(layers), format, Path(folder))
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb()}))
