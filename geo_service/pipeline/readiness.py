"""What a server fetches at its start, so that the first planner to edit need not wait for it."""

from __future__ import annotations

import numpy as np

from geo_service import messages
from geo_service.planning.patrol import FEWEST_TO_ORDER, MOST_EXACT, walking_order


def make_ready() -> None:
    """Load the compiled searches that every edit uses, and the sentences; half a second, once a process."""
    for language in messages.LANGUAGES:
        messages.catalogue(language)
    for buildings in (FEWEST_TO_ORDER, MOST_EXACT + 1):
        walking_order(np.column_stack([np.arange(buildings), np.zeros(buildings)]))
