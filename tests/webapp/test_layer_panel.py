"""The list of layers on the map page: grouped, one of each ground at a time; a legend of what is shown."""

from __future__ import annotations

import time

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from geo_service.access import LOCAL_ADMIN
from geo_service.pipeline.policies import use_profile
from tests.webapp.conftest import PATIENCE_MS, picture, settle
from tests.webapp.positions import query_of
from tests.webapp.test_map_page import pixels

pytestmark = pytest.mark.browser

COUNTY = "990122000000"
LIUTING = "990122100001"
OCTOBER = "2024-10-31"


def box(page: Page, layer: str):
    return page.locator(f'[data-layer="{layer}"] input')


def switch(page: Page, layer: str) -> None:
    """Tick or untick a layer, its group opened first."""
    group = page.locator(f'details[data-group]:has([data-layer="{layer}"])')
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    page.locator(f'[data-layer="{layer}"] .el-checkbox').click()
    settle(page)


def colours(page: Page) -> list[str]:
    legend = page.locator('[data-legend="coverage_by_community"] li rect')
    return [mark.get_attribute("fill") for mark in legend.all()]


def test_layers_stand_in_groups_and_tables_are_not_among_them(open_page):
    page = open_page("/")
    settle(page)
    headings = [
        summary.inner_text().split("\n")[0].strip()
        for summary in page.locator("[data-group] > summary").all()
    ]
    assert [heading.split(" ")[0] for heading in headings] == [
        "流动物业", "小区与楼栋", "覆盖率与节点", "阻隔与通道", "行政区划",
    ]  # fmt: skip
    assert page.locator("[data-layer]").count() == 19
    assert page.locator('[data-layer="no_location"]').count() == 0
    expect(box(page, "zones")).to_be_checked()
    for hidden in (
        "coverage_by_community",
        "milestones_by_community",
        "compounds_by_type",
        "uncovered_buildings",
    ):
        expect(box(page, hidden)).not_to_be_checked()
    assert page.locator('[data-legend="compounds"] li').count() == 8
    assert page.locator('[data-legend="compounds_by_form"]').count() == 0
    picture(page, "layers-zh-desktop")


def test_the_same_compounds_are_drawn_one_way_at_a_time(open_page):
    page = open_page(f"/?area={LIUTING}&on={OCTOBER}")
    settle(page)
    by_step = pixels(page)
    switch(page, "compounds_by_form")
    expect(box(page, "compounds")).not_to_be_checked()
    expect(page.locator('[data-legend="compounds_by_form"]')).to_contain_text("专业化、星级、社会化物业")
    by_form = pixels(page)
    assert (np.abs(by_form - by_step).max(axis=2) > 0.05).mean() > 0.01
    switch(page, "compounds_by_type")
    expect(box(page, "compounds_by_form")).not_to_be_checked()
    expect(page.locator('[data-legend="compounds_by_type"]')).to_contain_text("基础条件一般的小区")
    assert (np.abs(pixels(page) - by_form).max(axis=2) > 0.05).mean() > 0.01
    picture(page, "compounds-by-type-zh-desktop")


def test_coverage_is_coloured_by_the_measure_chosen_and_the_legend_says_which(open_page):
    page = open_page(f"/?area={COUNTY}&on=2024-08-31")
    settle(page)
    switch(page, "coverage_by_community")
    legend = page.locator('[data-legend="coverage_by_community"]')
    expect(legend).to_contain_text("低于 30%")
    expect(box(page, "zones")).not_to_be_checked()  # or their colours would mix
    by_units = pixels(page)
    with page.expect_response(
        lambda answer: "style.json" in answer.url and "measure=households" in answer.url
    ):
        legend.locator("select").select_option("households")
    expect(legend.locator("select")).to_have_value("households")
    assert query_of(page)["measure"] == "households"
    assert len(colours(page)) == 6
    # Two of the five communities are in another class by households.
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (np.abs(pixels(page) - by_units).max(axis=2) > 0.05)[:, :-270].mean() < 0.02:
        assert time.monotonic() < deadline, "the map kept the colours of the other measure"
        page.wait_for_timeout(200)
    settle(page)
    picture(page, "coverage-by-households-zh-desktop")
    page.get_by_role("button", name="English").click()
    expect(legend).to_contain_text("Coloured by")
    settle(page)
    picture(page, "coverage-by-households-en-desktop")


def test_milestones_at_risk_are_red_amber_and_green_with_a_legend(open_page):
    page = open_page(f"/?area={COUNTY}&on={OCTOBER}&lang=en")
    settle(page)
    switch(page, "milestones_by_community")
    legend = page.locator('[data-legend="milestones_by_community"]')
    for words in ("Milestone missed", "Likely to be late", "On course"):
        expect(legend).to_contain_text(words)
    picture(page, "milestones-en-desktop")


def test_milestones_are_of_the_target_chosen(open_page, county: Engine):
    """The plan of 2018 has two targets; its first is chosen until the reader chooses the other."""
    legend_of = '[data-legend="milestones_by_community"]'
    use_profile(county, LOCAL_ADMIN, key="zhengzhou_etdz_2018")
    try:
        page = open_page(f"/?area={COUNTY}&on=2019-10-31")
        settle(page)
        switch(page, "milestones_by_community")
        choice = page.locator(f"{legend_of} select")
        expect(choice).to_have_value("upgrade")
        expect(choice).to_contain_text("业主委员会成立")
        with page.expect_response(
            lambda answer: (
                "milestones_by_community/tiles" in answer.url and "target=owners_committee" in answer.url
            )
        ) as tile:
            choice.select_option("owners_committee")
        assert tile.value.ok
        assert query_of(page)["target"] == "owners_committee"
        settle(page)
        page.reload()
        settle(page)
        switch(page, "milestones_by_community")
        expect(page.locator(f"{legend_of} select")).to_have_value("owners_committee")
        picture(page, "milestones-by-target-zh-desktop")
    finally:
        use_profile(county, LOCAL_ADMIN, key="county_2024")
