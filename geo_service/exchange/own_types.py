"""Types that a district's own plan sorts its units into, besides those of the plans that ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo_service.exchange.field import FileKind


@dataclass(frozen=True)
class OwnType:
    """One of them.

    Parameters
    ----------
    fact : str
        The column of the ledger that holds it.
    key : str
        What is stored.
    title_zh, title_en : str
        What a cell may say, too.
    """

    fact: str
    key: str
    title_zh: str
    title_en: str


def with_types(kind: FileKind, own: Sequence[OwnType]) -> FileKind:
    """A kind of file whose columns of types take a district's own words; of two alike the later one."""
    words: dict[str, dict[str, str]] = {}
    for each in own:
        said = dict.fromkeys((each.key, each.title_zh, each.title_en), each.key)
        words.setdefault(each.fact, {}).update(said)
    fields = tuple(
        replace(field, choices={**field.choices, **words[field.name]}) if field.name in words else field
        for field in kind.fields
    )
    return replace(kind, fields=fields)
