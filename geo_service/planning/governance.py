"""Words of self-government in compounds: kinds of bodies, and the states of a compound's own plan."""

from __future__ import annotations

from enum import StrEnum


class BodyKind(StrEnum):
    """Who decides for a compound or a community."""

    ASSEMBLY = "assembly"
    """业主大会"""
    COMMITTEE = "committee"
    """业主委员会"""
    PREPARATORY = "preparatory"
    """业主大会筹备组"""
    DELIBERATION = "deliberation"
    """居民议事小组（党员议事小组）"""
    PMC = "pmc"
    """物业管理委员会"""


class PlanState(StrEnum):
    """How far a compound's plan (一小区一对策) has come."""

    DRAFTED = "drafted"
    CONSULTED = "consulted"
    CARRIED_OUT = "carried_out"
    FAILED = "failed"

    def may_become(self, other: PlanState) -> bool:
        """Whether ``other`` follows; a plan may be drafted anew at any time."""
        return other in _FOLLOWS[self]


OUTCOMES = (PlanState.CARRIED_OUT, PlanState.FAILED)
"""What a consulted plan comes to; one that was recorded wrongly can be taken back."""

_FOLLOWS = {
    PlanState.DRAFTED: (PlanState.DRAFTED, PlanState.CONSULTED, PlanState.FAILED),
    PlanState.CONSULTED: (PlanState.DRAFTED, PlanState.CARRIED_OUT, PlanState.FAILED),
    PlanState.CARRIED_OUT: (PlanState.DRAFTED,),
    PlanState.FAILED: (PlanState.DRAFTED,),
}
