"""Blocks: what stands on pages as it reads on, cut into the parts that a chunk may end between.

A paragraph that a column or a page ends is one block with what follows; a figure or a table is one with its caption;
the footnotes of a page come after what else it says, and the speaker notes of a slide after these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import sections
from .document import Box, Element, Kind, Page, Region

HEADINGS = {Kind.TITLE, Kind.SECTION_HEADER}
_RUNNING = {Kind.PAGE_HEADER, Kind.PAGE_FOOTER}
_FLOATING = {Kind.FIGURE, Kind.CHART, Kind.TABLE}
_LONGEST_HEADING = 40
_HEAD_ROWS = 3

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}][^\s{_CJK}]*")
_TOKEN = re.compile(rf"(\s*)([{_CJK}]|[^\s{_CJK}]+)")
_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_ABBREVIATION = re.compile(
    r"^\W*(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|St|No|Nos|Fig|Figs|Eq|Sec|Vol|vs|cf|ca|al|e\.g|i\.e|approx|Inc|Ltd|Co|Corp)\.$"
)
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$")


def count(text: str) -> int:
    """How many words a text has; each Chinese or Japanese character is one, marks without a letter or digit are none.

    >>> count("| Cost | 1,577 | – |"), count("年度报告")
    (2, 4)
    """
    return len(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Part:
    """What is never cut: a sentence, a table row, a figure. `joint` stands between it and the part before it.

    `scar` is what it costs to end a chunk before it, from 0 (between paragraphs) upwards.
    """

    text: str
    regions: tuple[Region, ...]
    joint: str = "\n"
    scar: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list, a table, a figure or a slide's notes, in the section that `section` leads to.

    `lead` is said again, with `lead_regions`, where a chunk begins within the block: a table's caption and header.
    """

    parts: tuple[Part, ...]
    regions: tuple[Region, ...]
    section: sections.Path
    heading: bool = False
    lead: str = ""
    lead_regions: tuple[Region, ...] = ()


Member = tuple[Page, Element]


def blocks(pages: Sequence[Page], words: int) -> Iterator[Block]:
    """The blocks of pages in reading order; only rows and figures may be longer than `words` words."""
    groups = list(_groups(pages))
    headings = [group[0][1] for group in groups if isinstance(group, list) and _is_heading(group[0][1])]
    paths = iter(sections.paths(headings))
    section: sections.Path = ()
    for group in groups:
        if isinstance(group, Page):
            yield _notes(group, section, words)
        else:
            ...
