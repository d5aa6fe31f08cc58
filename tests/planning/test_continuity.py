"""Codes that go on, worked out by hand over buildings 0 .. 9."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geo_service.planning.model import DrawnZone, Finding
from geo_service.planning.zoning.community.continuity import Change, changes, continue_codes


def zone(code: str, members: str, *, locked: bool = False) -> DrawnZone:
    """A zone of the buildings written as digits."""
    return DrawnZone(code, buildings(members), 0, int(members[0]), Point(0, 0), 0, 0.0, locked)


def buildings(digits: str) -> np.ndarray:
    return np.array([int(digit) for digit in digits], dtype=np.int64)


def named(zones: tuple[DrawnZone, ...]) -> dict[str, str]:
    return {zone.code: "".join(map(str, zone.members)) for zone in zones}


def test_without_earlier_zones_numbers_follow_the_order_given() -> None:
    assert named(continue_codes([zone("x", "01"), zone("y", "2")], {}, "C")) == {"C001": "01", "C002": "2"}


def test_a_zone_keeps_the_code_under_which_most_of_its_buildings_were() -> None:
    earlier = {"C001": buildings("012"), "C002": buildings("345")}
    # Numbered from west to east the first would be C001; most of it was C002.
    drawn = [zone("C001", "2345"), zone("C002", "01")]

    assert named(continue_codes(drawn, earlier, "C")) == {"C002": "2345", "C001": "01"}
    assert changes(continue_codes(drawn, earlier, "C"), earlier) == (Change(2, "C001", "C002"),)


def test_explanations_speak_of_zones_by_the_codes_they_go_on_with() -> None:
    earlier = {"C001": buildings("012"), "C002": buildings("345")}
    reason = Finding("why", "C001", {"giver": "C001", "taker": "C002", "load": 1})
    drawn = [replace(zone("C001", "2345"), explanation=(reason,)), zone("C002", "01")]

    (told,) = continue_codes(drawn, earlier, "C")[1].explanation
    assert told == Finding("why", "C002", {"giver": "C002", "taker": "C001", "load": 1})


def test_the_best_matching_of_all_is_taken_not_zone_by_zone() -> None:
    earlier = {"C001": buildings("0123"), "C002": buildings("45")}
    # One by one the first zone would take C001 (2 shared) and leave the second nothing: 2 kept. Together:
    # the first takes C002 (2 shared), the second C001 (2 shared).
    drawn = [zone("a", "0145"), zone("b", "23")]

    assert named(continue_codes(drawn, earlier, "C")) == {"C002": "0145", "C001": "23"}


def test_a_new_zone_never_takes_a_code_that_meant_something_else() -> None:
    earlier = {"C001": buildings("01"), "C003": buildings("89")}
    # Nothing is left of C003: its number is not given to strangers.
    drawn = [zone("a", "7"), zone("b", "01"), zone("c", "56")]

    assert named(continue_codes(drawn, earlier, "C")) == {"C002": "7", "C001": "01", "C004": "56"}


def test_locked_zones_keep_their_codes_whatever_they_share() -> None:
    earlier = {"C001": buildings("01"), "C002": buildings("23")}
    drawn = [zone("C002", "2", locked=True), zone("a", "013")]

    # Building 3 was of C002, which goes on without it.
    assert named(continue_codes(drawn, earlier, "C")) == {"C002": "2", "C001": "013"}


def test_new_buildings_do_not_count_as_changed() -> None:
    earlier = {"C001": buildings("01")}

    assert changes([zone("C001", "019")], earlier) == ()


@given(
    st.lists(st.integers(0, 3), min_size=10, max_size=10),
    st.lists(st.integers(0, 3), min_size=10, max_size=10),
)
def test_codes_are_unique_and_at_least_as_many_buildings_keep_theirs_as_by_number(
    before: list[int], after: list[int]
) -> None:
    earlier = {f"C{number + 1:03d}": np.flatnonzero(np.array(before) == number) for number in set(before)}
    drawn = [
        zone(f"C{number + 1:03d}", "".join(str(each) for each in np.flatnonzero(np.array(after) == number)))
        for number in sorted(set(after))
    ]
    answer = continue_codes(drawn, earlier, "C")

    assert len({each.code for each in answer}) == len(drawn)
    assert sorted("".join(named(answer).values())) == sorted("0123456789")
    assert len(changes(answer, earlier)) <= len(changes(drawn, earlier))
