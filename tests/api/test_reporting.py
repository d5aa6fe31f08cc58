"""Milestone curves and bulletins over HTTP."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, SECOND_TOWN, TOWN, WEST


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor):
    return client_for(seeded.engine)


def test_a_curve_has_steps_points_and_a_flag(client):
    # 10 of 11 are covered from June on: 30 % and 80 % are met, 100 % is missed at the end of the year
    query = {"area": COUNTY, "on": "2025-01-31", "by": "subdistrict"}
    total = client.get("/api/milestones", params=query).json()["total"]
    assert [step["met"] for step in total["steps"]] == [True, True, False]
    assert (total["flag"], total["next"]) == ("red", None)
    assert_problem(client.get("/api/milestones", params={"area": "nowhere"}), 404, "area.unknown")
    refused = client.get("/api/milestones", params={"area": TOWN, "target": "everything"})
    assert_problem(refused, 400, "coverage.unknown_target")


def test_a_bulletin_is_issued_once_and_read(client):
    order = {"area": TOWN, "month": "2024-06"}
    issued = client.post("/api/bulletins", json=order)
    assert issued.status_code == 201
    number = issued.json()["id"]
    assert client.get(f"/api/bulletins/{number}").json() == issued.json()
    assert [
        each["id"] for each in client.get("/api/bulletins", params={"area": TOWN}).json()["bulletins"]
    ] == [number]
    assert_problem(client.post("/api/bulletins", json=order), 409, "bulletin.issued")
    correction = client.post(f"/api/bulletins/{number}/corrections", json={"reason": "因"})
    assert_problem(correction, 400, "bulletin.nothing_changed")


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ({"area": TOWN, "month": "6"}, "bulletin.bad_month"),
        ({"area": TOWN, "month": "2999-06"}, "bulletin.period_ahead"),
        ({"area": TOWN, "month": "2014-06"}, "bulletin.before_plan"),
        ({"area": TOWN}, "request.unusable"),
        ({"area": TOWN, "month": "2024-05", "by": "county"}, "request.unusable"),
        ({"area": TOWN, "month": "2024-05", "target": "everything"}, "coverage.unknown_target"),
        ({"area": TOWN, "month": "2024-05", "objection_days": 1000}, "request.unusable"),
        ({"area": WEST, "month": "2024-05", "by": "subdistrict"}, "coverage.community_by_subdistrict"),
    ],
)
def test_a_bad_order_is_a_problem_in_words(client, order, key):
    assert_problem(client.post("/api/bulletins", json=order), 400, key)


def test_who_may_not_issue_is_told_so(seeded: Seeded, client_for: ClientFor):
    viewer = client_for(seeded.engine, Role.VIEWER)
    assert viewer.get("/api/milestones", params={"area": COUNTY}).status_code == 200
    refused = viewer.post("/api/bulletins", json={"area": TOWN, "month": "2024-04"})
    assert_problem(refused, 403, "access.outside_scope")
    assert_problem(viewer.get("/api/bulletins/999"), 404, "bulletin.unknown")


def test_a_bulletin_is_taken_away_as_a_file(client, settings):
    number = client.post("/api/bulletins", json={"area": TOWN, "month": "2024-07"}).json()["id"]
    printed = client.get(f"/api/bulletins/{number}/document")
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert f"bulletin-{number}.pdf" in printed.headers["content-disposition"]
    assert printed.headers["cache-control"] == "private, no-store"
    said = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    assert "2024-07 物业管理覆盖排名通报" in said
    english = client.get(f"/api/bulletins/{number}/document", headers={"Accept-Language": "en"})
    assert "coverage ranking" in PdfReader(BytesIO(english.content)).pages[0].extract_text()
    workbook = client.get(f"/api/bulletins/{number}/document", params={"format": "xlsx"})
    assert openpyxl.load_workbook(BytesIO(workbook.content)).active.title == "2024-07"
    for wrong in ("docx", "x/../y.pdf", ""):
        refused = client.get(f"/api/bulletins/{number}/document", params={"format": wrong})
        assert_problem(refused, 400, "request.unusable")
    assert_problem(client.get("/api/bulletins/999/document"), 404, "bulletin.unknown")
    assert list(settings.work_dir.glob("geo-service-attachment-*")) == []


def test_a_curve_is_taken_away_as_a_file(client, settings, seeded: Seeded, client_for: ClientFor):
    query = {"area": COUNTY, "on": "2025-01-31", "by": "subdistrict"}
    path = "/api/milestones/document"
    report = client.get("/api/milestones", params=query).json()
    printed = client.get(path, params=query)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert "milestones-2025-01-31.pdf" in printed.headers["content-disposition"]
    assert "10 个，基数 11 个" in PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    picture = client.get(path, params={**query, "format": "png"})
    assert (picture.headers["content-type"], picture.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    answered = client.get(path, params={**query, "format": "xlsx"}, headers={"Accept-Language": "en"})
    workbook = openpyxl.load_workbook(BytesIO(answered.content))
    # the chart's points on the first sheet are those of the report
    assert len(workbook.active._charts) == 1
    rows = workbook.active.iter_rows(min_row=4, max_col=3, values_only=True)
    counted = {day.date().isoformat(): covered for day, _, covered in rows if day and covered is not None}
    assert counted == {each["date"]: each["numerator"] for each in report["total"]["points"]}
    for wrong in ("json", "x/../y.pdf", ""):
        assert_problem(client.get(path, params={**query, "format": wrong}), 400, "request.unusable")
    assert_problem(client.get(path, params={**query, "area": "nowhere"}), 404, "area.unknown")
    chief = client_for(seeded.engine, Role.CHIEF, WEST, seeded.posts[WEST])
    assert_problem(chief.get(path, params=query), 403, "access.outside_scope")
    planner = client_for(seeded.engine, Role.PLANNER, SECOND_TOWN)
    assert_problem(planner.get(path, params={**query, "area": TOWN}), 404, "area.unknown")
    assert list(settings.work_dir.glob("geo-service-attachment-*")) == []


@pytest.mark.parametrize("on", ["0001-01-01", "2024-02-29", "9999-12-30"])
def test_a_curve_of_any_day_can_be_drawn(client, on):
    for format in ("png", "xlsx"):
        drawn = client.get("/api/milestones/document", params={"area": COUNTY, "on": on, "format": format})
        assert drawn.status_code == 200, drawn.text


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ({"kind": "weekly_sheet", "period": "2020-06-25", "profile": "luolong_2020"}, "report.not_a_due_day"),
        ({"kind": "weekly_sheet", "period": "2024-06-26"}, "bulletin.kind_not_in_plan"),
        ({"kind": "evaluation_list", "period": "final"}, "bulletin.nothing_scored"),
        ({"kind": "evaluation_list", "period": "spring"}, "bulletin.unknown_round"),
        ({"kind": "gossip", "period": "2024-05"}, "bulletin.unknown_kind"),
        ({"kind": "monthly_ranking", "period": "2024-05", "month": "2024-05"}, "request.unusable"),
    ],
)
def test_a_kind_that_cannot_be_is_a_problem_in_words(client, order, key):
    assert_problem(client.post("/api/bulletins", json={"area": TOWN, **order}), 400, key)


def test_an_objection_is_filed_and_stands_beside(client, seeded: Seeded, client_for: ClientFor):
    number = client.post("/api/bulletins", json={"area": TOWN, "month": "2024-08"}).json()["id"]
    filed = client.post(f"/api/bulletins/{number}/objections", json={"by": "西社区", "text": "漏报一栋"})
    assert filed.status_code == 201
    read = client.get(f"/api/bulletins/{number}").json()
    assert [(each["by"], each["text"]) for each in read["objections"]] == [("西社区", "漏报一栋")]
    for order, status, key in (
        ({"by": "甲"}, 400, "request.unusable"),
        ({"by": "甲", "text": " "}, 400, "record.blank"),
        ({"by": "甲", "text": "乙", "on": "2024-08-01"}, 400, "bulletin.objections_closed"),
    ):
        assert_problem(client.post(f"/api/bulletins/{number}/objections", json=order), status, key)
    viewer = client_for(seeded.engine, Role.VIEWER)
    refused = viewer.post(f"/api/bulletins/{number}/objections", json={"by": "甲", "text": "乙"})
    assert_problem(refused, 403, "access.outside_scope")
    assert viewer.get(f"/api/bulletins/{number}").json()["objections"] == []


def test_reports_are_received_and_listed(client, seeded: Seeded, client_for: ClientFor):
    plan = {"profile": "zhoucun_2017"}
    receipt = {"area": TOWN, "period": "2017-11", "on": "2017-11-27", **plan}
    received = client.post("/api/reports", json=receipt)
    # due by the end of Sunday the 26th
    assert (received.status_code, received.json()["state"], received.json()["days_late"]) == (201, "late", 1)
    query = {"area": COUNTY, "period": "2017-11", **plan}
    listed = client.get("/api/reports", params=query).json()
    assert (listed["due"], listed["report"]["key"]) == ("2017-11-26", "report")
    assert [(row["code"], row["state"]) for row in listed["rows"]] == [
        (TOWN, "late"),
        (SECOND_TOWN, "missing"),
    ]
    for change, status, key in (
        ({"area": WEST}, 400, "report.asked_of_subdistrict"),
        ({"period": "2017-26"}, 400, "bulletin.bad_month"),
        ({"on": "2017-13-01"}, 400, "request.unusable"),
        ({"on": "2999-01-01"}, 400, "report.day_ahead"),
        ({"profile": "county_2024"}, 400, "report.none_in_plan"),
        ({"area": "nowhere"}, 404, "area.unknown"),
    ):
        assert_problem(client.post("/api/reports", json={**receipt, **change}), status, key)
    viewer = client_for(seeded.engine, Role.VIEWER)
    assert_problem(viewer.post("/api/reports", json=receipt), 403, "access.outside_scope")
    assert_problem(viewer.get("/api/reports", params=query), 403, "access.outside_scope")
    chief = client_for(seeded.engine, Role.CHIEF, WEST, seeded.posts[WEST])
    assert_problem(chief.get("/api/reports", params=query), 403, "access.outside_scope")
