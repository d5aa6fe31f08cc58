"""A page held to the rules of accessibility."""

from __future__ import annotations

from playwright.sync_api import Page

from geo_service.resources import web_build_dir

_AXE = web_build_dir().parent / "node_modules" / "axe-core" / "axe.min.js"


def assert_accessible(page: Page) -> None:
    """What is shown now has no fault that axe-core calls serious or critical."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations)")
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious, serious
