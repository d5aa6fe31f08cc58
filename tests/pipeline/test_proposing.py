"""The solver asked about a draft, and what the database holds before and after its answer is accepted."""

from __future__ import annotations

import threading
import time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor, Role
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InvalidInput, LostRace, NotFound
from geo_service.pipeline.edit_history import read_history
from geo_service.pipeline.editing import redo_edit, undo_edit
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.proposal_work import work_out
from geo_service.pipeline.proposing import accept_proposal, drop_proposal, open_proposal
from tests.actors import actor
from tests.pipeline.editing_world import b, do, held, history, state
from tests.pipeline.proposing_world import E1, E2, EVEN, UNEVEN, W1, W2, answered, ask, planned, told
from tests.world import COUNTY, EAST, SECOND_TOWN, SOUTH, TOWN, WEST

PLANNER = actor(Role.PLANNER, TOWN)


@pytest.fixture
def plan(engine: Engine) -> int:
    return planned(engine)


def accept(
    engine: Engine, plan: int, number: int, actor: Actor = LOCAL_ADMIN, **given: Any
) -> dict[str, Any]:
    return accept_proposal(engine, actor, plan_id=plan, proposal_id=number, **given)


def drop(engine: Engine, plan: int, number: int, actor: Actor = LOCAL_ADMIN) -> str:
    return drop_proposal(engine, actor, plan_id=plan, proposal_id=number)["state"]


def report_of(engine: Engine, plan: int, number: int) -> dict[str, Any]:
    return orjson.loads(orjson.dumps(told(engine, plan, number)["report"]))


def zones(engine: Engine, plan: int) -> dict[str, str]:
    """The last digits of the buildings of each zone."""
    return {code: "".join(digits) for code, digits in held(engine, plan).items()}


def value(engine: Engine, statement: str, **given: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(statement), given).scalar_one()


def change(engine: Engine, statement: str, **given: Any) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), given)


def test_a_proposal_writes_nothing_until_it_is_accepted_as_one_edit(engine: Engine, plan: int):
    before = state(engine, plan)
    number = answered(engine, plan, kind="rebalance")
    assert state(engine, plan) == before
    assert value(engine, "SELECT revision FROM plan WHERE id = :plan", plan=plan) == 1

    report = report_of(engine, plan, number)
    moved = [(move["building"], move["from"], move["to"]) for move in report["moves"]]
    assert moved == [(b(3), W2, W1), (b(2, EAST), E2, E1), (b(3, EAST), E2, E1)]
    assert (report["moved_buildings"], report["joined_buildings"], report["refused"]) == (3, 0, [])
    assert (report["before"]["under"], report["before"]["over"]) == (2, 2)
    assert (report["after"]["under"], report["after"]["over"]) == (0, 0)
    # 2 and 4 buildings of 40 households, 1 and 5: 40 twice from the mean, 80 twice
    assert (report["before"]["imbalance"], report["after"]["imbalance"]) == (240, 0)
    assert [(zone["code"], zone["load"], zone["fit"]) for zone in report["zones"]] == [
        (code, 120, "within") for code in (W1, W2, E1, E2)
    ]

    accepted = accept(engine, plan, number, expected_revision=1)
    assert zones(engine, plan) == EVEN
    assert (accepted["number"], accepted["revision"], accepted["undo"], accepted["kind"]) == (
        1,
        2,
        1,
        "accept",
    )
    assert [zone["geometry"] for zone in orjson.loads(orjson.dumps(accepted))["zones"]] == [
        zone["geometry"] for zone in report["zones"]
    ]
    after = state(engine, plan)
    undone = undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    assert state(engine, plan) == before
    assert (undone["undo"], undone["redo"]) == (None, 1)
    redo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    assert state(engine, plan) == after
    assert history(engine, plan) == [
        (1, "accept", None, 1, None),
        (2, "undo", 1, None, 1),
        (3, "redo", 1, 1, None),
    ]
    told_so = [row["message_zh"] for row in read_history(engine, LOCAL_ADMIN, plan_id=plan)["edits"]]
    assert told_so[2] == "采纳求解器的均衡调整：4 个片区变动，3 栋楼换片区"


