"""Bulletins and milestones as PDF, workbook and picture: what stands there, in which typeface, marked how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matplotlib.image import imread
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from geo_service.errors import InvalidInput
from geo_service.pipeline.documents import write_bulletin, write_milestones
from geo_service.planning.documents.bulletin import bulletin_document
from geo_service.planning.documents.milestones import milestones_document
from geo_service.planning.documents.model import Column, Document, Row, Table
from geo_service.publish.curve import draw_curve
from geo_service.publish.documents.pdf import paper, write_pdf

SHA = "0123456789abcdef" * 4
ON_TIME = {
    "rhythm": "report",
    "due": "2017-11-26",
    "received_on": "2017-11-24",
    "state": "on_time",
    "days_late": 0,
}
LATE = {**ON_TIME, "received_on": "2017-11-28", "state": "late", "days_late": 2}


def street(rank: int, code: str, name: str, numerator: int, **fields: Any) -> dict[str, Any]:
    counts = {"numerator": numerator, "denominator": 4, "rate": numerator / 4}
    row = {"rank": rank, "code": code, "name": name, **counts, "change": 1, "meets_due": numerator == 4}
    return {
        **row,
        "gap_to_next": None,
        "is_civilized_unit": None,
        "reports": [ON_TIME],
        "proposals": [],
    } | fields


def sanction(key: str, title: str, civilized: bool) -> dict[str, Any]:
    where = {"is_civilized_unit": civilized}
    return {
        "key": key,
        "on": "milestone_missed",
        "title_zh": title,
        "title_en": key,
        "where": where,
        "section": "三",
    }


BULLETIN: dict[str, Any] = {
    "id": 7, "kind": "monthly_ranking", "area": "1", "area_name": "周阳区", "period": "2017-11",
    "cut_off": "2017-11-30", "corrects": None, "reason": None, "objections_until": "2017-12-08",
    "issued_by": "区房管局", "issued_at": "2017-12-01T09:30:00+08:00", "content_sha256": SHA,
    "profile": {"title_zh": "实施方案", "title_en": "Plan"}, "rhythm": None, "by": "subdistrict",
    "due": {"date": "2017-11-30", "required": 8, "met": False}, "next": None,
    "total": {"numerator": 7, "denominator": 8, "rate": 0.875},
    "rows": [
        street(1, "11", "东街<b>&amp;", 4),
        street(2, "12", "西街", 3, reports=[LATE],
               proposals=[sanction("card", "黄牌警告", True), sanction("opinion", "提出处理意见", False)]),
    ],
    "proposals": [], "corrections": [],
}  # fmt: skip
CORRECTION = {
    **BULLETIN, "id": 9, "corrects": 7, "reason": "漏报一个小区", "issued_at": "2017-12-05T10:00:00+08:00",
    "differences": [{"code": "12", "name": "西街",
                     "told": {"numerator": 3, "denominator": 4, "reports": [LATE]},
                     "known": {"numerator": 4, "denominator": 4, "reports": [ON_TIME]}}],
}  # fmt: skip


def unit(
    name: str, score: float | None, passes: bool | None, left_out: list[dict[str, str]]
) -> dict[str, Any]:
    row = {"code": name, "name": name, "kind": "compound", "community": "东社区"}
    return {**row, "score": score, "passes": passes, "left_out": left_out}


LIST: dict[str, Any] = {
    **{key: BULLETIN[key] for key in BULLETIN if key not in ("due", "next", "rhythm")},
    "kind": "evaluation_list", "period": "final", "by": "unit", "pass_mark": 85, "full_mark": 100,
    "round": {"key": "final", "title_zh": "最终考评", "title_en": "Final evaluation"},
    "total": {"compliant": 1, "not_compliant": 1, "not_scored": 1},
    "rows": [
        unit("甲院", 85.0, True, [{"key": "green", "title_zh": "绿化养护管理", "title_en": "Green"}]),
        unit("乙院", 84.5, False, []),
        unit("丙院", None, None, []),
    ],
}  # fmt: skip


def point(day: str, numerator: int) -> dict[str, Any]:
    return {"date": day, "numerator": numerator, "denominator": 229, "rate": numerator / 229}


MILESTONES: dict[str, Any] = {
    "area": "1", "area_name": "城关镇", "on": "2024-10-31", "by": "community",
    "profile": {"title_zh": "实施方案", "title_en": "Plan"},
    "target": {"title_zh": "覆盖率", "title_en": "Coverage"},
    "total": {
        **point("", 183), "flag": "red",
        "points": [point("2024-05-31", 47), point("2024-06-30", 71), point("2024-10-31", 183)],
        "steps": [
            {**point("2024-06-30", 71), "required": 69, "met": True},
            {**point("2024-10-31", 183), "required": 184, "met": False},
            {"date": "2024-12-31", "required": 229, "met": None},
        ],
        "next": {"date": "2024-12-31", "required": 229, "gap": 46, "expected": 229},
    },
    "rows": [], "coming": [
        {"date": "2024-10-31", "what": "phase", "key": "work", "title_zh": "全面推进", "title_en": "Work",
         "section": "四、第二阶段", "level": None},
    ],
}  # fmt: skip


def read(path: Path) -> tuple[PdfReader, str]:
    reader = PdfReader(path)
    return reader, "\n".join(page.extract_text() for page in reader.pages)


def fonts(reader: PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            yield font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def cells(document: Document, table: int = 0) -> list[tuple[Any, ...]]:
    return [row.cells for row in document.tables[table].rows]


def test_a_bulletin_on_paper_says_what_was_told_and_by_what_it_is_checked(tmp_path: Path) -> None:
    write_bulletin(BULLETIN, tmp_path / "a.pdf", language="zh")
    reader, said = read(tmp_path / "a.pdf")

    assert len(reader.pages) == 1
    assert all(
        "/FontFile3" in each.get_object() or "/FontFile2" in each.get_object() for each in fonts(reader)
    )
    assert {each.get_object()["/FontName"].split("+")[1][:8] for each in fonts(reader)} == {"Noto-San"}
    # 7 of 8 is 87.50 %; names are text, never markup
    for words in ("周阳区 2017-11", "东街<b>&amp;", "87.50%", "迟报 2 天", SHA, "区房管局", "2017-12-08",
                  "2017-12-01 09:30", "第 1 页，共 1 页", "未达到", "黄牌警告"):  # fmt: skip
        assert words in said, words
    assert "更正" not in said


def test_every_page_repeats_the_heading_and_the_footer_and_figures_stay_what_they_are(tmp_path: Path) -> None:
    """90 rows on A4 need three pages or so; each page bears the column's heading and its own number."""
    column = Column("应报户数", "count")
    rows = tuple(Row((number,)) for number in range(1001, 1091))
    write_pdf(tmp_path / "b.pdf", Document("zh", "b", "标题", "方案", tables=(Table("表", (column,), rows),),
                                           facts=(("内容校验码", SHA),)))  # fmt: skip
    reader, _ = read(tmp_path / "b.pdf")
    pages = [page.extract_text() for page in reader.pages]
    count = len(pages)
    assert count >= 3
    found = []
    for number, said in enumerate(pages, start=1):
        assert "应报户数" in said
        assert SHA in said
        assert f"第 {number} 页，共 {count} 页" in said
        found += [line.strip() for line in said.splitlines() if line.strip()[:2] == "1,"]
    assert found == [f"{number:,}" for number in range(1001, 1091)]


