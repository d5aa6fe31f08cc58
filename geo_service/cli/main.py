"""The entry: runs one verb, and turns whatever it raises into words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from geo_service.cli import (
    bench,
    compounds,
    database,
    demo,
    governance,
    handing_over,
    ledger,
    policy,
    reporting,
    reports,
    serving,
    verbs,
    zoning,
)
from geo_service.cli.invocation import Invocation
from geo_service.cli.outcome import INTERRUPTED, explain
from geo_service.cli.terminal import keep_stdout_for_answers
from geo_service.errors import Cancelled

app = typer.Typer(
    name="geo-service",
    help="物业管理全覆盖规划服务 · Planning service for full property-management coverage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database.app, name="db")
app.add_typer(verbs.layers, name="layers")
app.add_typer(ledger.app, name="ledger")
app.add_typer(policy.profiles, name="policy")
app.add_typer(reporting.bulletins, name="bulletin")
app.add_typer(governance.consent, name="consent")
app.add_typer(governance.body, name="body")
app.add_typer(governance.responsible, name="responsible")
app.add_typer(governance.letter, name="letter")
app.add_typer(compounds.plans, name="compound-plan")
app.add_typer(reports.app, name="report")
app.add_typer(bench.app, name="bench")
for group in (
    demo.app,
    zoning.app,
    verbs.app,
    handing_over.app,
    policy.app,
    compounds.app,
    reporting.app,
    serving.app,
):
    app.registered_commands += group.registered_commands


@app.callback()
def _options(
    context: typer.Context,
    actor_token: Annotated[
        str | None,
        typer.Option(
            envvar="GEO_SERVICE_TOKEN", show_envvar=True, help="以令牌身份执行 · Act as a token's actor."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option(help="打印内部错误的堆栈 · Show a fault's traceback.")] = False,
) -> None:
    context.obj = Invocation(token=actor_token)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line.

    Returns
    -------
    int
        0 done, 2 wrong usage or input, 3 infeasible, 1 a fault of ours, 130 interrupted.
    """
    if arguments is None:
        keep_stdout_for_answers()
        arguments = sys.argv[1:]
    arguments = list(arguments)
    as_json, debug = "--json" in arguments, "--debug" in arguments
    try:
        answer = app(arguments, prog_name="geo-service", standalone_mode=False)
        # typer answers an interrupt by returning its exit code.
        if answer == INTERRUPTED:
            raise Cancelled("command.cancelled")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output, such as head, has gone: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place to say it in words
        return explain(error, as_json=as_json, debug=debug)
    return int(answer or 0)
