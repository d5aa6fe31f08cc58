"""The demo: from an empty database to published zones, chiefs and layers, by the verbs a user has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from geo_service import pipeline
from geo_service.access import Actor
from geo_service.demo.county import County, make_county
from geo_service.demo.files import write_files
from geo_service.demo.report import DemoReport
from geo_service.demo.story import (
    COMMUNITIES,
    COUNTY_CODE,
    DEFAULT_SEED,
    MONTH_ENDS,
    TIGHT_COMMUNITY,
    TIGHT_LIMITS,
    Community,
    community_code,
    town_code,
)
from geo_service.errors import Conflict
from geo_service.planning.model import LoadRange
from geo_service.progress import Progress, silent
from geo_service.store import plans, zones
from geo_service.store.session import transaction
from geo_service.store.units import count_units

AREA_CODE = town_code(0)
MAP_LAYERS = ("subdistricts", "communities", "barriers", "compounds", "standalone_buildings", "zones")


@dataclass(frozen=True)
class _Step:
    """One plan of the story: what it is drawn over, within which limits, and whom it is published for."""

    name: str
    area_code: str
    limits: LoadRange
    drawn_on: date
    communities: tuple[Community, ...]


def _story() -> tuple[_Step, ...]:
    tight = next(c for c in COMMUNITIES if c.number == TIGHT_COMMUNITY)
    others = tuple(sorted((c for c in COMMUNITIES if c is not tight), key=lambda c: c.zones_from))
    return (
        _Step("云川镇流动物业片区方案", AREA_CODE, LoadRange(), date(2024, 7, 1), others),
        _Step(
            f"{tight.name}流动物业片区方案",
            community_code(tight.number),
            TIGHT_LIMITS,
            date(2024, 11, 1),
            (tight,),
        ),
    )


def run_demo(
    engine: Engine,
    actor: Actor,
    *,
    out: Path,
    scale: int = 1,
    seed: int = DEFAULT_SEED,
    progress: Progress = silent,
) -> DemoReport:
    """Write the county's files into ``out``, import them, and live through its year 2024.

    Running it again changes nothing: the files import as unchanged, and plans already published are kept.
    With ``scale`` above 1 the data grow by further towns; the story is that of the first.

    Raises
    ------
    InvalidInput
        When ``scale`` is out of range, or ``out`` cannot be written.
    Conflict
        When the database holds plans drawn over the demo county of another seed.
    """
    progress("demo.generating", 0, 1)
    county = make_county(scale=scale, seed=seed)
    _refuse_another_county(engine, actor, county)
    inputs = write_files(county, out)
    progress("demo.generating", 1, 1)
    imports = [
        pipeline.import_file(engine, actor, kind=kind, path=path, progress=progress).as_json()
        for kind, path in inputs.items()
    ]
    infeasible: list[dict[str, Any]] = []
    reused: list[int] = []
    for step in _story():
        plan = _plan_named(engine, actor, step)
        if plan is None:
            plan = _draw(engine, actor, step, seed, progress)
        elif plan["state"] == "published":
            reused.append(plan["id"])
        infeasible += plan["infeasible"]
        _publish(engine, actor, plan, step, progress)
    coverage = []
    for number, day in enumerate(MONTH_ENDS):
        progress("demo.coverage", number, len(MONTH_ENDS))
        coverage.append(pipeline.measure_coverage(engine, actor, area_code=AREA_CODE, on=day))
    progress("demo.coverage", len(MONTH_ENDS), len(MONTH_ENDS))
    exported = _export(engine, actor, out, progress)
    with transaction(engine, actor, read_only=True) as connection:
        counts = count_units(connection, COUNTY_CODE)
        in_force = zones.list_zones(connection, AREA_CODE, on=MONTH_ENDS[-1])
    files = [*inputs.values(), *exported]
    return DemoReport(scale, seed, AREA_CODE, counts, in_force, infeasible, coverage, imports, reused, files)


def _refuse_another_county(engine: Engine, actor: Actor, county: County) -> None:
    """A plan over other buildings of the same codes would be nonsense."""
    with transaction(engine, actor, read_only=True) as connection:
        has_plans = bool(plans.list_plans(connection, AREA_CODE))
    if not has_plans:
        return
    with TemporaryDirectory() as folder:
        path = write_files(county, Path(folder))["buildings"]
        options = pipeline.ImportOptions(dry_run=True)
        report = pipeline.import_file(engine, actor, kind="buildings", path=path, options=options)
    if report.updated:
        raise Conflict("demo.another_county", where=AREA_CODE)


def _plan_named(engine: Engine, actor: Actor, step: _Step) -> dict[str, Any] | None:
    with transaction(engine, actor, read_only=True) as connection:
        found = plans.list_plans(connection, step.area_code)
    return next((plan for plan in found if plan["name"] == step.name and plan["state"] != "superseded"), None)


def _draw(engine: Engine, actor: Actor, step: _Step, seed: int, progress: Progress) -> dict[str, Any]:
    drawn = pipeline.draw_zones(
        engine,
        actor,
        area_code=step.area_code,
        plan_name=step.name,
        limits=step.limits,
        seed=seed,
        on=step.drawn_on,
        progress=progress,
    )
    with transaction(engine, actor, read_only=True) as connection:
        return plans.get_plan(connection, drawn.plan_id)


def _publish(engine: Engine, actor: Actor, plan: dict[str, Any], step: _Step, progress: Progress) -> None:
    """Appoint chiefs to a draft, then publish what is not published yet, each community from its own date."""
    if plan["state"] != "published":
        pipeline.appoint_chiefs(engine, actor, plan_id=plan["id"], progress=progress)
    published = {publication["community_code"] for publication in plan["publications"]}
    for community in step.communities:
        code = community_code(community.number)
        if code not in published:
            pipeline.publish_plan(
                engine, actor, plan_id=plan["id"], from_date=community.zones_from, area_code=code
            )


def _export(engine: Engine, actor: Actor, out: Path, progress: Progress) -> list[Path]:
    """Zones, coverage, map and zone sheets as they are at the end of the year."""
    wanted = (
        ("zones.gpkg", "gpkg", ("zones",)),
        ("coverage.xlsx", "xlsx", ("coverage_by_community",)),
        ("map.png", "png", MAP_LAYERS),
        ("zone-sheets.pdf", "pdf", ("zones",)),
    )
    files = []
    for name, format_, layers in wanted:
        report = pipeline.export_layers(
            engine,
            actor,
            area_code=AREA_CODE,
            layers=list(layers),
            format=format_,
            out=out / name,
            on=MONTH_ENDS[-1],
            progress=progress,
        )
        files += [Path(entry["path"]) for entry in report.as_json()["files"]]
    return files
