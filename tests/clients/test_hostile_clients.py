"""Clients that ask nonsense, speak no HTTP or hang up: the server stays whole, its connections come back."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.api.conftest import SECRET, assert_problem
from tests.serving import serving
from tests.world import TOWN, WEST, build_world

TILES = "/collections/standalone_buildings/tiles/WebMercatorQuad"
ITEMS = "/collections/standalone_buildings/items"
# More than the buffers of both sockets hold, so that who hangs up does so in the middle.
MANY = 4_000
PATIENCE_S = 40


@dataclass(frozen=True)
class Server:
    address: str
    engine: Engine

    def connect(self) -> socket.socket:
        """A socket of a client, which keeps as little as it can in its buffer."""
        place = urlsplit(self.address)
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((place.hostname, place.port))
        client.settimeout(PATIENCE_S)
        return client

    def send(self, line: str, *headers: str) -> socket.socket:
        """A request on its way."""
        client = self.connect()
        head = [f"{line} HTTP/1.1", f"Host: {urlsplit(self.address).netloc}", *headers, "", ""]
        client.sendall("\r\n".join(head).encode())
        return client


@pytest.fixture(scope="module")
def server(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A community of four thousand buildings behind a real server."""
    build_world(module_engine, {TOWN: {WEST: "1P"}})
    with module_engine.begin() as connection:
        connection.execute(
            text("""
INSERT INTO building (code, community_code, name, implementation_class, household_count, geom)
SELECT community_code || '-B' || 10000 + n, community_code, repeat('长名', 20), 'C', 6,
       ST_Translate(geom, (n % 100) * 1e-6, (n / 100) * 1e-6)
FROM building, generate_series(1, :many) n"""),
            {"many": MANY},
        )
    home = tmp_path_factory.mktemp("home")
    with serving(module_engine, home=home, work_dir=home, secret=SECRET) as address:
        yield Server(address, module_engine)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assert_whole(server: Server) -> None:
    """No connection is kept from the pool, no query runs on, and who asks next is answered."""
    wait_until(lambda: server.engine.pool.checkedout() == 0)
    with server.engine.connect() as connection:
        left = connection.execute(
            text("SELECT state, query FROM pg_stat_activity WHERE datname = current_database()"
                 " AND pid <> pg_backend_pid() AND state <> 'idle'")
        ).all()  # fmt: skip
    assert left == []
    assert httpx.get(f"{server.address}/api/me").status_code == 200


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"{TILES}/14/0/16384", "layers.tile_outside"),
        (f"{TILES}/14/-1/0", "layers.tile_outside"),
        (f"{TILES}/14/0/-1", "layers.tile_outside"),
        (f"{TILES}/-1/0/0", "layers.tile_outside"),
        (f"{TILES}/99/0/0", "layers.tile_outside"),
        (f"{TILES}/14/{10**30}/0", None),
        (f"{TILES}/1e1/0/0", "request.unusable"),
        (f"{TILES}/1/0/0", "layers.zoom_outside"),
        (f"{ITEMS}?limit=1000000", "layers.limit_outside"),
        (f"{ITEMS}?limit=-1", "layers.limit_outside"),
        (f"{ITEMS}?limit={'9' * 40}", None),
        (f"{ITEMS}?limit=", "request.unusable"),
        (f"{ITEMS}?bbox=112,34,111,33", "layers.bbox_reversed"),
        (f"{ITEMS}?bbox=111,35,112,34", "layers.bbox_reversed"),
        (f"{ITEMS}?bbox=nan,nan,nan,nan", "layers.bbox_unreadable"),
        (f"{ITEMS}?bbox=111,34,inf,35", "layers.bbox_unreadable"),
        (f"{ITEMS}?bbox=111,34,112", "layers.bbox_unreadable"),
        (f"{ITEMS}?bbox=", "layers.bbox_unreadable"),
        (f"{ITEMS}?bbox=111,34,1000,35", None),
        (f"{ITEMS}?on=2024-13-01", "request.unusable"),
        (f"{ITEMS}?plan=0", "request.unusable"),
        (f"/api/export?area={TOWN}&layers=zones&format=dwg", "export.unknown_format"),
        (f"/api/export?area={TOWN}&layers=zones&format=gpkg&crs=EPSG:{'9' * 20}", None),
        (f"{ITEMS}?area=%00", "request.zero_byte"),
        (f"{ITEMS}?after={'x' * 5000}", "request.unusable"),
    ],
)
def test_what_no_map_asks_is_refused_in_words(server: Server, path: str, key: str | None) -> None:
    answer = httpx.get(server.address + path)
    assert_problem(answer, 400, key or answer.json()["key"])
    assert_whole(server)


