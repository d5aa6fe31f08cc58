"""Dividing a community's buildings into connected zones of a wanted size."""

from geo_service.planning.zoning.community.brief import Brief, LockedZone, ZoneCount
from geo_service.planning.zoning.community.draw import draw_community_zones
from geo_service.planning.zoning.problem import Aims, Earlier, Rules, ZoningProblem
from geo_service.planning.zoning.result import ZoningResult
from geo_service.planning.zoning.sharing import share_zones
from geo_service.planning.zoning.solve import solve
from geo_service.planning.zoning.stop import Stop

__all__ = [
    "Aims",
    "Brief",
    "Earlier",
    "LockedZone",
    "Rules",
    "Stop",
    "ZoneCount",
    "ZoningProblem",
    "ZoningResult",
    "draw_community_zones",
    "share_zones",
    "solve",
]
