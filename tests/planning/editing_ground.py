"""Grounds of drawn communities for edits, and points on them in degrees."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from geo_service.planning.editing import Division, EditGround, ZoneHead
from geo_service.planning.zoning.community.brief import Brief
from geo_service.planning.zoning.community.ground import survey
from tests.drawn_area import CELL_M, CODE, NORTH, WEST, draw

# A picture's cell is this many degrees wide and high: what edits read of the map need not be true to scale.
CELL = 0.001


def ground_of(
    picture: str, households: Mapping[str, int] | None = None, brief: Brief | None = None
) -> EditGround:
    """The ground of a picture; its north-western corner lies at 111 E, 34 N."""
    area = draw(picture, households)
    centres = shapely.get_coordinates(shapely.centroid(area.footprints))
    return EditGround(survey(area, brief or Brief()), degrees(centres))


def degrees(metres: np.ndarray) -> np.ndarray:
    """Positions of a picture in degrees."""
    return np.array([111.0, 34.0]) + CELL * (metres - np.array([WEST, NORTH])) / CELL_M


def division(ground: EditGround, letters: str) -> Division:
    """The zones of a string with a letter for each building, in the order of the ground; ``.`` is none."""
    signs = np.array(list(letters))
    return Division.of(
        (
            (ZoneHead(f"{CODE}{number:03d}", f"zone {number}"), np.flatnonzero(signs == sign))
            for number, sign in enumerate(sorted(set(letters) - {"."}), start=1)
        ),
        ground.buildings,
    )


def zone(number: int) -> str:
    """Code of a zone."""
    return f"{CODE}{number:03d}"


def building(number: int) -> str:
    """Code of the building that is the so manieth in reading order."""
    return f"{CODE}-B{number:04d}"


def seen(division: Division) -> str:
    """A division as letters: the zone of each building by its number, ``.`` for none."""
    return "".join(code[-1] if code else "." for code in division.code_of)
