"""The real server on the demo county, and a real browser before it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.demo.run import run_demo
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.resources import web_build_dir
from tests.serving import serving
from tests.webapp.workbench import GUILING, PUBLISHED

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).parents[2] / "test-results"
SECRET = "a secret of the browser tests, long enough"
DESKTOP = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
# A software renderer on a busy machine takes its time; what never comes still fails.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Page]
Members = Callable[[], dict[str, frozenset[str]]]


def missing(what: str) -> None:
    """Skip on a developer's machine, fail where everything is meant to be there."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        missing("no Chromium is installed (apt-get install chromium)")
    if not (web_build_dir() / "index.html").is_file():
        missing("the web build is missing: make setup")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def county(browser: Browser, session_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The demo county, taken down the whole path; the tests only read it."""
    run_demo(session_engine, LOCAL_ADMIN, out=tmp_path_factory.mktemp("demo"))
    return session_engine


@pytest.fixture(scope="session")
def server(county: Engine) -> Iterator[str]:
    """The demo county's server, open to this machine without tokens."""
    with serving(county) as address:
        yield address


class Watched:
    """What a page did that no page of ours may do: speak to another host, complain, crash."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: list[Request] = []
        self.complaints: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything in ``context``, workers included."""
        context.on("request", lambda request: self.requests.append(request))  # Playwright marks its listeners
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda failure: self.complaints.append(str(failure.error)))

    @property
    def foreign(self) -> list[str]:
        """Addresses of requests to anywhere but our server; blob: and data: stay within the browser."""
        kept = (f"{self.origin}/", "blob:", "data:")
        return [request.url for request in self.requests if not request.url.startswith(kept)]

    def _note(self, kind: str, words: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {words}")


@pytest.fixture
def watched(server: str) -> Watched:
    """Filled by ``open_page``; ``complaints`` a test provokes itself it clears."""
    return Watched(server)


@pytest.fixture
def open_page(browser: Browser, server: str, watched: Watched) -> Iterator[OpenPage]:
    """Open a path of the server in a fresh browser profile; afterwards hold the page to the house rules."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, *, size: dict[str, int] = DESKTOP, origin: str = server) -> Page:
        watched.origin = origin
        context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        watched.watch(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(origin + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.foreign == []
    assert watched.complaints == []


SETTLED = """() => document.querySelector(".map-canvas")?.dataset.idle === "true"
                   && (location.pathname !== "/" || location.search.includes("map="))"""


def settle(page: Page) -> None:
    """Wait until the map looks somewhere and has drawn all it has to draw there."""
    page.wait_for_function(SETTLED)


def picture(page: Page, name: str) -> None:
    """Keep a screenshot for people to look at."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture(scope="session")
def ask(county: Engine) -> Callable[..., list[tuple]]:
    """Rows of a SQL question to the database itself, past our own code."""

    def ask(question: str, **values: object) -> list[tuple]:
        with county.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    return ask


@pytest.fixture(scope="module")
def demo(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The demo county of a module's own, to write to."""
    run_demo(module_engine, LOCAL_ADMIN, out=tmp_path_factory.mktemp("demo"))
    return module_engine


@pytest.fixture(scope="module")
def address(demo: Engine) -> Iterator[str]:
    """Its server."""
    with serving(demo) as address:
        yield address


@pytest.fixture
def plan(demo: Engine) -> int:
    """A draft of one test alone, with the zones of the demo's published plan."""
    return copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED)["plan_id"]


@pytest.fixture
def members(demo: Engine, plan: int) -> Members:
    """The buildings of each zone of the draft in Guiling, as the database holds them."""

    def members() -> dict[str, frozenset[str]]:
        with demo.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT z.code, array_agg(m.building_code)"
                    " FROM zone z JOIN zone_member m ON m.zone_id = z.id"
                    " WHERE z.plan_id = :plan AND z.community_code = :community GROUP BY z.code"
                ),
                {"plan": plan, "community": GUILING},
            )
            return {code: frozenset(codes) for code, codes in rows}

    return members
