"""schemathesis asks everything that the OpenAPI document names, and the document proves true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.pipeline.plan_copying import copy_plan
from tests.api.conftest import SECRET, seed
from tests.clients.scopes import ENDLESS
from tests.pipeline.proposing_world import ask as propose
from tests.serving import serving
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "refusals_documented",
)
BUILDING, COMPOUND = f"{WEST}-B0001", f"{EAST}-C001"
KNOWN: dict[str, list[Any]] = {
    "area": [COUNTY, TOWN, WEST, SECOND_TOWN],
    "code": [TOWN, WEST],
    "giver": [COUNTY, TOWN],
    "taker": [TOWN, WEST],
    "unit": [BUILDING, COMPOUND],
    "community": [EAST, SOUTH],
    "community_code": [EAST, SOUTH, WEST],
    "zone_code": [f"{WEST}001", f"{EAST}001"],
    "layer": ["zones", "standalone_buildings", "compounds", "coverage_by_community"],
    "layers": ["zones", "zones,compounds", "standalone_buildings"],
    "crs": ["EPSG:4547", "3857"],
    "on": ["2024-06-30", "2024-12-31"],
    "known": ["2024-06-30", "9999-12-31"],
    "from": ["2025-01-01"],
    "bbox": ["110,30,115,40"],
    "plan": [1, 2, 3],
    "plan_id": [1, 2, 3],
    "from_plan": [1],
    "post_id": [1, 2, 3],
    "bulletin_id": [1, 2],
    "consent_round": [1],
    "number": [1, 2],
    "z": [14],
    "y": [6620],
    "x": [13244],
    "round": ["final"],
    "period": ["2024-06"],
    "profile": ["county_2024", "zhoucun_2017"],
    "form": ["professional"],
    "measure": ["units"],
    "/collections/{layer}/items/{key} layer": ["standalone_buildings"],
    "/collections/{layer}/items/{key} key": [BUILDING],
    "target": ["50-150", "coverage"],
    "/api/export format": ["gpkg", "geojson", "shp", "csv", "fgb"],
    # A page set by Pango takes as long as a hundred other answers.
    "/api/milestones/document format": ["xlsx"],
    "/api/bulletins/{bulletin_id}/document format": ["xlsx"],
    "/api/reports profile": ["zhoucun_2017"],
    "/api/reports period": ["2017-11"],
    "limit": [2, 1000],
    "since": [1],
    "If-Match": ["*"],
}
CALLERS = {
    "administrator": (None, "coverage,fuzzing", 8),
    "planner of a town": (Actor("规划员", Role.PLANNER, TOWN), "fuzzing", 4),
    "viewer of a community": (Actor("来访", Role.VIEWER, WEST), "fuzzing", 2),
}


@pytest.mark.parametrize("name", CALLERS)
def test_the_document_proves_true(engine: Engine, tmp_path: Path, name: str) -> None:
    """No fault, no undocumented status, content type, header or shape, whoever asks."""
    caller, phases, examples = CALLERS[name]
    token = [] if caller is None else ["-H", f"Authorization: Bearer {tokens.issue(caller, 1, SECRET)}"]
    seed(engine)
    answers = tmp_path / "answers"
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(HOOKS),
        "ANSWERS": str(answers),
    }
    given = {"home": tmp_path, "work_dir": tmp_path, "secret": SECRET, "upload_limit_mb": 1}
    with serving(engine, **given) as address:
        environment["KNOWN_VALUES"] = json.dumps(KNOWN | _made(engine, address, token))
        done = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json", *token,
                *(part for path in ENDLESS for part in ("--exclude-path", path)),
                "--checks", ",".join(CHECKS), "--phases", phases, "--max-examples", str(examples),
                "--seed", "1", "--generation-deterministic", "--continue-on-failure", "--warnings", "off",
                "--no-shrink", "--no-color", "--request-timeout", "120",
            ],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    if caller is None:
        asked, answered = _operations(answers, "GET")
        assert len(answered) > 0.9 * len(asked), f"give KNOWN real values of {asked - answered}"
        assert len(_operations(answers, "POST")[1]) >= 6


def _made(engine: Engine, address: str, token: list[str]) -> dict[str, list[Any]]:
    """What an answer needs beyond the small world: a draft with limits, a proposal for it and an upload."""
    draft, asked = (copy_plan(engine, LOCAL_ADMIN, plan_id=1)["plan_id"] for _ in range(2))
    with engine.begin() as connection:
        limited = """UPDATE plan SET parameters = '{"limits": "10-140"}' WHERE id IN (:draft, :asked)"""
        connection.execute(text(limited), {"draft": draft, "asked": asked})
    rows = f"工号,称呼,社区编码,经度,纬度\nP9,甲,{WEST},111.0003,34.3273\n".encode()
    headers = dict(line.split(": ", 1) for line in token[1:])
    kept = httpx.post(f"{address}/api/uploads", files={"file": ("people.csv", rows)}, headers=headers)
    return {
        "/api/plans/{plan_id}/communities/{community_code} plan_id": [draft],
        "/api/plans/{plan_id}/communities/{community_code} community_code": [WEST],
        "/api/plans/{plan_id}/proposals/{proposal_id} plan_id": [asked],
        "proposal_id": [propose(engine, asked, kind="rebalance", area=WEST)],
        "upload_id": [kept.json()["id"]] if kept.is_success else [],
    }


def _operations(answers: Path, method: str) -> tuple[set[str], set[str]]:
    """Operations that were asked, and those of them that were answered and not only refused."""
    asked, answered = set(), set()
    for line in answers.read_text(encoding="utf-8").splitlines():
        operation, _, status = line.rpartition(" ")
        if operation.startswith(method) and status != "405":
            asked.add(operation)
            if status.startswith("2"):
                answered.add(operation)
    return asked, answered
