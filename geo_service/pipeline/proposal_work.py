"""What a worker does for a proposal: read, compute without holding the database, write the answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.errors import Cancelled, GeoServiceError, Infeasible, Unavailable
from geo_service.pipeline.edit_scene import PlanRules, Scene, community_of
from geo_service.pipeline.editing import zone_name
from geo_service.pipeline.policies import find_profile
from geo_service.pipeline.proposal_report import Proposed, answer_of, refusal_of
from geo_service.pipeline.zoning import zone_count
from geo_service.planning.editing import Division, carry_out
from geo_service.planning.editing.division import fresh_codes
from geo_service.planning.editing.orders import Split
from geo_service.planning.model import CommunityZoning, Finding, Infeasibility
from geo_service.planning.policy import ZoningRules
from geo_service.planning.proposing.asks import Ask, DrawAsk, RebalanceAsk, SplitAsk, read_ask
from geo_service.planning.proposing.rebalancing import Community, rebalance_communities
from geo_service.planning.proposing.redivision import Taste, brief_of, free_buildings, redivided
from geo_service.planning.zoning.community.many import Commission, draw_communities
from geo_service.planning.zoning.problem import Aims
from geo_service.progress import Progress
from geo_service.store import buildings, plans, proposals
from geo_service.store.earlier import free_chiefs
from geo_service.store.plans import PlanHead
from geo_service.store.session import transaction
from geo_service.store.zone_records import edited_communities, zone_codes_used

STAGE_READING = "proposals.reading"
BEAT_S = 0.5
_log = logging.getLogger(__name__)


def work_out(engine: Engine, actor: Actor, *, plan_id: int, proposal_id: int) -> None:
    """Work out a proposal that was started, and write what came of it; nothing of the plan is written.

    Ends early when the proposal is cancelled. Whatever goes wrong is kept with the proposal, not raised.
    """
    pulse = Pulse(engine, actor, proposal_id)
    answer, problem = None, None
    with pulse:
        try:
            answer = _worked_out(engine, actor, plan_id, proposal_id, pulse)
        except Cancelled:
            return
        except GeoServiceError as error:
            problem = _kept(error)
        except Exception:  # noqa: BLE001 - whatever it was, the page must learn of the end
            _log.exception("a proposal could not be worked out")
            problem = _kept(Unavailable("request.our_fault"))
    try:
        with transaction(engine, actor) as connection:
            proposals.finish(connection, proposal_id, answer=answer, problem=problem)
    except GeoServiceError:
        # without a heartbeat it is told as lost
        _log.warning("the outcome of a proposal could not be kept", exc_info=True)


class Pulse:
    """The progress of a proposal: its heartbeat, and the word that it is not wanted any more."""

    def __init__(self, engine: Engine, actor: Actor, proposal_id: int) -> None:
        self._engine, self._actor, self._proposal_id = engine, actor, proposal_id
        self._told: tuple[str, int, int | None] = (STAGE_READING, 0, None)
        self._over, self._unwanted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Note how far the work is.

        Raises
        ------
        Cancelled
            When the proposal is not wanted any more.
        """
        self._told = (stage, done, total)
        if self._unwanted.is_set():
            raise Cancelled("proposals.cancelled", where=str(self._proposal_id))

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                with transaction(self._engine, self._actor) as connection:
                    if not proposals.beat(connection, self._proposal_id, *self._told):
                        self._unwanted.set()
                        return
            except GeoServiceError:
                # a database that is away for a moment; for longer the proposal is told as lost
                _log.warning("a proposal missed a heartbeat", exc_info=True)


@dataclass(frozen=True)
class _Task:
    """What is read once."""

    plan: PlanHead
    ask: Ask
    rules: PlanRules
    profile: ZoningRules
    codes: list[str]
    chiefs: Mapping[str, int]
    language: str

    @property
    def taste(self) -> Taste:
        """What good zones are, by the policy profile."""
        aims = Aims(balance_m=self.profile.balance_m, compactness_m=self.profile.compactness_m)
        return Taste(aims, self.profile.patrol_weight, self.profile.change_cost_m)

    @property
    def zone_rule(self) -> int | str:
        """How many zones the plan was drawn with, as far as that says something of this area."""
        rule = self.plan.parameters.get("zones") or self.profile.zones
        return self.profile.zones if isinstance(rule, int) and len(self.codes) > 1 else rule


@dataclass(frozen=True)
class _Subject:
    """One community as the draft has it, and the codes its new zones may not take."""

    scene: Scene
    taken: list[str]
    language: str

    @property
    def new_codes(self) -> Iterator[str]:
        """Codes for new zones."""
        return fresh_codes(self.scene.community.code, self.taken)

    def name_of(self, code: str) -> str:
        """What a new zone is called."""
        return zone_name(self.scene.community, code, self.language)

    def redivide(self, division: Division, zoning: CommunityZoning) -> Division:
        """The division with the solver's zones."""
        return redivided(division, zoning.zones, self.scene.community.code, self.new_codes, self.name_of)


