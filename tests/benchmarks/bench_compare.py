"""Two plans over 20,000 real buildings side by side: the verb, the request, and the page in a real browser.

The two were drawn with different seeds and limits, so that thousands of buildings differ. Prints each time
as a ratio to its limit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import httpx
import numpy as np
from playwright.sync_api import Browser
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.comparing import compare_plans
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.model import LoadRange
from geo_service.store.session import make_engine
from tests.benchmarks.bench_workbench import LEAST_BUILDINGS, chromium
from tests.benchmarks.bunkyo_plan import COUNTY, drawn_plan, run
from tests.serving import serving_apart
from tests.webapp.conftest import DESKTOP

VERB_S, OPEN_S = 1.0, 5.0
PAINTED = """() => ["map-a", "map-b"].every(
  (name) => document.querySelector(`[data-testid=${name}]`)?.dataset.idle === "true")"""


def show(title: str, seconds: list[float], limit_s: float) -> None:
    """One line a figure."""
    p50, worst = np.percentile(seconds, [50, 100])
    ratio = f"{p50 / limit_s:.2f} of {limit_s:.0f} s"
    print(f"{title}: {len(seconds)} times, median {p50:.2f} s, worst {worst:.2f} s, {ratio}")


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Seconds of each time."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


def opened(browser: Browser, address: str) -> float:
    """Seconds until a cold browser has painted both maps and the figures."""
    page = browser.new_context(viewport=DESKTOP, locale="zh-CN").new_page()
    page.set_default_timeout(120_000)
    page.goto(address, wait_until="commit")
    page.wait_for_function(PAINTED)
    page.get_by_test_id("compare-figures").wait_for()
    seconds = page.evaluate("performance.now()") / 1000
    page.context.close()
    return seconds


def other_plan(engine: Engine, plan_id: int) -> int:
    """A plan over the same ground drawn in another way, made unless it is there."""
    with engine.connect() as connection:
        statement = text("SELECT min(id) FROM plan WHERE id > :plan AND name = 'other'")
        found = connection.execute(statement, {"plan": plan_id}).scalar_one()
    if found is None:
        drawn = draw_zones(
            engine, LOCAL_ADMIN, area_code=COUNTY, plan_name="other", limits=LoadRange(250, 600), seed=2,
            budget=20_000,
        )  # fmt: skip
        return drawn.plan_id
    return found


def measure(url: str, given: argparse.Namespace) -> None:
    """Load and draw what is not there yet, then compare."""
    engine = make_engine(url)
    a, areas = drawn_plan(engine, given.data, LEAST_BUILDINGS)
    b = other_plan(engine, a)
    found = compare_plans(engine, LOCAL_ADMIN, plan_a=a, plan_b=b)
    differing, pairs = found["differing"]["buildings"], len(found["zones"])
    print(
        f"{found['a']['figures']['buildings']} buildings in {len(areas)} communities, {pairs} pairs of zones"
    )
    print(f"{differing} buildings differ")
    show("verb", timed(lambda: compare_plans(engine, LOCAL_ADMIN, plan_a=a, plan_b=b), given.times), VERB_S)
    with serving_apart(engine) as address, chromium() as browser:
        path = f"{address}/api/plans/{a}/comparison/{b}?limit=10000"
        with httpx.Client(timeout=60) as client:
            show("request", timed(lambda: client.get(path).raise_for_status(), given.times), VERB_S)
            print(f"answer: {len(client.get(path).content) / 1e6:.1f} MB")
        page = f"{address}/compare?plans={a},{b}"
        show("page", [opened(browser, page) for _ in range(given.times)], OPEN_S)
    engine.dispose()


if __name__ == "__main__":
    run(__doc__, measure, times=5)
