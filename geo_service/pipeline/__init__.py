"""The verbs: each loads, computes, saves, and nothing else."""

from geo_service.pipeline.checking import check_layers
from geo_service.pipeline.chiefs import AppointmentReport, appoint_chiefs
from geo_service.pipeline.coverage import CoverageReport, measure_coverage
from geo_service.pipeline.exporting import ExportReport, export_layers
from geo_service.pipeline.import_report import ImportOptions, ImportReport
from geo_service.pipeline.imports import IMPORT_KINDS, import_file
from geo_service.pipeline.publishing import PublicationReport, publish_plan
from geo_service.pipeline.zoning import PlanReport, draw_zones

__all__ = [
    "IMPORT_KINDS",
    "AppointmentReport",
    "CoverageReport",
    "ExportReport",
    "ImportOptions",
    "ImportReport",
    "PlanReport",
    "PublicationReport",
    "appoint_chiefs",
    "check_layers",
    "draw_zones",
    "export_layers",
    "import_file",
    "measure_coverage",
    "publish_plan",
]