@pytest.mark.parametrize(
    "path", ["/collections/nowhere/items", "/collections/%F0%9F%98%80/tiles", "/nowhere"]
)
def test_what_is_not_there_is_404(server: Server, path: str) -> None:
    answer = httpx.get(server.address + path)
    assert_problem(answer, 404, answer.json()["key"])


def test_the_last_of_a_doubled_parameter_counts_and_nothing_fails(server: Server) -> None:
    answer = httpx.get(f"{server.address}{ITEMS}?limit=3&limit=2")
    assert (answer.status_code, answer.json()["numberReturned"]) == (200, 2)
    assert httpx.get(f"{server.address}{ITEMS}?bbox=1,2,3&bbox=111,34,112,35").status_code == 200


def test_a_body_of_another_kind_is_refused(server: Server) -> None:
    for headers, body in (
        ({"Content-Type": "text/plain"}, b"area=1"),
        ({"Content-Type": "application/xml"}, b"<plan/>"),
        ({"Content-Type": "application/json"}, b"\xff\xfe{"),
        ({"Content-Type": "application/json; charset=utf-16"}, "{}".encode("utf-16")),
        ({"Content-Type": "application/json"}, b'{"area": "\\ud800"}'),
        ({"Content-Type": "application/json"}, b"[" * 100_000),
        ({"Content-Type": "multipart/form-data"}, b"--"),
        ({}, b""),
    ):
        answer = httpx.post(f"{server.address}/api/plans", headers=headers, content=body)
        assert answer.headers["content-type"] == "application/problem+json", body[:20]
        assert answer.status_code in (400, 404), (body[:20], answer.text)
    assert_whole(server)


def test_odd_signs_come_back_as_they_went(server: Server) -> None:
    """Written from right to left, of four bytes, joined by nothing: none breaks an answer or its headers."""
    for sign in ("\u202eabc", "😀" * 30, "\u200d", "ﷺ", "\ufeff"):
        answer = httpx.get(f"{server.address}{ITEMS}", params={"area": sign})
        assert_problem(answer, 404, "area.unknown")
        assert sign in answer.json()["where"] + answer.json()["detail"]


def test_a_path_without_end_is_refused(server: Server) -> None:
    with server.send(f"GET /{'x' * 200_000}") as client:
        assert client.recv(64).split()[1] in (b"400", b"404", b"414")
    assert_whole(server)


@pytest.mark.parametrize("path", [f"{ITEMS}?limit=4000", f"{TILES}/14/6526/13243"])
@pytest.mark.parametrize("read_bytes", [0, 1000])
def test_who_hangs_up_in_the_middle_takes_nothing_along(server: Server, path: str, read_bytes: int) -> None:
    for _ in range(8):
        client = server.send(f"GET {path}", "Accept-Encoding: identity")
        if read_bytes:
            assert client.recv(read_bytes).startswith(b"HTTP/1.1 200")
        # No farewell: the server's next write meets a reset.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    assert_whole(server)


def test_who_hangs_up_in_the_middle_of_an_export_leaves_no_file(server: Server, tmp_path: Path) -> None:
    client = server.send(f"GET /api/export?area={TOWN}&layers=standalone_buildings&format=geojson")
    assert client.recv(100).startswith(b"HTTP/1.1 200")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    assert_whole(server)
    home = tmp_path.parent
    wait_until(lambda: not list(home.glob("home*/geo-service-attachment-*")))


def test_who_stops_in_the_middle_of_a_request_holds_nothing(server: Server) -> None:
    half_said = [server.connect() for _ in range(40)]
    for client in half_said:
        client.sendall(b"POST /api/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{")
    assert_whole(server)
    for client in half_said:
        client.close()
    assert_whole(server)
