"""Our settings, the verdicts and the document of a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.zoning.comparison import Row
from tests.benchmarks.zoning.cpmp import Attempt, Instance, attempt_all, read_instances
from tests.benchmarks.zoning.cpmp_checker import recount
from tests.benchmarks.zoning.metrics import Measures, measure
from tests.benchmarks.zoning.ours import ANY_UP_TO_CAPACITY, zone_parts
from tests.benchmarks.zoning.processes import CHECKOUT
from tests.benchmarks.zoning.promptness import Wait
from tests.benchmarks.zoning.report import (
    cpmp_table,
    surprises,
    verdict_table,
    waits_table,
    workload_table,
    write_json,
)
from tests.benchmarks.zoning.requirements import Findings, judge_cpmp, judge_workload
from tests.benchmarks.zoning.workload import make_workload

GOOD = Measures(
    zones=136,
    unassigned=0,
    over_capacity=0,
    excess_percent=0.0,
    max_deviation_percent=50.0,
    mean_deviation_percent=10.0,
    largest=300,
    smallest=120,
    disconnected=0,
    cross_barrier=3,
    cross_community=2,
    distance_m=74_000.0,
    household_distance_m=1e6,
)
COST = {"seconds": 4.0, "wall_seconds": 4.1, "memory_mb": 200.0}
UNANSWERED = Row("metis", "METIS", 2_000, note="no answer within 300 CPU s")

# Two pairs of points, three and four apart.
TWO_PAIRS = "4 2\n0 0 5 2\n3 0 5 3\n0 10 5 4\n4 10 5 1\n"


@pytest.fixture
def pairs(tmp_path: Path) -> Instance:
    (tmp_path / "SJC_pairs.dat").write_text(TWO_PAIRS)
    (tmp_path / "best_known.json").write_text('{"SJC_pairs": 7.0}')
    return read_instances(tmp_path)[0]


def test_peers_are_pinned():
    lines = (CHECKOUT / "tests/benchmarks/zoning/peers.txt").read_text().splitlines()
    peers = {line for line in lines if line and not line.startswith("#")}
    assert {line for line in peers if not re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?==[0-9.]+", line)} == set()


@pytest.mark.parametrize("trial_moves", [0, 50])
def test_zones_stay_within_their_cells(trial_moves: int):
    workload = make_workload(300)
    wanted = int(np.ceil(np.bincount(workload.cell, weights=workload.households) / 270).sum())
    labels = zone_parts(
        workload, ANY_UP_TO_CAPACITY, wanted, within_cells=True, moves=500, trial_moves=trial_moves
    )
    found = measure(workload, labels)
    assert found.zones == wanted
    assert (found.over_capacity, found.disconnected, found.unassigned) == (0, 0, 0)
    assert (found.cross_barrier, found.cross_community) == (0, 0)


def test_the_checker_counts_by_the_file(pairs: Instance):
    assert recount(pairs.path, [0, 0, 2, 2]) == (7.0, [])
    assert recount(pairs.path, [2, 1, 2, 2])[1] == ["median 2 carries 7.0 of 5"]
    assert recount(pairs.path, [0, 0, 0, 0])[1] == ["median 0 carries 10.0 of 5", "1 medians, 2 wanted"]
    assert recount(pairs.path, [1, 0, 2, 2])[1][:2] == [
        "median 1 serves not itself",
        "median 0 serves not itself",
    ]
    assert recount(pairs.path, [0, 0, 2])[1]
    assert recount(pairs.path, [0, 0, 2, 4])[1]


def test_gap_is_of_the_median_seed(pairs: Instance):
    pairs.attempts += [Attempt(seed, cost, 1.0, ()) for seed, cost in enumerate((7.0, 7.7, 9.0))]
    assert pairs.gap_percent == pytest.approx(10)
    assert not pairs.optimal
    verdicts = {verdict.what: verdict for verdict in judge_cpmp([pairs])}
    assert verdicts["cpmp: worst gap, %"].value == pytest.approx(10)
    assert not verdicts["cpmp: SJC instances not optimal with every seed"].met
    assert verdicts["cpmp: SJC, longest, s"].met


def test_an_impossible_file_is_told_in_words(pairs: Instance):
    pairs.path.write_text(TWO_PAIRS.replace(" 5 ", " 4 "))
    ((_, attempt),) = attempt_all([pairs], 1)
    assert attempt.objective == float("inf")
    assert attempt.faults == ("a demand of 10 in all exceeds the medians' 8",)


def test_below_the_best_known_is_said_only_of_right_answers(pairs: Instance):
    pairs.attempts += [Attempt(1, 6.5, 1.0, ()), Attempt(2, 6.0, 1.0, ("median 0 carries 9 of 5",))]
    wrong, right = surprises([pairs])
    assert wrong == "SJC_pairs, seed 2: median 0 carries 9 of 5"
    assert right.startswith("SJC_pairs, seed 1: 6.5000 is below the best-known 7.00")


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({}, []),
        ({"distance_m": 75_001.0}, ["distance, m"]),
        ({"zones": 137}, ["zones"]),
        ({"over_capacity": 1}, ["rules broken"]),
        ({"disconnected": 1}, ["rules broken"]),
        ({"unassigned": 1}, ["rules broken"]),
    ],
)
def test_limits_beside_figures(changes: dict[str, float], missed: list[str]):
    row = Row("ours", "ours", 2_000, Measures(**{**GOOD.__dict__, **changes}), COST)
    found = [verdict.what.rpartition(": ")[2] for verdict in judge_workload([row]) if not verdict.met]
    assert found == missed


def test_a_share_of_metis_needs_metis():
    ours = Row("ours_as_metis", "ours", 20_000, GOOD, COST)
    metis = Row("metis", "METIS", 20_000, Measures(**{**GOOD.__dict__, "distance_m": 100_000.0}), COST)
    with_metis = {v.what.rpartition(": ")[2]: v for v in judge_workload([ours, metis])}
    assert with_metis["distance, of METIS's"].value == pytest.approx(0.74)
    assert all(verdict.met for verdict in with_metis.values())
    without = {v.what.rpartition(": ")[2]: v for v in judge_workload([ours])}
    assert not without["distance, of METIS's"].met


def test_the_document(pairs: Instance, tmp_path: Path):
    pairs.attempts.append(Attempt(1, float("inf"), 5.0, ("no answer within 75 CPU s",)))
    rows = [Row("ours", "geo-service", 2_000, GOOD, COST), UNANSWERED]
    wait = Wait("first feasible plan", 1_000, 90.0, 120.0, 100)
    write_json(tmp_path / "bench.json", Findings(rows, [pairs], [wait]))
    document = json.loads((tmp_path / "bench.json").read_text())
    (row,) = document["workload"]
    wanted = {
        "engine", "n", "zones", "over_capacity", "max_deviation_percent", "disconnected", "cross_barrier",
        "cross_community", "weighted_distance", "seconds",
    }  # fmt: skip
    assert wanted <= row.keys()
    assert (row["weighted_distance"], row["seconds"], row["memory_mb"]) == (74_000.0, 4.0, 200.0)
    (instance,) = document["cpmp"]
    assert {"instance", "n", "p", "objective", "best_known", "gap_percent", "seconds"} <= instance.keys()
    assert (instance["n"], instance["p"], instance["objective"]) == (4, 2, None)
    assert document["without_answer"] == [{"engine": "METIS", "n": 2_000, "reason": UNANSWERED.note}]
    assert document["promptness"][0]["milliseconds"] == 90.0
    assert {"what": "1,000 first feasible plan, ms", "value": 90.0, "at_most": 100, "met": True} in document[
        "required"
    ]
    assert [path.name for path in tmp_path.glob("bench.json*")] == ["bench.json"]


def test_the_tables_say_why_there_is_no_answer(pairs: Instance):
    pairs.attempts.append(Attempt(1, 7.0, 0.5, ()))
    table = workload_table([Row("ours", "geo-service", 2_000, GOOD, COST), UNANSWERED])
    assert "74,000" in table
    assert UNANSWERED.note in table
    assert "0.000" in cpmp_table([pairs])
    wait = Wait("first feasible plan", 1_000, 120.0, 130.0, 100)
    assert "120.0" in waits_table([wait])
    assert verdict_table(Findings(waits=[wait]).verdicts()).endswith("missed")
