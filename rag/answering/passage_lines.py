"""The lines of a page that passages are made of: their text joined, and where it is parted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.ingest import Box
from octavo.ingest.sentences import LOOK_BACK
from octavo.rag.query.analysis import STOP_WORDS

FIELD = re.compile(r"(?P<label>[A-ZÀ-Þ][\w '’/().%-]{0,40}?)\s?:\s+\S")
"""A line of a form: a label, a colon and its value."""
PRICED_LINE = re.compile(r"\s*[^\W\d_].*\s[$€£]?\d{1,5}[.,]\d{2}\s?(?:[$€£]|EUR|USD|GBP|CHF)?\s*$")
"""A line of a price list or a receipt: words, and a number with two decimals at the end."""
MAX_WORDS = 60
"""A longer passage, for example the labels of a chart, is parted at the end of a line."""
BULLET = re.compile(r"(?:[•▪●◦‣■□➢✓·*–—-]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
OPEN_END = re.compile(r"[^.!?:;。！？][\"'”’)\]]*$")
_PARTED = re.compile(r"([^\W\d_]+)[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
LABELS = " · "
"""The separator between quoted labels of a figure."""
_VALUE = re.compile(r"[\W\d_]*\d[\W\d_]*(?:[a-zA-Z]{1,2}\b)?$")
_PROSE = 5
"""Words of a line that is more than a label."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line, or the part of it that a passage holds: `page` is 0-based, `box` is the whole line's, in PDF points.

    The box of a slide's speaker notes, which stand nowhere on it, is empty.
    """

    page: int
    box: Box
    text: str


def join_lines(places: Sequence[Place], words: Collection[str], *, labels: bool) -> tuple[str, list[int]]:
    """Returns the text of lines one after another, and where each line begins in it.

    A word parted at a line's end is whole.

    With `labels`, lines that do not go on from one to the next are told apart by `LABELS`.
    """
    parts: list[str] = []
    starts: list[int] = []
    length, tail = 0, ""
    for n, place in enumerate(places):
        following = place.text.strip()
        parted = _PARTED.search(tail)
        if parted and following[:1].islower():
            if not _is_compound(parted[1], _FIRST_WORD.match(following), words):
                parts[-1], tail = parts[-1][:-1], tail[:-1]
                length -= 1
        elif length:
            between = LABELS if labels and _is_label(places[n - 1], place) else " "
            parts.append(between)
            tail += between
            length += len(between)
        starts.append(length)
        parts.append(following)
        tail = (tail + following)[-LOOK_BACK:]
        length += len(following)
    return "".join(parts), starts


def _is_label(last: Place, place: Place) -> bool:
    """Returns whether a line of a figure begins a label of its own: a number belongs to the label before.

    >>> offices, value = Place(0, Box(0, 0, 50, 10), "Offices"), Place(0, Box(0, 12, 20, 22), "20")
    >>> rest, other = Place(0, Box(0, 11, 50, 21), "and plants"), Place(0, Box(90, 0, 140, 10), "Countries")
    >>> [_is_label(offices, place) for place in (value, rest, other)]
    [False, False, True]
    """
    if _VALUE.match(place.text) or not OPEN_END.search(last.text) or last.text.endswith((",", "/")):
        return False
    above, below = last.box, place.box
    is_below = abs(below.y0 - above.y1) < 0.7 * min(above.height, below.height) and min(above.x1, below.x1) > max(
        above.x0, below.x0
    )
    words = last.text.split()
    return not (is_below and (place.text[:1].islower() or len(words) >= _PROSE or words[-1] in STOP_WORDS))


def _is_compound(first: str, second: re.Match[str] | None, words: Collection[str]) -> bool:
    """Returns whether a hyphen at a line's end belongs to the word, as other words of the document show.

    >>> words, halves = {"long-term", "paper", "short", "lived"}, [("long", "term"), ("pa", "per"), ("short", "lived")]
    >>> [_is_compound(a, re.match("[a-z]+", b), words) for a, b in halves]
    [True, False, True]
    """
    rest = second[0] if second else ""
    return f"{first}-{rest}" in words or (first + rest not in words and first in words and rest in words)


def line_breaks(places: Sequence[Place]) -> list[int]:
    """Returns which lines begin something new: a list's item, or what follows a line that ends early."""
    right = max(place.box.x1 for place in places)
    left = min(place.box.x0 for place in places)
    results = []
    for n, (last, place) in enumerate(pairwise(places), 1):
        ends_early = last.page == place.page and last.box.x1 < right - 0.2 * (right - left)
        goes_on = place.text[:1].islower() or BULLET.fullmatch(f"{last.text.strip()} ")  # a bullet on a line of its own
        is_field = all(FIELD.match(line.text) for line in (last, place)) or PRICED_LINE.match(last.text)
        is_field = is_field or PRICED_LINE.match(place.text)
        if is_field or BULLET.match(f"{place.text} ") or (ends_early and not goes_on):
            results.append(n)
    return results


def cut_positions(text: str, cuts: Sequence[int], starts: Sequence[int]) -> Iterator[int]:
    """Yields the cuts, and more at beginnings of lines where there are more than `MAX_WORDS` between two."""
    for begin, end in pairwise(cuts):
        yield begin
        for start, following in pairwise([*(s for s in starts if begin < s < end), end]):
            if len(text[begin:following].replace(LABELS, " ").split()) > MAX_WORDS:
                yield start
                begin = start
    yield cuts[-1]
