"""The ledger workbook, laid out as a county fills it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from openpyxl import Workbook
from shapely import box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import InvalidInput
from geo_service.pipeline import ImportOptions, ImportReport, import_file
from geo_service.store.session import transaction

WEST, EAST = "990101001000", "990101002000"
PLAIN = ["序号", "镇（街道）", "社区", "小区编码", "小区名称", "坐落"]
CLASSES = ["A 单位家属楼院", "B 一般小区", "C 单栋楼院"]
COUNTS = ["楼栋数", "户数", "建筑面积（㎡）", "建成年份"]
FORMS = ["专业化物业", "简易物业", "责任单位管理", "业主自管", "流动物业"]
LAST = ["进展", "进驻日期", "是否成立业主委员会", "是否建立住宅专项维修资金制度", "备注"]
FIRST_ROW = 4


def unit(code: str, **cells: Any) -> dict[str, Any]:
    """One ledger row by header; a class B compound of WEST with 100 households unless said otherwise."""
    return {
        "社区": "西社区",
        "小区编码": code,
        "小区名称": f"{code} 小区",
        "户数": 100,
        "B 一般小区": "√",
    } | cells


def standalone(code: str, **cells: Any) -> dict[str, Any]:
    return unit(code) | {"B 一般小区": None, "C 单栋楼院": "√"} | cells


def write_ledger(path: Path, units: Sequence[dict[str, Any]], *, merge_communities: bool = False) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "说明"
    sheet["A1"] = "填报说明"
    sheet = book.create_sheet("台账")
    headers = [*PLAIN, *CLASSES, *COUNTS, *FORMS, *LAST]
    sheet["A1"] = "住宅小区基本情况台账"
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(headers))
    groups = {
        len(PLAIN) + 1: ("实施分类", CLASSES),
        len(PLAIN + CLASSES + COUNTS) + 1: ("物业管理类型", FORMS),
    }
    for first, (title, columns) in groups.items():
        sheet.cell(2, first, title)
        sheet.merge_cells(start_row=2, end_row=2, start_column=first, end_column=first + len(columns) - 1)
    for column, header in enumerate(headers, 1):
        if header in CLASSES + FORMS:
            sheet.cell(3, column, header)
        else:
            sheet.cell(2, column, header)
            sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    for row, cells in enumerate(units, FIRST_ROW):
        for column, header in enumerate(headers, 1):
            sheet.cell(row, column, cells.get(header))
    last = FIRST_ROW + len(units)
    if merge_communities:
        sheet.merge_cells(start_row=FIRST_ROW, end_row=last - 1, start_column=3, end_column=3)
    sheet.cell(last, 1, "合　计")
    sheet.cell(last, headers.index("户数") + 1, sum(100 for _ in units))
    sheet.cell(last + 1, 1, "填写人：")
    sheet.cell(last + 1, 5, "联系电话：0379-60000000")
    book.save(path)
    return path


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Engine:
    """WEST and EAST, the compound C1 and the standalone building B1 of WEST, B2 inside C1."""

    def take(kind: str, columns: dict[str, Any], shapes: list[Any]) -> None:
        path = tmp_path / f"{kind}.gpkg"
        geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path)
        import_file(engine, LOCAL_ADMIN, kind=kind, path=path)

    areas = {"code": [WEST, EAST], "name": ["西社区", "东社区"], "kind": ["社区"] * 2}
    take("areas", areas, [box(111.00, 34.00, 111.01, 34.01), box(111.01, 34.00, 111.02, 34.01)])
    take(
        "compounds",
        {"code": ["C1"], "name": ["C1 小区"], "户数": [100]},
        [box(111.001, 34.001, 111.003, 34.003)],
    )
    shapes = [box(111.005, 34.005, 111.0052, 34.0052), box(111.001, 34.001, 111.0012, 34.0012)]
    take("buildings", {"code": ["B1", "B2"], "compound_code": [None, "C1"], "户数": [32, 40]}, shapes)
    return engine


def take(engine: Engine, path: Path, actor: Actor = LOCAL_ADMIN, **options: Any) -> ImportReport:
    return import_file(engine, actor, kind="ledger", path=path, options=ImportOptions(**options))


def said(report: ImportReport, severity: str) -> list[tuple[int | None, str, str]]:
    return [(f.row, f.field, f.key) for f in report.findings if f.severity == severity]


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_a_ledger_updates_the_units_of_the_map_and_adds_the_others(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(
        tmp_path / "l.xlsx",
        [
            unit(
                "C1", 户数="１００", 楼栋数=4, 坐落="一号路", **{"建筑面积（㎡）": 9000.5, "建成年份": 1998}
            ),
            unit("C2", 社区="东社区", 户数="约120户"),
            standalone("B1", 户数=32),
        ],
    )
    report = take(world, path)
    assert (report.rows, report.inserted, report.updated, report.rejected) == (3, 1, 2, 0)
    assert said(report, "warning") == [
        (None, "layer", "import.sheet_unread"),
        (5, "household_count", "import.number_guessed"),
        (5, "code", "import.no_location"),
    ]
    assert rows(
        world,
        "SELECT code, community_code, household_count, building_count, floor_area_m2, built_year, address,"
        " implementation_class, geom IS NULL, source_row FROM compound ORDER BY code",
    ) == [
        ("C1", WEST, 100, 4, 9000.5, 1998, "一号路", "B", False, 4),
        ("C2", EAST, 120, None, None, None, None, "B", True, 5),
    ]
    assert rows(world, "SELECT implementation_class, household_count FROM building WHERE code = 'B1'") == [
        ("C", 32)
    ]


def test_the_same_ledger_again_changes_nothing(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(
        tmp_path / "l.xlsx", [unit("C1", 简易物业="√", 进展="计划"), standalone("B1", 户数=32)]
    )
    take(world, path)
    trail = rows(world, "SELECT count(*) FROM audit")
    again = take(world, path)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)
    assert rows(world, "SELECT count(*) FROM audit") == trail


def test_empty_cells_say_nothing(world: Engine, tmp_path: Path) -> None:
    take(world, write_ledger(tmp_path / "a.xlsx", [unit("C1", 坐落="一号路", 楼栋数=4)]))
    report = take(world, write_ledger(tmp_path / "b.xlsx", [unit("C1", 户数=None)]))
    assert report.unchanged == 1
    assert rows(world, "SELECT address, building_count, household_count FROM compound") == [
        ("一号路", 4, 100)
    ]


def test_rows_that_fit_nothing_are_rejected_by_worksheet_row(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(
        tmp_path / "l.xlsx",
        [
            unit("C2", 社区="南社区"),
            standalone("B9"),
            standalone("B2"),
            unit("C3", 户数=-1),
            unit("C4", 进驻日期="六月"),
            unit("C5", **{"A 单位家属楼院": "√"}),
            unit("C6", 简易物业="也许"),
            unit("C1"),
            unit("C1"),
            unit(""),
        ],
    )
    assert sorted(said(take(world, path), "rejected")) == [
        (4, "community", "import.community_unknown"),
        (5, "code", "import.building_unknown"),
        (6, "code", "import.building_in_compound"),
        (7, "household_count", "import.negative"),
        (8, "service_from", "import.not_a_date"),
        (9, "implementation_class", "import.several_classes"),
        (10, "management_types", "import.not_a_tick"),
        (12, "code", "import.code_repeated"),
        (13, "code", "import.value_missing"),
    ]
    assert rows(world, "SELECT code FROM compound") == [("C1",)]


def test_what_contradicts_the_map_is_said(world: Engine, tmp_path: Path) -> None:
    report = take(world, write_ledger(tmp_path / "l.xlsx", [unit("C1", 户数=90, 社区="东社区")]))
    assert sorted(said(report, "warning"), key=lambda each: each[1]) == [
        (4, "community", "import.community_differs_from_map"),
        (4, "household_count", "import.households_differ"),
        (None, "layer", "import.sheet_unread"),
    ]
    assert rows(world, "SELECT community_code, household_count FROM compound") == [(WEST, 90)]


def test_merged_communities_reach_all_their_rows(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "l.xlsx", [unit("C1"), unit("C2", 社区=None)], merge_communities=True)
    assert take(world, path).rejected == 0
    assert rows(world, "SELECT community_code FROM compound WHERE code = 'C2'") == [(WEST,)]


ARRANGEMENTS = (
    "SELECT unit_code, form, step, lower(valid), upper(valid), upper_inf(recorded) FROM arrangement"
    " ORDER BY id"
)


def test_forms_and_steps_become_arrangements(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(
        tmp_path / "l.xlsx",
        [
            unit("C1", 专业化物业="√", 简易物业="1", 进展="已进驻", 进驻日期="2024年6月15日"),
            standalone("B1", 户数=32, 流动物业="是"),
            unit("C2", 进展="计划"),
            unit("C3", 简易物业="√", 进展="已验收"),
        ],
    )
    report = take(world, path)
    [(today,)] = rows(world, "SELECT current_date")
    assert rows(world, ARRANGEMENTS) == [
        ("C1", "professional", "in_service", date(2024, 6, 15), None, True),
        ("B1", "roving", "planned", today, None, True),
        ("C3", "basic", "accepted", today, None, True),
    ]
    assert {(row, key) for row, _, key in said(report, "warning")} >= {
        (4, "import.several_forms"),
        (6, "import.step_without_form"),
        (7, "import.service_undated"),
    }


def test_a_changed_arrangement_closes_the_earlier_record(world: Engine, tmp_path: Path) -> None:
    planned = unit("C1", 简易物业="√", 进展="已落实", 进驻日期=date(2024, 3, 1))
    served = unit("C1", 简易物业="√", 进展="已进驻", 进驻日期=date(2024, 6, 15))
    take(world, write_ledger(tmp_path / "a.xlsx", [planned]))
    report = take(world, write_ledger(tmp_path / "b.xlsx", [served]))
    assert report.updated == 1
    assert rows(world, ARRANGEMENTS) == [
        ("C1", "basic", "assigned", date(2024, 3, 1), None, False),
        ("C1", "basic", "assigned", date(2024, 3, 1), date(2024, 6, 15), True),
        ("C1", "basic", "in_service", date(2024, 6, 15), None, True),
    ]


def test_a_corrected_date_does_not_keep_the_wrong_one_alive(world: Engine, tmp_path: Path) -> None:
    wrong = unit("C1", 简易物业="√", 进展="已进驻", 进驻日期="2024.6.1")
    right = unit("C1", 简易物业="√", 进展="已进驻", 进驻日期="2024.6.15")
    take(world, write_ledger(tmp_path / "a.xlsx", [wrong]))
    take(world, write_ledger(tmp_path / "b.xlsx", [right]))
    assert rows(world, ARRANGEMENTS) == [
        ("C1", "basic", "in_service", date(2024, 6, 1), None, False),
        ("C1", "basic", "in_service", date(2024, 6, 15), None, True),
    ]


def test_an_earlier_date_replaces_the_later_one(world: Engine, tmp_path: Path) -> None:
    for name, day in (("a", "2024-06-15"), ("b", "2024-05-01")):
        take(
            world,
            write_ledger(tmp_path / f"{name}.xlsx", [unit("C1", 简易物业="√", 进展="已进驻", 进驻日期=day)]),
        )
    current = [row for row in rows(world, ARRANGEMENTS) if row[-1]]
    assert current == [("C1", "basic", "in_service", date(2024, 5, 1), None, True)]


def test_dry_run_and_strict_write_nothing(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "l.xlsx", [unit("C2", 简易物业="√"), unit("C3", 户数=-1)])
    rehearsal = take(world, path, dry_run=True)
    with pytest.raises(InvalidInput):
        take(world, path, strict=True)
    assert rows(world, "SELECT (SELECT count(*) FROM compound), (SELECT count(*) FROM arrangement)") == [
        (1, 0)
    ]
    assert rehearsal.as_json() | {"dry_run": False} == take(world, path).as_json()


def test_a_planner_records_only_units_of_the_scope(world: Engine, tmp_path: Path) -> None:
    path = write_ledger(
        tmp_path / "l.xlsx", [unit("C1", 社区="东社区"), unit("C2"), unit("C3", 社区="东社区")]
    )
    report = take(world, path, Actor("east", Role.PLANNER, EAST))
    assert {(row, key) for row, _, key in said(report, "rejected")} == {
        (4, "import.code_elsewhere"),
        (5, "import.community_unknown"),
    }
    assert rows(world, "SELECT code, community_code FROM compound ORDER BY code") == [
        ("C1", WEST),
        ("C3", EAST),
    ]


def test_workbooks_without_a_ledger_are_refused(world: Engine, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["姓名", "电话"])
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "fake.xlsx").write_bytes(b"PK\x03\x04 nothing")
    empty = write_ledger(tmp_path / "empty.xlsx", [])
    for name, key in {
        "other": "no_ledger_header",
        "fake": "not_readable",
        "empty": "no_rows",
        "nowhere": "file_missing",
    }.items():
        with pytest.raises(InvalidInput) as refusal:
            take(world, tmp_path / f"{name}.xlsx")
        assert refusal.value.key == f"import.{key}"
    with pytest.raises(InvalidInput) as refusal:
        take(world, empty, layer="第三张")
    assert refusal.value.key == "import.layer_unknown"
