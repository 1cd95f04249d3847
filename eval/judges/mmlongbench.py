"""The scorer of MMLongBench-Doc (arXiv 2407.01523): short answers against gold answers of a known format."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

NOT_ANSWERABLE = "Not answerable"
_ANLS_THRESHOLD = 0.5
_EXACT = re.compile(
    r".*https://.*|.*\.py|.*ipynb|page.*|\d+(-\d+|\s\d+)?|.*[ap]\.m\..*|\d{4}[-\s]\d{2}([-\s]\d{2})?"
    r"|[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}",
    re.S,
)
"""Cleaned gold answers that must be met to the letter: web and mail addresses, files, pages, whole numbers, times."""


def score(gold: str, answer: str, form: str) -> float:
    """Returns the score of a short answer, in [0, 1]; `form` is Int, Float, Str, List or None, by the data set.

    Whole numbers must be equal; numbers may differ by 1 %, or by a factor of 100 (a percentage); texts get their
    normalised Levenshtein similarity (ANLS), 0 at 0.5 and below; lists must have the same length, and count as their
    worst pair in sorted order.

    >>> score("0.215", "21.5%", "Float"), score("Berlin School", "berlin schol", "Str") > 0.9
    (1.0, True)
    >>> score("['a', 'b']", "['b', 'a']", "List"), score("['a', 'b']", "['a']", "List")
    (1.0, 0.0)
    """
    match form:
        case "Int":
            return float(_number(gold) is not None and _whole(gold) == _whole(answer))
        case "Float":
            return float(_close(_number(gold), _number(answer)))
        case "List":
            return _lists(_items(gold), _items(answer))
        case _:
            return _text(_clean(gold), _clean(answer))


def anls(gold: str, answer: str) -> float:
    """Returns the average normalized Levenshtein similarity of one pair, in [0, 1]; 0 for one of at most 0.5."""
    similarity = float(Levenshtein.normalized_similarity(gold, answer))
    return similarity if similarity > _ANLS_THRESHOLD else 0.0


def _text(gold: str, answer: str) -> float:
    return float(gold == answer) if _EXACT.fullmatch(gold) else anls(gold, answer)


def _lists(gold: Sequence[str], answer: Sequence[str]) -> float:
    if len(gold) != len(answer):
        return 0.0
    ours, theirs = sorted(map(_clean, gold)), sorted(map(_clean, answer))
    if _number(ours[0]) is not None or _EXACT.fullmatch(ours[0]):
        return float(ours == theirs)
    return min(anls(a, b) for a, b in zip(ours, theirs, strict=True))


def _items(text: str) -> list[str]:
    try:
        parsed = ast.literal_eval(text) if text.startswith("[") else text
    except (ValueError, SyntaxError):
        parsed = text
    return [str(item) for item in parsed] if isinstance(parsed, list) and parsed else [text]


def _close(gold: float | None, answer: float | None) -> bool:
    if gold is None or answer is None:
        return False
    for target in (gold / 100, gold, gold * 100):
        places = max(min(_places(answer), _places(target)), 2)
        if math.isclose(target, answer, rel_tol=0.01) or round(answer, places) == round(target, places):
            return True
    return False


def _places(value: float) -> int:
    return len(str(value).partition(".")[2]) or 3


def _whole(text: str) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def _number(text: str) -> float | None:
    try:
        result = float(_clean(text))
    except ValueError:
        return None
    return result if math.isfinite(result) else None


def _clean(text: str) -> str:
    text = re.sub(r"\s*\([^)]*\)", "", text.lower().strip()).strip()
    return re.sub(r"^['\"]|['\"]$", "", text).strip().lstrip("$").strip().rstrip("%").strip()
