"""Fonts whose characters are not what they look like, found by reading a line of each from the picture."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from octavo.ingest import ocr
from octavo.ingest.model import Box

SURE = 0.9
"""OCR counts against a text layer if it is at least so sure of a line."""
ALIKE = 0.6
"""Lines that say the same have at least this ratio of equal characters."""
_SHARE = 0.1
_LEAST, _HEIGHT = 6, 12


class Span(NamedTuple):
    """A piece of a line in one font; `box` in points."""

    font: str
    text: str
    box: Box


@lru_cache(maxsize=8)
def known_of(pdf: Path) -> dict[str, bool]:
    """What is known of the fonts of a file, by name: whether they lie."""
    return {}


def lie(spans: Sequence[Span], image: Image.Image, scale: float, known: dict[str, bool]) -> bool:
    """Whether at least a tenth of a page's letters is of fonts that lie: shifted, or with digits in each other's place.

    `image` is the screenshot at `scale` pixels per point. `known` holds what was found of fonts before (`known_of`).
    Only lines in Latin letters are compared, two of each font that is used much: a longer one, and one with digits.
    """
    letters: dict[str, int] = {}
    for span in spans:
        letters[span.font] = letters.get(span.font, 0) + _size(span.text)
    for font, count in letters.items():
        if font not in known and count > 0.5 * _SHARE * sum(letters.values()):
            verdict = _lies([span for span in spans if span.font == font], image, scale)
            if verdict is not None:
                known[font] = verdict
    lying = sum(count for font, count in letters.items() if known.get(font))
    return lying > _SHARE * sum(letters.values())


def differs(layer: str, picture: str) -> bool:
    """Whether a text layer's line says something else than what stands there.

    >>> differs("Uhyhqxh lq 5354", "Revenue in 2021"), differs("Revenue in 2021", "Revenue ln 2021")
    (True, False)
    >>> differs("Revenue was 84.3 million in 1210", "Revenue was 48.3 million in 2021")
    True
    """
    a, b = (("".join(c for c in text.lower() if c.isalnum())) for text in (layer, picture))
    if SequenceMatcher(None, a, b, autojunk=False).ratio() < ALIKE:
        return True
    one, two = ("".join(c for c in text if c.isdigit()) for text in (a, b))
    wrong = sum(x != y for x, y in zip(one, two, strict=False))
    return len(one) == len(two) and wrong >= max(3, 0.4 * len(one))


def _lies(spans: Sequence[Span], image: Image.Image, scale: float) -> bool | None:
    """Whether a font lies; `None` where no line tells."""
    fit = [span for span in spans if _is_fit(span, scale)]
    if not fit:
        return None
    longer = max(fit, key=lambda span: (min(_size(span.text), 20), -len(span.text)))
    samples = {longer, max(fit, key=lambda span: (min(_digits(span.text), 8), -len(span.text)))}
    found = [differing for span in samples if (differing := _compared(span, image, scale)) is not None]
    if any(found):
        others = sorted((span for span in fit if span not in samples), key=lambda span: -_digits(span.text))[:2]
        found += [differing for span in others if (differing := _compared(span, image, scale)) is not None]
    return bool(found) and (sum(found) >= 2 or all(found))


def _compared(span: Span, image: Image.Image, scale: float) -> bool | None:
    x0, y0, x1, y1 = span.box.scaled(scale)
    text, sure = ocr.read_line(image.crop((x0 - 2, y0 - 1, x1 + 2, y1 + 1)))
    if sure < SURE or not 0.6 * _size(span.text) <= _size(text) <= 1.6 * len(span.text):
        return None
    return differs(span.text, text)


def _is_fit(span: Span, scale: float) -> bool:
    said = span.text.replace(" ", "")
    plain = sum(c.isascii() for c in said) >= 0.9 * len(said)
    return plain and _size(said) >= _LEAST and len(said) <= 90 and span.box.height * scale >= _HEIGHT


def _size(text: str) -> int:
    return sum(c.isalnum() for c in text)


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)
