"""What is required of the engine, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.zoning.comparison import Row
from tests.benchmarks.zoning.cpmp import SECONDS, SMALL_SECONDS, Instance
from tests.benchmarks.zoning.promptness import Wait

METIS_SHARE = 0.9


@dataclass(frozen=True)
class Verdict:
    """One figure beside its limit; at most the limit is well."""

    what: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        """Whether the figure keeps the limit; one that is no number does not."""
        return self.value <= self.limit


@dataclass(frozen=True)
class Requirement:
    """Limits of one of our engines on one workload; none where it is infinite.

    Every zone must keep the capacity and hang together, and every building be in one.
    """

    engine: str
    n: int
    distance_m: float = float("inf")
    seconds: float = float("inf")
    zones: float = float("inf")
    deviation_percent: float = float("inf")
    memory_mb: float = float("inf")
    within_cells: bool = False
    share_of_metis: float = float("inf")


REQUIREMENTS = (
    Requirement("ours", 2_000, distance_m=75_000, seconds=5, zones=136),
    Requirement("ours_balanced", 2_000, distance_m=76_500, seconds=30, zones=136, deviation_percent=5),
    Requirement("ours_barriers", 2_000, distance_m=77_500, seconds=20, zones=143, within_cells=True),
    Requirement(
        "ours_barriers", 20_000,
        distance_m=755_000, seconds=60, zones=1_327, memory_mb=400, within_cells=True,
    ),
    Requirement("ours_as_metis", 20_000, share_of_metis=METIS_SHARE),
)  # fmt: skip


@dataclass
class Findings:
    """What a run has found so far."""

    rows: list[Row] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)

    def verdicts(self) -> list[Verdict]:
        """Each required figure beside its limit."""
        return [
            *judge_workload(self.rows), *judge_waits(self.waits), *judge_cpmp(self.instances)
        ]  # fmt: skip


def judge_workload(rows: Sequence[Row]) -> Iterator[Verdict]:
    """Each figure of the required settings that were run."""
    found = {(row.name, row.n): row for row in rows}
    for required in REQUIREMENTS:
        row = found.get((required.engine, required.n))
        if row is not None:
            yield from _judge(required, row, found.get(("metis", required.n)))


def _judge(required: Requirement, row: Row, metis: Row | None) -> Iterator[Verdict]:
    title = f"{required.n:,} {row.engine}"
    if row.measures is None:
        yield Verdict(f"{title}: {row.note}", float("nan"), 0)
        return
    measures = row.measures
    broken = measures.unassigned + measures.over_capacity + measures.disconnected
    if required.within_cells:
        broken += measures.cross_barrier + measures.cross_community
    yield Verdict(f"{title}: rules broken", broken, 0)
    metis_m = float("nan") if metis is None or metis.measures is None else metis.measures.distance_m
    deviation_limit = required.deviation_percent
    if required.engine == "ours_as_metis" and metis is not None and metis.measures is not None:
        deviation_limit = metis.measures.max_deviation_percent
    for what, value, limit in (
        ("zones", measures.zones, required.zones),
        ("distance, m", measures.distance_m, required.distance_m),
        ("distance, of METIS's", measures.distance_m / metis_m, required.share_of_metis),
        ("largest deviation, %", measures.max_deviation_percent, deviation_limit),
        ("CPU s", row.cost["seconds"], required.seconds),
        ("peak memory, MB", row.cost["memory_mb"], required.memory_mb),
    ):
        if limit < float("inf"):
            yield Verdict(f"{title}: {what}", value, limit)


def judge_cpmp(instances: Sequence[Instance]) -> Iterator[Verdict]:
    """The gaps over all instances tried, and over the small ones."""
    tried = [instance for instance in instances if instance.attempts]
    small = [instance for instance in tried if instance.small]
    if not tried:
        return
    gaps = [instance.gap_percent for instance in tried]
    yield Verdict("cpmp: SJC instances not optimal with every seed", sum(not i.optimal for i in small), 0)
    yield Verdict("cpmp: mean gap, %", sum(gaps) / len(gaps), 0.05)
    yield Verdict("cpmp: worst gap, %", max(gaps), 0.25)
    yield Verdict(
        "cpmp: answers that break a rule", sum(bool(a.faults) for i in tried for a in i.attempts), 0
    )
    for title, limit, group in (
        ("SJC", SMALL_SECONDS, small),
        ("others", SECONDS, [i for i in tried if not i.small]),
    ):
        if group:
            yield Verdict(
                f"cpmp: {title}, longest, s", max(a.seconds for i in group for a in i.attempts), limit
            )


def judge_waits(waits: Sequence[Wait]) -> Iterator[Verdict]:
    """The median wait for each kind of answer."""
    for wait in waits:
        yield Verdict(f"{wait.n:,} {wait.what}, ms", wait.milliseconds, wait.at_most)
