"""Policy profiles: what a government plan asks for, as versioned data, and the code that reads it."""

from geo_service.planning.policy.load import load_profile, read_profile
from geo_service.planning.policy.profile import (
    STEPS,
    ZONE_RULES,
    Clause,
    CoverageRule,
    LoadWeights,
    Milestone,
    Profile,
    ZoneSize,
    ZoningRules,
)

__all__ = [
    "STEPS",
    "ZONE_RULES",
    "Clause",
    "CoverageRule",
    "LoadWeights",
    "Milestone",
    "Profile",
    "ZoneSize",
    "ZoningRules",
    "load_profile",
    "read_profile",
]
