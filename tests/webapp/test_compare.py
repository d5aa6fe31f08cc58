"""The comparison page: two plans side by side, and what the database says differs."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.editing import edit_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.planning.editing import read_order
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import PICTURES, OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, PUBLISHED, SECOND

pytestmark = pytest.mark.browser

MAP_SIZES = (
    "() => [...document.querySelectorAll('.map-canvas')].map((map) => [map.clientWidth, map.clientHeight])"
)


@pytest.fixture
def copy(demo: Engine) -> int:
    """A draft of this test alone, with the zones of the demo's published plan."""
    return copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED)["plan_id"]


@pytest.fixture
def moved(demo: Engine, copy: int) -> str:
    """A building of the first zone that the copy has in the second."""
    with demo.connect() as connection:
        code = connection.execute(
            text(
                "SELECT min(m.building_code) FROM zone_member m JOIN zone z ON z.id = m.zone_id"
                " WHERE z.plan_id = :plan AND z.code = :zone"
            ),
            {"plan": copy, "zone": FIRST},
        ).scalar_one()
    order = read_order({"kind": "assign", "zone": SECOND, "buildings": [code]})
    edit_plan(demo, LOCAL_ADMIN, plan_id=copy, order=order)
    return code


def zone_names(demo: Engine, plan: int) -> list[str]:
    """Of the first two zones."""
    with demo.connect() as connection:
        statement = text(
            "SELECT name FROM zone WHERE plan_id = :plan AND code IN (:one, :other) ORDER BY code"
        )
        return list(connection.execute(statement, {"plan": plan, "one": FIRST, "other": SECOND}).scalars())


def drawn(page: Page) -> None:
    for side in ("a", "b"):
        page.locator(f'[data-testid="map-{side}"][data-idle="true"]').wait_for()


def labels(page: Page, side: str) -> dict[str, tuple[float, float]]:
    """Where the names of zones stand on one of the maps, from its own corner, to the pixel."""
    box = page.get_by_test_id(f"map-{side}").bounding_box()
    found = {}
    for label in page.locator(f'[data-testid="map-{side}"] .map-label-zone').all():
        place = label.bounding_box()
        if place:
            found[label.inner_text()] = (round(place["x"] - box["x"]), round(place["y"] - box["y"]))
    return found


def test_a_building_that_moved_is_the_one_listed(
    open_page: OpenPage, address: str, demo: Engine, copy: int, moved: str, tmp_path: Path
) -> None:
    page = open_page(f"/compare?plans={PUBLISHED},{copy}", origin=address)
    drawn(page)
    expect(page.get_by_test_id("verdict")).to_contain_text("1 栋楼片区不同")
    picture(page, "compare-zh-desktop")
    page.get_by_role("tab", name="不同楼栋 1").click()
    expect(page.locator("[data-building]")).to_have_count(1)
    row = page.locator(f'[data-building="{moved}"]')
    expect(row.locator("td").nth(1)).to_contain_text("第1片区")
    expect(row.locator("td").nth(2)).to_contain_text("第2片区")
    row.get_by_role("button").click()
    page.wait_for_timeout(800)  # the maps fly there
    drawn(page)
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    picture(page, "compare-building-zh-desktop")
    assert re.search(r"map=17\.00/", page.url)

    with page.expect_download() as download:
        page.get_by_role("button", name="下载 CSV").click()
    download.value.save_as(tmp_path / "differing.csv")
    with open(tmp_path / "differing.csv", encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["编码"], line["A 中片区"], line["B 中片区"]) == (moved, *zone_names(demo, copy))


def test_both_maps_look_at_the_same_place(open_page: OpenPage, address: str, copy: int, moved: str) -> None:
    page = open_page(f"/compare?plans={PUBLISHED},{copy}", origin=address)
    drawn(page)
    before = labels(page, "a")
    assert len(before) > 2
    for side, other in (("a", "b"), ("b", "a")):
        box = page.get_by_test_id(f"map-{side}").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 60, middle[1] + 40, steps=6)
        page.mouse.up()
        page.wait_for_timeout(1200)  # the map glides on
        drawn(page)
        here, there = labels(page, side), labels(page, other)
        shared = here.keys() & there.keys()
        assert len(shared) > 2
        # the two zones that differ are not where they were
        same = {name for name in shared if "桂岭" not in name}
        assert {name: here[name] for name in same} == {name: there[name] for name in same}
        assert any(here[name] != before.get(name) for name in same)
        before = here
    looked = re.search(r"map=([^&]+)", page.url).group(1)
    page.reload()
    drawn(page)
    again = labels(page, "a")
    assert again.keys() == before.keys()
    # The address has the zoom to a hundredth: a pixel at the edge, and rounding on top.
    assert all(math.dist(again[name], before[name]) < 3 for name in again)
    assert looked in page.url
    assert f"plans={PUBLISHED},{copy}" in page.url.replace("%2C", ",")


