"""Numbers of documents with their unit and scale, and how a result is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from octavo.rag.answering.units import no_units
from octavo.rag.query.language import any_word, function_words

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
    "francs": "CHF",
    "franken": "CHF",
    "chf": "CHF",
}
CURRENCIES = frozenset({"$", "€", "£", "¥", "CHF"})
"""The units of amounts of money."""
_DIGITS = {
    ".": r"\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+",
    ",": r"\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:,\d+)?|\d+\.\d{1,2}",
}
"""Forms of numbers by their decimal sign; the other sign separates thousands."""


@cache
def _number(decimal: str) -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.,/-])(?P<open>\()?\s?(?P<sign>[-–−])?\s?(?P<money>US\$|(?:USD|EUR|GBP|CHF)\b|[$€£¥])?\s?(?P<sign2>[-–−])?"
        rf"(?P<digits>{_DIGITS[decimal]})(?P<close>\))?"
        rf"(?:\s?(?P<percent>%|{any_word(lambda language: language.amounts.percent)})"
        rf"|\s?(?P<scale>{'|'.join(SCALES)})\b)?"
        r"(?:\s?(?P<after>[€£$]))?(?![\w.,]?\d)",
        re.I,
    )


_COMMA = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d{1,2}(?![\d,.]\d|\d)")
_POINT = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})*\.\d{1,2}(?![\d,.]\d|\d)")
_WITH_COMMA = frozenset({"de", "es", "fr", "it", "nl", "pt"})
"""Languages that write decimals behind a comma."""
_FEW = 5
"""Function words from which on a text's language is known."""


@lru_cache(maxsize=1_000)
def decimal_sign(text: str) -> str:
    """Returns the sign before the decimals of a text's numbers, `,` or `.`; where none has any, by the text's language.

    >>> decimal_sign("Arbeitspreis 725,00, gesamt 1.059,40"), decimal_sign("1,284.6"), decimal_sign("18.400")
    (',', '.', '.')
    """
    commas, points = len(_COMMA.findall(text)), len(_POINT.findall(text))
    if commas != points:
        return "," if commas > points else "."
    counts = function_words(text)
    best = max(counts, key=lambda code: counts[code])
    return "," if best in _WITH_COMMA and counts[best] >= _FEW else "."


_UNIT = re.compile(r"\s?([^\W\d_]+(?:/[^\W\d_]+)?²?)")
SCALED = re.compile(r"\(?\b(?:in\s+|US\$\s*|\$\s*)?(thousands|millions|billions)\b", re.I)
_MONEY = re.compile(r"US\$|[$€£]|\b(?:dollars?|euros?|pounds?|USD|EUR|GBP)\b", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands: `value` in the units that are written, `places` decimals, `scale` (1e6 for millions).

    `unit` is `%`, a currency sign, or the word after the number, empty where none stands there; `start` and `end` are
    its place in the text, and `decimal` is the sign before its decimals.
    """

    value: float
    places: int
    unit: str
    scale: float
    start: int
    end: int
    decimal: str = "."

    @property
    def amount(self) -> float:
        return self.value * self.scale


def quantities(text: str, decimal: str = ".") -> Iterator[Quantity]:
    """Yields the numbers of a text that are no years; `decimal` is the sign before its decimals.

    >>> [(q.value, q.unit, q.scale) for q in quantities("$1,284.6 million, (74.3), 62% in 2019; 78 square metres")]
    [(1284.6, '$', 1000000.0), (-74.3, '', 1), (62.0, '%', 1), (78.0, 'square', 1)]
    >>> [(q.value, q.unit) for q in quantities("1.059,40 € für 2.500 kWh", ",")]
    [(1059.4, '€'), (2500.0, 'kWh')]
    """
    for match in _number(decimal).finditer(text):
        digits = _plain(match["digits"], decimal)
        money = (match["money"] or match["after"] or "").upper().replace("US$", "$")
        money = _CURRENCY.get(money.lower(), money)
        scale = SCALES[match["scale"].lower()] if match["scale"] else 1
        bare = not (money or match["percent"] or match["scale"])
        if bare and _YEAR.match(match["digits"]):
            continue
        following = _UNIT.match(text, match.end())
        word = following[1] if following and not match["percent"] else ""
        unit = (
            "%"
            if match["percent"]
            else money or _CURRENCY.get(word.lower(), word if word.lower() not in no_units() else "")
        )
        negative = bool(match["sign"] or match["sign2"] or (match["open"] and match["close"]))
        value = -float(digits) if negative else float(digits)
        yield Quantity(value, len(digits.partition(".")[2]), unit, scale, match.start(), match.end(), decimal)


def _plain(digits: str, decimal: str) -> str:
    """Returns a number without signs between thousands, its decimals behind a point."""
    digits = re.sub(r"[' \u00a0\u202f]", "", digits)
    if decimal == "." or re.fullmatch(r"\d+\.\d{1,2}", digits):
        return digits.replace(",", "")
    return digits.replace(".", "").replace(",", ".")


def currency_words() -> Collection[str]:
    """Returns the words and codes of currencies."""
    return _CURRENCY.keys()


def quantity(text: str, around: str = "", decimal: str = ".") -> Quantity | None:
    """Returns the number of a table's cell.

    Its scale and currency may be told `around` it, as in "in millions of dollars".

    >>> q = quantity("(74.3)", "In millions of dollars")
    >>> q.value, q.unit, q.scale
    (-74.3, '$', 1000000.0)
    """
    result = next(quantities(text, decimal), None)
    if result is None:
        return None
    is_amount = result.scale == 1 and result.unit in ("", "$", "€", "£")
    if is_amount and (scaled := SCALED.search(around)):
        result = replace(result, scale=SCALES[scaled[1].lower()])
    if not result.unit and (money := _MONEY.search(around)):
        result = replace(result, unit=_CURRENCY.get(money[0].lower(), money[0].upper().replace("US$", "$")))
    return result


def format_number(value: float, places: int, unit: str = "", scale: float = 1.0, decimal: str = ".") -> str:
    """Returns a result as people write it, with the scale and the decimal sign that its inputs have.

    >>> format_number(147.2, 1, "$", 1e6), format_number(9.58, 1, "%")
    ('$147.2 million', '9.6%')
    >>> format_number(6480, 0, "people"), format_number(-5, 2, "€")
    ('6,480 people', '-€5.00')
    >>> format_number(1059.4, 2, "€", decimal=",")
    '1.059,40 €'
    """
    digits = f"{abs(value):,.{places}f}"
    sign = "-" if value < 0 and float(digits.replace(",", "")) else ""
    if decimal == ",":
        digits = digits.translate(str.maketrans(",.", ".,"))
    name = {1e3: " thousand", 1e6: " million", 1e9: " billion"}.get(scale, "")
    if unit in ("$", "€", "£", "¥"):
        return f"{sign}{unit}{digits}{name}" if decimal == "." else f"{sign}{digits}{name} {unit}"
    if unit == "%":
        return f"{sign}{digits}%"
    return f"{sign}{digits}{name} {unit}".strip()