def _worked_out(engine: Engine, actor: Actor, plan_id: int, proposal_id: int, progress: Progress) -> str:
    task = _read_task(engine, actor, plan_id, proposal_id)
    subjects = partial(_subjects, engine, actor, task, progress)
    match task.ask:
        case SplitAsk():
            found = [_parted(task.ask, subject) for subject in subjects()]
        case RebalanceAsk():
            found = _rebalanced(task, task.ask, subjects(), progress)
        case DrawAsk():
            found = _drawn(task, subjects, progress)
    found.sort(key=lambda each: each.scene.community.code)
    refused = [each.refusal for each in found if each.refusal is not None]
    if refused and len(refused) == len(found):
        raise Infeasible("proposals.nothing_feasible", where=str(plan_id), details=refused)
    with transaction(engine, actor, read_only=True) as connection:
        answer = answer_of(connection, found)
    return orjson.dumps(answer).decode()


def _read_task(engine: Engine, actor: Actor, plan_id: int, proposal_id: int) -> _Task:
    with transaction(engine, actor, read_only=True) as connection:
        asked = dict(proposals.get_proposal(connection, plan_id, proposal_id).asked)
        language = asked.pop("language")
        ask = read_ask(asked)
        plan = plans.plan_head(connection, plan_id)
        rules = PlanRules.of(connection, plan_id, plan.parameters)
        if isinstance(ask, SplitAsk):
            codes = [each.code for each in edited_communities(connection, plan_id, zones=[ask.zone])]
        else:
            within = ask.area or plan.area_code
            codes = [each.code for each in buildings.communities_to_zone(connection, within, rules.on)]
        profile = find_profile(connection).zoning
        chiefs = free_chiefs(connection, plan.area_code, rules.on)
        return _Task(plan, ask, rules, profile, codes, chiefs, language)


def _subjects(engine: Engine, actor: Actor, task: _Task, progress: Progress) -> Iterator[_Subject]:
    for number, code in enumerate(task.codes):
        progress(STAGE_READING, number, len(task.codes))
        with transaction(engine, actor, read_only=True) as connection:
            scene = Scene.read(connection, task.plan, community_of(connection, task.plan.id, code))
            taken = zone_codes_used(connection, task.plan.id, code)
        yield _Subject(scene, taken, task.language)


def _parted(ask: SplitAsk, subject: _Subject) -> Proposed:
    order = Split(kind="split", zone=ask.zone, parts=ask.parts, seed=ask.seed)
    scene = subject.scene
    after = carry_out(order, scene.division, scene.ground, subject.new_codes, subject.name_of)
    return Proposed.of(scene, after)


def _rebalanced(
    task: _Task, ask: RebalanceAsk, subjects: Iterator[_Subject], progress: Progress
) -> list[Proposed]:
    held = {each.scene.community.code: each for each in subjects}
    communities = {
        code: Community(each.scene.ground, each.scene.division, each.redivide) for code, each in held.items()
    }
    outcome = rebalance_communities(
        communities,
        task.rules.limits,
        task.taste,
        most_moves=ask.max_moves,
        seed=ask.seed,
        progress=progress,
    )
    found = []
    for code, each in outcome.items():
        scene = held[code].scene
        refusal = None if each.refusal is None else refusal_of(scene, each.refusal)
        found.append(Proposed.of(scene, each.division, refusal))
    return found


def _drawn(task: _Task, subjects: Callable[[], Iterator[_Subject]], progress: Progress) -> list[Proposed]:
    # What the engine is asked is held until its answer comes, a few communities at a time.
    waiting: dict[str, _Subject] = {}
    found: list[Proposed] = []

    def commissions() -> Iterator[Commission]:
        for subject in subjects():
            scene = subject.scene
            if not len(free_buildings(scene.division)):
                found.append(Proposed.of(scene, scene.division))
                continue
            code = scene.community.code
            count = zone_count(task.zone_rule, task.chiefs.get(code, 0), scene.ground.buildings)
            if count == 0:
                nobody = Infeasibility(code, Finding("zoning.no_chief", code), ())
                found.append(Proposed.of(scene, scene.division, refusal_of(scene, nobody)))
                continue
            waiting[code] = subject
            brief = brief_of(scene.ground, scene.division, task.taste)
            yield Commission(scene.ground.ground.area, brief, count)

    for zoning in draw_communities(
        commissions(), task.rules.limits, seed=task.ask.seed, total=len(task.codes), progress=progress
    ):
        subject = waiting.pop(zoning.area_code)
        scene = subject.scene
        if zoning.infeasible is not None:
            found.append(Proposed.of(scene, scene.division, refusal_of(scene, zoning.infeasible)))
        else:
            found.append(Proposed.of(scene, subject.redivide(scene.division, zoning)))
    return found


def _kept(error: GeoServiceError) -> dict[str, Any]:
    """The error as the row keeps it."""
    plain = (int, float, str, type(None))
    values = {name: each if isinstance(each, plain) else str(each) for name, each in error.values.items()}
    return {
        "kind": type(error).__name__,
        "key": error.key,
        "where": error.where,
        "details": error.details,
        "values": values,
    }
