"""Which management unit each ledger row speaks of, and which community it is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from geo_service.exchange.checking import Batch
from geo_service.exchange.field import header_key
from geo_service.exchange.fields import STANDALONE

_SUFFIX = "社区"


@dataclass(frozen=True)
class KnownUnit:
    """A unit the map already has."""

    community_code: str
    household_count: int
    standalone: bool = True


@dataclass(frozen=True)
class NamedArea:
    """An area as a ledger may name it."""

    code: str
    kind: str
    name: str
    lineage: Sequence[str]


def settle_communities(batch: Batch, areas: Sequence[NamedArea]) -> None:
    """Turn the community each row names into ``values["community_code"]``; a code beside a name decides."""
    names = {area.code: area.name for area in areas}
    communities = [area for area in areas if area.kind == "community"]
    by_code = {area.code: area.code for area in communities}
    by_name: dict[str, list[NamedArea]] = {}
    for area in communities:
        by_name.setdefault(_short(area.name), []).append(area)
    count = len(batch.table)
    codes = np.full(count, None, dtype=object)
    several = np.zeros(count, dtype=bool)
    coded = batch.values["community_code"].tolist()
    written = batch.values["community"].tolist()
    for i, (community, subdistrict) in enumerate(
        zip(written, batch.values["subdistrict"].tolist(), strict=True)
    ):
        if coded[i] is not None:
            codes[i] = by_code.get(coded[i])
            continue
        if community is None:
            continue
        named = by_name.get(_short(community), [])
        if len(named) > 1 and subdistrict is not None:
            within = [
                a
                for a in named
                if any(header_key(names.get(c, "")) == header_key(subdistrict) for c in a.lineage)
            ]
            named = within or named
        codes[i] = by_code.get(community) or (named[0].code if len(named) == 1 else None)
        several[i] = codes[i] is None and len(named) > 1
    unknown = np.array([name is not None for name in written], dtype=bool) & (codes == None)  # noqa: E711
    shown = {"code": [code or name for code, name in zip(coded, written, strict=True)]}
    batch.findings.reject(unknown & ~several, "community", "import.community_unknown", shown)
    batch.findings.reject(several, "community", "import.community_ambiguous", {"code": written})
    batch.values["community_code"] = codes


def _short(name: str) -> str:
    key = header_key(name)
    return key.removesuffix(_SUFFIX) or key


def settle_units(
    batch: Batch, compounds: Mapping[str, KnownUnit], buildings: Mapping[str, KnownUnit]
) -> npt.NDArray[np.object_]:
    """``building`` or ``compound`` for every row, with what the map contradicts found and said.

    A row that says standalone, or else is of class C, is a standalone building and must be on the map; any
    other is a compound, which may be new.
    """
    findings, codes = batch.findings, batch.values["code"].tolist()

    def alone(code: str, said: str | None, wanted: str | None) -> bool:
        if said is not None or code in compounds:
            return said == STANDALONE
        return wanted == "C" or (code in buildings and buildings[code].standalone)

    said, classes = batch.values["kind"].tolist(), batch.values["implementation_class"].tolist()
    is_building = np.array([alone(*row) for row in zip(codes, said, classes, strict=True)], dtype=bool)
    absent = np.array([code not in buildings for code in codes], dtype=bool)
    findings.reject(is_building & absent & _said(codes), "code", "import.building_unknown", {"code": codes})
    inside = np.array([code in buildings and not buildings[code].standalone for code in codes], dtype=bool)
    findings.reject(is_building & inside, "code", "import.building_in_compound", {"code": codes})
    new = np.array([code is not None and code not in compounds for code in codes], dtype=bool)
    findings.warn(~is_building & new, "code", "import.no_location")
    known = [
        (buildings if building else compounds).get(code)
        for code, building in zip(codes, is_building, strict=True)
    ]
    _compare_with_map(batch, known)
    return np.where(is_building, "building", "compound").astype(object)


def _said(cells: Sequence[object]) -> npt.NDArray[np.bool_]:
    return np.array([cell is not None for cell in cells], dtype=bool)


def _compare_with_map(batch: Batch, known: Sequence[KnownUnit | None]) -> None:
    """The map says which community a unit is in; the ledger says how many households it has."""
    stated = batch.values["community_code"]
    mapped = [unit.community_code if unit else None for unit in known]
    differs = np.array(
        [m is not None and s is not None and m != s for m, s in zip(mapped, stated, strict=True)], dtype=bool
    )
    batch.findings.warn(
        differs, "community", "import.community_differs_from_map", {"code": stated, "other": mapped}
    )
    batch.values["community_code"] = np.array(
        [m or s for m, s in zip(mapped, stated, strict=True)], dtype=object
    )
    households = batch.values["household_count"]
    counted = np.array([float(unit.household_count) if unit else 0.0 for unit in known])
    conflict = (counted > 0) & ~np.isnan(households) & (counted != households)
    batch.findings.warn(
        conflict,
        "household_count",
        "import.households_differ",
        {"ledger": [f"{n:g}" for n in households.tolist()], "map": [f"{n:g}" for n in counted.tolist()]},
    )
    batch.findings.warn(np.isnan(households) & (counted == 0), "household_count", "import.households_empty")
    batch.values["household_count"] = np.where(np.isnan(households), counted, households)


@dataclass(frozen=True)
class Service:
    """How one row says its unit is managed."""

    row: int
    form: str
    step: str
    starts: date
    dated: bool


_FIRST_STEP = "planned"
_STEPS_BEFORE_SERVICE = ("planned", "assigned")


def services(batch: Batch, on: date) -> dict[int, Service]:
    """What each accepted row says of its management, by the row's index; rows without a form say nothing.

    A form without a step is a plan; a step without a date begins on the day ``on`` that is spoken of.
    """
    forms, steps, starts = (batch.values[name].tolist() for name in ("form", "step", "service_from"))
    formless = np.array(
        [step is not None and form is None for form, step in zip(forms, steps, strict=True)], dtype=bool
    )
    batch.findings.warn(formless, "form", "import.step_without_form")
    undated = np.array(
        [
            f is not None and s not in (None, *_STEPS_BEFORE_SERVICE) and d is None
            for f, s, d in zip(forms, steps, starts, strict=True)
        ],
        dtype=bool,
    )
    batch.findings.warn(
        undated, "service_from", "import.service_undated", {"date": [on.isoformat()] * len(forms)}
    )
    return {
        i: Service(
            int(batch.table.rows[i]),
            forms[i],
            steps[i] or _FIRST_STEP,
            starts[i] or on,
            starts[i] is not None,
        )
        for i in np.flatnonzero(batch.findings.accepted).tolist()
        if forms[i] is not None
    }
