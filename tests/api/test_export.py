"""The choices of an export over HTTP: one ZIP of all sub-districts, shifted coordinates, refusals."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.api.conftest import assert_problem
from tests.world import COUNTY, SECOND_TOWN, TOWN

BUILDINGS = {"area": COUNTY, "layers": "standalone_buildings,compounds", "on": "2024-06-30"}


@pytest.mark.parametrize("format", ["gpkg", "csv", "shp"])
def test_all_subdistricts_come_as_one_zip(seeded, client_for, settings, format: str) -> None:
    answer = client_for(seeded.engine).get(
        "/api/export", params={**BUILDINGS, "format": format, "each": "subdistrict"}
    )

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert {name.partition("_")[0] for name in bundle.namelist()} == {TOWN, SECOND_TOWN, "目录.csv"}
    assert list(settings.work_dir.glob("geo-service-attachment-*")) == []


def test_shifted_coordinates_say_so(seeded, client_for) -> None:
    answer = client_for(seeded.engine).get(
        "/api/export",
        params={**BUILDINGS, "layers": "standalone_buildings", "format": "geojson", "datum": "gcj02"},
    )

    assert answer.json()["datum"] == "GCJ-02"


@pytest.mark.parametrize(
    ("choice", "key"),
    [
        ({"datum": "mars"}, "export.datum_unknown"),
        ({"datum": "gcj02", "crs": "EPSG:4546"}, "export.datum_with_crs"),
        ({"encoding": "gbk"}, "export.encoding_unknown"),
        ({"each": "street"}, "export.each_unknown"),
        ({"crs": "EPSG:4978"}, "export.crs_not_flat"),
    ],
)
def test_a_wrong_choice_is_a_400(seeded, client_for, settings, choice: dict[str, str], key: str) -> None:
    answer = client_for(seeded.engine).get("/api/export", params={**BUILDINGS, "format": "gpkg", **choice})

    assert_problem(answer, 400, key)
    assert list(settings.work_dir.glob("geo-service-attachment-*")) == []
