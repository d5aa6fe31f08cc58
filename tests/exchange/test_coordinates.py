from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from geo_service.errors import InvalidInput
from geo_service.exchange.coordinates import ToStorage, check_metric, to_bd09, to_gcj02, undo_datum

# Published pairs of the GCJ-02 shift, used by several independent implementations.
SHANGHAI = ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597))
SHENZHEN = ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766))
BEIJING = ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069))


@pytest.mark.parametrize(("true", "shifted"), [SHANGHAI, SHENZHEN, BEIJING])
def test_the_shift_is_the_published_one(true: tuple[float, float], shifted: tuple[float, float]) -> None:
    assert to_gcj02(np.array([true]))[0] == pytest.approx(shifted, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(73.5, 134.9), st.floats(18.0, 53.6)), min_size=1, max_size=20),
    st.sampled_from([("gcj02", to_gcj02), ("bd09", to_bd09)]),
)
def test_undoing_comes_back_within_a_tenth_of_a_metre(
    points: list[tuple[float, float]], datum: tuple
) -> None:
    name, forward = datum
    true = np.array(points)
    back = undo_datum(forward(true), name)
    *_, distance_m = Geod(ellps="GRS80").inv(true[:, 0], true[:, 1], back[:, 0], back[:, 1])
    assert np.max(distance_m) < 0.1


def test_bd09_is_further_off_than_gcj02() -> None:
    # Baidu adds about 0.0065 and 0.006 degrees: some 700 m on top.
    true = np.array([BEIJING[0]])
    *_, distance_m = Geod(ellps="GRS80").inv(*to_gcj02(true)[0], *to_bd09(true)[0])
    assert 500 < distance_m < 1200


@pytest.mark.parametrize("name", ["EPSG:4490", "EPSG:4326", "OGC:CRS84"])
def test_between_wgs84_and_cgcs2000_nothing_moves(name: str) -> None:
    points = np.array([[111.123456789, 34.987654321]])
    assert ToStorage(CRS(name), "cgcs2000").points(points).tolist() == points.tolist()


def test_only_projected_metres_are_metric() -> None:
    assert check_metric(CRS.from_epsg(4546), where="x") == 4546
    for code in (4490, 2263):  # degrees; US survey feet
        with pytest.raises(InvalidInput):
            check_metric(CRS.from_epsg(code), where="x")
