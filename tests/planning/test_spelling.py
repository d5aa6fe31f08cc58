"""Two spellings of one compound are alike, two compounds of one estate are not."""

from __future__ import annotations

import pytest

from geo_service.planning.spelling import ALIKE, Named, candidates, likeness, take_apart


def alike(one: str, other: str) -> float:
    return round(float(likeness([take_apart(one)], [take_apart(other)])[0, 0]), 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("金光家园（北院）", "金光家园 北院"),
        ("金光１号院", "金光一号院"),
        ("金光第十二期", "金光12期"),
        ("金光3号楼", "金光3#"),
        ("金光三栋", "金光3号楼"),
        ("Ａ区", "a区"),
    ],
)
def test_widths_brackets_and_numerals_are_one_spelling(one: str, other: str) -> None:
    assert alike(one, other) == 100


def test_another_word_for_compound_takes_a_twentieth_off() -> None:
    assert (alike("金光小区", "金光家园"), alike("金光小区", "金光")) == (95, 95)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("金光一期", "金光二期"),
        ("金光东区", "金光西区"),
        ("金光1号院", "金光2号院"),
        ("金光路12号", "金光路14号"),
        ("金光小区1号楼", "金光小区11号楼"),
    ],
)
def test_a_numeral_or_side_that_differs_lowers_the_score_below_what_is_offered(one: str, other: str) -> None:
    # the letters are the same, so that 0.6 of 100 is left
    assert alike(one, other) == 60 < ALIKE


def test_a_mark_that_only_one_has_takes_a_tenth_off() -> None:
    assert alike("金光", "金光一期") == 90


def test_letters_are_compared_one_by_one() -> None:
    # two of three and two of two letters in common: 2 × 2 of 5
    assert alike("金光里", "金光") == 80
    assert alike("", "金光") == alike("", "") == 0


def test_candidates_are_ranked_and_say_what_matched() -> None:
    wanted = Named("", "金光小区", "光明路5号")
    known = [
        Named("C1", "银河湾", "光明路5号"),
        Named("C2", "金光家园", "光明路５号"),
        Named("C3", "金光小区二期", "和平路1号"),
        Named("C4", "银河湾", "和平路1号"),
    ]
    [found] = candidates([wanted], known)
    # C2: 0.75 × 95 + 0.25 × 100; its address alone weighs 0.65, which gives 98.25
    # C3: 0.75 × 90 + 0.25 × 0.6 × 100 × 2/6 (光明路, 和平路 share one letter of three)
    assert [(each.unit.code, each.score, each.matched) for each in found] == [
        ("C2", 98.2, ("name", "address")),
        ("C3", 72.5, ("name",)),
    ]


def test_a_unit_is_no_candidate_for_itself() -> None:
    known = [Named("C1", "金光小区", None), Named("C2", "金光家园", None)]
    assert [[each.unit.code for each in found] for found in candidates(known, known)] == [["C2"], ["C1"]]
    assert candidates([], known) == []
    assert candidates(known[:1], []) == [[]]


def test_thousands_of_one_community_are_compared_part_by_part() -> None:
    estates = [Named(f"C{i}", f"{chr(0x4E00 + i)}{chr(0x6000 + i)}家园", None) for i in range(3000)]
    asked = [Named("", estate.name, None) for estate in estates]
    found = candidates(asked, estates)
    assert [each[0].unit for each in found] == estates
    assert [each.unit for each in candidates(asked[7:8], estates)[0]] == [each.unit for each in found[7]]
