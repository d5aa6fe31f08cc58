"""``bench cpmp``: the answer is judged by the file's numbers, whatever the search says of it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.cli.conftest import Cli

# Two pairs of points, three and four apart, ten metres from one another.
TWO_PAIRS = "4 2\n0 0 5 2\n3 0 5 3\n0 10 5 4\n4 10 5 1\n"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A file whose only good answer is its two pairs."""
    path = tmp_path / "pairs.dat"
    path.write_text(TWO_PAIRS)
    return path


def answer_with(monkeypatch: pytest.MonkeyPatch, labels: list[int], medoids: list[int]) -> None:
    """Let the search answer this, once it is asked for more than the warm-up."""
    result = SimpleNamespace(labels=np.array(labels), medoids=np.array(medoids))
    stub = SimpleNamespace(solve_p_median=lambda *_, **__: result)
    monkeypatch.setitem(sys.modules, "geo_service.planning.zoning.p_median", stub)


def test_one_document(cli: Cli, instance: Path, monkeypatch):
    answer_with(monkeypatch, [1, 1, 0, 0], [2, 0])
    run = cli("bench", "cpmp", instance, "--seconds", 1, "--seed", 3, "--json")
    document = run.document()
    assert run.code == 0
    assert document.pop("seconds") >= 0
    assert document == {
        "instance": "pairs",
        "n": 4,
        "p": 2,
        "objective": 7.0,
        "seed": 3,
        "feasible": True,
        "assignment": [0, 0, 2, 2],
        "medians": [0, 2],
    }


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        (TWO_PAIRS, 7.0),
        ("1 1\n0 0 5 5\n", 0.0),
        ("3 3\n0 0 5 2\n9 0 5 2\n0 9 5 2\n", 0.0),
        ("4 2\n1 1 4 2\n1 1 4 2\n1 1 4 2\n1 1 4 2\n", 0.0),
        # the two that are nearest are too heavy together
        ("3 2\n0 0 5 3\n1 0 5 3\n3 0 5 1\n", 2.0),
    ],
)
def test_the_search_itself(cli: Cli, instance: Path, text: str, objective: float):
    instance.write_text(text)
    run = cli("bench", "cpmp", instance, "--seconds", 0.2, "--json")
    assert run.code == 0, run.err
    assert run.document()["objective"] == pytest.approx(objective)


def test_an_overloaded_answer_is_called_infeasible(cli: Cli, instance: Path, monkeypatch):
    answer_with(monkeypatch, [0, 1, 0, 0], [2, 1])
    run = cli("bench", "cpmp", instance, "--seconds", 1, "--json")
    assert (run.code, run.document()["feasible"]) == (3, False)


def test_words_for_people(cli: Cli, instance: Path, monkeypatch):
    answer_with(monkeypatch, [0, 0, 1, 1], [0, 2])
    run = cli("bench", "cpmp", instance, "--seconds", 1)
    assert run.code == 0
    assert "7.00" in run.out
    assert "可行" in run.out


@pytest.mark.parametrize(
    ("text", "code", "key", "where"),
    [
        ("2 1\n0 0 5 2\n0 0 5 two\n", 2, "cpmp.point_unreadable", "pairs.dat:3"),
        ("2 1\n0 0 5 3\n0 0 5 3\n", 3, "cpmp.too_little_room", "pairs"),
        ("2 2\n0 0 5 6\n0 0 5 3\n", 3, "cpmp.point_too_heavy", "pairs"),
    ],
)
def test_bad_and_impossible_files(cli: Cli, instance: Path, text: str, code: int, key: str, where: str):
    instance.write_text(text)
    run = cli("bench", "cpmp", instance, "--json")
    error = run.document()["error"]
    assert (run.code, error["key"], error["where"]) == (code, key, where)
    assert "Traceback" not in run.err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_time_to_search_is_positive(cli: Cli, instance: Path, seconds: str):
    run = cli("bench", "cpmp", instance, f"--seconds={seconds}", "--json")
    assert (run.code, run.document()["error"]["key"]) == (2, "cpmp.no_seconds")
