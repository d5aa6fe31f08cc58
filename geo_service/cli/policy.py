"""``policy``: the profiles; ``classify``, ``decide``: what they recommend, what was decided instead."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service import messages
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import (
    AreaOption,
    KnownOption,
    OnOption,
    ProfileOption,
    UnitOption,
    day_on,
    known_at,
)
from geo_service.cli.policy_tables import forms_in_words, show_profile
from geo_service.cli.terminal import language, note, show_facts, show_rows, word
from geo_service.errors import InvalidInput

profiles = typer.Typer(help="政策方案 · Policy profiles.", no_args_is_help=True)
app = typer.Typer()

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="政策方案 · Policy profile.")]
FileArgument = Annotated[Path, typer.Argument(help="政策方案文件（TOML） · A profile's TOML file.")]


def read_document(path: Path) -> str:
    """The text of a profile's file.

    Raises
    ------
    InvalidInput
        When it is not there, or no text in UTF-8.
    """
    if not path.is_file():
        raise InvalidInput("command.no_such_file", where=str(path))
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("policy.unreadable", where=str(path), reason=str(error)) from error


@profiles.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """列出可用的政策方案 · List the profiles."""
    from geo_service.pipeline.policies import list_profiles

    invocation: Invocation = context.obj
    found = [each.as_json() for each in invocation.run(list_profiles)]
    answer({"profiles": found}, as_json=as_json, show=_show_profiles)


@profiles.command()
def show(context: typer.Context, key: KeyArgument, as_json: JsonOption = False) -> None:
    """显示一个政策方案 · Show one profile."""
    from geo_service.pipeline.policies import read_one_profile

    invocation: Invocation = context.obj
    profile = invocation.run(read_one_profile, key)
    answer(profile.model_dump(mode="json"), as_json=as_json, show=show_profile)


@profiles.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """检查政策方案文件 · Check a profile's file: faults by line and field, holes and overlaps."""
    from geo_service.planning.policy import read_profile
    from geo_service.planning.policy.check import warnings_of
    from geo_service.planning.policy.lines import line_of

    text = read_document(file)
    profile = read_profile(file.stem, text, file=file.name)
    warnings = [
        {
            "row": line_of(text, each.place),
            "field": each.field,
            **{f"message_{code}": each.said(code) for code in messages.LANGUAGES},
        }
        for each in warnings_of(profile)
    ]
    document = {"key": profile.key, "version": profile.version, "warnings": warnings}
    answer(document, as_json=as_json, show=_show_check)


@profiles.command()
def schema() -> None:
    """打印政策方案的 JSON Schema · Print the JSON Schema of profiles."""
    from geo_service.planning.policy import profile_schema

    answer(profile_schema(), as_json=True, show=print)


