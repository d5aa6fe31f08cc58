"""What a planner does on the map page, held against the database."""

from __future__ import annotations

import io
import math
import re

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, expect

from tests.webapp.conftest import PHONE, picture, serving, settle
from tests.webapp.positions import on_screen, query_of, view_of

pytestmark = pytest.mark.browser

COUNTY = "990122000000"
LIUTING = "990122100001"  # 柳汀社区: 25 standalone buildings of 800 households in two zones
DONGLI = "990122100004"  # 东篱社区: zoned in November
CANVAS = ".map-canvas canvas"

ZONES_ON = """
SELECT z.code, z.household_count, z.building_count FROM zone z
JOIN plan_publication p ON p.plan_id = z.plan_id AND p.community_code = z.community_code
WHERE z.community_code = :community AND p.effective @> CAST(:on AS date) ORDER BY z.code
"""
# The middle of the zone's largest open ground, so that a click there can mean nothing but the zone.
OPEN_GROUND = """
SELECT ST_X(middle), ST_Y(middle), household_count, building_count FROM (
    SELECT (ST_MaximumInscribedCircle(ST_Difference(z.geom, (
        SELECT ST_Union(o.geom) FROM (
            SELECT geom FROM compound WHERE community_code = z.community_code UNION ALL
            SELECT geom FROM building WHERE community_code = z.community_code UNION ALL
            SELECT ST_Buffer(geom, 0.0001) FROM barrier UNION ALL
            SELECT ST_Buffer(geom, 0.0001) FROM walkway) AS o))
    )).center AS middle, z.household_count, z.building_count
    FROM zone z WHERE z.code = :code) AS ground
"""


def pixels(page: Page) -> np.ndarray:
    """The map's canvas as RGB, shape (height, width, 3)."""
    return imread(io.BytesIO(page.locator(CANVAS).screenshot()))[..., :3]


def choose_area(page: Page, name: str) -> None:
    page.get_by_role("combobox", name=re.compile("区域|Area")).first.click()
    page.locator(".el-tree-node__label, .el-select-dropdown__item").get_by_text(name, exact=True).click()


def choose_date(page: Page, day: str) -> None:
    field = page.get_by_role("combobox", name=re.compile("日期|Date"))
    field.fill(day)
    field.press("Enter")


def test_the_map_draws_the_whole_scope_and_nothing_else_is_asked(open_page, watched):
    page = open_page("/")
    settle(page)
    expect(page).to_have_title("物业管理全覆盖")
    drawn = pixels(page)
    ground = drawn[2, 2]
    assert (np.abs(drawn - ground).max(axis=2) > 0.02).mean() > 0.2, "the canvas is blank"
    assert len(np.unique((drawn * 31).astype(int).reshape(-1, 3), axis=0)) > 10
    assert any("/tiles/" in request.url for request in watched.requests)
    picture(page, "map-zh-desktop")


def test_choosing_a_community_flies_there_and_lists_its_zones(open_page, ask):
    page = open_page("/")
    settle(page)
    before = view_of(page)
    choose_area(page, "柳汀社区")
    expected = ask(ZONES_ON, community=LIUTING, on="2026-01-01")
    expect(page.locator("[data-zone]")).to_have_count(len(expected))
    settle(page)
    shown = [card.get_attribute("data-zone") for card in page.locator("[data-zone]").all()]
    assert shown == [code for code, _, _ in expected]
    assert query_of(page)["area"] == LIUTING
    zoom, longitude, latitude = view_of(page)
    ((inside,),) = ask(
        "SELECT ST_Intersects(ST_Envelope(geom), ST_SetSRID(ST_MakePoint(:x, :y), 4490))"
        " FROM area WHERE code = :code",
        x=longitude, y=latitude, code=LIUTING,
    )  # fmt: skip
    assert inside
    assert zoom > before[0]
    expect(page.get_by_test_id("zones-summary")).to_have_text("2 个片区 · 800 户 · 25 栋")
    picture(page, "community-zh-desktop")


def test_clicking_a_zone_on_the_map_tells_its_households(open_page, ask):
    page = open_page(f"/?area={LIUTING}")
    settle(page)
    for code, _, _ in ask(ZONES_ON, community=LIUTING, on="2026-01-01"):
        ((longitude, latitude, households, buildings),) = ask(OPEN_GROUND, code=code)
        page.mouse.click(*on_screen(page, longitude, latitude))
        details = page.get_by_test_id("details")
        expect(details.locator('[data-field="code"]')).to_have_text(code)
        expect(details.locator('[data-field="households"]')).to_have_text(str(households))
        expect(details.locator('[data-field="buildings"]')).to_have_text(str(buildings))
        card = page.locator(f'[data-zone="{code}"]')
        expect(card.get_by_role("button")).to_have_attribute("aria-pressed", "true")
        expect(card).to_contain_text(f"{households} 户 · {buildings} 栋")
    settle(page)
    picture(page, "zone-details-zh-desktop")


