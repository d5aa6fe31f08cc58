"""What the demo did and found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.pipeline.coverage import CoverageReport
from geo_service.store.units import UnitCounts


@dataclass(frozen=True)
class DemoReport:
    """The county from its files to its published zones.

    Parameters
    ----------
    area_code : str
        The first town: zones, chiefs and coverage are its own.
    counts : UnitCounts
        Of the whole county, with all its towns.
    zones : list of dict
        The zones that hold at the end of the year, each with its chief.
    infeasible : list of dict
        The communities the default limits could not zone, with the reason and the nearest limits that can.
    coverage : list of CoverageReport
        At each month-end.
    imports : list of dict
        What each file brought.
    reused_plans : list of int
        Plans an earlier run had published already.
    """

    scale: int
    seed: int
    area_code: str
    counts: UnitCounts
    zones: list[dict[str, Any]]
    infeasible: list[dict[str, Any]]
    coverage: list[CoverageReport]
    imports: list[dict[str, Any]]
    reused_plans: list[int]
    files: list[Path]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "area": self.area_code,
            "scale": self.scale,
            "seed": self.seed,
            "units": self.counts.compounds + self.counts.standalone_buildings,
            "compounds": self.counts.compounds,
            "standalone_buildings": self.counts.standalone_buildings,
            "zones": self.zones,
            "infeasible": [_by_community(entry) for entry in self.infeasible],
            "chiefs": [
                {"zone_code": zone["code"], **zone["chief"]}
                for zone in self.zones
                if zone["chief"] is not None
            ],
            "coverage": {report.on.isoformat(): _at_month_end(report) for report in self.coverage},
            "imports": self.imports,
            "reused_plans": self.reused_plans,
            "files": [str(path) for path in self.files],
        }


def _by_community(entry: dict[str, Any]) -> dict[str, Any]:
    return {"community_code": entry["area_code"], **{k: v for k, v in entry.items() if k != "area_code"}}


def _at_month_end(report: CoverageReport) -> dict[str, Any]:
    due = report.judgement if report.judgement and report.judgement.milestone.date == report.on else None
    return {
        **report.total["units"].as_json(),
        "milestone": due.milestone.percent if due else None,
        "milestone_met": due.met if due else None,
        "communities": {row.code: row.figures["units"].as_json() for row in report.rows},
    }
