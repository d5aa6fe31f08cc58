"""Style expressions evaluate as MapLibre's specification says."""

from __future__ import annotations

import pytest

from geo_service.publish.drawing import grown, round_length
from geo_service.publish.expressions import evaluate, fields_used, unknown_operators


@pytest.mark.parametrize(
    ("expression", "properties", "expected"),
    [
        ("#fff", {}, "#fff"),
        (["get", "a"], {"a": 3}, 3),
        (["get", "a"], {}, None),
        (["match", ["get", "a"], "x", 1, ["y", "z"], 2, 3], {"a": "z"}, 2),
        (["match", ["get", "a"], "x", 1, ["y", "z"], 2, 3], {"a": None}, 3),
        # A stop's value holds from the stop itself on.
        (["step", ["get", "a"], "low", 0.3, "middle", 0.8, "high"], {"a": 0.3}, "middle"),
        (["step", ["get", "a"], "low", 0.3, "middle", 0.8, "high"], {"a": 0.29}, "low"),
        (["step", ["get", "a"], "low", 0.3, "middle", 0.8, "high"], {"a": 1}, "high"),
        (["case", ["==", ["get", "a"], 0], "none", [">", ["get", "a"], 5], "many", "some"], {"a": 6}, "many"),
        (["case", ["<", ["get", "a"], 5], "few", "other"], {"a": None}, "other"),
        (["coalesce", ["get", "a"], ["get", "b"], "c"], {"b": "b"}, "b"),
        (["all", ["!", ["==", ["get", "a"], 1]], ["any", ["==", ["get", "b"], 2], ["==", ["get", "b"], 3]]],
         {"a": 0, "b": 3}, True),
        (["interpolate", ["linear"], ["zoom"], 10, 1, 20, 3], {}, 2),
        (["interpolate", ["linear"], ["zoom"], 16, 1, 20, 3], {}, 1),
    ],
)  # fmt: skip
def test_evaluate_at_zoom_15(expression: object, properties: dict, expected: object) -> None:
    assert evaluate(expression, properties, zoom=15) == expected


def test_labels_of_a_match_are_not_taken_for_operators() -> None:
    expression = ["match", ["get", "kind"], ["river", "wall"], "#111111", ["get", "colour"]]

    assert fields_used(expression) == {"kind", "colour"}
    assert unknown_operators(expression) == set()


def test_an_operator_nobody_knows_is_named_however_deep() -> None:
    assert unknown_operators(["case", ["==", ["rainbow", 1], 1], 1, 2]) == {"rainbow"}


@pytest.mark.parametrize(
    ("metres", "expected"), [(730, 500), (500, 500), (499, 200), (1.5, 1), (99_999, 50_000)]
)
def test_a_scale_bar_has_a_round_length(metres: float, expected: float) -> None:
    assert round_length(metres) == expected


def test_an_extent_grows_to_the_paper_around_its_middle() -> None:
    """10 x 10 with a tenth on every side is 12 x 12; twice as wide as high is 24 x 12."""
    assert grown((0, 0, 10, 10), 0.1, 2.0) == pytest.approx((-7, -1, 17, 11))
