"""Groups on a page: a figure or table with its caption, its heading and its labels, as one region.

MMDocIR's annotators mark a whole chart with its title, labels and legend, and a table with its caption, where the
layout model sees several regions. The page's elements stay as they are; groups tell which of them belong together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from octavo.ingest.chunking.blocks import is_slide
from octavo.ingest.model import FIGURES, HEADINGS, PICTURES, RUNNING, Box, Element, Kind, Page

REACH = 0.02
"""On a slide labels, and the parts of one figure, stand within this share of the diagonal of each other."""
LABEL, PROSE = 6, 12
"""The most words of a label; a text of more than `PROSE` words never becomes part of a figure."""
ABOVE, LOW = 0.03, 0.06
"""Shares of the page's height: how far above its figure or table a heading stands, and how high it is at most."""


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that are pointed at as one: `main` is the figure or table where there is one, `box` is around all.

    `members` are all of them, `main` included, in reading order.
    """

    main: Element
    members: tuple[Element, ...]

    @property
    def box(self) -> Box:
        return Box.around(e.box for e in self.members)


def groups(page: Page) -> list[Group]:
    """Returns the groups of a page in reading order; most are of one element, and each element is in one of them.

    Captions go to what they are about, on slides labels and parts to the figure that they touch, and a heading just
    above a figure or table without a caption to that; such a heading is in a second group, alone, as well.
    """
    by_picture = _with_captions(page.elements)
    if is_slide(page):
        by_picture = _with_labels(page, by_picture)
    grouped = {e.index for members in by_picture.values() for e in members}
    for index, members in by_picture.items():
        if len(members) == 1 and (heading := _heading(page, members[0], grouped)):
            by_picture[index] = [*members, heading]
    results = []
    for e in page.elements:
        if e.index in by_picture:
            results.append(Group(e, tuple(sorted(by_picture[e.index], key=lambda member: member.index))))
        elif e.index not in grouped:
            results.append(Group(e, (e,)))
    return results


def _with_captions(elements: Sequence[Element]) -> dict[int, list[Element]]:
    """Returns figures and tables by index, each with its captions."""
    by_picture = {e.index: [e] for e in elements if e.kind in PICTURES}
    for e in elements:
        if e.about in by_picture:
            by_picture[e.about].append(e)
    return by_picture


def _with_labels(page: Page, by_picture: dict[int, list[Element]]) -> dict[int, list[Element]]:
    """Grows figures by labels and smaller figures within reach, largest first, unless that would swallow prose."""
    reach = REACH * math.hypot(page.width, page.height)
    captions = {e.index for index, members in by_picture.items() for e in members if e.index != index}
    free = {e.index: e for e in page.elements if e.kind not in RUNNING | {Kind.TITLE} and e.index not in captions}
    figures = [members[0] for members in by_picture.values() if members[0].kind is not Kind.TABLE]
    grown = dict(by_picture)
    for figure in sorted(figures, key=lambda e: -e.box.area):
        if figure.index not in free:
            continue
        del free[figure.index]
        box = Box.around(e.box for e in grown[figure.index])
        while (part := _part(box, list(free.values()), reach)) is not None:
            del free[part.index]
            grown[figure.index] = [*grown[figure.index], *grown.pop(part.index, [part])]
            box = Box.around(e.box for e in grown[figure.index])
    return grown


def _part(figure: Box, free: Sequence[Element], reach: float) -> Element | None:
    """Returns the next label or figure that belongs to a figure."""
    for e in free:
        if not (_is_label(e) or e.kind in FIGURES) or not _near(figure, e.box, reach):
            continue
        both = figure | e.box
        if not any(o is not e and len(o.text.split()) > PROSE and o.box.coverage(both) > 0.3 for o in free):
            return e
    return None


def _is_label(e: Element) -> bool:
    return e.kind in {Kind.TEXT, Kind.LIST, Kind.SECTION_HEADER} and len(e.text.split()) <= LABEL


def _near(a: Box, b: Box, reach: float) -> bool:
    """Returns whether two boxes stand side by side or above each other, at most `reach` apart."""
    across, down = max(a.x0, b.x0) - min(a.x1, b.x1), max(a.y0, b.y0) - min(a.y1, b.y1)
    return max(across, down) <= reach and min(across, down) < 0


def _heading(page: Page, picture: Element, grouped: set[int]) -> Element | None:
    """Returns the nearest low, narrow heading or text line just above a figure or table."""
    near = [
        e
        for e in page.elements
        if e.index not in grouped
        and e.kind in HEADINGS | {Kind.TEXT}
        and e.box.height < LOW * page.height
        and -0.005 * page.height <= picture.box.y0 - e.box.y1 < ABOVE * page.height
        and min(e.box.x1, picture.box.x1) - max(e.box.x0, picture.box.x0) > 0.5 * min(e.box.width, picture.box.width)
        and e.box.width < 1.15 * picture.box.width
    ]
    return max(near, key=lambda e: e.box.y1, default=None)
