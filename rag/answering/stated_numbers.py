"""Numbers that a text or evidence states, with the years, unit and scale that they stand under, where known."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from octavo.rag.answering.passages import Passage
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.quantities import quantities, quantity

NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,'\u00a0\u202f]\d+)*(?!\w)|(?<![\w.,])\d+(?:[.,]\d+)*(?=[%€$£])")
_ANY_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")
_YEAR_AFTER = pattern("reporting", "year_after")
_YEAR_BEFORE = re.compile(r"((?:19|20)\d\d)\s*:\s*\D{0,3}$")
_SCALES = (1e3, 1e6, 1e9, 1e-3, 1e-6, 1e-9, 100.0, 0.01)
_ROUNDED = 0.01
"""Share of an amount that rounding may take away."""
_SCALE_NAMES = {1e3: "thousands", 1e6: "millions", 1e9: "billions", 1e12: "trillions"}


@dataclass(frozen=True, slots=True)
class StatedNumber:
    """A number as it stands: `years`, `unit` (`%` or a currency sign) and `scale` (1e6: millions) where they are known.

    `years` are empty, `unit` is empty and `scale` is 1 where they are not.
    """

    value: float
    years: frozenset[str] = frozenset()
    unit: str = ""
    scale: float = 1.0

    def is_amount_of(self, other: StatedNumber) -> bool:
        """Returns true where both have a scale and are the same amount, apart from rounding."""
        amount = other.value * other.scale
        return self.scale > 1 and other.scale > 1 and abs(self.value * self.scale - amount) <= _ROUNDED * amount

    def contradicts(self, other: StatedNumber) -> str:
        """Returns how the number differs from the claim, in words; empty where it does not.

        >>> number = StatedNumber(1373, frozenset({"2017"}), "$", 1e6)
        >>> number.contradicts(StatedNumber(1373, frozenset({"2018"})))
        'stands under 2017, not 2018'
        >>> number.contradicts(StatedNumber(1373, unit="%")), number.contradicts(StatedNumber(1373, scale=1e9))
        ('is no percentage', 'stands in millions, not billions')
        """
        if self.years and other.years and not self.years & other.years:
            return f"stands under {', '.join(sorted(self.years))}, not {', '.join(sorted(other.years))}"
        if self.scale > 1 and other.scale > 1 and self.scale != other.scale and not self.is_amount_of(other):
            return f"stands in {_SCALE_NAMES[self.scale]}, not {_SCALE_NAMES[other.scale]}"
        if self.value != other.value:
            return ""
        if other.unit == "%" and (self.unit not in ("", "%") or self.scale > 1):
            return "is no percentage"
        if self.unit == "%" and (other.unit not in ("", "%") or other.scale > 1):
            return "is a percentage"
        return ""


class StatedNumbers:
    """The numbers of one text or piece of evidence, found by their value."""

    def __init__(self, numbers: Iterable[StatedNumber]) -> None:
        self._numbers = sorted(set(numbers), key=lambda number: number.value)
        self._values = [number.value for number in self._numbers]

    def find(self, text: str) -> list[StatedNumber]:
        """Returns those that are a number as it is written, else those that are it rounded or in another scale."""
        values = readings(text)
        exact = [n for value in values for n in self._near(value, 1e-9 * max(1.0, value))]
        return exact or self.find_scaled(text)

    def find_scaled(self, text: str) -> list[StatedNumber]:
        """Returns those that are a number rounded or in another scale."""
        scaled = []
        for value in readings(text):
            if len(re.sub(r"\D", "", f"{value:g}").strip("0")) >= 2:
                within = _precision(text, value)
                scaled += [n for scale in (1.0, *_SCALES) for n in self._near(value / scale, within / scale)]
        return scaled

    def _near(self, value: float, within: float) -> list[StatedNumber]:
        first, last = bisect_left(self._values, value - within), bisect_right(self._values, value + within)
        return self._numbers[first:last]


def numbers_of_passage(passage: Passage) -> Iterator[StatedNumber]:
    """Yields the numbers of a sentence, or of a table row by its cells.

    A cell stands under the years that its column's names have, else under those of its row's label.
    """
    if passage.row is None:
        yield from numbers_of_text(passage.text)
        return
    above = f"{passage.context} {passage.header.text if passage.header else ''}"
    by_label = frozenset(YEAR.findall(passage.row.label))
    for place, cell in enumerate(passage.row.cells):
        names = " ".join(cell.names)
        years = frozenset(YEAR.findall(names)) or (by_label if place else frozenset())
        result = quantity(cell.text, f"{above} {names} {passage.row.label}")
        for text in _ANY_NUMBER.findall(cell.text):
            for value in readings(text):
                yield StatedNumber(value, years, result.unit if result else "", result.scale if result else 1.0)


def numbers_of_text(text: str) -> Iterator[StatedNumber]:
    """Yields the numbers of a text; years are known as in `5 million in 2018` and `2018: 5 million`.

    >>> sorted((n.value, *n.years, n.scale) for n in numbers_of_text("It was $5 million in 2018 (2017: 4)"))
    [(4.0, '2017', 1.0), (5.0, '2018', 1000000.0), (2017.0, 1.0), (2018.0, 1.0)]
    """
    for _, number in located_numbers(text):
        yield number


def located_numbers(text: str) -> Iterator[tuple[int, StatedNumber]]:
    """Yields the same numbers, each with where it begins; one that can be read in two ways comes twice."""
    with_units = list(quantities(text))
    for match in _ANY_NUMBER.finditer(text):
        result = next((q for q in with_units if q.start <= match.start() < q.end), None)
        after = _YEAR_AFTER.match(text, match.end())
        before = _YEAR_BEFORE.search(text[max(0, match.start() - 12) : match.start()])
        years = frozenset(m[1] for m in (after or before,) if m) if not YEAR.fullmatch(match[0]) else frozenset()
        unit = result.unit if result and result.unit in ("%", "$", "€", "£", "¥") else ""
        for value in readings(match[0]):
            yield match.start(), StatedNumber(value, years, unit, float(result.scale) if result else 1.0)


def readings(text: str) -> set[float]:
    """Returns the values that a number may mean: a comma or a full stop parts thousands in some languages, decimals
    in others.

    >>> sorted(readings("1,577")), readings("1,284.6"), readings("1.284,6")
    ([1.577, 1577.0], {1284.6}, {1284.6})
    """
    plain = re.sub(r"['\u00a0\u202f]", "", text)
    marks = re.findall(r"[.,]", plain)
    if not marks:
        return {float(plain[:300])}
    whole, _, places = plain.replace(",", ".").rpartition(".")
    decimal = float(f"{whole.replace('.', '')}.{places}"[:300])
    grouped = bool(re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain)) and len(set(marks)) == 1
    if not grouped:
        return {decimal}
    thousands = float(re.sub(r"[.,]", "", plain)[:300])
    return {thousands} if len(marks) > 1 else {thousands, decimal}


def _precision(text: str, value: float) -> float:
    """Returns half of the last place of a number as it is written."""
    digits = re.sub(r"\D", "", text)
    whole = len(f"{int(value)}") if value >= 1 else 1
    return 0.5 * 10.0 ** -max(0, len(digits) - whole)
