"""Communities at scale: side by side, whole, zoned or refused with proof."""

from itertools import islice

import numpy as np
import shapely

from geo_service.demo.communities import make_communities
from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.planning.zoning import draw_community_zones
from tests.zoning_checker import complaints

LIMITS = LoadRange(300, 500)


def barred(area: ZoningArea) -> tuple[str, int]:
    """What cuts the community, and how many ways lead across."""
    return "".join(barrier.geom_type for barrier in area.barriers), len(area.crossings)


def test_a_community_depends_on_its_number_and_the_seed_alone() -> None:
    few, more = list(make_communities(3, seed=7)), list(islice(make_communities(9, seed=7), 3))
    for one, other in zip(few, more, strict=True):
        assert one.code == other.code
        assert one.outline.equals(other.outline)
        assert shapely.equals_exact(one.footprints, other.footprints).all()
        assert (one.households == other.households).all()
    another = next(make_communities(1, seed=8))
    assert not shapely.equals_exact(few[0].footprints, another.footprints).all()


def test_buildings_stand_apart_inside_their_community_and_clear_of_barriers() -> None:
    communities = list(make_communities(60, buildings=80, seed=1))
    assert len({area.code for area in communities}) == 60
    for area in communities:
        assert len(area.footprints) == 80
        assert shapely.is_valid(area.footprints).all()
        assert shapely.contains_properly(area.outline, area.footprints).all()
        one, other = shapely.STRtree(area.footprints).query(area.footprints, "dwithin", 5.0)
        assert (one == other).all()
        for barrier in area.barriers:
            assert shapely.distance(area.footprints, barrier).min() > 5
    kinds = {barred(area) for area in communities}
    assert kinds == {("", 0), ("LineString", 1), ("Polygon", 2), ("Polygon", 0)}


def test_communities_lie_side_by_side() -> None:
    outlines = np.array([area.outline for area in make_communities(16, buildings=40, seed=1)])
    assert shapely.coverage_is_valid(outlines)
    # the first sixteen fill a square of four by four
    whole = shapely.coverage_union_all(outlines)
    assert (whole.geom_type, len(whole.interiors)) == ("Polygon", 0)


def test_communities_are_zoned_or_cannot_be_and_that_is_proven() -> None:
    areas = {barred(area): area for area in make_communities(40, seed=3)}
    assert len(areas) == 4
    areas |= {("tower", 0): a_tower(), ("emptied", 0): an_emptied_bank()}
    reasons = {}
    for kind, area in areas.items():
        answer = draw_community_zones(area, LIMITS, budget=50_000)
        reasons[kind] = answer.infeasible and (answer.infeasible.reason.key, answer.infeasible.proven)
        if answer.infeasible is None:
            assert complaints(area, LIMITS, answer) == []
    assert reasons.pop(("tower", 0)) == ("zoning.building_too_large", True)
    assert reasons.pop(("emptied", 0)) == ("zoning.part_unsplittable", True)
    assert set(reasons.values()) == {None}


def a_tower() -> ZoningArea:
    return next(area for area in make_communities(1000, buildings=60, seed=1) if area.households.max() > 500)


def an_emptied_bank() -> ZoningArea:
    return next(area for area in make_communities(1000, buildings=60, seed=1) if area.households.min() < 3)
