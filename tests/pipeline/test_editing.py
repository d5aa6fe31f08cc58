"""Edits of drafts, and what the database holds after them."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InvalidInput, LostRace, NotFound
from geo_service.pipeline import edit_grounds, publish_plan
from geo_service.pipeline.chiefs import appoint_chiefs
from geo_service.pipeline.edit_history import read_history
from geo_service.pipeline.editing import redo_edit, undo_edit
from geo_service.pipeline.plan_board import open_board
from geo_service.pipeline.zoning import draw_zones
from geo_service.planning.editing import judge
from geo_service.planning.model import LoadRange
from geo_service.store.plans import get_plan
from geo_service.store.session import transaction
from tests.actors import actor
from tests.pipeline.editing_world import FIRST, SECOND, THIRD, b, do, held, history, planned, state
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


def judged(engine: Engine, plan_id: int) -> None:
    """Have outlines and figures derived of a plan that was written without, by edits that cancel out."""
    do(engine, plan_id, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, plan_id, kind="assign", zone=SECOND, buildings=[b(3)])


def nothing_left(engine: Engine, plan_id: int, verb: str) -> bool:
    """Whether there is nothing to undo, or redo."""
    with pytest.raises(Conflict) as nothing:
        {"undo": undo, "redo": redo}[verb](engine, plan_id)
    return nothing.value.key == f"edits.nothing_to_{verb}"


def undo(engine: Engine, plan_id: int) -> dict[str, Any]:
    return undo_edit(engine, LOCAL_ADMIN, plan_id=plan_id)


def redo(engine: Engine, plan_id: int) -> dict[str, Any]:
    return redo_edit(engine, LOCAL_ADMIN, plan_id=plan_id)


def value(engine: Engine, statement: str, **given: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(statement), given).scalar_one()


def refused(
    engine: Engine, plan_id: int, error: type[GeoServiceError], key: str, **order: Any
) -> GeoServiceError:
    """The order is refused, and leaves everything as it was."""
    before, revision = (
        state(engine, plan_id),
        value(engine, "SELECT revision FROM plan WHERE id = :p", p=plan_id),
    )
    with pytest.raises(error) as raised:
        do(engine, plan_id, **order)
    assert raised.value.key == key
    assert raised.value.what("zh")
    assert raised.value.what("en")
    assert state(engine, plan_id) == before
    assert value(engine, "SELECT revision FROM plan WHERE id = :p", p=plan_id) == revision
    return raised.value


def test_a_click_writes_what_changed_and_answers_it_alone(engine: Engine, plan: int):
    report = do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])

    assert held(engine, plan) == {FIRST: ["1", "2", "3"], SECOND: ["4"], f"{EAST}001": ["1", "2"]}
    assert (report["number"], report["revision"], report["undo"], report["redo"]) == (1, 2, 1, None)
    assert [zone["code"] for zone in report["zones"]] == [FIRST, SECOND]
    assert report["moves"] == [{"zone": FIRST, "buildings": [b(3)]}]
    assert report["deleted"] == []
    first = report["zones"][0]
    # three squares of 12 m in a row, 20 m apart: 10 + 20 + 30 households
    assert (first["households"], first["buildings"], first["load"]) == (60, 3, 60)
    assert (first["connected"], first["crosses_barrier"], first["fit"]) == (True, False, "under")
    assert first["deviation_percent"] == -85
    assert first["span_m"] == pytest.approx(40, abs=0.01)
    assert first["patrol_m"] == pytest.approx(80, abs=0.01)
    assert first["centre_building"] == b(2)
    assert first["chief"]["code"] == f"{WEST}-P01"
    assert report["community"]["unassigned"] == [b(5), b(6)]
    stored = "SELECT household_count, building_count, load FROM zone WHERE plan_id = :p AND code = :c"
    with engine.connect() as connection:
        row = connection.execute(text(stored), {"p": plan, "c": FIRST}).one()
    assert tuple(row) == (60, 3, 60)


def test_outlines_follow_from_the_tessellation(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(5)])
    apart = (
        "SELECT sum(ST_Area(ST_Transform(ST_Intersection(a.geom, b.geom), 4546))) FROM zone a JOIN zone b"
        " ON a.plan_id = b.plan_id AND a.code < b.code WHERE a.plan_id = :p AND a.community_code = :c"
    )
    assert value(engine, apart, p=plan, c=WEST) == pytest.approx(0, abs=0.1)
    covered = "SELECT ST_Area(ST_Transform(geom, 4546)) FROM zone WHERE plan_id = :p AND code = :c"
    # three of four buildings of a bank of 90 m by 40 m, the last of them with the land up to the river
    assert value(engine, covered, p=plan, c=FIRST) == pytest.approx(3 * 20 * 40, rel=0.02)


def test_a_building_is_in_one_zone_however_often_it_is_moved(engine: Engine, plan: int):
    for zone in (FIRST, SECOND, FIRST, None, SECOND, FIRST):
        do(engine, plan, kind="assign", zone=zone, buildings=[b(3), b(5)])
    count = "SELECT count(*) FROM zone_member WHERE plan_id = :p AND building_code = :c"
    assert value(engine, count, p=plan, c=b(3)) == 1
    assert held(engine, plan)[FIRST] == ["1", "2", "3", "5"]


def test_a_zone_across_the_river_is_allowed_and_shown(engine: Engine, plan: int):
    report = do(engine, plan, kind="assign", zone=SECOND, buildings=[b(5), b(6)])

    (zone,) = report["zones"]
    # 30 + 40 households on this bank, 50 + 60 on the other: most are there
    assert (zone["connected"], zone["crosses_barrier"]) == (False, True)
    assert zone["stranded"] == [b(3), b(4)]
    assert zone["barriers"] == [f"{WEST}-R01"]
    assert report["plan"]["crossing"] == report["plan"]["in_pieces"] == [SECOND]
    assert report["community"]["unassigned"] == []
    assert (
        value(
            engine,
            "SELECT unassigned FROM plan_outcome WHERE plan_id = :p AND community_code = :c",
            p=plan,
            c=WEST,
        )
        == 0
    )


def test_nothing_changed_is_no_edit(engine: Engine, plan: int):
    before = state(engine, plan)
    report = do(engine, plan, kind="assign", zone=FIRST, buildings=[b(1)])
    assert (report["number"], report["revision"], report["zones"]) == (None, 1, [])
    assert (state(engine, plan), history(engine, plan)) == (before, [])


def test_all_is_undone_and_done_again_exactly(engine: Engine, plan: int):
    judged(engine, plan)
    states = [state(engine, plan)]
    middle = 111 + 0.00087  # between the second and the third pair of cells
    for order in (
        {"kind": "assign", "zone": FIRST, "buildings": [b(3)]},
        {"kind": "assign", "zone": None, "buildings": [b(4)]},  # the second zone is gone with it
        {"kind": "new_zone", "buildings": [b(4), b(5), b(6)], "name": "河东"},
        {"kind": "lock", "zones": [THIRD]},
        {"kind": "rename", "zone": FIRST, "name": "河西"},
        {"kind": "split", "zone": FIRST, "parts": 2},
        {"kind": "unlock", "zones": [THIRD]},
        {"kind": "merge", "zones": [THIRD, FIRST]},  # and its chief with it
        {"kind": "delete", "zone": THIRD},
        {
            "kind": "new_zone_within",
            "community": WEST,
            "outline": {
                "type": "Polygon",
                "coordinates": [[(110.99, 34.3), (middle, 34.3), (middle, 34.4), (110.99, 34.4)]],
            },
        },
    ):
        do(engine, plan, **order)
        states.append(state(engine, plan))
    for before in reversed(states[:-1]):
        undo(engine, plan)
        assert state(engine, plan) == before
    for after in states[1:]:
        redo(engine, plan)
        assert state(engine, plan) == after
    assert nothing_left(engine, plan, "redo")
    assert len(history(engine, plan)) == 2 + 3 * 10


def test_the_way_back_is_in_the_rows_alone(engine: Engine, plan: int):
    """What another session, or a server that was restarted, finds: there is nothing else to go by."""
    do(engine, plan, kind="lock", zones=[FIRST])
    do(engine, plan, kind="unlock", zones=[FIRST])
    undo(engine, plan)
    undo(engine, plan)
    redo(engine, plan)
    do(engine, plan, kind="rename", zone=SECOND, name="new")
    undo(engine, plan)
    undo(engine, plan)
    assert history(engine, plan) == [
        (1, "lock", None, 1, None),
        (2, "unlock", None, 2, None),
        (3, "undo", 2, 1, 2),
        (4, "undo", 1, None, 1),
        (5, "redo", 1, 1, 2),
        (6, "rename", None, 6, None),  # edit 2 cannot be done again any more
        (7, "undo", 6, 1, 6),
        (8, "undo", 1, None, 1),
    ]
    assert nothing_left(engine, plan, "undo")
    redo(engine, plan)
    redo(engine, plan)
    assert nothing_left(engine, plan, "redo")
    names = "SELECT name || locked FROM zone WHERE plan_id = :p AND code = :c"
    assert value(engine, names, p=plan, c=SECOND) == "newfalse"
    assert history(engine, plan)[-1] == (10, "redo", 6, 6, None)


ZONES = st.sampled_from([FIRST, SECOND, THIRD, f"{WEST}004"])
BUILDINGS = st.lists(st.integers(1, 6).map(b), min_size=1, max_size=4)
STEPS = st.lists(
    st.one_of(
        st.just({"kind": "undo"}),
        st.just({"kind": "redo"}),
        st.fixed_dictionaries({"kind": st.just("assign"), "zone": st.none() | ZONES, "buildings": BUILDINGS}),
        st.fixed_dictionaries({"kind": st.just("new_zone"), "buildings": BUILDINGS}),
        st.fixed_dictionaries({"kind": st.just("merge"), "zones": st.lists(ZONES, min_size=2, max_size=2)}),
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["lock", "unlock"]), "zones": ZONES.map(lambda z: [z])}
        ),
        st.fixed_dictionaries({"kind": st.just("delete"), "zone": ZONES}),
    ),
    min_size=4,
    max_size=14,
)


def plan_edits_stand(engine: Engine, plan_id: int) -> bool:
    return bool(history(engine, plan_id)) and history(engine, plan_id)[-1][3] is not None


def succeeds(engine: Engine, plan_id: int, order: dict[str, Any]) -> bool:
    """Whether an order is carried out and changes anything."""
    try:
        return do(engine, plan_id, **order)["number"] is not None
    except GeoServiceError:
        return False


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_steps_are_undone_to_the_first_state(
    session_plan: tuple[Engine, int], steps: list[dict[str, Any]]
):
    engine, plan = session_plan
    while plan_edits_stand(engine, plan):
        undo(engine, plan)
    judged(engine, plan)
    first = state(engine, plan)
    stack, undone = [first], []
    for step in steps:
        if step["kind"] == "undo":
            if len(stack) > 1:
                undo(engine, plan)
                undone.append(stack.pop())
        elif step["kind"] == "redo":
            if undone:
                redo(engine, plan)
                stack.append(undone.pop())
            else:
                assert nothing_left(engine, plan, "redo")
        elif succeeds(engine, plan, step):
            stack.append(state(engine, plan))
            undone = []
        assert state(engine, plan) == stack[-1]
    for before in reversed(stack[:-1]):
        undo(engine, plan)
        assert state(engine, plan) == before
    assert state(engine, plan) == first


@pytest.fixture(scope="module")
def session_plan(module_engine: Engine) -> tuple[Engine, int]:
    return module_engine, planned(module_engine)


def test_figures_after_edits_are_those_computed_afresh(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3), b(5)])
    do(engine, plan, kind="assign", zone=SECOND, buildings=[b(1)])
    report = do(engine, plan, kind="assign", zone=SECOND, buildings=[b(6)])
    edit_grounds.forget_all()
    board = open_board(engine, LOCAL_ADMIN, plan_id=plan)
    assert board["plan"] == {key: kept for key, kept in report["plan"].items() if key != "distance_before_m"}
    by_code = {zone["code"]: zone for zone in board["zones"]}
    for zone in report["zones"]:
        assert {key: kept for key, kept in by_code[zone["code"]].items() if key != "geometry"} == {
            key: kept for key, kept in zone.items() if key != "geometry"
        }
    place = {zone["code"]: number for number, zone in enumerate(board["zones"])}
    places = dict(zip(board["buildings"]["code"], board["buildings"]["zone"], strict=True))
    assert [places[b(number)] for number in range(1, 7)] == [
        place[SECOND], place[FIRST], place[FIRST], place[SECOND], place[FIRST], place[SECOND],
    ]  # fmt: skip
    assert [(each["code"], each["unassigned"]) for each in board["communities"]] == [(WEST, 0), (EAST, 0)]


def test_the_total_before_and_after(engine: Engine, plan: int):
    first = do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])["plan"]
    second = do(engine, plan, kind="assign", zone=SECOND, buildings=[b(3)])["plan"]
    assert second["distance_before_m"] == pytest.approx(first["distance_m"])
    # two pairs of buildings 20 m apart; EAST's zone was drawn before distances were kept
    assert second["distance_m"] == pytest.approx(40, abs=0.01)
    assert second["under"] == [FIRST, SECOND, f"{EAST}001"]
    assert sum(second["histogram"]["counts"]) == 3


def test_a_drawn_plan_goes_back_to_what_the_engine_drew(engine: Engine, plan: int):
    drawn = draw_zones(engine, LOCAL_ADMIN, area_code=WEST, limits=LoadRange(50, 130)).plan_id
    before = state(engine, drawn)
    zones = list(held(engine, drawn))
    do(engine, drawn, kind="merge", zones=zones)
    (merged,) = state(engine, drawn)[1]
    assert merged[6:8] == (None, None)  # no bound holds for zones made by hand
    undo(engine, drawn)
    assert state(engine, drawn) == before
    assert before[1][0][7] is not None


def test_a_community_that_had_no_answer_gets_zones_by_hand(engine: Engine, plan: int):
    # the 70 households of EAST make no zone of 90; the reason is kept for when the zone is taken back
    drawn = draw_zones(engine, LOCAL_ADMIN, area_code=TOWN, limits=LoadRange(90, 120)).plan_id
    before = state(engine, drawn)

    def unanswered() -> list[str]:
        with transaction(engine, LOCAL_ADMIN, read_only=True) as connection:
            return [each["area_code"] for each in get_plan(connection, drawn)["infeasible"]]

    assert unanswered() == [EAST]
    report = do(engine, drawn, kind="new_zone", buildings=[b(1, EAST), b(2, EAST)])
    assert report["zones"][0]["code"] == f"{EAST}001"
    assert report["community"]["unassigned"] == []
    assert unanswered() == []
    undo(engine, drawn)
    assert (unanswered(), state(engine, drawn)) == ([EAST], before)


def test_who_comes_second_is_told_what_has_changed(engine: Engine, plan: int):
    planner = Actor("李四", Role.PLANNER, TOWN)
    do(engine, plan, planner, revision=1, kind="assign", zone=FIRST, buildings=[b(3)])
    do(engine, plan, planner, revision=2, kind="rename", zone=SECOND, name="x")
    before = state(engine, plan)
    with pytest.raises(LostRace) as lost:
        do(engine, plan, revision=1, kind="delete", zone=SECOND)
    assert state(engine, plan) == before
    assert [(row["number"], row["actor"], row["zones"]) for row in lost.value.details] == [
        (2, "李四", [SECOND]),
        (1, "李四", [FIRST, SECOND]),
    ]
    assert lost.value.details[1]["message_zh"] == "将 1 栋楼划入第1片区"
    assert lost.value.details[1]["message_en"] == "put 1 building(s) into zone 1"
    for late in (undo_edit, redo_edit):
        with pytest.raises(LostRace):
            late(engine, LOCAL_ADMIN, plan_id=plan, expected_revision=1)


def test_of_two_writers_at_once_one_is_second(engine: Engine, plan: int):
    start = threading.Barrier(2)
    came: list[str] = []

    def write(building: str) -> None:
        start.wait()
        try:
            do(engine, plan, revision=1, kind="assign", zone=FIRST, buildings=[building])
            came.append("first")
        except LostRace as lost:
            came.append(f"second to {lost.details[0]['number']}")

    writers = [threading.Thread(target=write, args=(b(number),)) for number in (3, 4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(came) == ["first", "second to 1"]
    assert len(held(engine, plan)[FIRST]) == 3
    assert value(engine, "SELECT revision FROM plan WHERE id = :p", p=plan) == 2


@pytest.mark.parametrize("scope", [SECOND_TOWN, WEST])
def test_another_scope_knows_of_no_such_plan(engine: Engine, plan: int, scope: str):
    before = state(engine, plan)
    with pytest.raises(NotFound) as missing:
        do(engine, plan, actor(Role.PLANNER, scope), kind="delete", zone=FIRST)
    assert missing.value.key == "plan.unknown"
    with pytest.raises(NotFound):
        read_history(engine, actor(Role.PLANNER, scope), plan_id=plan)
    assert state(engine, plan) == before


@pytest.mark.parametrize("role", [Role.GIS, Role.VIEWER, Role.CHIEF])
def test_who_does_not_write_does_not_edit(engine: Engine, plan: int, role: Role):
    for verb in (undo_edit, redo_edit):
        with pytest.raises(Forbidden):
            verb(engine, actor(role), plan_id=plan)
    with pytest.raises(Forbidden):
        do(engine, plan, actor(role), kind="delete", zone=FIRST)


def test_a_published_plan_is_not_edited(engine: Engine, plan: int):
    do(engine, plan, kind="lock", zones=[FIRST])
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=date(2030, 1, 1), override_reason="试行")
    refused(engine, plan, Conflict, "plan.frozen", kind="delete", zone=FIRST)
    for verb in (undo_edit, redo_edit):
        with pytest.raises(Conflict) as frozen:
            verb(engine, LOCAL_ADMIN, plan_id=plan)
        assert frozen.value.key == "plan.frozen"


def test_a_zone_that_somebody_removed_is_missed_by_name(engine: Engine, plan: int):
    do(engine, plan, Actor("李四", Role.PLANNER, TOWN), kind="delete", zone=SECOND)
    error = refused(engine, plan, NotFound, "edits.zone_gone", kind="assign", zone=SECOND, buildings=[b(1)])
    assert "李四" in error.what("zh")
    refused(engine, plan, NotFound, "edits.zone_gone", kind="merge", zones=[FIRST, SECOND])
    refused(engine, plan, NotFound, "plan.no_such_zone", kind="delete", zone="nowhere")


def test_buildings_of_elsewhere_are_refused(engine: Engine, plan: int):
    order = {"kind": "assign", "zone": FIRST}
    refused(engine, plan, InvalidInput, "edits.building_not_here", buildings=[b(1, EAST)], **order)
    refused(engine, plan, InvalidInput, "edits.building_not_here", buildings=[b(1, SOUTH)], **order)
    refused(engine, plan, InvalidInput, "edits.building_not_here", buildings=["nothing"], **order)
    refused(
        engine, plan, InvalidInput, "edits.building_not_in_plan", kind="new_zone", buildings=[b(1, SOUTH)]
    )
    refused(
        engine, plan, InvalidInput, "edits.several_communities", kind="new_zone", buildings=[b(5), b(1, EAST)]
    )
    refused(
        engine, plan, InvalidInput, "edits.several_communities", kind="merge", zones=[FIRST, f"{EAST}001"]
    )
    outline = {"type": "Polygon", "coordinates": [[(110, 34), (112, 34), (112, 35)]]}
    for community in (SOUTH, "nowhere", TOWN):
        refused(
            engine, plan, InvalidInput, "plan.not_in_area",
            kind="new_zone_within", community=community, outline=outline,
        )  # fmt: skip


def test_a_hundred_thousand_codes_are_answered_in_words(engine: Engine, plan: int):
    error = refused(
        engine, plan, InvalidInput, "edits.building_not_here",
        kind="assign", zone=FIRST, buildings=[f"x{number}" for number in range(100_000)],
    )  # fmt: skip
    assert len(error.details) == 100


def test_locked_zones_are_refused_by_name(engine: Engine, plan: int):
    do(engine, plan, kind="rename", zone=FIRST, name="河西")
    do(engine, plan, kind="lock", zones=[FIRST])
    error = refused(engine, plan, Conflict, "edits.locked", kind="assign", zone=SECOND, buildings=[b(1)])
    assert "河西" in error.what("zh")


def test_a_plan_that_does_not_say_its_limits_is_not_judged(engine: Engine, plan: int):
    with engine.begin() as connection:
        connection.execute(text("UPDATE plan SET parameters = '{}'"))
    with pytest.raises(InvalidInput) as refusal:
        do(engine, plan, kind="lock", zones=[FIRST])
    assert refusal.value.key == "plan.no_limits"


def test_the_ground_is_surveyed_again_when_something_of_it_changes(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    with engine.begin() as connection:
        connection.execute(text("UPDATE building SET household_count = 100 WHERE code = :c"), {"c": b(4)})
    report = do(engine, plan, kind="assign", zone=FIRST, buildings=[b(4)])
    assert report["zones"][0]["households"] == 160
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM barrier"))
    report = do(engine, plan, kind="assign", zone=FIRST, buildings=[b(5)])
    assert report["zones"][0]["connected"]


def test_a_ground_is_drawn_once(engine: Engine, plan: int, monkeypatch: pytest.MonkeyPatch):
    surveys: list[str] = []
    survey = edit_grounds.survey
    monkeypatch.setattr(
        edit_grounds, "survey", lambda area, brief: surveys.append(area.code) or survey(area, brief)
    )
    edit_grounds.forget_all()
    for zone in (SECOND, FIRST, SECOND):
        do(engine, plan, kind="assign", zone=zone, buildings=[b(1), b(3)])
    # a post that goes with its zone renews a version, but nothing the ground is drawn from
    do(engine, plan, kind="delete", zone=FIRST)
    undo(engine, plan)
    assert surveys == [WEST]


def test_a_building_that_is_managed_otherwise_by_now_keeps_its_zone_until_it_is_moved(
    engine: Engine, plan: int
):
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " VALUES ('building', :c, :a, 'professional', 'in_service', '[2020-01-01,)')"
            ),
            {"c": b(3), "a": WEST},
        )
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(4)])
    assert held(engine, plan)[SECOND] == ["3"]
    do(engine, plan, kind="assign", zone=None, buildings=[b(3)])
    refused(
        engine, plan, InvalidInput, "edits.building_not_here", kind="assign", zone=FIRST, buildings=[b(3)]
    )
    undo(engine, plan)
    assert held(engine, plan)[SECOND] == ["3"]


def test_what_would_put_back_a_building_that_is_gone_is_refused(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=None, buildings=[b(4)])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM building WHERE code = :c"), {"c": b(4)})
    before = state(engine, plan)
    with pytest.raises(Conflict) as gone:
        undo(engine, plan)
    assert (gone.value.key, gone.value.details) == ("edits.buildings_gone", [{"building": b(4)}])
    assert state(engine, plan) == before


def test_the_history_is_read_in_words_page_by_page(engine: Engine, plan: int):
    do(engine, plan, kind="rename", zone=FIRST, name="河西")
    do(engine, plan, kind="merge", zones=[FIRST, SECOND])
    undo(engine, plan)
    appoint_chiefs(engine, LOCAL_ADMIN, plan_id=plan)
    page = read_history(engine, LOCAL_ADMIN, plan_id=plan, most=3)
    assert [(row["number"], row["kind"], row["is_taken_back"]) for row in page["edits"]] == [
        (4, "appoint", False),
        (3, "undo", False),
        (2, "merge", True),
    ]
    assert [row["message_zh"] for row in page["edits"][1:]] == [
        "撤销第 2 次编辑：合并第1片区、第2片区",
        "合并第1片区、第2片区",
    ]
    assert (page["next"], page["undo"], page["redo"]) == (2, 1, 2)
    last = read_history(engine, LOCAL_ADMIN, plan_id=plan, before=page["next"])
    assert ([row["message_en"] for row in last["edits"]], last["next"]) == (
        ["renamed zone 1 to “河西”"],
        None,
    )


def test_edits_are_in_the_trail_with_who_made_them(engine: Engine, plan: int):
    do(engine, plan, Actor("李四", Role.PLANNER, COUNTY), kind="assign", zone=FIRST, buildings=[b(3)])
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT actor, role, edit, inverse -> 'zones' -> :zone ->> 'name' AS name FROM plan_edit"),
            {"zone": SECOND},
        ).one()
        trail = connection.execute(
            text("SELECT table_name FROM audit WHERE actor = '李四' AND action <> 'delete' ORDER BY id")
        ).scalars()
        assert {"plan", "zone", "zone_member", "plan_edit", "plan_outcome"} <= set(trail)
    assert (row.actor, row.role, row.name) == ("李四", "planner", SECOND)
    assert row.edit == {"kind": "assign", "zone": FIRST, "buildings": [b(3)]}


def test_what_is_kept_of_a_walk_is_settled_when_the_plan_is_published(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=FIRST, buildings=[b(3)])
    orders = (
        "SELECT array_agg(visit_order ORDER BY building_code) FROM zone_member m"
        " JOIN zone z ON z.id = m.zone_id WHERE z.plan_id = :p AND z.code = :c"
    )
    assert value(engine, orders, p=plan, c=FIRST) == [2, 1, None]
    publish_plan(engine, LOCAL_ADMIN, plan_id=plan, from_date=date(2030, 1, 1), override_reason="试行")
    # from the middle one to the west, and back by the east
    assert value(engine, orders, p=plan, c=FIRST) == [2, 1, 3]
    assert value(engine, "SELECT bool_or(visits_outdated) FROM zone WHERE plan_id = :p", p=plan) is False


def test_the_judgement_of_no_zone_hangs_on_how_it_came_about(engine: Engine, plan: int):
    """The figures in the database are those of the engine for the members, and nothing else."""
    do(engine, plan, kind="merge", zones=[FIRST, SECOND])
    do(engine, plan, kind="assign", zone=None, buildings=[b(2)])
    (ground,) = [each for each in edit_grounds.kept() if each.code == WEST and each.buildings == 6][-1:]
    found = judge(ground, ground.places([b(1), b(3), b(4)]))
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT load, distance_m, patrol_m, span_m, compactness FROM zone"
                " WHERE plan_id = :p AND code = :c"
            ),
            {"p": plan, "c": FIRST},
        ).one()
    assert tuple(row) == pytest.approx(
        (found.load, found.distance_m, found.patrol_m, found.span_m, found.compactness)
    )


def test_the_way_to_a_zone_is_measured_again_when_its_centre_moves(engine: Engine):
    # Cells of 20 m: the home at 0; the zone's centre is the first building (at 1), then the second (at 4).
    build_world(engine, {TOWN: {WEST: "P1..2"}})
    plan = save_plan(engine, WEST, {FIRST: [b(1)], SECOND: [b(2)]}, chiefs={FIRST: f"{WEST}-P01"})

    def ways_m() -> list[float]:
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT walk_distance_m FROM post")).scalars())

    do(engine, plan, kind="merge", zones=[FIRST, SECOND], into=FIRST)
    do(engine, plan, kind="assign", zone=None, buildings=[b(1)])
    assert ways_m() == pytest.approx([80], abs=1e-3)
    undo(engine, plan)
    assert value(engine, "SELECT medoid_building_code FROM zone WHERE code = :code", code=FIRST) == b(1)
    assert ways_m() == pytest.approx([20], abs=1e-3)
