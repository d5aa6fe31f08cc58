import numpy as np
import pytest
import shapely

from geo_service.errors import InvalidInput
from geo_service.planning.space import metric_srid_for, numbering_order, require_metric


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [
        (111.0, 34.7, 4546),  # EPSG: CGCS2000 3-degree CM 111E
        (112.4, 34.6, 4546),  # the zone of 111E ends at 112.5E
        (112.6, 34.6, 4547),
        (126.6, 45.8, 4551),
        (74.0, 39.0, 4534),  # the westernmost, CM 75E
        (136.0, 48.0, 4554),  # the easternmost, CM 135E
        (139.75, 35.7, 32654),  # Tokyo: UTM zone 54 north
        (9.5, 47.1, 32632),
        (115.8, -31.9, 32750),  # Perth has China's longitude but not its latitude
        (180.0, 10.0, 32660),
    ],
)
def test_metric_crs_of_a_place(lon: float, lat: float, srid: int) -> None:
    assert metric_srid_for(lon, lat) == srid


@pytest.mark.parametrize(("lon", "lat"), [(float("nan"), 30.0), (34.6, 112.4), (500_000.0, 3_800_000.0)])
def test_no_metric_crs_for_what_is_no_place(lon: float, lat: float) -> None:
    with pytest.raises(InvalidInput, match="longitude"):
        metric_srid_for(lon, lat)


def test_degrees_are_refused_and_metres_are_not() -> None:
    require_metric(np.array([shapely.box(500_000, 3_800_000, 500_100, 3_800_100)]))
    with pytest.raises(InvalidInput) as degrees:
        require_metric(np.array([shapely.box(112.4, 34.6, 112.5, 34.7)]), where="990122100001")
    assert (degrees.value.key, degrees.value.where) == ("zoning.not_metric", "990122100001")
    with pytest.raises(InvalidInput) as infinite:
        require_metric(np.array([shapely.Point(np.inf, 3_800_000)]))
    assert infinite.value.key == "zoning.not_finite"


def test_numbers_run_west_to_east_then_north_to_south() -> None:
    # drawn as   2 0      (each a square of 100 m, the lower row a little askew)
    #            1 3
    squares = np.array(
        [
            shapely.box(100, 100, 200, 200),
            shapely.box(0, 5, 100, 100),
            shapely.box(0, 100, 100, 200),
            shapely.box(100, 0, 200, 100),
        ]
    )
    assert numbering_order(squares).tolist() == [2, 0, 1, 3]
