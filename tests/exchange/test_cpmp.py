"""Instance files of the capacitated p-median problem: what is read, and what is refused at which line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_service.errors import InvalidInput
from geo_service.exchange.cpmp import read_cpmp

# Two pairs of points, three and four apart, ten metres from one another.
TWO_PAIRS = "4 2\n0 0 5 2\n3 0 5 3\n0 10 5 4\n4 10 5 1\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "pairs.dat"
    path.write_bytes(text.encode())
    return path


def test_the_numbers_of_a_file(tmp_path: Path):
    instance = read_cpmp(write(tmp_path, TWO_PAIRS))
    assert (instance.name, instance.capacity, instance.medians) == ("pairs", 5, 2)
    assert instance.positions.tolist() == [[0, 0], [3, 0], [0, 10], [4, 10]]
    assert instance.loads.tolist() == [2, 3, 4, 1]


@pytest.mark.parametrize(
    "text",
    [
        TWO_PAIRS.replace("\n", "\r\n"),
        TWO_PAIRS.replace(" ", "\t\t").replace("4\t\t2\n", "4\t\t2\t\t\n"),
        "\ufeff\n" + TWO_PAIRS.replace("\n", "\n\n"),
        TWO_PAIRS.replace(" ", ", "),
        TWO_PAIRS.replace(" ", ";").removesuffix("\n"),
        TWO_PAIRS.replace("3 0 5 3", "  3.0 0e0 5.00 +3"),
    ],
)
def test_ways_of_writing_the_same_file(tmp_path: Path, text: str):
    instance, plain = read_cpmp(write(tmp_path, text)), read_cpmp(write(tmp_path, TWO_PAIRS))
    assert np.array_equal(instance.positions, plain.positions)
    assert np.array_equal(instance.loads, plain.loads)
    assert (instance.capacity, instance.medians) == (plain.capacity, plain.medians)


def test_decimals_of_loads_become_whole(tmp_path: Path):
    instance = read_cpmp(write(tmp_path, "2 1\n0.5 0.25 2.5 1.25\n1 1 2.5 1\n"))
    assert (instance.capacity, instance.loads.tolist()) == (250, [125, 100])
    assert instance.positions[0].tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("\n\n", 1, "head_unreadable"),
        ("four 2\n", 1, "head_unreadable"),
        ("4 2 7\n", 1, "head_unreadable"),
        ("-4 2\n", 1, "head_unreadable"),
        ("4 5\n0 0 1 1\n", 1, "medians_absurd"),
        ("4 0\n0 0 1 1\n", 1, "medians_absurd"),
        ("2 1\n0 0 5 2\n", 2, "points_miscounted"),
        ("2 1\n", 1, "points_miscounted"),
        ("1 1\n0 0 5 2\n\n0 0 5 2\n", 4, "points_miscounted"),
        ("2 1\n0 0 5 2\n0 0 5\n", 3, "point_unreadable"),
        ("2 1\n0 0 5 2\n\n0 0 5 2 9\n", 4, "point_unreadable"),
        ("1 1\n0 x 5 2\n", 2, "point_unreadable"),
        ("1 1\n0 nan 5 2\n", 2, "point_unreadable"),
        ("1 1\n0 inf 5 2\n", 2, "point_unreadable"),
        ("1 1\n0 0 5 1e999999999\n", 2, "point_unreadable"),
        ("1 1\n0 0 0 2\n", 2, "load_unusable"),
        ("1 1\n0 0 5 -2\n", 2, "load_unusable"),
        ("1 1\n0 0 5 1e-999999999\n", 2, "point_unreadable"),
        ("1 1\n0 0 5 1.0000001\n", 2, "load_unusable"),
        ("2 1\n0 0 5 2\n0 0 6 2\n", 3, "capacities_differ"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, line: int, key: str):
    with pytest.raises(InvalidInput) as refusal:
        read_cpmp(write(tmp_path, text))
    assert (refusal.value.where, refusal.value.key) == (f"pairs.dat:{line}", f"cpmp.{key}")
    assert all(refusal.value.what(language) and refusal.value.mend(language) for language in ("zh", "en"))


@pytest.mark.parametrize(("name", "key"), [("", "is_folder"), ("none.dat", "file_missing")])
def test_no_file(tmp_path: Path, name: str, key: str):
    with pytest.raises(InvalidInput) as refusal:
        read_cpmp(tmp_path / name)
    assert refusal.value.key == f"import.{key}"


def test_bytes_that_are_no_text(tmp_path: Path):
    path = tmp_path / "noise.dat"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(InvalidInput):
        read_cpmp(path)


def test_cost_and_feasibility_by_hand(tmp_path: Path):
    instance = read_cpmp(write(tmp_path, TWO_PAIRS))
    assert instance.cost(np.array([0, 0, 2, 2])) == 3 + 4
    assert instance.is_feasible(np.array([0, 0, 2, 2]))
    overloaded = np.array([2, 1, 2, 2])
    assert not instance.is_feasible(overloaded)
    one_median = np.array([0, 0, 0, 0])
    assert not instance.is_feasible(one_median)
    median_served_elsewhere = np.array([1, 0, 2, 2])
    assert not instance.is_feasible(median_served_elsewhere)


@pytest.mark.shared_data
def test_every_shared_instance_is_read(shared_data: Path):
    for path in [*(shared_data / "cpmp").glob("*.dat"), *(shared_data / "cpmp").glob("*.txt")]:
        instance = read_cpmp(path)
        assert instance.loads.sum() <= instance.medians * instance.capacity, path.name
