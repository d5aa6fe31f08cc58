"""What changes hands when a plan begins, as a document: every building, what each chief gives and takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.planning.documents.model import Column, Document, Row, Table, Words


def handover_document(report: Mapping[str, Any], language: str) -> Document:
    """A hand-over in one language, for the chiefs who meet about it.

    Parameters
    ----------
    report : mapping
        As ``pipeline.handing_over`` lists it.
    language : {"zh", "en"}
    """
    words = Words(language)
    title = words.say("title_handover", plan=report["plan_id"], day=report["from"])
    return Document(
        language=language,
        name=words.say("handover"),
        title=title,
        subtitle="",
        lines=(words.say("handed_over", **report["totals"]),),
        tables=(_buildings(report, words), _chiefs(report, words)),
    )


def _buildings(report: Mapping[str, Any], words: Words) -> Table:
    columns = (
        Column(words.word("community"), width=9),
        Column(words.word("building_code"), width=12),
        Column(words.word("name"), width=12),
        Column(words.word("households"), "count"),
        *(Column(words.word(key), width=9) for key in ("from_zone", "from_chief", "to_zone", "to_chief")),
    )
    rows = []
    for building in report["buildings"]:
        sides = ((building[side] or {}) for side in ("before", "after"))
        served = (cell for side in sides for cell in (side.get("zone_name"), _chief(side)))
        about = (building["community_name"], building["code"], building["name"], building["households"])
        rows.append(Row((*about, *served)))
    return Table(words.say("buildings_handed_over"), columns, tuple(rows))


def _chiefs(report: Mapping[str, Any], words: Words) -> Table:
    columns = (
        Column(words.word("chief_name"), width=9),
        Column(words.word("gives"), "count"),
        Column(words.word("takes"), "count"),
    )
    rows = (Row((_chief(chief), chief["gives"], chief["takes"])) for chief in report["by_chief"])
    return Table(words.word("chief_name"), columns, tuple(rows))


def _chief(side: Mapping[str, Any]) -> str | None:
    return side.get("chief_name") or side.get("chief_code")
