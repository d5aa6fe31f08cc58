"""What each page loads before it can be used: JavaScript, compressed, MapLibre aside."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from geo_service.resources import web_build_dir
from tests.webapp.conftest import missing

MOST_BYTES = 400_000
STATIC_IMPORT = re.compile(r"""(?:import|from)\s*["']\./([\w.-]+\.js)["']""")
MAPLIBRE = "maplibre-"
CHARTS = "MilestoneChart-"


@pytest.fixture(scope="module")
def assets() -> Path:
    if not (web_build_dir() / "index.html").is_file():
        missing("the web build is missing: make setup")
    return web_build_dir() / "assets"


PAGES = ["MapPage", "DashboardPage", "WorkbenchPage", "ComparePage", "ImportPage", "ChiefPage"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_no_more_than_it_must(assets: Path, page: str):
    loaded = scripts(assets, page)
    assert any(name.startswith("index-") for name in loaded), "the entry is not found"
    weighed = {name: len(gzip.compress((assets / name).read_bytes())) for name in loaded}
    ours = sum(size for name, size in weighed.items() if not name.startswith(MAPLIBRE))
    print(f"{page}: {ours / 1000:.0f} kB of {MOST_BYTES / 1000:.0f} kB")
    assert ours < MOST_BYTES, weighed
    assert not any(name.startswith(CHARTS) for name in loaded), "charts are loaded where they are shown"


def scripts(assets: Path, page: str) -> set[str]:
    """The scripts that the entry, the start and the page's own with its map import at once, and theirs."""
    (own,) = (path.name for path in assets.glob(f"{page}-*.js"))
    parts = [own, *(path.name for each in ("start", "WorkCanvas") for path in assets.glob(f"{each}-*.js"))]
    entry = re.findall(r"assets/(index-[\w-]+\.js)", (assets.parent / "index.html").read_text("utf-8"))
    waiting, found = [*parts, *entry], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += STATIC_IMPORT.findall((assets / name).read_text("utf-8"))
    return found
