"""The milestone report as a document: plan and actual by day, and where each part stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.planning.documents.model import Column, Document, Row, Table, Words


def milestones_document(report: Mapping[str, Any], language: str) -> Document:
    """The milestone report in one language.

    Parameters
    ----------
    report : mapping
        As ``pipeline.milestones`` prints it.
    language : {"zh", "en"}
    """
    words = Words(language)
    total = report["total"]
    flag = words.word(total["flag"])
    lines = [words.say("covered", on=report["on"], rate=_percent(total["rate"]), **_counts(total))]
    if total["next"]:
        ahead = total["next"]
        expected = "—" if ahead["expected"] is None else ahead["expected"]
        lines.append(
            words.say(
                "next_step",
                date=ahead["date"],
                required=ahead["required"],
                gap=ahead["gap"],
                expected=expected,
            )
        )
    lines.append(words.say("stands", flag=flag))
    return Document(
        language=language,
        name=report["on"],
        title=words.say("title_milestones", area=report["area_name"], target=words.title(report["target"])),
        subtitle=words.title(report["profile"]),
        lines=tuple(lines),
        tables=tuple(_tables(report, words)),
        facts=((words.word("cut_off"), report["on"]), *words.rules(report)),
    )


def by_rank(row: Mapping[str, Any]) -> tuple[bool, int, str]:
    """Sorts parts the best first; those without anything to cover come last."""
    return row["rank"] is None, row["rank"] or 0, row["code"]


def _tables(report: Mapping[str, Any], words: Words) -> list[Table]:
    steps = Table(
        words.word("steps"),
        (
            Column(words.word("date"), width=8),
            Column(words.word("required"), "count"),
            Column(words.word("covered"), "count"),
            Column(words.word("met")),
        ),
        tuple(
            Row(
                (step["date"], step["required"], step.get("numerator"), words.yes_no(step["met"])),
                mark="missed" if step["met"] is False else "",
            )
            for step in report["total"]["steps"]
        ),
    )
    columns = (
        Column(words.word("rank"), "count", 3),
        Column(words.word("name"), width=9),
        Column(words.word("covered"), "count", 5),
        Column(words.word("base"), "count", 5),
        Column(words.word("rate"), "rate", 5),
        Column(words.word("gap"), "count", 4),
        Column(words.word("expected"), "count", 4),
        Column(words.word("flag"), width=4),
    )
    whole = {"rank": None, "name": words.word("total"), **report["total"]}
    rows = [_part(row, words) for row in sorted(report["rows"], key=by_rank)]
    parts = Table(words.word("units"), columns, (*rows, _part(whole, words, mark="total")))
    coming = Table(
        words.word("coming"),
        (
            Column(words.word("due"), width=8),
            Column(words.word("what")),
            Column(words.word("title"), width=20),
            Column(words.word("section")),
        ),
        tuple(
            Row((each["date"], words.word(f"coming_{each['what']}"), words.title(each), each["section"]))
            for each in report["coming"]
        ),
    )
    return [steps, parts, *([coming] if coming.rows else [])]


def _part(row: Mapping[str, Any], words: Words, mark: Any = "") -> Row:
    ahead = row["next"] or {"gap": None, "expected": None}
    cells = (
        row["rank"],
        row["name"],
        row["numerator"],
        row["denominator"],
        row["rate"],
        ahead["gap"],
        ahead["expected"],
        words.word(row["flag"]),
    )
    return Row(cells, mark=mark or ("missed" if row["flag"] == "red" else ""))


def _counts(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {"numerator": figure["numerator"], "denominator": figure["denominator"]}


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.2%}"
