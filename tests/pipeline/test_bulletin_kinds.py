"""Every kind of bulletin in a district of its plan: frozen, corrected, or refused where nothing is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InvalidInput, NotFound
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin, list_bulletins, read_bulletin
from geo_service.pipeline.evaluating import evaluate_unit
from geo_service.pipeline.policies import adopt_profile, use_profile
from geo_service.pipeline.reports import list_reports, receive_report
from geo_service.planning.bulletins.frozen import digest
from geo_service.store import local
from tests.actors import actor
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County
from tests.world import EAST, TOWN, WEST, build_world


def issue(engine: Engine, kind: str, period: str, area: str = CODE, **options: Any) -> dict[str, Any]:
    return issue_bulletin(engine, LOCAL_ADMIN, area_code=area, kind=kind, period=period, **options).as_json()


def compounds(town: int, starts: list[str | None]) -> list[dict[str, Any]]:
    """Compounds of a town's one community, in service from a day on, or not at all."""
    return [
        {
            "社区": County.community(f"{town:02}", "001"),
            "小区编码": f"C{town:02}{number:03}",
            "小区名称": f"{town}镇小区{number}",
            "户数": 100,
            **({"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": start} if start else {}),
        }
        for number, start in enumerate(starts, start=1)
    ]


@pytest.fixture(scope="module")
def streets(
    cluster: local.Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """D-B, four streets of 5 compounds: 01 is a civilized unit, 02 is none, of 03 and 04 nobody said.

    20 % of 5 is 1: by 30 June none of 01, 02 and 03 has one in service; 04 has one since the 29th.
    """
    with engine_on_a_clone(cluster, template) as engine:
        names = {f"0{number}": ["001"] for number in range(1, 5)}
        county = County(engine, tmp_path_factory.mktemp("b"), names, civilized={"01": "是", "02": "否"})
        use_profile(engine, LOCAL_ADMIN, key="luolong_2020")
        rows = [row for town in (1, 2, 3) for row in compounds(town, [None] * 5)]
        county.ledger([*rows, *compounds(4, ["2020-06-29", *[None] * 4])])
        yield engine


@pytest.fixture(scope="module")
def six(cluster: local.Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """D-C, six units of 4 compounds each, under a plan that answers late reports too.

    In service by 26 October: one each, 6. By 26 November: 4, 4, 3, 3, 2 and 4, which is 20 of 24.
    Five units report by Sunday the 26th, the sixth on Tuesday the 28th: two days late.
    """
    with engine_on_a_clone(cluster, template) as engine:
        county = County(engine, tmp_path_factory.mktemp("c"), {f"0{n}": ["001"] for n in range(1, 7)})
        shipped = files("geo_service.planning.policy") / "profiles" / "zhoucun_2017.toml"
        late = (
            '\n[[conduct.sanctions]]\nkey = "called_in"\ntitle_zh = "约谈"\ntitle_en = "Called in"\n'
            'on = "report_late"\nagainst = "subdistrict"\nsection = "四、（四）"\n'
        )
        adopt_profile(engine, LOCAL_ADMIN, key="own", document=shipped.read_text(encoding="utf-8") + late)
        use_profile(engine, LOCAL_ADMIN, key="own")
        rows = []
        for town, served in enumerate((4, 4, 3, 3, 2, 4), start=1):
            starts = ["2017-10-20", *["2017-11-20"] * (served - 1), *[None] * (4 - served)]
            rows += compounds(town, starts)
        county.ledger(rows)
        for town, day in enumerate((20, 24, 25, 26, 26, 28), start=1):
            receive(engine, f"0{town}", f"2017-11-{day}")
        yield engine


@pytest.fixture
def world(engine: Engine) -> Engine:
    """Three standalone buildings in WEST, one in EAST, under the county's plan."""
    build_world(engine, {TOWN: {WEST: "123", EAST: "4"}})
    return engine


def receive(engine: Engine, town: str, on: str, period: str = "2017-11", **options: Any) -> dict[str, Any]:
    day = date.fromisoformat(on)
    return receive_report(engine, LOCAL_ADMIN, area_code=County.town(town), period=period, on=day, **options)


def score(engine: Engine, unit: str, mark: str, *, without: tuple[str, ...] = ()) -> None:
    keys = ("hygiene", "order", "green", "shared_parts", "parking")
    marks = {key: Decimal(mark) for key in keys if key not in without}
    evaluate_unit(
        engine, LOCAL_ADMIN, unit_code=unit, round="final", marks=marks, not_applicable=list(without)
    )


def test_the_weekly_sheet_ranks_streets_on_a_wednesday(streets: Engine) -> None:
    sheet = issue(streets, "weekly_sheet", "2020-07-01")

    assert (sheet["kind"], sheet["period"], sheet["cut_off"]) == ("weekly_sheet", "2020-07-01", "2020-07-01")
    assert sheet["rhythm"]["key"] == "joint_meeting"
    # 1 of 20, where 20 % of 20 = 4 were due the day before
    assert (sheet["total"]["numerator"], sheet["due"]["required"], sheet["due"]["met"]) == (1, 4, False)
    assert [(row["code"][4:6], row["change"], row["meets_due"]) for row in sheet["rows"]] == [
        ("04", 1, True), ("01", 0, False), ("02", 0, False), ("03", 0, False),
    ]  # fmt: skip
    assert (
        digest(read_bulletin(streets, LOCAL_ADMIN, sheet["id"]).bulletin.figures) == sheet["content_sha256"]
    )
    with pytest.raises(Conflict):
        issue(streets, "weekly_sheet", "2020-07-01")
    with pytest.raises(InvalidInput, match="2020-07-01, 2020-07-08"):
        issue(streets, "weekly_sheet", "2020-07-02")
    with pytest.raises(InvalidInput, match="has not begun"):
        issue(streets, "weekly_sheet", "2999-01-02")  # a Wednesday, too


def test_the_first_weekly_sheet_is_of_the_day_of_issue(streets: Engine) -> None:
    """24 June 2020, a Wednesday: nothing is in service nor due yet; 4 of 20 are on the 30th."""
    sheet = issue(streets, "weekly_sheet", "2020-06-24")

    assert (sheet["period"], sheet["cut_off"], sheet["due"]) == ("2020-06-24", "2020-06-24", None)
    assert (sheet["total"]["numerator"], sheet["total"]["denominator"]) == (0, 20)
    assert (sheet["next"]["date"], sheet["next"]["required"]) == ("2020-06-30", 4)
    assert [row["gap_to_next"] for row in sheet["rows"]] == [1, 1, 1, 1]
    assert (sheet["rhythm"]["key"], sheet["proposals"]) == ("joint_meeting", [])


def test_what_may_follow_depends_on_the_civilized_unit(streets: Engine) -> None:
    """A civilized unit: the yellow card first. None: an opinion. Not known: both are shown. Met: nothing."""
    told = issue(streets, "monthly_ranking", "2020-07")

    # by 31 July half of 5, so 3, are due: street 04 with its one misses, too, and nobody said what it is
    proposed = {row["code"][4:6]: [each["key"] for each in row["proposals"]] for row in told["rows"]}
    card = ["yellow_card", "award_withheld", "title_withdrawn"]
    assert proposed == {"01": card, "02": ["opinion"], "03": [*card, "opinion"], "04": [*card, "opinion"]}
    assert {row["code"][4:6]: row["is_civilized_unit"] for row in told["rows"]} == {
        "01": True, "02": False, "03": None, "04": None,
    }  # fmt: skip
    assert [each["key"] for each in told["proposals"]] == [*card, "opinion"]
    assert {each["on"] for each in told["proposals"]} == {"milestone_missed"}
    june = issue(streets, "monthly_ranking", "2020-06")
    assert [row["proposals"] for row in june["rows"] if row["code"][4:6] == "04"] == [[]]


def test_what_turns_out_about_a_street_is_a_correction(streets: Engine) -> None:
    told = issue(streets, "weekly_sheet", "2020-07-08")
    with streets.begin() as connection:
        connection.execute(
            text("UPDATE area SET is_civilized_unit = false WHERE code = :code"), {"code": County.town("03")}
        )
    corrected = correct_bulletin(
        streets, LOCAL_ADMIN, bulletin_id=told["id"], reason="补登文明单位"
    ).as_json()

    [correction] = corrected["corrections"]
    assert (correction["kind"], correction["period"]) == ("weekly_sheet", "2020-07-08")
    [changed] = correction["differences"]
    assert changed["code"] == County.town("03")
    assert [each["key"] for each in changed["known"]["proposals"]] == ["opinion"]
    with streets.begin() as connection:
        connection.execute(
            text("UPDATE area SET is_civilized_unit = NULL WHERE code = :code"), {"code": County.town("03")}
        )


def test_the_report_of_the_month_says_who_was_late(six: Engine) -> None:
    report = issue(six, "monthly_report", "2017-11")

    assert (report["cut_off"], report["month"], report["rhythm"]["key"]) == (
        "2017-11-26",
        "2017-11",
        "report",
    )
    assert (report["total"]["numerator"], report["total"]["denominator"]) == (20, 24)
    assert sum(row["change"] for row in report["rows"]) == 20 - 6
    states = {
        row["code"][4:6]: (row["reports"][0]["state"], row["reports"][0]["days_late"])
        for row in report["rows"]
    }
    assert states == {**{f"0{n}": ("on_time", 0) for n in range(1, 6)}, "06": ("late", 2)}
    # all of 30 November is due later: nobody has missed it yet, and only the late one is called in
    assert {row["code"][4:6]: [each["key"] for each in row["proposals"]] for row in report["rows"]} == {
        **{f"0{n}": [] for n in range(1, 6)}, "06": ["called_in"],
    }  # fmt: skip


def test_the_ranking_of_the_month_says_so_too_and_an_entry_mended_is_a_correction(six: Engine) -> None:
    ranking = issue(six, "monthly_ranking", "2017-11")

    late = [row for row in ranking["rows"] if row["reports"][0]["state"] == "late"]
    assert [row["code"] for row in late] == [County.town("06")]
    # three units have all their 4; the others miss the 30th, on which everything is due
    assert sorted(row["code"][4:6] for row in ranking["rows"] if row["meets_due"]) == ["01", "02", "06"]
    keys = {row["code"][4:6]: [each["key"] for each in row["proposals"]] for row in ranking["rows"]}
    # the plan's year-end assessment comes whether or not the 30th is met: nothing follows from a miss
    assert (keys["01"], keys["03"], keys["06"]) == ([], [], ["called_in"])

    receive(six, "06", "2017-11-26")  # it had come on the 26th after all
    corrected = correct_bulletin(six, LOCAL_ADMIN, bulletin_id=ranking["id"], reason="补记日期").as_json()
    [changed] = corrected["corrections"][0]["differences"]
    assert (changed["told"]["reports"][0]["state"], changed["known"]["reports"][0]["state"]) == (
        "late",
        "on_time",
    )
    assert corrected["rows"] == ranking["rows"]
    receive(six, "06", "2017-11-28")
    with six.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT received_on, upper_inf(recorded) FROM report_receipt WHERE area_code = :code"
                " AND period = '2017-11-01' ORDER BY id"
            ),
            {"code": County.town("06")},
        ).all()
    days = [date(2017, 11, 28), date(2017, 11, 26), date(2017, 11, 28)]
    assert [tuple(row) for row in kept] == list(zip(days, (False, False, True), strict=True))


