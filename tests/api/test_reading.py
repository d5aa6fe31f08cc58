"""What each route answers the local administrator."""

from __future__ import annotations

import pytest

from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST


@pytest.fixture
def client(seeded: Seeded, client_for: ClientFor):
    return client_for(seeded.engine)


def test_without_a_token_the_local_administrator_asks(client):
    assert client.get("/api/me").json() == {"name": "local", "role": "admin", "scope": "*", "post_id": None}


def test_areas_come_parents_first_with_boxes(client):
    areas = client.get("/api/areas").json()
    codes = [area["code"] for area in areas]
    assert set(codes) == {COUNTY, TOWN, SECOND_TOWN, WEST, EAST, SOUTH}
    assert all(codes.index(area["parent_code"]) < i for i, area in enumerate(areas) if area["parent_code"])
    west, south, east, north = areas[0]["bbox"]
    assert west < east
    assert south < north


def test_zones_of_a_town_on_a_date(client, seeded):
    zones = client.get(f"/api/areas/{TOWN}/zones", params={"on": "2024-06-01"}).json()["zones"]
    assert [(zone["code"], zone["households"], zone["buildings"]) for zone in zones] == [
        (f"{WEST}001", 100, 4),
        (f"{EAST}001", 60, 3),
    ]
    assert zones[0]["chief"] == {
        "post_id": seeded.posts[WEST],
        "name": f"person {WEST}-P01",
        "work_phone": "0990-1234567",
    }
    assert client.get(f"/api/areas/{TOWN}/zones", params={"on": "2024-05-31"}).json() == {
        "zones": [],
        "outcomes": [],
    }


def test_zones_of_a_plan_whatever_the_date(client, seeded):
    answer = client.get(f"/api/areas/{EAST}/zones", params={"plan": seeded.plans[EAST], "on": "2020-01-01"})
    assert [zone["code"] for zone in answer.json()["zones"]] == [f"{EAST}001"]


def test_coverage_counts_units_exactly(client):
    # 4 + 3 + 3 standalone buildings are covered from June on; the compound of the east is not: 10 of 11.
    report = client.get(
        "/api/coverage", params={"area": COUNTY, "by": "subdistrict", "on": "2024-06-30"}
    ).json()
    units = {row["code"]: row["figures"]["units"] for row in report["rows"]}
    assert (units[TOWN]["numerator"], units[TOWN]["denominator"]) == (7, 8)
    assert (units[SECOND_TOWN]["numerator"], units[SECOND_TOWN]["denominator"]) == (3, 3)
    assert (report["total"]["units"]["numerator"], report["total"]["units"]["denominator"]) == (10, 11)
    assert report["total"]["units"]["rate"] == 10 / 11


def test_coverage_by_one_measure(client):
    report = client.get(
        "/api/coverage", params={"area": WEST, "on": "2024-06-30", "measure": "households"}
    ).json()
    assert set(report["total"]) == {"households"}


def test_plans_of_an_area_and_the_etag_of_one(client, seeded):
    plans = client.get("/api/plans", params={"area": TOWN}).json()
    assert {plan["id"] for plan in plans} == {seeded.plans[WEST], seeded.plans[EAST]}
    answer = client.get(f"/api/plans/{seeded.plans[WEST]}")
    assert answer.json()["state"] == "published"
    assert answer.headers["etag"] == f'"plan-{seeded.plans[WEST]}-1"'


def test_a_post_with_its_zone_and_buildings(client, seeded):
    answer = client.get(f"/api/posts/{seeded.posts[EAST]}").json()
    assert answer["post"]["valid_from"] == "2024-06-01"
    assert answer["chief"]["work_phone"] == "0990-1234567"
    assert answer["zone"]["geometry"]["type"] == "MultiPolygon"
    assert answer["zone"]["patrol_m"] == 1234
    assert [building["visit_order"] for building in answer["buildings"]] == [1, 2, 3]
    assert [building["households"] for building in answer["buildings"]] == [10, 20, 30]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/api/areas/990199000000/zones", "area.unknown"),
        ("/api/coverage?area=990199000000", "area.unknown"),
        ("/api/plans?area=990199000000", "area.unknown"),
        ("/api/plans/999999", "plan.unknown"),
        (f"/api/areas/{WEST}/zones?plan=999999", "plan.unknown"),
        ("/api/posts/999999", "post.unknown"),
        ("/api/nothing", "request.no_such_path"),
    ],
)
def test_what_does_not_exist_is_404(client, path, key):
    assert_problem(client.get(path), 404, key)


@pytest.mark.parametrize(
    "path",
    [
        "/api/coverage",
        f"/api/coverage?area={WEST}&by=village",
        f"/api/coverage?area={WEST}&on=2024-13-01",
        f"/api/areas/{WEST}/zones?on=yesterday",
        "/api/plans/0",
        "/api/plans/99999999999999999999",
        "/api/posts/one",
        "/api/plans?area=" + "9" * 65,
    ],
)
def test_unusable_parameters_are_400_and_named(client, path):
    body = assert_problem(client.get(path), 400, "request.unusable")
    assert body["details"][0]["where"].split(".")[0] in ("query", "path")


def test_an_unknown_measure_is_400(client):
    assert_problem(client.get(f"/api/coverage?area={WEST}&measure=love"), 400, "coverage.unknown_measure")


def test_problems_speak_the_clients_language(client):
    def detail(language: str) -> str:
        return client.get("/api/plans/999999", headers={"Accept-Language": language}).json()["title"]

    assert detail("") == detail("fr, zh;q=0.5") == detail("zh-CN,zh;q=0.9,en;q=0.8") == "没有找到"
    assert detail("en-GB,en;q=0.9,zh;q=0.1") == detail("zh;q=0.1, en") == "Not found"


def test_the_wrong_method_is_405(client):
    answer = client.post("/api/me")
    assert_problem(answer, 405, "request.method_not_allowed")
    assert answer.headers["allow"] == "GET"


def test_a_lost_database_is_503(client_for):
    from geo_service.store.session import make_engine

    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    answer = client_for(engine).get("/api/areas")
    assert_problem(answer, 503, "database.lost")
    assert answer.headers["retry-after"]
