from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.planning.assignment import NOBODY, assign_chiefs


def metres(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def capacity(*zones: int) -> np.ndarray:
    return np.array(zones, dtype=np.int64)


def test_the_sum_of_distances_counts_not_the_nearest_pair() -> None:
    # Taking the nearest pair first (1 m) leaves 100 m for the other: 101. Crossing over costs 2 + 3 = 5.
    answer = assign_chiefs(metres([1, 2], [3, 100]), capacity(1, 1))

    assert answer.person.tolist() == [1, 0]
    assert answer.total_walk_distance_m == 5


def test_serving_one_more_zone_is_worth_any_distance() -> None:
    # Person 0 alone could serve zone 0 at no distance; both zones served costs 10 km.
    answer = assign_chiefs(metres([0, 10_000], [0, 90_000]), capacity(1, 1))

    assert NOBODY not in answer.person
    assert answer.total_walk_distance_m == 10_000


def test_nobody_takes_more_zones_than_the_capacity() -> None:
    answer = assign_chiefs(metres([1, 50], [1, 50], [1, 50]), capacity(2, 1))

    assert sorted(answer.person.tolist()) == [0, 0, 1]


def test_a_zone_is_left_over_when_everybody_is_full() -> None:
    answer = assign_chiefs(metres([5, 9], [4, 9], [6, 9]), capacity(1, 0))

    assert answer.person.tolist() == [NOBODY, 0, NOBODY]


def test_no_people_and_no_zones() -> None:
    assert assign_chiefs(np.empty((2, 0)), capacity()).person.tolist() == [NOBODY, NOBODY]
    assert assign_chiefs(np.empty((0, 3)), capacity(1, 1, 1)).person.tolist() == []


def test_an_earlier_chief_stays_where_it_costs_nothing() -> None:
    equal = metres([10, 10], [10, 10])

    assert assign_chiefs(equal, capacity(1, 1), np.array([[False, True], [True, False]])).person.tolist() == [
        1,
        0,
    ]
    assert assign_chiefs(equal, capacity(1, 1), np.array([[True, False], [False, True]])).person.tolist() == [
        0,
        1,
    ]


def test_an_earlier_chief_goes_where_staying_costs_a_centimetre() -> None:
    answer = assign_chiefs(metres([10.01, 10]), capacity(1, 1), np.array([[True, False]]))

    assert answer.person.tolist() == [1]


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    zones, people = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    # Few distinct distances, so that ties are common.
    distances = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 2.001, 7.5]), min_size=16, max_size=16))
    held = draw(st.lists(st.booleans(), min_size=16, max_size=16))
    room = draw(st.lists(st.integers(0, 3), min_size=people, max_size=people))
    shape = (zones, people)
    return (
        np.reshape(distances[: zones * people], shape),
        capacity(*room),
        np.reshape(held[: zones * people], shape),
    )


@given(problems())
def test_no_assignment_is_better(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    distances, room, held = problem

    def value(people: tuple[int, ...]) -> tuple[int, int, int]:
        served = [(zone, person) for zone, person in enumerate(people) if person != NOBODY]
        millimetres = sum(round(distances[pair] * 1000) for pair in served)
        return -len(served), millimetres, -sum(bool(held[pair]) for pair in served)

    def keeps_to_capacity(people: tuple[int, ...]) -> bool:
        return all(people.count(person) <= most for person, most in enumerate(room))

    choices = range(NOBODY, len(room))
    best = min(value(each) for each in product(choices, repeat=len(distances)) if keeps_to_capacity(each))

    answer = assign_chiefs(distances, room, held)
    people = tuple(answer.person.tolist())
    assert keeps_to_capacity(people)
    assert value(people) == best
    assert round(answer.total_walk_distance_m * 1000) == best[1]
