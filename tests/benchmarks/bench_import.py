"""Import of Suginami's 124,207 buildings, validation included, against ogr2ogr loading the same file by COPY.

Both write into the same throwaway database of the tests' cluster, in turns, each in a process of its own.
Prints the medians, their ratio against the limit, and the import's peak memory against its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas
import psycopg2

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, import_file
from geo_service.store.session import make_engine
from tests.benchmarks.throwaway import throwaway_database

LIMIT_RATIO = 2.0
LIMIT_MEMORY_GB = 1.5
ROUNDS = 5

DATA = Path(__file__).parents[3] / "shared" / "data"
BUILDINGS = DATA / "tokyo_suginami_buildings.fgb"
COMMUNITIES = DATA / "tokyo_suginami_chome_derived.gpkg"
MAPPING = {
    "code": "bldg_id",
    "community_code": "chome_code",
    "household_count": "hh_est",
    "storeys": "storeys_est",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--import-into", metavar="URL", help="import once into this database and report as JSON"
    )
    arguments = parser.parse_args()
    if arguments.import_into:
        print(json.dumps(import_once(arguments.import_into)))
        return
    if not BUILDINGS.exists() or shutil.which("ogr2ogr") is None:
        print(f"skipped: needs {BUILDINGS} and ogr2ogr")
        return
    with throwaway_database() as (url, connection), tempfile.TemporaryDirectory() as folder:
        import_areas(url, Path(folder))
        ours, theirs, memory = [], [], []
        for _ in range(ROUNDS):
            empty(connection, "building")
            theirs.append(time_ogr2ogr(connection))
            connection.cursor().execute("CHECKPOINT")
            report = run_import(url)
            ours.append(report["seconds"])
            memory.append(report["peak_gb"])
            connection.cursor().execute("CHECKPOINT")
        print(f"rows {report['rows']}, landed {report['inserted']}, rejected {report['rejected']}")
    ratio = statistics.median(ours) / statistics.median(theirs)
    for name, seconds in (("import ", ours), ("ogr2ogr", theirs)):
        print(f"{name}  median {statistics.median(seconds):.2f} s of {[round(each, 2) for each in seconds]}")
    print(f"ratio    {ratio:.2f}, limit {LIMIT_RATIO}: {'within' if ratio <= LIMIT_RATIO else 'OVER'}")
    peak = max(memory)
    print(
        f"memory   {peak:.2f} GB, limit {LIMIT_MEMORY_GB}: {'within' if peak <= LIMIT_MEMORY_GB else 'OVER'}"
    )


def import_areas(url: str, folder: Path) -> None:
    """Suginami's chome as the communities of a made-up county and sub-district."""
    chome = geopandas.read_file(COMMUNITIES)
    whole = chome.union_all()
    names = chome["name"].fillna(chome["chome_code"])
    levels = {
        "county": {"code": ["13115"], "name": ["杉并"], "parent_code": [None]},
        "subdistrict": {"code": ["13115000"], "name": ["杉并"], "parent_code": ["13115"]},
        "community": {"code": chome["chome_code"], "name": names, "parent_code": "13115000"},
    }
    for layer, columns in levels.items():
        outlines = chome.geometry if layer == "community" else [whole]
        geopandas.GeoDataFrame(columns, geometry=outlines, crs=chome.crs).to_file(
            folder / "areas.gpkg", layer=layer
        )
    engine = make_engine(url)
    import_file(engine, LOCAL_ADMIN, kind="areas", path=folder / "areas.gpkg")
    engine.dispose()


def empty(connection: psycopg2.extensions.connection, table: str) -> None:
    """Start from nothing, as the first import does."""
    connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def time_ogr2ogr(connection: psycopg2.extensions.connection) -> float:
    """Seconds ogr2ogr takes, its spatial index included, as it makes one by default."""
    parameters = connection.get_dsn_parameters()
    target = f"PG:host={parameters['host']} user={parameters['user']} dbname={parameters['dbname']}"
    command = [
        "ogr2ogr",
        "-f",
        "PostgreSQL",
        "--config",
        "PG_USE_COPY",
        "YES",
        "-overwrite",
        "-nln",
        "ogr_building",
    ]
    started = time.perf_counter()
    subprocess.run([*command, target, str(BUILDINGS)], check=True)
    return time.perf_counter() - started


def run_import(url: str) -> dict[str, float]:
    """Our import in a process of its own: the verb alone, without loading Python's libraries."""
    done = subprocess.run(
        [sys.executable, __file__, "--import-into", url], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def import_once(url: str) -> dict[str, float]:
    """What the child process does."""
    engine = make_engine(url)
    options = ImportOptions(mapping=MAPPING)
    started = time.perf_counter()
    report = import_file(engine, LOCAL_ADMIN, kind="buildings", path=BUILDINGS, options=options)
    seconds = time.perf_counter() - started
    engine.dispose()
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {
        "rows": report.rows,
        "inserted": report.inserted,
        "rejected": report.rejected,
        "seconds": seconds,
        "peak_gb": peak_gb,
    }


if __name__ == "__main__":
    main()
