"""The numbers that are printed on pages, which is what people call them by."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from octavo.ingest.model import HEADINGS, Kind, Line, Page, join_text
from octavo.ingest.speech import is_period

EDGE = 0.12
"""Numbers stand in this share of the page's height, at its top or bottom, or in the first or last line of all."""
LARGE = 1.6
"""A line is a heading when its letters are this many times as high as most on its page."""
LONGEST = 120
"""Characters that its line has at most."""
LEAST = 3
"""The least numbers in a series, and the least pages that repeat the words beside a number."""
REACH = 8
"""The most pages from one number of a series to the next."""
NEW, SLIP, MISSING = LEAST - 0.5, 1.5, 0.1
"""The weights of a new series, a slip, and a page without its number, where a number weighs 1."""
_ROMAN = r"(?=[ivxl])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_OF = r"(?:\s*(?:of|/)\s*\d+)?"
_ALONE = re.compile(
    rf"[^\w$€£%(]*(?:(?:page|p\.|slide)[\s|]*)?([A-Z]{{1,2}}-|\d{{1,2}}-)?(\d{{1,4}}|{_ROMAN}){_OF}[^\w%.):]*", re.I
)
_FIRST = re.compile(r"(\d{1,4})\s+((?![\d.,%]).+)")
_LAST = re.compile(rf"(.*[^\d\s.,$€£%-][^\w$€£%.,-]*)\s(\d{{1,4}}){_OF}")
_LETTERS = {"c": 100, "xc": 90, "l": 50, "xl": 40, "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A number on a page; those of one `style` (`i`, `I` or what stands before the digits) rise by `step` a page."""

    page: int
    value: int
    style: str
    step: int = 1

    def label(self, page: int) -> str:
        """Returns the label that a page of the same series has."""
        value = self.value + self.step * (page - self.page)
        if self.step == 2:
            return f"{value}–{value + 1}"
        if self.style in ("i", "I"):
            return _roman(value) if self.style == "i" else _roman(value).upper()
        return f"{self.style}{value}"

    def follows(self, last: _Seen) -> bool:
        """Returns whether this number continues the series whose last number is `last`."""
        pages = self.page - last.page
        return self._is_like(last) and 0 < pages <= REACH and self.value - last.value == self.step * pages

    def slips(self, last: _Seen) -> bool:
        """Returns whether the numbers rise by less than they should: a printed page takes two of the file's."""
        return self._is_like(last) and 0 < self.value - last.value < self.step * (self.page - last.page)

    def _is_like(self, last: _Seen) -> bool:
        return (self.style, self.step) == (last.style, last.step)


def assign_labels(pages: Sequence[Page]) -> list[Page]:
    """Returns the pages with the numbers that are printed on them, else with those that the file gives.

    The time at which a video shows a page stays. Where a file's own numbers only count the pages and others are
    printed, these stand alone. A text that is nothing but its page's number becomes a running header or footer.
    """
    result = printed_numbers(pages)
    is_default = all(page.label in ("", str(page.number + 1)) for page in pages)
    wrong = is_default and any(label not in ("", page.label) for label, page in zip(result, pages, strict=True))
    return [
        page
        if is_period(page.label)
        else replace(_apart(page, label) if label else page, label=label if wrong else label or page.label)
        for label, page in zip(result, pages, strict=True)
    ]


def printed_numbers(pages: Sequence[Page]) -> list[str]:
    """Returns the number printed on each page, such as `12`, `iv`, `F-3`, or `14–15` for a spread of two pages.

    Empty where there is none. Numbers rise by one (on spreads by two) from page to page, and a document may have
    several series of them. Of all that may be a number those are taken that make the best series, and pages between
    two numbers of a series that show none get theirs by it.
    """
    labels = [""] * len(pages)
    series = _series(_candidates(pages))
    for candidate in series:
        labels[candidate.page] = candidate.label(candidate.page)
    for last, candidate in pairwise(series):
        if candidate.follows(last):
            for n in range(last.page + 1, candidate.page):
                labels[n] = candidate.label(n)
    return labels


def _series(numbers: Sequence[_Seen]) -> list[_Seen]:
    """Returns the chain of numbers, one a page, in which most follow each other.

    New series and slips weigh against it.
    """
    scores: list[float] = []
    before: list[int | None] = []
    best: tuple[float, int | None] = (0.0, None)
    ended = best  # the best chain that ends before the page of `this`
    for n, this in enumerate(numbers):
        if n and numbers[n - 1].page < this.page:
            ended = best
        ways: list[tuple[float, int | None]] = [(ended[0] - NEW, ended[1])]
        for m in range(n - 1, -1, -1):
            if numbers[m].page < this.page - REACH:
                break
            if this.follows(numbers[m]):
                ways.append((scores[m] - MISSING * (this.page - numbers[m].page - 1), m))
            elif this.slips(numbers[m]):
                ways.append((scores[m] - SLIP, m))
        score, last = max(ways, key=lambda way: way[0])
        scores.append(score + 1)
        before.append(last)
        if scores[n] > best[0]:
            best = (scores[n], n)
    chain, at = [], best[1]
    while at is not None:
        chain.append(numbers[at])
        at = before[at]
    return chain[::-1]


def _candidates(pages: Sequence[Page]) -> list[_Seen]:
    """Returns the candidates for a page number: alone in its line, or beside words that stand on other pages too."""
    alone: list[_Seen] = []
    beside: list[tuple[str, _Seen]] = []
    for n, page in enumerate(pages):
        for line in _edges(page):
            if candidate := _alone(n, line.text):
                alone.append(candidate)
            elif match := _FIRST.fullmatch(line.text.strip()):
                beside.append((match[2], _Seen(n, int(match[1]), "")))
            elif match := _LAST.fullmatch(line.text.strip()):
                beside.append((match[1], _Seen(n, int(match[2]), "")))
    repeated = Counter(words for words, _ in beside)
    results = {*alone, *(candidate for words, candidate in beside if repeated[words] >= LEAST)}
    spreads = {
        replace(candidate, step=2) for candidate in results if replace(candidate, value=candidate.value + 1) in results
    }
    return sorted(
        results | spreads, key=lambda candidate: (candidate.page, candidate.step, candidate.style, candidate.value)
    )


def _edges(page: Page) -> Iterator[Line]:
    """Yields lines at the upper or lower edge and the first and last ones, but no headings: their letters are large."""
    lines = [line for e in page.elements for line in e.lines]
    if not lines:
        return
    usual = statistics.median_low(line.box.height for line in lines)
    above = max(EDGE * page.height, min(line.box.y1 for line in lines))
    below = min((1 - EDGE) * page.height, max(line.box.y0 for line in lines))
    headings = {line for e in page.elements if e.kind in HEADINGS and len(e.text.split()) > 1 for line in e.lines}
    for line in lines:
        middle = (line.box.y0 + line.box.y1) / 2
        edge = not above <= middle <= below and line not in headings
        if edge and line.box.height <= LARGE * usual and len(line.text) <= LONGEST:
            yield line


def _alone(page: int, text: str) -> _Seen | None:
    """Returns the number that is all of a text.

    >>> [_alone(0, text).label(0) for text in ("- 12 -", "Page 12 of 40", "| iv", "F-3")]
    ['12', '12', 'iv', 'F-3']
    """
    match = _ALONE.fullmatch(text.strip())
    if match is None:
        return None
    prefix, number = match.groups(default="")
    if number.isdigit():
        return _Seen(page, int(number), prefix)
    if prefix or number not in (number.lower(), number.upper()):
        return None
    values = [_LETTERS[letter] for letter in number.lower()]
    value = sum(-a if a < b else a for a, b in pairwise([*values, 0]))
    return _Seen(page, value, "i" if number.islower() else "I")


def _apart(page: Page, label: str) -> Page:
    """Returns the page with texts that only give its number as running ones."""
    elements = tuple(
        replace(e, kind=Kind.PAGE_FOOTER if e.box.y0 > page.height / 2 else Kind.PAGE_HEADER)
        if e.kind is Kind.TEXT and (candidate := _alone(page.number, e.text)) and candidate.label(page.number) == label
        else e
        for e in page.elements
    )
    return replace(page, elements=elements, text=join_text(elements))


def _roman(value: int) -> str:
    """Returns a number in Roman numerals.

    >>> [_roman(value) for value in (4, 19, 41)]
    ['iv', 'xix', 'xli']
    """
    text = ""
    for letters, worth in _LETTERS.items():
        text += letters * (value // worth)
        value %= worth
    return text
