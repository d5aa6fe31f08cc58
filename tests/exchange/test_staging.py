"""Files appear under their final names all together, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.errors import InvalidInput
from geo_service.exchange.exports.staging import staged


def _write(folder: Path, *names: str) -> None:
    with staged(folder) as scratch:
        for name in names:
            (scratch / name).write_text("after")


def test_all_files_are_replaced_together(tmp_path: Path) -> None:
    for name in ("town.gpkg", "town.qgz", "other.txt"):
        (tmp_path / name).write_text("before")

    _write(tmp_path, "town.gpkg", "town.qgz")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "town.gpkg": "after",
        "town.qgz": "after",
        "other.txt": "before",
    }


def test_where_one_cannot_be_replaced_none_is(tmp_path: Path) -> None:
    """A folder of the name of the second file stands in the way."""
    (tmp_path / "town.gpkg").write_text("before")
    (tmp_path / "town.qgz").mkdir()

    with pytest.raises(InvalidInput) as refused:
        _write(tmp_path, "a-new-one.txt", "town.gpkg", "town.qgz")

    assert refused.value.key == "export.folder_in_the_way"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["town.gpkg", "town.qgz"]
    assert (tmp_path / "town.gpkg").read_text() == "before"


def test_a_package_that_another_program_has_open_is_left_alone(tmp_path: Path) -> None:
    """QGIS writes what it changes into a log beside the file as long as it has it open."""
    (tmp_path / "town.gpkg").write_text("before")
    (tmp_path / "town.gpkg-wal").write_text("log")

    with pytest.raises(InvalidInput) as refused:
        _write(tmp_path, "town.gpkg", "town.qgz")

    assert refused.value.key == "qgis_project.file_in_use"
    assert (tmp_path / "town.gpkg").read_text() == "before"
    assert not (tmp_path / "town.qgz").exists()
