"""Outlines in answers: GeoJSON in degrees (EPSG:4490)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer

Position = Annotated[list[float], Field(min_length=2, max_length=2, description="Longitude and latitude")]


class DrawnArea(Answer):
    """GeoJSON MultiPolygon in degrees (EPSG:4490)."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[Position]]]
