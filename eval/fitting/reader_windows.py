"""Pairs of a question and a window of text, and windows cut out of passages."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from octavo.eval.fitting.reader_data import TrainingPassage, TrainingQuestion, nearest, words
from octavo.eval.fitting.reader_tables import Style, TrainingTable, write_table

SHORTEST, LONGEST = 120, 600
"""Letters of a window; a table's may be a little longer."""
SPARE = 100
"""Letters that a table's window may have beyond `LONGEST`."""
TITLE, HEADING = 0.85, 0.3
"""The probabilities that a table's title, and a document's name, stand above the window."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")


@dataclass(frozen=True, slots=True)
class Pair:
    """`spans` are the ranges of the answer in `passage`; an answered pair may have none.

    `kind` says how the window was made, `weight` what it counts.
    """

    question: str
    passage: str
    answered: bool
    spans: tuple[tuple[int, int], ...] = ()
    kind: str = ""
    source: str = ""
    weight: float = 1.0


def window_of(passage: TrainingPassage, question: TrainingQuestion, rng: random.Random) -> str:
    """Returns a window of a passage: of three, the one that shares most words with the question.

    Of a table it is a few rows.
    """
    if passage.table and rng.random() < 0.7:
        table = passage.table
        at = rng.randrange(len(table.rows))
        rows = range(at, min(len(table.rows), at + rng.choice((1, 2, 4, 8))))
        title = table.title if rng.random() < TITLE else ""
        return write_table(table, rows, range(len(table.header)), choose_style(rng), title)[0][:LONGEST]
    text, size = passage.text, rng.randint(SHORTEST, LONGEST)
    if len(text) <= size:
        return text
    question_words = words(question.question)
    starts = [rng.randrange(len(text) - size + 1) for _ in range(3)]
    start = max(starts, key=lambda at: len(question_words & words(text[at : at + size])))
    start, end = snap_to_words(text, start, start + size)
    return text[start:end]


def with_heading(pair: Pair, passage: TrainingPassage, rng: random.Random) -> Pair:
    """Returns the pair, at times with the document's name above the window, as a heading stands there."""
    if passage.source not in {"xquad", "policyqa"} or rng.random() > HEADING:
        return pair
    heading = passage.doc.rpartition("/")[2].replace("_", " ") + "\n"
    spans = tuple((start + len(heading), end + len(heading)) for start, end in pair.spans)
    return replace(pair, passage=heading + pair.passage, spans=spans)


def nearest_spans(text: str, ranges: list[tuple[int, int]], question_words: set[str]) -> list[tuple[int, int]]:
    """Returns those of several ranges that are nearest to the question's words; one alone as it is."""
    return nearest(text, ranges, question_words) if len(ranges) > 1 else ranges


def around(text: str, span: tuple[int, int], size: int, rng: random.Random) -> tuple[int, int]:
    """Returns a range of about `size` letters around a span, at a random offset, cut at the ends of sentences."""
    start = max(0, span[0] - rng.randint(0, max(0, size - (span[1] - span[0]))))
    end = max(span[1], min(len(text), start + size))
    first, last = snap_to_words(text, start, end)
    return (first if first <= span[0] else start), (last if last >= span[1] else end)


def snap_to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the range with its ends moved inwards to the ends of lines, sentences or words."""
    if start > 0:
        match = _SENTENCE.search(text, start, start + 80) or re.compile(r"\s").search(text, start, end)
        start = match.end() if match and match.end() < end else start
    if end < len(text):
        breaks = [match.start() for match in _SENTENCE.finditer(text, max(start + 1, end - 80), end)]
        end = breaks[-1] if breaks else end
    return start, max(end, start + 1)


def choose_style(rng: random.Random) -> Style:
    """Returns a style to write a table in, cells more often than lines and Markdown."""
    styles: tuple[Style, ...] = ("cells", "lines", "markdown")
    return rng.choices(styles, (0.6, 0.3, 0.1))[0]


def rows_with(needed: set[int], table: TrainingTable, rng: random.Random) -> list[int]:
    """Returns up to four of the rows that are needed, and some of those next to them."""
    rows = set(sorted(needed)[:4])
    middle = rng.choice(sorted(rows))
    near = sorted((r for r in range(len(table.rows)) if r not in rows), key=lambda r: abs(r - middle))
    return sorted(rows | set(near[: rng.choice((0, 0, 1, 2, 4, 8))]))
