"""Numbers with their units, and dates, as they stand in text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SCALES = {
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
}
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-–−(]?)\s?(?P<money>[$€£]\s?)?(?P<minus>-)?(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<percent>%|percent(?:age points?)?\b|pp\b)|\s?(?P<scale>" + "|".join(_SCALES) + r")\b)?(?!\w)",
    re.I,
)
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_WORD = re.compile(r"\b(" + "|".join(_WORDS) + r")\b", re.I)
_SHORT = 12
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_MONTH = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\.?"
_TOLERANCE = 0.005
"""Numbers of which one is so much larger, as a share, are taken to be rounded."""
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})\b"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<number>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})\b"),
)


@dataclass(frozen=True, slots=True)
class AnswerNumber:
    """A number as it is written (`value`, `places` decimals), its scale (1e6 for millions, 1 where none is named).

    `percent` is true for percentages, `money` where a currency sign stands before it; `start` is its place.
    """

    value: float
    places: int
    scale: float
    percent: bool
    money: bool
    start: int

    @property
    def is_year(self) -> bool:
        return not (self.percent or self.money or self.places or self.scale != 1) and 1900 <= self.value <= 2100

    def agrees(self, other: AnswerNumber, scale: float = 1.0) -> bool:
        """Returns true if another number says the same as this one, rounded as this one is.

        `scale` is what the question asks for ("in USD millions"): a number that names no scale may be in that one. A
        share may stand for a percentage, 0.062 for 6.2 %, and a percentage for no amount of money.
        """
        if (self.money and other.percent) or (self.percent and other.money):
            return False
        mine, theirs = ({q.scale, scale} if q.scale == 1 else {q.scale} for q in (self, other))
        factors = {b / a for a in mine for b in theirs}
        if self.percent != other.percent:
            factors |= {0.01, 100.0}
        return any(self._rounds(other.value * factor) for factor in factors)

    def _rounds(self, value: float) -> bool:
        """Returns true if `value` is this one to its last place that is not 0, or within half a percent."""
        text = f"{abs(self.value):.{self.places}f}".rstrip("0") if self.places else ""
        slack = 0.5 * 10.0 ** -len(text.partition(".")[2]) if text.partition(".")[2] else 0.0
        return math.isclose(self.value, value, rel_tol=_TOLERANCE, abs_tol=slack + 1e-9)


def quantities(text: str) -> list[AnswerNumber]:
    """Returns the numbers of a text in order, in a short one also those in words.

    Digits in words, such as FY2022, are none.

    >>> [(q.value, q.scale, q.percent) for q in quantities("$1.5 billion, up 6.2% on 1,400 in FY2021")]
    [(1.5, 1000000000.0, False), (6.2, 1, True), (1400.0, 1, False)]
    """
    results = [
        AnswerNumber(
            value=float(m["digits"].replace(",", "")) * _sign(m, text),
            places=len(m["digits"].partition(".")[2]),
            scale=_SCALES[m["scale"].lower()] if m["scale"] else 1,
            percent=bool(m["percent"]),
            money=bool(m["money"]),
            start=m.start("digits"),
        )
        for m in _NUMBER.finditer(text)
    ]
    if len(text.split()) <= _SHORT:
        results += [AnswerNumber(_WORDS[m[1].lower()], 0, 1, False, False, m.start()) for m in _WORD.finditer(text)]
    return sorted(results, key=lambda q: q.start)


def asked_scale(question: str) -> float:
    """Returns the scale that a question asks for, 1 where it names none.

    >>> asked_scale("What was revenue? Answer in USD millions.")
    1000000.0
    """
    match = re.search(
        r"\b(?:in|of)\s+(?:US\$|USD|\$|US dollars?|dollars?)?\s*(thousand|million|billion)s?\b", question, re.I
    )
    return _SCALES[match[1].lower()] if match else 1.0


def dates(text: str) -> list[tuple[int, int, int]]:
    """Returns the days named in a text as (year, month, day); of 7/1/2022 the month is taken to stand first.

    >>> dates("dated 1st July 2022, filed 2022-07-05")
    [(2022, 7, 5), (2022, 7, 1)]
    """
    return [day for pattern in _DATES for m in pattern.finditer(text) for day in _day(m)]


def _day(match: re.Match[str]) -> Iterator[tuple[int, int, int]]:
    parts: dict[str, str] = match.groupdict()
    month = _MONTHS[parts["month"][:3].lower()] if parts.get("month") else int(parts["number"])
    if 1 <= month <= 12:
        yield int(parts["year"]), month, int(parts["day"])


def _sign(match: re.Match[str], text: str) -> int:
    if match["minus"]:
        return -1
    opening = match["sign"]
    if opening == "(":
        return -1 if match["money"] is not None and text[match.end() : match.end() + 1] == ")" else 1
    before = text[match.start() - 1] if match.start() else " "
    return -1 if opening and before in " \n(|:" else 1


def contains(quantities: Sequence[AnswerNumber], gold: AnswerNumber, scale: float) -> bool:
    """Returns true if any number of an answer agrees with the gold one."""
    return any(gold.agrees(quantity, scale) for quantity in quantities)
