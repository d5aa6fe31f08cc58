"""Profiles, recommendations and decisions over HTTP."""

from __future__ import annotations

import pytest

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import TOWN, WEST


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor):
    return client_for(seeded.engine)


def test_profiles_are_listed_and_read(client):
    profiles = client.get("/api/policies").json()["profiles"]
    assert len(profiles) == 5
    county = client.get("/api/policies/county_2024").json()
    assert [step["percent"] for step in county["targets"][0]["milestones"]] == [30, 80, 100]
    assert client.get("/api/policies/schema").json()["title"] == "Profile"
    assert_problem(client.get("/api/policies/nowhere"), 404, "policy.unknown")


def test_units_are_classified_and_decided(client):
    where = {"area": TOWN, "on": "2024-06-30"}
    units = {unit["code"]: unit for unit in client.get("/api/classification", params=where).json()["units"]}
    unit = f"{WEST}-B0001"
    assert units[unit]["forms"] == ["roving"]

    path = f"/api/classification/{unit}/decision"
    assert client.put(path, json={"form": "professional", "reason": "并入"}).json()["form"] == "professional"
    units = {each["code"]: each for each in client.get("/api/classification", params=where).json()["units"]}
    assert units[unit]["decision"]["by"] == "local"
    assert client.delete(path).json()["form"] is None
    assert_problem(client.delete(path), 404, "classification.nothing_decided")


@pytest.mark.parametrize(
    ("decision", "key"),
    [
        ({}, "request.unusable"),
        ({"form": "professional"}, "request.unusable"),
        ({"form": "professional", "reason": " "}, "classification.no_reason"),
        ({"form": "", "reason": "因"}, "request.unusable"),
        ({"form": "magic", "reason": "因"}, "classification.unknown_form"),
        ({"form": "professional", "reason": "因" * 501}, "request.unusable"),
        ({"form": "professional", "reason": "因", "by": "me"}, "request.unusable"),
        ({"form": ["x"], "reason": "因"}, "request.unusable"),
    ],
)
def test_a_bad_decision_is_a_problem_in_words(client, decision, key):
    assert_problem(client.put(f"/api/classification/{WEST}-B0001/decision", json=decision), 400, key)


def test_who_may_not_is_told_so(seeded: Seeded, client_for: ClientFor):
    viewer = client_for(seeded.engine, Role.VIEWER)
    assert_problem(viewer.get("/api/classification", params={"area": TOWN}), 403, "access.outside_scope")
    assert viewer.get("/api/policies").status_code == 200
    gis = client_for(seeded.engine, Role.GIS)
    decision = {"form": "professional", "reason": "因"}
    assert_problem(
        gis.put(f"/api/classification/{WEST}-B0001/decision", json=decision), 403, "access.outside_scope"
    )


def test_a_sheet_is_scored_and_listed(client):
    marks = {"hygiene": 85, "order": "85.0", "shared_parts": 85, "parking": 85}
    sheet = {
        "unit": f"{WEST}-B0002",
        "round": "final",
        "marks": marks,
        "not_applicable": ["green"],
    }
    scored = client.post("/api/evaluations", json=sheet)
    assert (scored.status_code, scored.json()["passes"]) == (201, True)
    listed = client.get("/api/evaluations", params={"area": TOWN, "round": "final"}).json()
    query = {"area": TOWN, "round": "final", "format": "csv"}
    taken = client.get("/api/evaluations/document", params=query)
    assert (taken.headers["content-type"], taken.headers["cache-control"]) == (
        "text/csv; charset=utf-8",
        "private, no-store",
    )
    assert taken.content.decode("utf-8-sig").startswith("编码,名称,社区,")
    workbook = client.get("/api/evaluations/document", params=query | {"format": "xlsx"})
    assert workbook.content.startswith(b"PK")
    refused = client.get("/api/evaluations/document", params=query | {"round": "spring"})
    assert_problem(refused, 400, "evaluation.unknown_round")
    assert (listed["compliant"], listed["not_compliant"]) == (1, 0)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"round": "spring"}, "evaluation.unknown_round"),
        ({"marks": {}}, "evaluation.mark_missing"),
        ({"marks": {"hygiene": "NaN"}}, "request.unusable"),
        ({"marks": {"hygiene": 1e300}}, "request.unusable"),
        ({"marks": {"music": 1}}, "evaluation.unknown_indicator"),
        ({"not_applicable": ["order"]}, "evaluation.always_applies"),
        ({"marks": [85]}, "request.unusable"),
    ],
)
def test_a_wrong_sheet_is_a_problem_in_words(client, change, key):
    sheet = {"unit": f"{WEST}-B0001", "round": "final", "marks": {"hygiene": 85}, **change}
    assert_problem(client.post("/api/evaluations", json=sheet), 400, key)


def test_figures_are_asked_as_they_were_known(client):
    """The world of these tests was written today: of yesterday nothing was known."""
    today, long_ago = {"area": TOWN, "on": "2024-06-30"}, {"known": "2020-01-01"}
    assert client.get("/api/coverage", params=today).json()["total"]["units"]["denominator"] > 0
    nothing = client.get("/api/coverage", params=today | long_ago).json()
    assert nothing["total"]["units"] == {"numerator": 0, "denominator": 0, "rate": None}
    assert nothing["known"].startswith("2020-01-01T23:59:59")
    assert client.get("/api/classification", params=today | long_ago).json()["units"] == []
    assert client.get("/api/milestones", params=today | long_ago).json()["total"]["flag"] == "none"
    for path in ("/api/coverage", "/api/milestones", "/api/classification"):
        wrong = client.get(path, params=today | {"known": "yesterday"})
        assert_problem(wrong, 400, "command.bad_moment")


def test_a_unit_says_who_served_it(client):
    path = f"/api/units/{WEST}-B0001/service"
    assert client.get(path, params={"on": "2024-06-30"}).json()["on"] == "2024-06-30"
    assert_problem(client.get("/api/units/nothing/service"), 404, "classification.no_such_unit")


def test_coverage_is_listed_by_what_units_have_in_common(client):
    by_class = client.get("/api/coverage", params={"area": TOWN, "by": "class"}).json()
    everything = by_class["total"]["units"]["denominator"]
    assert sum(row["figures"]["units"]["denominator"] for row in by_class["rows"]) == everything
    assert client.get("/api/coverage", params={"area": TOWN, "by": "village"}).status_code == 400
