"""Scenario D-A of the county: month-end counts, the milestone missed by one, the frozen bulletin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin, list_bulletins, read_bulletin
from geo_service.pipeline.milestones import follow_milestones
from geo_service.planning.bulletins.frozen import digest
from geo_service.store import local
from tests.actors import actor
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

COUNTY, TOWN, EMPTY = CODE, County.town("01"), County.town("02")
COMMUNITIES = [County.community("01", f"{place:03}") for place in range(1, 6)]
UNITS = [61, 52, 47, 38, 31]
MONTH_ENDS = ["2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31", "2024-08-31", "2024-09-30",
              "2024-10-31", "2024-11-30", "2024-12-31"]  # fmt: skip
COVERED = [22, 47, 71, 98, 127, 155, 183, 206, 229]
# until June as the scenario has it by community, from then on in the order of their codes
EARLY = [[6, 5, 5, 4, 2], [13, 11, 10, 8, 5], [20, 16, 15, 12, 8]]


@pytest.fixture(scope="module")
def place(
    cluster: local.Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """229 compounds in five communities of one town, each in service from a month's end on; another town."""
    with engine_on_a_clone(cluster, template) as engine:
        names = {"01": [code[6:9] for code in COMMUNITIES], "02": ["001"]}
        county = County(engine, tmp_path_factory.mktemp("d-a"), names)
        county.ledger([compound(code, since) for code, since in starts().items()])
        yield county


@pytest.fixture(scope="module")
def county(place: County) -> Engine:
    return place.engine


def starts() -> dict[str, str]:
    """The day each compound is in service from, by its code."""
    codes = [f"{code}-C{n:03}" for code, units in zip(COMMUNITIES, UNITS, strict=True)
             for n in range(1, units + 1)]  # fmt: skip
    served: dict[str, str] = {}
    for day, counts in zip(MONTH_ENDS, EARLY, strict=False):
        firsts = dict(zip(COMMUNITIES, counts, strict=True))
        served |= {code: day for code in codes if int(code[-3:]) <= firsts[code[:12]] and code not in served}
    for day, count in list(zip(MONTH_ENDS, COVERED, strict=True))[len(EARLY) :]:
        rest = [code for code in codes if code not in served]
        served |= dict.fromkeys(rest[: count - len(served)], day)
    return served


def compound(code: str, since: str) -> dict[str, Any]:
    return {
        "社区": code[:12],
        "小区编码": code,
        "小区名称": f"小区{code[6:]}",
        "户数": 40,
        "物业管理类型": "专业化物业",
        "进展": "已进驻",
        "进驻日期": since,
    }


def follow(engine: Engine, on: str) -> dict[str, Any]:
    day = date.fromisoformat(on)
    return follow_milestones(engine, LOCAL_ADMIN, area_code=TOWN, on=day).as_json()


def test_month_ends_are_those_of_the_scenario(county: Engine) -> None:
    points = {point["date"]: point["numerator"] for point in follow(county, "2024-12-31")["total"]["points"]}

    assert [points[day] for day in MONTH_ENDS] == COVERED
    assert points["2024-03-31"] == 0


def test_june_passes_october_fails_by_one_and_december_passes(county: Engine) -> None:
    total = follow(county, "2024-12-31")["total"]

    assert [(step["required"], step["numerator"], step["met"]) for step in total["steps"]] == [
        (69, 71, True), (184, 183, False), (229, 229, True),
    ]  # fmt: skip
    october = follow(county, "2024-10-31")["total"]
    assert (october["flag"], october["next"]["gap"]) == ("red", 46)
    assert follow(county, "2024-09-30")["total"]["flag"] == "amber"


def test_communities_of_june_rank_and_the_fifth_is_flagged_though_the_town_passes(county: Engine) -> None:
    report = follow(county, "2024-06-30")

    assert [(row["numerator"], row["denominator"], row["rank"]) for row in report["rows"]] == [
        (20, 61, 1), (16, 52, 4), (15, 47, 2), (12, 38, 3), (8, 31, 5),
    ]  # fmt: skip
    assert [row["flag"] == "red" for row in report["rows"]] == [False, False, False, False, True]
    assert report["total"]["steps"][0]["met"] is True


def test_a_bulletin_stays_as_it_was_told_and_a_correction_stands_beside_it(
    county: Engine, place: County
) -> None:
    issued = issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period="2024-10").as_json()
    assert (issued["total"]["numerator"], issued["due"]["met"], issued["due"]["required"]) == (
        183,
        False,
        184,
    )
    assert issued["cut_off"] == "2024-10-31"
    assert [row["rank"] for row in issued["rows"]] == sorted(row["rank"] for row in issued["rows"])
    assert sum(row["change"] for row in issued["rows"]) == 183 - 155
    with pytest.raises(InvalidInput, match="those that were told"):
        correct_bulletin(county, LOCAL_ADMIN, bulletin_id=issued["id"], reason="无")

    # it turns out that one more was served on the last of October
    late = next(code for code, since in starts().items() if since == "2024-11-30")
    place.ledger([compound(late, "2024-10-31")], name="late.xlsx")
    corrected = correct_bulletin(
        county, LOCAL_ADMIN, bulletin_id=issued["id"], reason="漏报一个小区"
    ).as_json()

    assert corrected["total"]["numerator"] == 183
    assert corrected["content_sha256"] == issued["content_sha256"]
    (correction,) = corrected["corrections"]
    assert (correction["total"]["numerator"], correction["due"]["met"]) == (184, True)
    assert [each["code"] for each in correction["differences"]] == [late.split("-")[0], None]
    assert correction["differences"][1] == {
        "code": None,
        "name": None,
        "told": {"numerator": 183, "denominator": 229},
        "known": {"numerator": 184, "denominator": 229},
    }
    read = read_bulletin(county, LOCAL_ADMIN, issued["id"])
    assert read.as_json() == corrected
    assert digest(read.bulletin.figures) == read.bulletin.content_sha256
    place.ledger([compound(late, "2024-11-30")], name="again.xlsx")


