"""The real server on the loopback, for clients that speak over a socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from sqlalchemy import Engine

from geo_service.api.app import create_app
from geo_service.api.server import Server
from geo_service.settings import Settings

PROGRAM = [sys.executable, "-m", "geo_service.cli"]

STARTING_S = 30


@contextmanager
def serving(engine: Engine, *, port: int = 0, **given: object) -> Iterator[str]:
    """Serve ``engine`` on a port of the loopback, a free one by default; gives the address."""
    # With the protocol named, asyncio turns Nagle off; else every answer on a kept connection waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    application = create_app(Settings(**given), engine)
    config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1)
    server = Server(application, config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + STARTING_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                pytest.fail("the server did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def serving_apart(engine: Engine, **environment: str) -> Iterator[str]:
    """The ``serve`` command on the database of ``engine``; gives the address.

    For clients that hold the interpreter while they wait: a server in the same process would never answer.
    """
    database = engine.url.render_as_string(hide_password=False)
    server = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--json"],
        env={**os.environ, "DATABASE_URL": database, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield json.loads(server.stdout.readline())["url"]
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()
