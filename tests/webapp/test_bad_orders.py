"""Orders that cannot be carried out: the workbench says so in words, and a reload shows the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.pipeline.editing import edit_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.publishing import publish_plan
from geo_service.planning.editing import read_order
from tests.serving import serving
from tests.webapp.conftest import SECRET, Members, OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, GUILING, PUBLISHED, SECOND, drawn, row, tomorrow

pytestmark = pytest.mark.browser

COLLEAGUE = Actor("规划员甲", Role.PLANNER, "*")
NEXT_DOOR = "990122100004"
VERTICES = 50_000
Bounds = tuple[float, float, float, float]


@pytest.fixture
def bounds(demo: Engine, plan: int) -> Bounds:
    """West, south, east, north of the first zone."""
    with demo.connect() as connection:
        outline = connection.execute(
            text("SELECT ST_AsText(geom) FROM zone WHERE plan_id = :plan AND code = :code"),
            {"plan": plan, "code": FIRST},
        ).scalar_one()
    return shapely.from_wkt(outline).bounds


@pytest.fixture
def workbench(open_page: OpenPage, address: str, plan: int) -> Page:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}", origin=address)
    drawn(page)
    return page


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [corners]}


def bow_tie(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    outline = polygon((west, south), (east, north), (east, south), (west, north))
    return {"kind": "assign_within", "zone": FIRST, "outline": outline}


def line_beside(west: float, south: float, _east: float, north: float) -> dict[str, Any]:
    line = [(west - 0.01, south), (west - 0.01, north)]
    return {"kind": "split_by_line", "zone": FIRST, "line": {"type": "LineString", "coordinates": line}}


def outline_of_nothing(west: float, south: float, *_: float) -> dict[str, Any]:
    outline = polygon((west - 0.2, south), (west - 0.19, south), (west - 0.2, south + 0.01))
    return {"kind": "new_zone_within", "community": GUILING, "outline": outline}


def building_of_nowhere(*_: float) -> dict[str, Any]:
    return {"kind": "assign", "zone": FIRST, "buildings": ["nowhere"]}


def zone_of_nowhere(*_: float) -> dict[str, Any]:
    return {"kind": "delete", "zone": f"{GUILING}999"}


def send(page: Page, order: dict[str, Any]) -> None:
    """Have the page send an order that its tools would not make: in the place of a lock."""
    page.route("**/edits", lambda route: route.continue_(post_data=json.dumps(order)), times=1)
    with page.expect_response("**/edits"):
        page.get_by_role("button", name="锁定", exact=True).click()


def shows(page: Page, held: dict[str, frozenset[str]]) -> None:
    """The page lists each zone with as many buildings as the database holds."""
    for zone, buildings in held.items():
        expect(row(page, zone)).to_contain_text(f"{len(buildings)} 栋")


@pytest.mark.parametrize(
    ("bad_order", "words"),
    [
        (bow_tie, "轮廓自相交"),
        (line_beside, "一侧没有楼栋"),
        (outline_of_nothing, "轮廓内没有待划片的楼栋"),
        (building_of_nowhere, "待划片的楼栋中没有 nowhere（所选楼栋共 1 栋不在其中）"),
        (zone_of_nowhere, f"没有片区 {GUILING}999"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    workbench: Page,
    members: Members,
    bounds: Bounds,
    watched: Watched,
    bad_order: Callable[..., dict[str, Any]],
    words: str,
) -> None:
    before = members()
    send(workbench, bad_order(*bounds))
    expect(workbench.get_by_role("alert")).to_contain_text(words)
    assert members() == before
    shows(workbench, before)
    workbench.reload()
    drawn(workbench)
    shows(workbench, members())
    expect(workbench.get_by_role("alert")).to_have_count(0)
    assert all("400" in each or "404" in each for each in watched.complaints)
    watched.complaints.clear()


def test_an_outline_of_fifty_thousand_vertices_is_taken(
    workbench: Page, members: Members, bounds: Bounds, demo: Engine
) -> None:
    west, south, east, north = bounds
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    x = (west + east) / 2 + (east - west) / 4 * np.cos(turn)
    y = (south + north) / 2 + (north - south) / 4 * np.sin(turn)
    ring = np.column_stack([x, y])
    with demo.connect() as connection:
        within = connection.execute(
            text(
                "SELECT code FROM building WHERE code = ANY(:codes)"
                " AND ST_Contains(ST_GeomFromText(:ring, ST_SRID(geom)), ST_PointOnSurface(geom))"
            ),
            {"codes": sorted(members()[FIRST]), "ring": shapely.Polygon(ring).wkt},
        )
        inside = frozenset(within.scalars())
    assert inside
    before = members()
    outline = polygon(*ring.round(9).tolist())
    send(workbench, {"kind": "new_zone_within", "community": GUILING, "outline": outline})
    expect(row(workbench, FIRST)).to_contain_text(f"{len(before[FIRST] - inside)} 栋")
    after = members()
    assert after[FIRST] == before[FIRST] - inside
    shows(workbench, after)


def overtaken(page: Page, do: Callable[[], object]) -> None:
    """Ask for a split that somebody else comes before, and have it done again on top of that."""

    def first_theirs(route: Route) -> None:
        do()
        route.continue_()

    page.route("**/edits", first_theirs, times=1)
    page.get_by_role("button", name="自动拆分", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("规划员甲")
    dialog.get_by_role("button", name="在其基础上重做我的").click()


def test_a_zone_that_somebody_deleted_meanwhile_is_missed_by_name(
    workbench: Page, members: Members, demo: Engine, plan: int, watched: Watched
) -> None:
    order = read_order({"kind": "merge", "zones": [FIRST, SECOND], "into": SECOND})
    overtaken(workbench, lambda: edit_plan(demo, COLLEAGUE, plan_id=plan, order=order))
    expect(workbench.get_by_role("alert")).to_contain_text("已不在方案中，最后改动它的是规划员甲")
    assert members().keys() == {SECOND}
    expect(row(workbench, FIRST)).to_have_count(0)
    picture(workbench, "workbench-zone-gone-zh-desktop")
    workbench.reload()
    drawn(workbench)
    shows(workbench, members())
    expect(row(workbench, FIRST)).to_have_count(0)
    assert all("412" in each or "404" in each for each in watched.complaints)
    watched.complaints.clear()


def test_a_plan_that_somebody_published_meanwhile_is_not_edited(
    workbench: Page, members: Members, demo: Engine, plan: int, watched: Watched
) -> None:
    before = members()
    overtaken(
        workbench,
        lambda: publish_plan(
            demo, COLLEAGUE, plan_id=plan, from_date=tomorrow(), area_code=GUILING, override_reason="先行服务"
        ),
    )
    expect(workbench.get_by_role("alert").filter(has_text="方案已发布并冻结")).to_be_visible()
    expect(workbench.get_by_text("本方案已发布，不能修改")).to_be_visible()
    assert members() == before
    workbench.reload()
    drawn(workbench)
    expect(workbench.get_by_role("button", name="自动拆分")).to_have_count(0)
    shows(workbench, before)
    assert all("412" in each or "409" in each for each in watched.complaints)
    watched.complaints.clear()


def test_a_plan_of_another_area_is_not_there(open_page: OpenPage, demo: Engine, watched: Watched) -> None:
    plan = copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED, area_code=GUILING)["plan_id"]
    stranger = tokens.issue(Actor("规划员乙", Role.PLANNER, NEXT_DOOR), 1, SECRET)
    with serving(demo, secret=SECRET, require_token=True) as address:
        page = open_page(f"/workbench?plan={plan}#token={stranger}", origin=address)
        expect(page.get_by_role("alert")).to_contain_text(f"没有编号为 {plan} 的方案")
        picture(page, "workbench-not-there-zh-desktop")
    assert all("404" in each for each in watched.complaints)
    watched.complaints.clear()
