"""The shared instances of the capacitated p-median problem against their best-known values."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.zoning.cpmp_checker import recount
from tests.benchmarks.zoning.processes import Limits, NoAnswer, run_alone

# Seconds an instance may take: the small ones of São José dos Campos, and all others.
SMALL_SECONDS = 5
SECONDS = 120
# Of which the search gets this share: starting, the last look at the clock and the answer take the rest.
SHARE_FOR_SEARCH = 0.97
# Exit code of an answer, or of a file, that breaks a rule.
BREAKS_A_RULE = 3
# Published values are rounded to cents.
ROUNDING = 0.005


@dataclass(frozen=True)
class Attempt:
    """One seed's answer, recounted by the independent checker; infinite where there was none."""

    seed: int
    objective: float
    seconds: float
    faults: tuple[str, ...]


@dataclass
class Instance:
    """One file, its best-known value, and the attempts so far."""

    path: Path
    best_known: float
    n: int
    p: int
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def small(self) -> bool:
        """One of those that are to be solved to the optimum in seconds."""
        return self.path.stem.startswith("SJC")

    @property
    def objective(self) -> float:
        """The median over the seeds."""
        return median(attempt.objective for attempt in self.attempts)

    @property
    def gap_percent(self) -> float:
        """Of the median objective above the best-known value."""
        return 100 * (self.objective - self.best_known) / self.best_known

    @property
    def optimal(self) -> bool:
        """Whether every seed reached the best-known value."""
        return all(attempt.objective <= self.best_known + ROUNDING for attempt in self.attempts)

    @property
    def below_best_known(self) -> list[Attempt]:
        """Attempts better than the best-known value that the checker found nothing wrong with."""
        bound = self.best_known - ROUNDING
        return [each for each in self.attempts if each.objective < bound and not each.faults]

    def as_json(self) -> dict[str, object]:
        """The row as ``BENCH_JSON`` lists it."""
        return {
            "instance": self.path.stem,
            "n": self.n,
            "p": self.p,
            "objective": self.objective,
            "best_known": self.best_known,
            "gap_percent": self.gap_percent,
            "seconds": max(attempt.seconds for attempt in self.attempts),
            "infeasible": sum(bool(attempt.faults) for attempt in self.attempts),
            "seeds": [
                {"seed": each.seed, "objective": each.objective, "seconds": each.seconds}
                for each in self.attempts
            ],
        }


def read_instances(folder: Path) -> list[Instance]:
    """The instances of ``best_known.json`` that lie beside it, the small ones first."""
    instances = []
    for name, best_known in json.loads((folder / "best_known.json").read_text()).items():
        path = next(iter(sorted(folder.glob(f"{name}.*"))), None)
        if path is None:
            print(f"{name}: no file in {folder}, left out", file=sys.stderr)
            continue
        n, p = path.read_text().split(maxsplit=2)[:2]
        instances.append(Instance(path, best_known, int(n), int(p)))
    return sorted(instances, key=lambda instance: (instance.n, instance.p, instance.path.stem))


def attempt_all(instances: list[Instance], seeds: int) -> Iterator[tuple[Instance, Attempt]]:
    """Try every instance with one seed after the other, so that an early end leaves whole rounds."""
    for seed in range(1, seeds + 1):
        for instance in instances:
            attempt = _attempt(instance, seed)
            instance.attempts.append(attempt)
            yield instance, attempt


def _attempt(instance: Instance, seed: int) -> Attempt:
    seconds = SMALL_SECONDS if instance.small else SECONDS
    command = [sys.executable, "-m", "geo_service.cli", "bench", "cpmp", instance.path]
    options = ["--seconds", SHARE_FOR_SEARCH * seconds, "--seed", seed, "--json"]
    try:
        printed = run_alone(command + options, Limits(3 * seconds + 60, memory_gb=8), {}, (0, BREAKS_A_RULE))
    except NoAnswer as reason:
        return Attempt(seed, float("inf"), float(seconds), (str(reason),))
    document = json.loads(printed)
    if "error" in document:
        return Attempt(seed, float("inf"), 0.0, (document["error"]["what_en"],))
    objective, faults = recount(instance.path, document["assignment"])
    if abs(objective - document["objective"]) > ROUNDING:
        faults.append(f"{document['objective']} claimed, {objective} counted")
    return Attempt(seed, objective, document["seconds"], tuple(faults))
