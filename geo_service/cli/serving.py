"""``serve`` and ``token``: the service for others."""

from __future__ import annotations

import copy
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import typer

from geo_service import tokens
from geo_service.access import WHOLE_DEPLOYMENT, Actor, Role
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.terminal import note, show_facts
from geo_service.deployment import signing_secret
from geo_service.errors import Forbidden, InvalidInput
from geo_service.store.areas import require_area
from geo_service.store.posts import get_post
from geo_service.store.session import transaction

app = typer.Typer()

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="监听地址 · Address to listen on.")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任选 · 0 picks one.")] = DEFAULT_PORT,
    as_json: JsonOption = False,
) -> None:
    """启动网页与接口服务 · Serve the map page and the HTTP interface."""

    def announce(where: dict[str, object]) -> None:
        answer(where, as_json=as_json, show=show_facts)
        sys.stdout.flush()

    run_server(context.obj, host=host, port=port, announce=announce)


def run_server(
    invocation: Invocation,
    *,
    host: str,
    port: int,
    announce: Callable[[dict[str, object]], None] = show_facts,
) -> None:
    """Serve until interrupted; ``announce`` says where, once the address is open.

    Raises
    ------
    InvalidInput
        When the address would open a service without tokens to the network, or cannot be listened on, or
        when a layer is not what it declares.
    """
    import uvicorn  # not needed by the other verbs, which start quicker without

    from geo_service.api.app import create_app
    from geo_service.api.layers import require_sound_layers
    from geo_service.api.middleware import is_loopback
    from geo_service.api.server import Server

    settings = invocation.settings
    if not settings.require_token and not is_loopback(host):
        raise InvalidInput("serve.tokens_needed", where=f"--host {host}")
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listener.getsockname()[1]}"
    log_config = _log_config(uvicorn.config.LOGGING_CONFIG)
    # Ctrl-C is how a server ends, not a failure.
    with invocation.engine() as engine, suppress(KeyboardInterrupt):
        require_sound_layers(
            settings, engine
        )  # before the address is announced; later it would be a traceback
        application = create_app(settings, engine)
        config = uvicorn.Config(application, log_config=log_config, server_header=False)
        announce({"url": url, "require_token": settings.require_token})
        note("serve.with_tokens" if settings.require_token else "serve.local_admin")
        Server(application, config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # the address is announced next: whoever asks early waits instead of being refused
    except OSError as error:
        raise InvalidInput("serve.cannot_listen", where=f"{host}:{port}", reason=error.strerror) from error
    return listener


def _log_config(stock: dict[str, Any]) -> dict[str, Any]:
    """Uvicorn's own, with the access log on stderr too: stdout is the answer's."""
    config = copy.deepcopy(stock)
    config["handlers"]["access"]["stream"] = "ext://sys.stderr"
    return config


@app.command()
def token(
    context: typer.Context,
    role: Annotated[Role, typer.Option(help="角色 · Role.")],
    area: Annotated[str, typer.Option(help="区域编码，admin 可用 * · Area code; * for admin.")],
    days: Annotated[int, typer.Option(help="有效天数 1-366 · Days until it expires.")],
    post: Annotated[int | None, typer.Option(help="网格长的任职编号 · The chief's post.")] = None,
    name: Annotated[
        str | None, typer.Option(help="持有人，记入审计 · Bearer's name, for the audit trail.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """签发访问令牌 · Sign an access token."""
    invocation: Invocation = context.obj
    if invocation.actor.role is not Role.ADMIN or invocation.actor.scope != WHOLE_DEPLOYMENT:
        raise Forbidden("access.outside_scope", where="token")
    if area == WHOLE_DEPLOYMENT and role is not Role.ADMIN:
        raise InvalidInput("token.whole_deployment_is_for_admins", where="--area")
    bearer = Actor(name=name or f"{role.value}@{area}", role=role, scope=area, post_id=post)
    signed = tokens.issue(bearer, days, signing_secret(invocation.settings))
    with (
        invocation.engine() as engine,
        transaction(engine, invocation.actor, read_only=True) as connection,
    ):
        if area != WHOLE_DEPLOYMENT:
            require_area(connection, area)
        if post is not None:
            get_post(connection, post)
    document = {
        "token": signed,
        "name": bearer.name,
        "role": role.value,
        "area": area,
        "post": post,
        "days": days,
    }
    answer(document, as_json=as_json, show=lambda found: print(found["token"]))
