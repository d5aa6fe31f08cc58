"""Outlines in answers: GeoJSON in degrees (EPSG:4490, where nothing else is said)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from geo_service.api.answers.answer import Answer

Position = Annotated[list[float], Field(min_length=2, max_length=2, description="Longitude and latitude")]


Rings = list[list[Position]]


class DrawnPolygon(Answer):
    """GeoJSON Polygon in degrees."""

    type: Literal["Polygon"]
    coordinates: Rings


class DrawnArea(Answer):
    """GeoJSON MultiPolygon in degrees."""

    type: Literal["MultiPolygon"]
    coordinates: list[Rings]