def test_a_month_is_told_once(county: Engine) -> None:
    first = issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period="2024-06").as_json()
    with pytest.raises(Conflict, match="is not changed any more"):
        issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period="2024-06")
    listed = list_bulletins(county, LOCAL_ADMIN, area_code=COUNTY)
    assert first["id"] in [each["id"] for each in listed]
    assert [each["month"] for each in listed] == sorted((each["month"] for each in listed), reverse=True)


@pytest.mark.parametrize(
    "written", ["2024", "2024-13", "2024-00", "0000-01", "0001-01", "10-2024", "", "2024-1", "二〇二四"]
)
def test_what_is_no_month_is_refused(county: Engine, written: str) -> None:
    with pytest.raises(InvalidInput, match="not a month"):
        issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period=written)


def test_a_month_without_data_is_refused(county: Engine) -> None:
    with pytest.raises(InvalidInput, match="has not begun"):
        issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period="2999-01")
    for before in ("2014-10", "2024-02"):  # the plan's first phase begins on 2024-03-11
        with pytest.raises(InvalidInput, match=r"before the plan begins \(2024-03-11\)"):
            issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period=before)
    with pytest.raises(InvalidInput, match="nothing to rank"):
        issue_bulletin(county, LOCAL_ADMIN, area_code=EMPTY, period="2024-05")
    assert list_bulletins(county, LOCAL_ADMIN, area_code=EMPTY) == []


@pytest.mark.parametrize("reason", ["", "  ", "因" * 501])
def test_a_correction_needs_a_reason(county: Engine, reason: str) -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        correct_bulletin(county, LOCAL_ADMIN, bulletin_id=1, reason=reason)


def test_nobody_changes_a_bulletin_and_scopes_hold(county: Engine) -> None:
    issued = issue_bulletin(county, LOCAL_ADMIN, area_code=TOWN, period="2024-07").as_json()
    with county.connect() as connection:
        granted = connection.execute(
            text("SELECT privilege_type FROM information_schema.role_table_grants"
                 " WHERE grantee = 'geo_service_app' AND table_name = 'bulletin'")
        ).scalars()  # fmt: skip
        assert set(granted) == {"SELECT", "INSERT"}
    stranger = actor(Role.PLANNER, COMMUNITIES[0])
    with pytest.raises(NotFound):
        read_bulletin(county, stranger, issued["id"])
    with pytest.raises(NotFound):
        issue_bulletin(county, stranger, area_code=TOWN, period="2024-08")
    assert list_bulletins(county, stranger, area_code=COMMUNITIES[0]) == []
    for who in (actor(Role.VIEWER), actor(Role.GIS)):
        assert read_bulletin(county, who, issued["id"]).as_json()["month"] == "2024-07"
        with pytest.raises(Forbidden):
            issue_bulletin(county, who, area_code=TOWN, period="2024-08")
    chief = actor(Role.CHIEF, TOWN)
    with pytest.raises(Forbidden):
        list_bulletins(county, chief, area_code=TOWN)
    with pytest.raises(Forbidden):
        follow_milestones(county, chief, area_code=TOWN, on=date(2024, 6, 30))


def test_an_area_of_one_community_is_ranked_by_itself(county: Engine) -> None:
    issued = issue_bulletin(county, LOCAL_ADMIN, area_code=COMMUNITIES[4], period="2024-06").as_json()

    assert [(row["rank"], row["numerator"], row["meets_due"]) for row in issued["rows"]] == [(1, 8, False)]
    with pytest.raises(InvalidInput):
        issue_bulletin(county, LOCAL_ADMIN, area_code=COMMUNITIES[4], period="2024-07", by="subdistrict")


def test_the_plan_of_2020_ranks_streets_and_proposes_what_it_provides(county: Engine) -> None:
    """Every rule comes from the profile: who is ranked, what is due, what follows, which meeting is next."""
    issued = issue_bulletin(
        county, LOCAL_ADMIN, area_code=COUNTY, period="2024-04", profile_key="luolong_2020"
    ).as_json()

    assert (issued["by"], issued["due"]["required"]) == ("subdistrict", 229)
    assert [row["meets_due"] for row in issued["rows"]] == [False, None]
    assert [each["key"] for each in issued["proposals"]] == [
        "yellow_card", "award_withheld", "title_withdrawn", "opinion",
    ]  # fmt: skip
    assert issued["proposals"][0]["section"] == "三、（二）3"
    june = follow_milestones(
        county, LOCAL_ADMIN, area_code=COUNTY, on=date(2020, 6, 25), profile_key="luolong_2020"
    ).as_json()
    # of no day, and so not there: assessments, inspections and meetings "as needed"
    assert [(each["date"], each["what"], each["key"]) for each in june["coming"]] == [
        ("2020-06-30", "duty", "special_meeting"), ("2020-07-01", "meeting", "joint_meeting"),
    ]  # fmt: skip
