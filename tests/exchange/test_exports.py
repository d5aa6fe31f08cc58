"""The writers alone: names that fit, sheets that open, errors that keep their meaning."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InvalidInput, NotFound
from geo_service.exchange.exports.shapefile import short_names
from geo_service.exchange.exports.staging import staged
from geo_service.exchange.exports.table import ExportField, ExportTable
from geo_service.exchange.exports.vector import write_geopackage
from geo_service.exchange.exports.workbook import write_workbook

WORDS = {"total": "合计", "yes": "是", "no": "否"}
_identifiers = st.text(string.ascii_lowercase + "_", min_size=1, max_size=30)


@given(st.lists(_identifiers, unique=True, max_size=60))
def test_short_names_fit_a_dbase_table_and_stay_apart(names: list[str]) -> None:
    short = short_names(names)

    assert len(set(short)) == len(names)
    assert all(0 < len(name) <= 10 for name in short)


def _table(title: str, rows: list, *fields: ExportField) -> ExportTable:
    return ExportTable("layer", title, "", fields, "Unknown", 4490, lambda: iter([rows]))


def test_sheets_of_the_same_title_and_odd_signs_open(tmp_path: Path) -> None:
    field = ExportField("name", "名称", "text")
    tables = [_table("片区/2024: 全部?", [("a\x01b",)], field) for _ in range(2)]
    write_workbook(tmp_path / "out.xlsx", tables, words=WORDS)

    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert len(set(book.sheetnames)) == 2
    assert [sheet["A2"].value for sheet in book] == ["ab", "ab"]


def test_a_rate_over_nothing_stays_empty(tmp_path: Path) -> None:
    fields = (
        ExportField("name", "名称", "text"),
        ExportField("covered", "已覆盖", "integer", total=True),
        ExportField("units", "总数", "integer", total=True),
        ExportField("rate", "率", "number", ratio=("covered", "units")),
    )
    write_workbook(tmp_path / "out.xlsx", [_table("表", [("甲", 0, 0, None)], *fields)], words=WORDS)

    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["表"]
    assert [cell.value for cell in sheet[3]] == ["合计", 0, 0, None]


def test_an_error_while_reading_is_the_error_that_is_told(tmp_path: Path) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"name": ["a"], "geom": pa.array([None], pa.binary())})
        raise NotFound("area.unknown", code="x")

    table = ExportTable(
        "t", "t", "", (ExportField("name", "n", "text"),), "Point", 4490, lambda: iter(()), broken
    )
    with pytest.raises(NotFound):
        write_geopackage(tmp_path / "out.gpkg", [table])


def _half_written(folder: Path) -> None:
    with staged(folder) as scratch:
        (scratch / "a").write_text("a")
        raise InvalidInput("export.no_layers", known="")


def test_staged_files_appear_together_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        _half_written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []

    with staged(tmp_path / "out") as scratch:
        (scratch / "a").write_text("a")
        (scratch / "b").write_text("b")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b"]
