"""A bulletin as a document: what was told, what of it was corrected since, and by what it can be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.planning.bulletins.kinds import EVALUATION_LIST, OF_UNITS, PUBLIC_NOTICE
from geo_service.planning.coverage import MEASURES
from geo_service.planning.documents.model import Column, Document, Row, Table, Words

Bulletin = Mapping[str, Any]
_FACTS = ("id", "cut_off", "issued_by", "issued_at", "objections_until", "content_sha256")


def bulletin_document(bulletin: Bulletin, language: str) -> Document:
    """A bulletin in one language.

    Parameters
    ----------
    bulletin : mapping
        As ``pipeline.bulletins`` prints it.
    language : {"zh", "en"}
    """
    words = Words(language)
    tables = _of_units(bulletin, words) if bulletin["kind"] in OF_UNITS else _of_areas(bulletin, words)
    return Document(
        language=language,
        name=bulletin["period"],
        title=bulletin_title(bulletin, words),
        subtitle=words.title(bulletin["profile"]),
        notice=_notice(bulletin, words),
        lines=tuple(_lines(bulletin, words)),
        tables=(*tables, *_corrections(bulletin, words), *_objections(bulletin, words)),
        facts=(
            *((words.word(key), _moment(bulletin[key])) for key in _FACTS),
            *words.rules(bulletin, bulletin.get("profile_version")),
        ),
    )


def bulletin_title(bulletin: Bulletin, words: Words) -> str:
    """What a bulletin is called: its kind, its area and its period."""
    period = words.title(bulletin["round"]) if "round" in bulletin else bulletin["period"]
    title = words.say(f"title_{bulletin['kind']}", area=bulletin["area_name"], period=period)
    return (
        title
        if _is_of_coverage(bulletin)
        else words.say("by_target", title=title, **_target(bulletin, words))
    )


def _is_of_coverage(bulletin: Bulletin) -> bool:
    """Whether it counts what is covered, or another of the plan's targets."""
    measure = bulletin.get("measure")
    return measure is None or MEASURES[measure["key"]].counts == "covered"


def _target(bulletin: Bulletin, words: Words) -> dict[str, str]:
    return {"target": words.title(bulletin["target"])}


def _headings(bulletin: Bulletin, words: Words) -> tuple[str, str, str]:
    """Of what is counted, of what it is taken of, and of its share."""
    if _is_of_coverage(bulletin):
        return words.word("covered"), words.word("base"), words.word("rate")
    return words.say("reached"), words.word("base"), words.say("share")


def _notice(bulletin: Bulletin, words: Words) -> str:
    if bulletin["corrects"] is not None:
        return words.say("is_correction", id=bulletin["corrects"], reason=bulletin["reason"])
    corrections = bulletin.get("corrections", ())
    if not corrections:
        return ""
    latest = corrections[-1]
    return words.say("is_corrected", count=len(corrections), on=_day(latest), id=latest["id"])


def _lines(bulletin: Bulletin, words: Words) -> list[str]:
    total, due, ahead = bulletin["total"], bulletin.get("due"), bulletin.get("next")
    lines = []
    if bulletin.get("rhythm"):
        rhythm = bulletin["rhythm"]
        lines.append(words.say("by_rhythm", title=words.title(rhythm), section=rhythm["section"]))
    if "numerator" in total:
        if _is_of_coverage(bulletin):
            lines.append(words.covered(total, bulletin["cut_off"]))
        else:
            rate = f"{total['rate']:.2%}"
            counted = {"on": bulletin["cut_off"], "rate": rate, **_counts(total)}
            lines.append(words.say("counted", **counted, **_target(bulletin, words)))
    if due:
        verdict = words.say("met" if due["met"] else "not_met")
        lines.append(words.say("due", date=due["date"], required=due["required"], verdict=verdict))
    if ahead:
        lines.append(words.say("ahead", date=ahead["date"], required=ahead["required"]))
    if "round" in bulletin:
        counts = {key: total[key] for key in ("compliant", "not_compliant", "not_scored")}
        marks = {"full": bulletin["full_mark"], "least": bulletin["pass_mark"]}
        lines.append(words.say("results", **counts, **marks))
    owed = [report["state"] for row in bulletin["rows"] for report in row.get("reports", ())]
    if owed:
        counts = {state: owed.count(state) for state in ("on_time", "late", "pending")}
        lines.append(words.say("reports", owed=len(owed), unreported=owed.count("missing"), **counts))
    return lines


