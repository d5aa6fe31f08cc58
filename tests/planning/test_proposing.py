"""What the solver proposes of drawn communities, held against a judge that shares nothing with it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo_service.errors import InvalidInput
from geo_service.planning.editing import Division, EditGround, ZoneHead
from geo_service.planning.editing.division import fresh_codes
from geo_service.planning.model import CommunityZoning, LoadRange
from geo_service.planning.proposing.asks import as_said, read_ask
from geo_service.planning.proposing.rebalancing import Community, Rebalanced, rebalance_communities
from geo_service.planning.proposing.redivision import (
    Taste,
    brief_of,
    joined_buildings,
    moved_buildings,
    redivided,
)
from geo_service.planning.zoning.community.draw import draw_community_zones
from tests.drawn_area import CODE
from tests.planning.editing_ground import division, ground_of, seen, zone

PLAIN = Taste()
# A building has 32 households: three of them make 96.
ROW = ground_of("oooooo")
LONG = ground_of("ooooooooo")


def redivide(before: Division, zoning: CommunityZoning) -> Division:
    codes = fresh_codes(CODE, before.codes)
    return redivided(before, zoning.zones, CODE, codes, lambda code: f"new {code[-3:]}")


def locked(before: Division, *numbers: int) -> Division:
    for number in numbers:
        head = before.zones[before.place(zone(number))]
        before = before.headed(replace(head, locked=True))
    return before


def rebalanced(
    limits: LoadRange, *communities: tuple[EditGround, Division], **asked: Any
) -> list[Rebalanced]:
    named = {f"{place}": Community(*each, redivide) for place, each in enumerate(communities)}
    return list(rebalance_communities(named, limits, PLAIN, **asked).values())


def moves(before: str, after: str) -> int:
    """Buildings that had a zone and are in another one."""
    return sum(one not in (".", other) for one, other in zip(before, after, strict=True))


def runs(letters: str) -> int:
    """Into how many runs of one letter a row falls."""
    return 1 + sum(one != other for one, other in pairwise(letters))


def test_a_zone_below_the_limits_gets_the_one_building_it_lacks():
    (answer,) = rebalanced(LoadRange(80, 112), (ROW, division(ROW, "aabbbb")))
    assert (seen(answer.division), answer.refusal) == ("111222", None)


def test_a_plan_within_the_limits_is_left_alone():
    (answer,) = rebalanced(LoadRange(0, 200), (ROW, division(ROW, "aabbbb")))
    assert seen(answer.division) == "112222"


def test_moves_to_spare_even_out_the_loads():
    asked = (ROW, division(ROW, "abbbbb"))
    (none,) = rebalanced(LoadRange(0, 200), asked, most_moves=0)
    (one,) = rebalanced(LoadRange(0, 200), asked, most_moves=1)
    (many,) = rebalanced(LoadRange(0, 200), asked, most_moves=5)
    assert [seen(each.division) for each in (none, one, many)] == ["122222", "112222", "111222"]


def test_buildings_without_a_zone_join_and_are_no_moves():
    before = division(ROW, "aaa.bb")
    (answer,) = rebalanced(LoadRange(80, 112), (ROW, before), most_moves=0)
    assert seen(answer.division) == "111222"
    assert moved_buildings(before, answer.division).tolist() == []
    assert joined_buildings(before, answer.division).tolist() == [3]


def test_the_number_of_moves_holds_over_all_communities_and_the_cheapest_are_mended_first():
    # the first needs two moves, the second one
    cheap, dear = (ROW, division(ROW, "aabbbb")), (ROW, division(ROW, "abbbbb"))
    limits = LoadRange(80, 112)
    two = rebalanced(limits, dear, cheap, most_moves=2)
    assert [seen(each.division) for each in two] == ["122222", "111222"]
    refusal = two[0].refusal
    assert refusal is not None
    assert (refusal.reason.key, refusal.reason.values) == ("proposals.moves_used_up", {"needs": 2, "left": 1})
    three = rebalanced(limits, dear, cheap, most_moves=3)
    assert [seen(each.division) for each in three] == ["111222", "111222"]
    assert [each.refusal for each in three] == [None, None]


def test_a_locked_zone_stays_to_the_last_building():
    before = locked(division(LONG, "aabbbbbcc"), 1)
    (answer,) = rebalanced(LoadRange(96, 128), (LONG, before))
    # the second zone may give to the third alone
    assert seen(answer.division) == "112222333"
    assert answer.division.zones == before.zones


def test_all_zones_locked_leave_nothing_to_do():
    before = locked(division(ROW, "abbbbb"), 1, 2)
    (answer,) = rebalanced(LoadRange(80, 112), (ROW, before), most_moves=9)
    assert (answer.division, answer.refusal) == (before, None)


def test_what_arithmetic_forbids_is_a_reason_and_no_other_zones():
    before = division(ROW, "aabbbb")
    (answer,) = rebalanced(LoadRange(100, 120), (ROW, before))
    assert answer.division is before
    assert answer.refusal is not None
    assert answer.refusal.reason.key == "zoning.rebalance_total"


def test_pairs_of_the_plan_hold():
    apart = np.array([[2, 3]])
    under = ROW.under(together=np.empty((0, 2), dtype=np.int64), apart=apart, centres_m=np.empty((0, 2)))
    (answer,) = rebalanced(LoadRange(0, 200), (under, division(ROW, "aabbbb")), most_moves=9)
    letters = seen(answer.division)
    assert letters[2] != letters[3]
    torn = locked(division(ROW, "aabbbb"), 1)
    together = ROW.under(together=np.array([[1, 2]]), apart=apart[:0], centres_m=np.empty((0, 2)))
    with pytest.raises(InvalidInput) as contradiction:
        rebalanced(LoadRange(0, 200), (together, torn))
    assert (contradiction.value.key, contradiction.value.where) == ("zoning.together_locked", CODE)


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, frozenset[int]]:
    """Nine buildings in a row in three zones that hang together, some in none; numbers of locked zones."""
    one, other = sorted(draw(st.lists(st.integers(1, 8), min_size=2, max_size=2, unique=True)))
    letters = "a" * one + "b" * (other - one) + "c" * (9 - other)
    gone = draw(st.sets(st.integers(0, 8), max_size=2))
    holed = "".join("." if place in gone else letter for place, letter in enumerate(letters))
    if set(holed) >= {"a", "b", "c"}:
        letters = holed
    return letters, draw(st.frozensets(st.integers(1, 3), max_size=1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rows(), min_size=1, max_size=3),
    st.integers(0, 6),
    st.sampled_from([(64, 128), (96, 96), (0, 300)]),
)
def test_whatever_is_asked_the_answer_keeps_to_it(
    drawn: list[tuple[str, frozenset[int]]], most: int, ends: tuple[int, int]
):
    before = [locked(division(LONG, letters), *numbers) for letters, numbers in drawn]
    limits = LoadRange(*ends)
    asked = [(LONG, each) for each in before]
    answers = rebalanced(limits, *asked, most_moves=most)
    again = rebalanced(limits, *asked, most_moves=most)
    assert [seen(each.division) for each in answers] == [seen(each.division) for each in again]
    total = 0
    for was, answer in zip(before, answers, strict=True):
        now = answer.division
        total += moves(seen(was), seen(now))
        if answer.refusal is not None:
            assert seen(now) == seen(was)
            continue
        assert "." not in seen(now)
        kept = {head.code for head in was.zones if head.locked}
        for head in now.zones:
            members = np.flatnonzero(now.code_of == head.code)
            if head.code in kept:
                assert members.tolist() == np.flatnonzero(was.code_of == head.code).tolist()
                assert head.locked
            else:
                assert ends[0] <= 32 * len(members) <= ends[1]
                assert members.tolist() == list(range(members[0], members[-1] + 1))
    assert total <= most


def test_fresh_zones_leave_locked_ones_alone_and_take_everybody_in():
    before = locked(division(LONG, "aaa.b.b.b"), 1)
    brief = brief_of(LONG, before, PLAIN)
    answer = draw_community_zones(LONG.ground.area, LoadRange(96, 96), brief=brief)
    after = redivide(before, answer)
    assert seen(after)[:3] == "111"
    assert runs(seen(after)) == 3
    assert after.unassigned.tolist() == []
    assert after.zones[0] == ZoneHead(zone(1), "zone 1", locked=True)


def test_zones_that_go_on_keep_their_codes_and_new_ones_get_codes_that_never_were():
    before = division(ROW, "aaaaaa")
    halves = draw_community_zones(ROW.ground.area, LoadRange(96, 96), brief=brief_of(ROW, before, PLAIN))
    codes = fresh_codes(CODE, [zone(1), zone(7)])
    after = redivided(before, halves.zones, CODE, codes, lambda code: f"new {code[-3:]}")
    assert after.codes == (zone(1), zone(8))
    assert [head.name for head in after.zones] == ["zone 1", "new 008"]
    assert len(moved_buildings(before, after)) == 3


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "rebalance", "max_moves": -1},
        {"kind": "rebalance", "max_moves": 10**9},
        {"kind": "rebalance", "max_moves": True},
        {"kind": "rebalance", "max_moves": "3"},
        {"kind": "split", "zone": "Z", "parts": 1},
        {"kind": "split", "zone": "Z", "parts": 101},
        {"kind": "split", "parts": 2},
        {"kind": "zone", "area": ""},
        {"kind": "zone", "area": "a\0b"},
        {"kind": "zone", "zones": 3},
        {"kind": "draw"},
        {},
        [],
    ],
)
def test_what_asks_nothing_sensible_is_refused(document: object):
    with pytest.raises(ValidationError):
        read_ask(document)


def test_what_was_asked_is_said_again_as_it_was():
    asked = {"kind": "rebalance", "area": "A", "max_moves": 3, "seed": 2}
    assert as_said(read_ask(asked)) == asked
