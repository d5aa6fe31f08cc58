"""``geo-service db``: the database's life."""

from __future__ import annotations

import typer

from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.terminal import show_facts
from geo_service.deployment import cluster
from geo_service.errors import InvalidInput
from geo_service.resources import migrations_dir
from geo_service.settings import Settings
from geo_service.store import local, schema
from geo_service.store.session import make_engine

app = typer.Typer(help="数据库 · The database.", no_args_is_help=True)


def _private_cluster(settings: Settings) -> local.Cluster:
    if settings.database_url is not None:
        raise InvalidInput("database.not_ours", where="DATABASE_URL")
    return cluster(settings)


def _status(settings: Settings) -> dict[str, object]:
    private = settings.database_url is None
    running = not private or local.is_running(cluster(settings))
    revision = None
    if running:
        engine = make_engine(settings.database_url or cluster(settings).url())
        revision = schema.current_revision(engine)
        engine.dispose()
    return {
        "kind": "private" if private else "external",
        "home": str(settings.home) if private else None,
        "running": running,
        "revision": revision,
        "newest_revision": schema.newest_revision(migrations_dir()),
    }


@app.command()
def start(context: typer.Context, as_json: JsonOption = False) -> None:
    """启动自带数据库并更新结构 · Start the private database and bring it up to date."""
    invocation: Invocation = context.obj
    _private_cluster(invocation.settings)
    with invocation.engine():
        answer(_status(invocation.settings), as_json=as_json, show=show_facts)


@app.command()
def stop(context: typer.Context, as_json: JsonOption = False) -> None:
    """停止自带数据库 · Stop the private database."""
    invocation: Invocation = context.obj
    stopped = local.stop(_private_cluster(invocation.settings))
    answer({"stopped": stopped, **_status(invocation.settings)}, as_json=as_json, show=show_facts)


@app.command()
def status(context: typer.Context, as_json: JsonOption = False) -> None:
    """查看数据库状态 · Say whether the database runs, and its version."""
    invocation: Invocation = context.obj
    answer(_status(invocation.settings), as_json=as_json, show=show_facts)


@app.command()
def upgrade(context: typer.Context, as_json: JsonOption = False) -> None:
    """更新数据库结构 · Bring the tables up to date."""
    invocation: Invocation = context.obj
    settings = invocation.settings
    engine = make_engine(settings.database_url or local.start(cluster(settings)))
    try:
        before, after = schema.upgrade(engine, migrations_dir())
    finally:
        engine.dispose()
    answer({"before": before, "after": after}, as_json=as_json, show=show_facts)
