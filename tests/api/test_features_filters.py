"""Filters in CQL2: what they choose, judged by plain Python, and what they refuse."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, text

from geo_service.access import Role
from geo_service.publish.model import ITEMS_PARAMETERS
from tests.api.conftest import ClientFor, assert_problem, seed
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST

ON = "2024-06-30"
ITEMS = "/collections/standalone_buildings/items"
# Names that a filter written by hand stumbles over.
NAMES = {
    f"{WEST}-B0001": "O'Brien 楼",
    f"{WEST}-B0002": "100%_\\",
    f"{WEST}-B0003": "Østre",
    f"{WEST}-B0004": None,
    f"{EAST}-B0001": "ØSTRE",
    f"{EAST}-B0002": "",
    f"{EAST}-B0003": "小巷3号",
}
# Households by code, as the grids draw them.
HOUSEHOLDS = {
    **{f"{WEST}-B{n:04d}": n * 10 for n in (1, 2, 3, 4)},
    **{f"{EAST}-B{n:04d}": households for n, households in ((1, 30), (2, 20), (3, 10))},
    **{f"{SOUTH}-B{n:04d}": 50 for n in (1, 2, 3)},
}
YEARS = {f"{WEST}-B0001": 1979, f"{WEST}-B0002": 1985, f"{SOUTH}-B0001": 1979}


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    seed(module_engine)
    with module_engine.begin() as connection:
        for code, name in NAMES.items():
            connection.execute(
                text("UPDATE building SET name = :name WHERE code = :code"), {"name": name, "code": code}
            )
        for code, year in YEARS.items():
            connection.execute(
                text("UPDATE building SET built_year = :year WHERE code = :code"),
                {"year": year, "code": code},
            )
    return module_engine


@pytest.fixture
def client(world: Engine, client_for: ClientFor) -> Iterator[TestClient]:
    with client_for(world) as client:
        yield client


def chosen(client: TestClient, condition: str | dict, **parameters: str) -> list[str]:
    language = "cql2-text"
    if not isinstance(condition, str):
        condition, language = json.dumps(condition), "cql2-json"
    query = {"filter": condition, "filter-lang": language, "on": ON, **parameters}
    answer = client.get(ITEMS, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberMatched"] == len(answer.json()["features"])
    return [feature["id"] for feature in answer.json()["features"]]


def with_households(choose) -> list[str]:
    return sorted(code for code, households in HOUSEHOLDS.items() if choose(households))


@pytest.mark.parametrize(
    ("condition", "choose"),
    [
        ("households = 50", lambda h: h == 50),
        ("households <> 50", lambda h: h != 50),
        ("households > 20", lambda h: h > 20),
        ("households >= 20.5", lambda h: h >= 20.5),
        ("20 >= households", lambda h: h <= 20),
        ("households BETWEEN 20 AND 30", lambda h: 20 <= h <= 30),
        ("households NOT BETWEEN 20 AND 30", lambda h: not 20 <= h <= 30),
        ("households IN (10, 40)", lambda h: h in (10, 40)),
        ("households NOT IN (10, 40)", lambda h: h not in (10, 40)),
        ("households = 10 OR households = 20 AND households = 30", lambda h: h == 10),
        ("(households = 10 OR households = 20) AND households > 10", lambda h: h == 20),
        ("NOT (households = 10 OR households = 20)", lambda h: h not in (10, 20)),
        ("NOT households = 10 AND households < 40", lambda h: h != 10 and h < 40),
        ("households > -1.5e1", lambda h: True),
        ("((((((((households = 10))))))))", lambda h: h == 10),
        ('"households" = 10', lambda h: h == 10),
        ("households = storeys", lambda h: h == 6),
        ("households > storeys", lambda h: h > 6),
        ("TRUE", lambda h: True),
        ("covered", lambda h: True),
        ("covered = FALSE", lambda h: False),
        ("status = 'in_service' and form = 'roving'", lambda h: True),
    ],
)
def test_comparisons_choose_by_households(client: TestClient, condition: str, choose) -> None:
    assert chosen(client, condition) == with_households(choose)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = 'O''Brien 楼'", [f"{WEST}-B0001"]),
        ("name = '小巷3号'", [f"{EAST}-B0003"]),
        ("name = ''", [f"{EAST}-B0002"]),
        ("name IS NULL", [f"{WEST}-B0004"]),
        ("name IS NOT NULL AND households = 40", []),
        (r"name LIKE '100\%\_\\'", [f"{WEST}-B0002"]),
        ("name LIKE '小巷_号'", [f"{EAST}-B0003"]),
        ("name LIKE '%Brien%'", [f"{WEST}-B0001"]),
        ("name LIKE 'brien%'", []),
        ("CASEI(name) = CASEI('østre')", [f"{WEST}-B0003", f"{EAST}-B0001"]),
        ("CASEI(name) LIKE CASEI('ØS%')", [f"{WEST}-B0003", f"{EAST}-B0001"]),
        ("CASEI(name) IN (CASEI('Østre'), 'x')", [f"{WEST}-B0003", f"{EAST}-B0001"]),
        ("built_year = 1979", [f"{WEST}-B0001", f"{SOUTH}-B0001"]),
        ("NOT built_year = 1979", [f"{WEST}-B0002"]),
        ("geom IS NULL", []),
    ],
)
def test_texts_and_missing_values(client: TestClient, condition: str, expected: list[str]) -> None:
    assert chosen(client, condition) == expected


def test_dates_are_compared_as_dates(client: TestClient) -> None:
    zones = "/collections/zones/items"
    for condition, count in (
        ("effective_from = DATE('2024-06-01')", 3),
        ("effective_from < DATE('2024-06-01')", 0),
        ("effective_from BETWEEN DATE('2024-01-01') AND DATE('2024-12-31')", 3),
    ):
        answer = client.get(zones, params={"filter": condition, "on": ON})
        assert answer.json()["numberMatched"] == count


def _corner_of(client: TestClient, code: str) -> tuple[float, float]:
    return min(map(tuple, client.get(f"{ITEMS}/{code}").json()["geometry"]["coordinates"][0][0]))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("S_INTERSECTS", {1, 2}),
        ("S_DISJOINT", {3, 4}),
        ("S_WITHIN", {1, 2}),
        ("S_CONTAINS", set()),
        ("S_EQUALS", set()),
        ("S_TOUCHES", set()),
        ("S_CROSSES", set()),
        ("S_OVERLAPS", set()),
    ],
)
def test_spatial_functions_over_a_box(client: TestClient, function: str, expected: set[int]) -> None:
    """In metres of EPSG:4546: the box ends at 500,038, between the second building and the third."""
    ring = "3799980 500000, 3799980 500038, 3800000 500038, 3800000 500000, 3799980 500000"
    crs = "http://www.opengis.net/def/crs/EPSG/0/4546"
    condition = f"{function}(geom, POLYGON(({ring}))) AND community_code = '{WEST}'"
    assert chosen(client, condition, **{"filter-crs": crs}) == [f"{WEST}-B{n:04d}" for n in sorted(expected)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("S_OVERLAPS(geom, POLYGON((3799980 500010, 3799980 500020, 3800000 500020, 3800000 500010,"
         " 3799980 500010)))", [1]),
        ("S_CONTAINS(geom, POINT(3799990 500010))", [1]),
        ("S_INTERSECTS(geom, POINT(3799990 500030))", [2]),
        ("S_CROSSES(geom, LINESTRING(3799990 500000, 3799990 500020))", [1]),
        ("S_INTERSECTS(geom, MULTIPOINT((3799990 500010), (3799990 500030)))", [1, 2]),
        ("S_INTERSECTS(geom, MULTILINESTRING((3799990 500000, 3799990 500020), (0 0, 1 1)))", [1]),
        ("S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(3799990 500010),"
         " LINESTRING(3799990 500030, 3799990 500035)))", [1, 2]),
        ("S_INTERSECTS(geom, MULTIPOLYGON(((3799980 500010, 3799980 500020, 3800000 500020,"
         " 3799980 500010))))", [1]),
        ("S_INTERSECTS(geom, BBOX(3799985, 500005, 3799990, 500006))", [1]),
        ("S_INTERSECTS(BBOX(3799985, 500005, 3799990, 500006), geom)", [1]),
        ("S_EQUALS(geom, geom) AND households = 10", [1]),
    ],
)  # fmt: skip
def test_spatial_functions_over_every_geometry(
    client: TestClient, condition: str, expected: list[int]
) -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/4546"
    found = chosen(client, condition, area=WEST, **{"filter-crs": crs})
    assert found == [f"{WEST}-B{n:04d}" for n in expected]


def test_without_a_crs_a_filter_speaks_longitude_and_latitude(client: TestClient) -> None:
    x, y = _corner_of(client, f"{EAST}-B0002")
    assert chosen(client, f"S_INTERSECTS(geom, POINT({x + 1e-5} {y + 1e-5}))") == [f"{EAST}-B0002"]


_LEAVES: dict[str, Any] = {
    "households": st.sampled_from([0, 6, 10, 15.5, 20, 30, 50]),
    "built_year": st.sampled_from([1979, 1980, 1985]),
    "storeys": st.sampled_from([5, 6]),
    "name": st.sampled_from(["O'Brien 楼", "", "小巷3号", "Østre", "x"]),
    "code": st.sampled_from([f"{WEST}-B0002", f"{SOUTH}-B0001", "z"]),
}
_COMPARED = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@st.composite
def _leaf(draw: Any) -> dict:
    field = draw(st.sampled_from(sorted(_LEAVES)))
    kind = draw(st.sampled_from(["compare", "in", "between", "isNull"]))
    of = {"property": field}
    if kind == "compare":
        return {"op": draw(st.sampled_from(sorted(_COMPARED))), "args": [of, draw(_LEAVES[field])]}
    if kind == "in":
        return {"op": "in", "args": [of, draw(st.lists(_LEAVES[field], min_size=1, max_size=3))]}
    if kind == "between":
        return {"op": "between", "args": [of, draw(_LEAVES[field]), draw(_LEAVES[field])]}
    return {"op": "isNull", "args": [of]}


_TREES = st.recursive(
    _leaf(),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(
            lambda pair: {"op": pair[0], "args": pair[1]}
        ),
        inner.map(lambda node: {"op": "not", "args": [node]}),
    ),
    max_leaves=6,
)


def _judge(node: dict, row: dict) -> bool | None:
    """The condition over one row in plain Python; None is unknown."""
    operation, arguments = node["op"], node["args"]
    if operation in ("and", "or"):
        decisive = operation == "or"
        verdicts = [_judge(argument, row) for argument in arguments]
        if decisive in verdicts:
            return decisive
        return None if None in verdicts else not decisive
    if operation == "not":
        verdict = _judge(arguments[0], row)
        return None if verdict is None else not verdict
    value = row[arguments[0]["property"]]
    if operation == "isNull":
        return value is None
    if value is None:
        return None
    if operation == "in":
        return value in arguments[1]
    if operation == "between":
        return arguments[1] <= value <= arguments[2]
    return _COMPARED[operation](value, arguments[1])


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _in_text(node: dict, inside: str = "") -> str:
    """The condition as CQL2 text with no more parentheses than its precedence asks for."""
    operation, arguments = node["op"], node["args"]
    if operation in ("and", "or"):
        written = f" {operation.upper()} ".join(_in_text(argument, operation) for argument in arguments)
        # OR binds less than AND, and both less than NOT.
        return f"({written})" if inside == "not" or (inside == "and" and operation == "or") else written
    if operation == "not":
        return f"NOT ({_in_text(arguments[0])})"
    name = arguments[0]["property"]
    if operation == "isNull":
        return f"{name} IS NULL"
    if operation == "in":
        return f"{name} IN ({', '.join(map(_literal, arguments[1]))})"
    if operation == "between":
        return f"{name} BETWEEN {_literal(arguments[1])} AND {_literal(arguments[2])}"
    return f"{name} {operation} {_literal(arguments[1])}"


@given(tree=_TREES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_filters_choose_what_plain_python_chooses(client: TestClient, tree: dict) -> None:
    rows = client.get(ITEMS, params={"on": ON}).json()["features"]
    expected = [row["id"] for row in rows if _judge(tree, row["properties"])]

    assert chosen(client, tree) == expected
    assert chosen(client, _in_text(tree)) == expected


def _nested(depth: int) -> str:
    condition: dict = {"op": "isNull", "args": [{"property": "name"}]}
    for _ in range(depth):
        condition = {"op": "not", "args": [condition]}
    return json.dumps(condition)


@pytest.mark.parametrize(
    ("condition", "key"),
    [
        ("colour = 'red'", "filter.unknown_field"),
        ("geom_3857 IS NULL", "filter.unknown_field"),
        ("source.code = 'x'", "filter.unknown_field"),
        ("\"code; DROP TABLE building\" = 'x'", "filter.unknown_field"),
        ("households = ", "filter.malformed_at"),
        ("households == 1", "filter.malformed_at"),
        ("households = 1; DROP TABLE building", "filter.malformed_at"),
        ("", "filter.malformed_at"),
        ("households = '10'", "filter.kinds_differ"),
        ("households = name", "filter.kinds_differ"),
        ("name > 5", "filter.kinds_differ"),
        ("covered = 1", "filter.kinds_differ"),
        ("households IN (1, 'x')", "filter.kinds_differ"),
        ("households BETWEEN 1 AND 'x'", "filter.kinds_differ"),
        ("covered > FALSE", "filter.kind_unfit"),
        ("households LIKE 'x'", "filter.kinds_differ"),
        ("households LIKE 5", "filter.kind_unfit"),
        ("name LIKE name", "filter.bad_pattern"),
        ("name LIKE 'x\\'", "filter.bad_pattern"),
        ("CASEI(households) = 'x'", "filter.kind_unfit"),
        ("households", "filter.not_a_condition"),
        ("5", "filter.not_a_condition"),
        ("'x'", "filter.not_a_condition"),
        ("NOT households", "filter.not_a_condition"),
        ("households + 1 = 2", "filter.unsupported"),
        ("pg_sleep(10) = 1", "filter.unsupported"),
        ("ACCENTI(name) = 'x'", "filter.unsupported"),
        ("T_AFTER(name, DATE('2024-01-01'))", "filter.unsupported"),
        ("name = TIMESTAMP('2024-01-01T00:00:00Z')", "filter.unsupported"),
        ("name = DATE('2024-02-30')", "filter.bad_date"),
        ("geom = geom", "filter.kind_unfit"),
        ("S_INTERSECTS(geom, name)", "filter.kinds_differ"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 0)))", "filter.bad_geometry"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "filter.bad_geometry"),
        ("S_INTERSECTS(geom, POINT(200 0))", "filter.bad_geometry"),
        ("S_INTERSECTS(geom, POINT(1e999 0))", "filter.malformed_at"),
        ("S_INTERSECTS(geom, BBOX(1, 2, 3))", "layers.bbox_unreadable"),
        ("S_INTERSECTS(geom, BBOX(1, 4, 3, 2))", "layers.bbox_reversed"),
        ("S_TOUCHES(geom, GEOMETRYCOLLECTION(POINT(1 2)))", "filter.collection_unfit"),
        ("S_INTERSECTS(geom, POINT(1 2)", "filter.parentheses"),
        ("households = 1)", "filter.parentheses"),
        ("households = 1e999", "filter.malformed"),
        ("(" * 9 + "households = 1" + ")" * 9, "filter.too_deep"),
        ("(" * 900, "filter.too_deep"),
        ("NOT " * 25 + "covered", "filter.too_deep"),
        ("households = 1" + " OR households = 1" * 200, "filter.too_long"),
    ],
)
def test_a_filter_that_is_none_is_refused_in_words(client: TestClient, condition: str, key: str) -> None:
    for language in ("zh", "en"):
        answer = client.get(ITEMS, params={"filter": condition}, headers={"Accept-Language": language})
        problem = assert_problem(answer, 400, key)
        assert problem["mend"]
        assert "psycopg" not in answer.text
        assert "sqlalche" not in answer.text


@pytest.mark.parametrize(
    ("condition", "key"),
    [
        ("not json", "filter.malformed"),
        ("{}", "filter.malformed"),
        ("[]", "filter.malformed"),
        ("null", "filter.malformed"),
        ('{"op":"=","args":[{"property":"name"}]}', "filter.malformed"),
        ('{"op":"=","args":[{"property":"name"},null]}', "filter.malformed"),
        ('{"op":"=","args":[{"property":"name"},"\\u0000"]}', "filter.malformed"),
        ('{"op":"in","args":[{"property":"name"},[]]}', "filter.malformed"),
        ('{"op":"and","args":[true]}', "filter.malformed"),
        ('{"op":"like","args":[{"property":"name"},1]}', "filter.kinds_differ"),
        (_nested(30), "filter.too_deep"),
        (_nested(200), "filter.too_deep"),
        ("[" * 3000, "filter.too_deep"),
        ('"' + "x" * 8000 + '"', None),
    ],
)
def test_a_filter_in_json_that_is_none_is_refused(
    client: TestClient, condition: str, key: str | None
) -> None:
    answer = client.get(ITEMS, params={"filter": condition, "filter-lang": "cql2-json"})
    assert_problem(answer, 400, key or "request.unusable")


def test_twenty_levels_are_not_too_deep(client: TestClient) -> None:
    assert chosen(client, json.loads(_nested(18))) == [f"{WEST}-B0004"]


def test_an_unknown_filter_language_is_refused(client: TestClient) -> None:
    query = {"filter": "covered", "filter-lang": "ecql"}
    assert_problem(client.get(ITEMS, params=query), 400, "filter.language_unknown")


_WORDS = [
    *(
        "(",
        ")",
        "households",
        "name",
        "geom",
        "covered",
        "=",
        "<",
        "1",
        "'x'",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
    ),
    *("BETWEEN", "IS NULL", "-", "+", ",", "CASEI(", "S_INTERSECTS(", "POINT(1 2)", "DATE('x')", "{", "\\"),
    *("BBOX(1,2,3,4)", "INTERVAL('..','..')", "POLYGON((0 0,1 1))", "''", '"', "'"),
]


@given(words=st.lists(st.sampled_from(_WORDS), max_size=14))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_answered_or_refused(client: TestClient, words: list[str]) -> None:
    answer = client.get(ITEMS, params={"filter": " ".join(words), "limit": 1})
    assert answer.status_code in (200, 400), answer.text


def test_queryables_are_a_schema_that_the_features_meet(client: TestClient) -> None:
    answer = client.get("/collections/standalone_buildings/queryables")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["code"] == {"title": "编码", "type": "string", "x-ogc-role": "id"}
    assert schema["properties"]["floor_area_m2"]["x-ogc-unit"] == "m²"
    assert schema["properties"]["geom"]["format"] == "geometry-multipolygon"
    status = schema["properties"]["status"]
    assert {"const": "in_service", "title": "已进驻"} in status["oneOf"]
    assert "in_service" in status["enum"]
    for feature in client.get(ITEMS, params={"on": ON}).json()["features"]:
        known = {name: value for name, value in feature["properties"].items() if value is not None}
        Draft202012Validator(schema).validate(known)


def test_queryables_speak_the_readers_language(client: TestClient) -> None:
    address = "/collections/standalone_buildings/queryables"
    assert client.get(address, params={"lang": "en"}).json()["properties"]["code"]["title"] == "Code"
    assert client.get(address, headers={"Accept-Language": "en"}).json()["title"] == "Standalone buildings"


def test_every_layer_takes_a_filter_on_every_field(client: TestClient) -> None:
    for entry in client.get("/collections").json()["collections"]:
        here = f"/collections/{entry['id']}"
        for name in client.get(f"{here}/queryables").json()["properties"]:
            answer = client.get(f"{here}/items", params={"filter": f"{name} IS NULL OR NOT {name} IS NULL"})
            assert answer.status_code == 200, answer.text
            assert answer.json()["numberMatched"] == client.get(f"{here}/items").json()["numberMatched"]


def test_scopes_never_see_each_others_rows(world: Engine, client_for: ClientFor) -> None:
    """By filter, by key, by count and by page, whoever asked before."""
    theirs = f"{WEST}-B0001"
    with (
        client_for(world, Role.PLANNER, TOWN) as town,
        client_for(world, Role.PLANNER, SECOND_TOWN) as second,
        client_for(world, Role.VIEWER, TOWN) as viewer,
    ):
        for _ in range(2):
            assert town.get(ITEMS, params={"limit": 1}).json()["numberMatched"] == 7
            assert second.get(ITEMS, params={"limit": 1}).json()["numberMatched"] == 3
        assert town.get(f"{ITEMS}/{theirs}").status_code == 200
        assert_problem(second.get(f"{ITEMS}/{theirs}"), 404, "features.no_such_feature")
        assert chosen(second, "TRUE") == [f"{SOUTH}-B{n:04d}" for n in (1, 2, 3)]
        assert chosen(second, f"code = '{theirs}' OR NOT code = '{theirs}'") == chosen(second, "TRUE")
        assert chosen(second, "S_INTERSECTS(geom, BBOX(-180,-90,180,90))") == chosen(second, "TRUE")
        assert second.get(ITEMS, params={"before": "zzz", "limit": 2}).json()["numberMatched"] == 3
        assert second.get(ITEMS, params={"bbox": "-180,-90,180,90"}).json()["numberMatched"] == 3
        assert second.get(ITEMS, params={"code": theirs}).json()["features"] == []
        assert_problem(second.get(f"{ITEMS}/{theirs}", params={"area": TOWN}), 404, "area.unknown")
        assert viewer.get(f"{ITEMS}/{theirs}").status_code == 403
        assert viewer.get("/collections/standalone_buildings/queryables").status_code == 403
        listed = second.get("/collections", params={"f": "html"}).text
        assert TOWN not in listed
        assert re.search(SECOND_TOWN, listed)
        west = second.get("/collections/zones").json()["extent"]["spatial"]["bbox"][0][0]
        assert west > town.get("/collections/zones").json()["extent"]["spatial"]["bbox"][0][0]


def test_no_field_may_be_called_what_a_request_takes(client: TestClient) -> None:
    """The names that layers may not give their fields are those of the parameters there are."""
    operation = client.get("/api/openapi.json").json()["paths"]["/collections/{layer}/items"]["get"]

    taken = {each["name"] for each in operation["parameters"] if each["in"] == "query"}

    assert taken == ITEMS_PARAMETERS
