"""The OpenAPI document, from which the page's API types are generated: it says what every answer holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import Engine

from geo_service.api.answers.boards import Board, EditReport, OpenedCommunity, PlanCopy
from geo_service.api.answers.classification import ClassificationReport
from geo_service.api.answers.live import PlanChanges
from geo_service.api.answers.plan_history import HandedIn, Reopened
from geo_service.api.document import document
from geo_service.resources import web_build_dir
from tests.api.conftest import ClientFor
from tests.pipeline.editing_world import FIRST, SECOND, b, planned
from tests.world import COUNTY, WEST

CLIENT = web_build_dir().parent / "src" / "api"
CALL = re.compile(r'service\.(GET|POST|PUT|DELETE)\(\s*["`]([^"`]+)["`]')
TEMPLATES = {"${what}": ("undo", "redo")}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def operations_named() -> Iterator[tuple[str, str]]:
    """Method and path of every operation that the page's client asks, where its source is there."""
    for source in sorted(CLIENT.glob("*.ts")):
        for method, path in CALL.findall(source.read_text("utf-8")):
            for template, values in TEMPLATES.items():
                if template in path:
                    yield from ((method, path.replace(template, value)) for value in values)
                    break
            else:
                yield method, path


def answer_of(described: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The schema of what an operation answers when all is well."""
    responses = described["paths"][path][method.lower()]["responses"]
    (good,) = (response for status, response in responses.items() if status.startswith("2"))
    return good["content"]["application/json"]["schema"]


def is_named(described: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether a schema says what it holds: fields by name and no others, or a list of such."""
    if schema.get("type") == "array":
        return is_named(described, schema["items"])
    if "$ref" not in schema:
        return False
    named = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return bool(named.get("properties")) and named.get("additionalProperties") is False


def test_every_operation_that_the_page_asks_says_what_it_answers(described: dict[str, Any]):
    named = set(operations_named())
    assert len(named) > 25, "the client's calls are not found in its source"
    unsaid = [each for each in sorted(named) if not is_named(described, answer_of(described, *each))]
    assert unsaid == []


def test_the_page_asks_under_api_by_the_typed_client_alone():
    asked = {
        line.strip()
        for source in sorted(CLIENT.glob("*.ts"))
        if source.name != "schema.d.ts"
        for line in source.read_text("utf-8").splitlines()
        if re.search(r"""["'`]/api/""", line) and "service." not in line
    }
    # The upload tells how far it is, which fetch cannot; a stream is no document; types name paths, too.
    allowed = re.compile(r'request\.open\("POST", "/api/uploads"\)|paths\["|/events\?since=')
    assert [line for line in sorted(asked) if not allowed.search(line)] == []


def test_no_two_answers_share_a_name(described: dict[str, Any]):
    """Where they do, the document calls them by their modules, and so would the page's types."""
    qualified = re.compile(r"__|-(Input|Output)$")
    assert [name for name in described["components"]["schemas"] if qualified.search(name)] == []


def test_every_refusal_is_a_problem(described: dict[str, Any]):
    for path, methods in described["paths"].items():
        for operation in methods.values():
            refusals = [each for status, each in operation["responses"].items() if status[0] in "d45"]
            assert refusals, path
            for refusal in refusals:
                assert refusal["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }
    assert "Problem" in described["components"]["schemas"]


def test_the_document_written_is_the_one_served(
    described: dict[str, Any], engine: Engine, client_for: ClientFor
):
    """Without a server, a database or a difference from one run to the next."""
    served = client_for(engine).get("/api/openapi.json").json()
    assert json.dumps(document()) == json.dumps(described)
    assert {**served, "security": None} == {**json.loads(json.dumps(described)), "security": None}


def test_what_goes_out_unchecked_holds_what_is_documented(engine: Engine, client_for: ClientFor):
    """Boards, edits and long lists are written as they are, past their models: held to them here."""
    plan, client = planned(engine), client_for(engine)
    address = f"/api/plans/{plan}"

    def write(path: str, model: type[BaseModel], body: object = None) -> None:
        answer = client.post(f"{address}/{path}", json=body, headers={"If-Match": "*"})
        assert answer.is_success, answer.text
        model.model_validate_json(answer.content, strict=True)

    def read(path: str, model: type[BaseModel]) -> None:
        model.model_validate_json(got(client, f"{address}/{path}"), strict=True)

    read("board", Board)
    read(f"communities/{WEST}", OpenedCommunity)
    units = got(client, f"/api/classification?area={COUNTY}")
    assert ClassificationReport.model_validate_json(units, strict=True).units
    write("edits", EditReport, {"kind": "assign", "zone": FIRST, "buildings": [b(3)]})
    write("edits", EditReport, {"kind": "assign", "zone": FIRST, "buildings": [b(3)]})  # changes nothing
    write("edits", EditReport, {"kind": "assign", "zone": None, "buildings": [b(1)]})
    write("edits", EditReport, {"kind": "delete", "zone": SECOND})
    write("undo", EditReport)
    write("redo", EditReport)
    read("board", Board)
    read("changes?since=1", PlanChanges)
    write("copy", PlanCopy, {})
    write("review", HandedIn)
    write("reopen", Reopened)


def got(client: TestClient, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.content
