"""Writes `llms.txt`, a list of the pages for programs that read, and each page as Markdown beside its HTML."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from docs.site.pages import navigation


def write(source: Path, site: Path) -> None:
    """Writes `llms.txt` and the pages in Markdown into a built site."""
    lines, last = [f"# Octavo\n\n> {_summary(source / 'index.md')}\n"], ""
    for section, title, file in navigation():
        if section != last:
            lines.append(f"\n## {section}\n")
            last = section
        copy = site / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, copy)
        lines.append(f"- [{title}]({file}): {_summary(source / file)}")
    (site / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _summary(page: Path) -> str:
    """Returns the first sentence of a page's first paragraph."""
    for paragraph in re.split(r"\n\s*\n", page.read_text(encoding="utf-8")):
        if paragraph and not paragraph.startswith(("#", "```", "!", "|", "-", "<")):
            text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
            return re.split(r"(?<=[.!?:]) (?=[A-Z`])", text)[0]
    return ""
