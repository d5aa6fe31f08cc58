"""The workbench: a planner edits a draft by hand, and the database holds what the page shows."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.editing import edit_plan
from geo_service.planning.editing import read_order
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import Members, OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, PUBLISHED, SECOND, THIRD, drawn, press, row

pytestmark = pytest.mark.browser


@pytest.fixture
def workbench(open_page: OpenPage, address: str, plan: int) -> Page:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}", origin=address)
    drawn(page)
    return page


def lasso_zone(page: Page, zone: str) -> None:
    """Draw round the whole of a zone, which the table brings to the middle of the map."""
    row(page, zone).get_by_role("button").click()
    page.wait_for_timeout(700)  # the map flies there
    page.keyboard.press("l")
    box = page.get_by_test_id("work-map").bounding_box()
    left, top = box["x"] + 6, box["y"] + 58
    right, bottom = box["x"] + box["width"] - 60, box["y"] + box["height"] - 6
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 20)):
        page.mouse.move(x, y, steps=12)
    page.mouse.up()


def test_a_zone_is_split_merged_and_all_of_it_is_undone_and_redone(
    workbench: Page, members: Members, plan: int, address: str
) -> None:
    before = members()
    assert before.keys() == {FIRST, SECOND}
    press(workbench, "自动拆分")
    expect(row(workbench, THIRD)).to_be_visible()
    split = members()
    assert split.keys() == {FIRST, SECOND, THIRD}
    assert split[FIRST] | split[THIRD] == before[FIRST]
    expect(row(workbench, THIRD)).to_contain_text(f"{len(split[THIRD])} 栋")
    picture(workbench, "workbench-split-zh-desktop")

    workbench.get_by_label("与某片区合并").select_option(SECOND)
    press(workbench, "合并")
    expect(row(workbench, SECOND)).to_have_count(0)
    assert members() == {FIRST: split[FIRST] | before[SECOND], THIRD: split[THIRD]}

    workbench.reload()
    drawn(workbench)
    press(workbench, "撤销")
    expect(row(workbench, SECOND)).to_be_visible()
    assert members() == split
    workbench.keyboard.press("Control+z")
    expect(row(workbench, THIRD)).to_have_count(0)
    assert members() == before
    expect(workbench.get_by_role("button", name="撤销")).to_be_disabled()
    for _ in range(2):
        press(workbench, "重做")
    expect(row(workbench, SECOND)).to_have_count(0)
    assert members() == {FIRST: split[FIRST] | before[SECOND], THIRD: split[THIRD]}


def test_buildings_in_a_lasso_make_a_zone_and_come_back(workbench: Page, members: Members) -> None:
    before = members()
    lasso_zone(workbench, FIRST)
    expect(workbench.get_by_test_id("selection")).to_contain_text("已选")
    workbench.get_by_role("button", name="取消选择").click()
    expect(workbench.get_by_test_id("selection")).to_contain_text("未选楼栋")
    press(workbench, "删除片区")
    waiting = str(16 + len(before[FIRST]))  # with those of Dongli, which this plan leaves to another
    expect(workbench.get_by_test_id("unassigned")).to_have_text(waiting)
    assert members() == {SECOND: before[SECOND]}
    press(workbench, "撤销")
    assert members() == before
    expect(workbench.get_by_test_id("unassigned")).to_have_text("16")


def test_a_locked_zone_keeps_its_buildings_and_the_page_says_so(
    workbench: Page, members: Members, watched: Watched
) -> None:
    before = members()
    press(workbench, "锁定")
    expect(row(workbench, FIRST)).to_contain_text("🔒")
    workbench.get_by_role("button", name="自动拆分").click()
    expect(workbench.get_by_role("alert")).to_contain_text("片区已锁定")
    assert members() == before
    press(workbench, "解锁")
    workbench.get_by_role("button", name="改名").click()
    workbench.get_by_label("片区名称").fill("桂岭一片")
    press(workbench, "保存")
    expect(row(workbench, FIRST)).to_contain_text("桂岭一片")
    assert all("409" in words for words in watched.complaints)
    watched.complaints.clear()


def test_a_lost_race_is_told_and_nothing_is_overwritten(
    workbench: Page, members: Members, demo: Engine, plan: int, watched: Watched
) -> None:
    taken = sorted(members()[SECOND])[0]
    order = read_order({"kind": "assign", "zone": FIRST, "buildings": [taken]})

    def overtaken(route: Route) -> None:
        edit_plan(demo, LOCAL_ADMIN, plan_id=plan, order=order)
        route.continue_()

    workbench.route("**/edits", overtaken, times=1)
    press(workbench, "自动拆分")
    dialog = workbench.get_by_role("dialog")
    theirs = members()
    expect(dialog).to_contain_text("将 1 栋楼划入第1片区")
    assert members() == theirs
    picture(workbench, "workbench-race-zh-desktop")
    dialog.get_by_role("button", name="在其基础上重做我的").click()
    expect(row(workbench, THIRD)).to_be_visible()
    mine = members()
    assert mine[FIRST] | mine[THIRD] == theirs[FIRST]
    assert taken in theirs[FIRST]
    assert all("412" in words for words in watched.complaints)
    watched.complaints.clear()


def test_a_published_plan_is_shown_and_copied_into_a_draft(
    open_page: OpenPage, address: str, demo: Engine
) -> None:
    page = open_page(f"/workbench?plan={PUBLISHED}", origin=address)
    expect(page.get_by_text("本方案已发布，不能修改")).to_be_visible()
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    page.get_by_role("button", name="复制为草稿").click()
    expect(page.get_by_text("本方案已发布，不能修改")).to_have_count(0)
    made = int(re.search(r"plan=(\d+)", page.url).group(1))
    with demo.connect() as connection:
        state = text("SELECT parent_id, state FROM plan WHERE id = :plan")
        assert tuple(connection.execute(state, {"plan": made}).one()) == (PUBLISHED, "draft")


def test_plans_are_chosen_from_a_list_and_a_wrong_number_is_said(open_page: OpenPage, address: str) -> None:
    page = open_page("/workbench?plan=nonsense", origin=address)
    expect(page.get_by_role("alert")).to_contain_text("方案编号不对")
    page.get_by_role("link", name="云川镇流动物业片区方案", exact=True).click()
    drawn(page)
    assert f"plan={PUBLISHED}" in page.url


def test_a_building_of_the_list_has_the_households_it_has_now(
    workbench: Page, demo: Engine, members: Members
) -> None:
    code = min(members()[FIRST])
    statement = text("UPDATE building SET household_count = household_count + :more WHERE code = :code")
    workbench.locator("[data-testid=work-buildings] summary").click()
    line = workbench.locator("li", has=workbench.locator(f'[data-building="{code}"]'))
    before = int(re.search(r"(\d+) 户", line.inner_text()).group(1))
    try:
        with demo.begin() as connection:
            connection.execute(statement, {"more": 7, "code": code})
        press(workbench, "任命网格长")  # after it the plan is opened anew
        expect(line).to_contain_text(f"{before + 7} 户")
    finally:
        with demo.begin() as connection:
            connection.execute(statement, {"more": -7, "code": code})


LOSE_CONTEXT = """() => {
  const context = document.querySelector("[data-testid=work-map] canvas").getContext("webgl2");
  window.card = context.getExtension("WEBGL_lose_context");
  card.loseContext();
}"""


def test_the_map_comes_back_after_the_graphics_card_was_lost(
    workbench: Page, watched: Watched, members: Members
) -> None:
    """As after sleep: buildings with their colours, and what is selected, are drawn again."""
    map_picture = workbench.get_by_test_id("work-map")
    workbench.locator("[data-testid=work-buildings] summary").click()
    workbench.locator(f'[data-building="{min(members()[FIRST])}"]').check()
    drawn(workbench)
    before = map_picture.screenshot()
    workbench.evaluate(LOSE_CONTEXT)
    workbench.wait_for_timeout(300)
    assert map_picture.screenshot() != before

    workbench.evaluate("card.restoreContext()")

    for _ in range(60):
        workbench.wait_for_timeout(250)
        if map_picture.screenshot() == before:
            break
    assert map_picture.screenshot() == before
    # MapLibre says that it does not restore the layer of buildings: we do.
    watched.complaints.clear()


def map_pixels(page: Page) -> np.ndarray:
    """The map in colours, shape (height, width, channels), without the tools that lie upon it."""
    return imread(io.BytesIO(page.get_by_test_id("work-map").screenshot(mask=[page.locator(".overlay")])))


def test_what_is_taken_back_and_done_again_leaves_no_trace_on_the_map(
    workbench: Page, open_page: OpenPage, address: str, plan: int
) -> None:
    """Outlines are made ready before a change is shown, and have the colours of their zones all the time."""
    press(workbench, "自动拆分")
    page = open_page(f"/workbench?plan={plan}&zone={SECOND}", origin=address)
    drawn(page)
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("撤销", "重做"))
    expect(undo).to_be_enabled()
    before = map_pixels(page)

    def changed() -> float:
        drawn(page)
        return float((map_pixels(page) != before).any(axis=2).mean())

    undo.click()
    expect(redo).to_be_enabled()
    assert changed() > 0.005
    redo.click()
    expect(redo).to_be_disabled()
    # Of two zones' common border the one drawn last is seen.
    assert changed() < 0.002


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_accessible(open_page: OpenPage, address: str, plan: int, language: str) -> None:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}&lang={language}", origin=address)
    drawn(page)
    picture(page, f"workbench-{language}-desktop")
    assert_accessible(page)
