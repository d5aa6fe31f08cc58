"""Milestone curves and bulletins over HTTP."""

from __future__ import annotations

import pytest

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, TOWN, WEST


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
        ({"area": TOWN}, "request.unusable"),
        ({"area": TOWN, "month": "2024-05", "by": "county"}, "request.unusable"),
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
