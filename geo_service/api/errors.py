"""Errors as problem+json (RFC 9457): one table from our errors to statuses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from geo_service import errors, messages
from geo_service.api.language import preferred_language

_log = logging.getLogger(__name__)


class PreconditionRequired(errors.InvalidInput):
    """A write on something editable came without If-Match."""


class UploadTooLarge(errors.InvalidInput):
    """The request's body is larger than the deployment allows."""


# The first class in an error's line of ancestors decides.
STATUS: Mapping[type[Exception], int] = {
    PreconditionRequired: 428,
    UploadTooLarge: 413,
    errors.InvalidInput: 400,
    errors.NotFound: 404,
    errors.Infeasible: 422,
    errors.LostRace: 412,
    errors.Conflict: 409,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.Unavailable: 503,
    errors.Cancelled: 499,  # what nginx calls a client that left; no standard status says it
    Exception: 500,
}

_LONGEST_PART = 60
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_OF_STATUS = {404: "request.no_such_path", 405: "request.method_not_allowed"}

DOCUMENTED = {
    "default": {
        "description": "A problem document (RFC 9457), in Chinese or English by Accept-Language",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    return next(STATUS[ancestor] for ancestor in type(error).__mro__ if ancestor in STATUS)


def problem_document(error: errors.GeoServiceError, status: int, language: str) -> dict[str, Any]:
    """What a problem document says of an error, in one language."""
    title = messages.text(f"problem.{status}", language, missing=messages.text("problem.other", language))
    return {
        "type": f"urn:geo-service:problem:{error.key}",
        "title": title,
        "status": status,
        "detail": error.what(language),
        "where": error.where,
        "mend": error.mend(language),
        "key": error.key,
        "details": error.details,
    }


def problem(error: errors.GeoServiceError, status: int, language: str) -> JSONResponse:
    """The problem document of an error as an answer."""
    body = problem_document(error, status, language)
    headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "5"
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def _language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"))


async def _ours(request: Request, error: errors.GeoServiceError) -> JSONResponse:
    return problem(error, status_of(error), _language(request))


async def _unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
    complaints = [
        {"where": _place(entry["loc"]), "reason": entry["msg"], "kind": entry["type"]}
        for entry in error.errors()
    ]
    first = complaints[0]
    refusal = errors.InvalidInput(
        "request.unusable", where=first["where"], details=complaints, reason=first["reason"]
    )
    return problem(refusal, status_of(refusal), _language(request))


def _place(parts: Sequence[object]) -> str:
    # A key of the client's own JSON may be half a surrogate pair, which no answer can carry.
    return ".".join(str(part).encode("utf-8", "replace").decode()[:_LONGEST_PART] for part in parts)


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    key = _OF_STATUS.get(error.status_code, "request.refused")
    refusal = errors.InvalidInput(key, where=request.url.path, reason=error.detail)
    answer = problem(refusal, error.status_code, _language(request))
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(_allowed_methods(request))
    return answer


def _allowed_methods(request: Request) -> list[str]:
    # The framework names those of the first route of the path alone.
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


async def _fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    refusal = errors.Unavailable("request.our_fault")
    return problem(refusal, status_of(error), _language(request))


def install(application: FastAPI) -> None:
    """Answer every error of ``application`` as a problem document."""
    application.add_exception_handler(errors.GeoServiceError, _ours)
    application.add_exception_handler(RequestValidationError, _unreadable)
    application.add_exception_handler(HTTPException, _http)
    application.add_exception_handler(Exception, _fault)
