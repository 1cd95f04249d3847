"""A part of a whole, in percent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import computed_reply, percentage, plain
from octavo.rag.answering.plans.compute.products import price_terms
from octavo.rag.answering.plans.operands import (
    TOTAL,
    Operand,
    find,
    of_cell,
    operand_of_year,
    without_money,
    without_years,
)
from octavo.rag.answering.quantities import CURRENCIES, decimal_sign, quantities
from octavo.rag.answering.question_analysis import analyze_question, words_of

_SHARE = pattern("compute", "share")
_CURRENCIES = frozenset({"$", "€", "£", "CHF"})
_ROUNDING = 0.011
NEAREST = 3
"""The best passages whose documents may state a part and its whole."""


def share(material: Material) -> Reply | None:
    """Returns a part of a whole in percent: of two cells, of two amounts of money, or from a column of such shares."""
    match = _SHARE.search(material.query.text)
    if not match:
        return None
    year = material.year
    phrase, whole_phrase = without_years(match["part"]), without_years(match["whole"])
    part = find(material, f"{phrase} {whole_phrase}", year, rows_only=True, is_part=True) or find(
        material, phrase, year, rows_only=True, is_part=True
    )
    if part is None or part.cell is None or not _is_called(part, phrase):
        language = material.analysis.language
        part = find(material, without_money(phrase, language), year)
        whole = find(material, f"total {without_money(whole_phrase, language)}", year)
        if part is None or whole is None or part.cell is not None:
            return None
        return _of(part, whole) if part.quantity.unit == whole.quantity.unit in _CURRENCIES else None
    if part.quantity.unit == "%":
        return None
    table = [c for c in material.candidates if c.element == part.candidate.element]
    column = [o for c in table if (o := _in_column(c, part))]
    if abs(sum(o.quantity.value for o in column) - 1) < _ROUNDING and len(column) > 1:
        return computed_reply(plain(part, 100 * part.quantity.value, 1, "%"), f"100 × {plain(part)}", [part])
    totals = [o for o in column if TOTAL & set(words_of(o.name))]
    return _of(part, totals[0] if totals else operand_of_year(material, whole_phrase, year))


def share_of_price(material: Material) -> Reply | None:
    """Returns a part of a price in percent, both of which one document states, as a sum paid and a total."""
    match = _SHARE.search(material.query.text)
    if not match:
        return None
    part, whole = analyze_question(match["part"]), analyze_question(match["whole"])
    prices = price_terms(material.analysis)
    things = set(whole.terms) - prices
    if not prices & set(whole.terms) or not part.terms:
        return None
    for document in dict.fromkeys(s.candidate.document for s in material.ranked()[:NEAREST]):
        own = [c for c in material.candidates if c.document == document]
        beside = frozenset(t for c in own for _, words, _ in c.around for t in words)
        if not things <= whole.matched_terms(beside):
            continue
        parts = _only(own, lambda c: set(part.terms) <= part.matched_terms(c.words))
        totals = _only(own, lambda c: c.passage.row is not None and bool(TOTAL & set(words_of(c.passage.row.label))))
        if parts and totals and (reply := _of(parts, totals)):
            return reply
    return None


def _only(candidates: Sequence[Candidate], test: Callable[[Candidate], bool]) -> Operand | None:
    """Returns the amount of money of the passages that pass a test, where it is the same in all of them."""
    operands: list[Operand] = []
    for c in filter(test, candidates):
        texts = [cell.text for cell in c.passage.row.values] if c.passage.row else [c.passage.text]
        amounts = [q for text in texts for q in quantities(text, decimal_sign(c.evidence.text)) if q.unit in CURRENCIES]
        operands += [Operand(amounts[0], c.passage.text, c)] if len(amounts) == 1 else []
    return operands[0] if len({o.quantity.amount for o in operands}) == 1 else None


def _of(part: Operand | None, whole: Operand | None) -> Reply | None:
    is_part = part is not None and whole is not None and 0 <= part.quantity.amount <= whole.quantity.amount
    return percentage(part, whole) if is_part else None


def _is_called(part: Operand, phrase: str) -> bool:
    """Returns whether the names of a cell say all of what a part is called."""
    analysis = analyze_question(phrase)
    words = words_of(part.name)
    around = {t for _, own, _ in part.candidate.around for t in analysis.matched_terms(own)}
    return set(analysis.terms) <= analysis.matched_terms(frozenset(words), " ".join(words)) | around


def _in_column(c: Candidate, part: Operand) -> Operand | None:
    """Returns the number of a row in the column of another one."""
    cells = (
        [cell for cell in c.passage.row.values if part.cell and cell.names == part.cell.names] if c.passage.row else []
    )
    return of_cell(c, cells[0]) if cells else None
