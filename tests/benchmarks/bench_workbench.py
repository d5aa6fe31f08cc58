"""The workbench on a plan of 20,000 real buildings in a real browser: opening it, editing, moving the map.

Prints, each as a ratio to its limit: the cold load until map and figures are painted; the JavaScript that
it loads, compressed, without MapLibre; an edit from the click to the repainted map and figures; and frames
a second while the map is moved, beside those of the same page standing still and with an empty picture.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Response, sync_playwright
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.store.session import make_engine
from tests.benchmarks.bunkyo_plan import drawn_plan, members, run
from tests.serving import serving_apart
from tests.webapp.conftest import CHROMIUM_NAMES, CHROMIUM_OPTIONS, DESKTOP

LEAST_BUILDINGS = 20_000
LOAD_S, SCRIPTS_KB, EDIT_MS, FRAMES = 2.0, 400.0, 150.0, 30.0
MAPLIBRE = "maplibregl"
PAINTED = "() => document.querySelector('[data-testid=work-map]')?.dataset.idle === 'true'"

# From the press of a button to the first frame after the map has settled and the figures have changed.
WATCH = """
window.edits = [];
addEventListener("click", (event) => {
  if (!event.target.closest("button")) return;
  const pressed = performance.now();
  const map = document.querySelector("[data-testid=work-map]");
  let left = false;
  const look = () => {
    left ||= map.dataset.idle === "false";
    if (left && map.dataset.idle === "true") {
      requestAnimationFrame(() => edits.push(performance.now() - pressed));
    } else if (performance.now() - pressed < 5000) setTimeout(look, 1);
  };
  look();
}, true);
"""
# Frames drawn to their end, not only asked for: the renderer is another process, and may fall behind.
CONTEXT = """
const plain = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...given) {
  const context = plain.call(this, kind, ...given);
  if (kind === "webgl2") window.gl = context;
  return context;
};
"""
# A map without anything on it: what no map of that size can be faster than in this renderer.
EMPTY = """() => {
  const map = document.querySelector("[data-testid=work-map] canvas");
  const { width, height } = map;
  const canvas = Object.assign(document.createElement("canvas"), { width, height, className: map.className });
  map.replaceWith(canvas);
  canvas.getContext("webgl2");
  let frame = 0;
  const draw = () => {
    gl.clearColor((frame++ % 256) / 256, 0.5, 0.5, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    requestAnimationFrame(draw);
  };
  draw();
}"""
FRAMES_OF = """async (moves) => {
  const ended = [];
  const waiting = [];
  const canvas = document.querySelector("[data-testid=work-map] canvas");
  let going = true;
  const ask = () => {
    waiting.push(gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0));
    gl.flush();
    if (going) requestAnimationFrame(ask);
  };
  const look = setInterval(() => {
    while (waiting.length > 0 && gl.getSyncParameter(waiting[0], gl.SYNC_STATUS) === gl.SIGNALED) {
      gl.deleteSync(waiting.shift());
      ended.push(performance.now());
    }
  }, 2);
  requestAnimationFrame(ask);
  if (moves) canvas.focus();
  const until = performance.now() + 4000;
  while (performance.now() < until) {
    const key = Math.floor((until - performance.now()) / 500) % 2 ? "ArrowLeft" : "ArrowRight";
    if (moves) canvas.dispatchEvent(
      new KeyboardEvent("keydown", { key, keyCode: key === "ArrowLeft" ? 37 : 39, bubbles: true }));
    await new Promise((done) => setTimeout(done, 120));
  }
  going = false;
  clearInterval(look);
  const gaps = ended.slice(1).map((now, place) => now - ended[place]).sort((a, b) => a - b);
  return { frames: ended.length / 4, slowest: gaps[Math.floor(gaps.length * 0.95)] };
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the tests."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


def opened(browser: Browser, address: str, path: str) -> tuple[Page, float, list[Response]]:
    """A page in a fresh profile; seconds until all is painted, and what it loaded."""
    page = browser.new_context(viewport=DESKTOP, locale="zh-CN").new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH)
    page.add_init_script(CONTEXT)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # Playwright marks its listeners
    page.goto(address + path, wait_until="commit")
    page.wait_for_function(PAINTED)
    return page, page.evaluate("performance.now()") / 1000, answers


