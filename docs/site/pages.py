"""Gathers the pages of the site: those of `docs/`, and those of the repository that the site shows as well."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CONFIGURATION = DOCS / "site" / "zensical.toml"
SHOWN = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "eval/RESULTS.md": "research/results.md",
}
"""Pages of the repository outside of `docs/`, and where the site has them."""
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
"""A link to a file: its path, and the place in it."""


def gather(target: Path) -> None:
    """Copies all pages and pictures to `target`, with links that hold there."""
    for path in sorted(DOCS.rglob("*")):
        name = path.relative_to(DOCS)
        if path.suffix in (".md", ".png", ".svg", ".webp") and name.parts[0] != "site":
            _copy(path, target, name)
    for source, name in SHOWN.items():
        _copy(ROOT / source, target, Path(name))


def navigation() -> Iterator[tuple[str, str, str]]:
    """Yields section, title and file of each page, in the order of the site's navigation.

    >>> next(navigation())
    ('', 'Octavo', 'index.md')
    """
    for item in tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["project"]["nav"]:
        yield from _pages_of(item, "")


def not_in_navigation(source: Path) -> list[str]:
    """Returns a sentence for each page that the navigation lacks."""
    shown = {file for _, _, file in navigation()}
    names = sorted(path.relative_to(source).as_posix() for path in source.rglob("*.md"))
    return [f"{name} is not in the navigation of docs/site/zensical.toml" for name in names if name not in shown]


def _pages_of(item: dict[str, Any], section: str) -> Iterator[tuple[str, str, str]]:
    for title, value in item.items():
        if isinstance(value, str):
            yield section, title, value
        else:
            for inner in value:
                yield from _pages_of(inner, title)


def _copy(path: Path, target: Path, name: Path) -> None:
    copy = target / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".md":
        shutil.copyfile(path, copy)
        return

    def moved(link: re.Match[str]) -> str:
        file = (path.parent / link[1]).resolve()
        return f"]({os.path.relpath(_place(file, path), name.parent)}{link[2] or ''})"

    copy.write_text(LINK.sub(moved, path.read_text(encoding="utf-8")), encoding="utf-8")


def _place(file: Path, page: Path) -> Path:
    """Returns where the site has a file of the repository; raises `SystemExit` where it has not."""
    name = file.relative_to(ROOT).as_posix()
    if name in SHOWN:
        return Path(SHOWN[name])
    if name.startswith("examples/") and name.endswith(".py"):
        return Path(name).with_suffix(".md")
    if name.startswith("docs/"):
        return Path(name).relative_to("docs")
    raise SystemExit(f"{page.relative_to(ROOT)} links to {name}, which is no page of the site")
