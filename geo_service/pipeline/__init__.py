"""The verbs: each loads, computes, saves, and nothing else."""

from geo_service.pipeline.chiefs import AppointmentReport, appoint_chiefs
from geo_service.pipeline.coverage import CoverageReport, measure_coverage
from geo_service.pipeline.publishing import PublicationReport, publish_plan
from geo_service.pipeline.zoning import PlanReport, draw_zones

__all__ = [
    "AppointmentReport",
    "CoverageReport",
    "PlanReport",
    "PublicationReport",
    "appoint_chiefs",
    "draw_zones",
    "measure_coverage",
    "publish_plan",
]
