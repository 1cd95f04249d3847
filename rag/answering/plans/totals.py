"""Totals: the sum or the mean of a column that the question names, over all of its rows."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.binding import explained_terms, is_bound
from octavo.rag.answering.plans.operands import MONEY_NAMED, Operand
from octavo.rag.answering.plans.series import TOTAL_OR_MEAN, best_series
from octavo.rag.answering.quantities import CURRENCIES, format_number
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of

_SUM = pattern("totals", "sum")
_MEAN = pattern("totals", "mean")
_VERB = pattern("totals", "verb")


def totals(material: Material) -> Reply | None:
    """Returns the sum or mean with its terms; `None` where a row or a column states it already.

    The table must say the things that are asked for.
    """
    text = material.query.text
    form = next((form for form in (_MEAN, _SUM) if form.search(text)), None)
    if form is None or (form is _MEAN and _VERB.search(text)):
        return None
    analysis = analyze_question(form.sub(" ", text) if form is _MEAN else text)
    series = best_series(material, [t for t in analysis.terms if t not in TOTAL_OR_MEAN], (), None)
    if len(series) < 2:
        return None
    operands = [operand for _, operand in series]
    rows = {c.passage.element for c in (o.candidate for o in operands)}
    stated = [c for c in material.candidates if c.passage.element in rows and c.passage.row is not None]
    if any(TOTAL_OR_MEAN & set(words_of(c.passage.row.label)) for c in stated if c.passage.row):
        return None
    if len({o.quantity.unit for o in operands} - {""}) > 1:
        return None
    first = operands[0].quantity
    total = sum(o.quantity.amount for o in operands) / first.scale
    places = max(o.quantity.places for o in operands)
    addends = " + ".join(format_number(o.quantity.value, o.quantity.places) for o in operands)
    if form is _MEAN:
        result = format_number(total / len(operands), places + 1, first.unit, first.scale)
        formula = f"{result} = ({addends}) ÷ {len(operands)}"
    else:
        formula = f"{format_number(total, places, first.unit, first.scale)} = {addends}"
    names = ", ".join(name for name, _ in series)
    support = tuple({o.candidate.passage.places: o.candidate for o in operands}.values())
    asking = match[0] if (match := form.search(text)) else ""
    if not is_bound(material, support, words_of(asking)) or not _is_of_money(material, operands):
        return None
    return Reply((Paragraph(f"{formula}. From {names}", support),))


def _is_of_money(material: Material, operands: Sequence[Operand]) -> bool:
    """Returns whether numbers are of money, or called by the question's word for it, where it asks for money."""
    if not material.analysis.money or any(o.quantity.unit in CURRENCIES for o in operands):
        return True
    terms = terms_of_words(material.analysis.language.money).intersection(material.analysis.terms)
    places = {o.candidate.passage.places: o.candidate for o in operands}.values()
    texts = (f"{c.passage.text} {c.passage.context}" for c in places)
    return not terms or bool(terms & explained_terms(material, places)) or any(map(MONEY_NAMED.search, texts))
