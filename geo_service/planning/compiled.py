"""The one place that decides how kernels are compiled.

All run beside other threads and without fastmath: a seed gives the same zones on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _digest_of_sources() -> bytes:
    """Of every module that may hold kernels."""
    digest = sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.digest()


_SOURCES = _digest_of_sources()


def compiled(function: Kernel) -> Kernel:
    """Compile to machine code, cached on disk where a folder can be written."""
    return _cached(function, {})


def allocation_free(function: Kernel) -> Kernel:
    """Compile a kernel that makes no array.

    Without numba's reference counts: counting the state's arrays in every call cost half of the search.
    """
    return _cached(function, {"_nrt": False})


def inlined(function: Kernel) -> Kernel:
    """Compile an allocation-free kernel into its callers."""
    return cast(Kernel, numba.njit(nogil=True, forceinline=True, _nrt=False)(function))


def _cached(function: Kernel, options: dict[str, bool]) -> Kernel:
    try:
        kernel = numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        # numba found neither the package's folder nor the user's cache writable
        return cast(Kernel, numba.njit(nogil=True, **options)(function))
    # numba asks only whether the kernel's own file has changed, and would go on with the machine code of what
    # is compiled into it from other files
    kernel._cache._cache_file._source_stamp = _SOURCES
    return cast(Kernel, kernel)
