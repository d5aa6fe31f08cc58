"""How sentences speak of buildings and zones: by the names people know them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo_service import messages
from geo_service.planning.model import Finding


@dataclass(frozen=True)
class Names:
    """What the codes of one community are called.

    Parameters
    ----------
    buildings : mapping of str to str
        Name of each building by code, empty where it has none.
    zones : mapping of str to str
        Name each zone was given, by code; empty for the one it was drawn with, which is its number.
    """

    community_code: str = ""
    buildings: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)

    def said(self, value: object, language: str) -> object:
        """A code as a reader of ``language`` finds it; any other value as it is."""
        if not isinstance(value, str):
            return value
        if name := self.buildings.get(value):
            return messages.text("zoning.named_building", language, name=name, code=value)
        if value in self.buildings or value not in self.zones:
            return value
        number = value.removeprefix(self.community_code).lstrip("0")
        return self.zones[value] or messages.text("zoning.zone_number", language, number=number)

    def sentences(self, prefix: str, finding: Finding) -> dict[str, str]:
        """The finding's sentence in each language, under ``<prefix>_<language>``."""
        return {
            f"{prefix}_{language}": messages.text(
                finding.key,
                language,
                **{key: self.said(value, language) for key, value in finding.values.items()},
            )
            for language in messages.LANGUAGES
        }

    def finding_json(self, finding: Finding) -> dict[str, Any]:
        """A finding with its sentence in both languages."""
        return {"key": finding.key, "where": finding.where, **self.sentences("message", finding)}
