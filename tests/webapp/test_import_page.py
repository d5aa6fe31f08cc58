"""The import page: a planner brings files in step by step, and the database holds what the page says."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.demo.county import make_county
from geo_service.demo.files import write_files
from geo_service.demo.story import DEFAULT_SEED
from geo_service.exchange.coordinates import to_gcj02
from geo_service.pipeline import import_file
from tests.serving import serving
from tests.webapp.accessibility import assert_accessible
from tests.webapp.conftest import SECRET, OpenPage, Watched, picture

pytestmark = pytest.mark.browser

GUILING = "990122100003"
TICKS = {"√", "✓", "是"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_files(make_county(seed=DEFAULT_SEED), tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def bare_county(module_engine: Engine, files: dict[str, Path]) -> Engine:
    """The demo county's areas and compounds, and nothing else."""
    for kind in ("areas", "compounds"):
        import_file(module_engine, LOCAL_ADMIN, kind=kind, path=files[kind])
    return module_engine


@pytest.fixture(scope="module")
def address(bare_county: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(bare_county, work_dir=tmp_path_factory.mktemp("work")) as address:
        yield address


Ask = Callable[..., list[tuple]]


@pytest.fixture
def ask(bare_county: Engine) -> Ask:
    def ask(question: str, **values: object) -> list[tuple]:
        with bare_county.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    return ask


@pytest.fixture
def page(open_page: OpenPage, address: str) -> Page:
    return open_page("/import", origin=address)


def at(page: Page, step: str) -> None:
    expect(page.locator(f'[data-step="{step}"]')).to_be_visible()


def drop(page: Page, path: Path) -> None:
    page.locator('input[type="file"]').set_input_files(path)


def onward(page: Page) -> None:
    page.get_by_role("button", name="下一步", exact=True).click()


def try_out(page: Page) -> None:
    at(page, "check")
    page.get_by_role("button", name="开始试导入").click()
    expect(page.get_by_test_id("summary")).to_be_visible()


def bring_in(page: Page) -> None:
    onward(page)
    at(page, "import")
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("导入完成")).to_be_visible()


def moved(path: Path, to: Path, move: Callable[[np.ndarray], np.ndarray]) -> Path:
    meta, _, wkb, columns = pyogrio.raw.read(path)
    shapes = shapely.to_wkb(shapely.transform(shapely.from_wkb(wkb), move))
    pyogrio.raw.write(
        to, shapes, columns, meta["fields"], geometry_type=meta["geometry_type"], crs=meta["crs"]
    )
    return to


def zipped(folder: Path, suffixes: set[str], to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        for each in sorted(folder.iterdir()):
            if each.suffix in suffixes:
                archive.write(each, each.name)
    return to


def test_a_geopackage_of_barriers(page: Page, files: dict[str, Path], ask: Ask):
    before = ask("SELECT count(*) FROM barrier")
    drop(page, files["barriers"])
    at(page, "kind")
    expect(page.get_by_role("radio", name=re.compile("障碍"))).to_be_checked()
    picture(page, "import-kind")
    onward(page)
    at(page, "columns")
    picture(page, "import-columns")
    onward(page)
    at(page, "places")
    expect(page.locator('[data-datum="cgcs2000"] input')).to_be_checked()
    onward(page)
    try_out(page)
    assert ask("SELECT count(*) FROM barrier") == before == [(0,)]
    bring_in(page)
    rows = pyogrio.read_info(files["barriers"])["features"]
    assert ask("SELECT count(*) FROM barrier") == [(rows,)]


def test_buildings_in_gcj02_are_seen_shifted_and_land_where_they_belong(
    page: Page, files: dict[str, Path], tmp_path: Path, ask: Ask
):
    shifted = moved(files["buildings"], tmp_path / "楼栋.gpkg", to_gcj02)
    drop(page, shifted)
    expect(page.get_by_role("radio", name=re.compile("楼栋"))).to_be_checked()
    onward(page)
    onward(page)
    at(page, "places")
    suggested = page.locator('[data-datum="gcj02"]')
    expect(suggested.locator("input")).to_be_checked()
    expect(suggested).to_contain_text("建议")
    inside = {
        each: int(re.search(r"(\d+) / \d+ 个点", page.locator(f'[data-datum="{each}"]').inner_text())[1])
        for each in ("cgcs2000", "gcj02")
    }
    assert inside["gcj02"] > inside["cgcs2000"]
    page.locator('.map-canvas[data-idle="true"]').wait_for()
    picture(page, "import-places-gcj02")
    onward(page)
    try_out(page)
    bring_in(page)
    _, _, wkb, columns = pyogrio.raw.read(files["buildings"], columns=["楼栋编码"])
    centres = shapely.centroid(shapely.from_wkb(wkb))
    held = {
        code: (x, y)
        for code, x, y in ask("SELECT code, ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) FROM building")
    }
    assert set(held) == set(columns[0])
    expected = np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])
    # A millionth of a degree is a decimetre.
    assert np.allclose([held[code] for code in columns[0]], expected, atol=1e-6)


def test_a_zipped_gbk_shapefile_without_prj(page: Page, files: dict[str, Path], tmp_path: Path, ask: Ask):
    meta, _, wkb, columns = pyogrio.raw.read(files["people"])
    folder = tmp_path / "人员"
    folder.mkdir()
    pyogrio.raw.write(
        folder / "people.shp", wkb, columns, meta["fields"], geometry_type="Point", encoding="GB18030"
    )
    drop(page, zipped(folder, {".shp", ".shx", ".dbf"}, tmp_path / "people.zip"))
    expect(page.get_by_role("radio", name="人员")).to_be_checked()
    onward(page)
    onward(page)
    at(page, "places")
    expect(page.get_by_text("文件没有写明坐标系")).to_be_visible()
    expect(page.locator('[data-datum="cgcs2000"] input')).to_be_checked()
    onward(page)
    try_out(page)
    bring_in(page)
    by_header = dict(zip(meta["fields"], columns, strict=True))
    named = dict(zip(by_header["人员编码"], by_header["姓名"], strict=True))
    assert dict(ask("SELECT code, name FROM person WHERE code = ANY(:codes)", codes=list(named))) == named


