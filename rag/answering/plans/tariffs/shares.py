"""Shares of an amount that a rule names: 70 % of what was paid, half of the fee."""

from __future__ import annotations

import re

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Paragraph
from octavo.rag.answering.plans.compute.formulas import plain
from octavo.rag.answering.plans.operands import Operand
from octavo.rag.answering.quantities import CURRENCIES, Quantity, decimal_sign, format_number, quantities
from octavo.rag.query.language import AnswerKind, any_word, languages, split

PERCENT = re.compile(rf"\s?(?:%|{any_word(lambda language: language.amounts.percent)})", re.I)
RATE = re.compile(rf"(?<![\w.,])(?P<rate>\d+(?:[.,]\d+)?){PERCENT.pattern}", re.I)


def share_of(material: Material, rule: str, c: Candidate) -> Paragraph | None:
    """Returns the share that a rule names of the one amount of money that the question gives, else its paragraph."""
    rate = rate_in(rule, material.language(c.document))
    if rate is None or not (material.analysis.money or material.analysis.answer_kind is AnswerKind.AMOUNT):
        return None
    text = material.query.text
    amounts = [q for q in quantities(text, decimal_sign(text)) if q.unit in CURRENCIES]
    if len(amounts) == 1:
        return _computed(rate, amounts[0], plain_given(amounts[0]), c, c)
    beside = [o for o in material.candidates if o.element == c.element and o.passage.row is None]
    stated = [
        (q, o)
        for o in beside
        for q in quantities(o.passage.text, decimal_sign(o.evidence.text))
        if q.unit in CURRENCIES
    ]
    if amounts or len(stated) != 1:
        return None
    q, other = stated[0]
    return _computed(rate, q, plain(Operand(q, "", other)), c, other)


def rate_in(text: str, code: str) -> float | None:
    """Returns the one share that a text names, as a number from 0 to 1.

    >>> rate_in("40 per cent of the fee is due", "en"), rate_in("the half of it", "en"), rate_in("5 % or 10 %", "en")
    (0.4, 0.5, None)
    """
    rates = [float(number.replace(",", ".")) / 100 for number in RATE.findall(text)]
    halves = languages()[code].amounts.half & set(split(text))
    rates += [0.5] * bool(halves)
    return rates[0] if len(rates) == 1 else None


def plain_given(q: Quantity) -> str:
    """Returns an amount of a question as it is written in answers."""
    return format_number(q.value, q.places, q.unit, q.scale, q.decimal)


def _computed(rate: float, q: Quantity, text: str, *support: Candidate) -> Paragraph:
    value = q.value * rate
    places = max(q.places, 0 if abs(value - round(value)) < 1e-9 else 2)
    result = format_number(value, places, q.unit, q.scale, q.decimal)
    return Paragraph(f"{result} = {100 * rate:g} % × {text}", tuple(dict.fromkeys(support)))
