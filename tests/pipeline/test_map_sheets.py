"""Maps on paper, read back by a PDF reader and dot by dot."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pypdf
import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.errors import Cancelled, InvalidInput
from geo_service.pipeline.exporting import ExportReport, export_layers
from geo_service.pipeline.sheet_choice import SheetChoice
from tests.world import EAST, TOWN, WEST, build_world, save_plan

JUNE = date(2024, 6, 30)
ZONE = f"{EAST}001"
TOWN_WIDTH_M = 7 * 20


@pytest.fixture(scope="module")
def world(module_engine: Engine) -> Engine:
    """East: two zoned buildings and a compound; west: a building and a river."""
    build_world(module_engine, {TOWN: {WEST: "1H.\n.|P", EAST: "23aa\n...P"}})
    save_plan(
        module_engine,
        EAST,
        {ZONE: [f"{EAST}-B0001", f"{EAST}-B0002"]},
        effective_from=date(2024, 6, 1),
        chiefs={ZONE: f"{EAST}-P01"},
    )
    with module_engine.begin() as connection:
        for code, name, english in (
            (TOWN, "云川镇", "Yunchuan"),
            (EAST, "东社区", "Dong"),
            (WEST, "西社区", None),
        ):
            connection.execute(
                text("UPDATE area SET name = :name, name_en = :english WHERE code = :code"),
                {"code": code, "name": name, "english": english},
            )
    return module_engine


def _export(engine: Engine, out: Path, format: str, *layers: str, **options: Any) -> ExportReport:
    given = {"area_code": TOWN, "on": JUNE, **options}
    return export_layers(engine, LOCAL_ADMIN, layers=layers, format=format, out=out, **given)


def _size_mm(page: pypdf.PageObject) -> tuple[int, int]:
    return round(page.mediabox.width / 72 * 25.4), round(page.mediabox.height / 72 * 25.4)


def test_a_map_says_all_that_a_map_must(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "map.pdf"
    _export(world, out, "pdf", "communities", "zones", "barriers", "standalone_buildings")

    (page,) = pypdf.PdfReader(out).pages
    words = page.extract_text()
    for expected in (
        "云川镇物业管理全覆盖图",
        "社区、流动物业片区、阻隔、单栋楼院",
        "内部资料",
        "图例",
        "无人管理",
        "已进驻",
        "河流",
        "北",
        "比例尺 1:",
        "数据日期：2024-06-30",
        "CGCS2000 3 度带高斯-克吕格投影，中央经线 111°（EPSG:4546）",
        "示意图，不作为权属和界线依据",
    ):
        assert expected in words
    # nothing is lapsed and there is no railway
    assert "失管" not in words
    assert "铁路" not in words
    assert _size_mm(page) == (297, 210)


def test_every_letter_is_in_the_file(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "map.pdf", "pdf", "communities")

    (page,) = pypdf.PdfReader(tmp_path / "map.pdf").pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        drawn_in_place = font["/Subtype"] == "/Type3" and font["/CharProcs"]
        descriptor = font.get("/FontDescriptor", {})
        assert drawn_in_place or any(name.startswith("/FontFile") for name in descriptor)
        assert "CJK" in str(font.get("/BaseFont") or font.get("/Name") or descriptor.get("/FontName"))


def test_one_layer_gives_the_map_its_name(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "zh.pdf", "pdf", "coverage_by_community", map_review_no="云S(2024)001号")
    _export(world, tmp_path / "en.pdf", "pdf", "coverage_by_community", language="en")

    (chinese,) = pypdf.PdfReader(tmp_path / "zh.pdf").pages
    assert "云川镇社区覆盖率图" in chinese.extract_text()
    assert "审图号：云S(2024)001号" in chinese.extract_text()
    assert "内部资料" not in chinese.extract_text()
    (english,) = pypdf.PdfReader(tmp_path / "en.pdf").pages
    for expected in (
        "Yunchuan: Coverage by community",
        "Internal use",
        "Scale 1:",
        "central meridian 111° E",
    ):
        assert expected in english.extract_text()


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_the_scale_on_the_page_is_true(world: Engine, tmp_path: Path, paper: str) -> None:
    """The town, 140 m wide, is measured on the picture with a ruler."""
    given = {"sheet": SheetChoice(paper)}
    _export(world, tmp_path / "map.png", "png", "coverage_by_community", **given)
    _export(world, tmp_path / "map.pdf", "pdf", "coverage_by_community", **given)

    (page,) = pypdf.PdfReader(tmp_path / "map.pdf").pages
    scale = int(re.search(r"比例尺 1:([\d,]+)", page.extract_text())[1].replace(",", ""))
    picture = (matplotlib.image.imread(tmp_path / "map.png")[:, :, :3] * 255).round().astype(int)
    short_mm, long_mm = {"a4": (210, 297), "a3": (297, 420)}[paper]
    assert picture.shape[:2] == pytest.approx((short_mm / 25.4 * 200, long_mm / 25.4 * 200), abs=1)
    map_part = picture[:, : int(picture.shape[1] * 0.75)]
    # what is covered little is yellowish or greenish; paper and surroundings are as red as they are blue
    coloured = np.flatnonzero((np.ptp(map_part, axis=2) > 30).any(axis=0))
    width_mm = (coloured[-1] - coloured[0]) / 200 * 25.4
    assert width_mm * scale / 1000 == pytest.approx(TOWN_WIDTH_M, rel=0.01)


@pytest.mark.parametrize(
    ("choice", "size_mm"),
    [
        (SheetChoice("a3"), (420, 297)),
        (SheetChoice("a3", "portrait"), (297, 420)),
        (SheetChoice("a4", "portrait"), (210, 297)),
    ],
)
def test_the_paper_is_the_one_asked_for(
    world: Engine, tmp_path: Path, choice: SheetChoice, size_mm: tuple[int, int]
) -> None:
    _export(world, tmp_path / "map.pdf", "pdf", "communities", "compounds", sheet=choice)

    (page,) = pypdf.PdfReader(tmp_path / "map.pdf").pages
    assert _size_mm(page) == size_mm


def test_zones_alone_are_sheets_to_post_unless_a_map_is_asked_for(world: Engine, tmp_path: Path) -> None:
    _export(world, tmp_path / "sheets.pdf", "pdf", "zones")
    _export(world, tmp_path / "map.pdf", "pdf", "zones", sheet=SheetChoice(kind="map"))

    assert "流动物业片区公示牌" in pypdf.PdfReader(tmp_path / "sheets.pdf").pages[0].extract_text()
    assert "云川镇流动物业片区图" in pypdf.PdfReader(tmp_path / "map.pdf").pages[0].extract_text()


def test_an_atlas_has_a_page_more_a_community(world: Engine, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    _export(
        world, tmp_path / "atlas.pdf", "pdf", "communities", "standalone_buildings",
        sheet=SheetChoice(kind="atlas"), progress=lambda *step: seen.append(step),
    )  # fmt: skip

    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "atlas.pdf").pages]
    assert len(pages) == 3
    for page, name in zip(pages, ("云川镇", "西社区", "东社区"), strict=True):
        assert f"{name}物业管理全覆盖图" in page
    # what is not on a page is not in its legend: west has one building, which nobody serves
    assert "无人管理" in pages[1]
    assert ("sheet.page", 1, 2) in seen


@pytest.mark.parametrize(
    ("format", "layers", "choice", "key"),
    [
        ("png", ("zones",), SheetChoice(kind="zones"), "sheet.not_an_image"),
        ("png", ("zones",), SheetChoice(kind="atlas"), "sheet.not_an_image"),
        ("pdf", ("zones",), SheetChoice("a3"), "sheet.zones_are_a4"),
        ("pdf", ("zones",), SheetChoice(orientation="landscape"), "sheet.zones_are_a4"),
        ("pdf", ("communities",), SheetChoice(kind="zones"), "export.zones_missing"),
        ("gpkg", ("zones",), SheetChoice("a3"), "sheet.not_a_drawing"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    world: Engine, tmp_path: Path, format: str, layers: tuple[str, ...], choice: SheetChoice, key: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / f"out.{format}", format, *layers, sheet=choice)

    assert refused.value.key == key
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["pdf", "png", "pmtiles"])
@pytest.mark.parametrize("each", [None, "community"])
def test_a_table_alone_cannot_be_drawn(world: Engine, tmp_path: Path, format: str, each: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        _export(world, tmp_path / "out", format, "no_location", each=each)

    assert refused.value.key == "export.nothing_to_draw"
    assert refused.value.where == "--layers"
    assert "no_location" in refused.value.what("en")
    assert "xlsx" in refused.value.mend("en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("each", [None, "community"])
def test_a_table_beside_shapes_is_said_to_be_missing(world: Engine, tmp_path: Path, each: str | None) -> None:
    report = _export(world, tmp_path / "out", "png", "no_location", "communities", each=each)

    (remark,) = report.remarks
    assert "no_location" in remark


@pytest.mark.parametrize("format", ["pdf", "png"])
def test_a_map_of_nothing_is_refused_as_a_file_of_nothing_is(
    world: Engine, tmp_path: Path, format: str
) -> None:
    for form in (format, "gpkg"):
        with pytest.raises(InvalidInput) as refused:
            _export(world, tmp_path / "out", form, "barriers", area_code=EAST)
        assert refused.value.key == "export.empty"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [{"paper": "a5"}, {"orientation": "askew"}, {"kind": "poster"}])
def test_an_unknown_paper_is_named(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        SheetChoice(**given)

    assert refused.value.key == "sheet.unknown_choice"


def test_a_cancelled_atlas_leaves_the_earlier_one(world: Engine, tmp_path: Path) -> None:
    out = tmp_path / "atlas.pdf"
    out.write_bytes(b"before")

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if stage == "sheet.page" and done == 1:
            raise Cancelled("command.cancelled")

    with pytest.raises(Cancelled):
        _export(world, out, "pdf", "communities", sheet=SheetChoice(kind="atlas"), progress=stop)

    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]
