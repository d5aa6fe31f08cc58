"""Two planners on one draft: each sees the other's edits, and a lost connection ends in the truth."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.pipeline.editing import edit_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.reviewing import hand_in
from geo_service.planning.editing import read_order
from tests.serving import serving
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import Members, OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, GUILING, PUBLISHED, SECOND, THIRD, drawn, press, row

pytestmark = pytest.mark.browser

expect.set_options(timeout=30_000)
COLLEAGUE = Actor("规划员甲", Role.PLANNER, "*")


@pytest.fixture
def plan(demo: Engine) -> int:
    return copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED, area_code=GUILING)["plan_id"]


def opened(open_page: OpenPage, address: str, plan: int, language: str = "zh") -> Page:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}&lang={language}", origin=address)
    drawn(page)
    return page


def order(demo: Engine, plan: int, **said: object) -> None:
    edit_plan(demo, COLLEAGUE, plan_id=plan, order=read_order(said))


def shows(page: Page, held: dict[str, frozenset[str]]) -> None:
    """The page lists the zones that the database holds, each with as many buildings."""
    expect(page.locator("[data-zone]")).to_have_count(len(held))
    for zone, buildings in held.items():
        expect(row(page, zone)).to_contain_text(f"{len(buildings)} 栋")


def test_each_sees_what_the_other_does(
    open_page: OpenPage, address: str, plan: int, members: Members
) -> None:
    one, other = opened(open_page, address, plan), opened(open_page, address, plan)
    before = members()
    press(one, "自动拆分")
    split = members()
    assert split.keys() == before.keys() | {THIRD}
    shows(one, split)
    shows(other, split)
    expect(other.get_by_test_id("live")).to_contain_text("由求解器将第1片区分成 2 个")
    expect(one.get_by_test_id("live")).to_be_empty()  # one's own edits do not echo
    picture(other, "live-told-zh-desktop")

    press(other, "撤销")  # over the revision that it was told of: no race is lost
    assert members() == before
    shows(other, before)
    shows(one, before)
    expect(one.get_by_test_id("live")).to_contain_text("撤销")
    one.get_by_role("button", name="知道了").click()
    expect(one.get_by_test_id("live")).to_be_empty()


def test_a_selection_is_kept_while_another_edits(
    open_page: OpenPage, address: str, demo: Engine, plan: int, members: Members
) -> None:
    page = opened(open_page, address, plan)
    listed = page.get_by_test_id("work-buildings")
    listed.locator("summary").click()
    listed.get_by_role("checkbox").nth(1).click()  # after the one for all
    expect(page.get_by_test_id("selection")).to_contain_text("已选 1 栋")
    order(demo, plan, kind="rename", zone=SECOND, name="桂岭二片")
    expect(row(page, SECOND)).to_contain_text("桂岭二片")
    order(demo, plan, kind="merge", zones=[FIRST, SECOND], into=SECOND)
    expect(row(page, FIRST)).to_have_count(0)
    shows(page, members())
    expect(page.get_by_test_id("selection")).to_contain_text("已选 1 栋")
    expect(page.get_by_test_id("live")).to_contain_text("规划员甲")


def test_a_plan_that_is_handed_in_by_another_cannot_be_edited_any_longer(
    open_page: OpenPage, address: str, demo: Engine, plan: int, watched: Watched
) -> None:
    page = opened(open_page, address, plan)
    hand_in(demo, COLLEAGUE, plan_id=plan)
    expect(page.get_by_text("本方案审核中，不能修改")).to_be_visible()
    expect(page.get_by_role("button", name="自动拆分")).to_have_count(0)
    expect(page.get_by_test_id("live")).to_contain_text("规划员甲")
    assert ["409" in words for words in watched.complaints] == [True]  # the plan was opened anew
    watched.complaints.clear()


@pytest.mark.parametrize("arrives", [True, False])
def test_an_edit_whose_answer_is_lost_is_settled_when_the_server_is_back(
    open_page: OpenPage, demo: Engine, plan: int, members: Members, watched: Watched, arrives: bool
) -> None:
    before = members()
    first = serving(demo)
    address = first.__enter__()
    stopped = []

    def cut(route: Route) -> None:
        """The server goes down in mid-edit: before the order arrives, or before its answer does."""
        if arrives:
            route.fetch()
        first.__exit__(None, None, None)
        stopped.append(True)
        route.abort("connectionreset")

    try:
        page = opened(open_page, address, plan)
        page.route("**/edits", cut)
        page.get_by_role("button", name="自动拆分").click()
        expect(page.get_by_role("alert")).to_contain_text("刚才的操作可能已保存，也可能没有")
        picture(page, "live-unanswered-zh-desktop")
        page.unroute("**/edits")
        assert members().keys() == ({FIRST, SECOND, THIRD} if arrives else {FIRST, SECOND})
    finally:
        if not stopped:
            first.__exit__(None, None, None)
    with serving(demo, port=urlsplit(address).port):
        told = page.get_by_test_id("live")
        expect(told).to_contain_text("以您的名义已保存" if arrives else "刚才的操作没有保存")
        expect(page.get_by_role("alert")).to_have_count(0)
        picture(page, f"live-settled-{arrives}-zh-desktop")
        shows(page, members())
        if not arrives:
            assert members() == before
            press(page, "自动拆分")  # and it goes on
            assert members().keys() == {FIRST, SECOND, THIRD}
            shows(page, members())
        order(demo, plan, kind="rename", zone=SECOND, name="桂岭二片")
        expect(row(page, SECOND)).to_contain_text("桂岭二片")
        page.close()
    lost = re.compile("ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|ERR_SOCKET|ERR_NETWORK")
    assert all(lost.search(words) for words in watched.complaints), watched.complaints
    watched.complaints.clear()


def test_a_reload_in_mid_edit_shows_what_was_saved_and_it_is_undone(
    open_page: OpenPage, address: str, plan: int, members: Members
) -> None:
    before = members()
    page = opened(open_page, address, plan)
    saved: list[Route] = []

    def unanswered(route: Route) -> None:
        route.fetch()
        saved.append(route)

    page.route("**/edits", unanswered, times=1)
    page.get_by_role("button", name="自动拆分").click()
    while not saved:
        page.wait_for_timeout(50)
    page.reload()
    drawn(page)
    split = members()
    assert split.keys() == {FIRST, SECOND, THIRD}
    shows(page, split)
    press(page, "撤销")
    assert members() == before
    shows(page, before)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_told_is_accessible(
    open_page: OpenPage, address: str, demo: Engine, plan: int, language: str
) -> None:
    page = opened(open_page, address, plan, language)
    order(demo, plan, kind="lock", zones=[SECOND])
    expect(page.get_by_test_id("live")).to_contain_text("规划员甲")
    picture(page, f"live-{language}-desktop")
    assert_accessible(page)
