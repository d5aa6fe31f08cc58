"""One unit of each type, band and condition of the five plans: its forms in their order, and the clause.

Written from the plans' text; the units come in through a ledger and are asked of ``classify_units``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import box
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.imports import import_file
from geo_service.planning.policy.classify import UNDEFINED_BY_POLICY
from tests.county import CODE, County

DAY = date(2024, 6, 30)
Cells = Mapping[str, Any]
LEFT_OPEN, MISSING = "FORM_LEFT_OPEN", "NEEDS_FACTS"
SILENT = (UNDEFINED_BY_POLICY, None)


def classified(engine: Engine, folder: Path, profile: str, units: Sequence[Cells]) -> list[dict[str, Any]]:
    """What the plan says of units that a ledger brings in, in its order."""
    county = County(engine, folder, {"01": ["001"]})
    community = county.community("01", "001")
    rows = []
    for place, cells in enumerate(units):
        code = f"C{place:03}"
        rows.append({"社区": community, "小区编码": code, "小区名称": f"小区{code}", "户数": 150, **cells})
    county.ledger(rows)
    return asked(engine, profile)


def asked(engine: Engine, profile: str) -> list[dict[str, Any]]:
    """What a plan says of every unit there is, by code."""
    found = classify_units(engine, LOCAL_ADMIN, area_code=CODE, on=DAY, profile_key=profile).as_json()
    return sorted(found["units"], key=lambda unit: unit["code"])


def said(unit: Mapping[str, Any]) -> tuple[Any, ...]:
    """Forms in their order, or why there are none, and the clause."""
    section = unit["clause"] and unit["clause"]["section"]
    return (unit["forms"] if unit["verdict"] == "RECOMMENDED" else unit["verdict"], section)


def test_luolong_by_bands_and_by_ownership(engine: Engine, tmp_path: Path) -> None:
    """T1 to T5: the first form is the plan's first choice; of 100 and fewer its list ends in 等."""
    employer = {"户数": 450, "物业管理类型": "单位自管", "进展": "已进驻", "进驻日期": "2020-01-01"}
    households = (100, 101, 199, 200, 300, 301, 399, 400)
    found = classified(
        engine, tmp_path, "luolong_2020", [*({"户数": count} for count in households), employer]
    )

    small = ["professional", "subdistrict_assisted", "community_staffed", "owner_self"]
    middle = ["professional", "subdistrict_assisted"]
    assert [said(unit) for unit in found] == [
        (small, "四、（三）"), SILENT, SILENT, (middle, "四、（二）"), (middle, "四、（二）"), SILENT, SILENT,
        (["professional"], "四、（一）"), (["professional"], "四、（四）"),
    ]  # fmt: skip
    assert [unit["is_open"] for unit in found] == [True, *[False] * 8]
    assert [unit["is_transition"] for unit in found] == [*[False] * 8, True]
    # 由业主大会或业主代表大会选聘
    assert found[7]["arranged_by"] == ["owners_assembly", "owner_representatives"]
    assert found[8]["also"] == "large"
    assert {unit["clause"]["plan"] for unit in found if unit["clause"]} == {
        "洛龙区居民楼（院）物业管理全覆盖工作实施方案"
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"物业类型": "商品房"}, (["star_rated"], "二、（二）1")),
        ({"物业类型": "老旧", "是否具备市场化条件": "是"}, (["star_rated"], "二、（二）2；二、（三）")),
        ({"物业类型": "老旧", "是否具备市场化条件": "否"}, (["basic"], "二、（二）2；二、（三）")),
        ({"物业类型": "老旧"}, (MISSING, "二、（二）2；二、（三）")),
        ({"物业类型": "新型农村社区"}, (LEFT_OPEN, "二、（二）3")),
        ({"物业类型": "机关事业自管"}, (["socialised"], "二、（二）4")),
        ({"物业类型": "企业自管"}, (["separation_handover"], "二、（二）5")),
        ({"物业类型": "独幢楼房"}, (["basic"], "二、（二）6")),
    ],
)
def test_zhoucun_by_its_six_types(
    engine: Engine, tmp_path: Path, cells: Cells, expected: tuple[Any, ...]
) -> None:
    """C1, M2, M3 and M15: institutions turn to society, enterprises hand over."""
    [unit] = classified(engine, tmp_path, "zhoucun_2017", [cells])
    assert said(unit) == expected
    # what "where conditions allow" means is this service's reading, and told to be
    assert unit["readings"] == (["where"] if cells["物业类型"] == "老旧" else [])


