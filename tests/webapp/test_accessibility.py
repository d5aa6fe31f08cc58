"""Pages that people look things up on, held to the rules of accessibility in both languages."""

from __future__ import annotations

import pytest

from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import DESKTOP, PHONE, OpenPage, picture, settle

pytestmark = pytest.mark.browser

TOWN = "990122100000"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/dashboard", f"/?area={TOWN}", "/chief/1"])
def test_a_page_of_the_map_is_accessible(open_page: OpenPage, path: str, size: dict[str, int], language: str):
    page = open_page(f"{path}{'&' if '?' in path else '?'}lang={language}", size=size)
    if path == "/dashboard":
        page.get_by_role("table").first.wait_for()
    else:
        settle(page)
    assert_accessible(page)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/collections", "/collections/zones", "/collections/zones/items", "/conformance"]
)
def test_a_page_of_the_catalogue_is_accessible(open_page: OpenPage, path: str, language: str):
    page = open_page(f"{path}?lang={language}")
    page.get_by_role("heading", level=1).wait_for()
    assert_accessible(page)


def test_the_list_of_plans_is_accessible(open_page: OpenPage):
    page = open_page("/workbench")
    page.get_by_role("link", name="片区方案").first.wait_for()
    picture(page, "plans-zh-desktop")
    assert_accessible(page)
