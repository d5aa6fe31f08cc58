"""``demo``: the fictional county, from an empty database to published layers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli import tables
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.serving import DEFAULT_HOST, DEFAULT_PORT, run_server
from geo_service.cli.terminal import progress_bars

app = typer.Typer()


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="输出目录 · Folder to write.")] = Path("demo-output"),
    scale: Annotated[int, typer.Option(help="规模倍数 · How many towns.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, help="随机种子 · Seed.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="完成后启动服务 · Serve afterwards.")] = False,
    as_json: JsonOption = False,
) -> None:
    """生成并导入虚构的云川县，走完全程 · The fictional county, the whole path."""
    from geo_service.demo.run import run_demo
    from geo_service.demo.story import DEFAULT_SEED

    invocation: Invocation = context.obj
    with invocation.engine() as engine, progress_bars() as progress:
        report = run_demo(
            engine,
            invocation.actor,
            out=out,
            scale=scale,
            seed=DEFAULT_SEED if seed is None else seed,
            progress=progress,
        )
    answer(report.as_json(), as_json=as_json, show=tables.show_demo)
    if serve:
        run_server(invocation, host=DEFAULT_HOST, port=DEFAULT_PORT)
