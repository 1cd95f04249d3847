"""Widths of drawn text, and the places where its lines break."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator

import pymupdf


@functools.cache
def _advance(character: str) -> float:
    """Returns the width of a character in ems."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    font = _font()
    return float(font.glyph_advance(ord(character))) if font.has_glyph(ord(character)) else 0.65


@functools.cache
def _font() -> pymupdf.Font:
    return pymupdf.Font("helv")


def width(text: str, size: float) -> float:
    """Returns points that a line of text takes at `size` points."""
    return size * sum(map(_advance, text))


def longest_word(text: str, size: float) -> float:
    """Returns points that the longest word takes; a Chinese or Japanese character is a word."""
    return max((width(word, size) for word in _words(text)), default=0.0)


def wrap_text(text: str, room: float, size: float) -> list[str]:
    """Returns the lines of a text within `room` points; a word that is longer is broken. At least one line.

    >>> wrap_text("a wrapped cell", 40, 10), wrap_text("wwwwwwwwww", 40, 10)
    (['a', 'wrapped', 'cell'], ['wwwww', 'wwwww'])
    """
    lines, line, used = [], "", 0.0
    for word in _words(text):
        word_width = width(word, size)
        if line and used + width(word.rstrip(), size) > room:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if word_width > room and width(word.rstrip(), size) > room:
            for character in word:
                step = size * _advance(character)
                if line and used + step > room:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + character, used + step
        else:
            line, used = line + word, used + word_width
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _words(text: str) -> Iterator[str]:
    """Yields words with the space after them."""
    word = ""
    for character in text:
        if word and ((word[-1] == " " and character != " ") or _is_wide(character) or _is_wide(word[-1])):
            yield word
            word = ""
        word += character
    if word:
        yield word


def _is_wide(character: str) -> bool:
    return character > "\u2e7f" and unicodedata.east_asian_width(character) in "WF"
