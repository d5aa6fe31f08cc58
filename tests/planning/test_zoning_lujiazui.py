"""The engine on real buildings, roads and water around Lujiazui; households are drawn by lot."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from geo_service.planning.model import LoadRange, ZoningArea
from geo_service.planning.space import metric_srid_for
from geo_service.planning.zoning import Brief, draw_community_zones
from tests.drawn_area import area_of
from tests.zoning_checker import complaints

QUICK = Brief(bounded=False, explained=False)


def lujiazui(folder: Path, *, barriers: str = "") -> ZoningArea:
    """1,320 buildings of 4 to 79 households as one community, with trunk roads as barriers or none."""
    footprints, _ = _layer(folder, "buildings")
    west, south, east, north = shapely.total_bounds(footprints)
    srid = metric_srid_for((west + east) / 2, (south + north) / 2)
    to_metres = Transformer.from_crs(4326, srid, always_xy=True)
    roads, (kinds,) = _layer(folder, "roads", "kind_detail")
    lines = roads[np.isin(kinds, ["motorway", "trunk", "primary"])] if barriers == "roads" else roads[:0]
    footprints = shapely.transform(footprints, to_metres.transform, interleaved=False)
    lines = shapely.transform(lines, to_metres.transform, interleaved=False)
    outline = shapely.box(*shapely.total_bounds(footprints)).buffer(20)
    households = np.random.default_rng(1).integers(4, 80, len(footprints)).tolist()
    return area_of(outline, list(footprints), households, barriers=list(lines))


def _layer(folder: Path, name: str, *columns: str) -> tuple[np.ndarray, list[np.ndarray]]:
    path = folder / "shanghai_lujiazui_osm.gpkg"
    _, _, shapes, values = pyogrio.raw.read(path, layer=name, columns=list(columns))
    return shapely.from_wkb(shapes), values


@pytest.mark.shared_data
def test_buildings_that_once_found_no_zoning_have_one(shared_data: Path) -> None:
    area, limits = lujiazui(shared_data), LoadRange(300, 500)
    zoning = draw_community_zones(area, limits, brief=QUICK)
    assert zoning.infeasible is None
    assert complaints(area, limits, zoning) == []


@pytest.mark.shared_data
def test_roads_that_end_among_the_buildings_raise_no_false_alarm(shared_data: Path) -> None:
    area, limits = lujiazui(shared_data, barriers="roads"), LoadRange(0, 520)
    zoning = draw_community_zones(area, limits, brief=QUICK, budget=300_000)
    assert zoning.infeasible is None
    assert complaints(area, limits, zoning) == []
