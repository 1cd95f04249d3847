"""Memory of a process whose many threads come and go."""

from __future__ import annotations

import ctypes
import os
import platform

_ARENA_MAX = -8
"""The number that glibc's `malloc.h` gives to `M_ARENA_MAX`."""


def share_arenas() -> bool:
    """Has glibc serve all threads from one arena for each processor, at least two; returns whether it does.

    Its default is eight for each, and every arena keeps what its threads no longer use. Other C libraries have no such
    setting; one that the environment makes (`MALLOC_ARENA_MAX`) stands.
    """
    if platform.libc_ver()[0] != "glibc" or "MALLOC_ARENA_MAX" in os.environ:
        return False
    return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, max(2, os.cpu_count() or 1)))
