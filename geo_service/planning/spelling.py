"""How alike two spellings of a name or an address are, and which known units a spelling may mean.

Two compounds of one estate differ in a numeral alone (一期 and 二期, 东区 and 西区, 1号院 and 2号院), two
spellings of one compound in everything but it (金苑小区（北院） and 金苑家园北院). So numerals and sides are
taken out of a name and compared one by one; only what is left is compared by letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

Scores = npt.NDArray[np.float64]

ALIKE = 70.0
"""The least score, of 100, at which a unit is offered."""
MOST_CANDIDATES = 5

# Compared at once, which takes some 200 MB, however many rows a workbook has of one community.
_MOST_PAIRS = 2_000_000
_MATCHED = 80.0
_MARKS_DIFFER, _MARK_MISSING, _KIND_DIFFERS = 0.6, 0.9, 0.95
_NAME_FIRST, _ADDRESS_FIRST = 0.75, 0.35

_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = re.compile("[零〇一二三四五六七八九十百两]+")
_BUILDING = re.compile(r"(\d+)(?:#楼?|号楼|栋楼?|幢楼?|座)")
_MARK = re.compile(
    r"第?(\d+[a-z]?)(楼|期|区|组团|组|号院|院|号|弄|巷|单元|村|街坊)"
    r"|([东西南北中甲乙丙丁前后新老a-z])(区|院|苑|园|组团|楼)"
)
_KINDS = re.compile(
    r"(?:住宅小区|居民小区|生活小区|小区|家属楼院|家属院|家属楼|生活区|住宅楼|楼院|家园|花园|花苑|社区|公寓)$"
)
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Spelling:
    """A name or address taken apart.

    Parameters
    ----------
    core : str
        What is compared letter by letter.
    marks : tuple of str
        Numerals and sides that tell one compound of an estate from another, sorted: ``1期``, ``东区``.
    kind : str
        小区, 家园, 家属院 … at the end of the name.
    """

    core: str
    marks: tuple[str, ...]
    kind: str


def take_apart(words: str | None) -> Spelling:
    """Normalise and part a name: width, brackets, blanks, Chinese numerals, 1# for 1号楼, 小区 at its end."""
    text = unicodedata.normalize("NFKC", words or "").casefold()
    text = _BUILDING.sub(r"\1楼", _NUMERAL.sub(_in_digits, re.sub(r"\s", "", text)))
    plain = _NOT_LETTERS.sub("", text)
    marks: list[str] = []

    def keep(found: re.Match[str]) -> str:
        marks.append("".join(part for part in found.groups() if part))
        return ""

    core = _MARK.sub(keep, plain)
    stripped = _KINDS.sub("", core)
    kind = core[len(stripped) :] if stripped else ""
    return Spelling(stripped or core or plain, tuple(sorted(marks)), kind)


def _in_digits(found: re.Match[str]) -> str:
    """十二 as 12; a row of numerals without a ten, as a year is written, digit by digit."""
    numeral = found[0]
    if not any(unit in numeral for unit in "十百"):
        return "".join(str(_DIGITS[sign]) for sign in numeral)
    total, last = 0, 0
    for sign in numeral:
        if sign in "十百":
            total += (last or 1) * (10 if sign == "十" else 100)
            last = 0
        else:
            last = _DIGITS[sign]
    return str(total + last)


def likeness(spellings: Sequence[Spelling], others: Sequence[Spelling]) -> Scores:
    """How alike each spelling is to each other one, 0 to 100, shape (n, m); 0 where either is empty.

    Marks that differ lower the score well below ``ALIKE``; one that only one of the two has, and another
    word for compound, lower it a little.
    """
    scores: Scores = 100.0 * np.asarray(
        cdist(
            [each.core for each in spellings],
            [each.core for each in others],
            scorer=Indel.normalized_similarity,
            dtype=np.float32,
        ),
        dtype=np.float64,
    )
    marks, other_marks = _numbered([s.marks for s in spellings], [o.marks for o in others])
    differ = marks[:, None] != other_marks[None, :]
    either_none = (marks[:, None] == 0) | (other_marks[None, :] == 0)
    kinds, other_kinds = _numbered([s.kind for s in spellings], [o.kind for o in others])
    scores[differ & ~either_none] *= _MARKS_DIFFER
    scores[differ & either_none] *= _MARK_MISSING
    scores[kinds[:, None] != other_kinds[None, :]] *= _KIND_DIFFERS
    filled = np.array([bool(each.core) for each in spellings], dtype=bool)
    others_filled = np.array([bool(each.core) for each in others], dtype=bool)
    return np.where(filled[:, None] & others_filled[None, :], scores, 0.0)


