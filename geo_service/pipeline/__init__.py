"""The verbs: each loads, computes, saves, and nothing else.

A verb's module is imported when it is first asked for: tessellation, GDAL and plotting take seconds that
measuring coverage need not wait.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.pipeline.checking import check_layers
    from geo_service.pipeline.chiefs import AppointmentReport, appoint_chiefs
    from geo_service.pipeline.comparing import compare_plans
    from geo_service.pipeline.coverage import CoverageReport, measure_coverage
    from geo_service.pipeline.explaining import explain_plan
    from geo_service.pipeline.exporting import ExportReport, export_layers
    from geo_service.pipeline.import_looking import look_into_file, preview_places
    from geo_service.pipeline.import_report import ImportOptions, ImportReport
    from geo_service.pipeline.imports import IMPORT_KINDS, import_file
    from geo_service.pipeline.plan_report import PlanReport
    from geo_service.pipeline.publishing import PublicationReport, publish_plan
    from geo_service.pipeline.rebalancing import rebalance_plan
    from geo_service.pipeline.wishes import Wishes
    from geo_service.pipeline.zoning import draw_zones

__all__ = [
    "IMPORT_KINDS",
    "AppointmentReport",
    "CoverageReport",
    "ExportReport",
    "ImportOptions",
    "ImportReport",
    "PlanReport",
    "PublicationReport",
    "Wishes",
    "appoint_chiefs",
    "check_layers",
    "compare_plans",
    "draw_zones",
    "explain_plan",
    "export_layers",
    "import_file",
    "look_into_file",
    "measure_coverage",
    "preview_places",
    "publish_plan",
    "rebalance_plan",
]

_MODULE_OF = {
    "IMPORT_KINDS": "imports",
    "AppointmentReport": "chiefs",
    "CoverageReport": "coverage",
    "ExportReport": "exporting",
    "ImportOptions": "import_report",
    "ImportReport": "import_report",
    "PlanReport": "plan_report",
    "PublicationReport": "publishing",
    "Wishes": "wishes",
    "appoint_chiefs": "chiefs",
    "check_layers": "checking",
    "compare_plans": "comparing",
    "draw_zones": "zoning",
    "explain_plan": "explaining",
    "export_layers": "exporting",
    "import_file": "imports",
    "look_into_file": "import_looking",
    "measure_coverage": "coverage",
    "preview_places": "import_looking",
    "publish_plan": "publishing",
    "rebalance_plan": "rebalancing",
}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
