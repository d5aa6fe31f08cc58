"""What the demo county must show, community by community: the numbers of scenario D-A.

The plan the scenario follows leaves five blanks for communities and names 229 unmanaged units; every other
number here is chosen so that June passes its 30 %, October misses its 80 % by one unit, and the fourth
community admits no zones of 300-500 households.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo_service.planning.model import LoadRange

COUNTY_CODE = "990122000000"
COUNTY_NAME = "云川县"
TOWN_NAME = "云川镇"
FIRST_TOWN_NUMBER = 100
MAX_SCALE = 900
DEFAULT_SEED = 20240311


@dataclass(frozen=True)
class Community:
    """One community of a town.

    Parameters
    ----------
    number : int
        1 to 5, the last digits of its code.
    employer_courtyards, ordinary_compounds, standalone : int
        Units of class A, B and C.
    households : int
        Of the standalone buildings together.
    chiefs : int
        People who can take a zone.
    newly_served : tuple of int
        Compounds newly in service in each month from April to December 2024.
    zones_from : date
        When the zones of its standalone buildings take effect.
    """

    number: int
    name: str
    name_en: str
    employer_courtyards: int
    ordinary_compounds: int
    standalone: int
    households: int
    chiefs: int
    newly_served: tuple[int, ...]
    zones_from: date

    @property
    def compounds(self) -> int:
        """Units of several buildings."""
        return self.employer_courtyards + self.ordinary_compounds


COMMUNITIES = (
    Community(1, "柳汀社区", "Liuting", 10, 26, 25, 800, 4, (6, 7, 7, 1, 2, 3, 4, 1, 5), date(2024, 7, 10)),
    Community(2, "织坊社区", "Zhifang", 9, 21, 22, 704, 4, (5, 6, 5, 1, 1, 2, 3, 2, 5), date(2024, 8, 12)),
    Community(3, "桂岭社区", "Guiling", 8, 20, 19, 608, 4, (5, 5, 5, 0, 2, 2, 3, 1, 5), date(2024, 9, 9)),
    Community(4, "东篱社区", "Dongli", 6, 16, 16, 512, 4, (4, 4, 4, 0, 1, 1, 3, 1, 4), date(2024, 11, 11)),
    Community(5, "晚渡社区", "Wandu", 5, 13, 13, 416, 3, (2, 3, 3, 0, 1, 1, 2, 2, 4), date(2024, 10, 15)),
)
FIRST_SERVICE_MONTH = 4
YEAR = 2024

# One compound is known to the ledger alone: it counts in the rate and has no place on the map.
UNLOCATED_COMMUNITY = 2

TIGHT_COMMUNITY = 4
TIGHT_LIMITS = LoadRange(250, 500)

MONTH_ENDS = tuple(
    date(YEAR, month, day)
    for month, day in (
        (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31),
    )
)  # fmt: skip


def town_code(town: int) -> str:
    """Code of the ``town``-th copy, counted from 0."""
    return f"{COUNTY_CODE[:6]}{FIRST_TOWN_NUMBER + town}000"


def community_code(community: int, town: int = 0) -> str:
    """Code of a community by its number, 1 to 5."""
    return f"{town_code(town)[:9]}{community:03d}"


def town_name(town: int) -> str:
    """Name of the ``town``-th copy; the copies carry a number, so nobody takes them for real places."""
    return TOWN_NAME if town == 0 else f"云川{town + 1}镇"
