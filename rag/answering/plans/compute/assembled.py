"""Prices put together from a table: of a row and another one that comes with it, of several columns, over a year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import MONTHS
from octavo.rag.answering.given_amounts import GivenAmount, given_amounts
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.binding import unexplained_terms
from octavo.rag.answering.plans.compute.formulas import add, alike, computed_reply, plain
from octavo.rag.answering.plans.compute.products import price_terms, unit_of_price
from octavo.rag.answering.plans.named_rows import best_rows, named_rows
from octavo.rag.answering.plans.operands import Operand, field_name, of_cell
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, relations
from octavo.rag.answering.quantities import CURRENCIES, decimal_sign, quantities
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.query.language import AnswerKind, any_of, languages

_INCLUDING = pattern("compute", "including")
_MONTHLY = pattern("compute", "monthly_column")
_YEARLY = pattern("compute", "yearly_column")
_SAVED = pattern("tariffs", "saved")
NEAREST = 6


def _asks_price(material: Material) -> bool:
    analysis = material.analysis
    is_amount = analysis.answer_kind in (None, AnswerKind.AMOUNT)
    return is_amount and bool(analysis.money or price_terms(analysis) & set(words_of(analysis.text)))


def including(material: Material) -> Reply | None:
    """Returns the sum of a row and of the one that comes with it: "a half plot including water"."""
    match = _INCLUDING.search(material.query.text)
    if match is None or not _asks_price(material):
        return None
    for relation in relations(material):
        parts = including_parts(material, relation)
        if parts and (reply := add([(1.0, o) for o in parts])):
            return replace(reply, checked=True)
    return None


def including_parts(material: Material, relation: Relation) -> tuple[Operand, Operand] | None:
    """Returns the price of the row that a question names and of the one that comes with it, of one column of prices."""
    match = _INCLUDING.search(material.query.text)
    if match is None or len(relation.values) != 1:
        return None
    base, more = (analyze_question(side) for side in (match.string[: match.start()], match.string[match.end() :]))
    generic = price_terms(material.analysis)
    own = named_rows(base, relation)
    labels = {c: set(words_of(cells_of(c)[0].text)) - generic for c in relation.counted if c not in own}
    extras = [c for c, label in labels.items() if label and label <= more.matched_terms(frozenset(label))]
    fits = {c: len(base.matched_terms(c.words)) for c in extras}
    best = [c for c in extras if fits[c] == max(fits.values())]
    if len(own) != 1 or len(best) != 1 or not more.terms:
        return None
    a, b = (relation.number(c, relation.values[0]) for c in (own[0], best[0]))
    return (a, b) if a and b else None


def of_columns(material: Material) -> Reply | None:
    """Returns the sum of the prices of a row in the columns that a question joins, each times its given amount."""
    text, analysis = material.query.text, material.analysis
    if not _asks_price(material) or not any_of(analysis.language.pages.conjunctions[:1], re.I).search(text):
        return None
    amounts = [g for g in given_amounts(text, analysis.language) if g.unit]
    for relation in relations(material):
        rows = named_rows(analysis, relation)
        if len(rows) != 1:
            continue
        columns = relation.columns[1:]
        parts = [part for column in columns if (part := _priced(material, rows[0], column, amounts))]
        priced = [(_times(o, column, amounts), o) for column, o in parts]
        if len(priced) < 2 or not any(times != 1 for times, _ in priced) or not all(times for times, _ in priced):
            continue
        if all(alike(priced[0][1], o) for _, o in priced) and (reply := add([(t or 1.0, o) for t, o in priced])):
            return replace(reply, checked=True)
    return None


def _priced(
    material: Material, row: Candidate, column: str, amounts: Sequence[GivenAmount]
) -> tuple[str, Operand] | None:
    """Returns a column with its price in a row, where the question names it or gives an amount of its unit."""
    cell = cell_in(row, column)
    operand = of_cell(row, cell) if cell else None
    label = material.analysis.matched_in(cells_of(row)[0].text)
    money = terms_of_words(material.analysis.language.money) | price_terms(material.analysis)
    words = material.analysis.matched_in(column) - money - label
    is_money = operand is not None and operand.quantity.unit in CURRENCIES
    if operand is None or not is_money:
        return None
    return (column, operand) if words or (_times(operand, column, amounts) or 1.0) != 1.0 else None


def _times(operand: Operand, column: str, amounts: Sequence[GivenAmount]) -> float | None:
    """Returns how often a price is paid: the given amount of the unit that it is for; `None` where none is given."""
    text = f"{operand.cell.text if operand.cell else ''} {column}"
    unit = unit_of_price(text)
    if unit is None:
        return 1.0
    counts = [g.value * f for g in amounts if g.unit and (f := g.unit.factor_to(unit))]
    return counts[0] if len(counts) == 1 else None


def saved_in_year(material: Material) -> Reply | None:
    """Returns what a price for the year saves against twelve for a month, of the row that a question names."""
    if not _SAVED.search(material.query.text):
        return None
    for relation in relations(material):
        monthly = [c for c in relation.values if _MONTHLY.search(c)]
        yearly = [c for c in relation.values if _YEARLY.search(c)]
        rows = best_rows(material.analysis, relation)
        if len(monthly) != 1 or len(yearly) != 1 or len(rows) != 1:
            continue
        month, year = relation.number(rows[0], monthly[0]), relation.number(rows[0], yearly[0])
        if month is None or year is None or not alike(month, year):
            continue
        places = max(month.quantity.places, year.quantity.places)
        saved = MONTHS * month.quantity.value - year.quantity.value
        result = plain(month, saved, places, month.quantity.unit or year.quantity.unit)
        reply = computed_reply(result, f"{MONTHS} × {plain(month)} - {plain(year)}", [month, year])
        return replace(reply, checked=True) if saved > 0 else None
    return None


def with_supplement(material: Material) -> Reply | None:
    """Returns a price and the supplement for what a question wants besides, both fields of one list."""
    analysis = material.analysis
    if not (_asks_price(material) or analysis.answer_kind is AnswerKind.AMOUNT):
        return None
    for element in dict.fromkeys(s.candidate.element for s in material.ranked()[:NEAREST]):
        fields = [(c, frozenset(words_of(field_name(c)))) for c in material.candidates if c.element == element]
        extra = [(c, label) for c, label in fields if _is_extra(material, c, label)]
        prices = terms_of_words((*analysis.language.price_words, "price", "cost", "fare"))
        base = [c for c, label in fields if label & prices and (c, label) not in extra]
        if len(extra) != 1 or len(base) != 1:
            continue
        parts = [_first_amount(c) for c in (base[0], extra[0][0])]
        if all(parts) and (reply := add([(1.0, o) for o in parts if o])):
            return replace(reply, checked=True)
    return None


def with_extra(material: Material) -> Reply | None:
    """Returns the price of the row that a question names and what a sentence adds for its case: "Sundays cost £4 more".

    The row and the sentence say all of the question between them, the sentence a word of it that the row does not.
    """
    analysis = material.analysis
    if not _asks_price(material):
        return None
    for relation in relations(material):
        rows = [c for c in named_rows(analysis, relation) if c in relation.counted]
        priced = [c for c in relation.values if len(rows) == 1 and (o := relation.number(rows[0], c)) and _is_price(o)]
        base = relation.number(rows[0], priced[0]) if len(priced) == 1 else None
        if base is None:
            continue
        raised = any_of(languages()[material.language(base.candidate.document)].conditions.raised, re.I)
        own = [c for c in material.candidates if c.document == base.candidate.document and c.passage.row is None]
        row_terms = analysis.matched_terms(base.candidate.words)
        extras = [
            amount
            for c in own
            if raised.search(c.passage.text) and analysis.matched_terms(c.words) & analysis.names - row_terms
            if (amount := _first_amount(c)) and not unexplained_terms(material, [base.candidate, c])
        ]
        if len(extras) == 1 and alike(base, extras[0]) and (reply := add([(1.0, base), (1.0, extras[0])])):
            return replace(reply, checked=True)
    return None


def _is_price(operand: Operand) -> bool:
    return operand.quantity.unit in CURRENCIES


def _is_extra(material: Material, c: Candidate, label: frozenset[str]) -> bool:
    """Returns whether a field is a supplement of whose label the question says all other words."""
    raised = terms_of_words(languages()[material.language(c.document)].conditions.raised)
    rest = label - raised
    return bool(label & raised) and bool(rest) and rest <= material.analysis.matched_terms(rest)


def _first_amount(c: Candidate) -> Operand | None:
    amounts = (q for q in quantities(c.passage.text, decimal_sign(c.evidence.text)) if q.unit in CURRENCIES)
    amount = next(amounts, None)
    return Operand(amount, c.passage.text, c) if amount and next(amounts, None) is None else None
