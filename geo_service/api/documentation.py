"""The OpenAPI document: what every operation may refuse with, and how a caller says who asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from geo_service import messages
from geo_service.api.answers.problems import Problem
from geo_service.api.errors import DOCUMENTED

_REFUSALS_ANYWHERE = (401, 403)
_REFUSALS_OF_WHAT_IS_ASKED = (400, 404)
_REFUSALS_OF_WRITES = (409, 422)
_REFUSALS_OF_BODIES = (413,)
_REFUSALS_OF_REVISIONS = (412, 428)


def install(application: FastAPI) -> None:
    """Complete the document that FastAPI writes of ``application``."""
    written = application.openapi

    def completed() -> dict[str, Any]:
        if application.openapi_schema is None:
            _complete(written(), tokens_needed=application.state.settings.require_token)
        return written()

    application.openapi = completed


def _complete(document: dict[str, Any], *, tokens_needed: bool) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            for status in _refusals(method, operation):
                operation["responses"].setdefault(str(status), _problem(status))
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).setdefault("Problem", Problem.model_json_schema())
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "From geo-service token"}
    }
    document["security"] = [{"token": []}] if tokens_needed else [{"token": []}, {}]


def _refusals(method: str, operation: dict[str, Any]) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    yield from _REFUSALS_ANYWHERE
    if parameters or "requestBody" in operation:
        yield from _REFUSALS_OF_WHAT_IS_ASKED
    if method != "get":
        yield from _REFUSALS_OF_WRITES
    if "requestBody" in operation:
        yield from _REFUSALS_OF_BODIES
    if any(parameter["name"].lower() == "if-match" for parameter in parameters):
        yield from _REFUSALS_OF_REVISIONS


def _problem(status: int) -> dict[str, Any]:
    both = (messages.text(f"problem.{status}", language) for language in messages.LANGUAGES)
    return {**DOCUMENTED["default"], "description": " · ".join(both)}
