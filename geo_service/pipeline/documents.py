"""The verbs that write reports as files: PDF to print and sign, workbooks to calculate with, a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo_service.errors import InvalidInput
from geo_service.exchange.exports import reports
from geo_service.exchange.exports.staging import staged
from geo_service.planning.documents.bulletin import bulletin_document
from geo_service.planning.documents.handover import handover_document
from geo_service.planning.documents.milestones import milestones_document
from geo_service.planning.documents.model import Document
from geo_service.planning.documents.scores import scores_document

BULLETIN_FORMATS = ("pdf", "xlsx")
TABLE_FORMATS = ("csv", "xlsx")
MILESTONE_FORMATS = ("pdf", "xlsx", "png")


def write_bulletin(bulletin: Mapping[str, Any], out: Path, *, language: str) -> None:
    """Write a bulletin with its corrections; a file of that name is replaced once the new one is complete.

    Parameters
    ----------
    bulletin : mapping
        As ``pipeline.bulletins`` prints it.
    out : Path
        ``x.pdf`` or ``x.xlsx``.

    Raises
    ------
    InvalidInput
        When the name is of another format, or the folder cannot be written to.
    Unavailable
        When the machine lacks what pages are set with.
    """
    format = _format_of(out, BULLETIN_FORMATS)
    document = bulletin_document(bulletin, language)
    with staged(out.parent) as scratch:
        if format == "pdf":
            from geo_service.publish.documents.pdf import write_pdf

            write_pdf(scratch / out.name, document)
        else:
            reports.write_document(scratch / out.name, document)


def write_milestones(report: Mapping[str, Any], out: Path, *, language: str) -> None:
    """Write the milestone report, or its curve alone; as ``write_bulletin``.

    Parameters
    ----------
    report : mapping
        As ``pipeline.milestones`` prints it.
    out : Path
        ``x.pdf``, ``x.xlsx`` or ``x.png``.
    """
    format = _format_of(out, MILESTONE_FORMATS)
    with staged(out.parent) as scratch:
        if format == "xlsx":
            reports.write_curve(scratch / out.name, report, language=language)
            return
        from geo_service.publish.curve import draw_curve

        picture = draw_curve(report, language)
        if format == "png":
            (scratch / out.name).write_bytes(picture)
            return
        from geo_service.publish.documents.pdf import write_pdf

        write_pdf(scratch / out.name, milestones_document(report, language), picture=picture)


def write_scores(report: Mapping[str, Any], out: Path, *, language: str) -> None:
    """Write the scores of a round for the year's assessment; as ``write_bulletin``.

    Parameters
    ----------
    report : mapping
        As ``pipeline.evaluating`` lists a round.
    out : Path
        ``x.csv``, of the units alone, or ``x.xlsx``.
    """
    _write_tables(scores_document(report, language), out)


def write_handover(report: Mapping[str, Any], out: Path, *, language: str) -> None:
    """Write what changes hands when a plan begins; as ``write_bulletin``.

    Parameters
    ----------
    report : mapping
        As ``pipeline.handing_over`` lists it.
    out : Path
        ``x.csv``, of the buildings alone, or ``x.xlsx``.
    """
    _write_tables(handover_document(report, language), out)


def _write_tables(document: Document, out: Path) -> None:
    format = _format_of(out, TABLE_FORMATS)
    with staged(out.parent) as scratch:
        if format == "csv":
            reports.write_rows(scratch / out.name, document.tables[0])
        else:
            reports.write_document(scratch / out.name, document)


def _format_of(out: Path, known: tuple[str, ...]) -> str:
    format = out.suffix.lower().removeprefix(".")
    if format not in known or out.is_dir():
        raise InvalidInput("export.unknown_format", where=str(out), format=out.suffix, known=", ".join(known))
    return format
