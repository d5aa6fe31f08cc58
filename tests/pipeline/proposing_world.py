"""Two communities of six equal buildings in a row, a draft out of balance over both, and the solver asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN, Actor
from geo_service.pipeline.plan_copying import copy_plan
from geo_service.pipeline.proposal_work import work_out
from geo_service.pipeline.proposing import read_proposal, start_proposal
from geo_service.planning.proposing.asks import read_ask
from tests.pipeline.editing_world import b, do
from tests.world import EAST, SECOND_TOWN, SOUTH, TOWN, WEST, build_world, save_plan

GRIDS = {TOWN: {WEST: "444444\nP....P", EAST: "444444"}, SECOND_TOWN: {SOUTH: "44"}}
W1, W2, E1, E2 = f"{WEST}001", f"{WEST}002", f"{EAST}001", f"{EAST}002"
# Three buildings of 40 households a zone.
LIMITS = "100-140"
# One building too few in the west, two in the east.
UNEVEN = {W1: "12", W2: "3456", E1: "1", E2: "23456"}
EVEN = {W1: "123", W2: "456", E1: "123", E2: "456"}


def planned(engine: Engine) -> int:
    """The world with its draft; somebody serves the first zone of the west."""
    build_world(engine, GRIDS)
    zones = {code: [b(int(digit), code[:-3]) for digit in digits] for code, digits in UNEVEN.items()}
    plan = save_plan(engine, TOWN, zones, chiefs={W1: f"{WEST}-P01"})
    with engine.begin() as connection:
        limited = "UPDATE plan SET parameters = jsonb_build_object('limits', CAST(:limits AS text))"
        connection.execute(text(limited), {"limits": LIMITS})
    # outlines and figures as edits derive them, and then a plan without a past
    for community, number in ((WEST, 3), (EAST, 2)):
        for zone in (f"{community}001", f"{community}002"):
            do(engine, plan, kind="assign", zone=zone, buildings=[b(number, community)])
    return copy_plan(engine, LOCAL_ADMIN, plan_id=plan)["plan_id"]


def ask(
    engine: Engine, plan: int, actor: Actor = LOCAL_ADMIN, revision: int | None = None, **asked: Any
) -> int:
    """Ask the solver, without anybody working it out; the number."""
    started = start_proposal(engine, actor, plan_id=plan, ask=read_ask(asked), expected_revision=revision)
    assert started["state"] == "running"
    return started["number"]


def answered(engine: Engine, plan: int, actor: Actor = LOCAL_ADMIN, **asked: Any) -> int:
    """Ask the solver and have it worked out; the number."""
    number = ask(engine, plan, actor, **asked)
    work_out(engine, actor, plan_id=plan, proposal_id=number)
    return number


def told(engine: Engine, plan: int, number: int, actor: Actor = LOCAL_ADMIN) -> dict[str, Any]:
    """The proposal as it is answered."""
    return read_proposal(engine, actor, plan_id=plan, proposal_id=number)
