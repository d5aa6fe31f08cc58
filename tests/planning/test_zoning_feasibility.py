"""Refusals: the reason, whether it is proven, and changes that really help."""

import numpy as np
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo_service import messages
from geo_service.planning.model import Finding, Infeasibility, LoadRange, ZoningArea
from geo_service.planning.zoning import Brief, LockedZone, draw_community_zones
from tests.drawn_area import CODE, NORTH, WEST, area_of, draw
from tests.zoning_checker import complaints

USUAL = LoadRange(300, 500)


def refusal(area: ZoningArea, limits: LoadRange = USUAL, **options: object) -> Infeasibility:
    zoning = draw_community_zones(area, limits, **options)
    assert zoning.infeasible is not None
    assert zoning.zones == ()
    return zoning.infeasible


def nearest(infeasible: Infeasibility) -> list[tuple[str, int]]:
    return [(str(option.limits), option.zones) for option in infeasible.nearest]


def remedy(infeasible: Infeasibility, key: str) -> dict[str, object]:
    """The values of the one remedy of a kind, whose sentences can be written."""
    (found,) = (each for each in infeasible.remedies if each.key == key)
    assert all(sentence(found, language) for language in messages.LANGUAGES)
    return found.values


def sentence(finding: Finding, language: str = "en") -> str:
    return messages.text(finding.key, language, **finding.values)


def test_the_bridge_that_joins_a_small_bank_is_named_with_its_barrier() -> None:
    infeasible = refusal(draw("aa~a\naa~.", {"a": 100}))
    values = remedy(infeasible, "zoning.remedy_bridge")
    # the banks' nearest buildings are two squares of 30 m apart, 14 m of which are building
    assert (values["one"], values["other"]) == (f"{CODE}-B0003", f"{CODE}-B0002")
    assert (values["barriers"], values["metres"], values["zones"]) == ("#1", 46, 1)


def test_with_the_bridge_offered_the_community_is_feasible() -> None:
    assert draw_community_zones(draw("aa=a\naa~.", {"a": 100}), USUAL).infeasible is None


def test_no_bridge_is_offered_where_both_banks_together_make_no_zone() -> None:
    infeasible = refusal(draw("a~a", {"a": 100}))
    assert [each.key for each in infeasible.remedies] == []
    assert nearest(infeasible) == [("100-500", 2)]


def test_a_building_too_heavy_is_set_apart_where_the_rest_makes_zones() -> None:
    infeasible = refusal(draw("aab", {"a": 200, "b": 612}))
    assert infeasible.reason.key == "zoning.building_too_large"
    values = remedy(infeasible, "zoning.remedy_set_apart")
    assert (values["buildings"], values["households"], values["zones"]) == (f"{CODE}-B0003", 612, 1)
    assert sentence(infeasible.remedies[0]) == (
        f"with {CODE}-B0003 (612 households) managed on its own, the rest makes 1 zones of 300-500"
    )


def test_setting_a_heavy_building_apart_is_not_offered_where_it_cuts_the_rest_in_two() -> None:
    # 200 on either side of it are too few
    assert refusal(draw("aba", {"a": 200, "b": 612})).remedies == ()


def test_the_lightest_building_that_would_do_is_set_apart() -> None:
    # 512 households: without 2 or 10 they are still above 500, without 20 one zone of 492
    infeasible = refusal(draw("cccc\nabdc\nccc.", {"a": 10, "b": 20, "c": 60, "d": 2}))
    assert infeasible.reason.values["households"] == 512
    assert remedy(infeasible, "zoning.remedy_set_apart")["buildings"] == f"{CODE}-B0006"


def test_limits_offered_hold_for_every_bank_at_once() -> None:
    # 250 on one bank need a lower floor, 560 on the other two zones of 280: 250 does for both
    infeasible = refusal(draw("a~bb", {"a": 250, "b": 280}))
    assert ("250-500", 3) in nearest(infeasible)
    # raising the ceiling helps only the larger bank
    assert all(option.limits.lo <= 250 for option in infeasible.nearest)


def test_both_ends_give_way_where_neither_alone_will_do() -> None:
    # 612 in one building, 100 alone on its bank
    assert nearest(refusal(draw("a~b", {"a": 612, "b": 100}))) == [("100-620", 2)]


def test_counting_alone_would_offer_limits_that_no_connected_zones_keep() -> None:
    # 600 in a row: two zones of 300 by counting, but the row can only be cut 200 + 400 or 450 + 150
    area = draw("abc", {"a": 200, "b": 250, "c": 150})
    infeasible = refusal(area, LoadRange(290, 310))
    assert infeasible.proven
    assert infeasible.reason.key == "zoning.no_connected_split"
    # 310 holds no two neighbours: each building a zone; 600 holds all, and 290 no cut below that
    assert nearest(infeasible) == [("150-310", 3), ("290-600", 1)]


