"""Tiles and items a second: ours, tipg's, and what PostgreSQL alone gives for the same statement."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from urllib.request import urlopen

import psycopg2

from geo_service.publish.load import load_layers
from geo_service.publish.statements import LayerRequest
from geo_service.publish.tiles import tile_statement
from geo_service.store.session import in_driver_style, make_engine
from tests.benchmarks.layers.servers import CONNECTIONS, SECONDS, requests_a_second, serving
from tests.benchmarks.layers.world import ATTRIBUTES, LAYER, World

CHECKOUT = Path(__file__).parents[3]
PEERS_PYTHON = CHECKOUT / ".setup" / "layer-peers" / "bin" / "python"

ROUNDS = 3
PAGE = 1000
TILES_A_ZOOM = 100
# A map at rest asks for tiles of one zoom, one that is zoomed for those of several: as many of each.
MIXED_ZOOMS = (13, 14, 15, 16)

# By itself tipg shows the first geometry, which it transforms; here it is told of the column that we store.
LENT = "&geom-column=geom_3857"

Tile = tuple[int, int, int]

# Those that hold buildings, in an order that no neighbour gains by.
_TILES = """
SELECT x, y FROM (
    SELECT DISTINCT floor((ST_X(c) / 40075016.68557849 + 0.5) * 2 ^ %(z)s)::int AS x,
           floor((0.5 - ST_Y(c) / 40075016.68557849) * 2 ^ %(z)s)::int AS y
    FROM (SELECT ST_Centroid(geom_3857) AS c FROM building) AS b
) AS tile
ORDER BY md5(x || '/' || y) LIMIT %(most)s"""


def tile_ratios(world: World) -> Iterator[tuple[str, float, str]]:
    """Name, ratio and the figures behind it, one by one."""
    by_zoom = {z: _tiles(world.connection, z, TILES_A_ZOOM) for z in MIXED_ZOOMS}
    mixed = [
        tile for group in zip(*(_repeated(by_zoom[z]) for z in MIXED_ZOOMS), strict=True) for tile in group
    ]
    with _ours(world, tile_cache_mb=0) as ours, _tipg(world) as tipg:
        for name, tiles in (("z16", by_zoom[16]), ("z14", by_zoom[14]), ("mix", mixed)):
            our, theirs, lent = _in_turns(
                lambda tiles=tiles: requests_a_second(ours, [_our_tile(tile) for tile in tiles]),
                lambda tiles=tiles: requests_a_second(tipg, [_tipg_tile(tile) for tile in tiles]),
                lambda tiles=tiles: requests_a_second(tipg, [_tipg_tile(tile) + LENT for tile in tiles]),
            )
            yield f"tiles_{name}_vs_tipg", *_ratio((our, theirs), "ours", "tipg")
            yield f"tiles_{name}_vs_tipg_lent_3857", *_ratio((our, lent), "ours", "tipg")
        rates = _in_turns(
            lambda: requests_a_second(ours, [_our_tile(tile) for tile in by_zoom[16]]),
            lambda: _pgbench(world, by_zoom[16]),
        )
        yield "tiles_z16_vs_pgbench", *_ratio(rates, "ours", "pgbench")
        yield from _item_ratios(world, ours, tipg)
    with _ours(world, tile_cache_mb=256) as ours:
        paths = [_our_tile(tile) for tile in by_zoom[16]]
        with urlopen(ours + paths[0]) as answer:
            tag = answer.headers["ETag"]
        for name, asked, headers in (("hits", paths, {}), ("304s", paths[:1], {"If-None-Match": tag})):
            rates = _in_turns(
                lambda asked=asked, headers=headers: requests_a_second(ours, asked, headers=headers),
                lambda: requests_a_second(ours, ["/empty"]),
            )
            yield f"cache_{name}_vs_empty", *_ratio(rates, name, "empty")


def _item_ratios(world: World, ours: str, tipg: str) -> Iterator[tuple[str, float, str]]:
    our_page = f"/collections/{LAYER}/items?limit={PAGE}"
    tipg_page = f"/collections/public.building/items?limit={PAGE}&properties={','.join(ATTRIBUTES)}"
    rates = _in_turns(
        lambda: requests_a_second(ours, [our_page]), lambda: requests_a_second(tipg, [tipg_page])
    )
    yield "items_vs_tipg", *_ratio(rates, "ours", "tipg")
    with world.connection.cursor() as cursor:
        cursor.execute("SELECT code FROM building ORDER BY code DESC OFFSET %s LIMIT 1", (PAGE,))
        before_last = cursor.fetchone()[0]
    seconds = _in_turns(
        lambda: _seconds(ours + our_page + f"&after={before_last}"), lambda: _seconds(ours + our_page)
    )
    yield "items_last_page_vs_first", *_ratio(seconds, "last", "first", "s")


def _repeated(tiles: Sequence[Tile]) -> list[Tile]:
    return [tiles[place % len(tiles)] for place in range(TILES_A_ZOOM)]


def _tiles(connection: psycopg2.extensions.connection, z: int, most: int) -> list[Tile]:
    with connection.cursor() as cursor:
        cursor.execute(_TILES, {"z": z, "most": most})
        return [(z, x, y) for x, y in cursor.fetchall()]


def _our_tile(tile: Tile) -> str:
    z, x, y = tile
    return f"/collections/{LAYER}/tiles/WebMercatorQuad/{z}/{y}/{x}"


def _tipg_tile(tile: Tile) -> str:
    path = "/collections/public.building/tiles/WebMercatorQuad/{}/{}/{}".format(*tile)
    return f"{path}?properties={','.join(ATTRIBUTES)}"


@contextmanager
def _ours(world: World, *, tile_cache_mb: int) -> Iterator[str]:
    environment = {
        "DATABASE_URL": world.url,
        "GEO_SERVICE_LAYERS": str(world.layers),
        "GEO_SERVICE_TILE_CACHE_MB": str(tile_cache_mb),
    }
    module = "tests.benchmarks.layers.application:application"
    command = [sys.executable, "-m", "uvicorn", "--factory", module]
    with serving([*command, "--port", "{port}", "--log-level", "warning"], environment, "/empty") as address:
        yield address


@contextmanager
def _tipg(world: World) -> Iterator[str]:
    parameters = world.connection.get_dsn_parameters()
    environment = {
        "BENCH_DATABASE": f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}",
        "TIPG_DB_SCHEMAS": json.dumps(["public"]),
        "TIPG_DB_TABLES": json.dumps(["public.building"]),
    }
    command = [
        str(PEERS_PYTHON),
        "-m",
        "uvicorn",
        "tipg_on_socket:app",
        "--app-dir",
        str(Path(__file__).parent),
    ]
    with serving(
        [*command, "--port", "{port}", "--log-level", "warning"], environment, "/healthz"
    ) as address:
        yield address


def _pgbench(world: World, tiles: Sequence[Tile]) -> float:
    """Transactions a second of the same statements, as the owner and without any server of ours."""
    layer = load_layers(world.layers).get(LAYER)
    engine = make_engine(world.url)
    parameters = world.connection.get_dsn_parameters()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stack.callback(engine.dispose)
        cursor = stack.enter_context(world.connection.cursor())
        scripts: list[str] = []
        for place, tile in enumerate(tiles):
            statement = tile_statement(layer, LayerRequest(date.today()), *tile)
            script = Path(folder) / f"{place}.sql"
            script.write_bytes(
                cursor.mogrify(in_driver_style(statement.text, engine.dialect), statement.values) + b";\n"
            )
            scripts += ["-f", str(script)]
        command = ["pgbench", "-n", "-c", str(CONNECTIONS), "-j", "1", "-T", str(SECONDS), *scripts]
        place = ["-h", parameters["host"], "-U", parameters["user"], parameters["dbname"]]
        said = subprocess.run([*command, *place], check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


def _seconds(address: str, times: int = 15) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        with urlopen(address) as answer:
            answer.read()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _in_turns(*measured) -> list[list[float]]:
    """Each measured once a round, so that a busy moment meets both."""
    found: list[list[float]] = [[] for _ in measured]
    for _ in range(ROUNDS):
        for place, measure in enumerate(measured):
            found[place].append(measure())
    return found


def _ratio(found: list[list[float]], first: str, second: str, unit: str = "/s") -> tuple[float, str]:
    medians = [statistics.median(each) for each in found]
    said = ", ".join(
        f"{name} {value:.4g} {unit}" for name, value in zip((first, second), medians, strict=True)
    )
    return medians[0] / medians[1], said
