"""The built front end: map, dashboard, workbench, comparison, import, chief's page, and their assets."""

from __future__ import annotations

import gzip
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from geo_service import messages
from geo_service.api.conditions import conditions_of
from geo_service.api.deps import Language
from geo_service.api.html import Shown
from geo_service.api.routes.collections import landing_page
from geo_service.errors import NotFound
from geo_service.resources import web_build_dir

router = APIRouter(include_in_schema=False)

# Asked for again at every visit, answered by 304 while the build is the same.
_FRESH = {"Cache-Control": "no-cache", "Vary": "Accept"}
_COMPRESSIBLE = {".css", ".js", ".mjs", ".svg"}
# The build names every asset by its content's hash.
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def index_page(language: str) -> Response:
    """The single page all entries share; a page that says what to do where it was never built."""
    path = web_build_dir() / "index.html"
    if path.is_file():
        return FileResponse(path, media_type="text/html", headers=_FRESH)
    sentences = (messages.text("page.not_built", language), messages.text("page.not_built.mend", language))
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    page = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>geo-service</title>{body}'
    return HTMLResponse(page, status_code=503, headers={"Cache-Control": "no-store"})


@router.get("/")
def map_page(request: Request, shown: Shown, f: str | None = None) -> Response:
    """The map; to a program, which does not ask for HTML as browsers do, the OGC interface's landing page."""
    if f or "text/html" not in request.headers.get("accept", ""):
        return landing_page(request, shown)
    return index_page(shown.language)


@router.get("/dashboard")
def dashboard_page(language: Language) -> Response:
    """The dashboard; what it shows stands in the rest of its address, which only the page reads."""
    return index_page(language)


@router.get("/workbench")
def workbench_page(language: Language) -> Response:
    """Where a plan is edited; which one stands in the rest of the address, which only the page reads."""
    return index_page(language)


@router.get("/compare")
def compare_page(language: Language) -> Response:
    """Where two plans stand side by side; which ones stands in the rest of the address."""
    return index_page(language)


@router.get("/import")
def import_page(language: Language) -> Response:
    """Where files are taken in, step by step."""
    return index_page(language)


@router.get("/chief/{post_id}")
def chief_page(post_id: str, language: Language) -> Response:
    """The chief's page; the page itself asks for the post, and says in words that there is none."""
    return index_page(language)


@router.get("/assets/{path:path}")
def asset(path: str, request: Request) -> Response:
    """One file of the build, from a list of those there are."""
    root = web_build_dir() / "assets"
    files = {file.relative_to(root).as_posix(): file for file in root.rglob("*") if file.is_file()}
    if path not in files:
        raise NotFound("page.no_such_asset", where=path)
    file = files[path]
    if file.suffix not in _COMPRESSIBLE or not conditions_of(request).takes_gzip:
        return FileResponse(file, headers=_FOREVER)
    headers = {**_FOREVER, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(_compressed(file), media_type=guess_type(file.name)[0], headers=headers)


@lru_cache(maxsize=256)
def _compressed(file: Path) -> bytes:
    # Named by its content: once is enough, however many come to read it.
    return gzip.compress(file.read_bytes(), mtime=0)
