"""Our zoning engine beside its peers on one workload, and on the p-median problems of the literature.

Every engine runs in a process of its own on one core. Tables are printed; ``BENCH_JSON=path`` has the figures
written as JSON too, renewed after every single run.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from tests.benchmarks.zoning.comparison import compare
from tests.benchmarks.zoning.cpmp import attempt_all, read_instances
from tests.benchmarks.zoning.processes import CHECKOUT
from tests.benchmarks.zoning.promptness import waits
from tests.benchmarks.zoning.report import (
    cpmp_table,
    surprises,
    verdict_table,
    waits_table,
    workload_table,
    write_json,
)
from tests.benchmarks.zoning.requirements import Findings

SHARED_INSTANCES = CHECKOUT.parent / "shared" / "data" / "cpmp"


def main() -> None:
    """Run what the command line asks for; by default everything."""
    options = _options()
    # Ended from outside, it takes the engine under way and its database with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    found = Findings()
    for buildings in options.buildings:
        _compare(found, buildings, options)
    if not options.only:
        _wait(found)
    if options.seeds and options.instances.is_dir():
        _solve_instances(found, options)
    elif options.seeds:
        print(f"\np-median instances: none, for there is no folder {options.instances}")
    print(f"\n{verdict_table(found.verdicts())}")
    _keep(found)


def _compare(found: Findings, buildings: int, options: argparse.Namespace) -> None:
    for row in compare(buildings, options.workload_seed, frozenset(options.only or ())):
        found.rows.append(row)
        _keep(found)
        _say(f"{row.n:,} {row.engine} {row.note}")
    print(f"\n{buildings:,} buildings, seed {options.workload_seed}")
    print(workload_table(row for row in found.rows if row.n == buildings), flush=True)


def _wait(found: Findings) -> None:
    found.waits, reason = waits()
    _keep(found)
    print(f"\n{reason or waits_table(found.waits)}", flush=True)


def _solve_instances(found: Findings, options: argparse.Namespace) -> None:
    found.instances = read_instances(options.instances)
    for instance, attempt in attempt_all(found.instances, options.seeds):
        _keep(found)
        _say(f"{instance.path.stem}, seed {attempt.seed}: {attempt.objective:,.2f}")
    print(f"\ncapacitated p-median, {options.seeds} seeds")
    print(cpmp_table(found.instances))
    print(*surprises(found.instances), sep="\n")


def _keep(found: Findings) -> None:
    """Renew the JSON document, so that a run ended early leaves what it has."""
    if os.environ.get("BENCH_JSON"):
        write_json(Path(os.environ["BENCH_JSON"]), found)


def _say(line: str) -> None:
    print(f"· {line}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-zoning", description=__doc__)
    parser.add_argument(
        "--buildings",
        type=int,
        nargs="*",
        default=[2_000, 20_000],
        help="sizes of the workload; none: skip it",
    )
    parser.add_argument("--workload-seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", help="engines to run, by their short names")
    parser.add_argument("--seeds", type=int, default=5, help="seeds for each p-median instance; 0: skip them")
    parser.add_argument("--instances", type=Path, default=SHARED_INSTANCES, help="folder of the instances")
    return parser.parse_args()


if __name__ == "__main__":
    main()
