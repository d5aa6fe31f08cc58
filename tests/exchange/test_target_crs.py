"""The CRS of an export: by EPSG's own records, for a county at 111° E, 34° N."""

from __future__ import annotations

import pytest

from geo_service.errors import InvalidInput
from geo_service.exchange.exports.target_crs import target_srid

COUNTY = (111.0, 34.0, 111.3, 34.2)
FIJI = (179.0, -17.5, 179.5, -17.0)


@pytest.mark.parametrize(
    ("given", "srid"),
    [("EPSG:4490", 4490), (" epsg:4546 ", 4546), ("3857", 3857), ("EPSG:4547", 4547), ("EPSG:32650", 32650)],
)
def test_flat_systems_of_here_and_next_door_are_taken(given: str, srid: int) -> None:
    """4547 is the three-degree zone beside the county's own (4546), 32650 the UTM zone beside it."""
    assert target_srid(given, COUNTY) == srid


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("EPSG:999999", "crs_unreadable"),
        ("WGS84", "crs_unreadable"),
        ("EPSG:-1", "crs_unreadable"),
        ("EPSG:٤٤٩٠", "crs_unreadable"),
        ("EPSG:4978", "crs_not_flat"),  # geocentric
        ("EPSG:4979", "crs_not_flat"),  # with heights
        ("EPSG:5773", "crs_not_flat"),  # heights alone
        ("EPSG:9518", "crs_not_flat"),  # WGS 84 and heights
        ("EPSG:2263", "crs_elsewhere"),  # Long Island
        ("EPSG:27700", "crs_elsewhere"),  # Great Britain
        ("EPSG:5041", "crs_elsewhere"),  # the Arctic
        ("EPSG:3460", "crs_elsewhere"),  # Fiji, across the antimeridian
    ],
)
def test_what_would_give_nonsense_is_refused(given: str, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        target_srid(given, COUNTY)

    assert refused.value.key == f"export.{key}"
    assert refused.value.mend("zh") != ""


def test_a_withdrawn_system_is_refused_with_its_successor() -> None:
    """EPSG replaced 3349 (WGS 84 / PDC Mercator) by 3832."""
    with pytest.raises(InvalidInput) as refused:
        target_srid("EPSG:3349", COUNTY)

    assert refused.value.key == "export.crs_withdrawn"
    assert "EPSG:3832" in refused.value.mend("en")


def test_a_system_across_the_antimeridian_holds_on_both_of_its_sides() -> None:
    assert target_srid("EPSG:3460", FIJI) == 3460
