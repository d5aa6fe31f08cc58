"""From a draft to a published plan on the workbench: chiefs, review, check list, hand-over, history."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.deployment import today
from geo_service.pipeline.editing import edit_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.planning.editing import read_order
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import OpenPage, Watched, picture
from tests.webapp.workbench import FIRST, GUILING, PUBLISHED, SECOND, THIRD, drawn, press, row, tomorrow

pytestmark = pytest.mark.browser

REASON = "春节前必须落实服务，节后调整"


@pytest.fixture
def plan(demo: Engine) -> int:
    return copy_plan(demo, LOCAL_ADMIN, plan_id=PUBLISHED, area_code=GUILING)["plan_id"]


@pytest.fixture
def workbench(open_page: OpenPage, address: str, plan: int) -> Page:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}", origin=address)
    drawn(page)
    return page


def rows(demo: Engine, question: str, **values: Any) -> list[tuple]:
    with demo.connect() as connection:
        return [tuple(each) for each in connection.execute(text(question), values)]


def state(demo: Engine, plan: int) -> str:
    return rows(demo, "SELECT state FROM plan WHERE id = :plan", plan=plan)[0][0]


def test_a_plan_gets_another_name(workbench: Page, demo: Engine, plan: int) -> None:
    workbench.get_by_role("button", name="更改方案名").click()
    field = workbench.get_by_label("方案的新名称")
    field.fill("  ")
    workbench.get_by_role("button", name="保存", exact=True).click()
    assert not field.evaluate("(input) => input.checkValidity()")
    field.fill("桂陵街道二月方案")
    picture(workbench, "publishing-rename-zh-desktop")
    press(workbench, "保存")
    expect(workbench.get_by_text("方案已改名。")).to_be_visible()
    expect(workbench.locator("header")).to_contain_text("桂陵街道二月方案")
    expect(field).to_have_count(0)
    assert rows(demo, "SELECT name FROM plan WHERE id = :plan", plan=plan) == [("桂陵街道二月方案",)]
    assert_accessible(workbench)


def test_a_draft_goes_into_review_and_comes_back(workbench: Page, demo: Engine, plan: int) -> None:
    expect(workbench.get_by_role("listitem").filter(has_text="草稿")).to_have_attribute(
        "aria-current", "step"
    )
    press(workbench, "提请审核")
    expect(workbench.get_by_text("本方案审核中，不能修改")).to_be_visible()
    expect(workbench.get_by_role("button", name="撤销")).to_have_count(0)
    assert state(demo, plan) == "review"
    picture(workbench, "publishing-review-zh-desktop")
    press(workbench, "退回修改")
    expect(workbench.get_by_role("button", name="自动拆分")).to_be_visible()
    assert state(demo, plan) == "draft"


def test_chiefs_are_appointed_to_the_zones_of_a_draft(workbench: Page, demo: Engine, plan: int) -> None:
    press(workbench, "自动拆分")
    expect(row(workbench, THIRD)).to_contain_text("尚无网格长")
    with workbench.expect_response("**/board"):
        press(workbench, "任命网格长")
    posts = rows(
        demo,
        "SELECT z.code, n.name FROM zone z LEFT JOIN post o ON o.zone_id = z.id"
        " LEFT JOIN person n ON n.code = o.person_code WHERE z.plan_id = :plan ORDER BY 1",
        plan=plan,
    )
    served = {code: name for code, name in posts if name}
    expect(workbench.get_by_text(f"已任命 {len(served)} 名网格长")).to_be_visible()
    assert len(served) >= 2
    for code, name in served.items():
        expect(row(workbench, code)).to_contain_text(name)


def test_zones_that_nobody_could_be_found_for_are_named(workbench: Page, demo: Engine, plan: int) -> None:
    with demo.begin() as connection:
        before = connection.execute(
            text("SELECT code, zone_capacity FROM person WHERE community_code = :community"),
            {"community": GUILING},
        ).all()
        connection.execute(
            text(
                "UPDATE person SET zone_capacity = CASE WHEN code = :one THEN 1 ELSE 0 END"
                " WHERE community_code = :community"
            ),
            {"community": GUILING, "one": before[0].code},
        )
    try:
        press(workbench, "任命网格长")
        expect(workbench.get_by_text("已任命 1 名网格长")).to_be_visible()
    finally:
        with demo.begin() as connection:
            connection.execute(
                text("UPDATE person SET zone_capacity = :n WHERE code = :code"),
                [{"code": row.code, "n": row.zone_capacity} for row in before],
            )
    unserved = rows(
        demo,
        "SELECT z.name FROM zone z WHERE z.plan_id = :plan"
        " AND NOT EXISTS (SELECT FROM post o WHERE o.zone_id = z.id) ORDER BY z.code",
        plan=plan,
    )
    assert unserved
    names = "、".join(name for (name,) in unserved)
    expect(workbench.get_by_text(f"{len(unserved)} 个片区没有合适人选：{names}。")).to_be_visible()
    picture(workbench, "publishing-without-chief-zh-desktop")


def test_what_was_changed_meanwhile_is_not_published(
    workbench: Page, demo: Engine, plan: int, watched: Watched
) -> None:
    workbench.get_by_role("button", name="发布…").click()
    dialog = workbench.get_by_role("dialog")
    expect(dialog.get_by_test_id("handover")).to_be_visible()

    def overtaken(route: Route) -> None:
        edit_plan(demo, LOCAL_ADMIN, plan_id=plan, order=read_order({"kind": "lock", "zones": [FIRST]}))
        route.continue_()

    workbench.route("**/publish", overtaken, times=1)
    # Only the check list says whether a reason is asked for.
    expect(dialog.get_by_role("region", name="核对清单")).to_be_visible()
    if dialog.get_by_label("仍要发布的理由").count():
        dialog.get_by_label("仍要发布的理由").fill(REASON)
    dialog.get_by_role("button", name="发布").first.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    assert state(demo, plan) == "draft"
    assert all("412" in words for words in watched.complaints)
    watched.complaints.clear()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_dialogs_are_accessible(open_page: OpenPage, address: str, plan: int, language: str) -> None:
    page = open_page(f"/workbench?plan={plan}&zone={FIRST}&lang={language}", origin=address)
    drawn(page)
    names = {"zh": ("发布…", "历史"), "en": ("Publish…", "History")}[language]
    for name, shown in zip(names, ("handover", "history"), strict=True):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_test_id(shown)).to_be_attached()
        picture(page, f"publishing-{names.index(name)}-{language}-desktop")
        assert_accessible(page)
        page.keyboard.press("Escape")


# The last: after it another plan already starts tomorrow.
def test_broken_rules_are_published_for_a_reason_alone(
    workbench: Page, demo: Engine, plan: int, address: str, tmp_path: Path
) -> None:
    press(workbench, "自动拆分")
    expect(row(workbench, THIRD)).to_be_visible()
    before = dict(
        rows(
            demo,
            "SELECT m.building_code, z.code FROM zone_member m JOIN zone z ON z.id = m.zone_id"
            " WHERE z.plan_id = :plan AND z.community_code = :community",
            plan=PUBLISHED,
            community=GUILING,
        )
    )
    now = dict(
        rows(
            demo,
            "SELECT m.building_code, z.code FROM zone_member m JOIN zone z ON z.id = m.zone_id"
            " WHERE z.plan_id = :plan",
            plan=plan,
        )
    )
    # The copy's posts stayed with the zones they were in; nobody is in the third zone's.
    alone = sorted(code for code, zone in now.items() if zone == THIRD)
    assert alone
    assert {before[code] for code in alone} == {FIRST}

    workbench.get_by_role("button", name="发布…").click()
    dialog = workbench.get_by_role("dialog")
    expect(dialog).to_contain_text("处不符合规则")
    broken = dialog.get_by_test_id("breaches").get_by_role("listitem")
    expect(broken.filter(has_text="第3片区")).to_have_count(1)
    expect(dialog.get_by_role("button", name="说明理由并发布")).to_be_disabled()
    expect(dialog.get_by_test_id("handover")).to_contain_text(f"失去服务 {len(alone)} 栋")
    expect(dialog.get_by_label("生效日期")).to_have_value(tomorrow().isoformat())
    with workbench.expect_download() as saved:
        dialog.get_by_role("button", name="下载清单（CSV）").click()
    saved.value.save_as(tmp_path / "handover.csv")
    lines = list(csv.reader((tmp_path / "handover.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert sorted(line[1] for line in lines[1:]) == alone
    dialog.get_by_label("仍要发布的理由").fill(REASON)
    picture(workbench, "publishing-dialog-zh-desktop")
    dialog.get_by_role("button", name="说明理由并发布").click()
    expect(workbench.get_by_text("本方案已发布，不能修改")).to_be_visible()

    assert state(demo, plan) == "published"
    assert rows(
        demo, "SELECT lower(effective), upper(effective) FROM plan_publication WHERE plan_id = :p", p=plan
    ) == [(tomorrow(), None)]
    assert rows(
        demo,
        "SELECT upper(effective) FROM plan_publication WHERE plan_id = :p AND community_code = :c",
        p=PUBLISHED,
        c=GUILING,
    ) == [(tomorrow(),)]
    ((said,),) = rows(
        demo, "SELECT edit ->> 'reason' FROM plan_edit WHERE plan_id = :p AND kind = 'publish'", p=plan
    )
    assert said == REASON

    workbench.get_by_role("button", name="历史").click()
    past = workbench.get_by_role("dialog")
    expect(past.get_by_test_id("history")).to_contain_text(REASON)
    past.get_by_label("楼栋编码").fill(alone[0])
    past.get_by_label("楼栋编码").press("Enter")
    past.get_by_label("日期").fill(today().isoformat())
    expect(past.get_by_test_id("served")).to_contain_text("桂岭社区第1片区")
    past.get_by_label("日期").fill(tomorrow().isoformat())
    expect(past.get_by_test_id("served")).to_contain_text("桂岭社区第3片区")
    picture(workbench, "publishing-history-zh-desktop")
    past.get_by_role("button", name="关闭").click()

    workbench.get_by_role("link", name="在地图上查看已发布片区").click()
    workbench.wait_for_url("**/?area=*")
    shown = httpx.get(
        f"{address}/collections/zones/items",
        params={"area": GUILING, "on": tomorrow().isoformat(), "limit": 100},
    ).json()
    assert {each["properties"]["code"] for each in shown["features"]} == {FIRST, SECOND, THIRD}
    now = httpx.get(f"{address}/collections/zones/items", params={"area": GUILING, "limit": 100}).json()
    assert {each["properties"]["code"] for each in now["features"]} == {FIRST, SECOND}