def _of_areas(bulletin: Bulletin, words: Words) -> list[Table]:
    reports = any(row.get("reports") for row in bulletin["rows"])
    covered, base, rate = _headings(bulletin, words)
    columns = [
        Column(words.word("rank"), "count", 3),
        Column(words.word("name"), width=9),
        Column(covered, "count", 5),
        Column(base, "count", 4),
        Column(rate, "rate", 5),
        Column(words.say("change"), "count", 5),
        Column(words.word("gap_to_next"), "count", 6),
        Column(words.word("meets_due"), width=5),
        *([Column(words.say("report"), width=10)] if reports else []),
    ]
    rows = []
    for row in bulletin["rows"]:
        late = [each for each in row.get("reports", ()) if each["state"] in ("late", "missing")]
        cells = (row["rank"], row["name"], *_figure(row), row["change"], row["gap_to_next"])
        told = [
            words.say(f"report_{each['state']}", days=each["days_late"]) for each in row.get("reports", ())
        ]
        beside = (words.separator.join(told),) if reports else ()
        missed = row["meets_due"] is False or late
        rows.append(Row((*cells, words.yes_no(row["meets_due"]), *beside), mark="missed" if missed else ""))
    empty = (None,) * (len(columns) - 5)
    rows.append(Row((None, words.word("total"), *_figure(bulletin["total"]), *empty), mark="total"))
    ranked = Table(words.say("ranking"), tuple(columns), tuple(rows))
    return [ranked, *_proposals(bulletin, words)]


def _proposals(bulletin: Bulletin, words: Words) -> list[Table]:
    """What the plan provides for, unit by unit, the mildest first; how severe a case is, people say."""
    rows = []
    for unit in bulletin["rows"]:
        grouped: dict[tuple[str, bool | None], list[Any]] = {}
        for each in unit.get("proposals", ()):
            grouped.setdefault((each["on"], each["where"].get("is_civilized_unit")), []).append(each)
        for (occasion, wanted), group in grouped.items():
            titles = words.separator.join(words.title(each) for each in group)
            sections = words.separator.join(dict.fromkeys(each["section"] for each in group))
            known = _known(unit["is_civilized_unit"], wanted, words)
            rows.append(Row((unit["name"], words.say(f"occasion_{occasion}"), known, titles, sections)))
    for unit in bulletin.get("responsible_units", ()):
        name = words.say("answers_for", name=unit["name"], **_counts(unit))
        rows += _proposed(name, unit["proposals"], words)
    departments = [each for each in bulletin["proposals"] if each.get("against") == "department"]
    rows += _proposed(words.say("some_department"), departments, words)
    columns = (
        Column(words.word("name"), width=8),
        Column(words.say("occasion"), width=6),
        Column(words.say("civilized"), width=6),
        Column(words.say("proposal"), width=17),
        Column(words.word("section"), width=6),
    )
    return [Table(words.word("proposals"), columns, tuple(rows))] if rows else []


def _proposed(name: str, proposed: Sequence[Mapping[str, Any]], words: Words) -> list[Row]:
    """One row an occasion."""
    rows = []
    for occasion in dict.fromkeys(each["on"] for each in proposed):
        group = [each for each in proposed if each["on"] == occasion]
        titles = words.separator.join(words.title(each) for each in group)
        sections = words.separator.join(dict.fromkeys(each["section"] for each in group))
        rows.append(Row((name, words.say(f"occasion_{occasion}"), None, titles, sections)))
    return rows


def _known(civilized: bool | None, wanted: bool | None, words: Words) -> str | None:
    """Whether a unit is a civilized unit; where nobody said, in which case the proposal holds."""
    if wanted is None:
        return None
    return words.yes_no(civilized) or words.say("if_civilized" if wanted else "if_not_civilized")


