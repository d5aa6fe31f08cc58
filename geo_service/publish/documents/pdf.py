"""A document as a PDF: A4, Chinese typeface embedded, every table's header on every page of it."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from pathlib import Path

from mako.template import Template

from geo_service.errors import Unavailable
from geo_service.planning.documents.model import Document, Words
from geo_service.publish.typeface import chinese_family

_BETWEEN = "\0"


def write_pdf(path: Path, document: Document, *, picture: bytes | None = None) -> None:
    """Write a document; whatever it says is text, never markup, and nothing is fetched from anywhere.

    Parameters
    ----------
    picture : bytes, optional
        A PNG that stands before the tables.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface, or lacks the library that sets the pages.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise Unavailable("export.no_pango", reason=str(error).splitlines()[0]) from error
    fetcher = URLFetcher(allowed_protocols=["data"])
    page = HTML(string=paper(document, picture), url_fetcher=fetcher)
    style = f'body {{ font-family: "{chinese_family()}" }}\n{_source("paper.css")}'
    page.write_pdf(path, stylesheets=[CSS(string=style, url_fetcher=fetcher)])


def paper(document: Document, picture: bytes | None = None) -> str:
    """The document as HTML."""
    numbered = Words(document.language).say("page", page=_BETWEEN, pages=_BETWEEN)
    image = "data:image/png;base64," + b64encode(picture).decode("ascii") if picture else ""
    return _template().render(document=document, picture=image, page=numbered.split(_BETWEEN))


@cache
def _template() -> Template:
    # "h" escapes every expression
    return Template(text=_source("paper.html"), default_filters=["h"], strict_undefined=True)  # noqa: S702


def _source(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
