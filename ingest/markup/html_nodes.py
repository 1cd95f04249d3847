"""Nodes of HTML: which are left out, and what their words and attributes say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from octavo.ingest.markup import formulas

DROPPED_TAGS = frozenset({
    "script", "style", "noscript", "template", "head", "meta", "link", "base", "audio", "video", "source",
    "track", "embed", "param", "area", "map", "canvas", "frame", "datalist", "rp", "annotation",
})  # fmt: skip
"""Tags whose content is no text of the page."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


def is_hidden(node: etree._Element) -> bool:
    """Returns whether a node or its style says that it is not shown."""
    return node.get("hidden") is not None or bool(_HIDDEN.search(node.get("style") or ""))


def is_svg_text(node: etree._Element) -> bool:
    """Returns whether a node of a drawing holds text."""
    return formulas.local_name(node) in ("text", "title", "desc")


def words_of(node: etree._Element, without: frozenset[str] = frozenset()) -> str:
    """Returns the words of a node on one line, without those of the elements called `without` in it."""

    def texts_of(part: etree._Element) -> Iterator[str]:
        if isinstance(part.tag, str) and part.tag not in DROPPED_TAGS and not is_hidden(part):
            yield part.text or ""
            for child in part:
                if child.tag not in without:
                    yield from texts_of(child)
                yield child.tail or ""

    return " ".join("".join(texts_of(node)).split())


def whole_number(value: str | None, otherwise: int) -> int:
    """Returns the whole number that an attribute begins with.

    >>> whole_number("2 rows", 1), whole_number(None, 1)
    (2, 1)
    """
    match = re.match(r"\s*(-?\d{1,6})", value or "")
    return int(match[1]) if match else otherwise


def pixels(value: str | None) -> float:
    """Returns an attribute's length in pixels, 0 where it has none or another unit.

    >>> pixels("640px"), pixels("50%")
    (640.0, 0.0)
    """
    match = re.match(r"\s*(\d{1,5}(?:\.\d+)?)\s*(?:px|$)", value or "")
    return float(match[1]) if match else 0.0


def numeral(number: int, style: str) -> str:
    """Returns a list's number in a style of `type`: letters for `a` and `A`, Roman numerals for `i` and `I`.

    >>> numeral(3, "a"), numeral(4, "I"), numeral(7, "1")
    ('c', 'IV', '7')
    """
    if style in ("a", "A") and 1 <= number <= 26:
        return chr(ord(style) + number - 1)
    if style in ("i", "I") and 1 <= number < 4000:
        parts = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                 (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
        roman = ""
        for value, letters in parts:
            roman += letters * (number // value)
            number %= value
        return roman if style == "i" else roman.upper()
    return str(number)
