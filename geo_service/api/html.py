"""The same resource as JSON for programs and as a page for people, by ``f=`` or the Accept header."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from mako.lookup import TemplateLookup

from geo_service import messages
from geo_service.api.language import preferred_language
from geo_service.errors import InvalidInput
from geo_service.messages import LANGUAGES

FORMATS = ("json", "html")
PRESENTATION = frozenset({"f", "lang"})
"""Parameters that every resource shown in two ways takes."""
# Edited data: a client asks again each time; what one caller may see is nobody else's.
NEGOTIATED = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Accept, Accept-Language, Accept-Encoding",
}
STYLE_PATH = "/pages.css"

_PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Presentation:
    """How an answer is to look.

    Parameters
    ----------
    as_page : bool
        HTML; JSON otherwise.
    language : str
    chosen : str, optional
        The language where the address names it: the links of a page then keep it.
    """

    as_page: bool
    language: str
    chosen: str | None = None

    def keep(self, address: str) -> str:
        """An address of ours as a page links to it: as a page again, in the language chosen."""
        parts = urlsplit(address)
        query = [
            pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in PRESENTATION
        ]
        query.append(("f", "html"))
        if self.chosen:
            query.append(("lang", self.chosen))
        return urlunsplit(parts._replace(query=urlencode(query)))


def presentation(
    request: Request,
    f: Annotated[
        str | None, Query(max_length=16, description="json or html; by the Accept header when missing")
    ] = None,
    lang: Annotated[
        str | None, Query(max_length=16, description="zh or en; by Accept-Language when missing")
    ] = None,
) -> Presentation:
    """How this request wants its answer.

    Raises
    ------
    InvalidInput
        When the format or the language is none of ours.
    """
    for given, known, name in ((f, FORMATS, "f"), (lang, LANGUAGES, "lang")):
        if given is not None and given not in known:
            raise InvalidInput("features.format_unknown", where=name, given=given, known=", ".join(known))
    language = lang or preferred_language(request.headers.get("accept-language"))
    as_page = f == "html" if f else prefers_page(request.headers.get("accept", ""))
    return Presentation(as_page, language, lang)


def prefers_page(accept: str) -> bool:
    """Whether an Accept header likes HTML better than JSON; who takes anything gets JSON."""
    qualities = {"html": 0.0, "json": 0.0}
    for entry in accept.split(","):
        name, _, weight = entry.replace(" ", "").lower().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        name = name.partition(";")[0]
        if name in ("text/html", "application/xhtml+xml", "text/*"):
            qualities["html"] = max(qualities["html"], quality)
        elif name.endswith("json") or name in ("*/*", "application/*", ""):
            qualities["json"] = max(qualities["json"], quality)
    return qualities["html"] > qualities["json"]


Shown = Annotated[Presentation, Depends(presentation)]


def answer_json(
    document: Any, shown: Presentation, *, media_type: str = "application/json", headers: Any = None
) -> Response:
    """A document as JSON."""
    sent = {**NEGOTIATED, "Content-Language": shown.language, **(headers or {})}
    return JSONResponse(document, media_type=media_type, headers=sent)


def answer_page(
    name: str, request: Request, shown: Presentation, *, status: int = 200, headers: Any = None, **values: Any
) -> Response:
    """The page ``name`` of ``pages/``, filled in; whatever it says is text, never markup."""
    language = shown.language

    def say(key: str, **filled: object) -> str:
        return messages.text(f"webpage.{key}", language, **filled)

    text = (
        _templates()
        .get_template(f"{name}.html")
        .render(
            say=say,
            keep=shown.keep,
            root=str(request.base_url).rstrip("/"),
            style=STYLE_PATH,
            language=language,
            json_address=_with(request, f="json"),
            other_address=_with(request, f="html", lang="en" if language == "zh" else "zh"),
            **values,
        )
    )
    sent = {**NEGOTIATED, "Content-Language": language, **(headers or {})}
    return HTMLResponse(text, status_code=status, headers=sent)


def style_sheet() -> str:
    """The style of all pages."""
    return (_PAGES / "style.css").read_text(encoding="utf-8")


def _with(request: Request, **parameters: str) -> str:
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in PRESENTATION]
    return f"{request.url.path}?{urlencode([*kept, *parameters.items()])}"


@cache
def _templates() -> TemplateLookup:
    # "h" escapes every expression
    return TemplateLookup(directories=[str(_PAGES)], default_filters=["h"], strict_undefined=True)