def _numbered(
    ours: Sequence[tuple[str, ...] | str], theirs: Sequence[tuple[str, ...] | str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Equal values as equal numbers, empty ones as 0."""
    numbers: dict[tuple[str, ...] | str, int] = {(): 0, "": 0}
    for value in (*ours, *theirs):
        numbers.setdefault(value, len(numbers))
    return (
        np.array([numbers[value] for value in ours], dtype=np.int64),
        np.array([numbers[value] for value in theirs], dtype=np.int64),
    )


@dataclass(frozen=True)
class Named:
    """A unit as somebody calls it."""

    code: str
    name: str | None
    address: str | None


@dataclass(frozen=True)
class Candidate:
    """A known unit that may be meant, how alike it is of 100, and in what."""

    unit: Named
    score: float
    matched: tuple[str, ...]


def candidates(
    wanted: Sequence[Named], known: Sequence[Named], *, least: float = ALIKE
) -> list[list[Candidate]]:
    """For each unit wanted, the known ones it may be, best first and at most ``MOST_CANDIDATES``.

    A unit is no candidate for itself: for the same object, or another of the same code.
    """
    if not known:
        return [[] for _ in wanted]
    parted = _Parted(known)
    at_once = max(1, _MOST_PAIRS // len(known))
    parts = [wanted[start : start + at_once] for start in range(0, len(wanted), at_once)]
    return [found for part in parts for found in _candidates(part, parted, least)]


class _Parted:
    """Units with their names and addresses taken apart."""

    def __init__(self, units: Sequence[Named]) -> None:
        self.units = units
        self.names = [take_apart(unit.name) for unit in units]
        self.addresses = [take_apart(unit.address) for unit in units]


def _candidates(wanted: Sequence[Named], known: _Parted, least: float) -> list[list[Candidate]]:
    ours = _Parted(wanted)
    names, addresses = likeness(ours.names, known.names), likeness(ours.addresses, known.addresses)
    by_name = _NAME_FIRST * names + (1 - _NAME_FIRST) * addresses
    by_address = _ADDRESS_FIRST * names + (1 - _ADDRESS_FIRST) * addresses
    both_addressed = _both([w.address for w in wanted], [k.address for k in known.units])
    both_named = _both([w.name for w in wanted], [k.name for k in known.units])
    # a building on the map often has an address and no name: there the address alone can tell
    by_both = np.where(both_named, np.maximum(by_name, by_address), addresses)
    scores = np.where(both_addressed, by_both, names)
    return [
        _best(unit, known.units, scores[i], names[i], addresses[i], least) for i, unit in enumerate(wanted)
    ]


def _both(ours: Sequence[str | None], theirs: Sequence[str | None]) -> npt.NDArray[np.bool_]:
    """Where neither is empty, shape (n, m)."""
    filled, others_filled = np.array([bool(each) for each in ours]), np.array([bool(each) for each in theirs])
    both: npt.NDArray[np.bool_] = filled[:, None] & others_filled[None, :]
    return both


def _best(
    unit: Named, known: Sequence[Named], scores: Scores, names: Scores, addresses: Scores, least: float
) -> list[Candidate]:
    found: list[Candidate] = []
    alike_enough = np.flatnonzero(scores >= least)
    for j in alike_enough[np.argsort(-scores[alike_enough], kind="stable")].tolist():
        if len(found) == MOST_CANDIDATES:
            break
        if known[j] is unit or (unit.code and known[j].code == unit.code):
            continue
        alike = (("name", names[j]), ("address", addresses[j]))
        matched = tuple(what for what, score in alike if score >= _MATCHED)
        found.append(Candidate(known[j], round(float(scores[j]), 1), matched))
    return found
