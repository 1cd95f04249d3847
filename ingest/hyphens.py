"""Words divided at the end of a line, joined where the document uses the whole word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from octavo.ingest.model import PICTURES, Element, Kind, Line, Page, join_text

_BODY = frozenset((Kind.TEXT, Kind.LIST))
"""Kinds of what a text goes on in after a column or page ends."""
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_BEGINS = re.compile(r"(\w[\w'’]*(?:[-‐]\w[\w'’]*)*[^\s\w]*)(?:\s+|$)")
_ENDS = re.compile(r"(?:^|(?<=[\s(\[{\"'“‘«/–—]))([^\s(\[{\"'“‘«/–—]*[^\W_])[-‐]$")
_FIRST_PARTS = frozenset((
    "cross", "double", "fast", "first", "four", "full", "half", "hard", "high", "higher", "ill", "large",
    "light", "long", "longer", "low", "lower", "mid", "multi", "old", "right", "second", "self", "semi",
    "short", "single", "small", "soft", "third", "three", "top", "two", "well", "wide", "zero",
))  # fmt: skip
"""First parts of English compounds that are written with a hyphen."""
_PERHAPS = frozenset((
    "all", "best", "big", "co", "ever", "ex", "far", "free", "like", "near", "net", "new", "non", "off", "on",
    "one", "open", "part", "post", "pre", "same", "so", "state", "year",
))  # fmt: skip
"""The same, if the second part is a word of the document too."""
_SUFFIXES = frozenset((
    "able", "age", "ed", "en", "er", "ers", "est", "ful", "ing", "ion", "ish", "less", "ly", "ment", "ness",
    "s", "th", "ty", "ware", "y",
))  # fmt: skip
_SECOND_PARTS = frozenset((
    "approved", "assisted", "augmented", "backed", "based", "driven", "focused", "free", "friendly", "issued",
    "led", "like", "neutral", "only", "oriented", "owned", "related", "sharing", "specific", "traded",
    "weighted",
))  # fmt: skip
"""Last parts of such compounds."""
_SUSPENDED = frozenset((
    "and", "or", "to", "nor", "und", "oder", "bis", "et", "ou", "y", "o", "e",
))  # fmt: skip
"""Words after a first part whose second part comes later: pre- and post-war."""


class WordCounts:
    """Counts of the words of a document, and whether it parts words at the ends of lines.

    >>> usage = WordCounts(["It was under the line.", "The underlying rate"])
    >>> usage.whole("under", "lying"), usage.whole("calcu", "lation,"), usage.whole("well", "known")
    ('underlying', 'calculation,', 'well-known')
    """

    def __init__(self, texts: Iterable[str] = (), parted: Iterable[tuple[str, str]] = ()) -> None:
        self._counts = Counter(word.lower().replace("‐", "-") for text in texts for word in _WORD.findall(text))
        occurrences = [self._occurrences(first, _letters(rest)) for first, rest in parted]
        self._parts_words = sum(solid > hyphened for solid, hyphened in occurrences) > sum(
            a < b for a, b in occurrences
        )

    def whole(self, first: str, rest: str) -> str:
        """Returns one word of its two parts at a line's end, the hyphen left off: with a hyphen if it is a compound."""
        return f"{first}-{rest}" if self._is_compound(first, rest) else first + rest

    def _occurrences(self, first: str, end: str) -> tuple[int, int]:
        start = first.lower().replace("‐", "-")
        return self._counts[start + end], self._counts[f"{start}-{end}"]

    def _is_compound(self, first: str, rest: str) -> bool:
        start, end = first.lower().replace("‐", "-"), _letters(rest)
        if not first[-1].isalpha() or not rest[0].isalpha():
            return True
        solid, hyphened = self._occurrences(first, end)
        if solid != hyphened:
            return hyphened > solid
        if rest[0].isupper() and not first.isupper():
            return True
        if "-" in start or "-" in end or len(start) == 1 or end in _SECOND_PARTS:
            return True
        if end in _SUFFIXES:
            return False
        words = bool(self._counts[start] and self._counts[end]) and min(len(start), len(end)) > 2
        return start in _FIRST_PARTS or (start in _PERHAPS and words) or (words and not self._parts_words)


