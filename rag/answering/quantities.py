"""Numbers of documents with their unit and scale, and how a result is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

SCALES = {
    "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6, "mn": 1e6, "mio": 1e6, "billion": 1e9,
    "billions": 1e9, "bn": 1e9, "trillion": 1e12, "tausend": 1e3, "millionen": 1e6, "milliarden": 1e9,
}  # fmt: skip
_CURRENCY = {
    "dollars": "$",
    "dollar": "$",
    "usd": "$",
    "euros": "€",
    "euro": "€",
    "eur": "€",
    "pounds": "£",
    "pound": "£",
    "gbp": "£",
}
_NUMBER = re.compile(
    r"(?<![\w.,/-])(?P<open>\()?\s?(?P<sign>[-–−])?\s?(?P<money>US\$|[$€£¥])?\s?(?P<sign2>[-–−])?"
    r"(?P<digits>\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<close>\))?"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b|Prozent\b)|\s?(?P<scale>" + "|".join(SCALES) + r")\b)?"
    r"(?:\s?(?P<after>[€£$]))?(?![\w.,]?\d)",
    re.I,
)
_UNIT = re.compile(r"\s?([^\W\d_]+(?:/[^\W\d_]+)?²?)")
_SCALED = re.compile(r"\(?\b(?:in\s+|US\$\s*|\$\s*)?(thousands|millions|billions)\b", re.I)
_MONEY = re.compile(r"US\$|[$€£]|\b(?:dollars?|euros?|pounds?|USD|EUR|GBP)\b", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands: `value` in the units that are written, `places` decimals, `scale` (1e6 for millions).

    `unit` is `%`, a currency sign, or the word after the number, empty where none stands there; `start` and `end` are
    its place in the text.
    """

    value: float
    places: int
    unit: str
    scale: float
    start: int
    end: int

    @property
    def amount(self) -> float:
        return self.value * self.scale


def quantities(text: str) -> Iterator[Quantity]:
    """The numbers of a text that are no years.

    >>> [(q.value, q.unit, q.scale) for q in quantities("$1,284.6 million, (74.3), 62% in 2019; 78 square metres")]
    [(1284.6, '$', 1000000.0), (-74.3, '', 1), (62.0, '%', 1), (78.0, 'square', 1)]
    """
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[,' \u00a0\u202f]", "", match["digits"])
        money = (match["money"] or match["after"] or "").upper().replace("US", "")
        scale = SCALES[match["scale"].lower()] if match["scale"] else 1
        bare = not (money or match["percent"] or match["scale"])
        if bare and _YEAR.match(match["digits"]):
            continue
        following = _UNIT.match(text, match.end())
        word = following[1] if following and not match["percent"] else ""
        unit = (
            "%"
            if match["percent"]
            else money or _CURRENCY.get(word.lower(), word if word.lower() not in _NO_UNITS else "")
        )
        negative = bool(match["sign"] or match["sign2"] or (match["open"] and match["close"]))
        value = -float(digits) if negative else float(digits)
        yield Quantity(value, len(digits.partition(".")[2]), unit, scale, match.start(), match.end())


_NO_UNITS = frozenset(
    (
        "and",
        "or",
        "of",
        "in",
        "to",
        "from",
        "for",
        "at",
        "on",
        "by",
        "a",
        "the",
        "than",
        "with",
        "as",
        "is",
        "are",
        "was",
        "were",
        "und",
        "von",
        "bis",
        "et",
        "de",
        "y",
        "e",
        "per",
    )
)


def quantity(text: str, around: str = "") -> Quantity | None:
    """The number of a table's cell; its scale and currency may be told `around` it, as in "in millions of dollars".

    >>> q = quantity("(74.3)", "In millions of dollars")
    >>> q.value, q.unit, q.scale
    (-74.3, '$', 1000000.0)
    """
    result = next(quantities(text), None)
    if result is None:
        return None
    is_amount = result.scale == 1 and result.unit in ("", "$", "€", "£")
    if is_amount and (scaled := _SCALED.search(around)):
        result = replace(result, scale=SCALES[scaled[1].lower()])
    if not result.unit and (money := _MONEY.search(around)):
        result = replace(result, unit=_CURRENCY.get(money[0].lower(), money[0].upper().replace("US", "")))
    return result


def written(value: float, places: int, unit: str = "", scale: float = 1.0) -> str:
    """A result as people write it, with the scale that its inputs have.

    >>> written(147.2, 1, "$", 1e6), written(9.58, 1, "%"), written(6480, 0, "people"), written(-5, 2, "€")
    ('$147.2 million', '9.6%', '6,480 people', '-€5.00')
    """
    digits = f"{abs(value):,.{places}f}"
    sign = "-" if value < 0 and float(digits.replace(",", "")) else ""
    name = {1e3: " thousand", 1e6: " million", 1e9: " billion"}.get(scale, "")
    if unit in ("$", "€", "£", "¥"):
        return f"{sign}{unit}{digits}{name}"
    if unit == "%":
        return f"{sign}{digits}%"
    return f"{sign}{digits}{name} {unit}".strip()
