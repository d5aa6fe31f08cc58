"""Zoning communities of 200 buildings over worker processes: 20,000 buildings, or ``--buildings 1000000``.

The communities come from the demo's generator one at a time and their zones are counted and let go. Prints
the time and its ratio to that of 10,000 buildings in the same run, the memory of all processes, what the
time goes to, and what an independent checker says of a sample.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from geo_service.demo.communities import make_communities
from geo_service.planning.model import CommunityZoning, LoadRange, ZoningArea
from geo_service.planning.zoning import draw_community_zones
from geo_service.planning.zoning.community.many import Commission, draw_communities
from tests.zoning_checker import complaints

LIMITS = LoadRange(300, 500)
BUILDINGS_EACH = 200
FEW = 10_000
SEED = 1
LIMIT_S, LIMIT_GB, LIMIT_RATIO = 600.0, 4.0, 1.5
SAMPLE = 25
PROFILED = 10
PARTS = {
    "survey": "survey",
    "solve": "search",
    "lower_bound": "bound",
    "land_of": "outlines",
    "explained": "explanations",
}


@dataclass
class Run:
    """One run over many communities."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    generating_s: float = 0.0
    steady_s: float = 0.0
    zones: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    sample: list[tuple[ZoningArea, CommunityZoning]] = field(default_factory=list)

    @property
    def buildings(self) -> int:
        """All that were zoned or refused."""
        return BUILDINGS_EACH * self.outcomes.total()

    @property
    def steady_ms(self) -> float:
        """Milliseconds a building once the workers are at work."""
        return 1000 * self.steady_s / (self.buildings - BUILDINGS_EACH)

    def ms(self, seconds: float) -> float:
        """Milliseconds a building."""
        return 1000 * seconds / self.buildings


def run(communities: int, workers: int) -> Run:
    """Zone so many communities."""
    done = Run()
    kept: dict[str, ZoningArea] = {}
    every = max(1, communities // SAMPLE)

    def commissions() -> Iterator[Commission]:
        areas = make_communities(communities, buildings=BUILDINGS_EACH, seed=SEED)
        for number in range(communities):
            started = time.thread_time()
            area = next(areas)
            done.generating_s += time.thread_time() - started
            if number % every == 0:
                kept[area.code] = area
            yield Commission(area)

    started, cpu, first = time.perf_counter(), _cpu_s(), 0.0
    for answer in draw_communities(commissions(), LIMITS, seed=SEED, workers=workers, total=communities):
        first = first or time.perf_counter()
        done.zones += len(answer.zones)
        done.outcomes[_outcome(answer)] += 1
        if answer.area_code in kept:
            done.sample.append((kept.pop(answer.area_code), answer))
    done.steady_s = time.perf_counter() - first
    done.seconds, done.cpu_s = time.perf_counter() - started, _cpu_s() - cpu
    return done


def _cpu_s() -> float:
    uses = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _outcome(answer: CommunityZoning) -> str:
    if answer.infeasible is None:
        return "zoned"
    proven = "proven" if answer.infeasible.proven else "NOT proven"
    return f"{answer.infeasible.reason.key.removeprefix('zoning.')} ({proven})"


def peak_gb(workers: int) -> float:
    """No more than this was held at once: the peak of this process and as many of the largest worker."""
    own, largest = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (own + workers * largest) / 1024**2


def shares() -> dict[str, float]:
    """Share of the CPU time of each part of drawing a community, in this process."""
    areas = list(make_communities(PROFILED, buildings=BUILDINGS_EACH, seed=SEED))
    profile = cProfile.Profile(time.process_time)
    started = time.process_time()
    profile.enable()
    for area in areas:
        draw_community_zones(area, LIMITS, seed=SEED)
    profile.disable()
    total = time.process_time() - started
    spent = {
        name: cumulative
        for (path, _, name), (_, _, _, cumulative, _) in pstats.Stats(profile).stats.items()
        if name in PARTS and "geo_service/planning" in path
    }
    return {PARTS[name]: spent.get(name, 0.0) / total for name in PARTS}


def verdict(label: str, value: float, limit: float, unit: str) -> None:
    """One figure against its limit."""
    print(f"{label}: {value:.2f} {unit}, limit {limit:g}: {'within' if value <= limit else 'OVER'}")


def main() -> None:
    """Run the benchmark and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    draw_community_zones(next(make_communities(1, seed=SEED)), LIMITS)  # compiles the kernels
    few = run(FEW // BUILDINGS_EACH, asked.workers)
    many = run(max(2, asked.buildings // BUILDINGS_EACH), asked.workers)
    print(f"{many.buildings} buildings in {many.outcomes.total()} communities, {asked.workers} workers")
    print(f"outcomes: {dict(many.outcomes)}, {many.zones} zones")
    verdict("time of a million at this pace", many.seconds * 1e6 / many.buildings, LIMIT_S, "s")
    print(f"time: {many.seconds:.1f} s, CPU {many.cpu_s:.1f} s")
    print(f"CPU: {many.ms(many.cpu_s):.3f} ms a building, of {FEW}: {few.ms(few.cpu_s):.3f}")
    print(f"of it the generator: {many.generating_s:.1f} s, {many.ms(many.generating_s):.3f} ms a building")
    print(f"at work: {many.steady_ms:.3f} ms a building, of {FEW}: {few.steady_ms:.3f}")
    verdict("ratio", many.steady_ms / few.steady_ms, LIMIT_RATIO, "")
    verdict("peak memory of all processes", peak_gb(asked.workers), LIMIT_GB, "GB")
    parts = ", ".join(f"{name} {share:.0%}" for name, share in shares().items())
    print(f"where the time of a community goes: {parts}")
    wrong = [
        f"{area.code}: {complaint}"
        for area, answer in many.sample
        if answer.infeasible is None
        for complaint in complaints(area, LIMITS, answer)
    ]
    print(f"checked {len(many.sample)} communities: {'; '.join(wrong) or 'nothing wrong'}")


if __name__ == "__main__":
    main()
