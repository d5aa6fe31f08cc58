"""The county's ledger (台账) as a workbook, as clerks keep it: merged headers, ticks, a totals row, a footer.

The layout follows the notes to the ledger form of one of the plans: one option ticked in each group, 是 or 否
for committee and fund, and who filled it in at the foot. A few cells are as untidy as real ones.
"""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import ARC_CORE

from geo_service.demo.county import County, recode
from geo_service.demo.story import COMMUNITIES, town_name
from geo_service.demo.units import Unit

TITLE = "云川县物业管理全覆盖工作台账（无主管小区、楼院）"
SHEET = "台账"

_CLASSES = {"A": "单位家属楼院", "B": "一般小区", "C": "单栋楼院"}
_FORMS = {
    "professional": "专业化物业",
    "basic": "简易物业",
    "employer_managed": "责任单位管理",
    "owner_self": "业主自管",
    "roving": "流动物业",
}
_CLASS_TITLE, _FORM_TITLE = "实施分类", "物业管理类型"
# Header, width in characters; a group's columns share the merged header above them.
_COLUMNS = (
    ("序号", 6), ("镇（街道）", 12), ("社区", 12), ("小区编码", 20), ("小区名称", 24), ("坐落", 20),
    *((name, 8) for name in _CLASSES.values()),
    ("楼栋数", 8), ("户数", 8), ("建筑面积（㎡）", 13), ("建成年份", 9),
    *((name, 8) for name in _FORMS.values()),
    ("进展", 9), ("进驻日期", 12), ("是否成立业主委员会", 11), ("是否建立住宅专项维修资金制度", 13),
    ("备注", 18),
)  # fmt: skip
_HEADERS = [name for name, _ in _COLUMNS]
_GROUPS = ((_CLASS_TITLE, tuple(_CLASSES.values())), (_FORM_TITLE, tuple(_FORMS.values())))
_FIRST_ROW = 4
_WRITTEN_AT = datetime(2024, 3, 11)
_SUMMED = ("楼栋数", "户数", "建筑面积（㎡）")
_TOWN_COLUMN, _COMMUNITY_COLUMN = _HEADERS.index("镇（街道）") + 1, _HEADERS.index("社区") + 1

# Clerks differ: most tick √, some ✓ or write 是.
_TICK, _OTHER_TICKS = "√", {17: "✓", 58: "是", 104: "✓", 171: "是"}
_TO_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_FULL_WIDTH_ROW = 9

_THIN = Side(style="thin", color="FF9A9A9A")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_HEAD_FILL = PatternFill("solid", fgColor="FFE4ECF5")
_TOTAL_FILL = PatternFill("solid", fgColor="FFF5F0E1")
_LEFT_COLUMNS = {"小区名称", "坐落", "备注"}


