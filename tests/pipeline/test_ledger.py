"""The ledger out and in again, two spellings of one compound, and marks beside distinct units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from openpyxl import Workbook, load_workbook
from shapely import box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Forbidden, InvalidInput
from geo_service.exchange.matches import read_matches
from geo_service.pipeline import ImportOptions, ImportReport, import_file
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.pipeline.policies import use_profile
from geo_service.pipeline.unit_types import count_types
from geo_service.pipeline.unplaced import offer_places
from geo_service.store.local import Cluster
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

COMMUNITIES = {"01": ["001", "002"], "02": ["001"]}
WEST = County.community("01", "001")
LATER = date(2100, 1, 1)

TYPES = {"商品房": 52, "老旧": 38, "新型农村社区": 14, "机关事业自管": 9, "企业自管": 11, "独幢楼房": 4}
MANAGED = ["专业化物业", "星级物业", "简易物业", "单位自管", "业主自管", "无"]


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    return County(engine, tmp_path, COMMUNITIES)


def place_buildings(county: County) -> None:
    """Two standalone buildings in the west, one of them without a name."""
    shapes = [box(111.001 + i / 1000, 34.001, 111.0015 + i / 1000, 34.0015) for i in range(2)]
    path = county.folder / "buildings.gpkg"
    columns = {"楼栋编码": ["B1", "B2"], "楼栋名称": ["金光路1号楼", None], "户数": [32, 40]}
    geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path)
    import_file(county.engine, LOCAL_ADMIN, kind="buildings", path=path)


def take(county: County, path: Path, **options: Any) -> ImportReport:
    return import_file(county.engine, LOCAL_ADMIN, kind="ledger", path=path, options=ImportOptions(**options))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.inserted, report.updated, report.unchanged, report.rejected


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(path)}


def compound(code: str | None, **more: Any) -> dict[str, Any]:
    return {"社区": WEST, "小区编码": code, "小区名称": f"{code}小区", "户数": 100, **more}


UNITS = (
    compound("C1", 小区名称="“金光=东苑”（甲）", 楼栋数=4, 建成年份=1998, 坐落="金光路 1号")
    | {"物业类型": "老旧", "物业管理类型": "简易物业、星级物业", "是否政府补贴物业费": "是"}
    | {"物业服务等级": "三星", "收费标准": 0.1 + 0.2, "收缴率": 95.5, "备注": "备注：见_x0041_"}
    | {"建筑面积(㎡)": 0.1 + 0.2, "占地面积": 1e6 / 3, "责任单位": "县一中", "是否无主管": "否"},
    compound("C2", 户数=0, 物业管理类型="简易物业", 进展="已验收", 进驻日期=date(2024, 5, 1), 有无绿地="否"),
    compound("C3", 社区=County.community("02", "001"), 物业管理类型="无", 管理单元类别="单位家属楼院"),
    compound("B1", 小区名称="金光路1号楼", 户数=32, 实施分类="C", 物业管理类型="流动物业", 进展="计划"),
    compound("B2", 小区名称="无名", 户数=40, 实施分类="B", 备注="没有名称"),
)


def test_what_goes_out_comes_back_without_loss(
    county: County, cluster: Cluster, template: str, tmp_path: Path
) -> None:
    place_buildings(county)
    county.ledger(UNITS)
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    on = county.moment().date()
    report = export_ledger(county.engine, LOCAL_ADMIN, area_code=CODE, on=on, out=first)
    assert report.sheets == {"第01镇001社区": 4, "第02镇001社区": 1}

    # 4 + 1 units, all of them as they were
    assert counts(take(county, first, as_of=on)) == (0, 0, 5, 0)
    with engine_on_a_clone(cluster, template) as other:
        elsewhere = County(other, tmp_path, COMMUNITIES)
        place_buildings(elsewhere)
        # three compounds are new, the two buildings are there
        assert counts(take(elsewhere, first, as_of=on)) == (3, 2, 0, 0)
        export_ledger(other, LOCAL_ADMIN, area_code=CODE, on=on, out=second)
    assert cells(second) == cells(first)


def test_steps_and_dates_are_those_of_the_day(county: County, tmp_path: Path) -> None:
    for step, day in (("已落实", date(2024, 3, 1)), ("已进驻", date(2024, 6, 15))):
        county.ledger([compound("C1", 物业管理类型="简易物业", 进展=step, 进驻日期=day)])

    def shown(on: date) -> tuple[Any, ...]:
        path = tmp_path / f"{on}.xlsx"
        export_ledger(county.engine, LOCAL_ADMIN, area_code=WEST, on=on, out=path)
        [sheet] = load_workbook(path)
        heads = {sheet.cell(3, c).value: c for c in range(1, sheet.max_column + 1)}
        words = [sheet.cell(4, heads[head]).value for head in ("现行管理方式", "进展", "进驻日期")]
        return (*words[:2], words[2] and words[2].date())

    assert shown(date(2024, 2, 1)) == (None, None, None)
    assert shown(date(2024, 4, 1)) == ("简易物业", "已落实", date(2024, 3, 1))
    assert shown(date(2024, 7, 1)) == ("简易物业", "已进驻", date(2024, 6, 15))


def test_a_ledger_is_for_readers_of_an_area_with_units(county: County, tmp_path: Path) -> None:
    def refused(**asked: Any) -> str:
        given = {"actor": LOCAL_ADMIN, "area_code": CODE, "on": LATER, "out": tmp_path / "l.xlsx"} | asked
        with pytest.raises((InvalidInput, Forbidden)) as refusal:
            export_ledger(county.engine, **given)
        return refusal.value.key

    assert refused() == "ledger.empty"
    assert refused(out=tmp_path / "l.csv") == "ledger.suffix"
    assert refused(actor=Actor("v", Role.VIEWER, CODE)) == "access.outside_scope"
    assert not list(tmp_path.glob("l.*"))


def zhouyang(tmp_path: Path) -> Path:
    """The 128 compounds of 周阳区 in two sheets, 23 with a second form ticked, one of them twice."""
    book = Workbook()
    book.remove(book.active)
    kinds = [kind for kind, count in TYPES.items() for _ in range(count)]
    for title, numbers in {"甲": range(64), "乙": range(64, 128)}.items():
        sheet = book.create_sheet(title)
        heads = ["序号", "社区", "小区编码", "小区名称", "户数", *TYPES, *MANAGED]
        sheet.append(["周阳区住宅小区基本情况台账"])
        sheet.append([*heads[:5], "物业类型", *[None] * 5, "物业管理类型"])
        sheet.append([None] * 5 + heads[5:])
        for span in ("A1:Q1", "F2:K2", "L2:Q2", *(f"{column}2:{column}3" for column in "ABCDE")):
            sheet.merge_cells(span)
        for n in numbers:
            households = "１２０" if n == 5 else 100
            tick = ("√", "✓", "是", "Y", 1)[n % 5]
            forms = {MANAGED[n % 6], MANAGED[(n + 1) % 6]} if n < 23 else {MANAGED[n % 6]}
            sheet.append(
                [n + 1, WEST, f"Z{n:03d}", f"{spelt(n)}小区", households]
                + [tick if kind == kinds[n] else None for kind in TYPES]
                + [tick if form in forms else None for form in MANAGED]
            )
        if title == "乙":
            sheet.append([129, WEST, None, f"{spelt(7)}家园", 100, *[None] * 12])
        sheet.append(["合计", None, None, None, 6_400])
        sheet.append(["填写人：", None, None, "联系电话："])
    path = tmp_path / "zhouyang.xlsx"
    book.save(path)
    return path


def spelt(n: int) -> str:
    """Two characters that no two of the compounds share in their places."""
    return chr(0x4E00 + 40 * n) + chr(0x6C00 + 40 * n)


def test_marks_are_counted_beside_distinct_units(county: County, tmp_path: Path) -> None:
    report = take(county, zhouyang(tmp_path), rejects_dir=tmp_path)
    assert counts(report) == (128, 0, 0, 1)

    types = count_types(county.engine, LOCAL_ADMIN, area_code=CODE, on=LATER)
    assert types.units == 128
    by_kind, by_form = types.groups
    said = by_kind.as_json()
    assert (said["title_zh"], said["title_en"]) == ("物业类型", "type of compound")
    assert {option["title_zh"]: option["units"] for option in said["options"]} == TYPES
    assert (by_kind.marks, by_kind.units) == (128, 128)
    assert (by_form.marks, by_form.units) == (151, 128)

    # the second spelling stands in the second sheet's last row: 3 of the header, 64 units, itself
    [offer] = [finding for finding in report.findings if finding.candidates]
    assert (offer.layer, offer.row, offer.severity) == ("乙", 68, "offered")
    assert (offer.candidates[0]["code"], offer.candidates[0]["matched"]) == ("Z007", ["name"])
    households = "SELECT household_count FROM compound WHERE code = 'Z005'"
    with county.engine.connect() as connection:
        assert connection.execute(text(households)).scalar_one() == 120

    again = take(county, zhouyang(tmp_path), matches=read_matches(Path(report.candidates_file or "")))
    # the row is about Z007, of which row 11 of the first sheet speaks already
    assert (again.inserted, again.rejected) == (0, 1)
    assert [(f.key, f.values["first"]) for f in again.findings if f.severity == "rejected"] == [
        ("import.code_repeated", "甲!11")
    ]
    types = count_types(county.engine, LOCAL_ADMIN, area_code=CODE, on=LATER)
    assert (types.units, types.groups[1].marks) == (128, 151)


def marks(county: County, **asked: Any) -> dict[str, int]:
    """Units of the county by the management types they are counted under."""
    types = count_types(county.engine, LOCAL_ADMIN, area_code=CODE, on=LATER, **asked)
    by_form = next(group for group in types.groups if group.key == "management_types")
    counted = {option.key: option.units for option in by_form.options if option.units}
    assert by_form.marks == sum(counted.values())
    return counted | {"units": by_form.units}


def test_a_subsidised_unit_counts_under_basic_management_too(county: County) -> None:
    """The plan of 2017 says so in note 2 below its ledger; no other plan has such a rule."""
    starred = {"物业类型": "商品房", "物业管理类型": "星级物业"}
    county.ledger(
        [
            compound("C1", **starred, 是否政府补贴物业费="是"),
            compound("C2", **starred, 是否政府补贴物业费="否"),
            compound("C3", **starred),
        ]
    )
    assert marks(county, profile_key="zhoucun_2017") == {"star_rated": 3, "basic": 1, "units": 3}
    assert marks(county, profile_key="meihekou_2021") == {"star_rated": 3, "units": 3}

    # a tick of the ledger's own is not counted twice; one who has no tick is counted where the rule says
    county.ledger(
        [
            compound("C1", 物业管理类型="星级物业、简易物业"),
            compound("C4", 是否政府补贴物业费="是"),
        ]
    )
    assert marks(county, profile_key="zhoucun_2017") == {"star_rated": 3, "basic": 2, "units": 4}

    use_profile(county.engine, LOCAL_ADMIN, key="zhoucun_2017")
    report = count_types(county.engine, LOCAL_ADMIN, area_code=CODE, on=LATER).as_json()
    assert report["profile"]["key"] == "zhoucun_2017"
    [rule] = report["also_counted"]
    assert (rule["form"], rule["where"], rule["clause"]) == (
        "basic",
        {"fee_subsidised": True},
        {"plan": report["profile"]["title_zh"], "section": "附件备注2"},
    )


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    book = Workbook()
    headers = list(dict.fromkeys(header for row in rows for header in row))
    book.active.append(headers)
    for row in rows:
        book.active.append([row.get(header) for header in headers])
    book.save(path)
    return path


def test_a_spelling_once_confirmed_is_known_again(county: County, tmp_path: Path) -> None:
    county.ledger([compound("C1", 小区名称="金光家园（北院）"), compound("C2", 小区名称="金光家园南院")])
    path = write(tmp_path / "next.xlsx", [compound(None, 小区名称="金光小区北院", 户数=120)])

    def household_counts() -> list[int]:
        with county.engine.connect() as connection:
            return list(
                connection.execute(text("SELECT household_count FROM compound ORDER BY code")).scalars()
            )

    offered = take(county, path)
    assert counts(offered) == (0, 0, 0, 1)
    # 小区 for 家园 takes a twentieth off; the south court is another court and not offered
    assert [(c["code"], c["score"]) for f in offered.findings for c in f.candidates] == [("C1", 95.0)]
    assert household_counts() == [100, 100]

    assert counts(take(county, path, matches={(None, 2): "C1"})) == (0, 1, 0, 0)
    assert household_counts() == [120, 100]
    known = take(county, path)
    assert counts(known) == (0, 0, 1, 0)
    assert [f.key for f in known.findings if f.field == "code"] == ["import.alias_known"]
    with county.engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM compound ORDER BY code")).scalars()
        assert list(names) == ["金光家园（北院）", "金光家园南院"]


def test_a_new_code_with_a_known_name_is_taken_and_said(county: County, tmp_path: Path) -> None:
    county.ledger([compound("C1", 小区名称="金光家园")])
    report = take(county, write(tmp_path / "next.xlsx", [compound("N1", 小区名称="金光 小区")]))

    assert counts(report) == (1, 0, 0, 0)
    assert [c["code"] for f in report.findings for c in f.candidates] == ["C1"]


def test_confirmations_that_fit_nothing_are_refused(county: County, tmp_path: Path) -> None:
    county.ledger([compound("C1", 小区名称="金光家园"), compound("C2", 小区名称="银河湾")])
    path = write(tmp_path / "next.xlsx", [compound("C2", 小区名称="银河湾"), compound(None, 小区名称="金光")])

    def keys(matches: dict[tuple[str | None, int], str]) -> list[str]:
        report = take(county, path, matches=matches)
        return [f.key for f in report.findings if f.severity == "rejected"]

    assert keys({(None, 2): "C1"}) == ["import.match_has_code", "import.value_missing"]
    assert keys({(None, 3): "C9"}) == ["import.match_unknown", "import.value_missing"]
    with pytest.raises(InvalidInput) as refusal:
        take(county, path, matches={(None, 9): "C1"})
    assert refusal.value.key == "import.match_row_unknown"


def test_compounds_without_a_place_are_offered_those_on_the_map(county: County) -> None:
    place_buildings(county)
    county.ledger(
        [compound("C1", 小区名称="金光路1#"), compound("C2", 小区名称="金光路2号楼"), compound("C3")]
    )
    units = offer_places(county.engine, LOCAL_ADMIN, area_code=CODE)["units"]

    # building 1 is meant, by its name; number 2 is not number 1, and nothing is called C3
    assert {u["code"]: [(c["code"], c["score"]) for c in u["candidates"]] for u in units} == {
        "C1": [("B1", 100.0)],
        "C2": [],
        "C3": [],
    }


def test_a_place_is_offered_by_its_address(county: County) -> None:
    """Clerks write an address in their own way, and many a building on the map has no name at all."""
    places = {
        "B1": ("纺织厂1号楼", "长江路12号院"),
        "B2": ("纺织厂2号楼", "长江路14号院"),
        "B3": (None, "解放街8号"),
        "B4": ("银杏里", None),
    }
    shapes = [box(111.001 + i / 1000, 34.001, 111.0015 + i / 1000, 34.0015) for i in range(len(places))]
    columns = {
        "楼栋编码": list(places),
        "楼栋名称": [name for name, _ in places.values()],
        "地址": [address for _, address in places.values()],
        "户数": [40] * len(places),
    }
    path = county.folder / "buildings.gpkg"
    geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path)
    import_file(county.engine, LOCAL_ADMIN, kind="buildings", path=path)
    county.ledger(
        [
            compound("C1", 小区名称="纺织厂家属院", 坐落="长江路 １２ 号院"),
            compound("C2", 小区名称="县二轻局宿舍", 坐落="解放街八号"),
            compound("C3", 小区名称="银杏里", 坐落="人民路1号"),
            compound("C4", 小区名称="县二轻局东院", 坐落="解放街18号"),
        ]
    )
    units = offer_places(county.engine, LOCAL_ADMIN, area_code=CODE)["units"]

    offered = {u["code"]: [(c["code"], c["matched"]) for c in u["candidates"]] for u in units}
    # number 12 is not number 14, whatever the names share; the same address finds what has no name
    assert offered["C1"][0] == ("B1", ["name", "address"])
    assert offered["C2"] == [("B3", ["address"])]
    assert offered["C3"] == [("B4", ["name"])]
    assert offered["C4"] == []
