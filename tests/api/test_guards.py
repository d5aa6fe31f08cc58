"""Tokens, and what protects a server that has none."""

from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service import tokens
from geo_service.access import Actor, Role
from geo_service.api.app import create_app
from geo_service.settings import Settings
from tests.api.conftest import SECRET, ClientFor, assert_problem

CLAIMS = {
    "iss": "geo-service",
    "iat": 1,
    "exp": 4_000_000_000,
    "name": "n",
    "role": "viewer",
    "scope": "1",
    "post": None,
}


@pytest.fixture
def client(module_engine: Engine, client_for: ClientFor) -> TestClient:
    return client_for(module_engine)


def ask(client: TestClient, token: str):
    return client.get("/api/me", headers={"Authorization": f"Bearer {token}"})


def test_a_tokens_actor_asks(client):
    token = tokens.issue(Actor("王五", Role.CHIEF, "990101001000", 7), 1, SECRET)
    expected = {"name": "王五", "role": "chief", "scope": "990101001000", "post_id": 7}
    assert ask(client, token).json() == expected


def test_an_expired_token_is_401(client):
    token = jwt.encode({**CLAIMS, "exp": int(time.time()) - 1}, SECRET, algorithm="HS256")
    answer = ask(client, token)
    assert_problem(answer, 401, "token.expired")
    assert answer.headers["www-authenticate"] == "Bearer"


def _tampered() -> str:
    head, body, signature = jwt.encode(CLAIMS, SECRET, algorithm="HS256").split(".")
    other = jwt.encode({**CLAIMS, "role": "admin", "scope": "*"}, SECRET, algorithm="HS256").split(".")[1]
    assert other != body
    return f"{head}.{other}.{signature}"


BAD_TOKENS = {
    "no token": "nonsense",
    "empty": "",
    "unsigned": jwt.encode(CLAIMS, None, algorithm="none"),
    "another secret": jwt.encode(CLAIMS, "b" * 40, algorithm="HS256"),
    "another algorithm": jwt.encode(CLAIMS, SECRET * 2, algorithm="HS512"),
    "tampered": _tampered(),
    "without end": jwt.encode({k: v for k, v in CLAIMS.items() if k != "exp"}, SECRET, algorithm="HS256"),
    "another issuer": jwt.encode({**CLAIMS, "iss": "else"}, SECRET, algorithm="HS256"),
    "unknown role": jwt.encode({**CLAIMS, "role": "king"}, SECRET, algorithm="HS256"),
    "no scope": jwt.encode({k: v for k, v in CLAIMS.items() if k != "scope"}, SECRET, algorithm="HS256"),
    "post of words": jwt.encode({**CLAIMS, "post": "x"}, SECRET, algorithm="HS256"),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_token_that_is_not_ours_is_401(client, token):
    assert_problem(ask(client, token), 401, "token.invalid")


def test_other_ways_of_signing_in_are_401(client):
    assert_problem(client.get("/api/me", headers={"Authorization": "Basic YTpi"}), 401, "token.invalid")


def test_where_tokens_are_required_nobody_asks_without(module_engine: Engine, settings: Settings):
    settings = settings.model_copy(update={"require_token": True})
    client = TestClient(create_app(settings, module_engine), base_url="http://planning.example")
    assert_problem(client.get("/api/me"), 401, "token.missing")
    assert_problem(client.get("/api/areas"), 401, "token.missing")
    assert_problem(client.post("/api/plans/1/appoint"), 401, "token.missing")
    assert_problem(client.post("/api/plans", json={}), 401, "token.missing")
    assert_problem(client.post("/api/imports/people", content=b"x"), 401, "token.missing")
    token = tokens.issue(Actor("n", Role.GIS, "1"), 1, SECRET)
    assert ask(client, token).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_this_machines_names_are_answered(client, host):
    assert client.get("/api/me", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[", ""]
)
def test_another_name_is_refused_though_it_leads_here(client, host):
    assert_problem(client.get("/api/me", headers={"Host": host}), 403, "request.foreign_host")


def test_another_machine_is_refused_though_it_names_this_one(module_engine: Engine, settings: Settings):
    client = TestClient(
        create_app(settings, module_engine), base_url="http://127.0.0.1", client=("10.0.0.9", 1)
    )
    assert_problem(client.get("/api/me"), 403, "request.not_local")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_write_from_another_sites_page_is_refused(client, headers):
    assert_problem(client.post("/api/plans", json={}, headers=headers), 403, "request.foreign_origin")


def test_a_write_from_our_own_page_is_read(client):
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert_problem(client.post("/api/plans", json={}, headers=own), 400, "request.unusable")


@pytest.mark.parametrize("path", ["/api/me", "/", "/api/nothing", "/api/areas/none/zones"])
def test_every_answer_is_protected(client, path):
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("gzip", "gzip"),
        ("br, gzip; q=0.1", "gzip"),
        ("gzip;q=1, identity;q=0", "gzip"),
        ("gzip;q=0, identity", None),
        ("br;q=1.0, GZIP ; Q=0.000", None),
        ("identity;q=0.5, gzip;q=0.0", None),
    ],
)
def test_a_coding_that_is_refused_is_not_used(client, asked: str, coding: str | None):
    answer = client.get("/api/openapi.json", headers={"Accept-Encoding": asked})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_lasts_a_year_at_most(days):
    from geo_service.errors import InvalidInput

    with pytest.raises(InvalidInput) as refused:
        tokens.issue(Actor("n", Role.GIS, "1"), days, SECRET)
    assert refused.value.key == "token.days_out_of_range"


def test_a_token_lasts_as_long_as_it_says():
    claims = jwt.decode(tokens.issue(Actor("n", Role.GIS, "1"), 366, SECRET), SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == timedelta(days=366).total_seconds()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/plans", {"GET", "POST"}),
        ("/api/classification/U1/decision", {"PUT", "DELETE"}),
        ("/api/imports/ledger", {"POST"}),
        ("/api/openapi.json", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_an_address_lacks_is_405_with_those_it_has(client, path: str, allowed: set[str]):
    answer = client.request("PATCH", path)
    assert_problem(answer, 405, "request.method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed
