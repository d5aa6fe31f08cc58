"""The style expressions of ``layers/`` in QGIS's own expression language."""

from __future__ import annotations

from typing import Any

from geo_service.publish.expressions import evaluate, is_expression

_COMPARE = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def qgis_expression(value: Any) -> str:
    """A QGIS expression that gives the value of a paint property for a feature.

    What depends on the zoom is taken at the zoom of a street map: QGIS counts in scales.

    >>> qgis_expression(["match", ["get", "kind"], ["river", "lake"], "#6baed6", "#777777"])
    'CASE WHEN "kind" IN (\\'river\\', \\'lake\\') THEN \\'#6baed6\\' ELSE \\'#777777\\' END'
    """
    if not is_expression(value):
        return _literal(value)
    name, *arguments = value
    if name == "get":
        return '"' + str(arguments[0]).replace('"', '""') + '"'
    if name == "literal":
        return _literal(arguments[0])
    if name in ("zoom", "interpolate"):
        return _literal(evaluate(value, {}))
    if name in _COMPARE:
        left, right = map(qgis_expression, arguments)
        return f"({left} {_COMPARE[name]} {right})"
    if name in ("all", "any"):
        return "(" + (" AND " if name == "all" else " OR ").join(map(qgis_expression, arguments)) + ")"
    if name == "!":
        return f"NOT {qgis_expression(arguments[0])}"
    if name == "coalesce":
        return f"coalesce({', '.join(map(qgis_expression, arguments))})"
    if name == "case":
        return _cases([(qgis_expression(when), then) for when, then in _pairs(arguments)], arguments[-1])
    if name == "match":
        return _match(arguments)
    if name == "step":
        return _step(arguments)
    raise ValueError(f"unknown style operator {name!r}")


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def _pairs(arguments: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(arguments[:-1:2], arguments[1::2], strict=False))


def _cases(branches: list[tuple[str, Any]], otherwise: Any) -> str:
    written = " ".join(f"WHEN {condition} THEN {qgis_expression(outcome)}" for condition, outcome in branches)
    return f"CASE {written} ELSE {qgis_expression(otherwise)} END"


def _match(arguments: list[Any]) -> str:
    found, *branches = arguments
    branch_of = [
        (label if isinstance(label, list) else [label], outcome) for label, outcome in _pairs(branches)
    ]
    return _cases(
        [
            (f"{qgis_expression(found)} IN ({', '.join(map(_literal, labels))})", outcome)
            for labels, outcome in branch_of
        ],
        branches[-1],
    )


def _step(arguments: list[Any]) -> str:
    found, lowest, *stops = arguments
    # The highest threshold that is reached decides; a missing value reaches none.
    rising = list(zip(stops[::2], stops[1::2], strict=True))
    return _cases(
        [
            (f"{qgis_expression(found)} >= {_literal(threshold)}", outcome)
            for threshold, outcome in rising[::-1]
        ],
        lowest,
    )