def test_clicking_a_building_names_its_fields_in_both_languages(open_page, ask):
    page = open_page(f"/?area={LIUTING}&on=2024-10-31")
    settle(page)
    ((code, name, households, longitude, latitude),) = ask(
        "SELECT code, name, household_count, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))"
        " FROM building WHERE community_code = :community AND is_standalone ORDER BY code LIMIT 1",
        community=LIUTING,
    )
    page.mouse.click(*on_screen(page, longitude, latitude))
    details = page.get_by_test_id("details")
    expect(details).to_contain_text(name)
    expect(details.locator('[data-field="code"]')).to_have_text(code)
    expect(details.locator('[data-field="households"]')).to_have_text(str(households))
    expect(details).to_contain_text("已进驻")
    page.get_by_role("button", name="English").click()
    expect(details).to_contain_text("Households")
    expect(details).to_contain_text("In service")
    page.get_by_role("button", name="Close").click()
    expect(details).to_have_count(0)


def test_clicking_a_zone_in_the_list_zooms_to_it_and_shows_its_chief(open_page, ask):
    page = open_page("/")
    settle(page)
    before = view_of(page)[0]
    ((code, chief, phone, post),) = ask(
        "SELECT z.code, p.name, p.work_phone, o.id FROM zone z JOIN post o ON o.zone_id = z.id"
        " JOIN person p ON p.code = o.person_code WHERE z.community_code = :community"
        " ORDER BY z.code LIMIT 1",
        community=DONGLI,
    )
    card = page.locator(f'[data-zone="{code}"]')
    card.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text(chief)
    expect(card.get_by_role("link", name=re.compile(phone))).to_have_attribute("href", f"tel:{phone}")
    expect(card.get_by_role("link", name="打开网格长页面")).to_have_attribute("href", f"/chief/{post}")
    page.wait_for_function("before => Number(location.search.match(/map=([\\d.]+)/)[1]) > before", arg=before)
    settle(page)
    ((west, south, east, north),) = ask(
        "SELECT ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM zone WHERE code = :code",
        code=code,
    )
    _, longitude, latitude = view_of(page)
    assert west <= longitude <= east
    assert south <= latitude <= north


def test_a_community_says_how_good_its_zones_are_and_a_zone_why_it_is_so(open_page, ask):
    ((gap, walks_m),) = ask(
        "SELECT o.gap_percent, o.patrol_m"
        " FROM plan_outcome o JOIN plan_publication p USING (plan_id, community_code)"
        " WHERE o.community_code = :community AND p.effective @> DATE '2026-01-01'",
        community=LIUTING,
    )
    (code, chinese, english, patrol_m), *_ = ask(
        "SELECT z.code, z.explanation -> 0 ->> 'message_zh', z.explanation -> 0 ->> 'message_en', z.patrol_m"
        " FROM zone z JOIN plan_publication p USING (plan_id, community_code)"
        " WHERE z.community_code = :community AND p.effective @> DATE '2026-01-01' ORDER BY z.code",
        community=LIUTING,
    )
    percent = math.ceil(gap * 10) / 10  # rounded up, so that "at most" stays true
    page = open_page(f"/?area={LIUTING}&zone={code}")
    expect(page.get_by_test_id("gap")).to_have_text(f"距理论最优至多 {percent:.1f} %")
    expect(page.get_by_text(f"巡查 {walks_m / 1000:.2f} 千米/天")).to_be_visible()
    card = page.locator(f'[data-zone="{code}"]')
    expect(card.get_by_test_id("patrol")).to_have_text(f"巡查一遍 {patrol_m / 1000:.2f} 千米")
    expect(card.get_by_test_id("reasons")).to_contain_text(chinese)
    settle(page)
    picture(page, "zone-reasons-zh-desktop")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_test_id("gap")).to_have_text(f"at most {percent:.1f} % above the best possible")
    expect(card.get_by_test_id("reasons")).to_contain_text(english)
    settle(page)
    picture(page, "zone-reasons-en-desktop")


