"""Consent, bodies, responsible units, letters, plans and lapses over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST

COMPOUND = f"{EAST}-C001"
ZHOUCUN = {"profile": "zhoucun_2017"}
ROUND = {
    "unit": COMPOUND,
    "proposal": "引进星级物业",
    "began": "2017-11-01",
    "ended": "2017-11-15",
    "heads": {"agree": 90, "all": 180},
    "area_m2": {"agree": 7000.5, "all": "15000"},
}
BODY = {"kind": "committee", "name": "业主委员会", "unit": COMPOUND, "founded_on": "2023-05-01"}
LETTER = {
    "giver": COUNTY,
    "taker": TOWN,
    "signed_on": "2024-03-20",
    "due_on": "2024-12-31",
    "target_percent": 100,
    "document_no": "1号",
}
DRAFT = {"unit": COMPOUND, "form": "star_rated", "measures": "整修门卫室", "on": "2017-11-05"}
LAPSE = {"unit": COMPOUND, "on": "2024-12-10", "reason": "合同到期"}
HERE = {"area": TOWN}


@pytest.fixture
def client(fresh: Seeded, client_for: ClientFor):
    return client_for(fresh.engine)


def test_a_plan_is_consulted_and_fails_into_the_fallback(client):
    assert client.post("/api/compound-plans", params=ZHOUCUN, json=DRAFT).status_code == 201
    asked = client.post("/api/consent-rounds", params=ZHOUCUN, json=ROUND)
    assert (asked.status_code, asked.json()["passes"]) == (201, True)
    listed = client.get("/api/consent-rounds", params=HERE).json()
    assert (listed["passed"], listed["rounds"][0]["area_m2"]) == (1, {"agree": 7000.5, "all": 15000.0})

    plan, number = f"/api/compound-plans/{COMPOUND}", asked.json()["id"]
    early = client.post(f"{plan}/completion", json={"on": "2017-11-25"})
    assert_problem(early, 409, "compound_plan.cannot_be_carried_out")
    assert client.post(f"{plan}/consultation", json={"consent_round": number}).json()["agreed"] is True
    assert_problem(client.delete(f"/api/consent-rounds/{number}"), 409, "consent.carries_a_plan")
    failed = client.post(f"{plan}/failure", json={"on": "2017-11-25", "reason": "无企业愿意承接"}).json()
    assert failed["fallback"]["form"] == "basic"
    twice = client.post(f"{plan}/failure", json={"on": "2017-11-25", "reason": "因"})
    assert_problem(twice, 409, "compound_plan.cannot_be_failed")
    assert failed["proposals"][0]["clause"]["section"] == "三、（二）2"
    (managed,) = client.get("/api/compound-plans", params={**HERE, "on": "2017-11-25"}).json()["plans"]
    assert managed["managed"] == {"form": "basic", "step": "assigned", "is_gov_fallback": True}
    assert_problem(client.post(f"{plan}/completion", json={"on": "2017-11-26"}), 409,
                   "compound_plan.cannot_be_carried_out")  # fmt: skip
    again = client.delete(f"{plan}/outcome")
    assert (again.status_code, again.json()["state"], again.json()["withdrawn"]) == (
        200,
        "consulted",
        "failed",
    )
    (managed,) = client.get("/api/compound-plans", params={**HERE, "on": "2017-11-25"}).json()["plans"]
    assert managed["managed"] is None
    assert_problem(client.delete(f"{plan}/outcome"), 409, "compound_plan.no_outcome")


def test_a_lapse_is_recorded_and_taken_back(client, fresh: Seeded):
    with fresh.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid) VALUES"
                f" ('compound', '{COMPOUND}', '{EAST}', 'professional', 'in_service', '[2024-01-01,)')"
            )
        )
    told = client.post("/api/lapses", json=LAPSE)
    assert (told.status_code, told.json()["step_before"]) == (201, "in_service")
    assert_problem(client.post("/api/lapses", json=LAPSE), 409, "lapse.lapsed_already")
    listed = client.get("/api/lapses", params={**HERE, "on": "2024-12-31"}).json()
    assert (listed["by_month"], listed["lapsed_now"]) == ({"2024-12": 1}, 1)
    assert client.delete(f"/api/lapses/{COMPOUND}", params={"on": "2024-12-10"}).json()["withdrawn"]
    assert_problem(client.delete(f"/api/lapses/{COMPOUND}"), 404, "lapse.nothing_to_withdraw")
    served = {**LAPSE, "unit": f"{WEST}-B0001"}  # in a published zone with a chief
    assert_problem(client.post("/api/lapses", json=served), 409, "lapse.zone_serves")


def test_bodies_responsible_units_and_letters(client):
    number = client.post("/api/governance-bodies", json=BODY).json()["id"]
    dissolved = client.post(f"/api/governance-bodies/{number}/dissolution", json={"on": "2024-05-01"})
    assert dissolved.json()["dissolved_on"] == "2024-05-01"
    for day, count in (("2024-04-30", 1), ("2024-05-01", 0)):
        listed = client.get("/api/governance-bodies", params={**HERE, "on": day}).json()
        assert len(listed["bodies"]) == count
    assert client.delete(f"/api/governance-bodies/{number}").status_code == 200
    assert client.get("/api/governance-bodies", params=HERE).json()["bodies"] == []

    unit = {"area": COUNTY, "code": "Z01", "name": "云川县粮食局"}
    assert client.post("/api/responsible-units", json=unit).status_code == 201
    path = f"/api/responsible-units/assignments/{COMPOUND}"
    assert client.put(path, json={"code": "Z01"}).json()["name"] == "云川县粮食局"
    (registered,) = client.get("/api/responsible-units", params=HERE).json()["responsible"]
    assert [each["code"] for each in registered["units"]] == [COMPOUND]
    assert client.delete(path).status_code == 200
    assert_problem(client.delete(path), 404, "responsible.nothing_assigned")

    letter = client.post("/api/target-letters", json=LETTER).json()
    assert client.get("/api/target-letters", params=HERE).json()["without"] == [WEST, EAST]
    assert client.delete(f"/api/target-letters/{letter['id']}").status_code == 200
    assert client.get("/api/target-letters", params=HERE).json()["without"] == [TOWN, WEST, EAST]


WRONG = [
    ("consent-rounds", {**ROUND, "heads": {"agree": 181, "all": 180}}, 400, "consent.more_than_all"),
    ("consent-rounds", {**ROUND, "heads": {"agree": 0, "all": 0}}, 400, "consent.nobody_asked"),
    ("consent-rounds", {**ROUND, "heads": {"agree": -1, "all": 1}}, 400, "consent.negative"),
    ("consent-rounds", {**ROUND, "heads": {"agree": 1, "all": 9 * 10**18}}, 400, "consent.too_many"),
    ("consent-rounds", {**ROUND, "heads": {"agree": 1, "all": 10**30}}, 400, "request.unusable"),
    ("consent-rounds", {**ROUND, "area_m2": {"agree": "NaN", "all": 1}}, 400, "request.unusable"),
    ("consent-rounds", {**ROUND, "area_m2": {"agree": 1, "all": 1e300}}, 400, "request.unusable"),
    ("consent-rounds", {**ROUND, "proposal": "a\0b"}, 400, "record.unreadable"),
    ("consent-rounds", {**ROUND, "unit": "a\0b"}, 400, "record.unreadable"),
    ("consent-rounds", {**ROUND, "ended": "9999-12-31"}, 400, "record.ahead"),
    ("consent-rounds", {**ROUND, "by": "me"}, 400, "request.unusable"),
    ("governance-bodies", {**BODY, "kind": "club"}, 400, "request.unusable"),
    ("governance-bodies", {**BODY, "community": EAST}, 400, "body.unit_or_community"),
    ("governance-bodies", {**BODY, "founded_on": "2023-02-30"}, 400, "request.unusable"),
    ("responsible-units", {"area": "\0", "code": "Z", "name": "Z"}, 400, "record.unreadable"),
    ("responsible-units", {"area": TOWN, "code": " ", "name": "Z"}, 400, "record.blank"),
    ("target-letters", {**LETTER, "giver": WEST}, 400, "letter.giver_not_above"),
    ("target-letters", {**LETTER, "target_percent": 10**18}, 400, "letter.target_outside"),
    ("target-letters", {**LETTER, "taker": "nowhere"}, 404, "area.unknown"),
    ("compound-plans", {**DRAFT, "form": "magic"}, 400, "classification.unknown_form"),
    ("compound-plans", {**DRAFT, "unit": "nowhere"}, 404, "classification.no_such_unit"),
    ("lapses", LAPSE, 409, "lapse.not_covered"),
    ("lapses", {**LAPSE, "on": "0001-01-01"}, 409, "lapse.not_covered"),
    ("lapses", {**LAPSE, "reason": "\n"}, 400, "record.blank"),
]


@pytest.mark.parametrize(("noun", "told", "status", "key"), WRONG)
def test_what_cannot_be_is_a_problem_in_words(
    seeded: Seeded, client_for: ClientFor, noun: str, told: dict[str, object], status: int, key: str
):
    client = client_for(seeded.engine)
    assert_problem(client.post(f"/api/{noun}", params=ZHOUCUN, json=told), status, key)


def test_numbers_of_nothing_are_not_found(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine)
    for noun, key in (
        ("consent-rounds", "consent"), ("governance-bodies", "body"), ("target-letters", "letter"),
    ):  # fmt: skip
        assert_problem(client.delete(f"/api/{noun}/{2**63 - 1}"), 404, f"{key}.unknown")
        assert_problem(client.delete(f"/api/{noun}/0"), 400, "request.unusable")
    round_ = {"consent_round": 1}
    assert_problem(
        client.post(f"/api/compound-plans/{COMPOUND}/consultation", json=round_), 404, "compound_plan.unknown"
    )


NOUNS = (
    "consent-rounds", "governance-bodies", "responsible-units", "target-letters", "compound-plans", "lapses",
)  # fmt: skip


def test_everything_is_scoped_by_area_and_role(seeded: Seeded, client_for: ClientFor):
    gis, abroad = (client_for(seeded.engine, role, scope) for role, scope in (
        (Role.GIS, TOWN), (Role.PLANNER, SECOND_TOWN),
    ))  # fmt: skip
    viewer = client_for(seeded.engine, Role.VIEWER, TOWN)
    chief = client_for(seeded.engine, Role.CHIEF, WEST, seeded.posts[WEST])
    bodies = dict(zip(NOUNS, (ROUND, BODY, {"area": TOWN, "code": "Z", "name": "Z"}, LETTER, DRAFT, LAPSE),
                      strict=True))  # fmt: skip
    for noun in NOUNS:
        assert gis.get(f"/api/{noun}", params=HERE).status_code == 200, noun
        assert abroad.get(f"/api/{noun}", params={"area": SOUTH}).status_code == 200, noun
        assert_problem(abroad.get(f"/api/{noun}", params=HERE), 404, "area.unknown")
        for reader in (viewer, chief):
            assert_problem(reader.get(f"/api/{noun}", params=HERE), 403, "access.outside_scope")
        for reader in (gis, viewer, chief):
            assert_problem(reader.post(f"/api/{noun}", json=bodies[noun]), 403, "access.outside_scope")
        assert abroad.post(f"/api/{noun}", params=ZHOUCUN, json=bodies[noun]).status_code == 404, noun
