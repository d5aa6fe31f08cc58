"""A page of one community of many reads that community's rows, and a county's page no more than it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.policies import by_policy
from geo_service.publish.features import items_statement
from geo_service.publish.statements import LayerRequest, Statement
from geo_service.store.session import transaction
from tests.layers.asking import shipped

COUNTY, TOWN, ONE = "990000000000", "990001000000", "990001000007"
COMMUNITIES, BUILDINGS_EACH = 300, 40
JUNE = date(2024, 6, 30)
LAYERS = ("uncovered_buildings", "standalone_buildings")

_WORLD = (
    "INSERT INTO deployment (metric_srid) VALUES (4546)",
    "INSERT INTO area (code, kind, name, lineage, geom) SELECT '990000000000', 'county', 'county',"
    " ARRAY['990000000000'], ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490))",
    # Two towns: every sixth community is of the first, which has 50.
    "INSERT INTO area (code, kind, name, parent_code, lineage, geom) SELECT '99000' || n || '000000',"
    " 'subdistrict', 'town', '990000000000', ARRAY['990000000000', '99000' || n || '000000'],"
    " ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490)) FROM generate_series(1, 2) n",
    "INSERT INTO area (code, kind, name, parent_code, lineage, geom)"
    " SELECT town || lpad(n::text, 6, '0'), 'community', 'community', town || '000000',"
    " ARRAY['990000000000', town || '000000', town || lpad(n::text, 6, '0')],"
    " ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490))"
    " FROM (SELECT n, CASE WHEN n % 6 = 1 THEN '990001' ELSE '990002' END AS town"
    "       FROM generate_series(1, :communities) n) c",
    # Codes in the order of the keys run through all communities again and again.
    "INSERT INTO building (code, community_code, household_count, geom)"
    " SELECT 'B' || lpad(n::text, 6, '0'), a.code, 10,"
    " ST_Multi(ST_MakeEnvelope(111, 34, 111.001, 34.001, 4490))"
    " FROM generate_series(0, :communities * :each - 1) n"
    " JOIN area a ON a.kind = 'community' AND right(a.code, 6)::integer = 1 + n % :communities",
)


@pytest.fixture(scope="module")
def county(module_engine: Engine) -> Engine:
    with module_engine.begin() as connection:
        for statement in _WORLD:
            connection.execute(text(statement), {"communities": COMMUNITIES, "each": BUILDINGS_EACH})
    with module_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return module_engine


def _asked(engine: Engine, area: str | None) -> LayerRequest:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return by_policy(connection, LayerRequest(JUNE, area))


def _run(engine: Engine, statement: Statement, before: str = "") -> list[Any]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return list(connection.execute(text(before + statement.text), statement.values))


def _buildings_read(node: Mapping[str, Any]) -> Iterator[int]:
    if node.get("Relation Name") == "building":
        yield node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for part in node.get("Plans", ()):
        yield from _buildings_read(part)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("area", "most"), [(ONE, BUILDINGS_EACH), (COUNTY, 11), (None, 11)])
def test_a_page_reads_the_rows_it_needs(county: Engine, layer: str, area: str | None, most: int) -> None:
    statement = items_statement(shipped().get(layer), _asked(county, area), limit=10)

    ((plan,),) = _run(county, statement, "EXPLAIN (ANALYZE, FORMAT JSON) ")

    assert len(_run(county, statement)) == 11
    assert max(_buildings_read(plan[0]["Plan"])) <= most


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("area", "rows"), [(ONE, 40), (TOWN, 50 * 40), (COUNTY, 300 * 40)])
def test_named_or_not_the_communities_are_those_of_the_area(
    county: Engine, layer: str, area: str, rows: int
) -> None:
    asked = _asked(county, area)
    assert (asked.communities is None) == (area == COUNTY)  # FEW_CODES are fewer than it has
    keys = [
        [key for key, _ in _run(county, items_statement(shipped().get(layer), each, limit=100_000))]
        for each in (asked, replace(asked, communities=None))
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) == rows


def test_communities_of_one_area_say_nothing_of_another(county: Engine) -> None:
    """An archive asks for one area after the other with what was found out for the first."""
    other = replace(_asked(county, ONE), area=TOWN)
    rows = _run(county, items_statement(shipped().get("standalone_buildings"), other, limit=100_000))
    assert len(rows) == 50 * BUILDINGS_EACH
