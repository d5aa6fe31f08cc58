"""Our zoning engine beside its peers on one workload, and on the p-median problems of the literature.

Every engine runs in a process of its own on one core. Tables are printed; ``BENCH_JSON=path`` has the figures
written as JSON too, renewed after every single run.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.benchmarks.zoning.comparison import Row, compare
from tests.benchmarks.zoning.cpmp import Instance, attempt_all, read_instances
from tests.benchmarks.zoning.processes import CHECKOUT
from tests.benchmarks.zoning.report import cpmp_table, surprises, verdict_table, workload_table, write_json
from tests.benchmarks.zoning.requirements import judge_cpmp, judge_workload

SHARED_INSTANCES = CHECKOUT.parent / "shared" / "data" / "cpmp"


def main() -> None:
    """Run what the command line asks for; by default everything."""
    options = _options()
    rows: list[Row] = []
    instances: list[Instance] = []

    def keep() -> None:
        if "BENCH_JSON" in os.environ:
            write_json(Path(os.environ["BENCH_JSON"]), rows, instances)

    for buildings in options.buildings:
        for row in compare(buildings, options.workload_seed, frozenset(options.only or ())):
            rows.append(row)
            keep()
            print(f"· {row.n:,} {row.engine} {row.note}", file=sys.stderr, flush=True)
        print(f"\n{buildings:,} buildings, seed {options.workload_seed}")
        print(workload_table(row for row in rows if row.n == buildings), flush=True)
    if options.seeds and not options.instances.is_dir():
        print(f"\np-median instances: none, no folder {options.instances}")
    elif options.seeds:
        instances += read_instances(options.instances)
        for instance, attempt in attempt_all(instances, options.seeds):
            keep()
            print(
                f"· {instance.path.stem}, seed {attempt.seed}: {attempt.objective:,.2f}",
                file=sys.stderr,
                flush=True,
            )
        print(f"\ncapacitated p-median, {options.seeds} seeds")
        print(cpmp_table(instances))
        print(*surprises(instances), sep="\n")
    print()
    print(verdict_table([*judge_workload(rows), *judge_cpmp(instances)]))
    keep()


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
