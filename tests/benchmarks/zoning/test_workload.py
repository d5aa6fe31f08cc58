"""The workload is the one that the published figures were measured on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.zoning.workload import Workload, make_workload

# Of the arrays that the generator of the published comparison makes with seed 7, in whole micrometres.
PUBLISHED = {
    2_000: "b56319311cf9b5a96dbd22d39c89ebcf",
    20_000: "3fa831b5f26fd8acd5f2ce492af516fb",
}


def checksum(workload: Workload) -> str:
    """Of everything an engine or a measure looks at."""
    micrometres = np.round(workload.positions_m * 1e6)
    digest = hashlib.sha256()
    for array in (micrometres, workload.households, workload.side, workload.community, workload.cell):
        digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()[:32]


@pytest.mark.parametrize("buildings", PUBLISHED)
def test_the_published_workload(buildings: int):
    workload = make_workload(buildings)
    assert workload.buildings == buildings
    assert checksum(workload) == PUBLISHED[buildings]


def test_another_seed_is_another_quarter():
    assert checksum(make_workload(500, seed=8)) != checksum(make_workload(500))


def test_a_cell_is_one_side_of_one_community():
    workload = make_workload(500)
    pairs = np.stack([workload.side, workload.community], axis=1)
    cells = [np.unique(pairs[workload.cell == cell], axis=0) for cell in np.unique(workload.cell)]
    assert all(len(cell) == 1 for cell in cells)
    assert len(cells) == len(np.unique(pairs, axis=0))


def test_what_is_saved_is_read(tmp_path: Path):
    workload = make_workload(200)
    workload.save(tmp_path / "workload.npz")
    assert checksum(Workload.load(tmp_path / "workload.npz")) == checksum(workload)
