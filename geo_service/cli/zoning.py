"""The verbs that draw zones: zone, rebalance, explain."""

from __future__ import annotations

import unicodedata
from typing import Annotated

import typer

from geo_service.cli import tables
from geo_service.cli.comparison_tables import show_comparison
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import PlanOption
from geo_service.cli.terminal import progress_bars
from geo_service.errors import InvalidInput
from geo_service.planning.model import LoadRange

app = typer.Typer()

SeedOption = Annotated[int, typer.Option(min=0, help="随机种子 · Seed.")]
MovesOption = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="每个社区最多换片区的楼栋数 · At most so many buildings of a community change zone."
    ),
]


def read_zones(text: str) -> int | str:
    """How many zones: a number, or the word of a rule, which the verb checks."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if plain.isdecimal() and len(plain) < 10 else plain


def read_pairs(entries: list[str] | None, option: str) -> tuple[tuple[str, str], ...]:
    """``ONE,OTHER`` entries as pairs of codes.

    Raises
    ------
    InvalidInput
        When one does not name two buildings.
    """
    pairs = []
    for entry in entries or []:
        codes = [code.strip() for code in entry.replace("，", ",").split(",")]
        if len(codes) != 2 or not all(codes) or codes[0] == codes[1]:
            raise InvalidInput("command.bad_pair", where=option, given=entry[:80])
        pairs.append((codes[0], codes[1]))
    return tuple(pairs)


@app.command()
def zone(
    context: typer.Context,
    area: Annotated[str, typer.Option(help="区域编码 · Area code.")],
    plan: Annotated[str | None, typer.Option(metavar="NAME", help="方案名称 · The plan's name.")] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="LO-HI", help="每片户数，默认按政策方案 · Households a zone, by default the policy's."
        ),
    ] = None,
    zones: Annotated[
        str | None,
        typer.Option(
            metavar="K|least|chiefs|middle",
            help="片区数：整数、最少、按网格长人数、居中 · A number, fewest, one a chief, mid-range.",
        ),
    ] = None,
    seed: SeedOption = 1,
    from_plan: Annotated[
        int | None,
        typer.Option(metavar="ID", help="延续该方案 · Continue this plan; default: the one in force."),
    ] = None,
    keep_locked: Annotated[
        bool, typer.Option("--keep-locked", help="保留已锁定的片区 · Locked zones stay as they are.")
    ] = False,
    lock: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="锁定该片区 · Keep and lock this zone, too.")
    ] = None,
    max_moves: MovesOption = None,
    together: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="两栋须同片 · Two buildings that share a zone.")
    ] = None,
    apart: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="两栋不同片 · Two buildings that must not.")
    ] = None,
    centre: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="以该人员住处或楼栋为中心 · A person or building at a zone's centre."
        ),
    ] = None,
    budget: Annotated[
        int | None, typer.Option(metavar="N", help="搜索步数 · Moves the search may try.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """为独栋楼划分片区 · Draw zones over standalone buildings."""
    from geo_service.pipeline import Wishes, draw_zones

    invocation: Invocation = context.obj
    limits = None if target is None else LoadRange.parse(target)
    wishes = Wishes(
        from_plan=from_plan,
        keep_locked=keep_locked,
        lock=tuple(lock or ()),
        most_changes=max_moves,
        together=read_pairs(together, "--together"),
        apart=read_pairs(apart, "--apart"),
        centres=tuple(centre or ()),
    )
    with invocation.engine() as engine, progress_bars() as progress:
        report = draw_zones(
            engine,
            invocation.actor,
            area_code=area,
            plan_name=plan,
            limits=limits,
            zones=None if zones is None else read_zones(zones),
            seed=seed,
            budget=budget,
            wishes=wishes,
            language=invocation.settings.language,
            progress=progress,
        )
    answer(report.as_json(), as_json=as_json, show=tables.show_plan)


@app.command()
def rebalance(
    context: typer.Context,
    plan: PlanOption,
    area: Annotated[
        str | None, typer.Option(help="只调整该区域内的社区 · Only its communities in this area.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="新方案名称 · The new plan's name.")] = None,
    max_moves: MovesOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """楼栋、户数、人员变动后，以最少变动调整方案 · Mend a plan with the least change."""
    from geo_service.pipeline import rebalance_plan

    invocation: Invocation = context.obj
    with invocation.engine() as engine, progress_bars() as progress:
        report = rebalance_plan(
            engine,
            invocation.actor,
            plan_id=plan,
            area_code=area,
            max_moves=max_moves,
            plan_name=name,
            seed=seed,
            language=invocation.settings.language,
            progress=progress,
        )
    answer(report.as_json(), as_json=as_json, show=tables.show_plan)


@app.command()
def explain(
    context: typer.Context,
    plan: PlanOption,
    zone: Annotated[str | None, typer.Option(metavar="CODE", help="只看该片区 · This zone only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """说明片区为何如此 · Say why the zones of a plan are as they are."""
    from geo_service.pipeline import explain_plan

    invocation: Invocation = context.obj
    report = invocation.run(explain_plan, plan_id=plan, zone_code=zone)
    answer(report, as_json=as_json, show=tables.show_explanations)


@app.command()
def compare(
    context: typer.Context,
    plan: PlanOption,
    other: Annotated[int, typer.Option("--with", metavar="ID", help="另一方案编号 · The other plan's id.")],
    area: Annotated[str | None, typer.Option(help="只比较该区域 · Only what is in this area.")] = None,
    as_json: JsonOption = False,
) -> None:
    """比较两个方案：指标、片区对应、不同的楼栋 · Hold two plans against each other."""
    from geo_service.pipeline import compare_plans

    invocation: Invocation = context.obj
    report = invocation.run(compare_plans, plan_a=plan, plan_b=other, area_code=area)
    answer(report, as_json=as_json, show=show_comparison)
