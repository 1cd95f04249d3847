"""The text layer of a page: its lines, and whether it can be trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import pymupdf

from octavo.ingest import scripts
from octavo.ingest.model import Box, Line

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_DEHYPHENATE
_BAD = {"Cc", "Cs", "Co", "Cn"}
_CID = re.compile(r"\(cid:\d+\)")
_SYMBOLS = str.maketrans({
    "\uf0b7": "•", "\uf0a7": "▪", "\uf076": "❖", "\uf0d8": "➢", "\uf0fc": "✓", "\uf0e0": "→",
    "\uf0a8": "□", "\uf06f": "□", "\uf071": "❑", "\uf078": "☒", "\uf0fe": "☒", "\uf02d": "-",
})  # fmt: skip
"""Bullets, boxes and arrows of the Symbol and Wingdings fonts, whose characters have no meaning outside them."""
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")


def lines(page: pymupdf.Page) -> list[Line]:
    """The lines of the text layer, in the order of the file, boxes in points of the page as displayed."""
    found = []
    for block in page.get_text("dict", flags=_FLAGS)["blocks"]:
        for line in block.get("lines", ()):
            text = clean(_text(line))
            box = Box(*line["bbox"]) & Box(*page.rect)
            if text and box.area > 0:
                found.append(Line(text, box))
    return found


def _text(line: dict[str, Any]) -> str:
    spans = line["spans"]
    if line["dir"] != (1, 0):
        return "".join(span["text"] for span in spans)
    return scripts.joined([scripts.Run(span["text"], span["size"], span["origin"][1]) for span in spans])


def clean(text: str) -> str:
    """A line's text with single spaces, without control characters, soft hyphens and halves of characters.

    >>> clean("a\\u00ad  b\\x00 c")
    'a b c'
    >>> clean("\\uf0b7 Yoga \\uf078")
    '• Yoga ☒'
    """
    kept = "".join(
        c if c >= " " and not "\ud800" <= c <= "\udfff" else " " for c in text if c not in "\u00ad\u200b\ufeff"
    )
    return " ".join(kept.translate(_SYMBOLS).split())


def is_garbled(found: Sequence[Line]) -> bool:
    """Whether a text layer's characters are not what they look like: a broken or missing encoding.

    >>> is_garbled([Line("Revenue grew in every region last year.", Box(0, 0, 1, 1))])
    False
    >>> is_garbled([Line("\\ue001\\ue002 \\ufffd\\ufffd", Box(0, 0, 1, 1))])
    True
    """
    text = "".join("".join(line.text.split()) for line in found)
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


def is_sparse(found: Sequence[Line], pictures: float) -> bool:
    """Whether a page whose pictures cover a share `pictures` of it may say far more than its text layer does."""
    words = sum(len(line.text.split()) for line in found)
    return words == 0 or (pictures > 0.5 and words < 30)
