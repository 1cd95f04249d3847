"""The text layer of a page: its lines, and whether it can be trusted."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from octavo.ingest import scripts, visible
from octavo.ingest.content import PageContent
from octavo.ingest.fonts import FontSpan
from octavo.ingest.model import Box, Line

MOSTLY = 0.9
"""This share of a page's letters at least runs another way where the page lies on its side."""
_BAD = {"Cc", "Cs", "Co", "Cn"}
_CID = re.compile(r"\(cid:\d+\)")
_SYMBOLS = str.maketrans({
    "\uf0b7": "•", "\uf0a7": "▪", "\uf076": "❖", "\uf0d8": "➢", "\uf0fc": "✓", "\uf0e0": "→",
    "\uf0a8": "□", "\uf06f": "□", "\uf071": "❑", "\uf078": "☒", "\uf0fe": "☒", "\uf02d": "-",
})  # fmt: skip
"""Bullets, boxes and arrows of the Symbol and Wingdings fonts, whose characters have no meaning outside them."""
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")


@dataclass(frozen=True, slots=True)
class Layer:
    """The part of a text layer that can be seen; `unseen` lines, or parts of them, were left out.

    `spans` are the pieces of whole lines that run to the right, each in one font.
    """

    lines: tuple[Line, ...] = ()
    unseen: int = 0
    spans: tuple[FontSpan, ...] = ()


def read(content: PageContent, image: Image.Image) -> Layer:
    """Returns the lines of the text layer in the order of the file, boxes in points of the page as displayed.

    Words that cannot be seen in the page's screenshot `image` are left out, and so are those that are printed twice.
    """
    rows = content.lines
    words = [_word(box, text, rows.get(place), place) for box, text, place in content.words]
    twice = visible.are_repeated(words)
    is_visible = visible.are_visible(content, words, image)
    by_place: dict[tuple[int, int], list[visible.LayerWord]] = defaultdict(list)
    for word, again, ok in zip(words, twice, is_visible, strict=True):
        if ok and not again:
            by_place[word.line].append(word)
    whole = Counter(word.line for word in words)
    frame, result, spans = Box(*content.page.rect), list[Line](), list[FontSpan]()
    for place, line in rows.items():
        visible_words = by_place[place]
        if len(visible_words) == whole[place]:
            line_text, box = clean(_text(line)), Box(*line["bbox"]) & frame
            if line["dir"] == (1, 0):
                spans += [FontSpan(span["font"], span["text"].strip(), Box(*span["bbox"])) for span in line["spans"]]
        elif visible_words:
            line_text, box = (
                clean(" ".join(word.text for word in visible_words)),
                Box.around(word.box for word in visible_words) & frame,
            )
        else:
            continue
        if line_text and box.area > 0:
            result.append(Line(line_text, box))
    unseen = {word.line for word, ok in zip(words, is_visible, strict=True) if not ok}
    return Layer(tuple(result), len(unseen), tuple(spans))


def needed_turn(content: PageContent) -> int:
    """Returns the degrees clockwise by which to turn a page so that nearly all its text runs to the right."""
    if all(line["dir"] == (1, 0) for line in content.lines.values()):
        return 0
    letters: Counter[tuple[int, int]] = Counter()
    for line in content.lines.values():
        direction = (round(line["dir"][0]), round(line["dir"][1]))
        letters[direction] += sum(c.isalnum() for span in line["spans"] for c in span["text"])
    if not letters:
        return 0
    direction, count = letters.most_common(1)[0]
    turn = {(0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(direction, 0)
    return turn if count >= MOSTLY * letters.total() else 0


def _word(box: Box, text: str, line: dict[str, Any] | None, place: tuple[int, int]) -> visible.LayerWord:
    if line is None:
        return visible.LayerWord(text, box, place)
    upright = abs(line["dir"][0]) >= abs(line["dir"][1])
    if all(span["alpha"] > 0 for span in line["spans"]):
        return visible.LayerWord(text, box, place, upright)
    spans = [span for span in line["spans"] if box.coverage(Box(*span["bbox"])) > 0.5]
    return visible.LayerWord(text, box, place, upright, not spans or any(span["alpha"] > 0 for span in spans))


def _text(line: dict[str, Any]) -> str:
    spans = line["spans"]
    if line["dir"] != (1, 0):
        return "".join(span["text"] for span in spans)
    return scripts.join_runs([scripts.Run(span["text"], span["size"], span["origin"][1]) for span in spans])


def clean(text: str) -> str:
    """Returns a line's text with single spaces, without control characters, soft hyphens and halves of characters.

    >>> clean("a\\u00ad  b\\x00 c")
    'a b c'
    >>> clean("\\uf0b7 Yoga \\uf078")
    '• Yoga ☒'
    """
    text = text.rstrip()
    text = text[:-1] + "-" if text.endswith("\u00ad") else text
    printable = "".join(
        c if c >= " " and not "\ud800" <= c <= "\udfff" else " " for c in text if c not in "\u00ad\u200b\ufeff"
    )
    return " ".join(printable.translate(_SYMBOLS).split())


def is_garbled(lines: Sequence[Line]) -> bool:
    """Returns whether a text layer's characters are not what they look like: a broken or missing encoding.

    >>> is_garbled([Line("Revenue grew in every region last year.", Box(0, 0, 1, 1))])
    False
    >>> is_garbled([Line("\\ue001\\ue002 \\ufffd\\ufffd", Box(0, 0, 1, 1))])
    True
    """
    text = "".join("".join(line.text.split()) for line in lines)
    if not text:
        return False
    bad = sum(c == "\ufffd" or unicodedata.category(c) in _BAD for c in text)
    bad += sum(len(m) for m in _CID.findall(text))
    if bad > 0.1 * len(text):
        return True
    latin = [c for c in text.lower() if c.isalpha() and c < "\u0250"]
    if len(latin) < 100 or len(latin) < 0.5 * sum(c.isalpha() for c in text):
        return False
    return sum(c in _VOWELS for c in latin) < 0.15 * len(latin)


def is_sparse(lines: Sequence[Line], pictures: float) -> bool:
    """Returns whether a page may say far more than its text layer; `pictures` is the part of it that they cover."""
    words = sum(len(line.text.split()) for line in lines)
    return words == 0 or (pictures > 0.5 and words < 30)
