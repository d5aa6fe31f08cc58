"""Files that cannot be used as a whole: each is refused by name, with the mend, and nothing is written."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import LineString, Point, box
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import InvalidInput, Unavailable
from geo_service.messages import LANGUAGES
from geo_service.pipeline import ImportOptions, import_file
from geo_service.store.session import transaction

WEST = "990101001000"
HOUSES = [box(111.001 + i / 1000, 34.005, 111.0012 + i / 1000, 34.0052) for i in range(3)]


@pytest.fixture(scope="module")
def world(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """One community from 111.00 to 111.01 E and 34.00 to 34.01 N, and one far west at 87 E."""
    path = tmp_path_factory.mktemp("areas") / "areas.gpkg"
    frame(
        {"code": [WEST, "65"], "name": ["西社区", "远社区"]},
        [box(111, 34, 111.01, 34.01), box(87, 43, 87.1, 43.1)],
    ).to_file(path)
    import_file(
        module_engine,
        LOCAL_ADMIN,
        kind="areas",
        path=path,
        options=ImportOptions(mapping={"kind": "=community"}),
    )
    return module_engine


def frame(
    columns: dict[str, Any], shapes: list[Any], crs: str | None = "EPSG:4490"
) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)


def houses(folder: Path, name: str = "b.gpkg", **options: Any) -> Path:
    crs = options.pop("crs", "EPSG:4490")
    frame({"code": ["B1", "B2", "B3"]}, HOUSES, crs).to_file(folder / name, **options)
    return folder / name


def picture(folder: Path) -> Path:
    (folder / "b.gpkg").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    return folder / "b.gpkg"


def half_a_file(folder: Path) -> Path:
    whole = houses(folder).read_bytes()
    (folder / "half.gpkg").write_bytes(whole[: len(whole) // 3])
    return folder / "half.gpkg"


def text_called(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def folder_itself(folder: Path) -> Path:
    return folder


def without_crs(folder: Path) -> Path:
    path = houses(folder, "b.shp")
    path.with_suffix(".prj").unlink()
    return path


def two_layers(folder: Path) -> Path:
    houses(folder, layer="one")
    return houses(folder, layer="two")


def no_rows(folder: Path) -> Path:
    frame({"code": []}, []).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def swapped_china(folder: Path) -> Path:
    frame({"code": ["B1"]}, [box(34.005, 111.001, 34.006, 111.002)]).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def swapped_far_west(folder: Path) -> Path:
    # Both numbers could be a latitude at 87 E: only the communities tell.
    frame({"code": ["B1"]}, [box(43.01, 87.01, 43.02, 87.02)]).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def metres_called_degrees(folder: Path) -> Path:
    frame({"code": ["B1"]}, [box(500000, 3800000, 500010, 3800010)]).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def barriers(folder: Path) -> Path:
    frame({"code": ["R1"], "kind": ["river"]}, [LineString([(111, 34), (111.01, 34.01)])]).to_file(
        folder / "b.gpkg"
    )
    return folder / "b.gpkg"


def no_code_column(folder: Path) -> Path:
    frame({"height": [3.0]}, HOUSES[:1]).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def points(folder: Path) -> Path:
    frame({"code": ["B1"]}, [Point(111.001, 34.001)]).to_file(folder / "b.gpkg")
    return folder / "b.gpkg"


def boastful_zip(folder: Path) -> Path:
    """A few hundred bytes whose directory claims a gigabyte."""
    path = folder / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.gpkg", b"x" * 100)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1_000_000_000)
    path.write_bytes(bytes(data))
    return path


def escaping_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("../outside.gpkg", b"x")
    return folder / "b.zip"


def empty_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("readme.txt", b"x")
    return folder / "b.zip"


VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    b"</OGRVRTDataSource>"
)

CASES: list[tuple[str, Callable[[Path], Path], dict[str, Any]]] = [
    ("import.not_readable", picture, {}),
    ("import.not_readable", half_a_file, {}),
    ("import.not_readable", text_called("b.geojson", VRT), {}),
    ("import.not_readable", text_called("b.geojson", b'{"type": "FeatureCollection", "features": ['), {}),
    ("import.not_readable", text_called("b.zip", b"PK not really"), {}),
    ("import.not_readable", text_called("b.csv", b"\xff\xfe\x00\x00code"), {}),
    ("import.file_empty", text_called("b.gpkg", b""), {}),
    ("import.file_missing", lambda folder: folder / "nowhere.gpkg", {}),
    ("import.is_folder", folder_itself, {}),
    ("import.suffix_unknown", text_called("b.doc", b"x"), {}),
    ("import.no_rows", no_rows, {}),
    ("import.no_rows", text_called("b.csv", b"code,lon,lat\n"), {}),
    ("import.crs_missing", without_crs, {}),
    ("import.crs_missing", text_called("b.csv", b"code,wkt\nB1,POINT(1 1)\n"), {}),
    ("import.crs_unknown", houses, {"crs": "EPSG:999999"}),
    ("import.datum_unknown", houses, {"datum": "mars"}),
    ("import.layer_needed", two_layers, {}),
    ("import.layer_unknown", two_layers, {"layer": "three"}),
    ("import.axes_swapped", swapped_china, {}),
    ("import.axes_swapped", swapped_far_west, {}),
    ("import.not_degrees", metres_called_degrees, {}),
    ("import.columns_missing", no_code_column, {}),
    ("import.column_unknown", houses, {"mapping": {"storeys": "floors"}}),
    ("import.field_unknown", houses, {"mapping": {"floors": "code"}}),
    ("import.all_wrong_type", barriers, {}),
    ("import.all_wrong_type", points, {}),
    ("import.no_geometry", text_called("b.csv", b"code\nB1\n"), {}),
    ("import.archive_too_large", boastful_zip, {}),
    ("import.archive_path", escaping_zip, {}),
    ("import.archive_ambiguous", empty_zip, {}),
]


@pytest.mark.parametrize(("key", "make", "options"), CASES, ids=lambda part: getattr(part, "__name__", None))
def test_an_unusable_file_is_refused_in_words(
    world: Engine, tmp_path: Path, key: str, make: Callable[[Path], Path], options: dict[str, Any]
) -> None:
    path = make(tmp_path)
    with pytest.raises(InvalidInput) as refusal:
        import_file(world, LOCAL_ADMIN, kind="buildings", path=path, options=ImportOptions(**options))
    assert refusal.value.key == key
    assert refusal.value.where
    for language in LANGUAGES:
        assert refusal.value.what(language)
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM building")).scalar_one() == 0


def test_an_unknown_kind_is_refused_with_the_kinds_there_are(world: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        import_file(world, LOCAL_ADMIN, kind="rivers", path=houses(tmp_path))
    assert "barriers" in str(refusal.value)


def test_buildings_before_areas_are_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        import_file(engine, LOCAL_ADMIN, kind="buildings", path=houses(tmp_path))
    assert refusal.value.key == "import.no_communities"


def test_missing_columns_are_listed_with_what_there_is(world: Engine, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        import_file(world, LOCAL_ADMIN, kind="buildings", path=no_code_column(tmp_path))
    assert "height" in refusal.value.what("zh")
    assert "--map code=" in refusal.value.mend("zh")


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", None])
def test_chinese_shapefiles_are_read_with_or_without_a_code_page(
    engine: Engine, tmp_path: Path, encoding: str | None
) -> None:
    path = tmp_path / "区划.shp"
    frame({"编码": ["1"], "名称": ["云川县"], "级别": ["县"]}, HOUSES[:1]).to_file(
        path, encoding=encoding or "GBK"
    )
    if encoding is None:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    archive = tmp_path / "区划.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in tmp_path.glob("区划.*"):
            if part != archive:
                packed.write(part, part.name)
    for source in (path, archive):
        import_file(engine, LOCAL_ADMIN, kind="areas", path=source)
        with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
            assert connection.execute(text("SELECT name FROM area")).scalar_one() == "云川县"


@pytest.mark.parametrize("name", ["b.geojson", "b.fgb"])
def test_the_other_formats_land_too(engine: Engine, tmp_path: Path, name: str) -> None:
    frame({"code": ["1"], "name": ["云川县"], "kind": ["县"]}, HOUSES[:1], "EPSG:4326").to_file(
        tmp_path / name
    )
    report = import_file(engine, LOCAL_ADMIN, kind="areas", path=tmp_path / name)
    assert (report.inserted, report.findings) == (1, ())


def test_a_full_work_folder_is_said_and_nothing_lands(world: Engine, tmp_path: Path) -> None:
    """``/dev/full`` answers every write as a full disk does."""
    path = tmp_path / "b.csv"
    path.write_text(
        f"code,wkt,household_count\nB1,{HOUSES[0].wkt},没有\nB2,{HOUSES[1].wkt},5\n", encoding="utf-8"
    )
    rejects = tmp_path / "rejects"
    rejects.mkdir()
    (rejects / "b.rejects.csv").symlink_to("/dev/full")
    with pytest.raises(Unavailable) as trouble:
        import_file(
            world,
            LOCAL_ADMIN,
            kind="buildings",
            path=path,
            options=ImportOptions(crs="EPSG:4490", rejects_dir=rejects),
        )
    assert trouble.value.key == "import.file_trouble"
    with transaction(world, LOCAL_ADMIN, read_only=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM building")).scalar_one() == 0
