"""Every sentence a user reads, one catalogue a language: ``zh.toml`` first, ``en.toml`` second."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

DEFAULT_LANGUAGE = "zh"
LANGUAGES = ("zh", "en")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of one language by dotted key."""
    document = tomllib.loads((files(__package__) / f"{language}.toml").read_text(encoding="utf-8"))
    return dict(_flatten("", document))


def _flatten(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        pairs += _flatten(f"{name}.", value) if isinstance(value, dict) else [(name, value)]
    return pairs


def text(key: str, language: str = DEFAULT_LANGUAGE, *, missing: str | None = None, **values: object) -> str:
    """The sentence ``key`` in ``language`` with ``values`` filled in.

    Raises
    ------
    KeyError
        When the catalogue lacks the key and no ``missing`` text is given.
    """
    sentence = catalogue(language).get(key, missing)
    if sentence is None:
        raise KeyError(f"no message {key!r} in {language}.toml")
    return sentence.format(**values) if values else sentence
