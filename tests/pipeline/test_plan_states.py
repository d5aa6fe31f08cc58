"""From draft to review to published, what is refused on the way, and copies that go their own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Role
from geo_service.errors import Conflict, Forbidden, InvalidInput, LostRace, NotFound
from geo_service.pipeline import publish_plan
from geo_service.pipeline.edit_history import read_history
from geo_service.pipeline.editing import redo_edit, undo_edit
from geo_service.pipeline.plan_checks import check_plan
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.reviewing import hand_in, rename_plan, reopen
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.model import LoadRange
from tests.actors import actor
from tests.pipeline.editing_world import FIRST, SECOND, THIRD, b, do, held, history, planned, state
from tests.world import EAST, SECOND_TOWN, TOWN, WEST

JUNE = date(2030, 6, 1)


@pytest.fixture
def plan(engine: Engine) -> int:
    """Two zones in WEST within 20-200 households, and one in EAST."""
    plan_id = planned(engine)
    with engine.begin() as connection:
        connection.execute(text('UPDATE plan SET parameters = \'{"limits": "20-200"}\''))
    return plan_id


def rules(engine: Engine, plan_id: int) -> list[tuple[str, str | None]]:
    """Which rules are broken, and where."""
    found = check_plan(engine, LOCAL_ADMIN, plan_id=plan_id)["breaches"]
    return [(breach["rule"], breach["zone_code"]) for breach in found]


def plan_state(engine: Engine, plan_id: int) -> str:
    with engine.connect() as connection:
        return connection.execute(text("SELECT state FROM plan WHERE id = :p"), {"p": plan_id}).scalar_one()


def test_a_drawn_plan_keeps_all_rules(engine: Engine, plan: int):
    drawn = draw_zones(engine, LOCAL_ADMIN, area_code=WEST, limits=LoadRange(90, 120)).plan_id
    assert rules(engine, drawn) == []
    assert publish_plan(engine, LOCAL_ADMIN, plan_id=drawn, from_date=JUNE).revision == 2


def test_every_broken_rule_is_named_in_words(engine: Engine, plan: int):
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE plan SET parameters = :document"),
            {"document": f'{{"limits": "60-100", "together": [["{b(1)}", "{b(3)}"], ["{b(1)}", "{b(2)}"]],'
                         f' "apart": [["{b(1)}", "{b(2)}"], ["{b(5)}", "{b(6)}"]]}}'},
        )  # fmt: skip
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(5)])  # 120 households on two banks
    do(engine, plan, kind="lock", zones=[FIRST])
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(3), b(4)])
    do(engine, plan, kind="unlock", zones=[FIRST])
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(3)])
    assert rules(engine, plan) == [
        ("under", FIRST),
        ("over", SECOND),
        ("crosses_barrier", SECOND),
        ("in_pieces", SECOND),
        ("unassigned", None),
        ("parted", FIRST),
        ("not_apart", FIRST),
    ]
    said = check_plan(engine, LOCAL_ADMIN, plan_id=plan)["breaches"]
    assert said[1]["message_zh"] == f"area {WEST}第2片区的计量 120 高于 60-100"
    assert said[2]["message_en"] == f"zone 2 of area {WEST} lies across {WEST}-R01"
    assert said[4]["message_en"] == f"1 building(s) of area {WEST} are in no zone"


def test_a_plan_that_breaks_rules_is_published_for_a_reason_alone(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(5), b(6)])
    before = state(engine, plan)
    with pytest.raises(Conflict) as refused:
        publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE)
    assert refused.value.key == "plan.breaks_rules"
    assert [breach["rule"] for breach in refused.value.details] == ["crosses_barrier", "in_pieces"]
    assert (plan_state(engine, plan), state(engine, plan)) == ("draft", before)

    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, override_reason="浮桥将于六月通行")
    assert plan_state(engine, plan) == "published"
    with engine.connect() as connection:
        said = connection.execute(text("SELECT edit FROM plan_edit WHERE kind = 'publish'")).scalar_one()
    assert said["reason"] == "浮桥将于六月通行"
    assert [breach["rule"] for breach in said["broken"]] == ["crosses_barrier", "in_pieces"]
    newest = read_history(engine, LOCAL_ADMIN, plan_id=plan)["edits"][0]
    assert newest["message_zh"] == "在不合规则的情况下发布方案，理由：浮桥将于六月通行"


def test_only_what_is_published_must_keep_the_rules(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(5), b(6)])
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, area_code=EAST)
    assert plan_state(engine, plan) == "published"


def test_nobody_edits_a_plan_in_review_until_it_is_reopened(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    report = hand_in(engine, LOCAL_ADMIN, plan_id=plan, expected_revision=3)
    assert (report["state"], report["revision"]) == ("review", 4)
    assert [breach["rule"] for breach in report["breaches"]] == []
    for verb in (undo_edit, redo_edit, hand_in):
        with pytest.raises(Conflict) as refused:
            verb(engine, LOCAL_ADMIN, plan_id=plan)
        assert refused.value.key == "edits.in_review"
    with pytest.raises(Conflict):
        do(engine, plan, kind="lock", zones=[FIRST])

    reopen(engine, LOCAL_ADMIN, plan_id=plan)
    assert plan_state(engine, plan) == "draft"
    with pytest.raises(Conflict) as refused:
        reopen(engine, LOCAL_ADMIN, plan_id=plan)
    assert refused.value.key == "edits.not_in_review"
    # what was undone before the review can be done again after it
    redo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    assert held(engine, plan)[FIRST] == ["1", "2", "3"]
    assert [row[1] for row in history(engine, plan)] == ["assign", "undo", "hand_in", "reopen", "redo"]


def test_a_plan_that_is_not_published_gets_another_name(engine: Engine, plan: int):
    def name() -> str:
        with engine.connect() as connection:
            return connection.execute(text("SELECT name FROM plan WHERE id = :p"), {"p": plan}).scalar_one()

    do(engine, plan, kind="lock", zones=[FIRST])
    before = state(engine, plan)
    renamed = rename_plan(engine, LOCAL_ADMIN, plan_id=plan, name="二月方案", expected_revision=2)
    assert renamed == {"plan_id": plan, "name": "二月方案", "revision": 3}
    assert (name(), state(engine, plan)) == ("二月方案", before)
    rows = read_history(engine, LOCAL_ADMIN, plan_id=plan)["edits"]
    assert (rows[0]["kind"], rows[0]["message_zh"]) == ("rename_plan", "将方案“plan”改名为“二月方案”")
    # the same name again is no step; and undo is about zones, as before
    assert rename_plan(engine, LOCAL_ADMIN, plan_id=plan, name="二月方案")["revision"] == 3
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    assert name() == "二月方案"
    hand_in(engine, LOCAL_ADMIN, plan_id=plan)
    rename_plan(engine, LOCAL_ADMIN, plan_id=plan, name="三月方案")
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE)
    with pytest.raises(Conflict) as refused:
        rename_plan(engine, LOCAL_ADMIN, plan_id=plan, name="四月方案")
    assert (refused.value.key, name()) == ("plan.frozen", "三月方案")
    for who in (actor(Role.VIEWER, TOWN), actor(Role.PLANNER, SECOND_TOWN)):
        with pytest.raises((Forbidden, NotFound)):
            rename_plan(engine, who, plan_id=plan, name="五月方案")


def test_a_plan_in_review_is_published(engine: Engine, plan: int):
    hand_in(engine, LOCAL_ADMIN, plan_id=plan)
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, expected_revision=2)
    assert plan_state(engine, plan) == "published"


def test_late_reviewers_and_publishers_are_told_what_changed(engine: Engine, plan: int):
    do(engine, plan, kind="lock", zones=[FIRST])
    for late in (
        lambda: hand_in(engine, LOCAL_ADMIN, plan_id=plan, expected_revision=1),
        lambda: reopen(engine, LOCAL_ADMIN, plan_id=plan, expected_revision=1),
        lambda: rename_plan(engine, LOCAL_ADMIN, plan_id=plan, name="x", expected_revision=1),
        lambda: publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, expected_revision=1),
    ):
        with pytest.raises(LostRace) as lost:
            late()
        assert [row["kind"] for row in lost.value.details] == ["lock"]


def test_a_copy_holds_what_its_plan_holds_and_goes_its_own_way(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    report = copy_plan(engine, LOCAL_ADMIN, plan_id=plan, language="en")
    copy = report["plan_id"]
    assert (report["name"], report["parent_id"], report["state"]) == ("plan (copy)", plan, "draft")
    assert (report["zones"], report["buildings"], report["copied_revision"]) == (3, 6, 2)
    assert state(engine, copy) == state(engine, plan)
    assert history(engine, copy) == []

    do(engine, copy, kind="delete", zone=SECOND)
    assert SECOND in held(engine, plan)
    assert SECOND not in held(engine, copy)


def test_a_published_plan_is_copied_into_a_draft(engine: Engine, plan: int):
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=date(2024, 1, 1))
    copy = copy_plan(engine, LOCAL_ADMIN, plan_id=plan, name="明年")["plan_id"]
    assert state(engine, copy) == state(engine, plan)  # with who serves today
    with engine.connect() as connection:
        row = connection.execute(text("SELECT name, state FROM plan WHERE id = :p"), {"p": copy}).one()
        undated = connection.execute(
            text("SELECT o.valid FROM post o JOIN zone z ON z.id = o.zone_id WHERE z.plan_id = :p"),
            {"p": copy},
        ).scalars()
        assert list(undated) == [None]
    assert tuple(row) == ("明年", "draft")


def test_a_copy_of_one_community_is_of_that_community(engine: Engine, plan: int):
    copy = copy_plan(engine, actor(Role.PLANNER, TOWN), plan_id=plan, area_code=EAST)["plan_id"]
    assert list(held(engine, copy)) == [f"{EAST}001"]


def test_whoever_lost_a_race_goes_on_from_what_was_read(engine: Engine, plan: int):
    """Keep mine as a fork: the plan as it was, then the edit that came too late."""
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(3)])
    read = state(engine, plan)
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(4)])
    do(engine, plan, kind="merge", zones=[SECOND, FIRST])
    do(engine, plan, kind="new_zone", buildings=[b(5)])
    do(engine, plan, kind="rename", zone=THIRD, name="theirs")
    fork = copy_plan(engine, LOCAL_ADMIN, plan_id=plan, revision=3)["plan_id"]
    assert state(engine, fork) == read
    mine = do(engine, fork, kind="assign", zone=SECOND, buildings=[b(2)])
    assert held(engine, fork)[SECOND] == ["2", "3", "4"]
    assert mine["number"] == 1


def test_copies_that_cannot_be_made_are_refused(engine: Engine, plan: int):
    for revision in (0, 2):
        with pytest.raises(InvalidInput) as refused:
            copy_plan(engine, LOCAL_ADMIN, plan_id=plan, revision=revision)
        assert refused.value.key == "edits.no_such_revision"
    with pytest.raises(NotFound):
        copy_plan(engine, LOCAL_ADMIN, plan_id=99)
    with pytest.raises(NotFound):
        copy_plan(engine, LOCAL_ADMIN, plan_id=plan, area_code="nowhere")
    with pytest.raises(Forbidden):
        copy_plan(engine, actor(Role.GIS), plan_id=plan)
    # a plan of the town that is published is read in its communities, but not written
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE)
    with pytest.raises(NotFound):
        copy_plan(engine, actor(Role.PLANNER, WEST), plan_id=plan)
    copy = copy_plan(engine, actor(Role.PLANNER, WEST), plan_id=plan, area_code=WEST)["plan_id"]
    assert list(held(engine, copy)) == [FIRST, SECOND]


def test_what_is_good_to_know_is_noted_in_words_and_refuses_nothing(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=None, buildings=[b(1, EAST), b(2, EAST)])  # which ends its one zone
    assert held(engine, plan).keys() == {FIRST, SECOND}
    report = check_plan(engine, LOCAL_ADMIN, plan_id=plan)
    assert report["notes"] == [
        {
            "rule": "without_chief",
            "community_code": WEST,
            "zone_code": SECOND,
            "message_zh": f"area {WEST}第2片区没有网格长",
            "message_en": f"zone 2 of area {WEST} has no chief",
        },
        {
            "rule": "not_zoned",
            "community_code": EAST,
            "zone_code": None,
            "message_zh": f"area {EAST}有 2 栋楼待划片，方案在该社区没有片区",
            "message_en": f"area {EAST} has 2 building(s) to zone, and the plan has no zone there",
        },
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO post (zone_id, person_code, community_code, walk_distance_m)"
                " SELECT id, :person, community_code, 0 FROM zone WHERE plan_id = :plan AND code = :zone"
            ),
            {"plan": plan, "zone": SECOND, "person": f"{WEST}-P01"},
        )
    several = check_plan(engine, LOCAL_ADMIN, plan_id=plan)["notes"][-1]
    assert (several["rule"], several["community_code"], several["zone_code"]) == (
        "several_zones",
        WEST,
        FIRST,
    )
    assert several["message_zh"] == f"person {WEST}-P01负责 2 个片区：area {WEST}第1片区、area {WEST}第2片区"
    assert [note["rule"] for note in check_plan(engine, LOCAL_ADMIN, plan_id=plan)["notes"]] == [
        "not_zoned",
        "several_zones",
    ]
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=JUNE, area_code=WEST)


@pytest.mark.parametrize("verb", [undo_edit, redo_edit])
def test_who_has_nothing_to_take_back_is_told_what_to_do(engine: Engine, plan: int, verb):
    with pytest.raises(Conflict) as refused:
        verb(engine, LOCAL_ADMIN, plan_id=plan)
    assert refused.value.mend("zh")
    assert refused.value.mend("en")
