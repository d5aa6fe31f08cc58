"""Objections to a bulletin: taken while its window is open, kept beside what was told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Forbidden, InvalidInput, NotFound
from geo_service.pipeline.bulletins import correct_bulletin, issue_bulletin, object_to_bulletin, read_bulletin
from geo_service.planning.documents.bulletin import bulletin_document
from tests.actors import actor
from tests.county import CODE, County


def compound(town: str, since: str | None) -> dict[str, Any]:
    served = {"物业管理类型": "专业化物业", "进展": "已进驻", "进驻日期": since} if since else {}
    community = County.community(town, "001")
    return {"社区": community, "小区编码": f"C{town}", "小区名称": f"小区{town}", "户数": 100} | served


@pytest.fixture
def county(engine: Engine, tmp_path: Path) -> County:
    county = County(engine, tmp_path, {"01": ["001"], "02": ["001"]})
    county.ledger([compound("01", "2024-05-01"), compound("02", None)])
    return county


def issue(county: County, period: str, **options: Any) -> dict[str, Any]:
    return issue_bulletin(county.engine, LOCAL_ADMIN, area_code=CODE, period=period, **options).as_json()


def test_an_objection_in_time_stands_beside_the_bulletin(county: County) -> None:
    engine = county.engine
    told = issue(county, "2024-06")
    today = county.moment().date()
    assert told["objections_until"] == (today + timedelta(days=7)).isoformat()
    assert issue(county, "2024-07", objection_days=0)["objections_until"] == today.isoformat()
    assert told["objections"] == []

    reason = "第02镇小区 6 月 28 日已进驻"
    beside = object_to_bulletin(
        engine, LOCAL_ADMIN, bulletin_id=told["id"], objector="第02镇", wording=f" {reason} "
    ).as_json()
    [objection] = beside["objections"]
    assert (objection["by"], objection["text"], objection["on"]) == ("第02镇", reason, today.isoformat())
    assert {key: beside[key] for key in told if key != "objections"} == {
        key: told[key] for key in told if key != "objections"
    }

    county.ledger([compound("02", "2024-06-28")], name="late.xlsx")
    corrected = correct_bulletin(engine, LOCAL_ADMIN, bulletin_id=told["id"], reason="异议属实").as_json()
    assert (corrected["total"]["numerator"], corrected["corrections"][0]["total"]["numerator"]) == (1, 2)
    assert corrected["objections"] == [objection]
    printed = bulletin_document(corrected, "zh").tables[-1]
    assert (printed.title, printed.rows[0].cells) == ("异议", (today.isoformat(), "第02镇", reason))
    with pytest.raises(InvalidInput) as refused:
        object_to_bulletin(
            engine, LOCAL_ADMIN, bulletin_id=corrected["corrections"][0]["id"], objector="甲", wording="乙"
        )
    assert refused.value.key == "bulletin.is_correction"


def test_an_objection_out_of_time_or_without_words_is_refused(county: County) -> None:
    engine = county.engine
    told = issue(county, "2024-06")
    today = county.moment().date()
    order: dict[str, Any] = {"bulletin_id": told["id"], "objector": "第02镇", "wording": "不实"}
    for change, key in (
        ({"objector": " "}, "record.blank"),
        ({"wording": ""}, "record.blank"),
        ({"wording": "长" * 501}, "record.too_long"),
        ({"on": today - timedelta(days=1)}, "bulletin.objections_closed"),
        ({"on": today + timedelta(days=1)}, "record.ahead"),
    ):
        with pytest.raises(InvalidInput) as refused:
            object_to_bulletin(engine, LOCAL_ADMIN, **order | change)
        assert refused.value.key == key
    with engine.begin() as connection:  # issued eight days ago
        connection.execute(
            text(
                "UPDATE bulletin SET issued_at = issued_at - interval '8 days',"
                " objections_until = objections_until - 8"
            )
        )
    with pytest.raises(InvalidInput) as refused:
        object_to_bulletin(engine, LOCAL_ADMIN, **order)
    assert refused.value.values["last"] == (today - timedelta(days=1)).isoformat()
    # what was handed in on the last day may be entered later
    late = object_to_bulletin(engine, LOCAL_ADMIN, **order, on=today - timedelta(days=1))
    assert [each.objected_on for each in late.objections] == [today - timedelta(days=1)]


def test_who_objects_and_reads_that_follows_roles_and_scopes(county: County) -> None:
    engine = county.engine
    told = issue(county, "2024-06")
    order: dict[str, Any] = {"bulletin_id": told["id"], "objector": "第02镇", "wording": "不实"}
    for who in (actor(Role.VIEWER), actor(Role.GIS)):
        with pytest.raises(Forbidden):
            object_to_bulletin(engine, who, **order)
    for who in (actor(Role.PLANNER, County.town("02")), LOCAL_ADMIN):
        with pytest.raises(NotFound):
            object_to_bulletin(engine, who, **order | {"bulletin_id": told["id"] + (who is LOCAL_ADMIN)})
    object_to_bulletin(engine, actor(Role.PLANNER, CODE), **order)
    assert read_bulletin(engine, actor(Role.VIEWER), told["id"]).objections == ()
    assert len(read_bulletin(engine, actor(Role.GIS), told["id"]).objections) == 1
    with engine.connect() as connection:
        granted = connection.execute(
            text(
                "SELECT privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = 'geo_service_app' AND table_name = 'objection'"
            )
        ).scalars()
        assert set(granted) == {"SELECT", "INSERT"}
        trail = connection.execute(
            text("SELECT count(*) FROM audit WHERE table_name = 'objection' AND action = 'insert'")
        ).scalar_one()
        assert trail == 1
