"""Import of all buildings, with every check and trusted, beside ogr2ogr's COPY of the same file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench_import import fill_like_ours, in_turns, median
from tests.benchmarks.layers.world import World

ROUNDS = 3


def import_ratios(world: World) -> Iterator[tuple[str, float, str]]:
    """Name, ratio of the times and the figures behind it; the world's buildings are others afterwards."""
    theirs, ours = in_turns(world.url, world.connection, ROUNDS)
    second = median(theirs, "seconds")
    with tempfile.TemporaryDirectory() as folder:
        like_ours = fill_like_ours(world.connection, Path(folder))
    for name, measured in ours.items():
        first = median(measured, "seconds")
        yield name, first / second, f"ours {first:.2f} s, ogr2ogr {second:.2f} s"
        into_same = f"ours {first:.2f} s, ogr2ogr into a table made like ours {like_ours:.2f} s"
        yield f"{name}_same_table", first / like_ours, into_same
