"""What ledgers say of units: kept with the days it held and the moments it was known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.coverage import BY, measure_coverage
from geo_service.planning.policy import shipped_profiles
from geo_service.store.local import Cluster
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

WEST = County.community("01", "001")
EAST = County.community("02", "001")
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    return County(engine, tmp_path, {"01": ["001"], "02": ["001"]})


def compound(code: str, **cells: Any) -> dict[str, Any]:
    return {"社区": WEST, "小区编码": code, "小区名称": f"{code}小区", "户数": 100, **cells}


def committees(county: County, on: date, known: Any = None) -> int:
    report = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=on, known=known)
    return int(report.total["owners_committee"].numerator)


def test_what_is_first_seen_is_taken_to_have_held_before(county: County) -> None:
    county.ledger([compound("C1", 是否成立业主委员会="是")], as_of=JUNE)

    assert [committees(county, on) for on in (date(2020, 1, 1), JUNE, date(2030, 1, 1))] == [1, 1, 1]


def test_a_later_ledger_changes_what_held_from_its_day_on(county: County) -> None:
    county.ledger([compound("C1", 是否成立业主委员会="否")], as_of=MAY)
    county.ledger([compound("C1", 是否成立业主委员会="是")], as_of=JULY)

    assert [committees(county, on) for on in (MAY, date(2024, 6, 30), JULY)] == [0, 0, 1]


def cells(county: County) -> tuple[Any, ...]:
    with county.engine.connect() as connection:
        found = connection.execute(text("SELECT household_count, address, built_year FROM compound"))
        return tuple(found.one())


def test_an_earlier_ledger_that_comes_later_only_fills_what_later_ones_left_open(county: County) -> None:
    county.ledger([compound("C1", 户数=120, 坐落="金光路1号")], as_of=JULY)
    row = compound("C1", 户数=90, 坐落="金光路1号", 建成年份=1999, 是否成立业主委员会="是")
    report = county.ledger([row], as_of=MAY)

    assert cells(county) == (120, "金光路1号", 1999)
    assert committees(county, JUNE) == 1
    assert [(finding.key, finding.severity) for finding in report.findings] == [
        ("import.households_differ", "warning"),
        ("import.later_ledger_stands", "warning"),
    ]
    assert "C1" in report.findings[1].message("zh")
    assert (report.updated, county.ledger([row], as_of=MAY).unchanged) == (1, 1)


def test_the_latest_ledger_counts_in_whatever_order_they_come(county: County) -> None:
    for on, households in ((JUNE, 110), (MAY, 100), (JULY, 120), (JUNE, 111)):
        county.ledger([compound("C1", 户数=households)], as_of=on)

    assert cells(county) == (120, None, None)


def steps(county: County) -> list[tuple[str, str, date, date | None]]:
    with county.engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT form, step, lower(valid), upper(valid) FROM arrangement"
                    " WHERE upper_inf(recorded) ORDER BY valid"
                )
            )
        ]


def simple(step: str, since: date | None = None) -> dict[str, Any]:
    return compound("C1", 物业管理类型="简易物业", 进展=step, 进驻日期=since)


def test_an_earlier_ledger_that_comes_later_leaves_the_steps_that_followed_alone(county: County) -> None:
    county.ledger([simple("已进驻", date(2024, 6, 15))], as_of=JULY)
    for _ in range(2):
        report = county.ledger([simple("已落实", date(2024, 3, 1))], as_of=MAY)
        assert steps(county) == [
            ("basic", "assigned", date(2024, 3, 1), date(2024, 6, 15)),
            ("basic", "in_service", date(2024, 6, 15), None),
        ]
    assert (report.updated, report.unchanged) == (0, 1)


def test_an_earlier_ledger_does_not_deny_a_service_that_a_later_one_dates_before_it(county: County) -> None:
    county.ledger([simple("已进驻", date(2024, 3, 1))], as_of=JULY)
    county.ledger([simple("已落实", date(2024, 2, 1))], as_of=MAY)
    served = ("basic", "in_service", date(2024, 3, 1), None)
    assert steps(county) == [("basic", "assigned", date(2024, 2, 1), date(2024, 3, 1)), served]

    report = county.ledger([simple("已落实", date(2024, 4, 1))], as_of=MAY)
    assert steps(county)[-1] == served
    assert ("import.later_ledger_stands", "warning") in [(f.key, f.severity) for f in report.findings]


def test_a_service_without_a_date_begins_on_the_day_of_its_ledger(county: County) -> None:
    report = county.ledger([simple("已进驻")], as_of=MAY)
    assert steps(county) == [("basic", "in_service", MAY, None)]
    assert any("2024-05-01" in finding.message("zh") for finding in report.findings)
    county.ledger([simple("已进驻")], as_of=JUNE)
    assert steps(county) == [("basic", "in_service", MAY, None)]


def test_a_ledger_of_today_corrects_what_was_said_to_come(county: County) -> None:
    coming = county.moment().date() + timedelta(days=90)
    county.ledger([simple("已进驻", coming)])
    county.ledger([simple("已落实", JULY)])
    assert steps(county) == [("basic", "assigned", JULY, None)]


def test_an_earlier_ledger_that_comes_later_leaves_what_followed_alone(county: County) -> None:
    county.ledger([compound("C1", 是否成立业主委员会="是")], as_of=JULY)
    county.ledger([compound("C1", 是否成立业主委员会="否")], as_of=MAY)

    # nothing is known of June but the ledger of May
    assert [committees(county, on) for on in (date(2024, 4, 1), MAY, JUNE, JULY)] == [0, 0, 0, 1]


def test_a_ledger_of_the_same_day_corrects_the_one_before(county: County) -> None:
    county.ledger([compound("C1", 是否成立业主委员会="是", 备注="甲")], as_of=JUNE)
    told = county.moment()
    county.ledger([compound("C1", 是否成立业主委员会="否")], as_of=JUNE)

    assert [committees(county, on) for on in (MAY, JUNE, JULY)] == [0, 0, 0]
    assert [committees(county, on, told) for on in (MAY, JUNE, JULY)] == [1, 1, 1]
    with county.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT facts, details FROM unit_record WHERE upper_inf(recorded)")
        ).all()
    assert kept == [({"has_owners_committee": False}, {"remark": "甲"})]


def test_an_empty_cell_says_nothing_and_the_same_again_changes_nothing(county: County) -> None:
    rows = [compound("C1", 是否成立业主委员会="是", 是否老旧小区="是")]
    county.ledger(rows, as_of=JUNE)
    again = county.ledger(rows, as_of=JUNE)
    county.ledger([compound("C1", 是否成立业主委员会=None, 是否老旧小区="不详")], as_of=JUNE)

    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)
    assert committees(county, JUNE) == 1
    with county.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM unit_record")).scalar_one() == 1


def test_households_are_corrected_for_all_days_and_known_before_as_they_were(county: County) -> None:
    county.ledger([compound("C1")])
    told = county.moment()
    county.ledger([compound("C1", 户数=120)])

    def households(known: Any = None) -> int:
        report = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=JUNE, known=known)
        return int(report.total["households"].denominator)

    assert (households(), households(told)) == (120, 100)


def test_a_unit_outside_the_baseline_counts_among_all_alone(county: County) -> None:
    county.ledger([compound("C1"), compound("C2", 是否无主管="否")])

    total = measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=JUNE).total
    assert (total["units"].denominator, total["units_all"].denominator) == (1, 2)


def test_rules_are_asked_of_what_was_known(county: County) -> None:
    """Zhoucun: old and market-ready is star-rated, old and not market-ready is basic."""

    def forms(**moment: Any) -> list[str]:
        report = classify_units(
            county.engine, LOCAL_ADMIN, area_code=WEST, profile_key="zhoucun_2017", **moment
        ).as_json()
        return report["units"][0]["forms"]

    county.ledger([compound("C1", 物业类型="老旧", 是否具备市场化条件="否")], as_of=MAY)
    told = county.moment()
    county.ledger([compound("C1", 物业类型="老旧", 是否具备市场化条件="是")], as_of=JULY)

    assert (forms(on=JUNE), forms(on=JULY), forms(on=JULY, known=told)) == (
        ["basic"],
        ["star_rated"],
        ["basic"],
    )


def test_a_day_after_which_there_is_none_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput) as refused:
        measure_coverage(county.engine, LOCAL_ADMIN, area_code=CODE, on=date.max)
    assert refused.value.key == "coverage.no_next_day"


def test_coverage_is_listed_by_what_units_are(county: County) -> None:
    county.ledger(
        [
            compound("C1", 物业类型="老旧", 实施分类="A", 责任单位="县一中")
            | {"物业管理类型": "简易物业", "进展": "已进驻"},
            compound("C2", 物业类型="老旧", 实施分类="B"),
            compound("C3", 物业类型="商品房", 实施分类="B", 责任单位="县一中"),
        ],
    )  # fmt: skip

    def listed(by: str) -> dict[str, tuple[int, int]]:
        report = measure_coverage(
            county.engine, LOCAL_ADMIN, area_code=CODE, on=date(2100, 1, 1), by=by, profile_key="zhoucun_2017"
        )
        return {
            row.code: (row.figures["units"].numerator, row.figures["units"].denominator)
            for row in report.rows
        }

    assert listed("type") == {"commodity": (0, 1), "old": (1, 2)}
    assert listed("class") == {"A": (1, 1), "B": (0, 2)}
    assert listed("responsible_unit") == {"": (0, 1), "县一中": (1, 2)}
    assert listed("form") == {"": (0, 2), "basic": (1, 1)}


@given(
    ledgers=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(["是", "否"]), st.sampled_from(["C1", "C2"])),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=15, deadline=None)
def test_figures_asked_as_known_never_change_when_more_is_learnt(
    cluster: Cluster,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    ledgers: list[tuple[int, str, str]],
) -> None:
    with engine_on_a_clone(cluster, template) as engine:
        county = County(engine, tmp_path_factory.mktemp("county"), {"01": ["001"], "02": ["001"]})
        days = [date(2024, 1 + month, 1) for month in range(7)]
        told = []
        for month, answer, code in ledgers:
            county.ledger([compound(code, 是否成立业主委员会=answer)], as_of=days[month])
            moment = county.moment()
            told.append((moment, [committees(county, day) for day in days]))
        for moment, figures in told:
            assert [committees(county, day, moment) for day in days] == figures


_ANSWERS = st.sampled_from(["是", "否", None])
_UNITS = st.fixed_dictionaries(
    {
        "户数": st.integers(0, 900),
        "建筑面积": st.integers(0, 10**6).map(lambda hundredths: hundredths / 100),
        "占地面积": st.one_of(st.none(), st.integers(0, 9_999)),
        "楼栋数": st.integers(0, 30),
        "物业类型": st.sampled_from(["老旧", "商品房", None]),
        "物业管理类型": st.sampled_from(["专业化物业", "简易物业", None]),
        "进展": st.sampled_from(["计划", "已进驻", "已达标", "失管", None]),
        "是否无主管": _ANSWERS,
        "是否老旧小区": _ANSWERS,
        "是否成立业主委员会": _ANSWERS,
        "管理提升是否完成": _ANSWERS,
        "责任单位": st.sampled_from(["甲", "乙", None]),
    }
)


@given(units=st.lists(st.tuples(st.sampled_from(["001", "002", "003"]), _UNITS), min_size=1, max_size=12))
@settings(max_examples=10, deadline=None)
def test_counts_stay_within_their_base_and_parts_sum_to_the_whole(
    cluster: Cluster,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    units: list[tuple[str, dict[str, Any]]],
) -> None:
    with engine_on_a_clone(cluster, template) as engine:
        county = County(engine, tmp_path_factory.mktemp("county"), {"01": ["001", "002"], "02": ["003"]})
        county.ledger(
            [
                {"社区": County.community("02" if place == "003" else "01", place), "小区编码": f"C{number}"}
                | {"小区名称": f"小区{number}", "进驻日期": "2024-05-01"}
                | cells
                for number, (place, cells) in enumerate(units)
            ]
        )
        for profile in shipped_profiles():
            for by in BY:
                report = measure_coverage(
                    engine, LOCAL_ADMIN, area_code=CODE, on=JUNE, by=by, profile_key=profile
                )
                for key, whole in report.total.items():
                    assert 0 <= whole.numerator <= whole.denominator
                    assert sum(row.figures[key].numerator for row in report.rows) == whole.numerator
                    assert sum(row.figures[key].denominator for row in report.rows) == whole.denominator
                for _, judgement in report.targets:
                    assert judgement is None or judgement.figure.numerator <= judgement.figure.denominator
        everything = [cells for _, cells in units]
        total = measure_coverage(engine, LOCAL_ADMIN, area_code=CODE, on=JUNE).total
        assert total["units_all"].denominator == len(everything)
        in_base = [cells for cells in everything if cells["是否无主管"] != "否"]
        assert total["units"].denominator == len(in_base)
        assert total["households"].denominator == sum(cells["户数"] for cells in in_base)
        assert float(total["floor_area_m2"].denominator) == pytest.approx(
            sum(cells["建筑面积"] for cells in in_base), abs=1e-6
        )
        # basic service is none of the county plan's forms
        served = [
            cells
            for cells in in_base
            if cells["物业管理类型"] == "专业化物业" and cells["进展"] in ("已进驻", "已达标")
        ]
        assert total["units"].numerator == len(served)
