"""The numbers that are printed on pages, which is what people call them by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .document import Page

EDGE = 0.12
"""Numbers stand in this share of the page's height, at its top or bottom."""
LEAST, SHARE = 3, 0.3
"""So many pages, and this share of them, have to agree."""
_NUMBER = re.compile(
    r"^[^\w$€£]*(?:page|p\.|slide)?\s*(\d{1,4})(?:\s*(?:of|/)\s*\d+)?\W*$"
    r"|^(\d{1,4})\s+(?![\d.,%])|(?<![\d.,$€£%-]) (\d{1,4})$",
    re.I,
)
"""A number alone, first, or last in its line."""


def labelled(pages: Sequence[Page]) -> list[Page]:
    """The pages with the numbers that are printed on them, where the file itself says no more than their count."""
    if any(page.label not in ("", str(page.number + 1)) for page in pages):
        return list(pages)
    return [replace(page, label=label or page.label) for page, label in zip(pages, printed(pages), strict=True)]


def printed(pages: Sequence[Page]) -> list[str]:
    """The number printed on each page, `14–15` where a page is a spread of two; empty where there is none.

    Page numbers rise by one (or two) from page to page: the start on which most pages agree is taken, and pages after
    the first numbered one that show none, such as full-page pictures, get theirs by it.
    """
    seen = {page.number: _numbers(page) for page in pages}
    votes: Counter[tuple[int, int]] = Counter()
    for number, found in seen.items():
        votes.update({(1, n - number) for n in found})
        votes.update({(2, n - 2 * number) for n in found if n + 1 in found})
    if not votes:
        return [""] * len(pages)
    (step, start), agreed = max(votes.items(), key=lambda vote: (vote[1], -vote[0][0], -abs(vote[0][1])))
    if agreed < max(LEAST, SHARE * len(pages)):
        return [""] * len(pages)
    first = min(n for n, found in seen.items() if step * n + start in found)
    numbers = [step * page.number + start for page in pages]
    labels = [str(n) if step == 1 else f"{n}–{n + 1}" for n in numbers]
    return [label if page.number >= first else "" for label, page in zip(labels, pages, strict=True)]


def _numbers(page: Page) -> set[int]:
    """Numbers in lines at the upper or lower edge that are short, or begin or end with one."""
    found: set[int] = set()
    for element in page.elements:
        for line in element.lines:
            inside = line.box.y1 < EDGE * page.height or line.box.y0 > (1 - EDGE) * page.height
            if inside and len(line.text) <= 120:
                found.update(int(n) for groups in _NUMBER.findall(line.text.strip()) for n in groups if n)
    return found
