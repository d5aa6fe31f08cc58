"""What shows that a bulletin was not changed, and what in it has turned out otherwise since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_COUNTED = ("numerator", "denominator", "score", "passes", "compliant", "not_compliant", "not_scored")
_TABLES = ("rows", "areas", "responsible_units")
_BESIDE = ("reports", "proposals", "left_out")


def digest(figures: Mapping[str, Any]) -> str:
    """SHA-256 of figures in one canonical spelling, so that anybody can check that nothing was changed."""
    spelled = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode("utf-8")).hexdigest()


def differences(told: Mapping[str, Any], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows, and the whole, of which something else was told than is known; what was and what is.

    Counts and scores always stand there; reports, proposals and what was left out where they differ.
    """
    was, now = (_rows(figures, told) for figures in (told, known))
    found = [
        {"code": code, "name": (now.get(code) or was[code])["name"], **_pair(was.get(code), now.get(code))}
        for code in sorted({*was, *now})
    ]
    found.append({"code": None, "name": None, **_pair(told["total"], known["total"])})
    return [each for each in found if each["told"] != each["known"]]


def _rows(figures: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Rows by code, of the tables that the bulletin has."""
    tables = [table for table in _TABLES if table in told]
    return {row["code"]: row for table in tables for row in figures.get(table, ())}


def _pair(told: Mapping[str, Any] | None, known: Mapping[str, Any] | None) -> dict[str, Any]:
    either = {**(told or {}), **(known or {})}
    shown = [key for key in _COUNTED if key in either]
    if told is not None and known is not None:
        # a bulletin of an earlier version of this service does not say them at all
        shown += [key for key in _BESIDE if key in told and told[key] != known.get(key)]
    return {"told": _of(told, shown), "known": _of(known, shown)}


def _of(row: Mapping[str, Any] | None, keys: list[str]) -> dict[str, Any] | None:
    return None if row is None else {key: row.get(key) for key in keys}
