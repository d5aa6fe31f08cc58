"""Who filled in a ledger and who is in charge: kept with its day for those who write it, and written out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.pipeline import ImportOptions, ImportReport, import_file
from geo_service.pipeline.ledger_export import export_ledger
from geo_service.store.local import Cluster
from geo_service.store.session import transaction
from tests.actors import actor
from tests.conftest import engine_on_a_clone
from tests.county import CODE, County

WEST, EAST = County.community("01", "001"), County.community("02", "001")
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
FOOT = [
    "填写人：",
    "苗知远",
    "联系电话：",
    "19980000001",
    None,
    "负责人：",
    "纪清和",
    None,
    "联系电话：",
    19980000002,
]
SAID = ["填写人：", "苗知远", "联系电话：", "19980000001", "负责人：", "纪清和", "联系电话：", "19980000002"]


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    return County(engine, tmp_path, {"01": ["001"], "02": ["001"]})


def take(
    county: County, *foot: list[Any], on: date = JUNE, by: Actor = LOCAL_ADMIN, **options: Any
) -> ImportReport:
    """A ledger of one sheet, a compound in each community, and below the totals the lines given."""
    book = Workbook()
    rows = [
        ["社区", "小区编码", "小区名称", "户数"],
        [WEST, "C1", "甲", 9],
        [EAST, "C2", "乙", 9],
        ["合计", None, None, 18],
    ]
    for line in [*rows, *foot]:
        book.active.append(line)
    path = county.folder / "台账.xlsx"
    book.save(path)
    return import_file(
        county.engine, by, kind="ledger", path=path, options=ImportOptions(as_of=on, **options)
    )


def shown(county: County, on: date = JUNE, by: Actor = LOCAL_ADMIN, area: str = CODE) -> list[list[Any]]:
    """What stands in the last line of every sheet of the ledger of a day."""
    path = county.folder / "out.xlsx"
    export_ledger(county.engine, by, area_code=area, on=on, out=path)
    return [[c.value for c in sheet[sheet.max_row] if c.value is not None] for sheet in load_workbook(path)]


def test_a_footer_is_kept_for_every_community_of_its_sheet_and_comes_back(
    county: County, cluster: Cluster, template: str, tmp_path: Path
) -> None:
    assert take(county, FOOT).rejected == 0
    assert shown(county) == [SAID, SAID]

    with engine_on_a_clone(cluster, template) as other:
        elsewhere = County(other, tmp_path, {"01": ["001"], "02": ["001"]})
        path = county.folder / "out.xlsx"
        import_file(other, LOCAL_ADMIN, kind="ledger", path=path, options=ImportOptions(as_of=JUNE))
        assert shown(elsewhere) == [SAID, SAID]


@pytest.mark.parametrize(
    "foot",
    [
        [["填表人:苗知远　电话:19980000001　负责人（签字）：纪清和 联系电话：19980000002"]],
        [["填写人：苗知远联系电话：19980000001"], ["单位负责人：", None, "纪清和", "手机：19980000002"]],
        [[None, "填报人：苗知远", "联系方式：19980000001"], ["填表日期：2024年6月1日"],
         ["审核人：甲 电话：110"], ["负责人：纪清和", "电话：19980000002"], ["备注：1.以上属实"]],
    ],
)  # fmt: skip
def test_it_is_read_as_clerks_write_it(county: County, foot: list[list[Any]]) -> None:
    assert take(county, *foot).rejected == 0
    assert shown(county) == [SAID, SAID]


def test_labels_without_a_word_say_nothing(county: County) -> None:
    take(county, FOOT)
    take(county, ["填写人：", None, "联系电话：____", None, "负责人："], on=JULY)
    assert shown(county, JULY) == [SAID, SAID]


def test_each_day_has_its_own_and_a_phone_goes_with_its_person(county: County) -> None:
    take(county, FOOT)
    take(county, ["填写人：", "白露", "联系电话："], on=JULY)
    later = ["填写人：", "白露", "联系电话：", "负责人：", "纪清和", "联系电话：", "19980000002"]
    empty = ["填写人：", "联系电话：", "负责人：", "联系电话："]
    assert [shown(county, on)[0] for on in (MAY, JUNE, JULY, date(2024, 8, 1))] == [empty, SAID, later, later]

    # corrected for June: what was kept before stays as history
    take(county, ["填写人：", "谷雨", "联系电话：", "19980000003"])
    assert shown(county)[0][:4] == ["填写人：", "谷雨", "联系电话：", "19980000003"]
    assert shown(county, JULY)[0] == later
    with county.engine.connect() as connection:
        closed = text(
            "SELECT filler FROM ledger_footer WHERE NOT upper_inf(recorded) ORDER BY community_code"
        )
        assert list(connection.execute(closed).scalars()) == ["苗知远", "苗知远"]


def test_the_same_again_and_a_trial_change_nothing(county: County) -> None:
    take(county, FOOT, dry_run=True)
    assert shown_after(county) == []
    take(county, FOOT)
    kept = shown_after(county)
    assert len(kept) == 2
    take(county, FOOT)
    take(county, FOOT, on=JULY)
    assert shown_after(county) == kept


def shown_after(county: County) -> list[int]:
    with county.engine.connect() as connection:
        return list(connection.execute(text("SELECT id FROM ledger_footer ORDER BY id")).scalars())


def test_only_those_who_write_the_ledger_of_an_area_read_it(county: County) -> None:
    take(county, FOOT)
    west, empty = County.town("01"), ["填写人：", "联系电话：", "负责人：", "联系电话："]
    planner = actor(Role.PLANNER, west)
    assert shown(county, by=planner, area=west) == [SAID]
    assert shown(county, by=actor(Role.GIS, CODE)) == [empty, empty]
    for who, count in (
        (LOCAL_ADMIN, 2),
        (planner, 1),
        (actor(Role.GIS, CODE), 0),
        (actor(Role.VIEWER, CODE), 0),
    ):
        with transaction(county.engine, who, read_only=True) as connection:
            assert connection.execute(text("SELECT count(*) FROM ledger_footer")).scalar_one() == count


def test_the_trail_keeps_no_copy_of_the_phones(county: County) -> None:
    take(county, FOOT)
    take(county, ["负责人：", "谷雨", "电话：", "19980000003"])
    with county.engine.connect() as connection:
        trail = connection.execute(
            text("SELECT action, before::text, after::text FROM audit WHERE table_name = 'ledger_footer'")
        ).all()
    assert {row.action for row in trail} == {"insert", "update"}
    words = "".join(f"{row.before}{row.after}" for row in trail)
    assert "苗知远" in words
    assert "****0001" in words
    assert not any(phone in words for phone in ("19980000001", "19980000002", "19980000003"))
