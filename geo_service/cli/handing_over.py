"""``handover``: what changes hands when a plan begins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import PlanOption, read_date
from geo_service.cli.terminal import language, show_document

app = typer.Typer()


@app.command()
def handover(
    context: typer.Context,
    plan: PlanOption,
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="启用日期 · The plan's first day.")],
    area: Annotated[
        str | None, typer.Option(metavar="CODE", help="只看该区域 · Only communities in this area.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="另存为 .xlsx 或 .csv · Write a file too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """方案启用时换网格长的楼栋 · Buildings that another chief would serve."""
    from geo_service.pipeline.handing_over import list_handover
    from geo_service.planning.documents.handover import handover_document

    invocation: Invocation = context.obj
    report = invocation.run(list_handover, plan_id=plan, from_date=read_date(from_, "--from"), area_code=area)
    if out is not None:
        from geo_service.pipeline.documents import write_handover

        write_handover(report, out, language=language())
    answer(report, as_json=as_json, show=lambda _: show_document(handover_document(report, language())))
