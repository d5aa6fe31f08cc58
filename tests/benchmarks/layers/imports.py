"""Import of all buildings, with every check and trusted, beside ogr2ogr's COPY of the same file."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bench_import import in_turns, median
from tests.benchmarks.layers.world import World

ROUNDS = 3


def import_ratios(world: World) -> Iterator[tuple[str, float, str]]:
    """Name, ratio of the times and the figures behind it; the world's buildings are others afterwards."""
    theirs, ours = in_turns(world.url, world.connection, ROUNDS)
    second = median(theirs, "seconds")
    for name, measured in ours.items():
        first = median(measured, "seconds")
        yield name, first / second, f"ours {first:.2f} s, ogr2ogr {second:.2f} s"
