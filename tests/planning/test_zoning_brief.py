"""What planners ask beside the limits, and what they cannot ask."""

import numpy as np
import pytest
import shapely

from geo_service import messages
from geo_service.errors import InvalidInput
from geo_service.planning.model import CommunityZoning, LoadRange, ZoningArea
from geo_service.planning.zoning import Aims, Brief, Earlier, LockedZone, draw_community_zones
from geo_service.planning.zoning.sharing import Estimate, cheapest, refine_shares, share_out, share_zones
from tests.drawn_area import CODE, NORTH, WEST, area_of, draw, square
from tests.zoning_checker import complaints

USUAL = LoadRange(300, 500)


def zoned(area: ZoningArea, brief: Brief, limits: LoadRange = USUAL, **options: object) -> CommunityZoning:
    zoning = draw_community_zones(area, limits, brief=brief, **options)
    assert zoning.infeasible is None, zoning.infeasible
    return zoning


def zones_of(zoning: CommunityZoning) -> dict[str, list[int]]:
    return {zone.code.removeprefix(CODE): zone.members.tolist() for zone in zoning.zones}


def pairs(*given: tuple[int, int]) -> np.ndarray:
    return np.array(given, dtype=np.int64).reshape(-1, 2)


def locked(number: str, *members: int) -> LockedZone:
    return LockedZone(f"{CODE}{number}", np.array(members))


def test_a_locked_zone_comes_back_untouched_and_the_rest_is_zoned_around_it() -> None:
    area = draw("aaaaaaaa", {"a": 100})
    zoning = zoned(area, Brief(locked=(locked("001", 3, 4, 2, 5),)), LoadRange(200, 200))
    assert zones_of(zoning) == {"001": [2, 3, 4, 5], "002": [0, 1], "003": [6, 7]}
    assert [zone.locked for zone in zoning.zones] == [True, False, False]
    # 400 is outside the limits, which the planner is told
    assert [finding.key for finding in zoning.findings] == ["zoning.locked_outside_limits"]
    # 1 + 2 + 1 squares of 30 m to the medoid, and one in each of the others
    assert zoning.distance_m == zoning.objective_m == pytest.approx(4 * 30 + 30 + 30)


def test_a_locked_zone_in_pieces_is_kept_and_told() -> None:
    zoning = zoned(draw("aaaa", {"a": 100}), Brief(locked=(locked("7", 0, 3),)), LoadRange(200, 200))
    assert zones_of(zoning) == {"001": [1, 2], "7": [0, 3]}
    assert [finding.key for finding in zoning.findings] == ["zoning.locked_in_pieces"]


def test_with_every_zone_locked_nothing_is_left_to_draw() -> None:
    zoning = zoned(draw("aaaa", {"a": 100}), Brief(locked=(locked("001", 0, 1), locked("002", 2, 3))))
    assert zones_of(zoning) == {"001": [0, 1], "002": [2, 3]}


def test_locked_zones_count_among_the_zones_asked_for() -> None:
    area = draw("aaaaaaaa", {"a": 150})
    zoning = zoned(area, Brief(locked=(locked("001", 0, 1),)), zones=4)
    assert sorted(zone.households for zone in zoning.zones) == [300, 300, 300, 300]


def test_as_few_zones_as_can_be() -> None:
    area = draw("aaaa\naaaa", {"a": 150})  # 1,200: three or four
    assert len(zoned(area, Brief(), zones="least").zones) == 3


def test_floor_area_can_be_the_load() -> None:
    area = draw("aaaa", {"a": 1})
    zoning = zoned(area, Brief(loads=np.array([300, 100, 100, 300])), LoadRange(400, 400))
    assert [(zone.load, zone.households) for zone in zoning.zones] == [(400, 2), (400, 2)]
    refused = draw_community_zones(area, USUAL, brief=Brief(loads=np.zeros(4, dtype=np.int64)))
    assert refused.infeasible is not None
    assert refused.infeasible.reason.key == "zoning.no_load"


def test_every_term_of_the_objective_is_reported() -> None:
    brief = Brief(
        weights=np.array([1.0, 1.0, 3.0, 1.0, 1.0]),
        aims=Aims(balance_m=0.5, target=250.0, compactness_m=7.0),
        locked=(locked("001", 4),),
    )
    zoning = zoned(draw("aaaa~a", {"a": 100}), brief, LoadRange(100, 300), zones=3)
    one, other = (zone for zone in zoning.zones if not zone.locked)
    assert zoning.imbalance == sum(abs(zone.households - 250) for zone in (one, other))
    assert zoning.border_pairs == 1
    assert zoning.objective_m == pytest.approx(zoning.distance_m + 0.5 * zoning.imbalance + 7 * 1)


def test_zones_given_in_all_go_to_the_bank_where_they_save_most() -> None:
    # six buildings side by side on one bank, six far apart on the other; four zones
    area = draw("aaaaaa~a....a....a....a....a....a", {"a": 100})
    zoning = zoned(area, Brief(), LoadRange(100, 500), zones=6)
    banks = [zone for zone in zoning.zones if max(zone.members) < 6]
    assert len(banks) == 2


