"""A community's zones edited by hand: orders, what they make of a division, and how to judge it."""

from geo_service.planning.editing.carry_out import carry_out
from geo_service.planning.editing.division import Division, Patch, ZoneHead, difference, patched
from geo_service.planning.editing.ground import EditGround
from geo_service.planning.editing.judgement import ZoneJudgement, judge
from geo_service.planning.editing.orders import EditOrder, read_order

__all__ = [
    "Division",
    "EditGround",
    "EditOrder",
    "Patch",
    "ZoneHead",
    "ZoneJudgement",
    "carry_out",
    "difference",
    "judge",
    "patched",
    "read_order",
]