def _of_units(bulletin: Bulletin, words: Words) -> list[Table]:
    listed = bulletin["kind"] == EVALUATION_LIST
    columns = (
        Column(words.say("number"), "count", 3),
        Column(words.word("name"), width=12),
        Column(words.word("community"), width=9),
        Column(words.word("score"), "score", 5),
        *((Column(words.word("passes"), width=5),) if listed else ()),
        Column(words.say("left_out"), width=12),
    )
    rows = []
    for place, row in enumerate(bulletin["rows"], start=1):
        left_out = words.separator.join(words.title(each) for each in row["left_out"])
        verdict = words.yes_no(row["passes"]) or words.word("not_scored")
        cells = (
            place,
            row["name"],
            row["community"],
            row["score"],
            *((verdict,) if listed else ()),
            left_out,
        )
        rows.append(Row(cells, mark="missed" if row["passes"] is False else ""))
    units = Table(words.say("units_scored" if listed else "units_compliant"), columns, tuple(rows))
    return [_coverage(bulletin, words), units] if bulletin["kind"] == PUBLIC_NOTICE else [units]


def _coverage(bulletin: Bulletin, words: Words) -> Table:
    covered, base, rate = _headings(bulletin, words)
    columns = (
        Column(words.word("name"), width=12),
        Column(covered, "count"),
        Column(base, "count"),
        Column(rate, "rate"),
        Column(words.word("meets_due")),
    )
    rows = [
        Row((each["name"], *_figure(each), words.yes_no(each["meets_due"]))) for each in bulletin["areas"]
    ]
    whole = Row((words.word("total"), *_figure(bulletin["total"]), None), mark="total")
    return Table(words.say("coverage"), columns, (*rows, whole))


def _corrections(bulletin: Bulletin, words: Words) -> list[Table]:
    columns = (
        Column(words.word("name"), width=12),
        Column(words.word("told"), width=14),
        Column(words.word("known"), width=14),
    )
    return [
        Table(
            words.say("correction", id=each["id"], on=_day(each), reason=each["reason"]),
            columns,
            tuple(
                Row(
                    (
                        row["name"] or words.word("total"),
                        _told(row["told"], words),
                        _told(row["known"], words),
                    )
                )
                for row in each["differences"]
            ),
        )
        for each in bulletin.get("corrections", ())
    ]


def _objections(bulletin: Bulletin, words: Words) -> list[Table]:
    """Who objected to what; residents, who read public notices, are not told who did."""
    rows = tuple(Row((each["on"], each["by"], each["text"])) for each in bulletin.get("objections", ()))
    if not rows or bulletin["kind"] == PUBLIC_NOTICE:
        return []
    columns = (
        Column(words.word("date"), width=8),
        Column(words.say("objector"), width=10),
        Column(words.say("objection"), width=24),
    )
    return [Table(words.say("objections"), columns, rows)]


def _told(row: Mapping[str, Any] | None, words: Words) -> str | None:
    """What was told of a row, or is known of it, in as few words as say it."""
    if row is None:
        return None
    parts = []
    if "numerator" in row:
        parts.append(f"{row['numerator']}/{row['denominator']}")
    if "score" in row:
        parts.append(words.word("not_scored") if row["score"] is None else f"{row['score']:.2f}")
    if "compliant" in row:
        parts += [f"{words.word(key)} {row[key]}" for key in ("compliant", "not_compliant", "not_scored")]
    parts += [words.say(f"report_{each['state']}", days=each["days_late"]) for each in row.get("reports", ())]
    parts += [words.title(each) for each in row.get("proposals", ())]
    parts += [words.say("without", title=words.title(each)) for each in row.get("left_out", ())]
    return words.separator.join(parts)


def _figure(figure: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return figure["numerator"], figure["denominator"], figure["rate"]


def _day(bulletin: Bulletin) -> str:
    return str(bulletin["issued_at"])[:10]


def _moment(value: object) -> str:
    """A moment to the minute, in the deployment's own time; anything else as it is."""
    written = str(value)
    return f"{written[:10]} {written[11:16]}" if written[10:11] == "T" else written


def _counts(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {"numerator": figure["numerator"], "denominator": figure["denominator"]}
