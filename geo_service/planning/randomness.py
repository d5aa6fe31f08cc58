"""Random numbers inside kernels: the same on every machine and in every thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_service.planning.compiled import inlined

RandomState = npt.NDArray[np.uint64]


def random_state(seed: int | np.random.Generator) -> RandomState:
    """A state, shape (1,), that hangs on the seed alone, or on what a generator draws next."""
    return np.random.default_rng(seed).integers(0, 2**63, size=1).astype(np.uint64)


@inlined
def uniform(state: RandomState) -> float:
    """The next number in [0, 1) of splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = state[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    return float(bits >> np.uint64(11)) * (1.0 / 9007199254740992.0)
