"""Find a Chinese typeface on this machine; without one a map would show empty boxes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib import font_manager

from geo_service.errors import Unavailable

# Simplified Chinese first; the others of the same designs differ only in the shape of some strokes.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
)
_FILE_NAMES = ("notosanscjk", "notosanssc", "sourcehansans", "wqy-", "msyh", "simhei", "pingfang", "hiragino")


@cache
def chinese_family() -> str:
    """Name of the typeface family to write with.

    Raises
    ------
    Unavailable
        When the machine has no Chinese typeface.
    """
    found = _first_known()
    if found is None:
        # matplotlib keeps a list of typefaces from its first start: one installed since is added here.
        for path in font_manager.findSystemFonts():
            if Path(path).name.lower().startswith(_FILE_NAMES):
                font_manager.fontManager.addfont(path)
        found = _first_known()
    if found is None:
        raise Unavailable("export.no_chinese_typeface")
    return found


def _first_known() -> str | None:
    present = {entry.name for entry in font_manager.fontManager.ttflist if Path(entry.fname).exists()}
    return next((family for family in FAMILIES if family in present), None)
