"""Answers that a client may have already: an ETag names each, and who names it back is not sent it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from geo_service.api.conditions import conditions_of
from geo_service.api.editions import NOT_SHARED, Answer, Edition, Editions
from geo_service.api.html import NEGOTIATED, Presentation

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing has changed since"}}
_PROGRAM = version("geo-service")


async def _editions(request: Request) -> Editions:
    return request.app.state.editions


KnownEditions = Annotated[Editions, Depends(_editions)]


def of_edition(
    request: Request, edition: Edition, shown: Presentation, make: Callable[[], Response]
) -> Response:
    """What ``make`` answers from an edition of a layer, unless the client has that answer.

    An address says which features are asked for and in what CRS, and stands in the links of the answer.
    """
    look = ("html", shown.language) if shown.as_page else ("json",)
    tag = Answer(edition, (_PROGRAM, str(request.url), *look), "").headers.get("ETag")
    conditions = conditions_of(request)
    # Whoever names the tag was answered well before; "*" names nothing, and the request may be wrong.
    if "*" not in conditions.known_tags and conditions.has(tag):
        return _not_modified(tag, NEGOTIATED)
    response = make()
    if conditions.has(tag):
        return _not_modified(tag, NEGOTIATED)
    if tag is not None:
        response.headers["ETag"] = tag
    return response


def of_document(request: Request, document: Any) -> Response:
    """A small document as JSON, named by what it says, unless the client has it."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if conditions_of(request).has(tag):
        return _not_modified(tag, NOT_SHARED)
    return Response(body, media_type="application/json", headers={**NOT_SHARED, "ETag": tag})


def _not_modified(tag: str | None, headers: Mapping[str, str]) -> Response:
    return Response(status_code=304, headers={**headers, "ETag": tag or ""})