def test_the_total_of_moves_holds_and_who_stays_is_told_why(engine: Engine, plan: int):
    number = answered(engine, plan, kind="rebalance", max_moves=2)
    report = report_of(engine, plan, number)
    assert [move["building"] for move in report["moves"]] == [b(3)]
    (refused,) = report["refused"]
    assert (refused["area_code"], refused["reason_zh"]) == (
        EAST,
        "该社区至少要换 2 栋，剩下的名额只有 1 栋",
    )
    accept(engine, plan, number)
    assert zones(engine, plan) == {**UNEVEN, W1: "123", W2: "456"}


def test_figures_are_of_the_households_there_are_now(engine: Engine, plan: int):
    accept(engine, plan, answered(engine, plan, kind="rebalance"))
    # 120 and, from now on, 180 households, which the plan does not know yet
    change(engine, "UPDATE building SET household_count = 100 WHERE code = :code", code=b(5))
    change(engine, "UPDATE plan SET parameters = jsonb_build_object('limits', '100-170')")
    report = report_of(engine, plan, answered(engine, plan, kind="rebalance", area=WEST))
    assert [move["building"] for move in report["moves"]] == [b(4)]
    assert [report[when]["over"] for when in ("before", "after")] == [1, 0]
    # 120 and 180, then 160 and 140
    assert [report[when]["imbalance"] for when in ("before", "after")] == [60, 20]


def test_an_area_inside_the_plan_is_asked_about_alone(engine: Engine, plan: int):
    number = answered(engine, plan, kind="rebalance", area=EAST)
    accept(engine, plan, number)
    assert zones(engine, plan) == {**UNEVEN, E1: "123", E2: "456"}
    assert value(engine, "SELECT community_code FROM plan_edit WHERE plan_id = :plan", plan=plan) == EAST


def test_fresh_zones_leave_a_locked_one_as_it_is_to_the_byte(engine: Engine, plan: int):
    do(engine, plan, kind="lock", zones=[W1])
    do(engine, plan, kind="assign", zone=None, buildings=[b(6)])
    whole = "SELECT to_jsonb(z)::text || (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.building_code)::text"
    whole += " FROM zone_member m WHERE m.zone_id = z.id) FROM zone z WHERE code = :code AND plan_id = :plan"
    locked = value(engine, whole, code=W1, plan=plan)
    change(engine, "UPDATE plan SET parameters = jsonb_build_object('limits', '60-100')")
    number = answered(engine, plan, kind="zone", area=WEST)
    report = report_of(engine, plan, number)
    assert (report["joined_buildings"], report["after"]["unassigned"]) == (1, 0)
    accept(engine, plan, number)
    assert value(engine, whole, code=W1, plan=plan) == locked
    drawn = zones(engine, plan)
    assert sorted(drawn[code] for code in drawn if code.startswith(WEST)) == ["12", "34", "56"]
    assert {code: drawn[code] for code in (E1, E2)} == {E1: UNEVEN[E1], E2: UNEVEN[E2]}


def test_a_zone_is_split_as_the_edit_of_that_name_splits_it(engine: Engine, plan: int):
    twin = copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]
    do(engine, twin, kind="split", zone=E2, parts=2)
    number = answered(engine, plan, kind="split", zone=E2, parts=2)
    accept(engine, plan, number)
    assert zones(engine, plan) == zones(engine, twin)
    message = read_history(engine, LOCAL_ADMIN, plan_id=plan)["edits"][0]["message_en"]
    assert message == "accepted a split of the solver: zone 2 in 2 parts"


