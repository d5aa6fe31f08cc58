"""Of which periods a bulletin is told: none that is over before anything is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import InvalidInput
from geo_service.pipeline.bulletins import issue_bulletin, list_bulletins
from geo_service.pipeline.policies import use_profile
from tests.actors import actor
from tests.county import CODE, County

TWO = [
    {"社区": County.community("01", "001"), "小区编码": f"C{n}", "小区名称": name, "户数": 100}
    for n, name in enumerate("甲乙", start=1)
]


def district(engine: Engine, folder: Path, profile: str) -> County:
    county = County(engine, folder, {"01": ["001"]})
    use_profile(engine, LOCAL_ADMIN, key=profile)
    return county


def refused(county: County, periods: Sequence[str]) -> list[tuple[str, str]]:
    """Key and day of the error that each of the periods gets; nothing may be stored."""
    found = []
    for period in periods:
        with pytest.raises(InvalidInput) as error:
            issue_bulletin(county.engine, LOCAL_ADMIN, area_code=CODE, period=period)
        assert error.value.where == period
        found.append((error.value.key, next(iter(error.value.values.values()))))
    assert list_bulletins(county.engine, LOCAL_ADMIN, area_code=CODE) == []
    return found


def told(county: County, period: str) -> tuple[int, int]:
    issued = issue_bulletin(county.engine, LOCAL_ADMIN, area_code=CODE, period=period).as_json()
    return issued["total"]["numerator"], issued["total"]["denominator"]


def test_months_before_the_first_ledger_of_a_plan_without_a_date(engine: Engine, tmp_path: Path) -> None:
    """The county's plan bears no date: its own calendar begins on 11 March 2024, the ledger is of 1 May."""
    county = district(engine, tmp_path, "county_2024")
    county.ledger(TWO, as_of=date(2024, 5, 1))

    assert refused(county, ["1990-01", "2010-05", "2023-12", "2024-02", "2024-03", "2024-04"]) == [
        *[("bulletin.before_plan", "2024-03-11")] * 4,
        *[("bulletin.before_data", "2024-05-01")] * 2,
    ]
    assert told(county, "2024-05") == (0, 2)


def test_an_earlier_ledger_lets_an_earlier_month_be_told(engine: Engine, tmp_path: Path) -> None:
    county = district(engine, tmp_path, "county_2024")
    county.ledger([row | {"是否老旧小区": "是"} for row in TWO], as_of=date(2024, 5, 1))
    assert refused(county, ["2024-04"]) == [("bulletin.before_data", "2024-05-01")]

    county.ledger([row | {"是否老旧小区": "否"} for row in TWO], as_of=date(2024, 4, 30))
    assert told(county, "2024-04") == (0, 2)


def test_what_a_ledger_lets_begin_earlier_is_known_from_then_on(engine: Engine, tmp_path: Path) -> None:
    county = district(engine, tmp_path, "county_2024")
    served = {"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": "2024-04-10"}
    county.ledger([TWO[0] | served, TWO[1]], as_of=date(2024, 6, 1))

    assert refused(county, ["2024-03"]) == [("bulletin.before_data", "2024-04-10")]
    assert told(county, "2024-04") == (1, 2)


def test_a_plan_with_a_date_is_told_from_that_day_on(engine: Engine, tmp_path: Path) -> None:
    """Its base was fixed on the day of issue: a ledger of later is dated back to it, and not further."""
    county = district(engine, tmp_path, "zhoucun_2017")
    county.ledger(TWO, as_of=date(2018, 3, 1))

    assert refused(county, ["2017-10", "1990-01"]) == [("bulletin.before_plan", "2017-11-01")] * 2
    assert told(county, "2017-11") == (0, 2)


def test_who_imported_nothing_himself_is_told_the_same(engine: Engine, tmp_path: Path) -> None:
    county = district(engine, tmp_path, "county_2024")
    county.ledger(TWO, as_of=date(2024, 5, 1))
    planner = actor(Role.PLANNER, County.town("01"))

    with pytest.raises(InvalidInput) as error:
        issue_bulletin(engine, planner, area_code=County.town("01"), period="2024-04")
    assert error.value.values == {"first": "2024-05-01"}
    issued = issue_bulletin(engine, planner, area_code=County.town("01"), period="2024-05")
    assert issued.as_json()["total"]["denominator"] == 2
