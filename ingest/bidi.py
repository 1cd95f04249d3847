"""Lines of Arabic and Hebrew in reading order, derived from the positions of their letters.

PyMuPDF gives the letters of such lines in the order of the file, each run turned around: ligatures come out reversed
and numbers and words of other scripts at the wrong places. Here letters go back to where they stand on the page, and
from there into reading order, as the Unicode bidirectional algorithm (UAX #9) lays a line out, the other way around.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from octavo.ingest.model import Box

_GAP = 0.18
"""Letters further apart than this part of their size are of different words."""
_NEAR = 2.0
"""Pieces of a line stand no further apart than so many times their size."""
_TOUCH = 0.06
_MOSTLY = 4
"""A line with more words of other scripts, for one that runs from right to left, runs to the right."""


class Glyph(NamedTuple):
    """A letter, a ligature or a letter with its marks; `span` is the number of its span."""

    text: str
    box: Box
    span: int = 0


def runs_left(text: str) -> bool:
    """Returns whether a text has letters that are written from right to left.

    >>> runs_left("Revenue 2021"), runs_left("\\u0639\\u0627\\u0645 2021")
    (False, True)
    """
    return any(c >= "\u0590" and unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def read_in_order(glyphs: Iterable[Glyph], leftward: bool) -> list[Glyph]:
    """Returns the glyphs of a line in reading order; a space is put between those that stand apart.

    `leftward` says whether its page runs from right to left as a whole.

    >>> letters = "Mills \\u05d1\\u05d0 48.3"
    >>> line = [Glyph(c, Box(10 * n, 0, 10 * n + 10, 12)) for n, c in enumerate(letters)]
    >>> "".join(glyph.text for glyph in read_in_order(line, True)) == "48.3 \\u05d0\\u05d1 Mills"
    True
    """
    from_left = _space_out(sorted(glyphs, key=lambda glyph: glyph.box.x0 + glyph.box.x1))
    kinds = Counter(map(_direction, "".join(glyph.text for glyph in from_left).split()))
    if leftward and kinds["L"] <= _MOSTLY * kinds["R"]:
        return _leftward(from_left)
    result: list[Glyph] = []
    for is_left, run in _runs(from_left, "R", "L"):
        result += _leftward(run) if is_left else run
    return result


class ReorderedLine(NamedTuple):
    """A line as PyMuPDF's "dict" has it, the numbers of the lines of its block that it was, and its words.

    A line that was not changed has no words.
    """

    line: dict[str, Any]
    places: tuple[int, ...]
    words: tuple[tuple[Box, str], ...] = ()


def runs_leftward(words: Iterable[Iterable[str]]) -> bool:
    """Returns whether lines, given as their words, run to the left as a whole; those with such letters are asked."""
    kinds = Counter(_direction(word) for line in map(list, words) if any(map(runs_left, line)) for word in line)
    return kinds["R"] >= kinds["L"]


def _direction(word: str) -> str:
    """Returns the direction of a word's first letter: R, L, or "-" where it has none."""
    return next((kind for kind in map(_kind, word) if kind in "RL"), "-")


def reorder(lines: Sequence[dict[str, Any]], leftward: bool) -> Iterator[ReorderedLine]:
    """Yields the lines of one block, as PyMuPDF's "rawdict" has them, in reading order.

    Lines that hold letters written from right to left are changed, and pieces of one line joined; where `leftward`,
    their page runs from right to left.
    """
    number = 0
    for pieces in _pieces(lines):
        places = tuple(range(number, number + len(pieces)))
        number += len(pieces)
        if any(map(_is_left, pieces)):
            spans = [span for line in pieces for span in line["spans"]]
            glyphs = read_in_order(_glyphs(spans), leftward)
            yield ReorderedLine(_line(pieces, spans, glyphs), places, tuple(_words(glyphs)))
        else:
            yield from (ReorderedLine(_plain(line), (n,)) for n, line in zip(places, pieces, strict=True))


