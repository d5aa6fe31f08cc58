"""Where a place of the map stands on the screen, by the view in the page's address."""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

TILE_PX = 512


def query_of(page: Page) -> dict[str, str]:
    """The page's state as its address holds it."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def view_of(page: Page) -> tuple[float, float, float]:
    """Zoom, longitude and latitude of the map's middle."""
    zoom, latitude, longitude = map(float, query_of(page)["map"].split("/"))
    return zoom, longitude, latitude


def _web_mercator(longitude: float, latitude: float) -> tuple[float, float]:
    """In units of the world's width, from the north-west corner."""
    northing = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    return (longitude + 180) / 360, (1 - northing / math.pi) / 2


def projection(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """What gives the pixel of a place in degrees, for as long as the map does not move."""
    zoom, *middle = view_of(page)
    box = page.locator(".map-canvas").bounding_box()
    middle_x, middle_y = _web_mercator(*middle)
    width_px = TILE_PX * 2**zoom

    def on_screen(longitude: float, latitude: float) -> tuple[float, float]:
        x, y = _web_mercator(longitude, latitude)
        return (
            box["x"] + box["width"] / 2 + (x - middle_x) * width_px,
            box["y"] + box["height"] / 2 + (y - middle_y) * width_px,
        )

    return on_screen


def on_screen(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    """The pixel of a place given in degrees."""
    return projection(page)(longitude, latitude)
