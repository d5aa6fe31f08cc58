"""Pages of layers whose keys are numbers, and what a page may cost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, event, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import InvalidInput
from geo_service.publish.features import (
    geojson_statement,
    item_statement,
    items_statement,
    matching_statement,
)
from geo_service.publish.filters import field_condition, filter_condition
from geo_service.publish.load import load_layers
from geo_service.publish.model import Field, Layer, Words
from geo_service.publish.statements import LayerRequest
from geo_service.resources import layers_dir
from geo_service.store.counts import read_remembered_count
from geo_service.store.layers import read_page, stream_rows
from geo_service.store.session import act_as, transaction
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
REQUEST = LayerRequest(JUNE)
COMMUNITIES = (WEST, EAST, SOUTH)


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    build_world(module_engine, {TOWN: {WEST: "1", EAST: "2"}, SECOND_TOWN: {SOUTH: "3"}})
    for community in COMMUNITIES:
        save_plan(module_engine, community, {f"{community}001": [f"{community}-B0001"]}, effective_from=JUNE)
    return module_engine


@pytest.fixture(scope="module")
def zones_by_number() -> Layer:
    """The zones with their number as key."""
    return replace(load_layers(layers_dir()).get("zones"), key="id")


def keys(engine: Engine, layer: Layer, **asked: object) -> list[str]:
    with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
        return [key for key, _ in read_page(connection, items_statement(layer, REQUEST, **asked))]


def test_keys_that_are_numbers_order_as_numbers(world: Engine, zones_by_number: Layer) -> None:
    everything = keys(world, zones_by_number, limit=10)

    assert sorted(everything, key=int) == everything
    assert len(everything) == 3
    assert keys(world, zones_by_number, limit=10, after=everything[0]) == everything[1:]
    assert keys(world, zones_by_number, limit=10, before=everything[2]) == everything[:2]
    # The row past the limit says that there is one more, before or behind.
    assert keys(world, zones_by_number, limit=1, before=everything[2]) == everything[:2]
    assert keys(world, zones_by_number, limit=1, after="-5") == everything[:2]
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        rows = read_page(connection, item_statement(zones_by_number, REQUEST, everything[1]))
    assert [key for key, _ in rows] == [everything[1]]


@pytest.mark.parametrize("key", ["", "x", "1.5", "1e3", "٣", "9" * 19, "1; DROP TABLE zone", "--1"])
def test_a_key_that_is_no_number_is_refused(zones_by_number: Layer, key: str) -> None:
    for statement in (
        lambda: items_statement(zones_by_number, REQUEST, limit=1, after=key),
        lambda: items_statement(zones_by_number, REQUEST, limit=1, before=key),
        lambda: item_statement(zones_by_number, REQUEST, key),
    ):
        with pytest.raises(InvalidInput):
            statement()


ODD = """
SELECT E'"a\\\\\n\t楼\u0001' AS code, 7 AS whole, 0.1::float8 AS part, 2.50::numeric AS exact,
       false AS has_lift, date '2024-02-29' AS built, '{"x": 1}' AS words,
       NULL::text AS no_words, NULL::int AS no_whole, NULL::float8 AS no_part, NULL::bool AS no_truth,
       NULL::date AS no_day, 'NaN'::float8 AS not_a_number,
       ST_SetSRID(ST_MakePoint(110.5, 34.25), 4490) AS geom, NULL::geometry(Geometry, 3857) AS geom_3857
"""
TYPES = {
    "code": "text", "whole": "integer", "part": "number", "exact": "number", "has_lift": "boolean",
    "built": "date", "words": "text", "no_words": "text", "no_whole": "integer", "no_part": "number",
    "no_truth": "boolean", "no_day": "date", "not_a_number": "number",
}  # fmt: skip


def test_values_of_every_type_are_json(world: Engine, zones_by_number: Layer) -> None:
    fields = tuple(Field(name, Words(name, name), kind) for name, kind in TYPES.items())
    layer = replace(zones_by_number, query=ODD, parameters=(), key="code", fields=fields, geometry="point")
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        ((key, item),) = read_page(connection, items_statement(layer, REQUEST, limit=1))
        (((exported,),),) = stream_rows(connection, geojson_statement(layer, REQUEST))

    assert key == '"a\\\n\t楼\x01'
    assert json.loads(item) == json.loads(exported.removeprefix(",\n"))
    assert json.loads(item) == {
        "type": "Feature",
        "id": key,
        "geometry": {"type": "Point", "coordinates": [110.5, 34.25]},
        "properties": {
            "code": key, "whole": 7, "part": 0.1, "exact": 2.5, "has_lift": False, "built": "2024-02-29",
            "words": '{"x": 1}', "no_words": None, "no_whole": None, "no_part": None, "no_truth": None,
            "no_day": None, "not_a_number": "NaN",
        },
    }  # fmt: skip


def test_nothing_a_caller_writes_is_part_of_the_sql(zones_by_number: Layer) -> None:
    marker = "S3KR3T"
    for statement in (
        filter_condition(zones_by_number, f"name = '{marker}' OR chief LIKE '{marker}%'", "cql2-text"),
        field_condition(zones_by_number, "name", marker),
    ):
        assert marker not in statement.text
        assert marker in repr(statement.values)


def test_a_number_is_counted_once_as_long_as_nothing_changes(engine: Engine) -> None:
    build_world(engine, {TOWN: {WEST: "12"}, SECOND_TOWN: {SOUTH: "3"}})
    statement = matching_statement(load_layers(layers_dir()).get("communities"), REQUEST)
    counted = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cursor, sql, *_rest: counted.append(sql) if "count(*)" in sql else None,
    )

    def number(actor: Actor) -> int:
        with transaction(engine, actor, read_only=True) as connection:
            return read_remembered_count(connection, actor, statement)

    # Repeatable reads keep to one snapshot, whatever other databases of the cluster do meanwhile.
    with engine.execution_options(isolation_level="REPEATABLE READ").begin() as still:
        act_as(still, LOCAL_ADMIN)
        assert [read_remembered_count(still, LOCAL_ADMIN, statement) for _ in range(3)] == [2, 2, 2]
        assert len(counted) == 1

    # Another scope counts for itself, and an edit is seen at once.
    planner = Actor("planner", Role.PLANNER, TOWN)
    assert [number(planner), number(LOCAL_ADMIN), number(planner)] == [1, 2, 1]
    with engine.begin() as connection:
        for table, column in (("building", "community_code"), ("person", "community_code"), ("area", "code")):
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = :code"), {"code": SOUTH})
    assert [number(planner), number(LOCAL_ADMIN)] == [1, 1]
