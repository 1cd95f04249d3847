"""Intervals of amounts that labels and sentences name: "under 10 kg", "31 to 60 minutes", "65 and over"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import inf

from octavo.rag.answering.units import Unit, unit_of, unit_written
from octavo.rag.query.language import any_condition, any_word

_TIMES = ("days", "hours")
_NUMBER = r"\d[\d,.' ]*\d|\d"
_UNIT = r"(?:[\s-]?(?P<{name}>[^\W\d_]+\b|[%°€$£]))?"
_MONEY = r"(?:(?P<money_{name}>[$€£])\s?)?"
_SIGN = r"(?:(?P<minus_{name}>[-−–](?=\d))|\+(?=\d))?"
"""A sign before a number, as of a temperature."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The amounts from `low` to `high`; an end that is `open` is not among them. `start` and `end` are its place.

    `unit` is that behind its numbers, where a known one stands there.
    """

    low: float
    high: float
    unit: Unit | None
    start: int
    end: int
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: float, unit: Unit | None = None) -> bool:
        """Returns whether an amount lies in it; one in a unit of another kind does not."""
        if unit is not None and self.unit is not None:
            factor = unit.factor_to(self.unit)
            if factor is None:
                return False
            value *= factor
        is_above = value > self.low if self.open_low else value >= self.low
        return is_above and (value < self.high if self.open_high else value <= self.high)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], bool, bool], ...]:
    """Returns the patterns of intervals, each with whether its low and its high end are open."""
    to = any_word(lambda language: language.pages.to)
    a, b = (_UNIT.format(name=name) for name in ("unit", "unit2"))
    low, high = (
        rf"{_MONEY.format(name=name)}{_SIGN.format(name=name)}(?P<{name}>{_NUMBER})" for name in ("low", "high")
    )
    also = any_word(lambda language: language.pages.conjunctions)
    two = rf"(?<![\w.,]){low}{a}\s*(?:{to}|[-–—])\s*{high}{b}"
    both = rf"{any_condition('between')}\s*{low}{a}\s*{also}\s*{high}{b}"
    return tuple(
        (re.compile(source, re.I), open_low, open_high)
        for source, open_low, open_high in (
            (two, False, False),
            (both, False, False),
            (rf"(?:{any_condition('below')}|<)\s*{high}{b}", False, True),
            (rf"(?:{any_condition('at_most', 'within')}|≤)\s*{high}{b}", False, False),
            (rf"(?:{any_condition('above')}|>)\s*{low}{a}", True, False),
            (rf"(?:{any_condition('at_least', 'starting')}|≥)\s*{low}{a}", False, False),
            (rf"(?<![\w.,]){low}{a}\s*(?:{any_condition('upwards')}|\+)", False, False),
            (rf"(?<![\w.,]){high}{b}\s*{any_condition('downwards')}", False, False),
        )
    )


def intervals(text: str) -> Iterator[Interval]:
    """Yields the intervals of a text in order.

    >>> [(i.low, i.high, i.unit.group if i.unit else "") for i in intervals("up to 2 kg, 31 to 60 minutes, over 65")]
    [(0.0, 2.0, 'kilograms'), (31.0, 60.0, 'minutes'), (65.0, inf, '')]
    >>> [(i.high, i.unit.group) for i in intervals("€50 to €149.99")]
    [(149.99, 'euros')]
    >>> [(i.low, i.high) for i in intervals("between 48 and 12 hours before, 27 to 8 days before")]
    [(12.0, 48.0), (8.0, 27.0)]
    >>> [(i.low, i.high) for i in intervals("-20 to +60 °C, 5-10 kg")]
    [(-20.0, 60.0), (5.0, 10.0)]
    >>> [(i.low, i.high) for i in intervals("Kinder (4–11 Jahre), 65 and over, unter 3")]
    [(4.0, 11.0), (65.0, inf), (0.0, 3.0)]
    """
    spans: list[tuple[int, int]] = []
    results = []
    for form, open_low, open_high in _forms():
        for match in form.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in spans):
                continue
            groups = match.groupdict()
            low, high = (
                -value if value is not None and groups.get(f"minus_{name}") else value
                for name in ("low", "high")
                for value in [_value(groups.get(name))]
            )
            signs = (groups.get(name) for name in ("unit2", "unit", "money_low", "money_high"))
            unit = next((unit for sign in signs if sign and (unit := unit_written(sign))), None)
            if low is not None and high is not None and low > high:  # "27 to 8 days before", and no "2024 to 3"
                if unit is None or not any(unit.factor_to(of_time) for of_time in map(unit_of, _TIMES) if of_time):
                    continue
                low, high = high, low
            spans.append(match.span())
            ends = 0.0 if low is None else low, inf if high is None else high
            results.append(Interval(*ends, unit, *match.span(), open_low, open_high))
    yield from sorted(results, key=lambda interval: interval.start)


def _value(text: str | None) -> float | None:
    """Returns a number whose last mark is a decimal sign unless three digits follow it."""
    if text is None:
        return None
    plain = re.sub(r"[.,' ](?=\d{3}(?!\d))", "", text).replace(" ", "").replace(",", ".")
    return float(plain) if re.fullmatch(r"\d+(?:\.\d+)?", plain) else None
