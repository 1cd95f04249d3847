"""The words of a page's text layer with their directions, and tables that lie on their side turned upright."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np

from octavo.ingest.content import PageContent
from octavo.ingest.layout.tables.rulings import Rulings
from octavo.ingest.layout.tables.words import TableWord
from octavo.ingest.model import Box, Line
from octavo.ingest.text_layer import clean
from octavo.ingest.turn import turned_box

_BOLD = 16


class Direction(Enum):
    """The direction in which a line of text runs on its page."""

    RIGHT = (1, 0)
    UP = (0, -1)
    DOWN = (0, 1)
    LEFT = (-1, 0)


_TURNS = {Direction.RIGHT: 0, Direction.UP: 90, Direction.LEFT: 180, Direction.DOWN: 270}
"""The degrees clockwise by which text of a direction is turned upright."""


def page_words(content: PageContent) -> list[tuple[TableWord, Direction]]:
    """Returns the words of the text layer in the order of the file, each with the direction of its line."""
    styles: dict[tuple[int, int], tuple[Direction, list[tuple[Box, bool]]]] = {}
    for place, line in content.lines.items():
        spans = [(Box(*span["bbox"]), _is_bold(span)) for span in line["spans"] if span["text"].strip()]
        styles[place] = (_direction(*line["dir"]), spans)
    results = []
    for box, text, place in content.words:
        direction, spans = styles.get(place, (Direction.RIGHT, []))
        bold = [is_bold for span, is_bold in spans if box.coverage(span) > 0.5]
        results.append((TableWord(clean(text), box, bool(bold) and all(bold)), direction))
    return [(word, direction) for word, direction in results if word.text]


def _direction(x: float, y: float) -> Direction:
    """Returns the direction of a line by the cosine and sine of its angle: of a slanted one the nearest, right at 45°.

    >>> [_direction(*line).name for line in ((0.94, -0.34), (0.69, -0.72), (0.5, -0.5))]
    ['RIGHT', 'UP', 'RIGHT']
    """
    if abs(x) == abs(y):
        return Direction.RIGHT
    return Direction((round(x), 0) if abs(x) > abs(y) else (0, round(y)))


def words_of(lines: Sequence[Line], words: Sequence[tuple[TableWord, Direction]]) -> tuple[list[TableWord], Direction]:
    """Returns the words that stand on lines, and their direction.

    A line whose words are others in the layer is one piece.
    """
    around = Box.around(line.box for line in lines)
    words = [(word, direction) for word, direction in words if (word.box & around).area]
    by_table: dict[int, list[tuple[TableWord, Direction]]] = defaultdict(list)
    edges = np.array([line.box for line in lines])
    for word, direction in words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        fits = np.flatnonzero((edges[:, 0] <= x) & (x <= edges[:, 2]) & (edges[:, 1] <= y) & (y <= edges[:, 3]))
        home = next((n for n in fits.tolist() if word.text in lines[n].text), next(iter(fits.tolist()), None))
        if home is not None:
            by_table[home].append((word, direction))
    results: list[TableWord] = []
    directions: Counter[Direction] = Counter()
    for n, line in enumerate(lines):
        directions.update(direction for _, direction in by_table[n])
        if words_there := _words_said(line.text.split(), [word for word, _ in by_table[n]]):
            results += words_there
        else:
            results.append(
                TableWord(line.text, line.box, bool(by_table[n]) and all(word.bold for word, _ in by_table[n]))
            )
    common = directions.most_common(1)
    return results, common[0][0] if common else Direction.RIGHT


def _words_said(texts: Sequence[str], words: Sequence[TableWord]) -> list[TableWord]:
    """Returns the words that a line says, which may leave some of the layer out or write some otherwise.

    The list is empty where the layer has other words.
    """
    if "".join(word.text for word in words) == "".join(texts):
        return list(words)
    if raised := _with_marks(texts, words):
        return raised
    if len(texts) == len(words):
        return [TableWord(text, word.box, word.bold) for text, word in zip(texts, words, strict=True)]
    rest = iter(words)
    matches = [next((word for word in rest if word.text == text), None) for text in texts]
    return [word for word in matches if word] if all(matches) else []


def _with_marks(texts: Sequence[str], words: Sequence[TableWord]) -> list[TableWord]:
    """Returns the words that a line says, where the layer has a raised mark as a word of its own.

    The list is empty where the layer has other words.
    """
    result: list[TableWord] = []
    rest = list(words)
    for text in texts:
        run: list[TableWord] = []
        while rest and _plain("".join(word.text for word in run)) != _plain(text):
            run.append(rest.pop(0))
        if not run or _plain("".join(word.text for word in run)) != _plain(text):
            return []
        result.append(TableWord(text, Box.around(word.box for word in run), all(word.bold for word in run)))
    return result if not rest else []


def _plain(text: str) -> str:
    """Returns a text with raised and lowered letters on the line."""
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("^", "").replace("_", "")


def upright(
    words: Sequence[TableWord], rulings: Rulings, box: Box, direction: Direction, frame: Box
) -> tuple[list[TableWord], Rulings, Box]:
    """Returns words, lines and the box of a table as they stand where its text runs to the right."""
    degrees = _TURNS[direction]
    lines = Rulings(
        *(tuple(turned_box(b, degrees, frame) for b in own) for own in (rulings.horizontal, rulings.vertical))
    )
    if direction is not Direction.LEFT:
        lines = Rulings(lines.vertical, lines.horizontal)
    upright = [TableWord(word.text, turned_box(word.box, degrees, frame), word.bold) for word in words]
    return upright, lines, turned_box(box, degrees, frame)


def turned_back(box: Box, direction: Direction, frame: Box) -> Box:
    """Returns a box of a table that was turned upright, as it stands on its page, whose box is `frame`."""
    degrees = _TURNS[direction]
    return turned_box(box, -degrees, turned_box(frame, degrees, frame))


def _is_bold(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & _BOLD) or "bold" in span["font"].lower()
