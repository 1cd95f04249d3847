"""Sections: the path of headings to each heading, derived from titles and numbers, as levels are unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.ingest.model import Element, Kind

Path = tuple[str, ...]
Number = tuple[int, ...]

_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.):]?\s+[^\W\d_]")
_FURTHEST_STEP = 2
"""The largest step of the first part of a number, since reading may miss a heading."""


def paths(headings: Sequence[Element]) -> list[Path]:
    """Returns for each heading, in reading order, the headings above it and itself.

    A title opens a new path. A number such as "2.1" tells the depth where it carries on the numbers before it. A
    heading without a number lies within the numbered one before it as long as more numbers follow; before the first
    and after the last of them ("Abstract", "References") it stands at the top, below the title.

    >>> from octavo.ingest import Box
    >>> names = ["Abstract", "1 Data", "1.1 Sources", "Licences", "2 Results", "References"]
    >>> for path in paths([Element(n, Kind.SECTION_HEADER, Box(0, 0, 9, 9), name) for n, name in enumerate(names)]):
    ...     print(" › ".join(path))
    Abstract
    1 Data
    1 Data › 1.1 Sources
    1 Data › 1.1 Sources › Licences
    2 Results
    References
    """
    results: list[Path] = []
    above: list[tuple[int, str]] = []
    for heading, level in zip(headings, _levels(headings), strict=True):
        above = [(upper, name) for upper, name in above if upper < level]
        above.append((level, " ".join(heading.text.split())))
        results.append(tuple(name for _, name in above))
    return results


def _levels(headings: Sequence[Element]) -> list[int]:
    """Returns the level of each heading: 0 for a title, else 1 or more."""
    numbers = _numbers(headings)
    more_follow: list[bool] = []
    more = False
    for heading, number in zip(reversed(headings), reversed(numbers), strict=True):
        more_follow.append(more)
        more = heading.kind is not Kind.TITLE and (more or bool(number))
    levels: list[int] = []
    depth = 0
    for heading, number, more in zip(headings, numbers, reversed(more_follow), strict=True):
        if heading.kind is Kind.TITLE or number:
            depth = len(number)
            levels.append(depth)
        else:
            levels.append(depth + 1 if more else 1)
    return levels


def _numbers(headings: Sequence[Element]) -> list[Number]:
    """Returns the number of each heading, () where it has none."""
    numbers: list[Number] = []
    last: Number = ()
    for heading in headings:
        match = _NUMBER.match(heading.text)
        number = tuple(map(int, match[1].split("."))) if match else ()
        if heading.kind is Kind.TITLE:
            number = last = ()
        elif number == (1,) or _carries_on(last, number):
            last = number
        else:
            number = ()
        numbers.append(number)
    return numbers


def _carries_on(last: Number, number: Number) -> bool:
    """Returns whether a section's number may come after another's: "10 years of growth" is no section 10.

    >>> [_carries_on((2, 1), number) for number in [(2, 2), (2, 1, 1), (3,), (3, 1), (3, 5), (10,), (1, 1)]]
    [True, True, True, True, False, False, False]
    """
    beside_or_below = number[:-1] == last[: len(number) - 1]
    opens = set(number[1:]) <= {1}
    return last < number and number[0] - sum(last[:1]) <= _FURTHEST_STEP and (beside_or_below or opens)
