"""The built pages, and what is said where nobody built them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geo_service.api.routes import pages
from tests.api.conftest import ClientFor, assert_problem


@pytest.fixture
def client(module_engine: Engine, client_for: ClientFor) -> TestClient:
    return client_for(module_engine)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets" / "fonts").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>map</title>")
    (folder / "assets" / "main-1a2b.js").write_text("1;" * 2000)
    (folder / "assets" / "fonts" / "f.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(pages, "web_build_dir", lambda: folder)
    return folder


@pytest.mark.parametrize("path", ["/", "/dashboard?area=990122000000", "/chief/12"])
def test_all_pages_are_the_one_build_asked_for_anew(client, build, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.text == "<!doctype html><title>map</title>"
    assert answer.headers["cache-control"] == "no-cache"


def test_assets_stay_for_ever_and_travel_packed(client, build):
    answer = client.get("/assets/main-1a2b.js")
    assert "javascript" in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert client.get("/assets/fonts/f.woff2").content == b"font"


@pytest.mark.parametrize(
    "path",
    [
        "none.js",
        "../index.html",
        "%2e%2e/%2e%2e/secret.txt",
        "/etc/passwd",
        "",
        "fonts",
        "a" * 5000,
        "..%5c..%5csecret.txt",
    ],
)
def test_nothing_but_assets_is_given_out(client, build, path):
    answer = client.get(f"/assets/{path}")
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


@pytest.mark.parametrize("accepted", ["application/json", "*/*", "application/geo+json, application/json"])
def test_a_program_gets_the_landing_page(client, build, accepted: str):
    answer = client.get("/", headers={"Accept": accepted})
    assert {link["rel"] for link in answer.json()["links"]} >= {"self", "conformance", "data", "service-desc"}


def test_a_missing_build_says_what_to_do(client, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "web_build_dir", lambda: tmp_path / "none")
    answer = client.get("/", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status_code == 503
    assert "make setup" in answer.text
    assert_problem(client.get("/assets/main.js"), 404, "page.no_such_asset")


def test_the_interface_describes_itself_and_loads_nothing_from_elsewhere(client):
    document = client.get("/api/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert [
        operation for operation in operations if not (operation.get("summary") and operation.get("tags"))
    ] == []
    for operation in operations:
        refusals = [answer for status, answer in operation["responses"].items() if status[0] in "45d"]
        assert {"401", "403", "default"} <= set(operation["responses"])
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals)
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
