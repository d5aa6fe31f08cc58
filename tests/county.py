"""A county of compounds made through the public verbs: areas from a GeoPackage, units from plain ledgers.

>>> county = County(engine, tmp_path, {"01": ["001", "002"], "02": ["001"]})
>>> county.ledger([{"社区": county.community("01", "001"), "小区编码": "C1", "小区名称": "甲", "户数": 100}])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas
from openpyxl import Workbook
from shapely import box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportReport
from geo_service.pipeline.import_report import ImportOptions
from geo_service.pipeline.imports import import_file

CODE = "990100000000"
_WEST, _SOUTH, _SIDE = 111.0, 34.0, 0.01


class County:
    """Sub-districts ``9901<two digits>000000`` and communities ``9901<two><three digits>000``."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        subdistricts: Mapping[str, Sequence[str]],
        *,
        civilized: Mapping[str, str] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        """Make the areas.

        Parameters
        ----------
        civilized : mapping of town to 是 or 否, optional
        kinds : mapping of town to its level as a file may say it, optional
            街道 by default.
        """
        levels = {town: (kinds or {}).get(town, "街道") for town in subdistricts}
        self.engine = engine
        self.folder = folder
        rows: list[tuple[str, str, str, str | None, Any]] = []
        west = _WEST
        for town, communities in subdistricts.items():
            first = west
            for community in communities:
                shape = box(west, _SOUTH, west + _SIDE, _SOUTH + _SIDE)
                code = self.community(town, community)
                rows.append((code, f"第{town}镇{community}社区", "社区", self.town(town), shape))
                west += _SIDE
            shape = box(first, _SOUTH, west, _SOUTH + _SIDE)
            rows.append((self.town(town), f"第{town}镇", levels[town], CODE, shape))
        rows.append((CODE, "县", "县", None, box(_WEST, _SOUTH, west, _SOUTH + _SIDE)))
        frame = geopandas.GeoDataFrame(
            {
                "code": [row[0] for row in rows],
                "name": [row[1] for row in rows],
                "kind": [row[2] for row in rows],
                "parent_code": [row[3] for row in rows],
                "是否文明单位": [
                    (civilized or {}).get(row[0][4:6]) if row[3] == CODE else None for row in rows
                ],
            },
            geometry=[row[4] for row in rows],
            crs=4490,
        )
        path = folder / "areas.gpkg"
        frame.to_file(path)
        report = import_file(engine, LOCAL_ADMIN, kind="areas", path=path)
        assert report.rejected == 0, report.findings

    @staticmethod
    def town(town: str) -> str:
        return f"9901{town}000000"

    @staticmethod
    def community(town: str, community: str) -> str:
        return f"9901{town}{community}000"

    def ledger(
        self, rows: Sequence[Mapping[str, Any]], *, as_of: date | None = None, name: str = "ledger.xlsx"
    ) -> ImportReport:
        """Import rows by header as a workbook of one sheet, whose every row must be accepted."""
        headers = list(dict.fromkeys(header for row in rows for header in row))
        book = Workbook()
        book.active.append(headers)
        for row in rows:
            book.active.append([row.get(header) for header in headers])
        path = self.folder / name
        book.save(path)
        report = import_file(
            self.engine, LOCAL_ADMIN, kind="ledger", path=path, options=ImportOptions(as_of=as_of)
        )
        assert report.rejected == 0, report.findings
        return report

    def moment(self) -> datetime:
        """Now, by the clock that says when something came to be known."""
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one()