def write_ledger(county: County, path: Path) -> Path:
    """Write the workbook: one sheet, one row a management unit, town by town."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    _write_head(sheet)
    _write_rows(sheet, county)
    last = _FIRST_ROW + county.scale * len(county.units) - 1
    _write_foot(sheet, last)
    _dress(sheet, last)
    _save(book, path)
    return path


def _save(book: Workbook, path: Path) -> None:
    """Save with the moment of writing taken out, so that the same county is the same bytes."""
    moment = _WRITTEN_AT.isoformat() + "Z"
    fresh = BytesIO()
    book.save(fresh)
    with ZipFile(fresh) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == ARC_CORE:
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", moment.encode(), content)
            target.writestr(ZipInfo(name, _WRITTEN_AT.timetuple()[:6]), content, ZIP_DEFLATED)


def _write_head(sheet: Worksheet) -> None:
    sheet.append([TITLE])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_COLUMNS))
    members = {name: title for title, names in _GROUPS for name in names}
    sheet.append([members.get(name, name) for name in _HEADERS])
    sheet.append([name if name in members else None for name in _HEADERS])
    for title, names in _GROUPS:
        first = _HEADERS.index(names[0]) + 1
        sheet.merge_cells(start_row=2, start_column=first, end_row=2, end_column=first + len(names) - 1)
        assert sheet.cell(2, first).value == title
    for number, name in enumerate(_HEADERS, 1):
        if name not in members:
            sheet.merge_cells(start_row=2, start_column=number, end_row=3, end_column=number)


def _write_rows(sheet: Worksheet, county: County) -> None:
    serial = 0
    for town in range(county.scale):
        for unit in county.units:
            serial += 1
            sheet.append(_row(serial, town, unit))
    row = _FIRST_ROW
    for _ in range(county.scale):
        _merge_down(sheet, _TOWN_COLUMN, row, len(county.units))
        for community in COMMUNITIES:
            size = sum(unit.community == community for unit in county.units)
            _merge_down(sheet, _COMMUNITY_COLUMN, row, size)
            row += size


def _row(serial: int, town: int, unit: Unit) -> list[object]:
    tick = _OTHER_TICKS.get(serial, _TICK)
    households: object = unit.household_count
    if serial == _FULL_WIDTH_ROW:
        households = str(households).translate(_TO_FULL_WIDTH)
    return [
        serial, town_name(town), unit.community.name, recode(unit.code, town), unit.name, unit.address,
        *(tick if key == unit.implementation_class else None for key in _CLASSES),
        unit.building_count, households, unit.floor_area_m2, unit.built_year,
        *(tick if key == unit.form else None for key in _FORMS),
        "已进驻" if unit.service_from else "计划", unit.service_from,
        "是" if unit.has_committee else "否", "是" if unit.has_fund else "否",
        None if unit.parcel else "图上尚未标注位置",
    ]  # fmt: skip


def _merge_down(sheet: Worksheet, column: int, row: int, count: int) -> None:
    sheet.merge_cells(start_row=row, start_column=column, end_row=row + count - 1, end_column=column)


def _write_foot(sheet: Worksheet, last: int) -> None:
    totals: list[object] = [None] * len(_COLUMNS)
    totals[0] = "合计"
    for name in _SUMMED:
        column = _HEADERS.index(name)
        totals[column] = round(
            sum(
                _number(row[0])
                for row in sheet.iter_rows(_FIRST_ROW, last, column + 1, column + 1, values_only=True)
            ),
            1,
        )
    sheet.append(totals)
    sheet.append(
        [
            "填写人：",
            None,
            "苗知远",
            "联系电话：",
            "19980000001",
            None,
            "负责人：",
            None,
            "纪清和",
            "联系电话：",
            None,
            "19980000002",
        ]
    )


def _number(value: object) -> float:
    return float(value)  # float() reads full-width digits too


def _dress(sheet: Worksheet, last: int) -> None:
    for number, (_, width) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[2].height = 24
    sheet.row_dimensions[3].height = 42
    sheet.freeze_panes = sheet.cell(_FIRST_ROW, _HEADERS.index("坐落") + 1)
    sheet.print_title_rows = "1:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    title = sheet.cell(1, 1)
    title.font, title.alignment = Font(size=16, bold=True), _CENTRED
    for row in sheet.iter_rows(2, 3):
        for cell in row:
            cell.font, cell.fill, cell.alignment, cell.border = Font(bold=True), _HEAD_FILL, _CENTRED, _BORDER
    _dress_rows(sheet, last)
    for cell in sheet[last + 1]:
        cell.font, cell.fill, cell.alignment, cell.border = Font(bold=True), _TOTAL_FILL, _CENTRED, _BORDER


def _dress_rows(sheet: Worksheet, last: int) -> None:
    """Style the first row, then share its styles with the others: a big county has half a million cells."""
    models = list(sheet[_FIRST_ROW])
    for name, cell in zip(_HEADERS, models, strict=True):
        cell.border = _BORDER
        cell.alignment = _LEFT if name in _LEFT_COLUMNS else _CENTRED
        cell.number_format = _number_format(name)
    styles = [cell._style for cell in models]
    for row in sheet.iter_rows(_FIRST_ROW + 1, last):
        for cell, style in zip(row, styles, strict=True):
            if isinstance(cell, Cell):
                cell._style = style


def _number_format(name: str) -> str:
    return {"进驻日期": "yyyy-mm-dd", "建筑面积（㎡）": "0.0"}.get(name, "General")
