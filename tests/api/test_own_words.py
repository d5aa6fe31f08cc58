"""What a deployment's own policy profile calls its types and targets is what pages and queryables say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from sqlalchemy import text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.exporting import FORMATS
from geo_service.pipeline.policies import use_profile
from tests.api.conftest import ClientFor, Seeded
from tests.world import EAST, TOWN

ON = "on=2024-06-30"
CODE = f"{EAST}-C001"
# Section 二 of the plan of 2017, in its order.
TYPES = {
    "commodity": "商品房住宅小区",
    "old": "老旧住宅小区",
    "rural": "新型农村社区",
    "government": "机关事业单位自管小区",
    "enterprise": "企业自管小区",
    "standalone": "未形成小区的独幢楼房",
}


@pytest.fixture
def client(fresh: Seeded, client_for: ClientFor) -> Iterator[TestClient]:
    with fresh.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO unit_record (unit_kind, unit_code, community_code, facts)"
                " VALUES ('compound', :code, :community, '{\"compound_type\": \"old\"}')"
            ),
            {"code": CODE, "community": EAST},
        )
    use_profile(fresh.engine, LOCAL_ADMIN, key="zhoucun_2017")
    with client_for(fresh.engine) as client:
        yield client


def test_queryables_name_the_types_of_the_profile(client: TestClient) -> None:
    document = client.get("/collections/compounds/queryables").json()

    Draft202012Validator.check_schema(document)
    kind = document["properties"]["type"]
    assert {each["const"]: each["title"] for each in kind["oneOf"]} == TYPES
    assert kind["enum"] == list(TYPES)
    (named,) = client.get(f"/collections/compounds/items?{ON}&type=old").json()["features"]
    assert named["id"] == CODE


@pytest.mark.parametrize(
    "path",
    [
        f"/collections/compounds/items?{ON}&f=html",
        f"/collections/compounds/items/{CODE}?{ON}&f=html",
        "/collections/compounds?f=html",
        "/collections/compounds/queryables?f=html",
    ],
)
def test_pages_say_them(client: TestClient, path: str) -> None:
    shown = client.get(path)
    assert shown.status_code == 200
    assert "老旧住宅小区" in shown.text


def test_targets_are_called_as_the_profile_calls_them(client: TestClient) -> None:
    shown = client.get(f"/collections/milestones_by_community/items?{ON}&f=html")
    assert "住宅小区物业管理全覆盖" in shown.text


@pytest.mark.parametrize("path", ["/collections", "/collections/{layer}"])
def test_a_table_is_offered_in_the_formats_that_hold_one(client: TestClient, path: str) -> None:
    drawn = {"png", "pdf", "pmtiles"}
    for layer, formats in (("no_location", set(FORMATS) - drawn), ("compounds", set(FORMATS))):
        document = client.get(path.format(layer=layer), params={"area": TOWN}).json()
        (entry,) = [each for each in document.get("collections", [document]) if each.get("id") == layer]
        offered = {link["title"] for link in entry["links"] if link["rel"] == "enclosure"}
        assert offered == formats
        shown = client.get(path.format(layer=layer), params={"area": TOWN, "f": "html"}).text
        for format in FORMATS:
            address = f"layers={layer}&amp;format={format}"
            assert (address in shown) == (format in formats), address
