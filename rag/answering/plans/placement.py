"""Places in an order: the second highest, the third largest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from octavo.rag.answering.patterns import pattern
from octavo.rag.query.language import languages

_SUPERLATIVES = tuple(pattern("extremes", name) for name in ("most", "least", "superlative"))


def place_asked_for(text: str, code: str) -> tuple[int, str]:
    """Returns the place in an order that stands right before a superlative, 1 without one, and the text without it.

    >>> place_asked_for("Which town has the second highest rent?", "en")
    (2, 'Which town has the highest rent?')
    >>> place_asked_for("Which town of the second list has the highest rent?", "en")[0]
    1
    """
    form, numbers = _ordinals(code)
    for match in form.finditer(text):
        if any(superlative.match(text, match.end()) for superlative in _SUPERLATIVES):
            place = numbers.get(match["word"].lower()) or int(re.sub(r"\D", "", match["word"]))
            return place, text[: match.start()] + text[match.end() :]
    return 1, text


def at_place(numbers: Iterable[float], place: int, *, lowest: bool) -> float | None:
    """Returns the number at a place in the order, equal ones counted once; `None` where there are fewer.

    >>> at_place([3.0, 9.0, 9.0, 5.0], 2, lowest=False), at_place([3.0, 9.0], 3, lowest=True)
    (5.0, None)
    """
    ordered = sorted(set(numbers), reverse=not lowest)
    return ordered[place - 1] if place <= len(ordered) else None


@cache
def _ordinals(code: str) -> tuple[re.Pattern[str], dict[str, int]]:
    words = languages()[code].pages
    numbers = {form: n for n, forms in enumerate(words.ordinals, 1) for form in forms}
    named, suffixes = (
        "|".join(map(re.escape, sorted(own, key=len, reverse=True))) for own in (numbers, words.suffixes)
    )
    return re.compile(rf"\b(?P<word>{named}|[1-9]\d?(?:{suffixes}))[\s-]+", re.I), numbers
