"""Read a profile from its TOML document; every fault is named with its line and field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from geo_service import messages
from geo_service.errors import InvalidInput, NotFound
from geo_service.planning.policy.lines import dotted, line_of
from geo_service.planning.policy.profile import Profile

DEFAULT_PROFILE = "county_2024"
"""What a deployment goes by until it has chosen."""

# Kinds of fault of the validating library that have a sentence of their own.
_SENTENCES = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "literal_error": "not_allowed",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "finite_number": "not_finite",
    "too_short": "empty",
    "string_too_short": "empty",
    "string_too_long": "too_long",
    "string_pattern_mismatch": "not_a_key",
}


def shipped_profiles() -> tuple[str, ...]:
    """Keys of the profiles that come with the service, in alphabetical order."""
    return tuple(sorted(_shipped()))


@cache
def load_profile(key: str) -> Profile:
    """The profile that ships as ``profiles/<key>.toml``.

    Raises
    ------
    NotFound
        When no such profile ships.
    InvalidInput
        When its document is wrong.
    """
    shipped = _shipped()
    if key not in shipped:
        raise NotFound("policy.unknown", where=key, profile=key, known=", ".join(sorted(shipped)))
    return read_profile(key, shipped[key])


@cache
def _shipped() -> Mapping[str, str]:
    folder = files(__package__) / "profiles"
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


def read_profile(key: str, document: str, *, file: str | None = None) -> Profile:
    """A profile from the text of a TOML document.

    Parameters
    ----------
    key : str
        What the profile is called.
    document : str
    file : str, optional
        What faults name; ``<key>.toml`` by default.

    Raises
    ------
    InvalidInput
        When the document is not TOML, or fields are missing, unknown or out of range; ``details`` has every
        fault with its line (``row``), ``field`` and reason.
    """
    file = file or f"{key}.toml"
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("policy.not_toml", where=file, reason=str(error)) from error
    if table.setdefault("key", key) != key:
        other = {"loc": ("key",), "type": "literal_error", "input": table["key"], "ctx": {"expected": key}}
        raise _refusal(file, [_fault(file, document, {**other, "msg": ""})])
    try:
        return Profile.model_validate(table)
    except ValidationError as refused:
        faults = _each(_own(refused.errors(include_url=False)))
        raise _refusal(file, [_fault(file, document, fault) for fault in faults]) from refused


def profile_schema() -> dict[str, Any]:
    """The JSON Schema of a profile's document, made from the code that reads it."""
    schema = Profile.model_json_schema()
    # a file need not repeat its own name
    schema["required"].remove("key")
    return schema


def _refusal(file: str, faults: list[dict[str, Any]]) -> InvalidInput:
    faults = sorted(faults, key=lambda fault: fault["row"])
    where = f"{file}:{faults[0]['row']}"
    return InvalidInput("policy.document_wrong", where=where, details=faults, count=len(faults))


def _own(faults: list[Any]) -> list[Any]:
    """Without the lists that are called too short only because an entry of theirs is wrong."""
    around = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in around]


def _each(faults: list[Any]) -> list[Any]:
    """With faults that were raised together one by one, each at the field it is about."""
    found = []
    for fault in faults:
        context = fault.get("ctx", {})
        alone = context["faults"] if fault["type"] == "faults" else [context]
        for each in alone:
            kind = "fault" if "at" in each else fault["type"]
            place = (*fault["loc"], *each.get("at", ()))
            found.append({**fault, "type": kind, "loc": place, "ctx": each})
    return found


def _fault(file: str, document: str, fault: Any) -> dict[str, Any]:
    """One fault of the validating library as a detail of ours."""
    place = fault["loc"]
    kind = fault["type"]
    # a fault of our own says itself what was given: the input is then all of the part it stands in
    values = {"given": _shown(fault["input"]), "reason": fault["msg"]}
    values |= {key: value for key, value in fault.get("ctx", {}).items() if key not in ("key", "error", "at")}
    if kind == "fault":
        name = str(fault["ctx"]["key"])
    else:
        name = _SENTENCES.get(kind, "wrong_kind" if kind.endswith(("_type", "_parsing")) else "other")
    return {
        "file": file,
        "row": line_of(document, place),
        "field": dotted(place),
        "key": f"policy.fault.{name}",
        **{
            f"reason_{language}": messages.text(f"policy.fault.{name}", language, **_bounds(values))
            for language in messages.LANGUAGES
        },
    }


def _bounds(values: dict[str, Any]) -> dict[str, Any]:
    """A limit is called ``limit`` whichever side it bounds."""
    limits = [values[name] for name in ("gt", "ge", "lt", "le", "max_length", "min_length") if name in values]
    return {"limit": limits[0] if limits else "", "expected": "", **values}


def _shown(value: object) -> str:
    """What was given, as long as it is a single value."""
    return "" if isinstance(value, dict | list) else str(value)[:80]
