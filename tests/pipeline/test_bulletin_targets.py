"""A ranking by each target that a plan has: each told once a period, each judged by its own milestones."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Conflict, InvalidInput
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin
from geo_service.pipeline.policies import use_profile
from geo_service.planning.documents.bulletin import bulletin_document
from tests.county import CODE, County


def issue(county: County, period: str, target: str | None, **options: Any) -> dict[str, Any]:
    return issue_bulletin(
        county.engine, LOCAL_ADMIN, area_code=CODE, period=period, target_key=target, **options
    ).as_json()


def counted(bulletin: dict[str, Any]) -> tuple[int, int, int, bool]:
    total, due = bulletin["total"], bulletin["due"]
    return total["numerator"], total["denominator"], due["required"], due["met"]


def test_committees_and_upgrades_are_told_apart(engine: Engine, tmp_path: Path) -> None:
    """D-D, 20 tasks in two offices: 30 % are 6. 6 are upgraded, 3 each; 5 have a committee, 4 and 1."""
    county = County(engine, tmp_path, {"01": ["001"], "02": ["001"]})
    use_profile(engine, LOCAL_ADMIN, key="zhengzhou_etdz_2018")

    def task(town: int, number: int, committees: int) -> dict[str, Any]:
        return {
            "社区": County.community(f"0{town}", "001"),
            "小区编码": f"C{town}{number}",
            "小区名称": f"{town}处小区{number}",
            "户数": 100,
            "是否列入任务清单": "是",
            "管理提升是否完成": "是" if number < 3 else "否",
            "是否成立业主委员会": "是" if number < committees else "否",
        }

    tasks = [task(town, number, {1: 4, 2: 1}[town]) for town in (1, 2) for number in range(10)]
    county.ledger(tasks, as_of=date(2018, 12, 31))

    upgrade = issue(county, "2018-12", None)
    committees = issue(county, "2018-12", "owners_committee")
    assert (upgrade["target"]["key"], counted(upgrade)) == ("upgrade", (6, 20, 6, True))
    assert (committees["target"]["key"], counted(committees)) == ("owners_committee", (5, 20, 6, False))
    assert [(row["rank"], row["code"][4:6], row["numerator"]) for row in committees["rows"]] == [
        (1, "01", 4), (2, "02", 1),
    ]  # fmt: skip
    for target in ("upgrade", "owners_committee"):
        with pytest.raises(Conflict):
            issue(county, "2018-12", target)
    with pytest.raises(InvalidInput, match="upgrade, owners_committee"):
        issue(county, "2018-11", "coverage")

    printed = bulletin_document(committees, "zh")
    assert printed.title == "县 2018-12 物业管理覆盖排名通报：业主委员会成立"
    assert printed.lines[0] == "截至 2018-12-31：业主委员会成立 5 个，基数 20 个，占 25.00%。"
    assert [column.heading for column in printed.tables[0].columns][2:5] == ["已达到", "基数", "占比"]

    # the sixth committee had been there: that ranking alone is corrected, by its own target
    county.ledger([tasks[11] | {"是否成立业主委员会": "是"}], as_of=date(2018, 12, 31), name="late.xlsx")
    corrected = correct_bulletin(engine, LOCAL_ADMIN, bulletin_id=committees["id"], reason="补报").as_json()
    [correction] = corrected["corrections"]
    assert (counted(corrected)[0], counted(correction)) == (5, (6, 20, 6, True))
    with pytest.raises(InvalidInput, match="those that were told"):
        correct_bulletin(engine, LOCAL_ADMIN, bulletin_id=upgrade["id"], reason="无")


def test_seventy_percent_of_those_that_qualify_can_be_told(engine: Engine, tmp_path: Path) -> None:
    """D-E: of 10 old compounds 3 qualify, 70 % of which are 3; 2 are served by professionals."""
    county = County(engine, tmp_path, {"01": ["001"]})
    use_profile(engine, LOCAL_ADMIN, key="meihekou_2021")
    served = {"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": "2023-06-01"}
    ready = {"是否老旧小区": "是", "是否已改造": "是", "是否通过验收": "是"}
    county.ledger(
        [
            {"社区": County.community("01", "001"), "小区编码": f"C{n}", "小区名称": f"小区{n}", "户数": 90}
            | ready
            | {"群众基础好": "是" if n < 3 else "否"}
            | (served if n < 2 else {})
            for n in range(10)
        ],
        as_of=date(2023, 6, 1),
    )
    told = issue(county, "2023-12", "professional")
    assert counted(told) == (2, 3, 3, False)
    assert told["due"]["clause"]["section"] == "二"
    with pytest.raises(InvalidInput) as refused:
        issue(county, "final", "coverage", kind="evaluation_list", profile_key="county_2024")
    assert refused.value.key == "bulletin.nothing_ranked"
