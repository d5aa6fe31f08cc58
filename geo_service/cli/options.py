"""Options that several commands have, and what is read from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from geo_service.deployment import read_moment, today
from geo_service.errors import InvalidInput

LARGEST_ID = 2**63 - 1

AreaOption = Annotated[str, typer.Option(help="区域编码 · Area code.")]
UnitOption = Annotated[str, typer.Option(help="小区或单栋楼编码 · Code of a compound or building.")]
PlanOption = Annotated[int, typer.Option(help="方案编号 · Plan id.")]
ProfileOption = Annotated[str | None, typer.Option(metavar="KEY", help="政策方案 · Policy profile.")]
KnownOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="按当时所知（日末或时刻），默认现在 · As known then, default now."),
]
OnOption = Annotated[str | None, typer.Option(metavar="DATE", help="日期，默认今天 · Date, default today.")]


def read_date(text: str, option: str) -> date:
    """An ISO date.

    Raises
    ------
    InvalidInput
        When the text is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("command.bad_date", where=option, given=text[:40]) from error


def day_on(text: str | None) -> date:
    """The day of ``--on``; today when there is none.

    Raises
    ------
    InvalidInput
        When the text is no date.
    """
    return today() if text is None else read_date(text, "--on")


def known_at(text: str | None) -> datetime | None:
    """The moment of ``--known``; None for now.

    Raises
    ------
    InvalidInput
        When the text is neither a day nor a moment.
    """
    return None if text is None else read_moment(text, where="--known")
