"""The words of a table and what they tell: where they stand, how wide a space is, whether they are numbers."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.ingest.model import Box

_NUMBER = re.compile(r"[^\w\s]*\s?\d[\d\s.,'’/:-]*[^\w\s]*\s?[A-Za-z]{0,3}[^\w\s]*$|[-–—−*.]{1,3}$|n/?[am]$", re.I)
_PERIOD = re.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:19|20)?\d\d)?\b|\bQ[1-4]\b|\b[1-4]Q\d*\b|\bFY\s?\d+", re.I)
_DAY = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2}\b|\b\d{1,4}([./-])\d{1,2}\1\d{1,4}\b", re.I
)
_LEADER = re.compile(r"(?:[.·_]\s?){4,}|…{2,}")
SIGNS = {"$", "€", "£", "¥", "(", "-$", "$(", "US$"}


@dataclass(frozen=True, slots=True)
class TableWord:
    """A word, or a piece of text that OCR read as one; `bold` where the file says so."""

    text: str
    box: Box
    bold: bool = False


def is_number(text: str) -> bool:
    """Returns whether a text is a number, with a sign, a currency or a short unit, or stands for one that is missing.

    >>> [is_number(text) for text in ("$1,204", "(3.5%)", "–", "12 km", "Pump 1", "2 months")]
    [True, True, True, True, False, False]
    """
    return bool(_NUMBER.match(text.strip()))


def holds_data(text: str) -> bool:
    """Returns whether a text holds a number that is no year, quarter or day.

    >>> [holds_data(text) for text in ("1,204 t", "2019", "June 30, 2023", "Plant")]
    [True, False, False, False]
    """
    return bool(re.search(r"\d", _PERIOD.sub("", _DAY.sub("", text))))


def is_period(text: str) -> bool:
    """Returns whether a text is a year, a quarter or a day, as columns and rows are named by.

    >>> [is_period(text) for text in ("2019", "Q3 2020", "June 30, 2023", "1,998", "2019 rents")]
    [True, True, True, False, False]
    """
    rest = _PERIOD.sub("", _DAY.sub("", text))
    return rest != text and not re.search(r"\w", rest)


def em(words: Sequence[TableWord]) -> float:
    """Returns the size of the letters, in points."""
    return 0.8 * statistics.median(word.box.height for word in words)


def without_leaders(words: Iterable[TableWord]) -> list[TableWord]:
    """Returns the words without rows of dots that lead the eye from a name to its value."""
    parts = (
        (word, _LEADER.sub("", word.text).strip()) for word in words if word.text.strip(" .·_…") or len(word.text) < 4
    )
    return [word if text == word.text else TableWord(text, word.box, word.bold) for word, text in parts if text]


def bands(words: Sequence[TableWord]) -> list[list[TableWord]]:
    """Returns the words by the height they stand at, from the top, each band from the left."""
    results: list[list[TableWord]] = []
    middles: list[float] = []
    for word in sorted(words, key=lambda word: word.box.y0 + word.box.y1):
        middle = (word.box.y0 + word.box.y1) / 2
        if results and middle - middles[-1] < 0.5 * min(word.box.height, results[-1][0].box.height):
            results[-1].append(word)
            middles[-1] += (middle - middles[-1]) / len(results[-1])
        else:
            results.append([word])
            middles.append(middle)
    return [sorted(band, key=lambda word: word.box.x0) for band in results]


def space(lines: Sequence[Sequence[TableWord]], size: float) -> float:
    """Returns how wide a space between words is, in points, letters being `size` points large."""
    gaps = sorted(
        gap for line in lines for a, b in pairwise(line) if 0.15 * size < (gap := b.box.x0 - a.box.x1) < 0.75 * size
    )
    return gaps[len(gaps) // 3] if len(gaps) >= 3 else 0.28 * size


def phrases(line: Sequence[TableWord], gap: float) -> Iterator[TableWord]:
    """Yields words of a line that stand no more than `gap` apart as one; a currency sign goes with its number."""
    run: list[TableWord] = []
    for word in line:
        if (
            run
            and word.box.x0 - run[-1].box.x1 > gap
            and run[-1].text not in SIGNS
            and word.text not in {")", "%", ")%"}
        ):
            yield merge_words(run)
            run = []
        run.append(word)
    if run:
        yield merge_words(run)


def merge_words(words: Sequence[TableWord]) -> TableWord:
    """Returns words of one line as one; it is bold where all are."""
    return TableWord(" ".join(w.text for w in words), Box.around(w.box for w in words), all(w.bold for w in words))
