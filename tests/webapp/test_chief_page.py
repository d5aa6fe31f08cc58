"""What a chief sees on a phone: exactly the buildings of the post, and nothing private."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from geo_service import tokens
from geo_service.access import Actor, Role
from tests.webapp.conftest import PHONE, SECRET, picture, serving, settle

pytestmark = pytest.mark.browser

POST = """
SELECT o.id, o.zone_id, z.household_count, z.building_count, p.name, p.work_phone, p.code FROM post o
JOIN zone z ON z.id = o.zone_id JOIN person p ON p.code = o.person_code ORDER BY o.id LIMIT 1
"""


@pytest.fixture(scope="module")
def post(ask):
    ((post_id, zone_id, *rest),) = ask(POST)
    members = ask(
        "SELECT b.code, b.household_count FROM zone_member m JOIN building b ON b.code = m.building_code"
        " WHERE m.zone_id = :zone",
        zone=zone_id,
    )
    return post_id, dict(members), *rest


def test_the_page_lists_exactly_the_buildings_of_the_post(open_page, post):
    post_id, buildings, households, count, name, phone, _ = post
    page = open_page(f"/chief/{post_id}", size=PHONE)
    rows = page.locator("[data-building]")
    expect(rows).to_have_count(count)
    shown = {row.get_attribute("data-building"): row.inner_text() for row in rows.all()}
    assert shown.keys() == buildings.keys()
    for code, own in buildings.items():
        assert f"{own} 户" in shown[code]
    side = page.locator("aside")
    expect(side).to_contain_text(name)
    expect(side.locator("dl")).to_contain_text(str(households))
    expect(side.get_by_role("link")).to_have_attribute("href", f"tel:{phone}")
    settle(page)
    expect(page.locator(".map-label-building")).to_have_count(count)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(page, "chief-zh-phone")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My zone")
    settle(page)
    picture(page, "chief-en-phone")


def test_map_and_list_point_at_each_other(open_page, post):
    page = open_page(f"/chief/{post[0]}", size=PHONE)
    settle(page)
    third = page.locator("[data-building]").nth(2)
    third.get_by_role("button").click()
    expect(page.locator(".map-label-building.is-chosen")).to_have_text("3")
    settle(page)
    picture(page, "chief-building-zh-phone")
    page.get_by_role("button", name=re.compile("^5 号楼")).click()
    expect(page.locator(".map-label-building.is-chosen")).to_have_text("5")
    expect(page.locator('[data-building] [aria-pressed="true"]')).to_have_count(1)
    fifth = page.locator("[data-building]").nth(4).get_by_role("button")
    expect(fifth).to_have_attribute("aria-pressed", "true")
    expect(fifth).to_be_in_viewport()


def test_no_private_phone_reaches_the_page(open_page, post, ask, watched):
    ((private,),) = ask("SELECT private_phone FROM person_contact WHERE person_code = :code", code=post[-1])
    page = open_page(f"/chief/{post[0]}", size=PHONE)
    settle(page)
    assert private not in page.content()
    answers = [request.response() for request in watched.requests if "/api/" in request.url]
    assert answers
    assert all(private not in answer.text() for answer in answers)


def test_an_unknown_post_is_said_in_words(open_page, watched):
    page = open_page("/chief/999999", size=PHONE)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="重试")).to_be_visible()
    picture(page, "chief-unknown-zh-phone")
    assert all("status of 404" in words for words in watched.complaints)
    watched.complaints.clear()


def test_an_address_without_a_post_says_how_it_should_look(open_page):
    page = open_page("/chief/mine", size=PHONE)
    expect(page.get_by_role("alert")).to_contain_text("/chief/12")


def test_a_token_opens_the_chiefs_own_page_and_leaves_the_address(open_page, county, post, watched):
    actor = Actor("chief", Role.CHIEF, "990122000000", post_id=post[0])
    token = tokens.issue(actor, 1, SECRET)
    with serving(county, secret=SECRET, require_token=True) as address:
        page = open_page(f"/chief/{post[0]}#token={token}", size=PHONE, origin=address)
        expect(page.locator("[data-building]")).to_have_count(len(post[1]))
        settle(page)
        assert token not in page.url
        page.reload()
        expect(page.locator("[data-building]")).to_have_count(len(post[1]))
        settle(page)
    asked = [request for request in watched.requests if re.search("/api/|/map/|/tiles/", request.url)]
    assert any("/tiles/" in request.url for request in asked)
    assert all(request.headers.get("authorization") == f"Bearer {token}" for request in asked)


def test_without_a_token_the_page_says_what_is_missing(open_page, county, watched):
    with serving(county, secret=SECRET, require_token=True) as address:
        page = open_page("/", origin=address)
        expect(page.get_by_role("alert").first).to_contain_text("令牌")
        picture(page, "no-token-zh-desktop")
    assert all("status of 401" in words for words in watched.complaints)
    watched.complaints.clear()
