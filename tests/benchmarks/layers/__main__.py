"""Layers beside their peers on one table: tiles, items, exports, imports.

Every line is a ratio of medians, ours over theirs, measured in turns in one run. ``BENCH_JSON=path`` has them
written as JSON too, renewed after every line.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

from tests.benchmarks.bench_import import BUILDINGS
from tests.benchmarks.layers.exports import export_ratios
from tests.benchmarks.layers.imports import import_ratios
from tests.benchmarks.layers.limits import verdict
from tests.benchmarks.layers.tiles import tile_ratios
from tests.benchmarks.layers.world import suginami

PARTS = {"tiles": tile_ratios, "exports": export_ratios, "imports": import_ratios}
PROGRAMS = ("wrk", "pgbench", "ogr2ogr")


def main() -> None:
    """Measure what the command line asks for; by default everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="|".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or not BUILDINGS.exists():
        print(f"skipped: needs {', '.join([*missing, str(BUILDINGS)])}")
        return
    ratios: dict[str, float] = {}
    with suginami() as world:
        for part in chosen:
            for name, value, figures in PARTS[part](world):
                ratios[name] = round(value, 3)
                print(f"{name:30} {value:8.3g}  {verdict(name, value):26} ({figures})", flush=True)
                if os.environ.get("BENCH_JSON"):
                    document = json.dumps({"ratios": ratios}, indent=1)
                    Path(os.environ["BENCH_JSON"]).write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
