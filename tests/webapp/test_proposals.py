"""The solver asked from the workbench: what it proposes is looked at, then accepted, undone or dropped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.editing import edit_plan
from geo_service.planning.editing import read_order
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, GUILING, SECOND, drawn

pytestmark = pytest.mark.browser


ZoneOf = Callable[[], dict[str, str]]


@pytest.fixture
def zone_of(demo: Engine, plan: int) -> ZoneOf:
    """The zone of each building of the draft, as the database holds it."""

    def zone_of() -> dict[str, str]:
        with demo.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT m.building_code, z.code FROM zone_member m JOIN zone z ON z.id = m.zone_id"
                    " WHERE m.plan_id = :plan"
                ),
                {"plan": plan},
            )
            return dict(tuple(row) for row in rows)

    return zone_of


@pytest.fixture
def unevenness(demo: Engine, plan: int) -> Callable[[], float]:
    """How far the zones of each community are from their mean, counted by the database."""

    def unevenness() -> float:
        with demo.connect() as connection:
            return float(
                connection.execute(
                    text(
                        "SELECT sum(abs(households - mean)) FROM ("
                        " SELECT sum(b.household_count) AS households,"
                        "        avg(sum(b.household_count)) OVER (PARTITION BY z.community_code) AS mean"
                        " FROM zone z JOIN zone_member m ON m.zone_id = z.id"
                        " JOIN building b ON b.code = m.building_code"
                        " WHERE z.plan_id = :plan GROUP BY z.id) AS zones"
                    ),
                    {"plan": plan},
                ).scalar_one()
            )

    return unevenness


def state_of(demo: Engine, plan: int) -> list[str]:
    with demo.connect() as connection:
        states = "SELECT state FROM plan_proposal WHERE plan_id = :plan ORDER BY id"
        return list(connection.execute(text(states), {"plan": plan}).scalars())


def opened(open_page: OpenPage, address: str, plan: int, language: str = "zh") -> Page:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}&lang={language}", origin=address)
    drawn(page)
    page.locator("details.solver summary").click()
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rebalance_of_at_most_ten_moves_is_looked_at_accepted_and_undone(
    open_page: OpenPage,
    address: str,
    demo: Engine,
    plan: int,
    zone_of: ZoneOf,
    unevenness: Callable[[], float],
    language: str,
) -> None:
    words = {
        "zh": {"ask": "求解", "accept": "采纳", "undo": "撤销", "lock": "锁定"},
        "en": {"ask": "Ask", "accept": "Accept", "undo": "Undo", "lock": "Lock"},
    }[language]
    before, uneven = zone_of(), unevenness()
    page = opened(open_page, address, plan, language)
    picture(page, f"solver-ask-{language}")
    page.locator(".solver input[type=number]").fill("10")
    page.get_by_role("button", name=words["ask"], exact=True).click()
    moves = page.locator('[data-testid="proposal-moves"] tbody tr')
    expect(moves.first).to_be_visible()
    listed = moves.count()
    assert 0 < listed <= 10
    assert zone_of() == before
    assert state_of(demo, plan) == ["done"]
    expect(page.get_by_role("button", name=words["lock"], exact=True)).to_have_count(0)

    moves.first.get_by_role("button").click()
    drawn(page)
    page.wait_for_timeout(700)  # the map flies there
    drawn(page)
    picture(page, f"solver-proposal-{language}")
    assert_accessible(page)

    shown = {row.get_attribute("data-building") for row in moves.all()}
    page.get_by_role("button", name=words["accept"], exact=True).click()
    expect(page.get_by_role("button", name=words["lock"], exact=True)).to_be_visible()
    expect(page.get_by_test_id("live")).to_be_empty()  # one's own is no news
    after = zone_of()
    assert {building for building in before if after[building] != before[building]} == shown
    assert after.keys() == before.keys()
    assert unevenness() < uneven
    assert state_of(demo, plan) == ["accepted"]

    with page.expect_response(re.compile("/undo$")):
        page.get_by_role("button", name=words["undo"], exact=True).click()
    expect(page.get_by_role("button", name=words["undo"], exact=True)).to_be_disabled()
    assert zone_of() == before


def test_a_proposal_that_waits_outlives_a_reload_and_is_dropped(
    open_page: OpenPage, address: str, demo: Engine, plan: int, zone_of: ZoneOf
) -> None:
    before = zone_of()
    page = opened(open_page, address, plan)
    page.get_by_label("做什么").select_option("split")
    page.get_by_label("拆成几个片区").fill("2")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_test_id("proposal")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.reload()
    drawn(page)
    expect(page.get_by_test_id("proposal")).to_be_visible()
    expect(page.locator('[data-figure="zones"] td').last).to_have_text(
        str(int(page.locator('[data-figure="zones"] td').first.inner_text()) + 1)
    )
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    page.get_by_role("button", name="放弃", exact=True).click()
    expect(page.get_by_text("已放弃，方案没有改动。")).to_be_visible()
    expect(page.locator("details.solver summary")).to_be_focused()
    assert state_of(demo, plan) == ["dropped"]
    assert zone_of() == before
    page.reload()
    drawn(page)
    expect(page.get_by_test_id("proposal")).to_have_count(0)


def test_one_that_another_host_is_working_at_is_found_and_cancelled(
    open_page: OpenPage, address: str, demo: Engine, plan: int
) -> None:
    with demo.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO plan_proposal (plan_id, area_code, revision, actor, asked, stage, done, total,"
                " heartbeat) SELECT id, area_code, revision, 'local', :asked, 'proposals.mending', 3, 10,"
                " now() + interval '1 hour' FROM plan WHERE id = :plan"
            ),
            {"plan": plan, "asked": '{"kind": "zone", "area": null, "seed": 1, "language": "zh"}'},
        )
    page = open_page(f"/workbench?plan={plan}", origin=address)
    solving = page.get_by_test_id("solving")
    expect(solving).to_contain_text("3 / 10")
    expect(solving).to_contain_text("把片区调整到限额以内")
    drawn(page)
    picture(page, "solver-running-zh")
    page.get_by_role("button", name="取消求解").click()
    expect(page.get_by_text("已取消，方案没有改动。")).to_be_visible()
    assert state_of(demo, plan) == ["cancelled"]
    expect(page.get_by_role("button", name="求解", exact=True)).to_be_enabled()


def test_what_cannot_be_is_said_with_the_reason_of_each_community(
    open_page: OpenPage, address: str, demo: Engine, plan: int
) -> None:
    # all of a zone's buildings but one in the other one: far above the limit, and none may move
    with demo.connect() as connection:
        codes = connection.execute(
            text(
                "SELECT m.building_code FROM zone_member m JOIN zone z ON z.id = m.zone_id"
                " WHERE z.plan_id = :plan AND z.code = :zone ORDER BY 1 OFFSET 1"
            ),
            {"plan": plan, "zone": SECOND},
        ).scalars()
        order = read_order({"kind": "assign", "zone": FIRST, "buildings": list(codes)})
    edit_plan(demo, LOCAL_ADMIN, plan_id=plan, order=order)
    page = opened(open_page, address, plan)
    page.get_by_label("范围").select_option(GUILING)
    page.locator(".solver input[type=number]").fill("0")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("找不到可行的划法")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(1)
    picture(page, "solver-infeasible-zh")
    assert state_of(demo, plan) == ["failed"]


def test_a_proposal_is_accepted_over_somebody_elses_edit_elsewhere_and_refused_over_one_there(
    open_page: OpenPage, address: str, demo: Engine, plan: int, zone_of: ZoneOf, watched: Watched
) -> None:
    before = zone_of()
    page = opened(open_page, address, plan)
    page.get_by_label("做什么").select_option("split")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_test_id("proposal")).to_be_visible()
    elsewhere = next(code for code in sorted(set(before.values())) if not code.startswith(GUILING))

    def renamed_first(zone: str, name: str) -> Callable[[Route], None]:
        """Somebody else is quicker by so little that the page has not heard of it."""

        def hold(route: Route) -> None:
            order = read_order({"kind": "rename", "zone": zone, "name": name})
            edit_plan(demo, LOCAL_ADMIN, plan_id=plan, order=order)
            route.continue_()

        return hold

    page.route("**/accept", renamed_first(elsewhere, "别处"), times=1)
    page.get_by_role("button", name="采纳", exact=True).click()
    expect(page.get_by_text("方案已被他人修改，这里已刷新")).to_be_visible()
    expect(page.locator(f'[data-zone="{elsewhere}"]')).to_contain_text("别处")
    assert zone_of() == before
    page.get_by_role("button", name="采纳", exact=True).click()
    expect(page.get_by_text("已采纳")).to_be_visible()
    split = zone_of()
    assert {code for code in split.values() if code not in before.values()} == {f"{GUILING}003"}

    page.get_by_label("做什么").select_option("split")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_test_id("proposal")).to_be_visible()
    page.route("**/accept", renamed_first(SECOND, "此处"), times=1)
    page.get_by_role("button", name="采纳", exact=True).click()
    expect(page.get_by_text("方案已被他人修改，这里已刷新")).to_be_visible()
    page.get_by_role("button", name="采纳", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("求解之后，这些社区的片区已被改动")
    expect(page.get_by_role("button", name="采纳", exact=True)).to_be_disabled()
    picture(page, "solver-overtaken-zh")
    assert zone_of() == split
    assert all(re.search("412|409", words) for words in watched.complaints)
    watched.complaints.clear()


def test_fresh_zones_of_the_whole_plan_leave_the_locked_one_and_take_in_who_waits(
    open_page: OpenPage, address: str, demo: Engine, plan: int, zone_of: ZoneOf
) -> None:
    before = zone_of()
    for order in ({"kind": "lock", "zones": [SECOND]}, {"kind": "delete", "zone": FIRST}):
        edit_plan(demo, LOCAL_ADMIN, plan_id=plan, order=read_order(order))
    page = opened(open_page, address, plan)
    page.get_by_label("做什么").select_option("zone")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_test_id("proposal")).to_be_visible()
    # the 512 households of Dongli make no zones of 300 to 500: it stays as it is, and its buildings wait
    expect(page.locator(".refused li")).to_have_count(1)
    drawn(page)
    picture(page, "solver-zone-zh")
    page.get_by_role("button", name="采纳", exact=True).click()
    expect(page.get_by_text("已采纳")).to_be_visible()
    after = zone_of()
    assert after.keys() == before.keys()
    for zone, now in ((SECOND, SECOND), (FIRST, f"{GUILING}003")):
        assert {code for code in before if before[code] == zone} == {
            code for code in after if after[code] == now
        }
    expect(page.get_by_test_id("unassigned")).to_have_text("16")
