"""``ledger``: the workbook of an area, what its ticks come to, and places for compounds without one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service import messages
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import AreaOption, OnOption, ProfileOption, day_on
from geo_service.cli.terminal import language, show_facts, show_rows, word

app = typer.Typer(help="台账 · The ledger.", no_args_is_help=True)


@app.command()
def export(
    context: typer.Context,
    area: AreaOption,
    out: Annotated[Path, typer.Option(metavar="FILE.xlsx", help="输出的工作簿 · Workbook to write.")],
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """导出台账，每个社区一张工作表 · Write the ledger, a sheet a community."""
    from geo_service.pipeline.ledger_export import export_ledger

    invocation: Invocation = context.obj
    report = invocation.run(export_ledger, area_code=area, on=day_on(on), out=out)
    answer(report.as_json(), as_json=as_json, show=_show_export)


@app.command()
def types(
    context: typer.Context,
    area: AreaOption,
    on: OnOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """按类型统计：勾选数与单元数 · Marks by type beside distinct units."""
    from geo_service.pipeline.unit_types import count_types

    invocation: Invocation = context.obj
    report = invocation.run(count_types, area_code=area, on=day_on(on), profile_key=profile)
    answer(report.as_json(), as_json=as_json, show=_show_types)


@app.command()
def places(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """为没有位置的小区列出候选 · Candidates on the map for compounds without a place."""
    from geo_service.pipeline.unplaced import offer_places

    invocation: Invocation = context.obj
    report = invocation.run(offer_places, area_code=area)
    answer(report, as_json=as_json, show=_show_places)


def _show_export(report: dict[str, Any]) -> None:
    show_facts({key: report[key] for key in ("path", "on", "units", "tasks")})


def _show_types(report: dict[str, Any]) -> None:
    show_facts({"area": report["area"], "on": report["on"], "units": report["units"]})
    for group in report["groups"]:
        rows = [(each[f"title_{language()}"], each["units"]) for each in group["options"]]
        total = [(word("marks"), group["marks"]), (word("distinct_units"), group["units"])]
        show_rows(group[f"title_{language()}"], ("name", "units"), [*rows, *total])
    for rule in report["also_counted"]:
        form = messages.text(f"form.{rule['form']}", language())
        print(messages.text("ledger.also_counted", language(), form=form, **rule["clause"]))


def _show_places(report: dict[str, Any]) -> None:
    rows = [
        (unit["code"], unit["name"], each["code"], each["name"], each["score"])
        for unit in report["units"]
        for each in unit["candidates"] or [{"code": None, "name": None, "score": None}]
    ]
    show_rows(word("candidates"), ("code", "name", "candidate_code", "candidate_name", "score"), rows)
