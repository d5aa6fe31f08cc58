"""Engines alone in their processes: what they print comes back, and why one gives no answer is said."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.zoning.processes import Limits, NoAnswer, run_alone

AMPLE = Limits(cpu_seconds=60, memory_gb=4)


def python(script: str, limits: Limits = AMPLE, **variables: str) -> str:
    return run_alone([sys.executable, "-c", script], limits, variables)


def test_what_it_prints():
    script = "import os; print(os.environ['BENCH_X'], os.environ['OMP_NUM_THREADS'])"
    assert python(script, BENCH_X="given") == "given 1\n"


def test_other_exit_codes_than_zero_may_be_accepted():
    script = "import sys; print('overloaded'); sys.exit(3)"
    assert run_alone([sys.executable, "-c", script], AMPLE, {}, (0, 3)) == "overloaded\n"


@pytest.mark.parametrize(
    ("script", "limits", "reason"),
    [
        ("import nothing_of_that_name", AMPLE, "No module named 'nothing_of_that_name'"),
        ("import sys; sys.exit(4)", AMPLE, "exit code 4"),
        ("while True: pass", Limits(cpu_seconds=1, memory_gb=4), "no answer within 1 CPU s"),
        ("import time; time.sleep(600)", Limits(60, memory_gb=4, wall_seconds=1), "no answer within 1 s"),
        ("bytearray(2 << 30)", Limits(cpu_seconds=60, memory_gb=1), "more than 1 GB of memory needed"),
    ],
)
def test_why_there_is_no_answer(script: str, limits: Limits, reason: str):
    with pytest.raises(NoAnswer, match=reason):
        python(script, limits)