def test_zhengzhou_by_what_its_survey_finds(engine: Engine, tmp_path: Path) -> None:
    """C3, M13 and M14: the residents' committee first, basic service until the owners have chosen."""
    kinds = ("社区楼院", "自管小区", "无主管楼院")
    found = classified(
        engine, tmp_path, "zhengzhou_etdz_2018", [*({"无物业类型": kind} for kind in kinds), {}]
    )

    assert [said(unit) for unit in found] == [
        (["community_self", "interim"], "四、（二）；六、（十）（2）"),
        (["owner_self"], "四、（二）"),
        (["community_self", "professional", "interim"], "四、（二）；六、（十）（2）（5）"),
        (MISSING, "四、（二）；六、（十）（2）"),
    ]
    assert found[3]["missing"] == ["type"]


def test_meihekou_by_condition(engine: Engine, tmp_path: Path) -> None:
    """C5, M7 and M8: 和其他无物业管理小区 leaves no compound without management outside the plan."""
    ready = {"是否已改造": "是", "是否通过验收": "是", "群众基础好": "是", "是否具备市场化条件": "是"}
    units: list[Cells] = [
        ready,
        {**ready, "群众基础好": "否", "是否具备市场化条件": "否"},
        {**ready, "群众基础好": "否"},
        {**ready, "群众基础好": "否", "是否无主管": "否"},
        {"是否已改造": "否"},
    ]
    found = classified(engine, tmp_path, "meihekou_2021", units)

    custody = ["community_custody", "owner_self"]
    assert [said(unit) for unit in found] == [
        (["professional"], "二；四、（二）"),
        (custody, "二；三、（十八）；四、（二）"),
        (custody, "二；三、（十八）"),
        SILENT,
        (MISSING, "二；三、（十八）；四、（二）"),
    ]
    assert [unit["is_open"] for unit in found] == [False, True, True, False, True]
    assert found[4]["missing"] == ["market_ready"]


def test_the_county_by_class(engine: Engine, tmp_path: Path) -> None:
    """C2, M1 and M9 to M12: a company first; a committee of owners, then of residents, then the community's.

    The ledger says nothing of the building of no compound: that makes it a single-building courtyard.
    """
    units: list[Cells] = [
        {"分类": "A"},
        {"分类": "B", "责任单位": "云川棉纺厂"},
        {"分类": "B"},
    ]
    shape = geopandas.GeoDataFrame(
        {"楼栋编码": ["D001"], "户数": [32]}, geometry=[box(111.002, 34.002, 111.003, 34.003)], crs=4490
    )
    shape.to_file(tmp_path / "buildings.gpkg")
    classified(engine, tmp_path, "county_2024", units)
    import_file(engine, LOCAL_ADMIN, kind="buildings", path=tmp_path / "buildings.gpkg")
    found = asked(engine, "county_2024")

    assert [said(unit) for unit in found] == [
        (["professional"], "三、（一）"),
        (["professional", "responsible_unit"], "三、（二）"),
        (["committee_self", "deliberation_self", "management_committee"], "三、（二）；六、（一）"),
        (["roving"], "三、（三）"),
    ]
    assert [unit["arranged_by"] for unit in found] == [
        [], ["responsible_unit"], ["subdistrict"], ["community"],
    ]  # fmt: skip
    assert [unit["readings"] for unit in found] == [[], ["where"], ["where"], []]
