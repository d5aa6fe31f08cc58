"""The curve of plan and actual, and who stands where, on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.webapp.conftest import picture, settle

pytestmark = pytest.mark.browser

TOWN = "990122100000"


def progress(page: Page, tab: str) -> None:
    settle(page)
    page.get_by_role("tab", name=tab).click()


def ranked(page: Page) -> list[list[str]]:
    """Place, name and status of each row."""
    rows = page.get_by_role("tabpanel").locator("tbody tr").all()
    return [[row.locator("td, th").nth(place).inner_text() for place in (0, 1, 4)] for row in rows]


def test_in_september_the_page_foresees_that_october_is_missed(open_page):
    """Scenario D-A: 155 are covered; at the pace since June 183 will be, and 184 are asked for."""
    page = open_page(f"/?area={TOWN}&on=2024-09-30")
    progress(page, "进度")

    expect(page.get_by_test_id("flag")).to_have_text("预计误期")
    expect(page.get_by_test_id("outlook")).to_have_text(
        "距 2024-10-31 节点还差 29 个；按现在的速度，届时累计 183 个"
    )
    chart = page.get_by_role("img", name="方案要求与实际进度曲线")
    expect(chart.locator("svg")).to_be_visible()
    for line in ("方案要求", "实际", "按现速预计"):
        expect(chart.locator("svg text", has_text=line).first).to_be_visible()
    picture(page, "progress-zh-desktop")


def test_communities_of_june_are_ranked_and_the_fifth_is_flagged(open_page, ask):
    page = open_page(f"/?area={TOWN}&on=2024-06-30&lang=en")
    progress(page, "Progress")

    expect(page.get_by_test_id("flag")).to_have_text("at risk")
    names = dict(ask("SELECT right(code, 1), coalesce(name_en, name) FROM area WHERE kind = 'community'"))
    rows = ranked(page)
    assert [(place, name) for place, name, _ in rows] == [
        ("1", names["1"]), ("2", names["3"]), ("3", names["4"]), ("4", names["2"]), ("5", names["5"]),
    ]  # fmt: skip
    assert [status == "missed" for _, _, status in rows] == [False, False, False, False, True]
    picture(page, "progress-en-desktop")


def test_an_area_opens_from_the_ranking(open_page):
    page = open_page(f"/?area={TOWN}&on=2024-10-31")
    progress(page, "进度")
    expect(page.get_by_test_id("flag")).to_have_text("未达节点")
    page.get_by_role("tabpanel").get_by_role("button", name="柳汀社区").click()
    expect(page.get_by_role("tabpanel").locator("tbody tr")).to_have_count(1)
    assert "area=990122100001" in page.url
