"""A ledger written and read again says the same, whatever stands in its cells."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from geo_service.exchange.exports.ledger import write_ledger
from geo_service.exchange.exports.ledger_layout import COLUMNS, SERIAL
from geo_service.exchange.exports.workbook import sheet_name
from geo_service.exchange.ledger import read_ledger
from geo_service.exchange.ledger_checking import check_ledger
from geo_service.exchange.ledger_fields import FACTS, FORMS_BY_PRECEDENCE
from geo_service.exchange.values import tidy_text

ON = date(2024, 6, 30)
COMPOUND_TYPES = ("commodity", "old", "rural", "government", "enterprise", "standalone")
MANAGEMENT_TYPES = (*FORMS_BY_PRECEDENCE, "none")
ANSWERS = [fact.name for fact in FACTS if fact.type == "answer"]

# A name is stored as the import tidies it; "=", "_x0041_", quotes, brackets and rare characters are names.
odd_names = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
    | st.sampled_from(
        ["=1+1", "_x0041_", "#REF!", "备注：旧", "合计", "注:见后", "𠮷祥“小区”（甲）", "+86", "是"]
    )
).map(lambda words: tidy_text(words) or "甲")
amounts = st.floats(0, 1e6, allow_nan=False).map(abs)


def unit(**values: Any) -> dict[str, Any]:
    """A unit by the names of the ledger's fields, of one community, with nothing known but the least."""
    return {
        "subdistrict": "东街道",
        "community": "西社区",
        "community_code": "990101001000",
        "code": "C1",
        "name": "甲小区",
        "kind": "compound",
        "household_count": 100,
        "baseline_unmanaged": True,
    } | values


@st.composite
def units(draw: st.DrawFn) -> dict[str, Any]:
    known = draw(
        st.fixed_dictionaries(
            {"name": odd_names, "household_count": st.integers(0, 100_000)},
            optional={
                "address": odd_names,
                "company": odd_names,
                "remark": odd_names,
                "responsible_unit": odd_names,
                "floor_area_m2": amounts,
                "land_area_m2": amounts,
                "building_count": st.integers(0, 10_000),
                "built_year": st.integers(1800, 2100),
                "implementation_class": st.sampled_from("ABC"),
                "compound_type": st.sampled_from(COMPOUND_TYPES),
                "management_types": st.sets(st.sampled_from(MANAGEMENT_TYPES), min_size=1).map(sorted),
                "service_star": st.sampled_from("012345"),
                "unmanaged_kind": st.sampled_from(["community_courtyard", "self_managed"]),
                "fee_yuan_per_m2": st.floats(0, 1000),
                "collection_percent": st.floats(0, 100),
                "form": st.sampled_from(FORMS_BY_PRECEDENCE),
                "step": st.sampled_from(["planned", "in_service", "lapsed"]),
                "service_from": st.dates(date(1980, 1, 1), date(2099, 12, 31)),
                **{name: st.booleans() for name in ANSWERS},
            },
        )
    )
    return unit(**known)


@given(st.lists(units(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_cell_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, given_units: list[dict[str, Any]]
) -> None:
    for number, each in enumerate(given_units):
        each["code"] = f"C{number}"
    path = tmp_path_factory.mktemp("ledger") / "ledger.xlsx"
    write_ledger(path, given_units, on=ON)

    batch = check_ledger(read_ledger(path), mapping={})

    assert [entry.key for entry in batch.findings.entries if entry.severity == "rejected"] == []
    for name in {column.field for column in COLUMNS} - {SERIAL}:
        back = [None if value != value else value for value in batch.values[name].tolist()]
        assert back == [expected(each, name) for each in given_units], name


def expected(each: dict[str, Any], name: str) -> Any:
    if name == "form" and each.get("form") is None:
        # Nobody says the form in charge: the first of the ticked ones is.
        return next((form for form in FORMS_BY_PRECEDENCE if form in each.get("management_types", ())), None)
    return each.get(name)


def test_the_sheet_is_laid_out_as_the_plans_form(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    ticked = {
        "compound_type": "old",
        "management_types": ["basic", "star_rated"],
        "has_owners_committee": True,
    }
    write_ledger(path, [unit(**ticked), unit(code="C2", household_count=20, compound_type="old")], on=ON)

    sheet = load_workbook(path)["西社区"]
    heads = {sheet.cell(3, c).value or sheet.cell(2, c).value: c for c in range(1, sheet.max_column + 1)}
    top = {sheet.cell(2, c).value for c in range(1, sheet.max_column + 1)}
    assert {"物业类型", "物业管理类型", "物业服务等级标准情况", "面积", "附加项"} <= top
    shown = ("序号", "户数", "老旧", "简易物业", "星级物业")
    assert [sheet.cell(4, heads[head]).value for head in shown] == [1, 100, "√", "√", "√"]
    assert (sheet.cell(4, heads["商品房"]).value, sheet.cell(4, heads["是否成立业主委员会"]).value) == (
        None,
        "是",
    )
    # 100 + 20 households, two old compounds, one tick each under two management types
    assert [sheet.cell(6, heads[head]).value for head in shown] == ["合计", 120, 2, 1, 1]
    assert [cell.value for cell in sheet[7] if cell.value] == [
        "填写人：",
        "联系电话：",
        "负责人：",
        "联系电话：",
    ]
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == (
        "F4", "$1:$3", "landscape",
    )  # fmt: skip
    rules = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert rules[sheet.cell(4, heads["老旧"]).coordinate] == '"√"'
    assert rules[sheet.cell(4, heads["是否成立业主委员会"]).coordinate] == '"是,否"'
    hints = {rule.promptTitle: rule.prompt for rule in sheet.data_validations.dataValidation if rule.prompt}
    assert set(hints) == {"专业经营设施设备是否移交"}
    assert all(name in heads and len(name) <= 32 and len(hint) <= 255 for name, hint in hints.items())


def test_communities_of_one_name_get_sheets_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    other = {"subdistrict": "西街道", "community_code": "990102001000", "code": "C2"}
    written = write_ledger(path, [unit(), unit(**other)], on=ON)

    assert dict(written) == {"西社区": 1, "西街道 西社区": 1}
    ledger = read_ledger(path)
    assert [sheet.name for sheet in ledger.sheets] == ["西社区", "西街道 西社区"]
    assert check_ledger(ledger, mapping={}).values["code"].tolist() == ["C1", "C2"]


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [
        ("甲/乙[1]:*?\\", [], "甲 乙 1"),
        ("社" * 40, [], "社" * 31),
        ("社" * 40, ["社" * 31], "社" * 29 + " 2"),
        ("𠮷" * 20, [], "𠮷" * 15),
        ("North", ["NORTH"], "North 2"),
        ("History", [], "History 2"),
        ("'", [], "layer"),
    ],
)
def test_sheet_names_are_such_as_excel_takes(title: str, taken: list[str], name: str) -> None:
    assert sheet_name(title, taken) == name
