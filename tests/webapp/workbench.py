"""What tests do on the workbench, and the zones of the demo county that they do it to."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Locator, Page

from geo_service.deployment import today

PUBLISHED = 1
GUILING = "990122100003"
FIRST, SECOND, THIRD = (f"{GUILING}{number:03d}" for number in (1, 2, 3))


def tomorrow() -> date:
    """By the county's calendar, which is the page's."""
    return today() + timedelta(days=1)


def drawn(page: Page) -> None:
    """Wait until the map has drawn all it has to draw."""
    page.locator('[data-testid="work-map"][data-idle="true"]').wait_for()


def press(page: Page, name: str) -> None:
    """Press a button that asks for a change, and wait for the answer."""
    with page.expect_response(lambda answer: "/api/plans/" in answer.url and answer.request.method != "GET"):
        page.get_by_role("button", name=name, exact=True).click()


def row(page: Page, zone: str) -> Locator:
    """The line of a zone in the table."""
    return page.locator(f'[data-zone="{zone}"]')