def test_a_correction_is_marked_on_both(tmp_path: Path) -> None:
    corrected = bulletin_document({**BULLETIN, "corrections": [CORRECTION]}, "zh")
    assert (
        corrected.notice == "已更正 1 次：最近一次为 2017-12-05 的 9 号，更正内容见文末；正文仍为原发数字。"
    )
    assert cells(corrected, -1) == [("西街", "3/4、迟报 2 天", "4/4、按时")]
    assert "漏报一个小区" in corrected.tables[-1].title
    own = bulletin_document(CORRECTION, "zh")
    assert own.notice == "更正：本件更正 7 号通报。理由：漏报一个小区"
    write_bulletin({**BULLETIN, "corrections": [CORRECTION]}, tmp_path / "c.pdf", language="zh")
    assert corrected.notice in read(tmp_path / "c.pdf")[1].replace("\n", "")
    assert '<p class="notice">' in paper(own)
    assert '<p class="notice">' not in paper(bulletin_document(BULLETIN, "zh"))


def test_what_may_follow_is_shown_for_both_cases_where_nobody_said() -> None:
    proposals = bulletin_document(BULLETIN, "zh").tables[1]
    assert [row.cells for row in proposals.rows] == [
        ("西街", "节点未达", "未登记；若是", "黄牌警告", "三"),
        ("西街", "节点未达", "未登记；若不是", "提出处理意见", "三"),
    ]
    told = [{**row, "is_civilized_unit": True, "proposals": row["proposals"][:1]} for row in BULLETIN["rows"]]
    assert cells(bulletin_document({**BULLETIN, "rows": told}, "zh"), 1) == [
        ("西街", "节点未达", "是", "黄牌警告", "三")
    ]