def _pieces(lines: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yields lines in groups that are pieces of one."""
    group: list[dict[str, Any]] = []
    for line in lines:
        if group and not _goes_on(group[-1], line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _goes_on(line: dict[str, Any], other: dict[str, Any]) -> bool:
    if line["dir"] != (1, 0) or other["dir"] != (1, 0) or not (_is_left(line) or _is_left(other)):
        return False
    a, b = Box(*line["bbox"]), Box(*other["bbox"])
    level = abs(a.y0 + a.y1 - b.y0 - b.y1) < 0.5 * min(a.height, b.height)
    return level and max(a.x0, b.x0) - min(a.x1, b.x1) < _NEAR * max(a.height, b.height)


def _is_left(line: dict[str, Any]) -> bool:
    return line["dir"] == (1, 0) and runs_left("".join(c["c"] for span in line["spans"] for c in span["chars"]))


def _glyphs(spans: Sequence[dict[str, Any]]) -> list[Glyph]:
    """Returns letters at their places; one without a width is part of a ligature or a mark of the letter it touches."""
    results: list[Glyph] = []
    rest: list[Glyph] = []
    for n, span in enumerate(spans):
        for char in span["chars"]:
            text = _plain_letter(char["c"])
            glyph = Glyph(text, Box(*char["bbox"]), n)
            narrow = glyph.box.width < _TOUCH * span["size"] or unicodedata.category(text[-1]) == "Mn"
            (rest if narrow and not text.isspace() else results).append(glyph)
    for glyph in rest:
        x = (glyph.box.x0 + glyph.box.x1) / 2
        touching = [n for n, other in enumerate(results) if abs(other.box.x1 - x) < 0.5]
        over = [n for n, other in enumerate(results) if other.box.x0 <= x <= other.box.x1]
        if home := touching or over:
            other = results[home[0]]
            results[home[0]] = other._replace(text=other.text + glyph.text)
        else:
            results.append(glyph)
    return results


def _plain_letter(c: str) -> str:
    """Returns a letter without the form that it takes within a word."""
    return unicodedata.normalize("NFKC", c) if "\ufb1d" <= c <= "\ufdff" or "\ufe70" <= c <= "\ufefc" else c


def _space_out(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Returns glyphs from left to right, one space between those that stand apart."""
    result: list[Glyph] = []
    for glyph in glyphs:
        if glyph.text.isspace():
            if result and not result[-1].text.isspace():
                result.append(glyph._replace(text=" "))
            continue
        if result and not result[-1].text.isspace() and glyph.box.x0 - result[-1].box.x1 > _GAP * glyph.box.height:
            result.append(Glyph(" ", Box(result[-1].box.x1, glyph.box.y0, glyph.box.x0, glyph.box.y1), glyph.span))
        result.append(glyph)
    return result[:-1] if result and result[-1].text.isspace() else result


def _kind(text: str) -> str:
    """Returns R or L for letters of a direction, N for digits, S for signs that go with digits, and "-" for others."""
    kind = unicodedata.bidirectional(text[0])
    return {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N", "ES": "S", "CS": "S", "ET": "S"}.get(kind, "-")


def _leftward(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Returns a line's glyphs in reading order from the right; words of the other direction and numbers keep theirs."""
    result: list[Glyph] = []
    for rightward, run in reversed(list(_runs(glyphs, "L", "R"))):
        if rightward:
            result += run
            continue
        for is_number, part in reversed(list(_numbers(run))):
            result += part if is_number else part[::-1]
    return result


def _runs(glyphs: Sequence[Glyph], inner: str, outer: str) -> Iterator[tuple[bool, Sequence[Glyph]]]:
    """Yields stretches from the left: those with letters of the `inner` direction, and what else is there."""
    kinds = [_kind(glyph.text) for glyph in glyphs]
    start = n = 0
    while n < len(glyphs):
        if kinds[n] != inner:
            n += 1
            continue
        begin = n
        end = next((m for m in range(n, len(glyphs)) if kinds[m] == outer), len(glyphs))
        while kinds[end - 1] in "-S":
            end -= 1
        back = next((m + 1 for m in range(begin - 1, start - 1, -1) if kinds[m] == outer), start)
        begin = next((m for m in range(back, begin) if kinds[m] == "N"), begin)
        if begin > start:
            yield False, glyphs[start:begin]
        yield True, glyphs[begin:end]
        start = n = end
    if start < len(glyphs):
        yield False, glyphs[start:]


def _numbers(run: Sequence[Glyph]) -> Iterator[tuple[bool, Sequence[Glyph]]]:
    """Yields a stretch in numbers, with the signs that stand at them, and what is between them."""
    kinds = [_kind(glyph.text) for glyph in run]
    part: list[int] = []
    is_number = False
    for n, kind in enumerate(kinds):
        beside = {*kinds[max(0, n - 1) : n], *kinds[n + 1 : n + 2]}
        belongs = kind == "N" or (kind == "S" and "N" in beside and (_is_inside(kinds, n) or _is_unit(run[n].text)))
        if part and belongs != is_number:
            yield is_number, [run[m] for m in part]
            part = []
        is_number = belongs
        part.append(n)
    if part:
        yield is_number, [run[m] for m in part]


def _is_inside(kinds: Sequence[str], n: int) -> bool:
    return 0 < n < len(kinds) - 1 and kinds[n - 1] == kinds[n + 1] == "N"


def _is_unit(sign: str) -> bool:
    return unicodedata.bidirectional(sign[0]) == "ET"


def _words(glyphs: Sequence[Glyph]) -> Iterator[tuple[Box, str]]:
    for is_space, group in groupby(glyphs, key=lambda glyph: glyph.text.isspace()):
        if not is_space:
            word = list(group)
            yield Box.around(glyph.box for glyph in word), "".join(glyph.text for glyph in word)


def _line(pieces: Sequence[dict[str, Any]], spans: Sequence[dict[str, Any]], glyphs: Sequence[Glyph]) -> dict[str, Any]:
    glyphs_out = []
    for n, group in groupby(glyphs, key=lambda glyph: glyph.span):
        run = list(group)
        text = "".join(glyph.text for glyph in run)
        glyphs_out.append({**spans[n], "text": text, "bbox": tuple(Box.around(glyph.box for glyph in run))})
    return {**pieces[0], "spans": glyphs_out, "bbox": tuple(Box.around(Box(*line["bbox"]) for line in pieces))}


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    spans = [
        {
            **{key: value for key, value in span.items() if key != "chars"},
            "text": "".join(c["c"] for c in span["chars"]),
        }
        for span in line["spans"]
    ]
    return {**line, "spans": spans}