def scripts_kb(answers: list[Response]) -> float:
    """Compressed JavaScript without MapLibre's own file."""
    bodies = [answer.body() for answer in answers if answer.url.endswith(".js")]
    return sum(len(gzip.compress(body)) for body in bodies if MAPLIBRE.encode() not in body) / 1000


def median(values: list[float]) -> float:
    """Their middle."""
    return float(np.percentile(values, 50))


def load(browser: Browser, address: str, path: str, times: int) -> None:
    """Print how long a cold browser takes."""
    seconds = []
    for _ in range(times):
        page, taken, answers = opened(browser, address, path)
        seconds.append(taken)
        scripts = scripts_kb(answers)
        page.context.close()
    print(
        f"cold load: {times} times, median {median(seconds):.2f} s, worst {max(seconds):.2f} s,"
        f" {median(seconds) / LOAD_S:.2f} of {LOAD_S:.0f} s"
    )
    share = scripts / SCRIPTS_KB
    print(f"JavaScript without MapLibre: {scripts:.0f} kB gzip, {share:.2f} of {SCRIPTS_KB:.0f} kB")


def edits(browser: Browser, address: str, engine: Engine, plan_id: int, times: int) -> None:
    """Print how long edits take: buildings put into the neighbouring zone, taken back, done again."""
    zones = members(engine, plan_id)
    taken: list[float] = []
    codes = sorted(zones)
    pairs = [(one, other) for one, other in pairwise(codes) if one[:-3] == other[:-3]]
    step = max(1, len(pairs) // times)
    for giver, taker in pairs[::step][:times]:
        page, _, _ = opened(browser, address, f"/workbench?plan={plan_id}&zone={giver}")
        page.locator("[data-testid=work-buildings] summary").click()
        for code in zones[giver][:3]:
            page.locator(f'[data-building="{code}"]').check()
        page.locator(f'[data-zone="{taker}"] button').click()
        page.wait_for_timeout(900)
        page.wait_for_function(PAINTED)
        for name in ("^划入", "^撤销$", "^重做$", "^撤销$"):
            before = page.evaluate("edits.length")
            with page.expect_response(lambda answer: answer.request.method == "POST"):
                page.get_by_role("button", name=re.compile(name)).click()
            page.wait_for_function("(before) => edits.length > before", arg=before)
            taken.append(page.evaluate("edits.at(-1)"))
            page.wait_for_timeout(100)
        page.context.close()
    p50, p95 = np.percentile(taken, [50, 95])
    print(
        f"edit, click to paint: {len(taken)} times, median {p50:.0f} ms, p95 {p95:.0f} ms,"
        f" {p95 / EDIT_MS:.2f} of {EDIT_MS:.0f} ms"
    )


def panning(browser: Browser, address: str, path: str) -> None:
    """Print frames a second while the map moves, and while nothing does."""
    page, _, _ = opened(browser, address, path)
    page.evaluate(FRAMES_OF, False)
    still: dict[str, Any] = page.evaluate(FRAMES_OF, False)
    moving: dict[str, Any] = page.evaluate(FRAMES_OF, True)
    page.evaluate(EMPTY)
    empty: dict[str, Any] = page.evaluate(FRAMES_OF, False)
    print(
        f"panning: {moving['frames']:.0f} frames/s, 95 % of frames within {moving['slowest']:.0f} ms,"
        f" {FRAMES / max(moving['frames'], 0.1):.2f} of the {FRAMES:.0f} that are wanted;"
        f" a page that stands still has {still['frames']:.0f},"
        f" one with an empty picture in the map's place {empty['frames']:.0f}"
    )
    page.context.close()


def measure(url: str, given: argparse.Namespace) -> None:
    """Load and draw what is not there yet, then work on a copy."""
    engine = make_engine(url)
    drawn, _ = drawn_plan(engine, given.data, LEAST_BUILDINGS)
    plan_id = copy_plan(engine, LOCAL_ADMIN, plan_id=drawn)["plan_id"]
    with engine.connect() as connection:
        counted = text("SELECT count(*) FROM zone_member WHERE plan_id = :plan")
        buildings = connection.execute(counted, {"plan": plan_id}).scalar_one()
    print(f"a plan of {buildings} buildings")
    path = f"/workbench?plan={plan_id}"
    with serving_apart(engine) as address, chromium() as browser:
        load(browser, address, path, given.loads)
        edits(browser, address, engine, plan_id, given.edits)
        panning(browser, address, path)
    engine.dispose()


if __name__ == "__main__":
    run(__doc__, measure, edits=12, loads=5)
