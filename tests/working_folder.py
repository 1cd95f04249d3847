"""A task that runs in another working folder: reading processes import this module, so it imports nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def run_in(folder: str, task: Callable[..., T], *arguments: object) -> T:
    """Changes to a folder and runs `task(*arguments)` there."""
    os.chdir(folder)
    return task(*arguments)
