"""The catalogue of layers in a browser: from a subdistrict to a table, its next page and one feature."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.webapp.conftest import PHONE, OpenPage, picture

pytestmark = pytest.mark.browser

DEMO_TOWN = "990122100000"
ON = "2024-06-30"


def test_from_the_catalogue_to_one_building(open_page: OpenPage) -> None:
    page = open_page("/collections")
    expect(page.get_by_role("heading", level=1)).to_have_text("数据目录")
    town = page.locator("details", has_text=DEMO_TOWN)
    town.locator("summary").click()
    row = town.locator("tr", has=page.get_by_role("link", name="单栋楼院", exact=True))
    picture(page, "catalogue")
    row.get_by_role("link", name="表格").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("单栋楼院")
    page.goto(f"{page.url}&limit=20")
    expect(page.locator("main")).to_contain_text("本页 20 条，共")
    picture(page, "items")
    first = page.locator("tbody td a").first
    code = first.inner_text()
    page.get_by_role("link", name="下一页").first.click()
    expect(page.locator("tbody td a").first).not_to_have_text(code)
    page.get_by_role("link", name="上一页").first.click()
    expect(page.locator("tbody td a").first).to_have_text(code)
    page.locator("tbody td a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Standalone buildings")


def test_pages_fit_a_phone(open_page: OpenPage) -> None:
    for address in ("/collections", "/collections/zones", f"/collections/standalone_buildings/items?on={ON}"):
        page = open_page(address, size=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "24px"
