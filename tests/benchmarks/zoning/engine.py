"""What an engine of the comparison is, and how one answers in a process of its own."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from tests.benchmarks.zoning.metrics import CAPACITY
from tests.benchmarks.zoning.workload import Counts, Workload

# The share of the capacity that the number of zones leaves used on average.
USED = 0.9


@dataclass(frozen=True)
class Answer:
    """Zones, and what a database server spent on them beside the engine's own process.

    Parameters
    ----------
    labels : Counts, shape (n,)
        Zone of each building, negative for none.
    server_cpu_s, server_memory_mb : float
    """

    labels: Counts
    server_cpu_s: float = 0.0
    server_memory_mb: float = 0.0


@dataclass(frozen=True)
class Engine:
    """One way of drawing zones.

    Parameters
    ----------
    title : str
    draw : callable
        From a workload to its zones.
    modules : tuple of str
        Imported before the clock starts.
    needs_database : bool
        Reads the address of a PostGIS from ``BENCH_DATABASE``.
    needs_limits : bool
        Reads the least and most households of a zone from ``BENCH_LIMITS``.
    """

    title: str
    draw: Callable[[Workload], Counts | Answer]
    modules: tuple[str, ...] = ()
    needs_database: bool = False
    needs_limits: bool = False


def zones_wanted(workload: Workload) -> int:
    """As many zones as use 90 % of the capacity."""
    return int(np.ceil(workload.households.sum() / (USED * CAPACITY)))


def answer_in_this_process(engines: Mapping[str, Engine]) -> None:
    """Run the engine named on the command line; write its labels, and its cost as JSON on the last line."""
    name, workload_file, labels_file = sys.argv[1:4]
    engine, workload = engines[name], Workload.load(Path(workload_file))
    for module in engine.modules:
        import_module(module)
    cpu, wall = time.process_time(), time.perf_counter()
    answer = engine.draw(workload)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    answer = answer if isinstance(answer, Answer) else Answer(np.asarray(answer, dtype=np.int64))
    np.save(labels_file, answer.labels)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost = {
        "seconds": cpu + answer.server_cpu_s,
        "wall_seconds": wall,
        "memory_mb": peak_kb / 1024 + answer.server_memory_mb,
    }
    print(json.dumps(cost), flush=True)
