"""The verb that draws zones: read, compute without holding the database, write once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from geo_service import messages
from geo_service.access import Actor
from geo_service.errors import Infeasible, InvalidInput
from geo_service.pipeline.guard import require_writer
from geo_service.planning.model import CommunityZoning, Finding, LoadRange
from geo_service.planning.zoning import draw_community_zones
from geo_service.progress import Progress, silent
from geo_service.store import areas, buildings, plans
from geo_service.store.session import transaction

STAGE = "zoning.communities"


@dataclass(frozen=True)
class PlanReport:
    """What was drawn, and what could not be."""

    plan_id: int
    name: str
    area_code: str
    limits: LoadRange
    seed: int
    zones: tuple[plans.SavedZone, ...]
    infeasible: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "plan_id": self.plan_id,
            "name": self.name,
            "area_code": self.area_code,
            "limits": str(self.limits),
            "seed": self.seed,
            "zones": [asdict(zone) for zone in self.zones],
            "infeasible": list(self.infeasible),
            "findings": list(self.findings),
        }


def draw_zones(
    engine: Engine,
    actor: Actor,
    *,
    area_code: str,
    plan_name: str | None = None,
    limits: LoadRange | None = None,
    zones: int | None = None,
    seed: int = 1,
    max_moves: int | None = None,
    on: date | None = None,
    progress: Progress = silent,
) -> PlanReport:
    """Draw a draft plan over every community of an area.

    Communities that admit no zoning are listed with the reason while the others are zoned.

    Parameters
    ----------
    zones : int, optional
        How many zones to draw; only for an area of one community.
    max_moves : int, optional
        Budget of the search, in proposed moves a community.
    on : date, optional
        The day whose arrangements decide which buildings still need a zone; today by default.

    Raises
    ------
    NotFound
        Unknown area, or no community or building to zone in it.
    InvalidInput
        A budget below 1, or ``zones`` for several communities.
    Infeasible
        No community can be zoned; ``details`` has one entry for each. Nothing is written.
    """
    require_writer(actor)
    if max_moves is not None and max_moves < 1:
        raise InvalidInput("zoning.no_moves", where="--max-moves")
    limits = limits or LoadRange()
    with transaction(engine, actor, read_only=True) as connection:
        area = areas.require_area(connection, area_code)
        srid = areas.metric_srid(connection)
        day = on or areas.today(connection)
        communities = buildings.communities_to_zone(connection, area_code, day)
    if zones is not None and (zones < 1 or len(communities) > 1):
        raise InvalidInput("zoning.zones_of_many", where="--zones", communities=len(communities))

    drawn = []
    for number, community in enumerate(communities):
        progress(STAGE, number, len(communities))
        with transaction(engine, actor, read_only=True) as connection:
            loaded = buildings.load_zoning_area(connection, community.code, srid=srid, on=day)
        answer = draw_community_zones(
            loaded, limits, zones=zones, seed=seed, budget=max_moves, progress=progress
        )
        drawn.append((loaded.building_codes, answer))
    progress(STAGE, len(communities), len(communities))

    names = {community.code: community.name for community in communities}
    infeasible = [_infeasible(answer, names) for _, answer in drawn if answer.infeasible]
    findings = [_finding(finding) for _, answer in drawn for finding in answer.findings]
    flat = [(answer.area_code, codes, zone) for codes, answer in drawn for zone in answer.zones]
    if not flat:
        raise Infeasible("zoning.nothing_feasible", where=area_code, details=infeasible, limits=str(limits))
    asked = {"limits": str(limits), "zones": zones, "seed": seed, "max_moves": max_moves, "on": str(day)}
    found = {"infeasible": infeasible, "findings": findings}
    plan = plans.NewPlan(plan_name or f"{area.name} {limits}", area_code, asked, found)
    with transaction(engine, actor) as connection:
        plan_id, saved = plans.save_plan(connection, plan, flat, srid=srid)
    return PlanReport(
        plan_id, plan.name, area_code, limits, seed, tuple(saved), tuple(infeasible), tuple(findings)
    )


def _infeasible(answer: CommunityZoning, names: dict[str, str]) -> dict[str, Any]:
    problem = answer.infeasible
    assert problem is not None
    return {
        "area_code": answer.area_code,
        "name": names[answer.area_code],
        **_sentences("reason", problem.reason),
        "proven": problem.proven,
        "nearest": [{"limits": str(option.limits), "zones": option.zones} for option in problem.nearest],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {"key": finding.key, "where": finding.where, **_sentences("message", finding)}


def _sentences(prefix: str, finding: Finding) -> dict[str, str]:
    return {
        f"{prefix}_{language}": messages.text(finding.key, language, **finding.values)
        for language in messages.LANGUAGES
    }