CSV = (
    "工号,称呼,所在社区,经度,纬度\n"
    f"X1,=甲,{GUILING},{{x}},{{y}}\n"
    f"X2,,{GUILING},{{x}},{{y}}\n"
    "X3,丙,000000000000,{x},{y}\n"
)


def test_columns_are_mapped_remembered_and_bad_rows_taken_along(
    page: Page, tmp_path: Path, ask: Ask, watched: Watched
):
    [(x, y)] = ask(
        "SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM area WHERE code = :code",
        code=GUILING,
    )
    path = tmp_path / "名单.csv"
    path.write_text(CSV.format(x=x, y=y), encoding="utf-8")
    drop(page, path)
    expect(page.get_by_role("radio", name="人员")).to_be_checked()
    onward(page)
    at(page, "columns")
    expect(page.get_by_text("必需的“人员编码”没有对应的列")).to_be_visible()
    expect(page.get_by_role("button", name="下一步", exact=True)).to_be_disabled()
    for column, field in (("工号", "code"), ("称呼", "name"), ("所在社区", "community_code")):
        page.locator(f'[data-column="{column}"] select').select_option(field)
    onward(page)
    at(page, "places")
    onward(page)
    try_out(page)
    table = page.locator("[data-step=check] table")
    expect(table).to_contain_text("000000000000")
    picture(page, "import-findings")
    page.get_by_role("button", name=re.compile("^行")).click()
    assert table.locator("tbody tr td:first-child").all_inner_texts()[0] == "3"
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 CSV").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == ["行", "字段", "值", "处理", "原因"]
    assert {line[0] for line in lines[1:] if line[3] == "拒绝"} == {"2", "3"}
    # Reloaded in the middle, the page stands where it stood.
    page.reload()
    at(page, "check")
    expect(page.get_by_test_id("summary")).to_contain_text("拒绝 2")
    bring_in(page)
    assert ask("SELECT code, name FROM person WHERE code LIKE 'X_'") == [("X1", "=甲")]

    page.get_by_role("button", name="导入另一个文件").click()
    drop(page, path)
    expect(page.get_by_text("已按上次同样列名的文件填好")).to_be_visible()
    onward(page)
    at(page, "columns")
    expect(page.locator('[data-column="工号"] select')).to_have_value("code")
    expect(page.get_by_role("button", name="下一步", exact=True)).to_be_enabled()


def ticked(ledger: Path) -> set[str]:
    """Codes of the compounds with a tick below a form of management, however their clerk ticks."""
    sheet = openpyxl.load_workbook(ledger).worksheets[0]
    rows = sheet.iter_rows(min_row=4, values_only=True)
    return {row[3] for row in rows if row[3] and "-C" in row[3] and TICKS.intersection(row[13:18])}


def test_a_ledger_workbook(page: Page, files: dict[str, Path], ask: Ask):
    served = "SELECT unit_code FROM arrangement WHERE unit_kind = 'compound'"
    drop(page, files["ledger"])
    expect(page.get_by_role("radio", name="台账")).to_be_checked()
    onward(page)
    at(page, "columns")
    onward(page)
    try_out(page)
    picture(page, "import-ledger")
    assert ask(served) == []
    bring_in(page)
    assert len(ticked(files["ledger"])) > 30
    assert {code for (code,) in ask(served)} == ticked(files["ledger"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("文字.gpkg", b"just words", "gpkg"),
        ("空.csv", b"", "空"),
        ("无行.csv", "编码,姓名,经度,纬度\n".encode(), "没有"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_in_words(
    page: Page, tmp_path: Path, watched: Watched, name: str, content: bytes, words: str
):
    path = tmp_path / name
    path.write_bytes(content)
    drop(page, path)
    expect(page.get_by_role("alert")).to_contain_text(words)
    at(page, "file")
    expect(page.locator('input[type="file"]')).to_be_attached()
    watched.complaints.clear()  # the browser's own line on the refused request


def test_a_connection_lost_in_mid_upload_leaves_the_page_ready(
    page: Page, files: dict[str, Path], watched: Watched
):
    page.route("**/api/uploads", lambda route: route.abort("connectionreset"))
    drop(page, files["barriers"])
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute("**/api/uploads")
    drop(page, files["barriers"])
    at(page, "kind")
    watched.complaints.clear()


def test_a_viewer_is_told_who_imports(
    open_page: OpenPage, bare_county: Engine, tmp_path: Path, watched: Watched
):
    viewer = tokens.issue(Actor("来访", Role.VIEWER, GUILING), 1, SECRET)
    with serving(bare_county, secret=SECRET, require_token=True, work_dir=tmp_path) as address:
        page = open_page(f"/import#token={viewer}", origin=address)
        expect(page.get_by_text("您没有导入数据的权限")).to_be_visible()
        expect(page.locator('input[type="file"]')).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_serious_to_axe(open_page: OpenPage, address: str, files: dict[str, Path], language: str):
    page = open_page(f"/import?lang={language}", origin=address)
    drop(page, files["people"])
    for step in ("kind", "columns", "places", "check"):
        at(page, step)
        if step == "places":
            page.locator('.map-canvas[data-idle="true"]').wait_for()
        assert_accessible(page)
        picture(page, f"import-{step}-{language}")
        if step != "check":
            page.locator(".moves button").last.press("Enter")
