"""Engines run one after the other, each in a process of its own, on one core, within limits."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class NoAnswer(Exception):
    """An engine gave no answer; the sentence says why."""


@dataclass(frozen=True)
class Limits:
    """What one engine may use.

    Parameters
    ----------
    cpu_seconds : int
    memory_gb : int
        Of address space.
    wall_seconds : int
        For a process that sleeps, or waits for a server, and uses no CPU time.
    """

    cpu_seconds: int
    memory_gb: int
    wall_seconds: int = 1_800


def run_alone(
    command: Sequence[object],
    limits: Limits,
    environment: Mapping[str, str],
    accepted: Sequence[int] = (0,),
) -> str:
    """Run a command and return what it printed, if its exit code is one of those ``accepted``.

    Raises
    ------
    NoAnswer
        When it fails or goes over a limit.
    """
    words = [str(part) for part in command]
    variables = {**os.environ, **ONE_THREAD, **environment}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            words,
            stdout=output, stderr=errors, cwd=CHECKOUT, env=variables, start_new_session=True,
            preexec_fn=lambda: _keep_within(limits),
        )  # fmt: skip
        try:
            process.wait(limits.wall_seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise NoAnswer(f"no answer within {limits.wall_seconds} s") from error
            raise
        output.seek(0)
        errors.seek(0)
        if process.returncode not in accepted:
            raise NoAnswer(_reason(process.returncode, errors.read(), limits))
        return output.read()


def _keep_within(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_gb << 30, limits.memory_gb << 30))


def _reason(code: int, errors: str, limits: Limits) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"no answer within {limits.cpu_seconds} CPU s"
    last = next((line for line in reversed(errors.splitlines()) if line.strip()), f"exit code {code}")
    if "MemoryError" in last or "bad_alloc" in last:
        return f"more than {limits.memory_gb} GB of memory needed"
    return last.strip()[:200]
