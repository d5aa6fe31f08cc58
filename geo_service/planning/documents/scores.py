"""A round of evaluation as a document: every unit's marks and score, and what each community comes to."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from geo_service.planning.documents.model import Column, Document, Row, Table, Words


def scores_document(report: Mapping[str, Any], language: str) -> Document:
    """A round in one language, for whoever assesses the year by it.

    Parameters
    ----------
    report : mapping
        As ``pipeline.evaluating`` lists a round.
    language : {"zh", "en"}
    """
    words = Words(language)
    counts = {key: report[key] for key in ("compliant", "not_compliant", "not_scored")}
    marks = {"full": report["full_mark"], "least": report["pass_mark"]}
    return Document(
        language=language,
        name=report["round"],
        title=words.say("title_scores", area=report["area_name"], period=words.title(report["round_titles"])),
        subtitle=words.title(report["profile"]),
        lines=(words.say("results", **counts, **marks),),
        tables=(_units(report, words), _communities(report, words)),
        facts=tuple(words.rules(report)),
    )


def _units(report: Mapping[str, Any], words: Words) -> Table:
    indicators = report["indicators"]
    columns = (
        Column(words.word("code"), width=10),
        Column(words.word("name"), width=12),
        Column(words.word("community"), width=9),
        *(Column(words.title(each), "score", 6) for each in indicators),
        Column(words.word("score"), "score", 5),
        Column(words.word("passes"), width=5),
        Column(words.say("left_out"), width=12),
    )
    rows = []
    for unit in report["units"]:
        given = unit["marks"] or {}
        marks = (float(given[each["key"]]) if each["key"] in given else None for each in indicators)
        left_out = [words.title(each) for each in indicators if each["key"] in unit["left_out"]]
        verdict = words.yes_no(unit["passes"]) or words.word("not_scored")
        about = (unit["code"], unit["name"], unit["community_name"])
        cells = (*about, *marks, unit["total"], verdict, words.separator.join(left_out))
        rows.append(Row(cells, mark="missed" if unit["passes"] is False else ""))
    return Table(words.say("units_scored"), columns, tuple(rows))


def _communities(report: Mapping[str, Any], words: Words) -> Table:
    columns = (
        Column(words.word("community"), width=9),
        *(Column(words.word(key), "count") for key in ("compliant", "not_compliant", "not_scored")),
        Column(words.say("mean_score"), "score", 6),
    )
    rows = []
    for code in dict.fromkeys(unit["community"] for unit in report["units"]):
        units = [unit for unit in report["units"] if unit["community"] == code]
        counts = [sum(unit["passes"] is verdict for unit in units) for verdict in (True, False, None)]
        totals = [unit["total"] for unit in units if unit["total"] is not None]
        rows.append(Row((units[0]["community_name"], *counts, fmean(totals) if totals else None)))
    return Table(words.word("community"), columns, tuple(rows))