def test_the_ranking_marks_who_missed_or_was_late_and_counts_reports() -> None:
    document = bulletin_document(BULLETIN, "zh")
    assert [row.mark for row in document.tables[0].rows] == ["", "missed", "total"]
    assert document.lines == (
        "截至 2017-11-30：已覆盖 7 个，基数 8 个，覆盖率 87.50%。",
        "2017-11-30 节点需达到 8 个：未达到。",
        "应报 2 份：按时 1，迟报 1，未报 0，未到期 0。",
    )
    bare = [{**row, "reports": []} for row in BULLETIN["rows"]]
    assert len(bulletin_document({**BULLETIN, "rows": bare}, "zh").tables[0].columns) == 8
    assert bulletin_document(BULLETIN, "en").title == "周阳区 2017-11: coverage ranking"


def test_an_evaluation_list_as_document_and_workbook(tmp_path: Path) -> None:
    """85.0 passes, 84.5 fails, and what does not apply is named."""
    document = bulletin_document(LIST, "zh")
    assert document.title == "周阳区最终考评名单"
    assert cells(document) == [
        (1, "甲院", "东社区", 85.0, "是", "绿化养护管理"),
        (2, "乙院", "东社区", 84.5, "否", ""),
        (3, "丙院", "东社区", None, "未打分", ""),
    ]
    write_bulletin(LIST, tmp_path / "d.xlsx", language="zh")
    sheet = openpyxl.load_workbook(tmp_path / "d.xlsx").active
    assert [cell.value for cell in sheet[4]] == ["序号", "名称", "社区", "得分", "达标", "不适用（未计分）"]
    assert [sheet.cell(row, 4).value for row in (5, 6, 7)] == [85, 84.5, None]
    assert sheet.cell(6, 4).number_format == "0.00"
    assert SHA in [cell.value for cell in sheet["C"]]


def test_a_workbook_has_a_sheet_for_every_table(tmp_path: Path) -> None:
    write_bulletin({**BULLETIN, "corrections": [CORRECTION, CORRECTION]}, tmp_path / "e.xlsx", language="zh")
    workbook = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert len(workbook.sheetnames) == 4  # ranking, proposals, two corrections of one title
    assert "已更正 2 次" in workbook.active.cell(3, 1).value
    odd = replace(bulletin_document(BULLETIN, "zh"), name="a/b:c*[d]?" * 9)
    assert len(odd.name) > 31
    write_bulletin({**BULLETIN, "period": "a/b:c*[d]?" * 9}, tmp_path / "f.xlsx", language="zh")


