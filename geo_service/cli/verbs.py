"""The verbs that work on data."""

from __future__ import annotations

import typer

app = typer.Typer()
layers = typer.Typer(help="图层 · The map layers.", no_args_is_help=True)


@layers.command()
def check() -> None:
    """x"""
