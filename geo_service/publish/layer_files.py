"""Read the files of ``layers/``, and collect what is wrong with them: every fault with its file and field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service import messages
from geo_service.errors import InvalidInput
from geo_service.publish.model import Words

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Fault:
    """Something wrong with a layer: the file, the field in it, and the sentence."""

    file: str
    field: str
    key: str
    values: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """One entry of the error's details."""
        return {
            "file": self.file,
            "field": self.field,
            "key": self.key,
            "message_zh": messages.text(self.key, "zh", **self.values),
            "message_en": messages.text(self.key, "en", **self.values),
        }


class Faults:
    """The faults of one folder, collected so that all are reported at once, each once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, file: str, field: str, key: str, **values: object) -> None:
        """Note one fault; ``key`` is a message under ``layers.fault``."""
        fault = Fault(file, field, f"layers.fault.{key}", values)
        # What two layers share is read for each of them.
        if fault not in self.found:
            self.found.append(fault)

    def raise_if_any(self, folder: Path) -> None:
        """Raise InvalidInput naming every fault."""
        if self.found:
            first = self.found[0]
            raise InvalidInput(
                "layers.faulty",
                where=str(folder),
                details=[fault.as_json() for fault in self.found],
                count=len(self.found),
                first=f"{first.file} [{first.field}]",
            )


def read_text(path: Path, label: str, faults: Faults) -> str:
    """The text of a file; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        faults.add(label, "", "file_missing")
    except (OSError, UnicodeDecodeError) as error:
        faults.add(label, "", "file_unreadable", reason=str(error))
    return ""


def read_toml(path: Path, label: str, faults: Faults) -> dict[str, Any]:
    """A TOML document; empty where it cannot be read."""
    try:
        return tomllib.loads(read_text(path, label, faults))
    except tomllib.TOMLDecodeError as error:
        faults.add(label, "", "not_toml", reason=str(error))
    return {}


def read_words(entry: object, file: str, field: str, faults: Faults) -> Words:
    """A text in both languages."""
    table = entry if isinstance(entry, dict) else {}
    for language in messages.LANGUAGES:
        if not isinstance(table.get(language), str) or not table[language].strip():
            faults.add(file, f"{field}.{language}", "text_missing", part=language)
    return Words(str(table.get("zh", "")), str(table.get("en", "")))


def read_word_list(entry: object, file: str, field: str, faults: Faults) -> dict[str, Words]:
    """Texts in both languages by what they stand for."""
    if not isinstance(entry, dict):
        faults.add(file, field, "not_a_table")
        return {}
    return {code: read_words(words, file, f"{field}.{code}", faults) for code, words in entry.items()}


def read_flag(
    document: Mapping[str, Any], name: str, file: str, faults: Faults, *, place: str = "", default: bool
) -> bool:
    """True or false, as the entry ``name`` says."""
    given = document.get(name, default)
    if not isinstance(given, bool):
        faults.add(file, place + name, "not_boolean")
        return default
    return given


def check_entries(
    document: Mapping[str, Any], known: Sequence[str], file: str, place: str, faults: Faults
) -> None:
    """Note every entry that means nothing here: a slip of the pen would else go unseen."""
    for name in sorted(set(document) - set(known)):
        faults.add(file, f"{place}{name}", "entry_unknown", name=name, known=", ".join(known))
