"""What a server fetches at its start, so that the first planner to edit need not wait for it."""

from __future__ import annotations

import numpy as np

from geo_service import messages
from geo_service.planning.patrol import FEWEST_TO_ORDER, MOST_EXACT_QUICKLY, quick_walking_order


def make_ready() -> None:
    """Load the compiled searches that every edit uses, and the sentences; half a second, once a process."""
    for language in messages.LANGUAGES:
        messages.catalogue(language)
    for buildings in (FEWEST_TO_ORDER, MOST_EXACT_QUICKLY + 1):
        along_a_line_m = np.arange(buildings, dtype=np.float64)
        quick_walking_order(np.abs(along_a_line_m[:, None] - along_a_line_m))
