"""A planner's day from end to end: files in, zones asked for, worked at, compared, published, seen.

On the demo county and on Bunkyo's 36,574 real buildings; after every step the database is asked what it
holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from geo_service.demo.county import make_county
from geo_service.demo.files import write_files
from geo_service.demo.story import DEFAULT_SEED
from geo_service.deployment import today
from tests.real.preparation import prepare_bunkyo
from tests.serving import serving
from tests.webapp.conftest import OpenPage, picture
from tests.webapp.positions import projection
from tests.webapp.workbench import drawn, press, row, tomorrow

pytestmark = [pytest.mark.browser]

# As slowly as the map is drawn: of all moves between two frames a browser tells one.
NEXT_FRAME = "() => new Promise((drawn) => requestAnimationFrame(drawn))"
Divided = dict[str, str]


@dataclass(frozen=True)
class Ground:
    """What is brought in, and where a plan is drawn; ``kinds`` in the order they build on one another."""

    name: str
    area: str
    files: dict[str, Path]
    buildings: int
    mapping: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def demo_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    files = write_files(make_county(seed=DEFAULT_SEED), tmp_path_factory.mktemp("county"))
    kinds = ("areas", "compounds", "buildings", "barriers", "walkways", "people")
    return Ground("demo", "990122100000", {kind: files[kind] for kind in kinds}, buildings=0)


@pytest.fixture(scope="module")
def bunkyo_ground(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    town = prepare_bunkyo(shared_data, tmp_path_factory.mktemp("bunkyo"))
    files = {kind: path for kind, path, _ in town.imports}
    (mapping,) = (options.mapping for kind, _, options in town.imports if kind == "buildings")
    return Ground("bunkyo", town.area_code, files, buildings=36_574, mapping=mapping)


class Story:
    """The page and the database beside it."""

    def __init__(self, page: Page, engine: Engine, address: str, ground: Ground) -> None:
        self.page, self.engine, self.address, self.ground = page, engine, address, ground
        self.plan = 0

    def ask(self, question: str, **values: Any) -> list[tuple]:
        with self.engine.connect() as connection:
            return [tuple(each) for each in connection.execute(text(question), values)]

    def held(self) -> Divided:
        """The zone of each building, as the database holds it."""
        return dict(
            self.ask(
                "SELECT m.building_code, z.code FROM zone_member m JOIN zone z ON z.id = m.zone_id"
                " WHERE m.plan_id = :plan",
                plan=self.plan,
            )
        )

    def button(self, name: str) -> None:
        press(self.page, name)

    def choose(self, zone: str) -> None:
        row(self.page, zone).get_by_role("button").click()
        self.page.wait_for_timeout(900)  # the map flies there
        drawn(self.page)


def bring_in(story: Story) -> None:
    """Every file through the wizard, step by step."""
    page = story.page
    for kind, path in story.ground.files.items():
        page.goto(f"{story.address}/import")
        page.locator('input[type="file"]').set_input_files(path)
        expect(page.locator('[data-step="kind"], [data-step="columns"]')).to_be_visible()
        page.locator(f'input[type="radio"][value="{kind}"]').check()
        forward(page)
        if kind == "buildings":
            for name, column in story.ground.mapping.items():
                page.locator(f'[data-column="{column}"] select').select_option(name)
            picture(page, f"story-{story.ground.name}-columns")
        forward(page)
        places, trial = page.locator('[data-step="places"]'), page.get_by_role("button", name="开始试导入")
        expect(places.or_(trial)).to_be_visible()
        if places.count():
            chosen = page.locator('[data-datum="cgcs2000"] input')
            expect(chosen).to_be_visible()
            chosen.check()
            forward(page)
        trial.click()
        expect(page.get_by_test_id("summary")).to_be_visible()
        forward(page)
        page.get_by_role("button", name="导入", exact=True).click()
        expect(page.get_by_text("导入完成")).to_be_visible()
    if story.ground.buildings:
        assert story.ask("SELECT count(*) FROM building") == [(story.ground.buildings,)]


def forward(page: Page) -> None:
    page.get_by_role("button", name="下一步", exact=True).click()


def begin(story: Story) -> None:
    """A plan without zones, then zones for all of it from the solver."""
    page = story.page
    page.goto(f"{story.address}/workbench?area={story.ground.area}")
    page.get_by_label("方案名称").fill("端到端方案")
    page.get_by_role("button", name="新建方案").click()
    page.wait_for_url("**/workbench?plan=*")
    drawn(page)
    story.plan = int(re.search(r"plan=(\d+)", page.url)[1])
    assert story.held() == {}
    picture(page, f"story-{story.ground.name}-blank")
    page.get_by_role("button", name="求解", exact=True).click()
    picture(page, f"story-{story.ground.name}-solving")
    page.get_by_role("button", name="采纳", exact=True).click(timeout=900_000)
    expect(page.get_by_role("button", name="撤销")).to_be_enabled()
    drawn(page)
    divided = story.held()
    waiting = story.ask(
        "SELECT count(*) FROM buildings_to_zone(current_date) b"
        " JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[:area]",
        area=story.ground.area,
    )
    unassigned = int(page.get_by_test_id("unassigned").inner_text().replace(",", ""))
    assert len(divided) + unassigned == waiting[0][0]
    assert len(divided) > 0.5 * waiting[0][0]
    picture(page, f"story-{story.ground.name}-zones")


def two_zones(story: Story) -> tuple[str, str]:
    """Two neighbours of one community, the first with more buildings."""
    return story.ask(
        "SELECT z.code, o.code FROM zone z JOIN zone o ON o.plan_id = z.plan_id AND o.code > z.code"
        " AND o.community_code = z.community_code AND ST_DWithin(z.geom, o.geom, 0.00001)"
        " WHERE z.plan_id = :plan AND z.building_count >= 8 AND o.building_count >= 8 ORDER BY 1, 2 LIMIT 1",
        plan=story.plan,
    )[0]


def work(story: Story) -> None:
    """Lock, lasso, split, merge; all of it undone and done again."""
    page = story.page
    first, second = two_zones(story)
    drawn_by_solver = story.held()
    story.choose(second)
    story.button("锁定")
    assert story.ask("SELECT code FROM zone WHERE plan_id = :plan AND locked", plan=story.plan) == [(second,)]

    story.choose(first)
    five = lasso_five(story, first)
    assert five <= {code for code, zone in drawn_by_solver.items() if zone == first}
    assert len(five) == 5
    story.button("新建片区")
    lassoed = story.held()
    (made,) = {lassoed[code] for code in five}
    assert made not in drawn_by_solver.values()
    assert {code for code, zone in lassoed.items() if zone == made} == five

    story.button("自动拆分")
    split = story.held()
    part = next(iter(set(split.values()) - set(lassoed.values())))
    assert {split[code] for code in split if lassoed[code] == first} == {first, part}
    page.get_by_label("与某片区合并").select_option(made)
    story.button("合并")
    merged = story.held()
    assert merged == {code: first if zone == made else zone for code, zone in split.items()}

    for was in (split, lassoed, drawn_by_solver):
        story.button("撤销")
        assert story.held() == was
    story.button("撤销")  # the lock
    story.button("撤销")  # what the solver drew
    assert story.held() == {}
    expect(page.get_by_role("button", name="撤销")).to_be_disabled()
    for _ in range(5):
        story.button("重做")
    assert story.held() == merged
    assert story.ask("SELECT code FROM zone WHERE plan_id = :plan AND locked", plan=story.plan) == [(second,)]
    picture(page, f"story-{story.ground.name}-worked")


def lasso_five(story: Story, zone: str) -> set[str]:
    """Draw round five buildings on one side of a zone, with room to draw between them and all others."""
    page = story.page
    on_screen = projection(page)
    places = {
        code: shapely.Point(on_screen(x, y))
        for code, x, y in story.ask(
            "SELECT b.code, ST_X(ST_PointOnSurface(b.geom)), ST_Y(ST_PointOnSurface(b.geom))"
            " FROM buildings_to_zone(current_date) b"
            " JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[:area]",
            area=story.ground.area,
        )
    }
    held = story.held()
    own = [code for code, of in held.items() if of == zone]
    overlays = [each.bounding_box() for each in page.locator(".overlay > *, .map-buttons, .live > *").all()]
    covered = [shapely.box(o["x"], o["y"], o["x"] + o["width"], o["y"] + o["height"]) for o in overlays if o]
    sides = (on_one_side(places, own, turn, covered) for turn in range(24))
    five, ring, room_px = max(sides, key=lambda side: side[2])
    assert room_px, "there is no room to draw"
    page.keyboard.press("l")
    corners = stroke_round(ring)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
        page.evaluate(NEXT_FRAME)
    page.mouse.up()
    expect(page.get_by_test_id("selection")).to_contain_text("已选 5 栋")
    picture(page, f"story-{story.ground.name}-lasso")
    return five


def stroke_round(ring: shapely.Polygon) -> list[tuple[float, float]]:
    """The way of a hand: a stroke begins some pixels late, so in the middle of the longest straight side."""
    sides = list(pairwise(ring.simplify(1).exterior.coords))
    longest = max(range(len(sides)), key=lambda side: math.dist(*sides[side]))
    (x, y), (to_x, to_y) = sides[longest]
    middle = ((x + to_x) / 2, (y + to_y) / 2)
    after = [end for _, end in (*sides[longest:], *sides[:longest])]
    return list(shapely.LineString([middle, *after, middle]).segmentize(9).coords)


def on_one_side(
    places: dict[str, shapely.Point], own: list[str], turn: int, covered: list[shapely.Polygon]
) -> tuple[set[str], shapely.Polygon, int]:
    """The first five in a direction, the widest ring round them that leaves all others out, and how wide."""
    x, y = math.cos(turn * math.tau / 24), math.sin(turn * math.tau / 24)
    five = set(sorted(own, key=lambda code: places[code].x * x + places[code].y * y)[:5])
    hull = shapely.MultiPoint([places[code] for code in five]).convex_hull
    others = [*covered, *(place for code, place in places.items() if code not in five)]
    for radius in (40, 30, 24, 18, 14, 11):
        ring = hull.buffer(radius)
        shapely.prepare(ring)
        if not shapely.intersects(ring, others).any():
            return five, ring, radius
    return five, shapely.Polygon(), 0


def rebalance(story: Story) -> None:
    """The solver moves at most ten buildings, and none of the locked zone."""
    page = story.page
    before = story.held()
    ((locked,),) = story.ask("SELECT code FROM zone WHERE plan_id = :plan AND locked", plan=story.plan)
    page.get_by_label("做什么").select_option("rebalance")
    page.locator(".solver input[type=number]").fill("10")
    page.get_by_role("button", name="求解", exact=True).click()
    page.get_by_role("button", name="采纳", exact=True).click(timeout=600_000)
    expect(page.get_by_role("button", name="画笔")).to_be_visible()
    after = story.held()
    moved = {code for code in after if before.get(code) != after[code]}
    assert 0 < len(moved) <= 10
    assert {code for code, zone in before.items() if zone == locked} == {
        code for code, zone in after.items() if zone == locked
    }


def compare(story: Story) -> None:
    """A copy, one building moved in it: exactly that one differs."""
    page, plan = story.page, story.plan
    held = story.held()
    copied = httpx.post(f"{story.address}/api/plans/{plan}/copy", json={"name": "比选"}, timeout=60).json()[
        "plan_id"
    ]
    ((giver, taker),) = story.ask(
        "SELECT z.code, o.code FROM zone z JOIN zone o ON o.plan_id = z.plan_id AND o.code > z.code"
        " AND o.community_code = z.community_code WHERE z.plan_id = :plan AND NOT z.locked AND NOT o.locked"
        " AND z.building_count >= 5 AND o.building_count >= 5 ORDER BY 1, 2 LIMIT 1",
        plan=plan,
    )
    moved = min(code for code, zone in held.items() if zone == giver)
    order = {"kind": "assign", "zone": taker, "buildings": [moved]}
    edited = httpx.post(
        f"{story.address}/api/plans/{copied}/edits", json=order, headers={"If-Match": "*"}, timeout=60
    )
    assert edited.status_code == 200, edited.text
    page.goto(f"{story.address}/compare?plans={plan},{copied}")
    expect(page.get_by_test_id("verdict")).to_contain_text("1")
    page.get_by_role("tab", name=re.compile("楼栋")).click()
    expect(page.locator(f'[data-building="{moved}"]').first).to_be_visible()
    picture(page, f"story-{story.ground.name}-compare")
    page.goto(f"{story.address}/workbench?plan={plan}")
    drawn(page)


def publish(story: Story) -> None:
    """Chiefs, publication from tomorrow, and the published layer."""
    page, plan = story.page, story.plan
    story.button("任命网格长")
    expect(page.get_by_text(re.compile(r"已任命 [\d,]+ 名网格长"))).to_be_visible()
    zones = story.ask("SELECT count(*) FROM zone WHERE plan_id = :plan", plan=plan)[0][0]
    served = story.ask(
        "SELECT count(*) FROM zone z JOIN post o ON o.zone_id = z.id WHERE z.plan_id = :plan", plan=plan
    )[0][0]
    assert 0 < served <= zones
    page.get_by_role("button", name="发布…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("handover")).to_be_visible()
    # Only the check list says whether a reason is asked for.
    expect(dialog.get_by_role("region", name="核对清单")).to_be_visible()
    if dialog.get_by_label("仍要发布的理由").count():
        dialog.get_by_label("仍要发布的理由").fill("先行服务，逐步调整")
    picture(page, f"story-{story.ground.name}-publish")
    dialog.get_by_role("button", name=re.compile("发布$")).click()
    expect(page.get_by_text("本方案已发布，不能修改")).to_be_visible()
    assert story.ask("SELECT state FROM plan WHERE id = :plan", plan=plan) == [("published",)]
    page.goto(f"{story.address}/?area={story.ground.area}&on={tomorrow().isoformat()}")
    page.wait_for_function("() => document.querySelector('.map-canvas')?.dataset.idle === 'true'")
    picture(page, f"story-{story.ground.name}-published")
    layer = f"{story.address}/collections/zones/items"
    asked = {"area": story.ground.area, "on": tomorrow().isoformat(), "limit": 10_000}
    shown = httpx.get(layer, params=asked, timeout=60).json()
    codes = {each["properties"]["code"] for each in shown["features"]}
    assert codes == {code for (code,) in story.ask("SELECT code FROM zone WHERE plan_id = :p", p=plan)}
    assert httpx.get(layer, params={**asked, "on": today().isoformat()}, timeout=60).json()["features"] == []


CHAPTERS: tuple[Callable[[Story], None], ...] = (bring_in, begin, work, rebalance, compare, publish)


def told(engine: Engine, open_page: OpenPage, work_dir: Path, ground: Ground) -> None:
    with serving(engine, work_dir=work_dir) as address:
        story = Story(open_page("/import", origin=address), engine, address, ground)
        for chapter in CHAPTERS:
            chapter(story)


def test_the_demo_county(engine: Engine, open_page: OpenPage, tmp_path: Path, demo_ground: Ground) -> None:
    told(engine, open_page, tmp_path, demo_ground)


@pytest.mark.shared_data
def test_bunkyo(engine: Engine, open_page: OpenPage, tmp_path: Path, bunkyo_ground: Ground) -> None:
    told(engine, open_page, tmp_path, bunkyo_ground)