@profiles.command()
def adopt(
    context: typer.Context,
    file: FileArgument,
    key: Annotated[str | None, typer.Option(help="标识，默认取文件名 · Key; the file's name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """采用自己的政策方案文件 · Adopt a profile's file as its next version."""
    from geo_service.pipeline.policies import adopt_profile

    invocation: Invocation = context.obj
    document = read_document(file)
    profile = invocation.run(adopt_profile, key=key or file.stem, document=document)
    answer({"key": profile.key, "version": profile.version}, as_json=as_json, show=show_facts)


@profiles.command()
def use(context: typer.Context, key: KeyArgument, as_json: JsonOption = False) -> None:
    """改用某个政策方案 · Make a profile the deployment's own."""
    from geo_service.pipeline.policies import use_profile

    invocation: Invocation = context.obj
    profile = invocation.run(use_profile, key=key)
    answer({"key": profile.key, "version": profile.version}, as_json=as_json, show=show_facts)


@app.command()
def classify(
    context: typer.Context,
    area: AreaOption,
    profile: ProfileOption = None,
    on: OnOption = None,
    known: KnownOption = None,
    as_json: JsonOption = False,
) -> None:
    """按政策方案推荐管理形式 · Recommend forms of management by a profile."""
    from geo_service.pipeline.classifying import classify_units

    invocation: Invocation = context.obj
    report = invocation.run(
        classify_units,
        area_code=area,
        on=day_on(on),
        known=known_at(known),
        profile_key=profile,
    )
    answer(report.as_json(), as_json=as_json, show=_show_classification)


@app.command()
def decide(
    context: typer.Context,
    unit: UnitOption,
    form: Annotated[str | None, typer.Option(help="管理形式 · Form of management.")] = None,
    reason: Annotated[str, typer.Option(help="理由，必填 · Why; demanded.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回决定 · Withdraw the decision.")] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """人工确定管理形式 · Decide a unit's form against the recommendation, with a reason."""
    from geo_service.pipeline.classifying import decide_form

    if withdraw == (form is not None):
        raise InvalidInput("classification.form_or_withdraw", where="--form")
    invocation: Invocation = context.obj
    decided = invocation.run(decide_form, unit_code=unit, form=form, reason=reason, profile_key=profile)
    answer(decided, as_json=as_json, show=show_facts)


@app.command()
def served(
    context: typer.Context,
    unit: UnitOption,
    on: OnOption = None,
    known: KnownOption = None,
    as_json: JsonOption = False,
) -> None:
    """某日由谁服务：形式、进展、片区、网格长 · Who served a unit on a day."""
    from geo_service.pipeline.serving import served_by

    invocation: Invocation = context.obj
    report = invocation.run(served_by, unit_code=unit, on=day_on(on), known=known_at(known))
    answer(report, as_json=as_json, show=_show_service)


def _show_service(report: dict[str, Any]) -> None:
    service = report["service"] or {}
    facts = {key: report[key] for key in ("on", "code", "name", "community", "households", "form", "step")}
    facts["form"] = report["form"] and messages.text(f"form.{report['form']}", language())
    facts["step"] = report["step"] and messages.text(f"coverage.step.{report['step']}", language())
    facts["is_covered"] = report["covered"]
    facts |= {key: service.get(key) for key in ("zone_code", "chief_name", "in_post_from", "in_post_to")}
    show_facts(facts)


@app.command()
def evaluate(
    context: typer.Context,
    unit: UnitOption,
    round_: Annotated[str, typer.Option("--round", metavar="KEY", help="考评轮次 · Round.")],
    marks: Annotated[str, typer.Option(metavar="A=85,B=90", help="各指标分数 · Marks.")],
    not_applicable: Annotated[
        str, typer.Option(metavar="A,B", help="不适用的指标 · Indicators that do not apply.")
    ] = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """考评打分 · Score a unit's sheet of marks."""
    from geo_service.pipeline.evaluating import evaluate_unit

    invocation: Invocation = context.obj
    report = invocation.run(
        evaluate_unit,
        unit_code=unit,
        round=round_,
        marks=read_marks(marks),
        not_applicable=[key.strip() for key in not_applicable.split(",") if key.strip()],
        profile_key=profile,
    )
    shown = ("unit", "round", "score", "pass_mark", "passes", "left_out")
    facts = {**report, "score": report["total"], "left_out": "、".join(report["left_out"])}
    answer(report, as_json=as_json, show=lambda _: show_facts({key: facts[key] for key in shown}))


@app.command()
def evaluations(
    context: typer.Context,
    area: AreaOption,
    round_: Annotated[str, typer.Option("--round", metavar="KEY", help="考评轮次 · Round.")],
    profile: ProfileOption = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="另存为 .xlsx 或 .csv · Write a file too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """考评名单：达标、不达标、未打分 · Who is compliant in a round, who is not, who is not scored."""
    from geo_service.pipeline.evaluating import list_round

    invocation: Invocation = context.obj
    report = invocation.run(list_round, area_code=area, round=round_, profile_key=profile)
    if out is not None:
        from geo_service.pipeline.documents import write_scores

        write_scores(report, out, language=language())
    answer(report, as_json=as_json, show=_show_round)


def read_marks(text: str) -> dict[str, Decimal]:
    """``indicator=mark`` entries with commas.

    Raises
    ------
    InvalidInput
        When one is none, or an indicator is there twice.
    """
    marks: dict[str, Decimal] = {}
    for entry in unicodedata.normalize("NFKC", text).split(","):
        key, _, mark = (part.strip() for part in entry.partition("="))
        try:
            value = Decimal(mark)
        except InvalidOperation as error:
            raise InvalidInput("evaluation.bad_marks", where="--marks", given=entry[:40]) from error
        if not key or key in marks:
            raise InvalidInput("evaluation.bad_marks", where="--marks", given=entry[:40])
        marks[key] = value
    return marks


def _show_round(report: dict[str, Any]) -> None:
    facts = ("round", "evaluated", "pass_mark", "compliant", "not_compliant", "not_scored")
    evaluated = "、".join(word(f"evaluated_{each}") for each in report["evaluated"])
    show_facts({**{key: report[key] for key in facts}, "evaluated": evaluated})
    rows = [
        (unit["code"], unit["name"], unit["total"], unit["passes"], "、".join(unit["left_out"]))
        for unit in report["units"]
        if unit["total"] is not None
    ]
    if rows:
        show_rows(report["area_name"], ("unit", "name", "score", "passes", "left_out"), rows)


def _show_profiles(document: dict[str, Any]) -> None:
    columns = ("profile_key", "version", "title", "shipped", "in_use")
    title = f"title_{language()}"
    rows = [
        (each["key"], each["version"], each[title], each["shipped"], each["in_use"])
        for each in document["profiles"]
    ]
    show_rows(word("profiles"), columns, rows)


def _show_check(document: dict[str, Any]) -> None:
    rows = [(each["row"], each["field"], each[f"message_{language()}"]) for each in document["warnings"]]
    if rows:
        show_rows(word("warnings"), ("row", "field", "reason"), rows)
    note("policy.none_wrong")


def _show_classification(document: dict[str, Any]) -> None:
    title = document["profile"][f"title_{language()}"]
    rows = [
        (
            messages.text(f"classification.verdict.{each['verdict']}", language()),
            forms_in_words(each["forms"]),
            each["clause"] and each["clause"]["section"],
            each["units"],
            each["households"],
        )
        for each in document["summary"]
    ]
    columns = ("verdict", "forms", "section", "units", "households")
    show_rows(f"{document['area_name']} · {title} · {document['on']}", columns, rows)
    decided = [
        (
            unit["code"],
            unit["name"],
            forms_in_words(unit["forms"]),
            forms_in_words([unit["decision"]["form"]]),
            unit["decision"]["reason"],
        )
        for unit in document["units"]
        if unit["decision"]
    ]
    if decided:
        show_rows(word("decisions"), ("unit", "name", "forms", "decided", "reason"), decided)


__all__ = ["app", "profiles"]
