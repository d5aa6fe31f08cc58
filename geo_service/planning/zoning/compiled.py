"""The one place that decides how kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile to machine code, cached on disk where a cache folder can be written.

    Without fastmath: sums keep their order, so that a seed gives the same zones on every machine.
    """
    try:
        return cast(Kernel, numba.njit(cache=True)(function))
    except RuntimeError:
        # numba found neither the package's folder nor the user's cache writable
        return cast(Kernel, numba.njit(function))
