"""Import of Suginami's 124,207 buildings against ogr2ogr loading the same GeoPackage by COPY.

All write into the same throwaway database of the tests' cluster, in turns, each in a process of its own:
ogr2ogr into a table of its own making, the import with all its checks, and the import of a file that is
trusted. Prints the medians of wall time and of processor time (of the process and of its backend together),
their ratios against the limits, and the import's peak memory against its own. With ``BENCH_JSON`` set the
ratios of wall time are written there too.

A table of ogr2ogr's making has outlines with an index and nothing else: no keys, no stored web geometry. What
it takes to fill a table made like ours is told beside it, without a limit.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas
import psycopg2

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, import_file
from geo_service.store.session import make_engine
from tests.benchmarks.throwaway import throwaway_database

LIMIT_MEMORY_GB = 0.4
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


@dataclass(frozen=True)
class Peer:
    """What is timed: a name for people, one for the JSON, and the most that its time may be of ogr2ogr's."""

    title: str
    key: str
    limit_ratio: float
    trusted: bool


PEERS = (
    Peer("checked", "import_vs_ogr2ogr", 2.0, trusted=False),
    Peer("trusted", "import_trusted_vs_ogr2ogr", 1.0, trusted=True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--import-into", metavar="URL", help="import once into this database and report as JSON"
    )
    parser.add_argument("--file", metavar="GPKG", type=Path)
    parser.add_argument("--trusted", action="store_true")
    arguments = parser.parse_args()
    if arguments.import_into:
        print(json.dumps(import_once(arguments.import_into, arguments.file, arguments.trusted)))
        return
    if not BUILDINGS.exists() or shutil.which("ogr2ogr") is None:
        print(f"skipped: needs {BUILDINGS} and ogr2ogr")
        return
    with throwaway_database() as (url, connection), tempfile.TemporaryDirectory() as folder:
        import_areas(url, Path(folder))
        theirs, ours = in_turns(url, connection, ROUNDS)
        report_all(theirs, ours)
        seconds = fill_like_ours(connection, Path(folder))
        print(f"ogr2ogr into a table made like ours {seconds:.2f} s")


def in_turns(
    url: str, connection: psycopg2.extensions.connection, rounds: int
) -> tuple[list[dict[str, float]], dict[str, list[dict[str, float]]]]:
    """What ogr2ogr and each of ours took, round by round; the database has its communities already."""
    theirs: list[dict[str, float]] = []
    ours: dict[str, list[dict[str, float]]] = {peer.key: [] for peer in PEERS}
    with tempfile.TemporaryDirectory() as folder:
        file = as_geopackage(Path(folder))
        for _ in range(rounds):
            theirs.append(time_ogr2ogr(connection, OF_THEIR_OWN, file))
            for peer in PEERS:
                empty(connection)
                report = run_import(url, file, peer.trusted)
                assert report["inserted"] == report["rows"], report
                ours[peer.key].append(report)
    return theirs, ours


def report_all(theirs: list[dict[str, float]], ours: dict[str, list[dict[str, float]]]) -> None:
    """Print what was measured, and write the ratios where ``BENCH_JSON`` says."""
    print(f"rows     {ours[PEERS[0].key][0]['rows']}")
    told("ogr2ogr", theirs)
    ratios = {}
    for peer in PEERS:
        told(peer.title, ours[peer.key])
        ratios[peer.key] = median(ours[peer.key], "seconds") / median(theirs, "seconds")
        processor = median(ours[peer.key], "processor_seconds") / median(theirs, "processor_seconds")
        print(
            f"{peer.title}  ratio {ratios[peer.key]:.2f} (of processor time {processor:.2f}),"
            f" limit {peer.limit_ratio}: {'within' if ratios[peer.key] <= peer.limit_ratio else 'OVER'}"
        )
    peak = max(report["peak_gb"] for reports in ours.values() for report in reports)
    print(
        f"memory   {peak:.2f} GB, limit {LIMIT_MEMORY_GB}: {'within' if peak <= LIMIT_MEMORY_GB else 'OVER'}"
    )
    if "BENCH_JSON" in os.environ:
        Path(os.environ["BENCH_JSON"]).write_text(json.dumps({"ratios": ratios}), encoding="utf-8")


def told(title: str, measured: list[dict[str, float]]) -> None:
    """One line of seconds."""
    print(
        f"{title}  median {median(measured, 'seconds'):.2f} s"
        f" of {[round(each['seconds'], 2) for each in measured]},"
        f" processor {median(measured, 'processor_seconds'):.2f} s"
    )


def median(measured: list[dict[str, float]], name: str) -> float:
    """The median of one figure of several runs."""
    return statistics.median(each[name] for each in measured)


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


def empty(connection: psycopg2.extensions.connection) -> None:
    """Start from nothing, as the first import does."""
    cursor = connection.cursor()
    # As a replica: what there was is not to be remembered.
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("TRUNCATE building, unit_line, unit_entry, coverage_change CASCADE")
    cursor.execute("RESET session_replication_role")
    cursor.execute("CHECKPOINT")


def as_geopackage(folder: Path) -> Path:
    """The buildings in the format that all are to read."""
    file = folder / "buildings.gpkg"
    subprocess.run(["ogr2ogr", str(file), str(BUILDINGS), "-nln", "buildings"], check=True)
    return file


# A table of its own making, its spatial index included, as it makes one by default.
OF_THEIR_OWN = ("-overwrite", "-nln", "ogr_building")
# Our columns, multipolygons and datum; a building without a community would be refused.
LIKE_OURS = (
    *("-append", "-nln", "like_ours", "-nlt", "MULTIPOLYGON", "-t_srs", "EPSG:4490", "-sql"),
    "SELECT bldg_id AS code, coalesce(chome_code, (SELECT min(chome_code) FROM buildings)) AS community_code,"
    " coalesce(hh_est, 0) AS household_count, storeys_est AS storeys, geom FROM buildings",
)


def fill_like_ours(connection: psycopg2.extensions.connection, folder: Path) -> float:
    """Seconds ogr2ogr takes to fill a table with the columns, keys and indexes of ``building``."""
    connection.cursor().execute(
        "DROP TABLE IF EXISTS like_ours; CREATE TABLE like_ours (LIKE building INCLUDING ALL);"
        " ALTER TABLE like_ours ADD FOREIGN KEY (community_code) REFERENCES area (code)"
    )
    return time_ogr2ogr(connection, LIKE_OURS, as_geopackage(folder))["seconds"]


def time_ogr2ogr(
    connection: psycopg2.extensions.connection, into: Sequence[str], file: Path
) -> dict[str, float]:
    """Seconds ogr2ogr takes to COPY the file into a table."""
    parameters = connection.get_dsn_parameters()
    target = f"PG:host={parameters['host']} user={parameters['user']} dbname={parameters['dbname']}"
    command = ["ogr2ogr", "-f", "PostgreSQL", "--config", "PG_USE_COPY", "YES", *into]
    connection.cursor().execute("CHECKPOINT")
    own = sum(processor_times(os.getpid())[2:])
    backends: dict[int, float] = {}
    started = time.perf_counter()
    with subprocess.Popen([*command, target, str(file)]) as process:
        while process.poll() is None:
            backends |= other_backends(connection)
            time.sleep(0.02)
        seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise RuntimeError("ogr2ogr failed")
    spent = sum(processor_times(os.getpid())[2:]) - own + sum(backends.values())
    return {"seconds": seconds, "processor_seconds": spent}


def other_backends(connection: psycopg2.extensions.connection) -> dict[int, float]:
    """Seconds of processor that every other backend of this database has taken so far."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    found = {}
    for (process,) in cursor.fetchall():
        with suppress(FileNotFoundError):
            found[process] = sum(processor_times(process)[:2])
    return found


def processor_times(process: int) -> list[float]:
    """Seconds in user and system mode of a process, and of its ended children."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:15]]


def run_import(url: str, file: Path, trusted: bool) -> dict[str, float]:
    """Our import in a process of its own: the verb alone, without loading Python's libraries."""
    command = [sys.executable, __file__, "--import-into", url, "--file", str(file)]
    done = subprocess.run(
        [*command, "--trusted"] if trusted else command, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def import_once(url: str, file: Path, trusted: bool) -> dict[str, float]:
    """What the child process does."""
    engine = make_engine(url)
    with engine.connect() as connection:
        backend = connection.connection.get_backend_pid()
    before = sum(processor_times(os.getpid())[:2]) + sum(processor_times(backend)[:2])
    options = ImportOptions(mapping=MAPPING, trusted=trusted)
    started = time.perf_counter()
    report = import_file(engine, LOCAL_ADMIN, kind="buildings", path=file, options=options)
    seconds = time.perf_counter() - started
    spent = sum(processor_times(os.getpid())[:2]) + sum(processor_times(backend)[:2]) - before
    engine.dispose()
    return {
        "rows": report.rows,
        "inserted": report.inserted,
        "rejected": report.rejected,
        "seconds": seconds,
        "processor_seconds": spent,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


if __name__ == "__main__":
    main()
