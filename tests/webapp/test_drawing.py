"""Tools on the map of the workbench: painting, drawing and pulling with the mouse; all of it by keyboard."""

from __future__ import annotations

import json

import pytest
import shapely
from playwright.sync_api import Page, expect
from shapely.geometry import shape
from sqlalchemy import Engine, text

from tests.webapp.conftest import OpenPage, picture
from tests.webapp.positions import on_screen
from tests.webapp.workbench import FIRST, GUILING, SECOND, THIRD, drawn, press, row

pytestmark = pytest.mark.browser

Places = dict[str, tuple[float, float]]
BRUSH_RADIUS_PX = 16


@pytest.fixture(scope="module")
def places(demo: Engine) -> Places:
    """Degrees of the point of each standalone building of Guiling."""
    with demo.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT code, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM building"
                " WHERE community_code = :community AND is_standalone"
            ),
            {"community": GUILING},
        )
        return {code: (x, y) for code, x, y in rows}


def held(demo: Engine, plan: int) -> dict[str, set[str]]:
    """The buildings of each zone of Guiling."""
    with demo.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT z.code, array_agg(m.building_code) FROM zone z JOIN zone_member m ON m.zone_id = z.id"
                " WHERE z.plan_id = :plan AND z.community_code = :community GROUP BY z.code"
            ),
            {"plan": plan, "community": GUILING},
        )
        return {code: set(codes) for code, codes in rows}


@pytest.fixture
def workbench(open_page: OpenPage, address: str, plan: int) -> Page:
    """The page with the first zone chosen and the whole of Guiling on the map."""
    page = open_page(
        f"/workbench?plan={plan}&zone={FIRST}&map=15.30/{LOOK_AT[1]}/{LOOK_AT[0]}", origin=address
    )
    drawn(page)
    return page


LOOK_AT = (0.0, 0.0)


@pytest.fixture(autouse=True)
def looking(places: Places, request: pytest.FixtureRequest) -> None:
    """Look at the middle of Guiling's buildings."""
    middle = shapely.MultiPoint(list(places.values())).envelope.centroid
    request.module.LOOK_AT = (round(middle.x, 6), round(middle.y, 6))


def screen(page: Page, places: Places) -> dict[str, shapely.Point]:
    return {code: shapely.Point(on_screen(page, *place)) for code, place in places.items()}


def test_the_brush_paints_what_it_passes_into_the_chosen_zone(
    workbench: Page, demo: Engine, plan: int, places: Places
) -> None:
    before = held(demo, plan)
    at = screen(workbench, places)
    one, other = sorted(before[SECOND], key=lambda code: at[code].x)[:2]
    stroke = shapely.LineString([at[one], at[other]])
    workbench.keyboard.press("b")
    workbench.mouse.move(at[one].x, at[one].y)
    workbench.mouse.down()
    workbench.mouse.move(at[other].x, at[other].y, steps=3)
    picture(workbench, "workbench-brush-zh-desktop")
    with workbench.expect_response("**/edits"):
        workbench.mouse.up()
    passed = {code for code in before[SECOND] if stroke.distance(at[code]) <= BRUSH_RADIUS_PX}
    assert {one, other} <= passed < before[SECOND]
    assert held(demo, plan) == {FIRST: before[FIRST] | passed, SECOND: before[SECOND] - passed}
    workbench.keyboard.press("Control+z")
    expect(row(workbench, FIRST)).to_contain_text(f"{len(before[FIRST])} 栋")
    assert held(demo, plan) == before


def test_the_brush_leaves_locked_zones_alone_and_says_so(
    workbench: Page, demo: Engine, plan: int, places: Places
) -> None:
    row(workbench, SECOND).get_by_role("button").click()
    press(workbench, "锁定")
    row(workbench, FIRST).get_by_role("button").click()
    workbench.wait_for_timeout(900)  # the map flies there
    before = held(demo, plan)
    at = screen(workbench, places)
    nearest = min(before[SECOND], key=lambda code: at[code].x)
    workbench.keyboard.press("b")
    workbench.mouse.click(at[nearest].x, at[nearest].y)
    expect(workbench.get_by_text("1 栋未动")).to_be_visible()
    assert held(demo, plan) == before


def test_buildings_in_a_drawn_outline_make_a_zone(
    workbench: Page, demo: Engine, plan: int, places: Places
) -> None:
    before = held(demo, plan)
    at = screen(workbench, places)
    chosen = sorted(before[FIRST], key=lambda code: at[code].y)[:4]
    box = shapely.MultiPoint([at[code] for code in chosen]).buffer(9).envelope
    inside = {code for code, point in at.items() if box.contains(point)}
    assert set(chosen) <= inside < before[FIRST] | before[SECOND]
    workbench.keyboard.press("d")
    corners = list(box.exterior.coords)
    for x, y in [*corners[:-1], corners[0]]:
        workbench.mouse.move(x, y, steps=4)
        workbench.mouse.click(x, y)
        workbench.wait_for_timeout(350)  # two clicks at once would be a double click
    bar = workbench.get_by_test_id("outline-bar")
    expect(bar).to_contain_text(f"范围内 {len(inside)} 栋")
    picture(workbench, "workbench-outline-zh-desktop")
    press(workbench, "新建片区")
    expect(bar).to_have_count(0)
    made = held(demo, plan)
    assert made[THIRD] == inside
    assert made[FIRST] == before[FIRST] - inside


