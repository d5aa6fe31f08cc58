"""The fields that a ``layer.toml`` declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.publish.layer_files import (
    NAME,
    Faults,
    check_entries,
    read_flag,
    read_word_list,
    read_words,
)
from geo_service.publish.model import FIELD_TYPES, GEOMETRY_COLUMNS, ITEMS_PARAMETERS, Field, Words

_ENTRIES = ("name", "title", "type", "unit", "values", "values_of", "in_tiles", "total", "ratio")

WordLists = Mapping[str, Mapping[str, Words]]


def read_fields(entries: object, words: WordLists, file: str, faults: Faults) -> list[Field]:
    """Every field, in the order of the file.

    Parameters
    ----------
    words : mapping
        The lists that a field's ``values_of`` may name.
    """
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        faults.add(file, "fields", "fields_missing")
        return []
    fields: list[Field] = []
    for place, entry in enumerate(entries, start=1):
        name = entry.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in GEOMETRY_COLUMNS:
            faults.add(file, f"fields[{place}].name", "bad_name", name=name)
            continue
        if name in ITEMS_PARAMETERS:
            faults.add(file, f"fields.{name}", "name_is_parameter", name=name)
        if any(field.name == name for field in fields):
            faults.add(file, f"fields.{name}", "listed_twice", name=name)
        fields.append(_read_field(name, entry, words, file, faults))
    names = {field.name for field in fields}
    for field in fields:
        if field.ratio and not names.issuperset(field.ratio):
            faults.add(file, f"fields.{field.name}.ratio", "field_unknown", name=" / ".join(field.ratio))
    return fields


def _read_field(name: str, entry: dict[str, Any], words: WordLists, file: str, faults: Faults) -> Field:
    place = f"fields.{name}"
    check_entries(entry, _ENTRIES, file, f"{place}.", faults)
    kind = entry.get("type")
    if kind not in FIELD_TYPES:
        faults.add(file, f"{place}.type", "not_one_of", choices=", ".join(FIELD_TYPES))
    if kind in ("integer", "number") and not isinstance(entry.get("unit"), str):
        faults.add(file, f"{place}.unit", "unit_missing")
    ratio = entry.get("ratio")
    if ratio is not None and (not isinstance(ratio, list) or len(ratio) != 2):
        faults.add(file, f"{place}.ratio", "ratio_pair")
        ratio = None
    values_of = entry.get("values_of", "")
    if values_of and values_of not in words:
        faults.add(file, f"{place}.values_of", "words_unknown", name=values_of, known=", ".join(words))
    own = read_word_list(entry.get("values", {}), file, f"{place}.values", faults)
    return Field(
        name=name,
        title=read_words(entry.get("title"), file, f"{place}.title", faults),
        type=str(kind),
        unit=str(entry.get("unit", "")),
        values=own or words.get(values_of, {}),
        in_tiles=read_flag(entry, "in_tiles", file, faults, place=f"{place}.", default=True),
        total=read_flag(entry, "total", file, faults, place=f"{place}.", default=False),
        ratio=(str(ratio[0]), str(ratio[1])) if ratio else None,
        values_of=values_of,
    )
