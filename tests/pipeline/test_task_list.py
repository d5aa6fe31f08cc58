"""The task list in the ledger's workbook: each task with its state, what is asked of it, and who answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline import ImportOptions, import_file
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.pipeline.policies import use_profile
from geo_service.pipeline.responsibilities import assign_responsible, register_responsible
from tests.county import CODE, County

YEAR_END = date(2018, 12, 31)


def compound(town: str, code: str, **cells: Any) -> dict[str, Any]:
    community = County.community(town, "001")
    return {"社区": community, "小区编码": code, "小区名称": f"{code}小区", "户数": 100} | cells


def test_tasks_stand_on_a_sheet_of_their_own(engine: Engine, tmp_path: Path) -> None:
    county = County(engine, tmp_path, {"01": ["001"], "02": ["001"]})
    use_profile(engine, LOCAL_ADMIN, key="zhengzhou_etdz_2018")
    task = {"是否列入任务清单": "是"}
    done = {"管理提升是否完成": "是", "是否成立业主委员会": "否"}
    served = {"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": date(2018, 8, 1)}
    county.ledger(
        [
            compound("01", "C1", 责任单位="县一中", **task, **done, **served),
            compound("01", "C2", 是否列入任务清单="否"),
            compound("02", "C3", **task),
            compound("02", "C4"),
        ],
        as_of=YEAR_END,
    )
    register_responsible(engine, LOCAL_ADMIN, code="R1", name="管委会物业办", area_code=CODE)
    assign_responsible(engine, LOCAL_ADMIN, unit_code="C3", code="R1")

    path = tmp_path / "out.xlsx"
    report = export_ledger(engine, LOCAL_ADMIN, area_code=CODE, on=YEAR_END, out=path)
    assert (report.tasks, sum(report.sheets.values())) == (2, 4)
    book = load_workbook(path)
    assert book.sheetnames == ["第01镇001社区", "第02镇001社区", "任务清单"]
    # 30 % are asked for by the end of 2018, of both things
    asked = ["管理提升（2018-12-31 前 30%）", "业主委员会成立（2018-12-31 前 30%）"]
    about = ["任务单元编码", "所属镇街", "所属社区", "单元名称", "管理形式", "当前进展"]
    assert [list(row) for row in book["任务清单"].iter_rows(values_only=True)] == [
        [*about, *asked, "承担单位"],
        ["C1", "第01镇", "第01镇001社区", "C1小区", "专业化物业", "已进驻", "已完成", "未完成", "县一中"],
        ["C3", "第02镇", "第02镇001社区", "C3小区", None, None, "不详", "不详", "管委会物业办"],
    ]

    again = import_file(engine, LOCAL_ADMIN, kind="ledger", path=path, options=ImportOptions(as_of=YEAR_END))
    assert (again.rows, again.unchanged, again.findings) == (4, 4, ())


def test_without_tasks_there_is_no_such_sheet(engine: Engine, tmp_path: Path) -> None:
    county = County(engine, tmp_path, {"01": ["001"]})
    county.ledger([compound("01", "C1")])
    path = tmp_path / "out.xlsx"
    assert export_ledger(engine, LOCAL_ADMIN, area_code=CODE, on=YEAR_END, out=path).tasks == 0
    assert load_workbook(path).sheetnames == ["第01镇001社区"]