def test_a_number_of_zones_that_cannot_be_is_answered_with_numbers_that_were_drawn() -> None:
    # 1,200 in eight buildings of 150: three or four zones by counting, and both can be drawn
    assert nearest(refusal(draw("aaaa\naaaa", {"a": 150}), zones=2)) == [("300-500", 3), ("300-500", 4)]
    # a row of 200 100 100 100 100 200: two zones of 400; three would be 200 + 100, 100 + 100 ...
    row = draw("baaaab", {"a": 100, "b": 200})
    assert nearest(refusal(row, LoadRange(250, 500), zones=3)) == [("250-500", 2)]


def test_what_locked_zones_cut_off_is_named_and_unlocking_is_offered() -> None:
    area = draw("abbbb", {"a": 100, "b": 150})
    locked = LockedZone(f"{CODE}007", np.array([1, 2]))
    infeasible = refusal(area, brief=Brief(locked=(locked,)))
    assert infeasible.proven
    assert infeasible.reason.key == "zoning.part_cut_off"
    assert infeasible.reason.values["zones"] == f"{CODE}007"
    values = remedy(infeasible, "zoning.remedy_unlock")
    # 700 in a row: 400 + 300
    assert (values["zone"], values["zones"]) == (f"{CODE}007", 2)


def test_a_pair_that_barriers_part_cannot_be_together() -> None:
    brief = Brief(together=np.array([[0, 2]]))
    infeasible = refusal(draw("aa~aa\naa~aa", {"a": 100}), brief=brief)
    assert (infeasible.reason.key, infeasible.proven) == ("zoning.together_parted", True)
    assert remedy(infeasible, "zoning.remedy_not_together")["zones"] == 2


def test_a_group_too_heavy_for_one_zone_is_named() -> None:
    brief = Brief(together=np.array([[0, 1], [1, 2]]))
    infeasible = refusal(draw("aaaa", {"a": 200}), brief=brief)
    assert infeasible.reason.key == "zoning.group_too_large"
    assert (infeasible.reason.values["buildings"], infeasible.reason.values["households"]) == (3, 600)
    assert remedy(infeasible, "zoning.remedy_not_together")["zones"] == 2


def test_a_building_that_fits_nowhere_is_named() -> None:
    # 260 is too light alone and too heavy with its only neighbour of 270
    infeasible = refusal(draw("bca\n..a\n..a\n..a", {"a": 190, "b": 260, "c": 270}))
    assert infeasible.proven
    assert infeasible.reason.key == "zoning.building_blocked"
    assert infeasible.reason.values["building"] in (f"{CODE}-B0001", f"{CODE}-B0002")
    assert all(sentence(infeasible.reason, language) for language in messages.LANGUAGES)


def row_of(loads: list[int], walls: list[int]) -> ZoningArea:
    """Buildings in a row, with a wall after each place of ``walls``."""
    area = draw("a" * len(loads), {"a": 1})
    lines = [
        shapely.LineString([(WEST + 30 * (place + 1), NORTH + 5), (WEST + 30 * (place + 1), NORTH - 35)])
        for place in walls
    ]
    return area_of(area.outline, list(area.footprints), loads, barriers=lines)


def row_can_be_divided(loads: list[int], walls: list[int], limits: LoadRange) -> bool:
    """By trying every way to cut a row."""
    ends = {0}
    for stop in range(1, len(loads) + 1):
        for start in range(stop):
            crossed = any(start < wall + 1 < stop for wall in walls)
            if start in ends and not crossed and limits.lo <= sum(loads[start:stop]) <= limits.hi:
                ends.add(stop)
    return len(loads) in ends


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
    st.sets(st.integers(0, 7), max_size=2),
    st.integers(1, 90),
    st.integers(0, 40),
)
def test_rows_are_refused_just_where_no_cuts_exist_and_every_offer_holds(
    loads: list[int], walls: set[int], lo: int, more: int
) -> None:
    limits = LoadRange(lo, lo + more)
    assume(sum(loads) > 0)
    inside = sorted(wall for wall in walls if wall < len(loads) - 1)
    area = row_of(loads, inside)
    zoning = draw_community_zones(area, limits, budget=3_000)
    assert (zoning.infeasible is None) == row_can_be_divided(loads, inside, limits)
    if zoning.infeasible is None:
        assert complaints(area, limits, zoning) == []
        return
    assert zoning.infeasible.proven
    for option in zoning.infeasible.nearest:
        assert row_can_be_divided(loads, inside, option.limits)
    floors = [option.limits.lo for option in zoning.infeasible.nearest if option.limits.hi == limits.hi]
    possible = [
        floor
        for floor in range(0, limits.lo, 10)
        if row_can_be_divided(loads, inside, LoadRange(floor, limits.hi))
    ]
    assert floors == possible[-1:]