@pytest.mark.parametrize(
    "reason", ["𠮷" * 40, "见甲社区来函所称'乙'小区''''''", "换行\n制表\t", "\x0b\ufffe删去", "_x0041_"]
)
def test_a_workbook_opens_whatever_the_reason_of_a_correction(tmp_path: Path, reason: str) -> None:
    """Excel counts sheet names in UTF-16, wants no apostrophe at their ends, and reads XML 1.0."""
    write_bulletin(
        {**BULLETIN, "corrections": [{**CORRECTION, "reason": reason}]}, tmp_path / "e.xlsx", language="zh"
    )
    workbook = CalamineWorkbook.from_path(tmp_path / "e.xlsx")
    for name in workbook.sheet_names:
        assert len(name.encode("utf-16-le")) <= 2 * 31
        assert name == name.strip("'")
        assert not set(name) & set("[]:*?/\\\n\t\x0b\ufffe")
    title = workbook.get_sheet_by_index(2).to_python()[0][0]
    assert title.endswith(f"{reason.replace(chr(11), '').replace(chr(0xFFFE), '')}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("change", [{}, {"next": None}, {"flag": "none", "rate": None}])
def test_the_curve_is_a_legible_picture(language: str, change: dict[str, Any]) -> None:
    report = {**MILESTONES, "total": {**MILESTONES["total"], **change}}
    picture = imread(BytesIO(draw_curve(report, language)))
    height, width = picture.shape[:2]
    assert (width, height) == (1760, 992)  # 11 x 6.2 inches at 160 dots
    colours = {tuple(pixel) for pixel in (picture[..., :3].reshape(-1, 3)[::7] * 255).round().astype(int)}
    plan, actual = (0xC8, 0x64, 0x1E), (0x1F, 0x4E, 0x79)
    assert {plan, actual} <= colours
    assert ((0xB0, 0x00, 0x20) in colours) is True  # the missed milestone, and the flag where it is red


def test_milestones_are_written_as_pdf_workbook_and_picture(tmp_path: Path) -> None:
    for name in ("g.pdf", "g.xlsx", "g.PNG"):
        write_milestones(MILESTONES, tmp_path / name, language="zh")
    reader, said = read(tmp_path / "g.pdf")
    assert len(reader.pages[0].images) == 1
    assert "下一节点 2024-12-31：需达到 229 个，还差 46 个" in said
    sheet = openpyxl.load_workbook(tmp_path / "g.xlsx").active
    [chart] = sheet._charts
    # plan and actual by day: one row for each of the days that are counted or are milestones
    days = {each["date"] for part in ("points", "steps") for each in MILESTONES["total"][part]}
    first, last = 4, 3 + len(days)
    assert [sheet.cell(last, 1).value.date().isoformat(), sheet.cell(last + 1, 1).value] == [max(days), None]
    assert [(series.cat.numRef.f, series.val.numRef.f, series.tx.strRef.f) for series in chart.series] == [
        (f"'2024-10-31'!$A${first}:$A${last}", f"'2024-10-31'!${column}${first}:${column}${last}",
         f"'2024-10-31'!{column}3")
        for column in "BC"
    ]  # fmt: skip
    assert [sheet.cell(3, column).value for column in (2, 3)] == ["需达到", "已覆盖"]
    assert (tmp_path / "g.PNG").read_bytes().startswith(b"\x89PNG")
    document = milestones_document(MILESTONES, "zh")
    assert cells(document) == [
        ("2024-06-30", 69, 71, "是"), ("2024-10-31", 184, 183, "否"), ("2024-12-31", 229, None, None),
    ]  # fmt: skip
    assert cells(document, 2) == [("2024-10-31", "阶段截止", "全面推进", "四、第二阶段")]
    assert openpyxl.load_workbook(tmp_path / "g.xlsx").active.cell(4, 3).value == 47


def test_other_formats_and_folders_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    for out in (tmp_path / "x.docx", tmp_path / "x", tmp_path, tmp_path / "x.png"):
        with pytest.raises(InvalidInput) as refused:
            write_bulletin(BULLETIN, out, language="zh")
        assert refused.value.key == "export.unknown_format"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_fetched_from_anywhere(tmp_path: Path) -> None:
    """A name cannot make the page read a file: it is escaped, and addresses are refused besides."""
    (tmp_path / "secret.txt").write_text("秘密")
    name = f'<link rel="attachment" href="file://{tmp_path}/secret.txt"><img src="file:///etc/hostname">'
    write_bulletin({**BULLETIN, "area_name": name}, tmp_path / "h.pdf", language="zh")
    reader, said = read(tmp_path / "h.pdf")
    assert not reader.attachments
    assert "attachment" in said
