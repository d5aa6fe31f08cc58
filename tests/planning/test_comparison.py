"""Two plans held against each other: zones are matched by the people they share."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.planning.comparison import NOWHERE, ZoneMatching, match_zones

MOST_ZONES = 4


def read(letters: str) -> np.ndarray:
    """Zones drawn as letters, a dot for none."""
    return np.array(
        [NOWHERE if letter == "." else ord(letter) - ord("a") for letter in letters], dtype=np.int64
    )


def compared(a: np.ndarray, b: np.ndarray, households: np.ndarray) -> tuple[ZoneMatching, list[int]]:
    zones_a, zones_b = (int(zones.max(initial=-1)) + 1 for zones in (a, b))
    matching = match_zones(a, b, households, zones_a=zones_a, zones_b=zones_b)
    return matching, np.flatnonzero(matching.differing(a, b)).tolist()


@pytest.mark.parametrize(
    ("a", "b", "households", "match_of", "differing"),
    [
        ("aabb", "aabb", [1, 1, 1, 1], [0, 1], []),
        ("aabb", "bbaa", [1, 1, 1, 1], [1, 0], []),
        ("aabb", "aaab", [1, 1, 1, 1], [0, 1], [2]),
        # the third building holds more people than the rest: its zone is where they are
        ("aabb", "aaab", [1, 1, 9, 1], [NOWHERE, 0], [0, 1, 3]),
        # 5 + 5 people in pairs beat the 6 that stay together
        ("aaabb", "abbbb", [5, 6, 0, 0, 5], [0, 1], [1, 2]),
        # as many people either way: two buildings beat one
        ("aaa", "aab", [1, 1, 2], [0], [2]),
        # nobody lives in any of them
        ("aab", "aac", [0, 0, 0], [0, 2], []),
        # merged, split, in none on one side, in none on both
        ("aabb", "aaaa", [2, 2, 1, 1], [0, NOWHERE], [2, 3]),
        ("aaaa", "aabb", [2, 2, 1, 1], [0], [2, 3]),
        ("aa..", "a.a.", [1, 1, 1, 1], [0], [1, 2]),
        ("..", "..", [1, 1], [], []),
        ("aa", "..", [1, 1], [NOWHERE], [0, 1]),
        ("", "", [], [], []),
    ],
)
def test_zones_are_matched_by_the_people_they_share(a, b, households, match_of, differing):
    matching, found = compared(read(a), read(b), np.array(households, dtype=np.int64))
    assert (matching.match_of.tolist(), found) == (match_of, differing)


def test_what_is_shared_is_told():
    matching, _ = compared(read("aabbc"), read("aabb."), np.array([3, 4, 5, 6, 7]))
    assert (matching.households.tolist(), matching.buildings.tolist()) == ([7, 11, 0], [2, 2, 0])


@st.composite
def two_plans(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = draw(st.integers(0, 12))
    zones = st.lists(st.integers(NOWHERE, MOST_ZONES - 1), min_size=count, max_size=count)
    households = st.lists(st.integers(0, 6), min_size=count, max_size=count)
    return tuple(np.array(draw(each), dtype=np.int64) for each in (zones, zones, households))


@given(two_plans())
def test_a_plan_is_the_same_as_itself_and_as_its_recoded_self(plans):
    a, _, households = plans
    assert compared(a, a, households)[1] == []
    recoded = np.append(np.array([2, 0, 3, 1]), NOWHERE)[a]
    assert compared(a, recoded, households)[1] == []


@given(two_plans())
def test_as_many_buildings_differ_seen_from_either_plan(plans):
    a, b, households = plans
    assert len(compared(a, b, households)[1]) == len(compared(b, a, households)[1])


def shared_by(pairs: list[tuple[int, int]], a: np.ndarray, b: np.ndarray, households: np.ndarray):
    """People and buildings in pairs of zones."""
    together = [(a == one) & (b == other) for one, other in pairs]
    return sum(int(households[each].sum()) for each in together), sum(int(each.sum()) for each in together)


@given(two_plans())
def test_no_other_matching_shares_more(plans):
    a, b, households = plans
    matching, differing = compared(a, b, households)
    matched = [(one, int(other)) for one, other in enumerate(matching.match_of) if other != NOWHERE]
    best = max(
        shared_by(list(zip(range(MOST_ZONES), order, strict=True)), a, b, households)
        for order in permutations(range(MOST_ZONES))
    )
    assert shared_by(matched, a, b, households) == best
    assert (matching.households.sum(), matching.buildings.sum()) == best
    assert len(set(matching.match_of[matching.match_of != NOWHERE].tolist())) == len(matched)
    placed = ((a != NOWHERE) | (b != NOWHERE)).sum()
    assert len(differing) == placed - best[1]
