"""The lines of text that evidence consists of, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest import Box, Element, Kind, Page

from ..evidence import Evidence
from .base import Pages

_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-Þ\u3040-\u9fff])|(?<=[。！？])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|No|Inc|Ltd|Co|Corp|Fig|approx|cf|e\.g|i\.e)|\b[A-Z])\.$"
)
_RUNNING = {Kind.PAGE_HEADER, Kind.PAGE_FOOTER}


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or a table row of evidence: what it says, on which page (from 0), in which boxes (points).

    `header` is, for a row, the table's first row.
    """

    text: str
    page: int
    boxes: tuple[Box, ...]
    header: str = ""


def passages(evidence: Evidence, pages: Pages) -> list[Passage]:
    """The sentences and table rows of evidence, in reading order, each found in the lines of its pages."""
    found: list[Passage] = []
    for number in dict.fromkeys(region.page for region in evidence.regions):
        page = pages.page(evidence.document, number)
        for element in _elements(page, evidence):
            found += _rows(element, number) if element.kind is Kind.TABLE else _sentences(element, number)
        if page.notes and page.notes in evidence.text:
            found += [Passage(text, number, (page.box,)) for text in split_sentences(page.notes)]
    return found


def split_sentences(text: str) -> list[str]:
    """Sentences of a text; a full stop after an abbreviation or an initial ends none.

    >>> split_sentences("Sales rose 1.5% in the U.S. market. Costs fell (see Fig. 3). Good!")
    ['Sales rose 1.5% in the U.S. market.', 'Costs fell (see Fig. 3).', 'Good!']
    """
    sentences: list[str] = []
    for part in _SENTENCE.split(text):
        if sentences and _ABBREVIATION.search(sentences[-1]):
            sentences[-1] += f" {part}"
        elif part.strip():
            sentences.append(part.strip())
    return sentences


def _elements(page: Page, evidence: Evidence) -> Iterator[Element]:
    regions = [region for region in evidence.regions if region.page == page.number]
    named = {region.element for region in regions}
    for element in page.elements:
        whole = None in named and any(element.box.coverage(region.box) > 0.5 for region in regions)
        if element.index in named or (whole and element.kind not in _RUNNING):
            yield element


def _rows(element: Element, page: int) -> list[Passage]:
    header = element.lines[0].text if element.lines else ""
    return [
        Passage(line.text, page, (line.box,), header if n else "") for n, line in enumerate(element.lines) if line.text
    ]


def _sentences(element: Element, page: int) -> list[Passage]:
    """Sentences of an element, each with the boxes of the lines that hold it."""
    if not element.lines:
        return [Passage(text, page, (element.box,)) for text in split_sentences(element.text)]
    if element.kind is Kind.LIST or element.kind in (Kind.FIGURE, Kind.CHART):
        return [Passage(line.text, page, (line.box,)) for line in element.lines]
    text, starts = "", []
    for line in element.lines:
        starts.append(len(text))
        text += line.text + " "
    found, at = [], 0
    for sentence in split_sentences(text):
        begin = text.find(sentence, at)
        end = begin + len(sentence)
        at = end
        found.append(Passage(sentence, page, _boxes(element, starts, begin, end)))
    return found


def _boxes(element: Element, starts: Sequence[int], begin: int, end: int) -> tuple[Box, ...]:
    """Boxes of the lines that hold the characters from `begin` to `end`, those of one paragraph joined line by line."""
    ends = [*starts[1:], end + 1]
    return tuple(
        line.box for line, start, stop in zip(element.lines, starts, ends, strict=True) if start < end and stop > begin
    )
