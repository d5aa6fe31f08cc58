"""How compact a zone is."""

from __future__ import annotations

import math

from shapely.geometry.base import BaseGeometry


def compactness(outline: BaseGeometry) -> float:
    """4 pi area / perimeter^2: 1 for a disc, 0.785 for a square, near 0 for a thread; 0 for nothing.

    Polsby and Popper, "The Third Criterion", Yale Law & Policy Review 9 (1991).
    """
    if outline.length == 0:
        return 0.0
    return float(min(1.0, 4 * math.pi * outline.area / outline.length**2))