def test_a_zone_takes_the_shape_it_is_pulled_into(
    workbench: Page, demo: Engine, plan: int, places: Places
) -> None:
    before = held(demo, plan)
    with demo.connect() as connection:
        outline = connection.execute(
            text("SELECT ST_AsText(geom) FROM zone WHERE plan_id = :plan AND code = :code"),
            {"plan": plan, "code": FIRST},
        ).scalar_one()
    corners = shapely.get_coordinates(shapely.from_wkt(outline))
    corner = max(corners, key=lambda place: place[1] - place[0])  # the farthest to the north-west stays one
    workbench.keyboard.press("r")
    workbench.wait_for_timeout(500)
    x, y = on_screen(workbench, *corner)
    workbench.mouse.move(x, y, steps=3)
    workbench.mouse.down()
    workbench.mouse.move(x + 110, y + 60, steps=12)
    workbench.mouse.up()
    bar = workbench.get_by_test_id("outline-bar")
    expect(bar).to_contain_text("范围内")
    picture(workbench, "workbench-reshape-zh-desktop")
    with workbench.expect_request("**/edits") as sent, workbench.expect_response("**/edits"):
        bar.get_by_role("button", name="应用到").click()
    order = json.loads(sent.value.post_data)
    drawn_shape = shape(order["outline"])
    assert (order["kind"], order["zone"], order["reshape"]) == ("assign_within", FIRST, True)
    assert drawn_shape.is_valid
    inside = {code for code, place in places.items() if drawn_shape.contains(shapely.Point(place))}
    made = held(demo, plan)
    assert made[FIRST] == inside
    assert made[FIRST] < before[FIRST]
    assert made[SECOND] == before[SECOND] - inside
    expect(workbench.get_by_test_id("unassigned")).to_have_text(str(16 + len(before[FIRST] - inside)))


def test_a_small_loop_takes_what_is_in_it(workbench: Page, demo: Engine, plan: int, places: Places) -> None:
    at = screen(workbench, places)
    everybody = shapely.MultiPoint(list(at.values()))
    alone = max(at, key=lambda code: everybody.difference(at[code]).distance(at[code]))
    loop = at[alone].buffer(18)  # all of it within 40 px of where it begins
    assert not loop.intersects(everybody.difference(at[alone]))
    workbench.keyboard.press("l")
    corners = list(loop.exterior.coords)
    workbench.mouse.move(*corners[0])
    workbench.mouse.down()
    for corner in corners[1:]:
        workbench.mouse.move(*corner)
    workbench.mouse.up()
    expect(workbench.get_by_test_id("selection")).to_contain_text("已选 1 栋")
    with workbench.expect_response("**/edits"):
        workbench.keyboard.press("n")
    assert held(demo, plan)[THIRD] == {alone}


def test_an_outline_is_dropped_by_escape(workbench: Page, demo: Engine, plan: int) -> None:
    before = held(demo, plan)
    workbench.keyboard.press("d")
    box = workbench.get_by_test_id("work-map").bounding_box()
    for x, y in ((300, 300), (500, 300), (400, 500), (300, 300)):
        workbench.mouse.click(box["x"] + x, box["y"] + y)
        workbench.wait_for_timeout(350)
    expect(workbench.get_by_test_id("outline-bar")).to_be_visible()
    workbench.keyboard.press("Escape")
    expect(workbench.get_by_test_id("outline-bar")).to_have_count(0)
    assert held(demo, plan) == before


def tab_to(page: Page, is_there: str) -> None:
    """Press Tab until the focus is where a predicate of the focused element says."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(f"() => ({is_there})(document.activeElement)"):
            return
    pytest.fail(f"the keyboard never comes to {is_there}")


def test_everything_is_edited_by_the_keyboard_alone(
    workbench: Page, demo: Engine, plan: int, places: Places
) -> None:
    before = held(demo, plan)
    tab_to(workbench, "(element) => element.matches('[data-testid=work-buildings] summary')")
    workbench.keyboard.press("Enter")
    taken = sorted(before[FIRST])[:2]
    for code in taken:
        tab_to(workbench, f"(element) => element.dataset.building === '{code}'")
        workbench.keyboard.press("Space")
    expect(workbench.get_by_test_id("selection")).to_contain_text("已选 2 栋")
    tab_to(workbench, f"(element) => element.closest('[data-zone]')?.dataset.zone === '{SECOND}'")
    workbench.keyboard.press("Enter")
    with workbench.expect_response("**/edits"):
        workbench.keyboard.press("a")
    assert held(demo, plan)[SECOND] == before[SECOND] | set(taken)
    with workbench.expect_response("**/undo"):
        workbench.keyboard.press("Control+z")
    assert held(demo, plan) == before
    with workbench.expect_response("**/redo"):
        workbench.keyboard.press("Control+y")
    with workbench.expect_response("**/edits"):
        workbench.keyboard.press("k")
    with demo.connect() as connection:
        locked = text("SELECT locked FROM zone WHERE plan_id = :plan AND code = :code")
        assert connection.execute(locked, {"plan": plan, "code": SECOND}).scalar_one()


def test_the_cross_in_the_middle_of_the_map_picks(
    open_page: OpenPage, address: str, demo: Engine, plan: int, places: Places
) -> None:
    code = min(held(demo, plan)[FIRST])
    longitude, latitude = places[code]
    page = open_page(f"/workbench?plan={plan}&map=18.00/{latitude:.6f}/{longitude:.6f}", origin=address)
    drawn(page)
    tab_to(page, "(element) => element.tagName === 'CANVAS'")
    picture(page, "workbench-cross-zh-desktop")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("selection")).to_contain_text("已选 1 栋")
    with page.expect_response("**/edits"):
        page.keyboard.press("n")
    assert held(demo, plan)[THIRD] == {code}
