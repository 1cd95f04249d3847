"""Fonts whose characters are not what they look like, found by reading a line of each from the picture."""

from __future__ import annotations

from collections import Counter, defaultdict
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
_TIMES = 3


class FontSpan(NamedTuple):
    """A piece of a line in one font; `box` in points."""

    font: str
    text: str
    box: Box


@lru_cache(maxsize=8)
def known_of(pdf: Path) -> dict[str, bool]:
    """Returns the verdicts on the fonts of a file, by name: True for those that lie."""
    return {}


def lie(spans: Sequence[FontSpan], image: Image.Image, scale: float, verdicts: dict[str, bool]) -> bool:
    """Returns whether fonts that lie, shifted or with digits in each other's place, set a tenth of a page's letters.

    `image` is the screenshot at `scale` pixels per point. `verdicts` holds what was found of fonts before (`known_of`).
    Only lines in Latin letters are compared, two of each font that is used much: a longer one, and one with digits.
    """
    letters: dict[str, int] = {}
    for span in spans:
        letters[span.font] = letters.get(span.font, 0) + _size(span.text)
    for font, count in letters.items():
        if font not in verdicts and count > 0.5 * _SHARE * sum(letters.values()):
            verdict = _lies([span for span in spans if span.font == font], image, scale)
            if verdict is not None:
                verdicts[font] = verdict
    lying = sum(count for font, count in letters.items() if verdicts.get(font))
    return lying > _SHARE * sum(letters.values())


def differs(layer: str, picture: str) -> bool:
    """Returns whether the text layer of a line differs from the picture by more than misread letters.

    >>> differs("Uhyhqxh lq 5354", "Revenue in 2021"), differs("Revenue in 2021", "Revenue ln 2021")
    (True, False)
    >>> differs("Revenue was 84.3 million in 1210", "Revenue was 48.3 million in 2021")
    True
    """
    a, b = (("".join(c for c in text.lower() if c.isalnum())) for text in (layer, picture))
    if SequenceMatcher(None, a, b, autojunk=False).ratio() < ALIKE:
        return True
    digits = sum(c.isdigit() for c in b)
    wrong = sum(letter != digit for letter, digit in read_digits(layer, picture))
    return wrong >= max(3, 0.4 * digits)


def read_digits(layer: str, picture: str) -> list[tuple[str, str]]:
    """Returns each digit that is seen, after the character of the layer that stands there.

    There are none if the lines do not match.

    >>> read_digits("It was 84 %.", "It was 48 %.")
    [('8', '4'), ('4', '8')]
    """
    a, b = ("".join(text.split()) for text in (layer, picture))
    alike = len(a) == len(b) and sum(x == y or y.isdigit() for x, y in zip(a, b, strict=True)) >= 0.9 * len(a)
    return [(x, y) for x, y in zip(a, b, strict=True) if y.isdigit()] if alike else []


def are_swapped(pairs: Sequence[tuple[str, str]]) -> bool:
    """Returns whether a character of the layer is always, and at least three times, seen as one digit that is another.

    >>> are_swapped([("4", "8"), ("1", "1"), ("4", "8"), ("4", "8")]), are_swapped([("4", "8"), ("4", "4"), ("4", "4")])
    (True, False)
    """
    digits_of: dict[str, Counter[str]] = defaultdict(Counter)
    for layer, picture in pairs:
        digits_of[layer][picture] += 1
    return any(
        len(digits) == 1 and digits.total() >= _TIMES and layer not in digits for layer, digits in digits_of.items()
    )


def _lies(spans: Sequence[FontSpan], image: Image.Image, scale: float) -> bool | None:
    """Returns whether a font lies; `None` where no line tells."""
    fit = [span for span in spans if _is_fit(span, scale)]
    if not fit:
        return None
    longer = max(fit, key=lambda span: (min(_size(span.text), 20), -len(span.text)))
    samples = {longer, max(fit, key=lambda span: (min(_digits(span.text), 8), -len(span.text)))}
    readings = [(span, text) for span in samples if (text := _read(span, image, scale)) is not None]
    pairs = [pair for span, text in readings for pair in read_digits(span.text, text)]
    odd = {letter for letter, digit in pairs if letter != digit}
    if odd or any(differs(span.text, text) for span, text in readings):
        others = sorted(
            (span for span in fit if span not in samples),
            key=lambda span: (-sum(c in odd for c in span.text), -_digits(span.text)),
        )
        readings += [(span, text) for span in others[:2] if (text := _read(span, image, scale)) is not None]
    if are_swapped([pair for span, text in readings for pair in read_digits(span.text, text)]):
        return True
    results = [differs(span.text, text) for span, text in readings]
    return bool(results) and (sum(results) >= 2 or all(results))


def _read(span: FontSpan, image: Image.Image, scale: float) -> str | None:
    """Returns what OCR reads where a span stands; `None` where it is not sure, or reads much more or less."""
    x0, y0, x1, y1 = span.box.scaled(scale)
    text, sure = ocr.read_line(image.crop((x0 - 2, y0 - 1, x1 + 2, y1 + 1)))
    if sure < SURE or not 0.6 * _size(span.text) <= _size(text) <= 1.6 * len(span.text):
        return None
    return text


def _is_fit(span: FontSpan, scale: float) -> bool:
    letters = span.text.replace(" ", "")
    plain = sum(c.isascii() for c in letters) >= 0.9 * len(letters)
    return plain and _size(letters) >= _LEAST and len(letters) <= 90 and span.box.height * scale >= _HEIGHT


def _size(text: str) -> int:
    return sum(c.isalnum() for c in text)


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)