def test_a_report_that_never_came_is_missing(six: Engine) -> None:
    receive(six, "01", "2017-12-20", period="2017-12")
    found = list_reports(six, LOCAL_ADMIN, area_code=CODE, period="2017-12")
    assert [row["state"] for row in found["rows"]] == ["on_time", *["missing"] * 5]
    assert (found["due"], found["rows"][0]["received_on"]) == ("2017-12-26", "2017-12-20")
    december = issue(six, "monthly_report", "2017-12")
    assert [row["reports"][0]["state"] for row in december["rows"] if row["code"] != County.town("01")] == [
        "missing"
    ] * 5
    # what comes after the bulletin was issued is no correction of it
    with six.begin() as connection:
        told_on = text('UPDATE bulletin SET figures = figures || \'{"as_of": "2017-12-27"}\' WHERE id = :id')
        connection.execute(told_on, {"id": december["id"]})
    receive(six, "02", "2017-12-28", period="2017-12")
    again = correct_bulletin(six, LOCAL_ADMIN, bulletin_id=december["id"], reason="复核").as_json()
    second = [row for row in again["corrections"][0]["rows"] if row["code"] == County.town("02")]
    assert (second[0]["reports"][0]["state"], second[0]["reports"][0]["days_late"]) == ("missing", 1)
    assert list_reports(six, LOCAL_ADMIN, area_code=CODE)["rows"][0]["state"] in ("pending", "missing")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"area_code": CODE}, "report.asked_of_subdistrict"),
        ({"area_code": County.community("01", "001")}, "report.asked_of_subdistrict"),
        ({"rhythm": "dispatch"}, "report.unknown_rhythm"),  # a rhythm, but of no report
        ({"period": "2017-10"}, "report.before_rhythm"),
        ({"period": "2999-01"}, "report.period_ahead"),
        ({"period": "2017"}, "bulletin.bad_month"),
        ({"on": date(2999, 1, 1)}, "report.day_ahead"),
        ({"on": date(2017, 10, 31)}, "report.before_period"),
        ({"profile_key": "county_2024"}, "report.none_in_plan"),
        ({"area_code": "nowhere"}, "area.unknown"),
        ({"profile_key": "nowhere"}, "policy.unknown"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(six: Engine, options: dict[str, Any], key: str) -> None:
    order: dict[str, Any] = {"area_code": County.town("01"), "period": "2017-11", **options}
    with pytest.raises(GeoServiceError) as refused:
        receive_report(six, LOCAL_ADMIN, **order)
    assert refused.value.key == key


def test_roles_and_scopes_of_receipts_hold(six: Engine) -> None:
    order = {"area_code": County.town("02"), "period": "2018-01"}
    for who in (actor(Role.VIEWER), actor(Role.GIS)):
        with pytest.raises(Forbidden):
            receive_report(six, who, **order)
    with pytest.raises(NotFound):
        receive_report(six, actor(Role.PLANNER, County.town("01")), **order)
    with pytest.raises(Forbidden):
        list_reports(six, actor(Role.VIEWER), area_code=CODE)
    own = list_reports(six, actor(Role.GIS, County.town("02")), area_code=County.town("02"), period="2017-11")
    assert [row["code"] for row in own["rows"]] == [County.town("02")]
    with six.connect() as connection:
        granted = connection.execute(
            text("SELECT privilege_type FROM information_schema.role_table_grants"
                 " WHERE grantee = 'geo_service_app' AND table_name = 'report_receipt'")
        ).scalars()  # fmt: skip
        assert set(granted) == {"SELECT", "INSERT", "UPDATE"}
        trail = connection.execute(
            text("SELECT DISTINCT action FROM audit WHERE table_name = 'report_receipt'")
        ).scalars()
        assert set(trail) == {"insert", "update"}


def test_the_final_list_names_who_complies_who_does_not_and_what_was_left_out(world: Engine) -> None:
    """D-A: 85.0 passes, 84.5 fails; without green space the other four count: 90."""
    score(world, f"{WEST}-B0001", "84.5")
    score(world, f"{WEST}-B0002", "85.0")
    score(world, f"{EAST}-B0001", "90", without=("green",))
    listed = issue(world, "evaluation_list", "final", TOWN)

    assert [(row["code"][-5:], row["score"], row["passes"]) for row in listed["rows"]] == [
        ("B0001", 90.0, True), ("B0002", 85.0, True), ("B0001", 84.5, False), ("B0003", None, None),
    ]  # fmt: skip
    assert [each["key"] for each in listed["rows"][0]["left_out"]] == ["green"]
    assert listed["total"] == {"compliant": 2, "not_compliant": 1, "not_scored": 1}
    assert (listed["period"], listed["cut_off"], listed["pass_mark"]) == ("final", "2024-12-31", 85)
    assert listed["round"]["section"] == "附件2 三"
    assert listed["content_sha256"] == digest(
        read_bulletin(world, LOCAL_ADMIN, listed["id"]).bulletin.figures
    )

    score(world, f"{WEST}-B0001", "88")
    corrected = correct_bulletin(world, LOCAL_ADMIN, bulletin_id=listed["id"], reason="异议复核").as_json()
    one, whole = corrected["corrections"][0]["differences"]
    assert (one["told"]["score"], one["known"]["score"], one["known"]["passes"]) == (84.5, 88.0, True)
    assert (whole["told"]["compliant"], whole["known"]["compliant"]) == (2, 3)
    assert corrected["rows"] == listed["rows"]


def test_the_public_notice_names_compliant_ones_alone(world: Engine) -> None:
    score(world, f"{WEST}-B0001", "84.5")
    score(world, f"{WEST}-B0002", "85.0")
    notice = issue(world, "public_notice", "final", TOWN)

    assert [row["code"] for row in notice["rows"]] == [f"{WEST}-B0002"]
    assert [(each["code"], each["numerator"], each["denominator"]) for each in notice["areas"]] == [
        (WEST, 0, 3), (EAST, 0, 1),
    ]  # fmt: skip
    # residents read it: nobody's marks below the line, no proposals
    assert notice["proposals"] == []
    assert (notice["total"]["not_compliant"], notice["total"]["denominator"]) == (1, 4)
    score(world, f"{WEST}-B0001", "85")
    corrected = correct_bulletin(world, LOCAL_ADMIN, bulletin_id=notice["id"], reason="复核").as_json()
    assert [each["code"] for each in corrected["corrections"][0]["differences"]] == [f"{WEST}-B0001", None]


def test_a_round_without_scores_and_a_kind_without_basis_are_refused(world: Engine) -> None:
    for kind in ("evaluation_list", "public_notice"):
        with pytest.raises(InvalidInput) as refused:
            issue(world, kind, "final", TOWN)
        assert refused.value.key == "bulletin.nothing_scored"
    for kind, period, key in (
        ("weekly_sheet", "2024-06-26", "bulletin.kind_not_in_plan"),
        ("monthly_report", "2024-06", "bulletin.kind_not_in_plan"),
        ("evaluation_list", "spring", "bulletin.unknown_round"),
        ("gossip", "2024-06", "bulletin.unknown_kind"),
    ):
        with pytest.raises(InvalidInput) as refused:
            issue(world, kind, period, TOWN)
        assert refused.value.key == key
    assert list_bulletins(world, LOCAL_ADMIN, area_code=TOWN) == []


def test_a_viewer_reads_notices_but_no_scores_of_single_units(world: Engine) -> None:
    score(world, f"{WEST}-B0001", "84.5")
    score(world, f"{WEST}-B0002", "85.0")
    listed, notice = (issue(world, kind, "final", TOWN) for kind in ("evaluation_list", "public_notice"))
    viewer = actor(Role.VIEWER)
    assert [each["id"] for each in list_bulletins(world, viewer, area_code=TOWN)] == [notice["id"]]
    with pytest.raises(NotFound):
        read_bulletin(world, viewer, listed["id"])
    assert read_bulletin(world, actor(Role.GIS), listed["id"]).as_json()["id"] == listed["id"]
