"""Zones that go on from earlier ones, or with buildings tied to one another: drawn cases."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from geo_service.planning.model import LoadRange
from geo_service.planning.zoning import Earlier, Rules, ZoningProblem, solve
from geo_service.planning.zoning.exact.division import Verdict, find_division
from geo_service.planning.zoning.exact.enumeration import MOST_BUILDINGS
from geo_service.planning.zoning.search.construct import start_labels
from geo_service.planning.zoning.search.moves import shift, swap
from geo_service.planning.zoning.search.partition import partition_of, terrain_of
from geo_service.planning.zoning.search.search import Search
from geo_service.planning.zoning.stop import never
from tests.division_judge import broken_rules
from tests.drawn_division import draw_division, problem_on

ANY_LOAD = LoadRange(0, 100)
RULE_PENALTY = 1e12


def pairs(*chosen: tuple[int, int]) -> np.ndarray:
    return np.array(chosen, dtype=np.int64).reshape(-1, 2)


def without_changes(picture: str, **more: object) -> ZoningProblem:
    problem = draw_division(picture, ANY_LOAD, zones=2, **more)
    assert problem.earlier is not None
    return replace(problem, earlier=replace(problem.earlier, most_changes=0))


def test_nobody_with_a_zone_changes_it_where_a_new_building_closes_the_gap() -> None:
    # the new one is all that joins the B above it, to which it is tied, to the others
    problem = without_changes(
        """
        B0 ?0
        A0 B0
        A0 B0
        """,
        rules=Rules(together=pairs((0, 1), (0, 3))),
    )

    result = solve(problem, budget=20_000)

    assert result.feasible
    assert result.labels.tolist() == [1, 1, 0, 1, 0, 1]
    # A: 30; B: 30 + 30 + sqrt(30² + 30²) to the one in the middle
    assert result.objective_m == pytest.approx(30 + 60 + 30 * 2**0.5, abs=1e-3)


def test_that_nobody_may_change_to_join_two_pieces_is_a_proof() -> None:
    result = solve(without_changes("A1 B1 A1"), budget=20_000)
    assert not result.feasible
    assert result.impossible


def test_a_building_takes_along_all_that_its_partner_is_tied_to() -> None:
    # tied by two pairs that share the first: if one of the three goes to B, all must
    problem = without_changes(
        """
        B0 A0 A0 A0 A0 A0 A0
        ?0 B0 B0 B0 B0 B0 B0
        """,
        rules=Rules(together=pairs((0, 7), (0, 8))),
    )
    assert problem.buildings > MOST_BUILDINGS
    everybody_else = np.zeros(14, dtype=np.int64)
    everybody_else[9:] = 1

    search = Search(problem, 2, seed=1, stop=never, labels=everybody_else)
    search.run(20_000, lambda *_: None)

    assert search.result().labels.tolist() == [1, *[0] * 6, *[1] * 7]


@pytest.mark.parametrize("connected", [True, False])
def test_a_zone_more_than_before_is_found_in_the_midst_of_the_others(connected: bool) -> None:
    grid = nx.grid_2d_graph(10, 10)
    halves = np.array([int(column >= 5) for column, _ in grid])
    problem = problem_on(
        grid, [1] * 100, LoadRange(20, 45), zones=3, connected=connected, earlier=Earlier(halves, 5.0)
    )
    result = solve(problem, budget=100_000)
    assert result.feasible
    assert broken_rules(problem, result.labels, range(3)) == []


def test_zones_are_sown_only_where_nobody_must_stay() -> None:
    row = problem_on(nx.path_graph([(place, 0) for place in range(6)]), [1] * 6, ANY_LOAD, zones=3)
    stay = np.array([0, -1, -1, -1, -1, 1])
    problem = replace(row, rules=Rules(stay=stay), earlier=Earlier(np.array([0, 0, 0, 1, 1, 1])))
    labels = start_labels(problem, 3, np.random.default_rng(1))
    assert (labels[0], labels[5]) == (0, 1)
    assert set(labels.tolist()) == {0, 1, 2}


def test_what_must_be_together_begins_around_who_must_stay_elsewhere() -> None:
    # the corner stays in 1 and is tied to the other corner; between them is one that stays in 0
    square = problem_on(nx.grid_2d_graph(3, 2), [1] * 6, ANY_LOAD, zones=2)
    left, between, right = (list(nx.grid_2d_graph(3, 2)).index((column, 0)) for column in range(3))
    stay = np.full(6, -1)
    stay[[left, between]] = 1, 0
    problem = replace(square, rules=Rules(stay=stay, together=pairs((left, right))))
    labels = start_labels(problem, 2, np.random.default_rng(1))
    assert broken_rules(problem, labels, range(2)) == []


def test_buildings_tied_together_begin_in_the_zone_that_most_of_them_had() -> None:
    row = draw_division("A1 A1 B1 B1 B1 B1", ANY_LOAD, zones=2, rules=Rules(together=pairs((1, 2), (2, 3))))
    labels = start_labels(row, 2, np.random.default_rng(1))
    assert labels.tolist() == [0, 1, 1, 1, 1, 1]


def test_a_division_found_has_its_zones_earlier_numbers_before_changes_are_counted() -> None:
    problem = without_changes("B3 B3 A3 A3 A3")
    verdict, labels = find_division(replace(problem, limits=LoadRange(6, 9)), 2)
    assert verdict is Verdict.FOUND
    assert labels.tolist() == [1, 1, 0, 0, 0]


def test_an_exchange_that_brings_one_back_may_take_another_away() -> None:
    # one change is allowed, and made: the second is back in A when the third goes to B
    row = draw_division("A1 A1 A1 B1", ANY_LOAD, zones=2, connected=False)
    problem = replace(row, earlier=replace(row.earlier, most_changes=1))
    terrain = terrain_of(problem, 2)
    partition = partition_of(terrain, np.array([0, 1, 0, 1]), 2)
    assert swap(terrain, partition, 1, 2, 1.0, RULE_PENALTY, 0.0)
    assert partition.labels.tolist() == [0, 0, 1, 1]
    assert partition.changed.tolist() == [1]


def test_a_far_building_comes_back_to_its_earlier_zone_among_many() -> None:
    # so many that moves to far centres are otherwise not weighed
    row = draw_division("B1 " + "A1 " * 39 + "B1 " * 40, ANY_LOAD, zones=2, connected=False)
    problem = replace(row, earlier=replace(row.earlier, most_changes=0))
    terrain = terrain_of(problem, 2)
    partition = partition_of(terrain, np.repeat([0, 1], 40), 2)
    assert shift(terrain, partition, 0, 1, 1.0, RULE_PENALTY, 0.0)
    assert partition.changed.tolist() == [0]
