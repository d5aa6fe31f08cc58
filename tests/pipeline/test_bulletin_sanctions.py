"""What a bulletin proposes beyond the ranked units: against responsible units, departments, passive work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin
from geo_service.pipeline.documents import write_bulletin
from geo_service.pipeline.responsibilities import assign_responsible, register_responsible
from geo_service.planning.documents.bulletin import bulletin_document
from geo_service.store import local
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

SERVED = {"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": "2018-08-10"}


def compound(town: str, number: int, responsible: str | None = None, **cells: Any) -> dict[str, Any]:
    """One of the task list, of which nothing is done yet."""
    row = {
        "社区": County.community(town, "001"),
        "小区编码": f"C{town}{number}",
        "小区名称": f"{town}镇小区{number}",
        "户数": 100,
        "责任单位": responsible,
        "是否列入任务清单": "是",
        "管理提升是否完成": "否",
    }
    return row | cells


@pytest.fixture(scope="module")
def county(
    cluster: local.Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """Town 01 misses everything that is due; town 02 has all of its two compounds in service.

    The hospital answers for two compounds in 01, one of them in service, and for one in 02; the bank for an
    uncovered one in 01, by code; the school for one in 02; for one in 01 answers nobody.
    """
    with engine_on_a_clone(cluster, template) as engine:
        county = County(engine, tmp_path_factory.mktemp("s"), {"01": ["001"], "02": ["001"]})
        done = SERVED | {"管理提升是否完成": "是"}
        county.ledger(
            [
                compound("01", 1, "县医院", **done),
                compound("01", 2, "县医院"),
                compound("01", 3),
                compound("01", 4, "农行"),
                compound("02", 1, "县医院", **done),
                compound("02", 2, "一中", **done),
            ],
            as_of=date(2018, 8, 1),
        )
        register_responsible(engine, LOCAL_ADMIN, area_code=CODE, code="R7", name="农业银行")
        assign_responsible(engine, LOCAL_ADMIN, unit_code="C014", code="R7")
        yield county


def issue(engine: Engine, profile: str, period: str) -> dict[str, Any]:
    issued = issue_bulletin(engine, LOCAL_ADMIN, area_code=CODE, period=period, profile_key=profile)
    return issued.as_json()


def keys(proposed: list[dict[str, Any]]) -> list[str]:
    return [each["key"] for each in proposed]


def test_the_county_answers_a_miss_with_those_who_answer_for_what_is_uncovered(county: County) -> None:
    """All is due in December 2024; 01 has 1 of 4: the hospital 1 of its 2 there, the bank 0 of 1."""
    told = issue(county.engine, "county_2024", "2024-12")

    assert [(row["code"], row["numerator"], row["denominator"]) for row in told["responsible_units"]] == [
        ("R7", 0, 1), ("县医院", 1, 2),
    ]  # fmt: skip
    assert {row["name"] for row in told["responsible_units"]} == {"农业银行", "县医院"}
    for row in told["responsible_units"]:
        assert [(each["key"], each["section"]) for each in row["proposals"]] == [
            ("yearly_reward_or_penalty", "六、（三）")
        ]
    # against towns and communities this plan provides for nothing
    assert [row["proposals"] for row in told["rows"]] == [[], []]
    assert keys(told["proposals"]) == ["yearly_reward_or_penalty"]


def test_what_turns_out_about_a_responsible_unit_is_a_correction(county: County) -> None:
    told = issue(county.engine, "county_2024", "2024-11")
    county.ledger([compound("01", 4, "农行", **SERVED | {"进驻日期": "2024-10-31"})], name="later.xlsx")
    corrected = correct_bulletin(county.engine, LOCAL_ADMIN, bulletin_id=told["id"], reason="漏报")

    [correction] = corrected.as_json()["corrections"]
    bank = next(each for each in correction["differences"] if each["code"] == "R7")
    assert ((bank["told"]["numerator"], bank["told"]["denominator"]), bank["known"]) == ((0, 1), None)


def test_whether_work_was_passive_and_whose_it_was_is_for_a_person_to_decide(county: County) -> None:
    """Zhengzhou criticises departments, of which none is counted; Meihekou interviews responsible units."""
    etdz = issue(county.engine, "zhengzhou_etdz_2018", "2020-12")
    assert [row["meets_due"] for row in etdz["rows"]] == [True, False]
    assert keys(etdz["proposals"]) == ["criticism", "accountability"]
    assert {(each["on"], each["against"]) for each in etdz["proposals"]} == {("passive_work", "department")}
    assert etdz["responsible_units"] == []

    meihekou = issue(county.engine, "meihekou_2021", "2021-12")
    assert [row["name"] for row in meihekou["responsible_units"]] == ["农业银行", "县医院"]
    assert keys(meihekou["responsible_units"][0]["proposals"]) == ["interview", "accountability"]

    for bulletin, said in ((etdz, "哪个部门由人认定"), (meihekou, "县医院（2 个中已覆盖 1 个）")):
        proposed = bulletin_document(bulletin, "zh").tables[1]
        assert proposed.title == "方案规定的处理（由人决定）"
        cells = [str(cell) for row in proposed.rows for cell in row.cells]
        assert any(said in cell for cell in cells)
        assert any("是否属实由人认定" in cell for cell in cells)


def test_nothing_is_proposed_where_nothing_is_missed(county: County, tmp_path: Any) -> None:
    """Nothing is due before 30 November 2021."""
    early = issue(county.engine, "meihekou_2021", "2021-10")
    assert (early["proposals"], early["responsible_units"]) == ([], [])
    write_bulletin(early, tmp_path / "b.xlsx", language="zh")
