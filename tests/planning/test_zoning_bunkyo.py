"""The engine on a whole ward of real buildings."""

from pathlib import Path

import pytest

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import draw_community_zones
from tests.bunkyo import chome
from tests.zoning_checker import complaints

LIMITS = LoadRange(300, 500)


@pytest.mark.shared_data
def test_every_chome_of_bunkyo_is_zoned_or_refused_with_a_reason(shared_data: Path) -> None:
    zoned = buildings = 0
    for area in chome(shared_data):
        buildings += len(area.footprints)
        zoning = draw_community_zones(area, LIMITS)
        if zoning.infeasible is None:
            zoned += 1
            assert complaints(area, LIMITS, zoning) == [], area.code
            continue
        key, total = zoning.infeasible.reason.key, int(area.households.sum())
        # the proofs by arithmetic, made again by hand
        if total == 0:
            assert key == "zoning.no_households"
        elif area.households.max() > LIMITS.hi:
            assert key == "zoning.building_too_large"
        elif -(-total // LIMITS.hi) > total // LIMITS.lo:
            assert key == "zoning.total_unsplittable"
        else:
            assert not zoning.infeasible.proven
            assert key == "zoning.search_failed"
    assert buildings == 36_574
    # 5 of 70 have no households, 4 a building above 500, 3 a total between the multiples
    assert zoned >= 57
