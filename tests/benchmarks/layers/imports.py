"""Import of all buildings with every check, beside ogr2ogr's COPY of the same file."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from tests.benchmarks.bench_import import empty, run_import, time_ogr2ogr
from tests.benchmarks.layers.world import World

ROUNDS = 3


def import_ratios(world: World) -> Iterator[tuple[str, float, str]]:
    """Name, ratio of the times and the figures behind it; the world's buildings are others afterwards."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        empty(world.connection, "building")
        theirs.append(time_ogr2ogr(world.connection))
        ours.append(run_import(world.url)["seconds"])
    first, second = statistics.median(ours), statistics.median(theirs)
    yield "import_vs_ogr2ogr", first / second, f"ours {first:.2f} s, ogr2ogr {second:.2f} s"
