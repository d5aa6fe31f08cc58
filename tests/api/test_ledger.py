"""The ledger over HTTP: the workbook, types beside units, and rows confirmed as known units."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from geo_service.access import Role
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import EAST, TOWN, WEST

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    book.active.title = "台账"
    book.active.append(["社区编码", "小区编码", "小区名称", "户数", "物业类型", "物业管理类型"])
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_workbook_of_an_area_is_read_within_scope(seeded: Seeded, client_for: ClientFor) -> None:
    client = client_for(seeded.engine, Role.GIS, TOWN)
    answer = client.get("/api/ledger", params={"area": TOWN, "on": "2024-06-30"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    book = load_workbook(BytesIO(answer.content))
    # 4 standalone buildings west; 3 and a compound east: below 3 rows of header, above totals and footer
    assert sorted(sheet.max_row - 5 for sheet in book) == [4, 4]
    outside = client.get("/api/ledger", params={"area": "990102000000"})
    assert_problem(outside, 404, "area.unknown")
    viewer = client_for(seeded.engine, Role.VIEWER, TOWN)
    assert_problem(viewer.get("/api/ledger", params={"area": TOWN}), 403, "access.outside_scope")


def test_a_spelling_is_confirmed_and_counted_once(
    fresh: Seeded, client_for: ClientFor, tmp_path: Path
) -> None:
    client = client_for(fresh.engine)

    def send(content: bytes, **data: str) -> dict:
        answer = client.post("/api/imports/ledger", files={"file": ("l.xlsx", content, XLSX)}, data=data)
        assert answer.status_code == 200, answer.text
        return answer.json()

    send(workbook([WEST, "W1", "金光小区（北院）", 100, "老旧", "简易物业、星级物业"]))
    other = workbook([WEST, None, "金光小区 北院", 90, None, None])
    offered = send(other)
    assert (offered["offered"], offered["rejected"]) == (1, 1)
    [candidate] = offered["findings"][-1]["candidates"]
    assert (candidate["code"], candidate["score"], candidate["matched"]) == ("W1", 100.0, ["name"])

    assert send(other, match="台账!2=W1")["updated"] == 1
    assert send(other)["unchanged"] == 1

    types = client.get("/api/coverage/types", params={"area": WEST, "on": "2100-01-01"}).json()
    by_form = next(group for group in types["groups"] if group["key"] == "management_types")
    # the compound and the west's four standalone buildings; two marks, both of the compound
    assert (types["units"], by_form["marks"], by_form["units"]) == (5, 2, 1)
    assert {each["key"]: each["units"] for each in by_form["options"] if each["units"]} == {
        "basic": 1,
        "star_rated": 1,
    }
    places = client.get("/api/ledger/places", params={"area": WEST}).json()
    assert [unit["code"] for unit in places["units"]] == ["W1"]


def test_another_community_sees_no_spelling(fresh: Seeded, client_for: ClientFor) -> None:
    statement = (
        "INSERT INTO unit_alias (community_code, spelling, unit_kind, unit_code)"
        " SELECT community_code, 'x', 'building', code FROM building WHERE code = :code"
    )
    with fresh.engine.begin() as connection:
        connection.execute(text(statement), {"code": f"{WEST}-B0001"})
    for scope, seen in ((WEST, 1), (EAST, 0)):
        with fresh.engine.begin() as connection:
            connection.execute(
                text("SELECT set_config('geo.role', 'planner', true), set_config('geo.scope', :scope, true)"),
                {"scope": scope},
            )
            connection.execute(text("SET LOCAL ROLE geo_service_app"))
            assert connection.execute(text("SELECT count(*) FROM unit_alias")).scalar_one() == seen
