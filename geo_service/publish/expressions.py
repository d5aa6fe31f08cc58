"""The part of MapLibre's style expressions that layers may use, so that a printed map and a legend can be
coloured by the very ``style.json`` the web map reads.

Operators: ``get``, ``literal``, ``match``, ``step``, ``case``, ``coalesce``, ``==``, ``!=``, ``<``, ``<=``,
``>``, ``>=``, ``all``, ``any``, ``!``, ``zoom`` and linear ``interpolate`` over zoom.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = frozenset(_COMPARE) | {
    "get", "literal", "match", "step", "case", "coalesce", "all", "any", "!", "zoom", "interpolate",
}  # fmt: skip


def is_expression(value: object) -> bool:
    """True for an operator with its arguments, such as ``["get", "status"]``."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def _nested(expression: list[Any]) -> Iterator[list[Any]]:
    yield expression
    if expression[0] in ("literal", "get"):
        return
    skipped = {1} if expression[0] == "interpolate" else set()
    for place, part in enumerate(expression):
        if place in skipped:
            continue
        # The labels of a match may be lists of plain values.
        is_label = expression[0] == "match" and place >= 2 and place % 2 == 0 and place < len(expression) - 1
        if is_expression(part) and not is_label:
            yield from _nested(part)


def fields_used(value: object) -> set[str]:
    """Names of the feature properties ``value`` reads."""
    if not is_expression(value):
        return set()
    return {part[1] for part in _nested(value) if part[0] == "get" and len(part) > 1}  # type: ignore[arg-type]


def unknown_operators(value: object) -> set[str]:
    """Operators in ``value`` that ``evaluate`` does not know."""
    if not is_expression(value):
        return set()
    return {str(part[0]) for part in _nested(value)} - OPERATORS  # type: ignore[arg-type]


def codes_named(value: object) -> set[tuple[str, str]]:
    """Which coded values of which fields ``value`` names: the labels of a match, and what is held equal."""
    if not is_expression(value):
        return set()
    found: set[tuple[str, str]] = set()
    for name, *arguments in _nested(value):  # type: ignore[arg-type]
        if name not in ("match", "==", "!=") or not is_expression(arguments[0]):
            continue
        operator_, *read = arguments[0]
        if operator_ == "coalesce" and is_expression(read[0]):
            operator_, *read = [*read[0], *read[1:]]
        if operator_ != "get":
            continue
        # After the field comes what stands for a missing value, which is no code of it.
        field, *absent = read
        labels = arguments[1:-1:2] if name == "match" else arguments[1:]
        for label in labels:
            codes = label if isinstance(label, list) else [label]
            if name == "match" or not is_expression(label):
                found |= {(field, code) for code in codes if isinstance(code, str) and code not in absent}
    return found


def evaluate(value: Any, properties: Mapping[str, Any], zoom: float = 16.0) -> Any:
    """The value of a paint property for one feature.

    Parameters
    ----------
    value : constant or expression
    properties : mapping
        The feature's properties; a missing one is None.
    zoom : float
        Map zoom, for ``interpolate`` and ``zoom``.
    """
    if not is_expression(value):
        return value
    name, *arguments = value

    def of(argument: Any) -> Any:
        return evaluate(argument, properties, zoom)

    if name == "get":
        return properties.get(arguments[0])
    if name == "literal":
        return arguments[0]
    if name == "zoom":
        return zoom
    if name in _COMPARE:
        left, right = of(arguments[0]), of(arguments[1])
        if name not in ("==", "!=") and (left is None or right is None):
            return False
        return _COMPARE[name](left, right)
    if name in ("all", "any"):
        return (all if name == "all" else any)(of(argument) for argument in arguments)
    if name == "!":
        return not of(arguments[0])
    if name == "coalesce":
        return next((found for found in map(of, arguments) if found is not None), None)
    if name == "case":
        for condition, outcome in zip(arguments[:-1:2], arguments[1::2], strict=False):
            if of(condition):
                return of(outcome)
        return of(arguments[-1])
    if name == "match":
        return _match(of(arguments[0]), arguments[1:], of)
    if name == "step":
        return _step(of(arguments[0]), arguments[1:], of)
    if name == "interpolate":
        return _interpolate(of(arguments[1]), arguments[2:], of)
    raise ValueError(f"unknown style operator {name!r}")


def _match(found: Any, branches: list[Any], of: Callable[[Any], Any]) -> Any:
    for label, outcome in zip(branches[:-1:2], branches[1::2], strict=False):
        if found in (label if isinstance(label, list) else [label]):
            return of(outcome)
    return of(branches[-1])


def _step(found: Any, stops: list[Any], of: Callable[[Any], Any]) -> Any:
    outcome = stops[0]
    for threshold, following in zip(stops[1::2], stops[2::2], strict=True):
        if found is not None and found >= threshold:
            outcome = following
    return of(outcome)


def _interpolate(found: float, stops: list[Any], of: Callable[[Any], Any]) -> Any:
    inputs, outputs = stops[::2], [of(output) for output in stops[1::2]]
    if found <= inputs[0]:
        return outputs[0]
    for low, high, start, end in zip(inputs, inputs[1:], outputs, outputs[1:], strict=False):
        if found <= high:
            return start + (end - start) * (found - low) / (high - low)
    return outputs[-1]
