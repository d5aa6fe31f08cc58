"""The worked scenarios of the districts, built through import and asked through the public verbs.

Each county here is fictional; the counts, dates and thresholds are those of the scenario, worked out by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.exchange.ledger_fields import FORMS
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin, read_bulletin
from geo_service.pipeline.classifying import classify_units
from geo_service.pipeline.coverage import CoverageReport, measure_coverage
from geo_service.pipeline.milestones import follow_milestones
from geo_service.pipeline.policies import use_profile
from geo_service.planning.policy.classify import UNDEFINED_BY_POLICY
from geo_service.planning.policy.management import Form
from geo_service.store.areas import list_areas
from geo_service.store.session import transaction
from tests.county import CODE, County

Row = dict[str, Any]


def district(
    engine: Engine,
    folder: Path,
    profile: str,
    towns: int,
    civilized: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> County:
    """A district of so many sub-districts of one community each, under one of the plans."""
    names = {f"{number:02}": ["001"] for number in range(1, towns + 1)}
    county = County(engine, folder, names, civilized=civilized, kinds=kinds)
    use_profile(engine, LOCAL_ADMIN, key=profile)
    return county


def compound(town: int, number: int, **cells: Any) -> Row:
    code = f"C{town:02}{number:04}"
    community = County.community(f"{town:02}", "001")
    return {"社区": community, "小区编码": code, "小区名称": f"小区{code}", "户数": 100} | cells


def in_service(row: Row, since: str, form: str = "专业化物业", step: str = "已进驻") -> Row:
    return row | {"物业管理类型": form, "进展": step, "进驻日期": since}


def measured(engine: Engine, on: str, **options: Any) -> CoverageReport:
    return measure_coverage(engine, LOCAL_ADMIN, area_code=CODE, on=date.fromisoformat(on), **options)


def judged(report: CoverageReport, target: str) -> tuple[int, int, int, bool | None]:
    """Count, base, what is required, and whether that is met."""
    [judgement] = [judgement for each, judgement in report.targets if each.key == target]
    assert judgement is not None
    figure = judgement.figure
    return int(figure.numerator), int(figure.denominator), judgement.required, judgement.met


class TestLuolong:
    """D-B: 9 streets and 2 towns, 187 unmanaged compounds, 20/50/80/100 % at four month-ends."""

    @pytest.fixture
    def county(self, engine: Engine, tmp_path: Path) -> County:
        return district(engine, tmp_path, "luolong_2020", 11)

    def test_38_94_150_and_187_are_needed_and_one_less_misses(self, county: County) -> None:
        """37, 94, 149 and 187 in service at the four days: missed, met, missed, met."""
        begins = ["2020-06-30"] * 37 + ["2020-07-31"] * 57 + ["2020-08-31"] * 55 + ["2020-09-30"] * 38
        county.ledger([in_service(compound(1 + i % 11, i), day) for i, day in enumerate(begins)])

        report = {day: measured(county.engine, day) for day in sorted(set(begins))}
        assert [judged(each, "coverage") for each in report.values()] == [
            (37, 187, 38, False),
            (94, 187, 94, True),
            (149, 187, 150, False),
            (187, 187, 187, True),
        ]

    def test_bands_at_their_edges(self, county: County) -> None:
        households = [99, 100, 101, 150, 199, 200, 300, 301, 350, 399, 400, 401]
        county.ledger([compound(1, i, 户数=count) for i, count in enumerate(households)])

        found = classify_units(county.engine, LOCAL_ADMIN, area_code=CODE, on=date(2020, 6, 30)).as_json()
        rules = {unit["households"]: unit["rule"] or unit["verdict"] for unit in found["units"]}
        small, middle, large = rules[99], rules[200], rules[400]
        assert [rules[count] for count in households] == [
            small, small, *[UNDEFINED_BY_POLICY] * 3, middle, middle, *[UNDEFINED_BY_POLICY] * 3, large, large
        ]  # fmt: skip
        assert len({small, middle, large, UNDEFINED_BY_POLICY}) == 4

    def test_all_old_compounds_are_another_base_than_the_unmanaged(self, county: County) -> None:
        """3 unmanaged, 2 of them old; 1 old one managed before: of the old, 2 of 3 on the last day."""
        county.ledger(
            [
                in_service(compound(1, 1, 是否老旧小区="是"), "2020-09-01"),
                compound(1, 2, 是否老旧小区="是"),
                in_service(compound(1, 3, 是否老旧小区="否"), "2020-09-01"),
                in_service(compound(1, 4, 是否老旧小区="是", 是否无主管="否"), "2015-01-01"),
            ]
        )
        report = measured(county.engine, "2020-09-30")
        assert judged(report, "coverage") == (2, 3, 3, False)
        assert judged(report, "all_old") == (2, 3, 3, False)
        assert int(report.total["units_all"].denominator) == 4

    def test_what_nobody_said_is_told_beside_the_judgement(self, county: County) -> None:
        county.ledger([compound(1, 1, 是否老旧小区="是"), compound(1, 2), compound(1, 3)])

        [judgement] = [
            each for target, each in measured(county.engine, "2020-09-30").targets if target.base == "old_all"
        ]
        assert judgement is not None
        assert (judgement.figure.denominator, judgement.unknown) == (1, 2)


class TestZhoucun:
    """D-C: 128 compounds of six types, all to be covered by 30 November 2017."""

    TYPES = (
        ("商品房", 52),
        ("老旧", 38),
        ("新型农村社区", 14),
        ("机关事业自管", 9),
        ("企业自管", 11),
        ("独幢楼房", 4),
    )

    @pytest.fixture
    def county(self, engine: Engine, tmp_path: Path) -> County:
        return district(engine, tmp_path, "zhoucun_2017", 6)

    def rows(self) -> list[Row]:
        kinds = [kind for kind, count in self.TYPES for _ in range(count)]
        return [
            in_service(compound(1 + i % 6, i, 物业类型=kind), "2017-11-20", "简易物业")
            for i, kind in enumerate(kinds)
        ]  # fmt: skip

    def test_the_live_rate_drops_with_a_lapse_and_the_task_stays_done(self, county: County) -> None:
        """127 of 128 are 99.2 %; the one that lapsed had been covered when it was due."""
        rows = self.rows()
        county.ledger(rows)
        assert judged(measured(county.engine, "2017-11-30"), "coverage") == (128, 128, 128, True)

        told = county.moment()
        county.ledger([in_service(rows[0], "2017-12-15", "简易物业", "失管")])
        december = measured(county.engine, "2017-12-31")
        assert (december.total["units"].numerator, december.total["units"].denominator) == (127, 128)
        assert f"{december.total['units'].rate:.1%}" == "99.2%"
        assert december.total["units_once"].numerator == 128
        assert december.total["lapsed"].numerator == 1
        assert [(each.code, each.lapsed_on) for each in december.newly_lapsed or ()] == [
            ("C010000", date(2017, 12, 15))
        ]
        assert measured(county.engine, "2017-11-30").newly_lapsed == ()
        assert measured(county.engine, "2018-01-31").newly_lapsed == ()
        # before the lapse was reported nobody knew of it
        assert measured(county.engine, "2017-12-31", known=told).total["units"].numerator == 128

    def test_types_are_counted_apart(self, county: County) -> None:
        county.ledger(self.rows())

        report = measured(county.engine, "2017-11-30", by="type")
        assert sorted(int(row.figures["units"].denominator) for row in report.rows) == [4, 9, 11, 14, 38, 52]
        assert {row.name for row in report.rows} >= {"老旧住宅小区", "企业自管小区"}


class TestZhengzhou:
    """D-D: 6 offices and 2 functional zones, 240 tasks; 72, 96 and 72 a year are 72, 168 and 240 in all."""

    @pytest.fixture
    def county(self, engine: Engine, tmp_path: Path) -> County:
        offices = {f"{number:02}": "办事处" for number in range(1, 7)}
        zones = {"07": "管委会", "08": "开发区管委会"}
        return district(engine, tmp_path, "zhengzhou_etdz_2018", 8, kinds=offices | zones)

    def test_functional_zones_report_as_streets_do(self, county: County) -> None:
        """30 tasks in each of the eight; none of the zones is a street."""
        county.ledger([compound(1 + i % 8, i, 是否列入任务清单="是") for i in range(240)])

        with transaction(county.engine, LOCAL_ADMIN, read_only=True) as connection:
            kinds = [
                area["subdistrict_kind"] for area in list_areas(connection) if area["kind"] == "subdistrict"
            ]
        assert kinds == ["street"] * 6 + ["functional_zone"] * 2
        rows = measured(county.engine, "2018-12-31", by="subdistrict").rows
        assert [(row.code, int(row.figures["units"].denominator)) for row in rows] == [
            (County.town(f"{number:02}"), 30) for number in range(1, 9)
        ]

    def test_two_measures_are_kept_apart(self, county: County) -> None:
        # 70 upgraded and 64 committees in the first year, and a compound that is no task
        tasks = [
            compound(1 + i % 8, i, 是否列入任务清单="是", 管理提升是否完成="是" if i < 70 else "否")
            | {"是否成立业主委员会": "是" if i < 64 else "否"}
            for i in range(240)
        ]
        county.ledger(
            [*tasks, compound(1, 999, 是否列入任务清单="否", 管理提升是否完成="是")], as_of=date(2018, 12, 31)
        )

        report = measured(county.engine, "2018-12-31")
        assert judged(report, "upgrade") == (70, 240, 72, False)
        assert judged(report, "owners_committee") == (64, 240, 72, False)
        assert f"{70 / 240:.1%}" == "29.2%"
        curve = follow_milestones(
            county.engine, LOCAL_ADMIN, area_code=CODE, on=date(2018, 12, 31), target_key="owners_committee"
        )
        assert [step.required for step in curve.total.steps] == [72, 168, 240]
        assert curve.total.now.numerator == 64

    def test_the_second_year_is_judged_on_what_is_reached_in_all(self, county: County) -> None:
        def tasks(done: int) -> list[Row]:
            return [
                compound(1 + i % 8, i, 是否列入任务清单="是", 管理提升是否完成="是" if i < done else "否")
                for i in range(240)
            ]

        county.ledger(tasks(72), as_of=date(2018, 12, 31))
        county.ledger(tasks(168), as_of=date(2019, 12, 31))
        assert judged(measured(county.engine, "2019-12-30"), "upgrade") == (72, 240, 72, True)
        assert judged(measured(county.engine, "2019-12-31"), "upgrade") == (168, 240, 168, True)


class TestMeihekou:
    """D-E: 140 old compounds, 60 of them renovated, accepted and with a good base; 70 % of the 60 are 42."""

    @pytest.mark.parametrize(("served", "met"), [(41, False), (42, True)])
    def test_seventy_percent_of_those_that_qualify(
        self, engine: Engine, tmp_path: Path, served: int, met: bool
    ) -> None:
        county = district(engine, tmp_path, "meihekou_2021", 5)
        ready = {"是否老旧小区": "是", "是否已改造": "是", "是否通过验收": "是", "群众基础好": "是"}
        rows = [
            compound(1 + i % 5, i, **(ready if i < 60 else ready | {"群众基础好": "否"})) for i in range(140)
        ]
        rows = [in_service(row, "2023-06-01") if i < served else row for i, row in enumerate(rows)]
        rows[0]["是否红心物业示范"] = "是"
        county.ledger(rows)

        report = measured(county.engine, "2023-12-31")
        assert judged(report, "professional") == (served, 60, 42, met)
        # shown beside it, and not what is judged: 42 of 140 are 30 %
        assert (
            int(report.total["professional"].numerator),
            int(report.total["professional"].denominator),
        ) == (
            served,
            140,
        )
        assert judged(report, "red_heart")[::3] == (1, True)

    @pytest.mark.parametrize(("projects", "met"), [(0, False), (1, True), (2, True)])
    def test_one_red_heart_project_is_asked_for(
        self, engine: Engine, tmp_path: Path, projects: int, met: bool
    ) -> None:
        county = district(engine, tmp_path, "meihekou_2021", 1)
        county.ledger(
            [
                compound(1, i, 是否老旧小区="是", 是否红心物业示范="是" if i < projects else "否")
                for i in range(4)
            ]
        )
        assert judged(measured(county.engine, "2021-11-30"), "red_heart") == (projects, 4, 1, met)

    def test_basically_eliminated_is_95_percent(self, engine: Engine, tmp_path: Path) -> None:
        """95 % of 140 are 133."""
        county = district(engine, tmp_path, "meihekou_2021", 5)
        rows = [compound(1 + i % 5, i) for i in range(140)]
        county.ledger(
            [in_service(row, "2021-11-30", "社区代管") if i < 132 else row for i, row in enumerate(rows)]
        )
        assert judged(measured(county.engine, "2021-11-30"), "coverage") == (132, 140, 133, False)
        county.ledger([in_service(rows[132], "2021-11-30", "社区代管")])
        assert judged(measured(county.engine, "2021-11-30"), "coverage") == (133, 140, 133, True)


def test_a_correction_is_known_from_its_day_and_not_before(engine: Engine, tmp_path: Path) -> None:
    """D-A's last line: 183 were counted for October; in November one more turns out to have been served."""
    county = district(engine, tmp_path, "county_2024", 5)
    rows = [compound(1 + i % 5, i) for i in range(229)]
    county.ledger([in_service(row, "2024-10-15") if i < 183 else row for i, row in enumerate(rows)])
    issued = issue_bulletin(engine, LOCAL_ADMIN, area_code=CODE, period="2024-10").as_json()
    told: datetime = county.moment()
    county.ledger([in_service(rows[183], "2024-10-31")])
    corrected = correct_bulletin(
        engine, LOCAL_ADMIN, bulletin_id=issued["id"], reason="漏报一个小区"
    ).as_json()

    assert [corrected[key] for key in ("total", "rows", "content_sha256")] == [
        issued[key] for key in ("total", "rows", "content_sha256")
    ]
    assert (corrected["total"]["numerator"], corrected["due"]["met"]) == (183, False)
    [note] = corrected["corrections"]
    assert (note["reason"], note["corrects"]) == ("漏报一个小区", issued["id"])
    assert (note["total"]["numerator"], note["due"]["met"]) == (184, True)
    # the fourth of the five communities, that of the 184th compound, had 36 in service and has 37
    fourth, whole = note["differences"]
    assert (fourth["told"]["numerator"], fourth["known"]["numerator"]) == (36, 37)
    assert (whole["told"]["numerator"], whole["known"]["numerator"]) == (183, 184)
    again = read_bulletin(engine, LOCAL_ADMIN, issued["id"]).as_json()
    assert again == corrected

    assert judged(measured(county.engine, "2024-10-31", known=told), "coverage") == (183, 229, 184, False)
    assert judged(measured(county.engine, "2024-10-31"), "coverage") == (184, 229, 184, True)


def test_interim_service_covers_nothing(engine: Engine, tmp_path: Path) -> None:
    """The plan of 2018 has interim service until the owners decide; it bridges a gap and is no coverage."""
    county = district(engine, tmp_path, "zhengzhou_etdz_2018", 1)
    served = {"是否列入任务清单": "是", "进展": "已进驻", "进驻日期": "2018-08-01"}
    county.ledger(
        [
            compound(1, 1, 现行管理方式="办事处提供基本服务", 无物业类型="无主管楼院", **served),
            compound(1, 2, 现行管理方式="依托居委会自行管理", 无物业类型="自管小区", **served),
            compound(1, 3, 无物业类型="社区楼院", 是否列入任务清单="是"),
        ]
    )
    figure = measured(county.engine, "2018-12-31").total["units"]
    assert (figure.numerator, figure.denominator) == (1, 3)
    by_type = measured(county.engine, "2018-12-31", by="type").rows
    assert sorted((row.code, int(row.figures["units"].denominator)) for row in by_type) == [
        ("community_courtyard", 1),
        ("no_responsible_body", 1),
        ("self_managed", 1),
    ]


def test_a_ledger_can_say_every_form_a_plan_names() -> None:
    assert set(FORMS.values()) == set(get_args(Form))
