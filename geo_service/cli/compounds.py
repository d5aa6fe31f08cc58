"""``compound-plan``, ``lapse``, ``lapses``: what is done for one compound, and when its management ended."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geo_service import messages
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import (
    LARGEST_ID,
    AreaOption,
    OnOption,
    ProfileOption,
    UnitOption,
    day_on,
    read_date,
)
from geo_service.cli.terminal import language, show_facts, show_rows, word
from geo_service.errors import InvalidInput

plans = typer.Typer(help="一小区一对策 · Per-compound plans.", no_args_is_help=True)
app = typer.Typer()

DayOption = Annotated[str, typer.Option(metavar="DATE", help="日期 · Day.")]


@plans.command()
def draft(
    context: typer.Context,
    unit: UnitOption,
    form: Annotated[str, typer.Option(help="拟采用的管理形式 · Form intended.")],
    measures: Annotated[str, typer.Option(help="对策内容 · What is to be done.")],
    on: OnOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """拟定对策，原有的留作历史 · Draft a unit's plan; an earlier one stays as history."""
    from geo_service.pipeline.compound_plans import draft_plan

    invocation: Invocation = context.obj
    plan = invocation.run(
        draft_plan,
        unit_code=unit,
        form=form,
        measures=measures,
        on=day_on(on),
        profile_key=profile,
    )
    answer(plan, as_json=as_json, show=_show_plan)


@plans.command()
def consult(
    context: typer.Context,
    unit: UnitOption,
    round_: Annotated[
        int, typer.Option("--round", metavar="ID", help="征求意见编号 · Consent round.", max=LARGEST_ID)
    ],
    as_json: JsonOption = False,
) -> None:
    """记为已征求意见 · Link the plan to its consent round."""
    from geo_service.pipeline.compound_plans import consult_owners

    invocation: Invocation = context.obj
    plan = invocation.run(consult_owners, unit_code=unit, round_id=round_)
    answer(plan, as_json=as_json, show=_show_plan)


@plans.command("carry-out")
def carry_out(context: typer.Context, unit: UnitOption, on: DayOption, as_json: JsonOption = False) -> None:
    """记为已实施 · Record that the plan was carried out."""
    from geo_service.pipeline.compound_plans import carry_out_plan

    invocation: Invocation = context.obj
    plan = invocation.run(carry_out_plan, unit_code=unit, on=read_date(on, "--on"))
    answer(plan, as_json=as_json, show=_show_plan)


@plans.command()
def fail(
    context: typer.Context,
    unit: UnitOption,
    on: DayOption,
    reason: Annotated[str, typer.Option(help="原因 · Why.")],
    as_json: JsonOption = False,
) -> None:
    """记为未能实施，转入政府托底 · Let the plan fail; the government fallback follows."""
    from geo_service.pipeline.compound_plans import fail_plan

    invocation: Invocation = context.obj
    plan = invocation.run(fail_plan, unit_code=unit, on=read_date(on, "--on"), reason=reason)

    def show(plan: dict[str, Any]) -> None:
        _show_plan(plan)
        rows = [
            (each[f"title_{language()}"], each["clause"]["section"], each["clause"]["plan"])
            for each in plan["proposals"]
        ]
        if rows:
            show_rows(word("proposals"), ("title", "section", "profile"), rows)

    answer(plan, as_json=as_json, show=show)


@plans.command()
def withdraw(context: typer.Context, unit: UnitOption, as_json: JsonOption = False) -> None:
    """撤回记错的“未能实施”或“已实施” · Take back a wrong failure, or completion."""
    from geo_service.pipeline.compound_plans import withdraw_outcome

    invocation: Invocation = context.obj
    answer(invocation.run(withdraw_outcome, unit_code=unit), as_json=as_json, show=_show_plan)


@plans.command("list")
def list_(context: typer.Context, area: AreaOption, on: OnOption = None, as_json: JsonOption = False) -> None:
    """列出各小区对策及现状 · List the plans of an area, and how the units are managed."""
    from geo_service.pipeline.compound_plans import list_plans

    invocation: Invocation = context.obj
    report = invocation.run(list_plans, area_code=area, on=day_on(on))
    title = f"{report['area_name']} · {word('compound_plans')} · {report['on']}"
    answer(report, as_json=as_json, show=lambda _: _show_plans(title, report["plans"]))


@app.command()
def lapse(
    context: typer.Context,
    unit: UnitOption,
    on: OnOption = None,
    reason: Annotated[str | None, typer.Option(help="原因，必填 · Why; demanded.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回 · Take it back.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """记录失管，自该日起不再覆盖 · Record that a unit's management ended on a day."""
    from geo_service.pipeline.lapsing import record_lapse, withdraw_lapse

    if withdraw == (reason is not None) or (on is None and not withdraw):
        raise InvalidInput("lapse.on_and_reason", where="--reason")
    day = None if on is None else read_date(on, "--on")
    invocation: Invocation = context.obj
    if day is None or reason is None:
        told = invocation.run(withdraw_lapse, unit_code=unit, on=day)
    else:
        told = invocation.run(record_lapse, unit_code=unit, on=day, reason=reason, profile_key=profile)
    shown = dict(told)
    if not withdraw:
        shown |= {"form": _form(told["form"]), "step_before": _step(told["step_before"])}
    answer(told, as_json=as_json, show=lambda _: show_facts(shown))


@app.command()
def lapses(
    context: typer.Context, area: AreaOption, on: OnOption = None, as_json: JsonOption = False
) -> None:
    """列出失管小区 · List the lapses of an area up to a day."""
    from geo_service.pipeline.lapsing import list_lapses

    invocation: Invocation = context.obj
    report = invocation.run(list_lapses, area_code=area, on=day_on(on))
    answer(report, as_json=as_json, show=_show_lapses)


def _show_plan(plan: dict[str, Any]) -> None:
    _show_plans(word("compound_plans"), [plan])


def _show_plans(title: str, plans: list[dict[str, Any]]) -> None:
    rows = [
        (
            *(each["unit"], each["name"], _form(each["form"]), each["measures"]),
            "：".join(filter(None, (_state(each["state"]), each["reason"]))),
            *(each["entered_on"], each["consent_round"], each["agreed"]),
            each["managed"] and f"{_form(each['managed']['form'])} · {_step(each['managed']['step'])}",
            each["managed"] and each["managed"]["is_gov_fallback"],
        )
        for each in plans
    ]
    columns = ("unit", "name", "form", "measures", "state", "entered_on", "consent_round", "agreed")
    show_rows(title, (*columns, "managed", "is_gov_fallback"), rows)


def _show_lapses(report: dict[str, Any]) -> None:
    rows = [
        (
            *(each["unit"], each["name"], each["lapsed_on"], each["reason"]),
            *(_form(each["form"]), _step(each["step_before"]), each["managed_again_on"]),
        )
        for each in report["lapses"]
    ]
    columns = ("unit", "name", "lapsed_on", "reason", "form", "step_before", "managed_again_on")
    show_rows(f"{report['area_name']} · {word('lapses')} · {report['on']}", columns, rows)
    if report["by_month"]:
        show_rows(word("lapses"), ("month", "units"), list(report["by_month"].items()))
    show_facts({"lapsed_now": report["lapsed_now"]})


def _form(form: str) -> str:
    return messages.text(f"form.{form}", language())


def _state(state: str) -> str:
    return messages.text(f"compound_plan.state.{state}", language())


def _step(step: str) -> str:
    return messages.text(f"coverage.step.{step}", language())


__all__ = ["app", "plans"]