def test_the_same_plans_are_told_so_and_others_are_chosen(
    open_page: OpenPage, address: str, copy: int, demo: Engine
) -> None:
    page = open_page(f"/compare?plans={PUBLISHED},{copy}", origin=address)
    drawn(page)
    expect(page.get_by_test_id("verdict")).to_have_text("两个方案每栋楼的片区都相同")
    page.get_by_role("tab", name="不同楼栋").click()
    expect(page.get_by_text("按居民对应片区")).to_be_visible()
    other = copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED, name="另一稿")["plan_id"]
    order = read_order({"kind": "delete", "zone": FIRST})
    gone = edit_plan(demo, LOCAL_ADMIN, plan_id=other, order=order)
    page.reload()
    page.get_by_label("方案 A").select_option(str(other))
    expect(page.get_by_test_id("verdict")).to_contain_text("栋楼片区不同")
    (left,) = (move for move in gone["moves"] if move["zone"] is None)
    expect(page.get_by_test_id("verdict")).to_contain_text(f"{len(left['buildings'])} 栋楼")
    row = page.locator('[data-figure="zones"] td')
    expect(row.nth(2)).to_have_text("↑ +1")
    page.get_by_role("button", name="互换").click()
    expect(row.nth(2)).to_have_text("↓ −1")
    expect(page.locator('[data-figure="unassigned"]')).to_contain_text("更差")
    assert f"plans={copy},{other}" in page.url.replace("%2C", ",")


@pytest.mark.parametrize("plans", ["", "1", "x,y", "1,"])
def test_two_plans_are_asked_for(open_page: OpenPage, address: str, plans: str) -> None:
    page = open_page(f"/compare?plans={plans}", origin=address)
    expect(page.get_by_text("请在上方选择两个方案")).to_be_visible()


def test_a_plan_that_is_not_there_is_told(open_page: OpenPage, address: str, watched: Watched) -> None:
    page = open_page("/compare?plans=1,999999", origin=address)
    expect(page.get_by_role("alert")).to_contain_text("999999")
    page.close()  # several of its questions are refused, one after the other
    assert all("404" in words for words in watched.complaints)
    watched.complaints.clear()


def test_a_plan_on_the_workbench_is_copied_under_a_name_and_compared(
    open_page: OpenPage, address: str, demo: Engine, copy: int
) -> None:
    page = open_page(f"/workbench?plan={copy}", origin=address)
    page.get_by_role("button", name="比较…").click()
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_label("副本名称")
    expect(name).to_have_value("云川镇流动物业片区方案（副本） 副本")
    picture(page, "compare-dialog-zh-desktop")
    name.fill("   ")
    expect(dialog.get_by_role("button", name="复制并比较")).to_be_disabled()
    name.fill("夏季方案")
    dialog.get_by_role("button", name="复制并比较").click()
    expect(page.get_by_test_id("verdict")).to_have_text("两个方案每栋楼的片区都相同")
    made = int(re.search(rf"plans={copy}(?:,|%2C)(\d+)", page.url).group(1))
    with demo.connect() as connection:
        row = text("SELECT name, parent_id, state FROM plan WHERE id = :plan")
        assert tuple(connection.execute(row, {"plan": made}).one()) == ("夏季方案", copy, "draft")

    page.get_by_role("link", name="夏季方案").click()
    page.get_by_role("button", name="比较…").click()
    page.get_by_role("dialog").get_by_label("方案 B").select_option(str(PUBLISHED))
    page.get_by_role("dialog").get_by_role("button", name="比较", exact=True).click()
    expect(page.get_by_test_id("verdict")).to_be_visible()
    assert re.search(rf"plans={made}(?:,|%2C){PUBLISHED}", page.url)


def test_drafts_are_told_apart_in_the_list(open_page: OpenPage, address: str, copy: int) -> None:
    page = open_page("/workbench", origin=address)
    row = page.locator(f'[data-plan="{copy}"]')
    expect(row).to_contain_text("草稿")
    expect(row).to_contain_text("local")
    picture(page, "compare-chooser-zh-desktop")
    row.get_by_role("link", name="比较").click()
    expect(page.get_by_test_id("verdict")).to_have_text("两个方案每栋楼的片区都相同")
    assert re.search(rf"plans={PUBLISHED}(?:,|%2C){copy}", page.url)


@pytest.mark.parametrize("pages", [("compare", "plans=1,{copy}"), ("workbench", "plan={copy}")])
def test_the_page_prints_its_map_and_figures(
    open_page: OpenPage, address: str, copy: int, moved: str, pages: tuple[str, str]
) -> None:
    name, query = pages
    page = open_page(f"/{name}?{query.format(copy=copy)}", origin=address)
    page.locator('.map-canvas[data-idle="true"]').first.wait_for()
    on_screen = page.evaluate(MAP_SIZES)
    page.pdf(path=PICTURES / f"{name}-print.pdf", prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="print")
    for hidden in page.get_by_role("toolbar").all():
        expect(hidden).to_be_hidden()
    expect(page.get_by_text("打印于").first).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    # on paper the map is as large as it was drawn, or some of it would be cut off
    assert page.evaluate(MAP_SIZES) == on_screen
    sheets = pypdf.PdfReader(PICTURES / f"{name}-print.pdf").pages
    # Chromium writes some characters as the radicals that look like them.
    words = unicodedata.normalize("NFKC", "".join(sheet.extract_text() for sheet in sheets))
    assert "云川镇流动物业片区方案" in words
    assert "第 2 版" in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_accessible_and_prints(
    open_page: OpenPage, address: str, copy: int, moved: str, language: str
) -> None:
    page = open_page(f"/compare?plans={PUBLISHED},{copy}&lang={language}", origin=address)
    drawn(page)
    for tab in range(4):
        page.get_by_role("tab").nth(tab).click()
        picture(page, f"compare-{language}-{tab}-desktop")
        assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_test_id("differing")).to_be_visible()
    expect(page.get_by_test_id("compare-figures")).to_be_visible()
    expect(page.get_by_role("button", name="⇄")).to_be_hidden()
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"compare-{language}-print.png", full_page=True)
