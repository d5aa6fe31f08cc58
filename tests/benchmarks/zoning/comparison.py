"""The comparison: every engine on the same workload, measured by the same code."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psycopg2

from geo_service.errors import Unavailable
from geo_service.store import local
from tests.benchmarks.zoning import ours, peers
from tests.benchmarks.zoning.engine import Engine
from tests.benchmarks.zoning.metrics import Measures, measure
from tests.benchmarks.zoning.processes import CHECKOUT, Limits, NoAnswer, run_alone
from tests.benchmarks.zoning.workload import Workload, make_workload

PEER_PYTHON = CHECKOUT / ".setup" / "peers" / "bin" / "python"
LIMITS = Limits(cpu_seconds=300, memory_gb=8)
NOT_INSTALLABLE = {
    "GB21 matheuristic with HiGHS": "not run: it is source code only, on no package registry",
}


@dataclass(frozen=True)
class Row:
    """What one engine made of one workload.

    Parameters
    ----------
    name, engine : str
        As the registry and as people call it.
    n : int
        Buildings.
    measures : Measures, optional
        None where there was no answer.
    cost : mapping
        ``seconds`` (CPU), ``wall_seconds``, ``memory_mb``.
    note : str
        Why there was no answer.
    """

    name: str
    engine: str
    n: int
    measures: Measures | None = None
    cost: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """The measured row, as ``BENCH_JSON`` lists it.

        The comparison's distances count every building once: its weights are 1.
        """
        assert self.measures is not None
        measures = asdict(self.measures)
        distance_m = measures.pop("distance_m")
        return {
            "engine": self.engine, "n": self.n, **measures, "weighted_distance": distance_m, **self.cost
        }  # fmt: skip


def compare(buildings: int, seed: int, only: frozenset[str] = frozenset()) -> Iterator[Row]:
    """Run every engine, or ``only`` those named, on one workload."""
    workload = make_workload(buildings, seed)
    with tempfile.TemporaryDirectory(prefix="bench-zoning-") as folder, _database() as database:
        workload.save(Path(folder) / "workload.npz")
        balance = ""
        for name, engine in (peers.ENGINES | ours.ENGINES).items():
            if only and name not in only:
                continue
            environment = {"BENCH_DATABASE": database, "BENCH_LIMITS": balance}
            row = _run(name, engine, workload, Path(folder), environment)
            if name == "metis" and row.measures is not None:
                balance = f"{row.measures.smallest}-{row.measures.largest}"
            yield row
    for engine_title, reason in ({} if only else NOT_INSTALLABLE).items():
        yield Row("", engine_title, buildings, note=reason)


def _run(name: str, engine: Engine, workload: Workload, folder: Path, environment: dict[str, str]) -> Row:
    ours_too = name in ours.ENGINES
    labels = folder / f"{name}.npy"
    module = "tests.benchmarks.zoning." + ("ours" if ours_too else "peers")
    python = Path(sys.executable) if ours_too else PEER_PYTHON
    try:
        if not python.exists():
            raise NoAnswer("not installed: make bench-zoning installs the peers")
        if engine.needs_database and not environment["BENCH_DATABASE"]:
            raise NoAnswer("no PostGIS found on this machine")
        if engine.needs_limits and not environment["BENCH_LIMITS"]:
            raise NoAnswer("METIS, whose balance it is to keep, gave no answer")
        command = [python, "-m", module, name, folder / "workload.npz", labels]
        printed = run_alone(command, LIMITS, environment)
    except NoAnswer as reason:
        return Row(name, engine.title, workload.buildings, note=str(reason))
    cost = json.loads(printed.splitlines()[-1])
    return Row(name, engine.title, workload.buildings, measure(workload, np.load(labels)), cost)


@contextmanager
def _database() -> Iterator[str]:
    """A PostGIS for the engines that live in one: its address, or nothing where there is none."""
    cluster = local.Cluster(Path(tempfile.gettempdir()) / "geo-service-bench", hasty=True)
    try:
        local.start(cluster)
    except Unavailable:
        yield ""
        return
    try:
        connection = psycopg2.connect(host=str(cluster.socket), user=local.OWNER, dbname=local.DATABASE)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.close()
        patience = f"-c statement_timeout={LIMITS.cpu_seconds}s"
        yield f"host={cluster.socket} user={local.OWNER} dbname={local.DATABASE} options='{patience}'"
    finally:
        local.stop(cluster)