@pytest.mark.parametrize(
    ("day", "rate", "counts", "judgement"),
    [
        ("2024-06-30", "31.00%", "71 / 229", "达到 2024-06-30 节点目标 30%"),
        ("2024-10-31", "79.91%", "183 / 229", "未达到 2024-10-31 节点目标 80%，还差 1 个"),
        ("2024-12-31", "100.00%", "229 / 229", "达到 2024-12-31 节点目标 100%"),
    ],
)
def test_the_date_changes_the_figures_and_their_judgement(open_page, day, rate, counts, judgement):
    page = open_page("/")
    choose_date(page, day)
    total = page.get_by_test_id("coverage-total")
    expect(total).to_contain_text(rate)
    expect(total).to_contain_text(counts)
    expect(page.get_by_test_id("milestone")).to_contain_text(judgement)
    settle(page)
    assert query_of(page)["on"] == day
    picture(page, f"figures-zh-{day}")


def test_communities_are_told_apart_in_the_table(open_page):
    # June by community, from the scenario: 20/61, 16/52, 15/47, 12/38, 8/31.
    page = open_page("/?on=2024-06-30&lang=en")
    page.get_by_role("tab", name="By area").click()
    for row in (
        "Liuting 20 / 61 32.79%",
        "Zhifang 16 / 52 30.77%",
        "Guiling 15 / 47 31.91%",
        "Dongli 12 / 38 31.58%",
        "Wandu 8 / 31 25.81%",
    ):
        expect(page.get_by_role("row", name=row)).to_be_visible()
    settle(page)
    picture(page, "coverage-table-en-desktop")
    page.get_by_role("button", name="Wandu").click()
    expect(page.get_by_test_id("coverage-total")).to_contain_text("8 / 31")


def test_the_language_is_switched_and_remembered(open_page):
    page = open_page("/")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_title("Property management coverage")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(page.url.split("?")[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Property management coverage")
    settle(page)
    picture(page, "map-en-desktop")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_layer_is_switched_off_and_on(open_page):
    page = open_page(f"/?area={LIUTING}")
    settle(page)
    beside_the_list = slice(None), slice(0, -270)
    with_buildings = pixels(page)[beside_the_list]
    box = page.locator('[data-layer="compounds"] .el-checkbox')
    box.click()
    settle(page)
    assert (np.abs(pixels(page)[beside_the_list] - with_buildings).max(axis=2) > 0.05).mean() > 0.05
    box.click()
    settle(page)
    assert (np.abs(pixels(page)[beside_the_list] - with_buildings).max(axis=2) > 0.05).mean() < 0.01


def test_a_link_opens_what_its_sender_saw(open_page, ask):
    (code, *_), *_ = ask(ZONES_ON, community=LIUTING, on="2024-10-31")
    page = open_page(f"/?area={LIUTING}&on=2024-10-31&zone={code}&lang=en&map=16.50/33.632000/111.041000")
    expect(page.locator(f'[data-zone="{code}"]').get_by_role("button")).to_have_attribute(
        "aria-pressed", "true"
    )
    settle(page)
    assert view_of(page) == (16.5, 111.041, 33.632)
    expect(page.get_by_role("combobox", name="Date")).to_have_value("2024-10-31")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_area_without_zones_says_what_to_do_next(open_page):
    page = open_page(f"/?area={DONGLI}&on=2024-10-31")
    notice = page.get_by_role("status").filter(has_text="没有生效的片区")
    expect(notice).to_contain_text("东篱社区")
    expect(notice).to_contain_text(f"geo-service zone --area {DONGLI}")
    settle(page)
    picture(page, "no-zones-zh-desktop")


def test_an_unknown_area_in_a_link_is_said_in_words(open_page):
    page = open_page("/?area=990199999999&on=not-a-date")
    expect(page.get_by_role("alert")).to_contain_text("没有编码为 990199999999 的区域")
    expect(page.get_by_test_id("coverage-total")).to_contain_text("229")


def test_a_server_that_stops_is_said_in_words_and_its_return_mends_the_page(open_page, county, watched):
    with serving(county) as address:
        page = open_page("/", origin=address)
        settle(page)
    choose_date(page, "2024-06-30")
    alerts = page.get_by_role("alert").filter(has_text="连不上服务器")
    expect(alerts).to_have_count(3)  # the map, the figures, the zones
    expect(alerts.first).to_contain_text("geo-service serve")
    picture(page, "server-gone-zh-desktop")
    with serving(county, port=int(address.rsplit(":", 1)[1])):
        page.get_by_role("button", name="重试").first.click()
        expect(page.get_by_test_id("coverage-total")).to_contain_text("71 / 229")
        expect(page.get_by_role("alert")).to_have_count(0)
        settle(page)
    assert all("ERR_CONNECTION_REFUSED" in words for words in watched.complaints)
    watched.complaints.clear()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_a_phone(open_page, language):
    page = open_page(f"/?lang={language}&on=2024-10-31", size=PHONE)
    expect(page.get_by_test_id("coverage-total")).to_contain_text("183 / 229")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(page, f"map-{language}-phone")
