"""``consent``, ``body``, ``responsible``, ``letter``: what is agreed for compounds, who answers for them."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from geo_service import messages
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import LARGEST_ID, AreaOption, ProfileOption, UnitOption, read_date
from geo_service.cli.terminal import language, show_facts, show_rows, word
from geo_service.errors import InvalidInput
from geo_service.planning.governance import BodyKind

consent = typer.Typer(help="征求业主意见 · Consent rounds.", no_args_is_help=True)
body = typer.Typer(help="业主大会等组织 · Governance bodies.", no_args_is_help=True)
responsible = typer.Typer(help="责任单位 · Responsible units.", no_args_is_help=True)
letter = typer.Typer(help="目标管理责任书 · Target letters.", no_args_is_help=True)

_MOST_DIGITS = 12

NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="编号 · Number.", min=1, max=LARGEST_ID)]


@consent.command("record")
def record_consent(
    context: typer.Context,
    unit: UnitOption,
    proposal: Annotated[str, typer.Option(help="征求意见的内容 · What was asked.")],
    began: Annotated[str, typer.Option(metavar="DATE", help="开始日期 · First day.")],
    ended: Annotated[str, typer.Option(metavar="DATE", help="结束日期 · Last day.")],
    heads: Annotated[str, typer.Option(metavar="AGREE/ALL", help="同意/全体人数 · Heads.")],
    area_m2: Annotated[
        str, typer.Option("--floor-area", metavar="AGREE/ALL", help="同意/全体建筑面积，平方米 · In m2.")
    ],
    form: Annotated[str | None, typer.Option(help="所问的管理形式 · Form proposed.")] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """记录一次征求意见，按政策方案判定 · Record a consent round, judged by the profile."""
    from geo_service.pipeline.consenting import record_round

    invocation: Invocation = context.obj
    told = invocation.run(
        record_round,
        unit_code=unit,
        proposal=proposal,
        began=read_date(began, "--began"),
        ended=read_date(ended, "--ended"),
        heads=read_heads(heads, "--heads"),
        area_m2=read_tally(area_m2, "--floor-area"),
        form=form,
        profile_key=profile,
    )
    answer(told, as_json=as_json, show=lambda _: _show_rounds(told["unit"], [told]))


@consent.command("withdraw")
def withdraw_consent(context: typer.Context, number: NumberArgument, as_json: JsonOption = False) -> None:
    """撤回记错的一次 · Take back a round that was recorded wrongly."""
    from geo_service.pipeline.consenting import withdraw_round

    invocation: Invocation = context.obj
    done = invocation.run(withdraw_round, round_id=number)
    answer(done, as_json=as_json, show=show_facts)


@consent.command("list")
def list_consents(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """列出各次征求意见 · List the consent rounds of an area."""
    from geo_service.pipeline.consenting import list_rounds

    invocation: Invocation = context.obj
    report = invocation.run(list_rounds, area_code=area)

    def show(report: dict[str, Any]) -> None:
        show_facts({key: report[key] for key in ("passed", "not_passed")})
        _show_rounds(f"{report['area_name']} · {word('consent_rounds')}", report["rounds"])

    answer(report, as_json=as_json, show=show)


@body.command()
def found(
    context: typer.Context,
    kind: Annotated[BodyKind, typer.Option(help="组织类型 · Kind.")],
    name: Annotated[str, typer.Option(help="组织名称，不写人名 · The body's name, nobody's own.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="成立日期 · Day of founding.")],
    unit: Annotated[str | None, typer.Option(help="所属小区或单栋楼 · Compound or building.")] = None,
    community: Annotated[str | None, typer.Option(help="所属社区 · Community.")] = None,
    filing_number: Annotated[str | None, typer.Option(help="备案号 · Filing number.")] = None,
    as_json: JsonOption = False,
) -> None:
    """记录成立的组织 · Record a body of a unit or a community."""
    from geo_service.pipeline.governing import found_body

    invocation: Invocation = context.obj
    told = invocation.run(
        found_body,
        kind=kind,
        name=name,
        founded_on=read_date(on, "--on"),
        unit_code=unit,
        community_code=community,
        filing_number=filing_number,
    )
    answer(told, as_json=as_json, show=lambda _: _show_bodies(word("bodies"), [told]))


@body.command()
def dissolve(
    context: typer.Context,
    number: NumberArgument,
    on: Annotated[str, typer.Option(metavar="DATE", help="解散日期 · First day without it.")],
    as_json: JsonOption = False,
) -> None:
    """记录解散 · Record the day from which a body is no more."""
    from geo_service.pipeline.governing import dissolve_body

    invocation: Invocation = context.obj
    told = invocation.run(dissolve_body, body_id=number, on=read_date(on, "--on"))
    answer(told, as_json=as_json, show=show_facts)


@body.command("withdraw")
def withdraw_body_(context: typer.Context, number: NumberArgument, as_json: JsonOption = False) -> None:
    """撤回记错的组织 · Take back a body that was recorded wrongly."""
    from geo_service.pipeline.governing import withdraw_body

    invocation: Invocation = context.obj
    done = invocation.run(withdraw_body, body_id=number)
    answer(done, as_json=as_json, show=show_facts)


@body.command("list")
def list_bodies_(
    context: typer.Context,
    area: AreaOption,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="只列当日存在的 · Of that day.")] = None,
    as_json: JsonOption = False,
) -> None:
    """列出各组织 · List the bodies of an area and of its units."""
    from geo_service.pipeline.governing import list_bodies

    day = None if on is None else read_date(on, "--on")
    invocation: Invocation = context.obj
    report = invocation.run(list_bodies, area_code=area, on=day)
    title = f"{report['area_name']} · {word('bodies')}"
    answer(report, as_json=as_json, show=lambda _: _show_bodies(title, report["bodies"]))


@responsible.command()
def register(
    context: typer.Context,
    area: AreaOption,
    code: Annotated[str, typer.Option(help="责任单位编码 · Code.")],
    name: Annotated[str, typer.Option(help="名称 · Name.")],
    as_json: JsonOption = False,
) -> None:
    """登记责任单位，或改名 · Register a responsible unit, or rename it."""
    from geo_service.pipeline.responsibilities import register_responsible

    invocation: Invocation = context.obj
    told = invocation.run(register_responsible, area_code=area, code=code, name=name)
    answer(told, as_json=as_json, show=lambda _: show_facts({k: told[k] for k in ("code", "name", "area")}))


@responsible.command()
def assign(
    context: typer.Context,
    unit: UnitOption,
    code: Annotated[str | None, typer.Option(help="责任单位编码 · Code of the responsible unit.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回指定 · Take it back.")] = False,
    as_json: JsonOption = False,
) -> None:
    """按编码指定责任单位 · Say by code who answers for a unit."""
    from geo_service.pipeline.responsibilities import assign_responsible

    if withdraw == (code is not None):
        raise InvalidInput("responsible.code_or_withdraw", where="--code")
    invocation: Invocation = context.obj
    told = invocation.run(assign_responsible, unit_code=unit, code=code)
    answer(told, as_json=as_json, show=show_facts)


@responsible.command("list")
def list_responsible_(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """列出责任单位及其小区 · List responsible units with what they answer for."""
    from geo_service.pipeline.responsibilities import list_responsible

    invocation: Invocation = context.obj
    report = invocation.run(list_responsible, area_code=area)
    answer(report, as_json=as_json, show=_show_responsible)


@letter.command()
def sign(
    context: typer.Context,
    giver: Annotated[str, typer.Option(metavar="CODE", help="下达方（上级）区域 · Area above.")],
    taker: Annotated[str, typer.Option(metavar="CODE", help="签订方（下级）区域 · Area below.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="签订日期 · Day of signing.")],
    due: Annotated[str, typer.Option(metavar="DATE", help="完成期限 · Due by.")],
    document_no: Annotated[str, typer.Option(help="文号 · Document number.")],
    percent: Annotated[int | None, typer.Option(help="目标百分比 · Target in percent.")] = None,
    count: Annotated[int | None, typer.Option(help="目标单元数 · Target in units.")] = None,
    as_json: JsonOption = False,
) -> None:
    """记录签订的责任书 · Record a target letter."""
    from geo_service.pipeline.letters import sign_letter

    invocation: Invocation = context.obj
    told = invocation.run(
        sign_letter,
        giver_code=giver,
        taker_code=taker,
        signed_on=read_date(on, "--on"),
        due_on=read_date(due, "--due"),
        document_no=document_no,
        target_percent=percent,
        target_count=count,
    )
    taken = {"code": told["taker"], "name": told["taker_name"], "letters": [told]}
    answer(told, as_json=as_json, show=lambda _: _show_letters(word("letters"), [taken]))


@letter.command("withdraw")
def withdraw_letter_(context: typer.Context, number: NumberArgument, as_json: JsonOption = False) -> None:
    """撤回记错的责任书 · Take back a letter that was recorded wrongly."""
    from geo_service.pipeline.letters import withdraw_letter

    invocation: Invocation = context.obj
    done = invocation.run(withdraw_letter, letter_id=number)
    answer(done, as_json=as_json, show=show_facts)


@letter.command("list")
def list_letters_(context: typer.Context, area: AreaOption, as_json: JsonOption = False) -> None:
    """列出责任书，及未签订的 · List the letters of an area, and who has none."""
    from geo_service.pipeline.letters import list_letters

    invocation: Invocation = context.obj
    report = invocation.run(list_letters, area_code=area)
    title = f"{report['area_name']} · {word('letters')}"
    answer(report, as_json=as_json, show=lambda _: _show_letters(title, report["takers"]))


def read_heads(given: str, option: str) -> tuple[int, int]:
    """``agree/all`` in whole numbers.

    Raises
    ------
    InvalidInput
        When it is not two of them.
    """
    agree, everybody = read_tally(given, option)
    for number in (agree, everybody):
        if not number.is_finite() or number.adjusted() > _MOST_DIGITS or number != number.to_integral_value():
            raise InvalidInput("consent.bad_tally", where=option, given=given[:40])
    return int(agree), int(everybody)


def read_tally(given: str, option: str) -> tuple[Decimal, Decimal]:
    """``agree/all``.

    Raises
    ------
    InvalidInput
        When it is not two numbers.
    """
    agree, _, everybody = unicodedata.normalize("NFKC", given).partition("/")
    try:
        return Decimal(agree.strip()), Decimal(everybody.strip())
    except InvalidOperation as error:
        raise InvalidInput("consent.bad_tally", where=option, given=given[:40]) from error


def _show_rounds(title: str, rounds: list[dict[str, Any]]) -> None:
    rows = [
        (
            *(each["id"], each["unit"], each["proposal"], each["began"], each["ended"]),
            f"{each['heads']['agree']}/{each['heads']['all']}",
            f"{_square_metres(each['area_m2']['agree'])}/{_square_metres(each['area_m2']['all'])}",
            _word_of("consent.who", each["rule"]["who"]),
            *(_word_of("consent.tally", each["rule"]["tally"]), each["passes"], each["clause"]["section"]),
        )
        for each in rounds
    ]
    columns = ("id", "unit", "proposal", "began", "ended", "heads_agree", "area_agree_m2", "asked", "tally")
    show_rows(title, (*columns, "agreed", "section"), rows)


def _show_bodies(title: str, bodies: list[dict[str, Any]]) -> None:
    rows = [
        (
            *(each["id"], _word_of("body.kind", each["kind"]), each["name"]),
            *(each["unit"] or each["community"], each["founded_on"], each["dissolved_on"]),
            each["filing_number"],
        )
        for each in bodies
    ]
    columns = ("id", "body_kind", "name", "code", "founded_on", "dissolved_on", "filing_number")
    show_rows(title, columns, rows)


def _show_responsible(report: dict[str, Any]) -> None:
    rows = [
        (each["code"], each["name"], unit["code"], unit["name"],
         unit["matched_by"] and _word_of("responsible.matched_by", unit["matched_by"]))
        for each in report["responsible"]
        for unit in each["units"] or [dict.fromkeys(("code", "name", "matched_by"))]
    ]  # fmt: skip
    columns = ("code", "responsible_units", "unit", "name", "matched_by")
    show_rows(f"{report['area_name']} · {word('responsible_units')}", columns, rows)
    left = [
        (each["name"], unit["code"], unit["name"])
        for each in report["unregistered"]
        for unit in each["units"]
    ]
    if left:
        show_rows(word("unregistered"), ("responsible_units", "unit", "name"), left)


def _show_letters(title: str, takers: list[dict[str, Any]]) -> None:
    rows = [
        (taker["code"], taker["name"], each["id"], each["giver_name"], each["document_no"],
         each["signed_on"], _target(each), each["due_on"])
        for taker in takers
        for each in taker["letters"]
    ]  # fmt: skip
    columns = ("taker", "name", "id", "giver", "document_no", "signed_on", "target", "due_on")
    show_rows(title, columns, rows)
    without = [(taker["code"], taker["name"]) for taker in takers if not taker["letters"]]
    if without:
        show_rows(word("without_letter"), ("code", "name"), without)


def _target(letter: dict[str, Any]) -> str:
    return str(letter["target_count"]) if letter["target_percent"] is None else f"{letter['target_percent']}%"


def _square_metres(area: float) -> str:
    return f"{area:.6f}".rstrip("0").rstrip(".")


def _word_of(section: str, key: str) -> str:
    return messages.text(f"{section}.{key}", language())


__all__ = ["body", "consent", "letter", "responsible"]
