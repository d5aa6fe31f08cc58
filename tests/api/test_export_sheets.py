"""Projects, tile archives and printed maps over HTTP."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
import pypdf
import pytest
from pmtiles.reader import MemorySource, Reader

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded
from tests.world import TOWN, WEST


def _asked(client_for: ClientFor, seeded: Seeded, *who: Any, **query: Any) -> httpx.Response:
    given = {"area": TOWN, "on": "2024-06-30", **query}
    return client_for(seeded.engine, *who).get("/api/export", params=given)


def test_a_project_comes_with_its_package(client_for: ClientFor, seeded: Seeded) -> None:
    answer = _asked(client_for, seeded, format="qgz", layers="zones,standalone_buildings")

    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert sorted(bundle.namelist()) == [f"{TOWN}.gpkg", f"{TOWN}.qgz"]
        with zipfile.ZipFile(io.BytesIO(bundle.read(f"{TOWN}.qgz"))) as project:
            (name,) = project.namelist()
            document = project.read(name).decode()
    assert name == f"{TOWN}.qgs"
    assert f"./{TOWN}.gpkg|layername=zones" in document


def test_a_project_over_this_service_names_its_address(client_for: ClientFor, seeded: Seeded) -> None:
    answer = _asked(client_for, seeded, format="qgz", service="true")

    assert answer.headers["content-type"] == "application/x-qgis-project"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as project:
        document = project.read(f"{TOWN}.qgs").decode()
    assert f"url='http://127.0.0.1/?area={TOWN}&amp;on=2024-06-30'" in document


def test_an_archive_holds_what_the_caller_may_see(client_for: ClientFor, seeded: Seeded) -> None:
    answer = _asked(client_for, seeded, Role.VIEWER, TOWN, format="pmtiles")

    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    described = Reader(MemorySource(answer.content)).metadata()["vector_layers"]
    assert "communities" in {layer["id"] for layer in described}
    assert "zones" not in {layer["id"] for layer in described}
    outside = _asked(client_for, seeded, Role.PLANNER, WEST, format="pmtiles")
    assert outside.status_code == 404


def test_a_map_is_on_the_paper_and_bears_the_number_asked_for(client_for: ClientFor, seeded: Seeded) -> None:
    query = {
        "layers": "communities,zones",
        "paper": "a3",
        "orientation": "portrait",
        "map_review_no": "云S001",
    }
    answer = _asked(client_for, seeded, format="pdf", **query)

    assert answer.headers["content-type"] == "application/pdf"
    (page,) = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert (round(page.mediabox.width / 72 * 25.4), round(page.mediabox.height / 72 * 25.4)) == (297, 420)
    assert "云S001" in page.extract_text()


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"format": "pdf", "layers": "zones", "paper": "a5"}, "sheet.unknown_choice"),
        ({"format": "gpkg", "layers": "zones", "paper": "a3"}, "sheet.not_a_drawing"),
        ({"format": "gpkg", "layers": "zones", "service": "true"}, "qgis_project.no_project"),
        ({"format": "qgz", "service": "true", "crs": "EPSG:4546"}, "qgis_project.crs_with_service"),
        ({"format": "pmtiles", "crs": "EPSG:4490"}, "export.crs_not_for_format"),
        ({"format": "pdf"}, "export.no_layers"),
        ({"format": "pdf", "layers": "no_location"}, "export.nothing_to_draw"),
        ({"format": "png", "layers": "no_location"}, "export.nothing_to_draw"),
        ({"format": "pmtiles", "layers": "no_location"}, "export.nothing_to_draw"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client_for: ClientFor, seeded: Seeded, query: dict[str, str], key: str
) -> None:
    answer = _asked(client_for, seeded, **query)

    assert answer.status_code == 400
    assert answer.json()["key"] == key