@pytest.mark.parametrize(
    ("brief", "key"),
    [
        (Brief(locked=(locked("1", 0), locked("2", 0))), "zoning.locked_twice"),
        (Brief(locked=(locked("1", 0), locked("1", 2))), "zoning.locked_code_twice"),
        (Brief(locked=(locked("1"),)), "zoning.locked_empty"),
        (Brief(locked=(locked("1", 9),)), "zoning.building_unknown"),
        (Brief(together=pairs((0, -1))), "zoning.building_unknown"),
        (Brief(locked=(locked("1", 0),), together=pairs((0, 1))), "zoning.together_locked"),
        (Brief(locked=(locked("1", 0, 1),), apart=pairs((0, 1))), "zoning.apart_locked"),
        (Brief(together=pairs((0, 1), (1, 2)), apart=pairs((2, 0))), "zoning.apart_and_together"),
        (Brief(apart=pairs((1, 1))), "zoning.apart_and_together"),
        (Brief(weights=np.array([1.0, -1, 1, 1])), "zoning.weight_negative"),
        (Brief(weights=np.array([1.0, np.nan, 1, 1])), "zoning.weight_negative"),
        (Brief(weights=np.zeros(4)), "zoning.weights_all_zero"),
        (Brief(loads=np.array([1, 2, -3, 4])), "zoning.load_negative"),
        (Brief(loads=np.array([1, 2, 0.5, 4])), "zoning.load_not_whole"),
        (Brief(loads=np.array([1, 2, np.nan, 4])), "zoning.load_not_whole"),
        (Brief(centres_m=np.array([[np.inf, 0.0]])), "zoning.not_finite"),
    ],
)
def test_a_brief_that_cannot_be_met_is_refused_with_a_sentence(brief: Brief, key: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draw_community_zones(draw("aaaa", {"a": 100}), USUAL, brief=brief)
    assert refusal.value.key == key
    assert all(refusal.value.what(language) for language in messages.LANGUAGES)
    assert all(refusal.value.mend(language) for language in messages.LANGUAGES)


@pytest.mark.parametrize("zones", [0, -1, 5])
def test_more_zones_than_buildings_or_none_are_refused(zones: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draw_community_zones(draw("aaaa", {"a": 100}), USUAL, zones=zones)
    assert refusal.value.key == "zoning.zone_count_absurd"


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_refused(bad: float) -> None:
    area = draw("aa", {"a": 200})
    broken = shapely.Polygon([(WEST, NORTH), (WEST + 5, NORTH), (bad, NORTH - 5)])
    with pytest.raises(InvalidInput) as refusal:
        draw_community_zones(area_of(area.outline, [broken, area.footprints[1]], [200, 200]), USUAL)
    assert refusal.value.key == "zoning.not_finite"


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_aims_that_are_no_weights_are_refused(weight: float) -> None:
    with pytest.raises(InvalidInput):
        Aims(balance_m=weight)


def test_thousands_of_buildings_on_one_spot_are_zoned() -> None:
    spot = square(WEST + 50, NORTH - 50, 12)
    area = area_of(shapely.box(WEST, NORTH - 100, WEST + 100, NORTH), [spot] * 2_000, [4] * 2_000)
    zoning = draw_community_zones(area, USUAL, budget=100_000)
    assert zoning.infeasible is None
    assert zoning.distance_m == 0
    assert sorted(np.concatenate([zone.members for zone in zoning.zones])) == list(range(2_000))
    assert all(300 <= zone.households <= 500 for zone in zoning.zones)
    assert complaints(area, USUAL, zoning) == []


def test_earlier_zones_keep_their_number() -> None:
    # 1,200 make three or four zones; three have been drawn before
    area = draw("aaaaaaaa", {"a": 150})
    before = Earlier(np.array([2, 2, 2, 5, 5, 5, 9, 9]), change_cost_m=1_000.0)
    zoning = zoned(area, Brief(earlier=before))
    assert zones_of(zoning) == {"001": [0, 1, 2], "002": [3, 4, 5], "003": [6, 7]}


def test_changes_allowed_are_those_of_both_banks_together() -> None:
    # on either bank 100 households went to the first of two zones: 400 + 200 must become 300 + 300
    area = draw("aaaaaa~aaaaaa", {"a": 100})
    before = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3])
    zoning = zoned(area, Brief(earlier=Earlier(before, most_changes=2)))
    assert sorted(zones_of(zoning).values()) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    refused = draw_community_zones(area, USUAL, brief=Brief(earlier=Earlier(before, most_changes=1)))
    assert refused.infeasible is not None


def test_shares_are_those_of_the_least_sum_of_all_shares() -> None:
    estimates = [Estimate(scale, 40, 4_000, USUAL) for scale in (900.0, 300.0, 2_000.0)]
    ranges = [range(8, 14), range(8, 14), range(8, 14)]
    best = min(
        (
            [one, other, 30 - one - other]
            for one in ranges[0]
            for other in ranges[1]
            if 30 - one - other in ranges[2]
        ),
        key=lambda counts: sum(each.distance_m(count) for each, count in zip(estimates, counts, strict=True)),
    )
    assert share_out(ranges, 30, estimates) == best


def test_shares_follow_what_is_measured() -> None:
    # the second part gains nothing by a third zone, the first 50 m
    tables = [{2: 100.0, 3: 50.0, 4: 40.0}, {2: 60.0, 3: 60.0, 4: 10.0}]
    assert refine_shares([2, 3], [range(2, 5), range(2, 5)], lambda place, count: tables[place][count]) == [
        3,
        2,
    ]
    assert cheapest(tables, 6) == [4, 2]
    assert cheapest(tables, 9) is None


def test_zones_are_shared_by_distance_not_in_order() -> None:
    near, far = draw("aaaaaa", {"a": 100}), draw("a....a....a....a....a....a", {"a": 100})
    parts = [_Part(near), _Part(far)]
    assert share_zones(parts, LoadRange(100, 500), 6) == [2, 4]
    assert share_zones(parts[::-1], LoadRange(100, 500), 6) == [4, 2]


class _Part:
    def __init__(self, area: ZoningArea) -> None:
        self.positions_m = shapely.get_coordinates(shapely.centroid(area.footprints))
        self.loads = area.households
