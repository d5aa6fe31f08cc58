"""``report``: which unit handed in the report of a period, and on which day."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import AreaOption, OnOption, ProfileOption, read_date
from geo_service.cli.terminal import language, show_facts, show_rows
from geo_service.planning.documents.model import Words

app = typer.Typer(help="报送：登记、查看 · Reports that units owe.", no_args_is_help=True)

RhythmOption = Annotated[
    str | None, typer.Option(metavar="KEY", help="报送事项，默认方案的第一项 · Which report.")
]
_PERIOD = "月份 2017-11，或报送日 · Month, or the due day."


@app.command()
def receive(
    context: typer.Context,
    area: AreaOption,
    period: Annotated[str, typer.Option(metavar="PERIOD", help=_PERIOD)],
    rhythm: RhythmOption = None,
    on: OnOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记收到一份报送 · Enter that a report was handed in."""
    from geo_service.pipeline.reports import receive_report

    invocation: Invocation = context.obj
    day = None if on is None else read_date(on, "--on")
    done = invocation.run(
        receive_report,
        area_code=area,
        period=period,
        rhythm=rhythm,
        on=day,
        profile_key=profile,
    )
    answer(done, as_json=as_json, show=_show_receipt)


@app.command("list")
def list_(
    context: typer.Context,
    area: AreaOption,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help=_PERIOD)] = None,
    rhythm: RhythmOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出应报单位：按时、迟报、未报 · List who reported, and who did not."""
    from geo_service.pipeline.reports import list_reports

    invocation: Invocation = context.obj
    found = invocation.run(list_reports, area_code=area, period=period, rhythm=rhythm, profile_key=profile)
    answer(found, as_json=as_json, show=_show_reports)


def _show_receipt(done: dict[str, Any]) -> None:
    facts = {key: done[key] for key in ("area", "area_name", "period", "due", "received_on")}
    show_facts({**facts, "report": _state(done)})


def _show_reports(found: dict[str, Any]) -> None:
    words = Words(language())
    title = f"{found['area_name']} · {words.title(found['report'])} · {found['period']} · {found['due']}"
    rows = [(row["code"], row["name"], row["received_on"], _state(row)) for row in found["rows"]]
    show_rows(title, ("code", "name", "received_on", "report"), rows)


def _state(row: dict[str, Any]) -> str:
    return Words(language()).say(f"report_{row['state']}", days=row["days_late"])
