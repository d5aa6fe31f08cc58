"""Which unit a ledger row is about: by its code, as a person confirms it, or by a spelling confirmed before.

What only looks alike is offered and never taken: two compounds of one estate often differ in a numeral.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.exchange.checking import Batch
from geo_service.exchange.field import header_key
from geo_service.exchange.ledger_checking import refuse_second_rows
from geo_service.planning.spelling import ALIKE, Candidate, Named, candidates

# A new code says that the unit is another one: only a name that is nearly the same casts doubt on it.
_NEARLY_THE_SAME = 90.0

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class KnownNames:
    """What the database knows units by.

    Parameters
    ----------
    units : mapping of str to list of Named
        By community.
    codes : collection of str
        Every code of the ledger that is a unit's already.
    aliases : mapping of (community, spelling, written code) to str
    """

    units: Mapping[str, Sequence[Named]]
    codes: Collection[str]
    aliases: Mapping[tuple[str, str, str], str]


@dataclass(frozen=True)
class Confirmed:
    """A spelling that a person has recognised, by the row's index."""

    row: int
    spelling: str
    written_code: str


def recognise(batch: Batch, known: KnownNames, matches: Mapping[int, str]) -> list[Confirmed]:
    """Settle ``values["code"]`` of every row, reject rows that are left without, offer what they may be.

    A row that is recognised speaks of its unit, but does not rename it.
    """
    written = batch.values["code"].copy()
    by_code = {unit.code: unit for units in known.units.values() for unit in units}
    confirmed = _confirm(batch, written, by_code, known, matches)
    _recall(batch, written, known, set(matches))
    codes = batch.values["code"]
    lacking = np.array([code is None for code in codes.tolist()], dtype=bool)
    standing = batch.findings.accepted.copy()
    batch.findings.reject(lacking, "code", "import.value_missing")
    taken_over = codes != written
    batch.values["name"][taken_over] = None
    new = standing & ~lacking & ~taken_over
    new &= np.array([code not in known.codes for code in codes.tolist()], dtype=bool)
    _offer(batch, known, lacking & standing, new)
    _refuse_second(batch, taken_over)
    return confirmed


def _confirm(
    batch: Batch,
    written: npt.NDArray[np.generic],
    by_code: Mapping[str, Named],
    known: KnownNames,
    matches: Mapping[int, str],
) -> list[Confirmed]:
    count = len(written)
    unknown, other = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    wanted = np.full(count, "", dtype=object)
    rows_by_code = {code: i for i, code in enumerate(written.tolist()) if batch.findings.accepted[i]}
    confirmed = []
    for i, code in matches.items():
        own, name = written[i], batch.values["name"][i]
        wanted[i] = code
        other[i] = own in known.codes and own != code
        unknown[i] = code not in by_code and rows_by_code.get(code, i) == i
        if not (other[i] or unknown[i] or own == code):
            batch.values["code"][i] = code
            if name is not None:
                confirmed.append(Confirmed(i, header_key(name), own or ""))
    batch.findings.reject(other, "code", "import.match_has_code", {"own": written, "code": wanted})
    batch.findings.reject(unknown, "code", "import.match_unknown", {"code": wanted})
    return confirmed


def _recall(
    batch: Batch, written: npt.NDArray[np.generic], known: KnownNames, matched: Collection[int]
) -> None:
    recalled = np.zeros(len(written), dtype=bool)
    names = batch.values["name"].tolist()
    for i, (name, community) in enumerate(zip(names, batch.values["community_code"].tolist(), strict=True)):
        if name is None or i in matched or written[i] in known.codes:
            continue
        code = known.aliases.get((community, header_key(name), written[i] or ""))
        if code is not None:
            batch.values["code"][i], recalled[i] = code, True
    shown = {"name": names, "code": batch.values["code"]}
    batch.findings.warn(recalled, "code", "import.alias_known", shown)


def _offer(batch: Batch, known: KnownNames, lacking: Flags, new: Flags) -> None:
    """Candidates for rows without a code or with a new one: units of their community and other new rows."""
    names, addresses, codes = (batch.values[name].tolist() for name in ("name", "address", "code"))
    communities = batch.values["community_code"].tolist()
    row_of = {codes[i]: i for i in np.flatnonzero(new).tolist()}
    by_community: dict[str, list[int]] = {}
    for i in np.flatnonzero(lacking | new).tolist():
        if communities[i] is not None and names[i] is not None:
            by_community.setdefault(communities[i], []).append(i)
    for community, rows in by_community.items():
        wanted = [Named(codes[i] or "", names[i], addresses[i]) for i in rows]
        others = [unit for unit, i in zip(wanted, rows, strict=True) if new[i]]
        choice = [*known.units.get(community, ()), *others]
        for i, found in zip(rows, candidates(wanted, choice), strict=True):
            least = ALIKE if lacking[i] else _NEARLY_THE_SAME
            offered = [
                each
                for each in found
                # Of two new rows that are alike the later one is told so.
                if each.score >= least and (lacking[i] or row_of.get(each.unit.code, -1) < i)
            ]
            if offered:
                shown = {"name": names[i], "best": offered[0].unit.name, "count": len(offered)}
                batch.findings.offer(i, "import.candidates", [_described(c) for c in offered], shown)


def _described(candidate: Candidate) -> dict[str, object]:
    return {
        "code": candidate.unit.code,
        "name": candidate.unit.name,
        "address": candidate.unit.address,
        "score": candidate.score,
        "matched": list(candidate.matched),
    }


def _refuse_second(batch: Batch, taken_over: Flags) -> None:
    """Where a row of the unit's own code is there too, it speaks for the unit."""
    codes = batch.values["code"]
    order = sorted(np.flatnonzero(batch.findings.accepted).tolist(), key=lambda i: bool(taken_over[i]))
    first: dict[str, int] = {}
    repeated = np.zeros(len(codes), dtype=bool)
    for i in order:
        repeated[i] = first.setdefault(codes[i], i) != i
    refuse_second_rows(repeated, codes, first, batch.table, batch.findings)
