"""No value of any parameter of any address makes the service fail."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import COUNTY, EAST, TOWN, WEST

HOSTILE = [
    "'; DROP TABLE area; --",
    "1 OR 1=1",
    "%' OR '%'='",
    "\0",
    "a\0b",
    "😀" * 20,
    "片区",
    "٣",
    "\u202e\ud7ff\ufffe",
    "x" * 3000,
    "../../../../etc/passwd",
    "..",
    "-1",
    "0",
    "9" * 30,
    "1e309",
    "NaN",
    "Infinity",
    "-0.0",
    "nan,nan,nan,nan",
    "-180,-90,180,90",
    "1,2,3",
    "0001-01-01",
    "9999-12-31",
    "2024-02-30",
    "{}",
    "[]",
    "null",
    "*",
    " ",
    "{braces}",
    "%s%n",
    "\r\nX-Injected: 1",
]

GOOD = {
    "code": WEST,
    "plan_id": "1",
    "post_id": "1",
    "layer": "zones",
    "area": WEST,
    "z": "14",
    "x": "1",
    "y": "1",
}


def get_operations(document: dict) -> list[tuple[str, list[dict]]]:
    """Path template and parameters of every GET the OpenAPI document names."""
    return [
        (path, [p for p in methods["get"].get("parameters", []) if p["in"] in ("path", "query", "header")])
        for path, methods in document["paths"].items()
        if "get" in methods
    ]


def fill(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: quote(values.get(part[1], "1"), safe=""), template)


@pytest.mark.parametrize("role", [None, Role.CHIEF])
def test_no_parameter_makes_the_service_fail(seeded: Seeded, client_for: ClientFor, role):
    client = client_for(seeded.engine, role, WEST, seeded.posts[WEST] if role else None)
    operations = get_operations(client.get("/api/openapi.json").json())
    assert len(operations) >= 10
    for template, parameters in operations:
        required = {p["name"]: GOOD.get(p["name"], "1") for p in parameters if p.get("required")}
        for parameter in parameters:
            for value in HOSTILE:
                values = {**GOOD, **required, parameter["name"]: value} if parameter["in"] == "path" else GOOD
                query = {name: v for name, v in required.items() if "{" + name not in template}
                if parameter["in"] == "query":
                    query[parameter["name"]] = value
                if parameter["in"] == "header":
                    continue
                answer = client.get(fill(template, values), params=query)
                assert answer.status_code < 500, (template, parameter["name"], value, answer.text)
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "application/problem+json"


BODIES = [
    ("POST", "/api/bulletins",
     {"area": TOWN, "kind": "monthly_ranking", "period": "2024-06", "profile": None}),
    ("POST", "/api/bulletins/1/corrections", {"reason": "因"}),
    ("POST", "/api/reports",
     {"area": TOWN, "period": "2017-11", "rhythm": "report", "on": "2017-11-27", "profile": "zhoucun_2017"}),
    ("PUT", f"/api/classification/{EAST}-C001/decision", {"form": "professional", "reason": "因"}),
    ("POST", "/api/evaluations",
     {"unit": f"{EAST}-C001", "round": "final", "marks": {"hygiene": 90}, "not_applicable": []}),
    ("POST", "/api/compound-plans",
     {"unit": f"{EAST}-C001", "form": "professional", "measures": "整修", "on": "2024-04-01"}),
    ("POST", "/api/lapses", {"unit": f"{EAST}-C001", "on": "2024-12-10", "reason": "合同到期"}),
    ("POST", "/api/responsible-units", {"area": TOWN, "code": "U1", "name": "某单位"}),
    ("POST", "/api/governance-bodies",
     {"kind": "committee", "name": "业委会", "unit": f"{EAST}-C001", "founded_on": "2023-05-01"}),
    ("POST", "/api/target-letters",
     {"giver": COUNTY, "taker": TOWN, "signed_on": "2024-03-20", "due_on": "2024-12-31",
      "target_percent": 100, "document_no": "1号"}),
]  # fmt: skip
ODD = [*HOSTILE, "\x0b", "\ud800", "9998-12-31", -1, 10**30, True, None, [], {}, {"a": "\0"}, ["\0"]]


@pytest.mark.parametrize(("method", "path", "good"), BODIES, ids=[path for _, path, _ in BODIES])
def test_no_body_makes_the_service_fail(fresh: Seeded, client_for: ClientFor, method: str, path: str, good):
    client = client_for(fresh.engine)
    for name in good:
        for value in ODD:
            body = json.dumps({**good, name: value}).encode()
            answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code < 500, (name, value, answer.text)


def test_a_zero_byte_in_a_body_is_named_by_its_field(fresh: Seeded, client_for: ClientFor):
    receipt = {"area": TOWN, "period": "2017-11", "profile": "a\0b"}
    problem = assert_problem(
        client_for(fresh.engine).post("/api/reports", json=receipt), 400, "record.unreadable"
    )
    assert problem["where"] == "profile"


def test_raw_addresses_are_no_weapon_either(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine)
    for path in (
        "/%00",
        "/api/areas/%ff%fe/zones",
        "/api/areas/%ED%A0%80/zones",
        "//evil.example",
        "/chief/%2e%2e",
        "/%",
    ):
        assert client.get(path).status_code < 500, path
    for query in (
        "area=%ff",
        "area=%ED%A0%80",
        "area=%00",
        "area",
        "=&=&=",
        "on=%f0%9f%98%80",
        "area=1&area=2",
    ):
        assert client.get(f"/api/coverage?{query}").status_code < 500, query
