"""The pages that a question names: by number, in words, from the end, or by the part they play."""

from __future__ import annotations

import re
from itertools import chain

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_COUNTED = {word: n for n, word in enumerate((*_ONES.split(), "eighteen", "nineteen", "twenty"), start=1)}
_ORDINALS = {
    word: n
    for n, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=1
    )
} | {f"{n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}": n for n in range(1, 11)}
_NUMBER = rf"(?:\d{{1,4}}|(?:{'|'.join(_COUNTED)})\b)"
_PAGE = re.compile(
    rf"\b(?:pages?|slides?|pp?\.)\s*(?:no\.?\s*|number\s*|#\s*)?({_NUMBER})(?:\s*(?:-|–|to|through)\s*({_NUMBER}))?"
    r"(?![.,]?\d)\b",
    re.I,
)
_MORE = re.compile(rf"\s*(?:,|and|&|or)\s*(?:pages?\s*|slides?\s*)?({_NUMBER})\b(?!\s*[%.\d])", re.I)
_ORDINAL = re.compile(
    rf"\b({'|'.join(_ORDINALS)})\s+(?:(?:to\s+)?(last)\s+)?(?:page|slide)\b|\b(last|final)\s+(?:page|slide)\b"
    r"|\b(?:page|slide)\b[^.?!]{0,12}\b(second)\s+(?:to\s+)?last\b|\b(penultimate)\s+(?:page|slide)\b",
    re.I,
)
_LABEL = re.compile(r"\b(?i:pages?|pp?\.)\s*([A-Z]{1,2}-\d{1,3}|[ivxl]+|[IVXL]{2,})\b")
"""A page called as it is printed: `F-3`, `iv`."""
_COVER = re.compile(
    r"\b(?:(?:front|title|cover)\s+(?:page|slide)|front\s+cover|(?:on|at|from)\s+(?:the|its)\s+cover)\b(?!\s+letter)",
    re.I,
)
_BACK = re.compile(r"\bback\s+cover\b", re.I)
_RANGE = 50
"""The most pages that a range names."""


def pages(text: str) -> tuple[int | str, ...]:
    """Page numbers as people say them, from 1; negative ones count from the end (-1 is the last page).

    Those that are no plain numbers are as they are printed.

    >>> pages("the map on page two"), pages("who signed the second last page"), pages("the note on page F-3")
    ((2,), (-2,), ('F-3',))
    """
    return tuple(dict.fromkeys(chain(_ordinals(text), _numbers(text), _LABEL.findall(text))))


def without(text: str) -> str:
    """The text without the numbers of the pages it names."""
    return _LABEL.sub(" ", _PAGE.sub(" ", text))


def _ordinals(text: str) -> list[int]:
    found = [1] if _COVER.search(text) else []
    found += [-1] if _BACK.search(text) else []
    for ordinal, from_end, last, second_last, penultimate in _ORDINAL.findall(text):
        if last:
            found.append(-1)
        elif second_last or penultimate:
            found.append(-2)
        else:
            n = _ORDINALS[ordinal.lower()]
            found.append(-n if from_end else n)
    return found


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for match in _PAGE.finditer(text):
        first = _value(match[1])
        last = _value(match[2]) if match[2] else first
        found += range(first, min(last, first + _RANGE) + 1) if first <= last else (first, last)
        at = match.end()
        while more := _MORE.match(text, at):
            found.append(_value(more[1]))
            at = more.end()
    return found


def _value(number: str) -> int:
    return int(number) if number.isdigit() else _COUNTED[number.lower()]
