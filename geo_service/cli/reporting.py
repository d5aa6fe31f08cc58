"""``milestones`` and ``bulletin``: how far the work is, and what was told of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import (
    AreaOption,
    KnownOption,
    OnOption,
    ProfileOption,
    day_on,
    known_at,
    read_date,
)
from geo_service.cli.terminal import language, show_document, show_rows, word
from geo_service.planning.bulletins import kinds
from geo_service.planning.documents.bulletin import bulletin_document, bulletin_title
from geo_service.planning.documents.milestones import milestones_document
from geo_service.planning.documents.model import Words

app = typer.Typer()
bulletins = typer.Typer(help="通报：印发、更正、查阅 · Bulletins.", no_args_is_help=True)


class By(StrEnum):
    """What one row of a report is."""

    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


class Kind(StrEnum):
    """What is told; which kinds are possible is for the policy profile to say."""

    MONTHLY_RANKING = kinds.MONTHLY_RANKING
    WEEKLY_SHEET = kinds.WEEKLY_SHEET
    MONTHLY_REPORT = kinds.MONTHLY_REPORT
    EVALUATION_LIST = kinds.EVALUATION_LIST
    PUBLIC_NOTICE = kinds.PUBLIC_NOTICE


CurveOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="另存为 .pdf、.xlsx 或 .png · Write a file too.")
]
TargetOption = Annotated[
    str | None, typer.Option(metavar="KEY", help="目标，默认第一个 · Target, default the first.")
]
OutOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="另存为 .pdf 或 .xlsx · Write a file too.")
]
NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="通报编号 · Number of the bulletin.")]


@app.command()
def milestones(
    context: typer.Context,
    area: AreaOption,
    by: Annotated[By, typer.Option(help="按社区或镇街 · One row each.")] = By.COMMUNITY,
    on: OnOption = None,
    known: KnownOption = None,
    target: TargetOption = None,
    profile: ProfileOption = None,
    out: CurveOption = None,
    as_json: JsonOption = False,
) -> None:
    """里程碑进度：计划与实际、预计、预警 · Plan against actual, with a forecast."""
    from geo_service.pipeline.milestones import follow_milestones

    invocation: Invocation = context.obj
    report = invocation.run(
        follow_milestones,
        area_code=area,
        by=by.value,
        on=day_on(on),
        known=known_at(known),
        target_key=target,
        profile_key=profile,
    )
    document = report.as_json()
    if out is not None:
        from geo_service.pipeline.documents import write_milestones

        write_milestones(document, out, language=language())
    answer(document, as_json=as_json, show=_show_milestones)


@bulletins.command()
def issue(
    context: typer.Context,
    area: AreaOption,
    period: Annotated[
        str,
        typer.Option(
            "--period",
            "--month",
            metavar="PERIOD",
            help="月份 2024-10、周报日 2020-06-24 或轮次 final · Month, day of a weekly rhythm, or round.",
        ),
    ],
    kind: Annotated[Kind, typer.Option(help="通报种类 · Kind.")] = Kind.MONTHLY_RANKING,
    by: Annotated[By | None, typer.Option(help="排名对象，默认按方案 · What is ranked.")] = None,
    target: TargetOption = None,
    profile: ProfileOption = None,
    objection_days: Annotated[int, typer.Option(help="异议期（天） · Days for objections.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """印发一期通报，此后不改 · Issue the bulletin of a period; it is never changed."""
    from geo_service.pipeline.bulletins import issue_bulletin

    invocation: Invocation = context.obj
    report = invocation.run(
        issue_bulletin,
        area_code=area,
        kind=kind.value,
        period=period,
        by=by.value if by else None,
        target_key=target,
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
    report = invocation.run(correct_bulletin, bulletin_id=number, reason=reason)
    answer(report.as_json(), as_json=as_json, show=_show_bulletin)


@bulletins.command("object")
def object_(
    context: typer.Context,
    number: NumberArgument,
    by: Annotated[str, typer.Option("--by", help="提出人 · Who objects.")],
    wording: Annotated[str, typer.Option("--text", help="异议内容 · What to, and why.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="提出日期，默认今天 · Day, default today.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """登记异议，列在通报旁 · Record an objection; it stands beside the bulletin."""
    from geo_service.pipeline.bulletins import object_to_bulletin

    invocation: Invocation = context.obj
    report = invocation.run(
        object_to_bulletin,
        bulletin_id=number,
        objector=by,
        wording=wording,
        on=None if on is None else read_date(on, "--on"),
    )
    answer(report.as_json(), as_json=as_json, show=_show_bulletin)


@bulletins.command()
def show(
    context: typer.Context, number: NumberArgument, out: OutOption = None, as_json: JsonOption = False
) -> None:
    """查阅一份通报及其更正 · Show a bulletin with its corrections."""
    from geo_service.pipeline.bulletins import read_bulletin

    invocation: Invocation = context.obj
    report = invocation.run(read_bulletin, number)
    document = report.as_json()
    if out is not None:
        from geo_service.pipeline.documents import write_bulletin

        write_bulletin(document, out, language=language())
    answer(document, as_json=as_json, show=_show_bulletin)


@bulletins.command("list")
def list_(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """列出通报 · List the bulletins of an area."""
    from geo_service.pipeline.bulletins import list_bulletins

    invocation: Invocation = context.obj
    found = invocation.run(list_bulletins, area_code=area)
    answer({"bulletins": found}, as_json=as_json, show=_show_bulletins)


def _show_milestones(report: dict[str, Any]) -> None:
    show_document(milestones_document(report, language()))


def _show_bulletin(bulletin: dict[str, Any]) -> None:
    show_document(bulletin_document(bulletin, language()))


def _show_bulletins(document: dict[str, Any]) -> None:
    words = Words(language())
    columns = ("id", "title", "area", "corrects", "cut_off", "issued_at")
    rows = [
        (
            each["id"],
            bulletin_title(each, words),
            each["area"],
            each["corrects"],
            each["cut_off"],
            each["issued_at"][:10],
        )
        for each in document["bulletins"]
    ]
    show_rows(word("bulletins"), columns, rows)
