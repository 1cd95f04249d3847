"""Writes the reference from the code: the command line, settings, the Python API, the HTTP API and errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs.site.reference import commands, errors, http, python, settings

PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "python.md": python.page,
    "http.md": http.page,
    "errors.md": errors.page,
}


def write(folder: Path) -> None:
    """Writes all pages of the reference into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
