"""Policy profiles: what a government plan asks for, as versioned data, and the code that reads it."""

from geo_service.planning.policy.load import load_profile, read_profile
from geo_service.planning.policy.profile import STEPS, Clause, CoverageRule, Milestone, Profile, ZoneSize

__all__ = [
    "STEPS",
    "Clause",
    "CoverageRule",
    "Milestone",
    "Profile",
    "ZoneSize",
    "load_profile",
    "read_profile",
]