def test_the_same_question_has_the_same_answer(engine: Engine, plan: int):
    answers = [report_of(engine, plan, answered(engine, plan, kind="zone", seed=7)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_edits_elsewhere_do_not_matter_and_edits_there_do(engine: Engine, plan: int):
    number = answered(engine, plan, kind="rebalance", area=WEST)
    do(engine, plan, kind="rename", zone=E1, name="别处")
    with pytest.raises(LostRace):
        accept(engine, plan, number, expected_revision=1)
    accept(engine, plan, number, expected_revision=2)
    assert zones(engine, plan)[W1] == "123"

    for overtaking in ({"kind": "rename", "zone": W1, "name": "此处"}, {"kind": "lock", "zones": [W2]}):
        undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
        number = answered(engine, plan, kind="rebalance", area=WEST)
        do(engine, plan, **overtaking)
        before = state(engine, plan)
        with pytest.raises(Conflict) as overtaken:
            accept(engine, plan, number)
        assert (overtaken.value.key, overtaken.value.where) == ("proposals.overtaken", WEST)
        assert state(engine, plan) == before
        assert told(engine, plan, number)["state"] == "done"


def test_what_another_proposal_changed_is_an_edit_there(engine: Engine, plan: int):
    mine = answered(engine, plan, kind="rebalance")
    theirs = answered(engine, plan, PLANNER, kind="rebalance")
    accept(engine, plan, theirs, PLANNER)
    with pytest.raises(Conflict) as overtaken:
        accept(engine, plan, mine)
    assert overtaken.value.details == [{"community": WEST}, {"community": EAST}]
    number = answered(engine, plan, kind="split", zone=W1, parts=2)
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    with pytest.raises(Conflict) as refused:
        accept(engine, plan, number)
    assert refused.value.key.endswith("overtaken")


def test_a_building_that_is_gone_meanwhile_is_not_put_back(engine: Engine, plan: int):
    do(engine, plan, kind="assign", zone=None, buildings=[b(6)])
    number = answered(engine, plan, kind="rebalance", area=WEST)
    assert report_of(engine, plan, number)["joined_buildings"] == 1
    change(engine, "DELETE FROM zone_member WHERE building_code = :code", code=b(6))
    change(engine, "DELETE FROM building WHERE code = :code", code=b(6))
    before = state(engine, plan)
    with pytest.raises(Conflict) as gone:
        accept(engine, plan, number)
    assert gone.value.key == "edits.buildings_gone"
    assert state(engine, plan) == before


def test_a_plan_as_it_was_is_copied_from_before_an_edit_of_two_communities(engine: Engine, plan: int):
    do(engine, plan, kind="rename", zone=W1, name="甲")
    before = state(engine, plan)
    accept(engine, plan, answered(engine, plan, kind="rebalance"))
    do(engine, plan, kind="merge", zones=[E1, E2])
    copy = copy_plan(engine, LOCAL_ADMIN, plan_id=plan, revision=2)["plan_id"]
    assert state(engine, copy) == before


def test_new_codes_are_none_that_an_accepted_proposal_had(engine: Engine, plan: int):
    change(engine, "UPDATE plan SET parameters = jsonb_build_object('limits', '40-80')")
    accept(engine, plan, answered(engine, plan, kind="zone"))
    fresh = set(zones(engine, plan)) - set(UNEVEN)
    assert {code[:-3] for code in fresh} == {WEST, EAST}
    undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
    made = do(engine, plan, kind="new_zone", buildings=[b(6, EAST)])
    assert [zone["code"] for zone in made["zones"] if zone["code"] not in UNEVEN] == [
        f"{EAST}{max(int(code[-3:]) for code in fresh if code.startswith(EAST)) + 1:03d}"
    ]


STEPS = st.lists(
    st.one_of(
        st.sampled_from([{"kind": "undo"}, {"kind": "undo"}, {"kind": "redo"}]),
        st.fixed_dictionaries({"ask": st.sampled_from(["rebalance", "zone"]), "seed": st.integers(1, 3)}),
        st.fixed_dictionaries(
            {
                "kind": st.just("assign"),
                "zone": st.sampled_from([W1, W2, None]),
                "buildings": st.lists(st.integers(1, 6).map(b), min_size=1, max_size=3, unique=True),
            }
        ),
    ),
    min_size=3,
    max_size=8,
)


@pytest.fixture(scope="module")
def kept(module_engine: Engine) -> tuple[Engine, int]:
    return module_engine, planned(module_engine)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_edits_and_proposals_are_undone_to_the_first_state(
    kept: tuple[Engine, int], steps: list[dict[str, Any]]
):
    engine, source = kept
    plan = copy_plan(engine, LOCAL_ADMIN, plan_id=source)["plan_id"]
    stack, undone = [state(engine, plan)], []
    for step in steps:
        if step.get("kind") == "undo":
            if len(stack) > 1:
                undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
                undone.append(stack.pop())
        elif step.get("kind") == "redo":
            if undone:
                redo_edit(engine, LOCAL_ADMIN, plan_id=plan)
                stack.append(undone.pop())
        elif changed(engine, plan, step):
            stack.append(state(engine, plan))
            undone = []
        assert state(engine, plan) == stack[-1]
    for before in reversed(stack[:-1]):
        undo_edit(engine, LOCAL_ADMIN, plan_id=plan)
        assert state(engine, plan) == before


def changed(engine: Engine, plan: int, step: dict[str, Any]) -> bool:
    """Whether an edit, or a proposal accepted, changes anything."""
    try:
        if "ask" in step:
            number = answered(engine, plan, kind=step["ask"], seed=step["seed"])
            return accept(engine, plan, number)["number"] is not None
        return do(engine, plan, **step)["number"] is not None
    except GeoServiceError:
        return False


def test_asking_again_sets_the_older_question_aside_but_not_somebody_elses(engine: Engine, plan: int):
    first = ask(engine, plan, kind="rebalance")
    theirs = ask(engine, plan, PLANNER, kind="rebalance")
    second = answered(engine, plan, kind="rebalance")
    assert told(engine, plan, first)["state"] == "cancelled"
    third = ask(engine, plan, kind="zone")
    assert told(engine, plan, second)["state"] == "dropped"
    assert open_proposal(engine, LOCAL_ADMIN, plan_id=plan) == third
    assert open_proposal(engine, PLANNER, plan_id=plan) == theirs
    with pytest.raises(Conflict) as refused:
        accept(engine, plan, second)
    assert refused.value.key.endswith("not_waiting")
    for verb in (accept, drop):
        with pytest.raises(Forbidden) as refused:
            verb(engine, plan, theirs)
        assert refused.value.key == "proposals.of_somebody_else"


def test_two_questions_at_once_leave_one_open(engine: Engine, plan: int):
    threads = [threading.Thread(target=ask, args=(engine, plan), kwargs={"kind": "zone"}) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = "SELECT count(*) FROM plan_proposal WHERE state = :state"
    assert value(engine, counted, state="running") == 1
    assert value(engine, counted, state="cancelled") == 5


def test_one_that_is_being_worked_out_is_cancelled_and_writes_nothing(engine: Engine, plan: int):
    before = state(engine, plan)
    number = ask(engine, plan, kind="rebalance")
    work = {"plan_id": plan, "proposal_id": number}
    worker = threading.Thread(target=work_out, args=(engine, LOCAL_ADMIN), kwargs=work)
    with engine.connect() as connection, connection.begin():
        # the worker waits for what it must read
        connection.execute(text("LOCK TABLE plan_outcome IN ACCESS EXCLUSIVE MODE"))
        worker.start()
        wait_for(lambda: told(engine, plan, number)["stage_en"] == "reading communities")
        assert drop(engine, plan, number) == "cancelled"
        time.sleep(1.5)  # a heartbeat comes every half second
    worker.join()
    assert (told(engine, plan, number)["state"], told(engine, plan, number)["report"]) == ("cancelled", None)
    assert value(engine, "SELECT answer IS NULL FROM plan_proposal")
    assert state(engine, plan) == before
    assert drop(engine, plan, number) == "cancelled"


def wait_for(condition: Any) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_one_whose_server_is_gone_is_told_as_lost_and_may_be_asked_again(engine: Engine, plan: int):
    number = ask(engine, plan, kind="rebalance")
    change(engine, "UPDATE plan_proposal SET heartbeat = now() - interval '20 seconds'")
    assert told(engine, plan, number)["state"] == "running"
    change(engine, "UPDATE plan_proposal SET heartbeat = now() - interval '40 seconds'")
    lost = told(engine, plan, number)
    assert (lost["state"], lost["problem"].key) == ("failed", "proposals.lost")
    again = answered(engine, plan, kind="rebalance")
    assert told(engine, plan, again)["state"] == "done"
    assert told(engine, plan, number)["state"] == "cancelled"


def test_after_a_week_a_proposal_is_gone(engine: Engine, plan: int):
    number = answered(engine, plan, kind="rebalance")
    change(engine, "UPDATE plan_proposal SET changed_at = now() - interval '6 days 23 hours'")
    assert told(engine, plan, number)["state"] == "done"
    change(engine, "UPDATE plan_proposal SET changed_at = now() - interval '7 days 1 hour'")
    with pytest.raises(NotFound) as gone:
        accept(engine, plan, number)
    assert gone.value.key == "proposals.unknown"
    assert open_proposal(engine, LOCAL_ADMIN, plan_id=plan) is None
    ask(engine, plan, kind="zone")
    assert value(engine, "SELECT count(*) FROM plan_proposal") == 1


def test_what_cannot_be_ends_in_words(engine: Engine, plan: int):
    number = answered(engine, plan, kind="rebalance", max_moves=0)
    failed = told(engine, plan, number)
    assert (failed["state"], failed["problem"].key) == ("failed", "proposals.nothing_feasible")
    assert {each["area_code"] for each in failed["problem"].details} == {WEST, EAST}
    change(engine, "UPDATE plan SET parameters = jsonb_build_object('limits', '39-39')")
    number = answered(engine, plan, kind="zone")
    assert told(engine, plan, number)["problem"].key == "proposals.nothing_feasible"
    with pytest.raises(Conflict) as refused:
        accept(engine, plan, number)
    assert refused.value.key.endswith("not_waiting")


def test_nothing_to_change_is_no_failure_and_nothing_to_accept(engine: Engine, plan: int):
    accept(engine, plan, answered(engine, plan, kind="rebalance"))
    number = answered(engine, plan, kind="rebalance", max_moves=9)
    report = report_of(engine, plan, number)
    assert (report["zones"], report["moves"]) == ([], [])
    assert report["before"] == report["after"]
    with pytest.raises(Conflict) as nothing:
        accept(engine, plan, number)
    assert nothing.value.key == "proposals.changes_nothing"
    assert told(engine, plan, number)["state"] == "done"


def test_one_community_that_cannot_be_zoned_does_not_stop_the_others(engine: Engine, plan: int):
    change(engine, "UPDATE plan SET parameters = jsonb_build_object('limits', '240-240')")
    do(engine, plan, kind="merge", zones=[W1, W2])
    do(engine, plan, kind="lock", zones=[E1])
    number = answered(engine, plan, kind="zone")
    # the west has its one zone of 240 already, the five buildings of the east have 200
    report = report_of(engine, plan, number)
    assert (report["zones"], [each["area_code"] for each in report["refused"]]) == ([], [EAST])


@pytest.mark.parametrize(
    ("error", "key", "asked"),
    [
        (NotFound, "area.unknown", {"kind": "zone", "area": "nowhere"}),
        (InvalidInput, "plan.not_in_area", {"kind": "zone", "area": SOUTH}),
        (InvalidInput, "plan.not_in_area", {"kind": "rebalance", "area": COUNTY}),
        (NotFound, "plan.no_such_zone", {"kind": "split", "zone": f"{SOUTH}001", "parts": 2}),
        (Conflict, "edits.locked", {"kind": "split", "zone": W1, "parts": 2}),
        (InvalidInput, "edits.split_too_many", {"kind": "split", "zone": W2, "parts": 5}),
    ],
)
def test_bad_questions_are_refused_at_once(
    engine: Engine, plan: int, error: type[GeoServiceError], key: str, asked: dict[str, Any]
):
    do(engine, plan, kind="lock", zones=[W1])
    with pytest.raises(error) as refused:
        ask(engine, plan, **asked)
    assert refused.value.key == key
    assert value(engine, "SELECT count(*) FROM plan_proposal") == 0


def test_only_a_draft_at_the_revision_seen_is_asked_about(engine: Engine, plan: int):
    with pytest.raises(LostRace):
        ask(engine, plan, revision=9, kind="zone")
    number = answered(engine, plan, kind="rebalance")
    change(engine, "UPDATE plan SET state = 'review'")
    with pytest.raises(Conflict) as refused:
        ask(engine, plan, kind="zone")
    assert refused.value.key.endswith("in_review")
    with pytest.raises(Conflict) as refused:
        accept(engine, plan, number)
    assert refused.value.key.endswith("in_review")
    with pytest.raises(NotFound):
        ask(engine, 99, kind="zone")


def test_scopes_and_roles_hold(engine: Engine, plan: int):
    number = answered(engine, plan, PLANNER, kind="rebalance")
    elsewhere = actor(Role.PLANNER, SECOND_TOWN)
    for verb in (told, accept, drop):
        with pytest.raises(NotFound) as unknown:
            verb(engine, plan, number, elsewhere)
        assert unknown.value.key == "plan.unknown"
    with pytest.raises(NotFound):
        ask(engine, plan, elsewhere, kind="zone")
    other = copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]
    with pytest.raises(NotFound) as of_another_plan:
        told(engine, other, number)
    assert of_another_plan.value.key == "proposals.unknown"
    assert told(engine, plan, number, actor(Role.GIS, TOWN))["state"] == "done"
    for role in (Role.GIS, Role.VIEWER, Role.CHIEF):
        for verb in (accept, drop):
            with pytest.raises(Forbidden):
                verb(engine, plan, number, actor(role, TOWN))
    with pytest.raises(Forbidden):
        told(engine, plan, number, actor(Role.VIEWER, TOWN))
