"""Prose: the sum of numbers of one kind that a sentence states, such as 14 turbines and 9 turbines."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import add
from octavo.rag.answering.plans.operands import TOTAL, Operand
from octavo.rag.answering.quantities import CURRENCIES, decimal_sign, quantities
from octavo.rag.answering.question_analysis import words_of

_SUM = pattern("prose", "sum")
ENOUGH, NEAREST = 0.5, 3
"""The share of a question's terms that a sentence holds, and how many of the best sentences are looked at."""


def prose(material: Material) -> Reply | None:
    """Returns the sum of a sentence's numbers that count the same thing, or are money where a price is asked for."""
    if not _SUM.search(material.query.text):
        return None
    query = material.analysis
    for scored in material.ranked()[:NEAREST]:
        c = scored.candidate
        if c.passage.row is not None or scored.coverage < ENOUGH or TOTAL & c.words:
            continue
        numbers = list(quantities(c.passage.text, decimal_sign(c.evidence.text)))
        for unit in dict.fromkeys(q.unit for q in numbers):
            is_of_noun = bool(unit) and bool(set(words_of(unit)) & set(query.terms))
            is_asked = unit in CURRENCIES if query.money or query.price_terms else is_of_noun
            parts = [(1.0, Operand(q, c.passage.text, c)) for q in numbers if q.unit == unit]
            if is_asked and len(parts) > 1:
                return add(parts)
    return None
