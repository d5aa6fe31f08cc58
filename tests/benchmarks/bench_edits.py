"""An edit of a plan of 20,000 real buildings: the server's part, from the request read to the answer written.

Prints percentiles over clicks, brush strokes, merges, renamings, undos and redos as a ratio to the limit, in
milliseconds of the verb alone and of the whole request over a socket of a running server. First in zones of a
hundred buildings, which is how many of Bunkyo's have 200 to 500 households; then in zones of ten, which is
how many have 300 to 500 where a standalone building has 20 to 60, as the plans' districts count them.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import shapely
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.editing import edit_plan, redo_edit, undo_edit
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.editing import read_order
from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.store.session import make_engine
from tests.benchmarks.bunkyo_plan import COUNTY, drawn_plan, members, run
from tests.serving import serving_apart

LEAST_BUILDINGS = 20_000
LIMIT_MS = 30.0


def orders(zones: dict[str, list[str]], areas: list[ZoningArea], count: int) -> Iterator[dict[str, Any]]:
    """What a planner does: buildings at a border change zone, one or a dozen at a time, and are put back."""
    place = {
        str(code): tuple(point)
        for area in areas
        for code, point in zip(
            area.building_codes, shapely.get_coordinates(shapely.centroid(area.footprints)), strict=True
        )
    }
    random.seed(1)
    pairs = [(one, other) for one in zones for other in zones if one != other and one[:-3] == other[:-3]]
    for number in range(count):
        giver, taker = random.choice(pairs)
        middle = np.mean([place[code] for code in zones[taker]], axis=0)
        nearest = sorted(zones[giver], key=lambda code: float(np.hypot(*(np.array(place[code]) - middle))))
        stroke = nearest[: 1 if number % 2 else 12]
        yield {"kind": "assign", "zone": taker, "buildings": stroke}
        yield {"kind": "undo"}
        yield {"kind": "redo"}
        yield {"kind": "undo"}
        if number % 4 == 0:
            yield {"kind": "merge", "zones": [giver, taker]}
            yield {"kind": "undo"}
        if number % 4 == 1:
            yield {"kind": "rename", "zone": giver, "name": "新名"}
            yield {"kind": "undo"}


def timed(said: Iterator[dict[str, Any]], act: Callable[[dict[str, Any]], None]) -> dict[str, list[float]]:
    """Milliseconds of each kind of order."""
    taken: dict[str, list[float]] = defaultdict(list)
    for order in said:
        start = time.perf_counter()
        act(order)
        name = order["kind"]
        if name == "assign":
            name = "click" if len(order["buildings"]) == 1 else "brush"
        taken[name].append(1000 * (time.perf_counter() - start))
    return taken


def show(title: str, taken: dict[str, list[float]]) -> None:
    """One line a kind."""
    everything = [each for times in taken.values() for each in times]
    for name, times in [*taken.items(), ("all", everything)]:
        p50, p95 = np.percentile(times, [50, 95])
        print(
            f"{title} {name}: {len(times)} times, median {p50:.1f} ms, p95 {p95:.1f} ms,"
            f" {p95 / LIMIT_MS:.2f} of {LIMIT_MS:.0f} ms"
        )


def measure(url: str, given: argparse.Namespace) -> None:
    """Load and draw what is not there yet, then edit."""
    engine = make_engine(url)
    plan_id, areas = drawn_plan(engine, given.data, LEAST_BUILDINGS)
    measure_plan(engine, plan_id, areas, given)
    with engine.begin() as connection:
        connection.execute(text("UPDATE building SET household_count = 20 + abs(hashtext(code)) % 41"))
    drawn = draw_zones(engine, LOCAL_ADMIN, area_code=COUNTY, limits=LoadRange(300, 500))
    measure_plan(engine, drawn.plan_id, areas, given)
    engine.dispose()


def measure_plan(engine: Engine, plan_id: int, areas: list[ZoningArea], given: argparse.Namespace) -> None:
    """Edit one plan, by the verbs and by requests."""
    zones = members(engine, plan_id)
    buildings = sum(map(len, zones.values()))
    print(f"a plan of {buildings} buildings in {len(zones)} zones of {len(areas)} communities")

    def act(order: dict[str, Any]) -> None:
        if order["kind"] == "undo":
            undo_edit(engine, LOCAL_ADMIN, plan_id=plan_id)
        elif order["kind"] == "redo":
            redo_edit(engine, LOCAL_ADMIN, plan_id=plan_id)
        else:
            edit_plan(engine, LOCAL_ADMIN, plan_id=plan_id, order=read_order(order))

    # the first edit of a community surveys its ground
    first = timed(({"kind": kind, "zones": [zone]} for zone in zones for kind in ("lock", "unlock")), act)
    show("first and second of each zone:", first)
    show("verb:", timed(orders(zones, areas, given.edits), act))
    with (
        serving_apart(engine) as address,
        httpx.Client(base_url=address, headers={"If-Match": "*"}) as client,
    ):

        def ask(order: dict[str, Any]) -> None:
            kind = order["kind"]
            path = kind if kind in ("undo", "redo") else "edits"
            answer = client.post(f"/api/plans/{plan_id}/{path}", json=order if path == "edits" else None)
            assert answer.status_code == 200, answer.text

        timed(({"kind": kind, "zones": [zone]} for zone in zones for kind in ("lock", "unlock")), ask)
        show("request:", timed(orders(zones, areas, given.edits), ask))


if __name__ == "__main__":
    run(__doc__, measure, edits=60)
