"""Yes, no, or nobody has said: what rules know of units, and how answers are joined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Answers = npt.NDArray[np.int8]
"""1 yes, 0 no, ``UNKNOWN`` where the ledger does not say."""

UNKNOWN = -1


def both(first: Answers, second: Answers) -> Answers:
    """The least certain of two answers, and no where one is no."""
    refused = (first == 0) | (second == 0)
    undecided = (first == UNKNOWN) | (second == UNKNOWN)
    return np.where(refused, 0, np.where(undecided, UNKNOWN, 1)).astype(np.int8)


def wanted(answer: Answers, value: bool) -> Answers:
    """Whether an answer is the one that is asked for."""
    return np.where(answer == UNKNOWN, UNKNOWN, answer == int(value)).astype(np.int8)
