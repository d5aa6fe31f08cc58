"""A client of the real server that hangs up: the work ends, its files go, its connections come back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from sqlalchemy import Engine, text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.api.app import create_app
from geo_service.settings import Settings
from tests.world import TOWN, WEST, build_world

SECRET = "a secret of the tests, long enough to sign"
PATIENCE_S = 60
BUSY = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""


class Statuses:
    """Notes how the server meant to answer, whether or not anybody heard it."""

    def __init__(self, app: ASGIApp, seen: list[int]) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.seen.append(message["status"])
            await send(message)

        await self.app(scope, receive, noted)


@pytest.fixture(scope="module")
def many(module_engine: Engine) -> Engine:
    """Ten thousand buildings, more than one batch of rows can hold."""
    build_world(module_engine, {TOWN: {WEST: "1"}})
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO building (code, community_code, name, household_count, geom)"
                " SELECT 'X' || n, community_code, md5(n::text), 1, geom"
                " FROM building, generate_series(1, 10000) n"
            )
        )
        connection.execute(text("ANALYZE building"))
    return module_engine


@pytest.fixture
def served(many: Engine, tmp_path: Path) -> Iterator[tuple[int, list[int]]]:
    """The port of a running server, and the statuses it answers with."""
    seen: list[int] = []
    settings = Settings(home=tmp_path / "home", work_dir=tmp_path / "work", secret=SECRET)
    application = create_app(settings, many)
    application.add_middleware(Statuses, seen=seen)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        running.start()
        yield listening.getsockname()[1], seen
        server.should_exit = True
        running.join(PATIENCE_S)


def _ask(port: int, format: str) -> socket.socket:
    asked = urlencode({"area": TOWN, "layers": "standalone_buildings", "format": format})
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    client.sendall(f"GET /api/export?{asked} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return client


def _wait_for(happened: Callable[[], object]) -> None:
    last = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < last, "it has not happened"
        time.sleep(0.02)


def _assert_nothing_is_left(engine: Engine, work: Path) -> None:
    _wait_for(lambda: not list(work.iterdir()))
    _wait_for(lambda: engine.pool.checkedout() == 0)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for(lambda: connection.execute(text(BUSY)).scalar_one() == 0)


def test_who_hangs_up_in_mid_export_stops_it(
    many: Engine, served: tuple[int, list[int]], tmp_path: Path
) -> None:
    port, seen = served
    work = tmp_path / "work"
    client = _ask(port, "kml")
    _wait_for(lambda: any(path.stat().st_size for path in work.glob("*/files/.export-*/*")))

    client.close()

    _wait_for(lambda: seen)
    assert seen == [499]  # cancelled: the file was never finished
    _assert_nothing_is_left(many, work)


def test_who_hangs_up_in_mid_download_leaves_nothing(
    many: Engine, served: tuple[int, list[int]], tmp_path: Path
) -> None:
    port, seen = served
    client = _ask(port, "geojson")
    assert client.recv(100).startswith(b"HTTP/1.1 200 OK")

    client.close()

    assert seen == [200]
    _assert_nothing_is_left(many, tmp_path / "work")
