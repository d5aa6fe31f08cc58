"""``milestones`` and ``bulletin``: how far the work is, and what was told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.policy import ProfileOption
from geo_service.cli.terminal import language, percentage, show_facts, show_rows, word
from geo_service.cli.verbs import AreaOption, By, KnownOption, OnOption, known_at, read_date
from geo_service.deployment import today
from geo_service.errors import InvalidInput

app = typer.Typer()
bulletins = typer.Typer(help="通报：印发、更正、查阅 · Bulletins.", no_args_is_help=True)

OutOption = Annotated[
    Path | None, typer.Option(metavar="FILE.xlsx", help="另存为工作簿 · Write a workbook too.")
]
NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="通报编号 · Number of the bulletin.")]


@app.command()
def milestones(
    context: typer.Context,
    area: AreaOption,
    by: Annotated[By, typer.Option(help="按社区或镇街 · One row each.")] = By.COMMUNITY,
    on: OnOption = None,
    known: KnownOption = None,
    target: Annotated[
        str | None, typer.Option(metavar="KEY", help="目标，默认第一个 · Target, default the first.")
    ] = None,
    profile: ProfileOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """里程碑进度：计划与实际、预计、预警 · Plan against actual, with a forecast."""
    from geo_service.pipeline.milestones import follow_milestones

    invocation: Invocation = context.obj
    day = today() if on is None else read_date(on, "--on")
    with invocation.engine() as engine:
        report = follow_milestones(
            engine,
            invocation.actor,
            area_code=area,
            by=by.value,
            on=day,
            known=known_at(known),
            target_key=target,
            profile_key=profile,
        )
    document = report.as_json()
    if out is not None:
        from geo_service.exchange.exports.reports import write_curve

        _write_workbook(write_curve, out, document)
    answer(document, as_json=as_json, show=_show_milestones)


@bulletins.command()
def issue(
    context: typer.Context,
    area: AreaOption,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="月份 · Month.")],
    by: Annotated[By | None, typer.Option(help="排名对象，默认按方案 · What is ranked.")] = None,
    profile: ProfileOption = None,
    objection_days: Annotated[int, typer.Option(help="异议期（天） · Days for objections.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """印发某月排名通报，此后不改 · Issue the ranking of a month; it is never changed."""
    from geo_service.pipeline.bulletins import issue_bulletin

    invocation: Invocation = context.obj
    with invocation.engine() as engine:
        report = issue_bulletin(
            engine,
            invocation.actor,
            area_code=area,
            month=month,
            by=by.value if by else None,
            profile_key=profile,
            objection_days=objection_days,
        )
    answer(report.as_json(), as_json=as_json, show=_show_bulletin)


@bulletins.command()
def correct(
    context: typer.Context,
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="理由 · Why.")],
    as_json: JsonOption = False,
) -> None:
    """另发更正，原通报不动 · Add a correction; the bulletin stays as it is."""
    from geo_service.pipeline.bulletins import correct_bulletin

    invocation: Invocation = context.obj
    with invocation.engine() as engine:
        report = correct_bulletin(engine, invocation.actor, bulletin_id=number, reason=reason)
    answer(report.as_json(), as_json=as_json, show=_show_bulletin)


@bulletins.command()
def show(
    context: typer.Context, number: NumberArgument, out: OutOption = None, as_json: JsonOption = False
) -> None:
    """查阅一份通报及其更正 · Show a bulletin with its corrections."""
    from geo_service.pipeline.bulletins import read_bulletin

    invocation: Invocation = context.obj
    with invocation.engine() as engine:
        report = read_bulletin(engine, invocation.actor, number)
    document = report.as_json()
    if out is not None:
        from geo_service.exchange.exports.reports import write_bulletin

        _write_workbook(write_bulletin, out, document)
    answer(document, as_json=as_json, show=_show_bulletin)


@bulletins.command("list")
def list_(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """列出通报 · List the bulletins of an area."""
    from geo_service.pipeline.bulletins import list_bulletins

    invocation: Invocation = context.obj
    with invocation.engine() as engine:
        found = list_bulletins(engine, invocation.actor, area_code=area)
    answer({"bulletins": found}, as_json=as_json, show=_show_bulletins)


def _write_workbook(write: Callable[..., None], out: Path, document: dict[str, Any]) -> None:
    """Write a report where it is wanted; a file of that name is replaced once the new one is complete.

    Raises
    ------
    InvalidInput
        When the name is no workbook's, or the folder cannot be written to.
    """
    from geo_service.exchange.exports.staging import staged

    if out.suffix.lower() != ".xlsx" or out.is_dir():
        raise InvalidInput("export.unknown_format", where=str(out), format=out.suffix, known="xlsx")
    with staged(out.parent) as scratch:
        write(scratch / out.name, document, word=word, language=language())


def _show_milestones(report: dict[str, Any]) -> None:
    title = f"{report['area_name']} · {report['target'][f'title_{language()}']} · {report['on']}"
    steps = [
        (step["date"], step["required"], step.get("numerator"), step["met"])
        for step in report["total"]["steps"]
    ]
    show_rows(title, ("date", "required", "covered", "met"), steps)
    whole = {"code": report["area"], "name": word("total"), "rank": None, **report["total"]}
    rows = [
        (
            row["rank"],
            row["code"],
            row["name"],
            row["numerator"],
            row["denominator"],
            percentage(row["rate"]),
            row["next"] and row["next"]["gap"],
            row["next"] and row["next"]["expected"],
            word(row["flag"]),
        )
        for row in (*sorted(report["rows"], key=_by_rank), whole)
    ]
    columns = ("rank", "code", "name", "covered", "base", "rate", "gap", "expected", "flag")
    show_rows(word("units"), columns, rows)
    _show_coming(report["coming"])


def _show_coming(coming: list[dict[str, Any]]) -> None:
    rows = [(each["date"], each[f"title_{language()}"], each["section"]) for each in coming]
    if rows:
        show_rows(word("coming"), ("due", "title", "section"), rows)


def _by_rank(row: dict[str, Any]) -> tuple[bool, int, str]:
    return row["rank"] is None, row["rank"] or 0, row["code"]


def _show_bulletin(bulletin: dict[str, Any]) -> None:
    facts = ("id", "month", "cut_off", "issued_by", "issued_at", "objections_until", "content_sha256")
    show_facts({key: bulletin[key] for key in facts})
    rows = [
        (
            row["rank"],
            row["code"],
            row["name"],
            row["numerator"],
            row["denominator"],
            percentage(row["rate"]),
            row["change"],
            row["gap_to_next"],
            row["meets_due"],
        )
        for row in bulletin["rows"]
    ]
    whole = bulletin["total"]
    total_rate = percentage(whole["rate"])
    counts = (whole["numerator"], whole["denominator"], total_rate)
    rows.append((None, bulletin["area"], word("total"), *counts, None, None, None))
    columns = ("rank", "code", "name", "covered", "base", "rate", "change", "gap_to_next", "meets_due")
    show_rows(f"{bulletin['area_name']} · {bulletin['month']}", columns, rows)
    proposals = [(each[f"title_{language()}"], each["section"]) for each in bulletin["proposals"]]
    if proposals:
        show_rows(word("proposals"), ("title", "section"), proposals)
    for correction in bulletin["corrections"]:
        changed = [
            (
                each["code"] or bulletin["area"],
                each["name"] or word("total"),
                _shown(each["told"]),
                _shown(each["known"]),
            )
            for each in correction["differences"]
        ]
        title = f"{word('corrections')} {correction['issued_at'][:10]} · {correction['reason']}"
        show_rows(title, ("code", "name", "told", "known"), changed)


def _shown(counts: dict[str, Any] | None) -> str | None:
    return counts and f"{counts['numerator']}/{counts['denominator']}"


def _show_bulletins(document: dict[str, Any]) -> None:
    columns = ("id", "month", "area", "covered", "base", "corrects", "issued_at")
    rows = [
        (
            each["id"],
            each["month"],
            each["area_name"],
            each["total"]["numerator"],
            each["total"]["denominator"],
            each["corrects"],
            each["issued_at"][:10],
        )
        for each in document["bulletins"]
    ]
    show_rows(word("bulletins"), columns, rows)
