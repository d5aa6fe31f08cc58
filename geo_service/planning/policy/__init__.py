"""Policy profiles: what a government plan asks for, as versioned data, and the code that reads it."""

from geo_service.planning.policy.load import (
    DEFAULT_PROFILE,
    load_profile,
    profile_schema,
    read_profile,
    shipped_profiles,
)
from geo_service.planning.policy.part import STEPS
from geo_service.planning.policy.profile import Profile
from geo_service.planning.policy.targets import CoverageRule, Milestone, Target
from geo_service.planning.policy.zoning_rules import ZONE_RULES, LoadWeights, ZoneSize, ZoningRules

__all__ = [
    "DEFAULT_PROFILE",
    "STEPS",
    "ZONE_RULES",
    "CoverageRule",
    "LoadWeights",
    "Milestone",
    "Profile",
    "Target",
    "ZoneSize",
    "ZoningRules",
    "load_profile",
    "profile_schema",
    "read_profile",
    "shipped_profiles",
]
