"""In which line of a TOML document a field stands; the standard library's reader does not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

Place = tuple[str | int, ...]
"""The way to a field: names of tables and fields, and places in lists."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*(?P<name>[^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?P<name>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(document: str, place: Sequence[str | int]) -> int:
    """The line of a field, or of the nearest table or list around it that has a line of its own.

    Parameters
    ----------
    document : str
        A TOML document that can be read.
    place : sequence of str and int
        Names of tables and fields, and places in lists.

    Returns
    -------
    int
        From 1.
    """
    lines = _lines(document)
    wanted = tuple(place)
    while wanted and wanted not in lines:
        wanted = wanted[:-1]
    return lines.get(wanted, 1)


def dotted(place: Place) -> str:
    """A place as people write it: ``targets[0].milestones[1].percent``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _lines(document: str) -> dict[Place, int]:
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(document.splitlines(), start=1):
        header = _HEADER.match(line)
        if header and _is_whole(line):
            table = _enter(_names(header["name"]), counts, is_list=header[1] == "[[")
            for depth in range(1, len(table) + 1):
                lines.setdefault(table[:depth], number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault(table + _names(key["name"]), number)
    return lines


def _is_whole(line: str) -> bool:
    """Whether a line is a header, not a list within a value that runs over several lines."""
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _enter(names: tuple[str, ...], counts: dict[Place, int], *, is_list: bool) -> Place:
    """The place of a header's table: in a list of tables, the one begun last."""
    place: Place = ()
    for depth, name in enumerate(names):
        place += (name,)
        if is_list and depth == len(names) - 1:
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place += (counts[place] - 1,)
    return place


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))