def join_words(pages: Sequence[Page]) -> list[Page]:
    """Returns the pages with every word that the end of a line parts whole, on the line that it begins on.

    A compound keeps its hyphen: "well-" and "known" become "well-known", "calcu-" and "lation" become "calculation".
    The document's own words decide; where they do not tell, the parts that English compounds are made of do.
    """
    elements = [e for page in pages for e in page.elements]
    usage = WordCounts((word for e in elements for word in _words(e)), [pair for e in elements for pair in _split(e)])
    elements_of_pages = [[_join(e, usage) for e in page.elements] for page in pages]
    _join_elements(elements_of_pages, usage)
    return [
        page if elements == page.elements else replace(page, elements=elements, text=join_text(elements))
        for page, elements in zip(pages, map(tuple, elements_of_pages), strict=True)
    ]


def _join_elements(pages: list[list[Element]], usage: WordCounts) -> None:
    """Joins words that the end of a column or page parts, in place; pictures and running lines lie between."""
    above: tuple[list[Element], int] | None = None
    for page in pages:
        for n, e in enumerate(page):
            if not e.lines or e.kind not in _BODY:
                continue
            if above and (both := _over_break(above[0][above[1]], e, usage)):
                above[0][above[1]], page[n] = both
            above = page, n


def _over_break(above: Element, below: Element, usage: WordCounts) -> tuple[Element, Element] | None:
    """Returns both elements with the word whole that the end of the first parts; `None` where it parts none."""
    last, first = above.lines[-1], below.lines[0]
    result = _ends(last, first)
    if not result or not first.text[0].islower():
        return None
    ends, begins = result
    cut, start = ends.group(1), begins.group(1)
    text = below.text.removeprefix(start).lstrip()
    if not text or text == below.text or not above.text.endswith(last.text[ends.start(1) :]):
        return None
    word = usage.whole(cut, start)
    line = Line(last.text[: ends.start(1)] + word, last.box)
    rest = Line(first.text[begins.end() :], first.box)
    lines = (rest, *below.lines[1:]) if rest.text else below.lines[1:]
    return (
        replace(above, text=above.text[: -len(cut) - 1] + word, lines=(*above.lines[:-1], line)),
        replace(below, text=text, lines=lines),
    )


def _letters(word: str) -> str:
    match = _WORD.match(word)
    return match.group().lower().replace("‐", "-") if match else ""


def _words(e: Element) -> Iterator[str]:
    """Yields the words of an element, but for those that a line's end may part."""
    parted = False
    for line in e.lines:
        words = _WORD.findall(line.text)
        starts = 1 if parted and words else 0
        parted = bool(_ENDS.search(line.text))
        yield from words[starts : -1 if parted else None]


def _split(e: Element) -> Iterator[tuple[str, str]]:
    """Yields the two parts of each word that may be parted by a line's end."""
    for line, following in pairwise(e.lines):
        if result := _ends(line, following):
            yield result[0].group(1), result[1].group(1)


def _ends(line: Line, following: Line) -> tuple[re.Match[str], re.Match[str]] | None:
    ends, begins = _ENDS.search(line.text), _BEGINS.match(following.text)
    if not ends or not begins or begins.group(1).lower() in _SUSPENDED:
        return None
    return ends, begins


def _join(e: Element, usage: WordCounts) -> Element:
    if e.kind in PICTURES:
        return e
    lines, text, at = list(e.lines), e.text, 0
    for n in range(len(lines) - 1):
        result = _ends(lines[n], lines[n + 1])
        if not result:
            continue
        ends, begins = result
        first, rest = ends.group(1), begins.group(1)
        parted = re.compile(rf"{re.escape(first)}[-‐]\s{re.escape(rest)}").search(text, at)
        if not parted:
            continue
        word = usage.whole(first, rest)
        at = parted.start()
        text = text[:at] + word + text[parted.end() :]
        tail = lines[n + 1].text[begins.end() :]
        box = lines[n].box if tail else lines[n].box | lines[n + 1].box
        lines[n] = Line(lines[n].text[: ends.start(1)] + word, box)
        lines[n + 1] = Line(tail, lines[n + 1].box)
    if text == e.text:
        return e
    return replace(e, text=text, lines=tuple(line for line in lines if line.text))
