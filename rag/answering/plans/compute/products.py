"""Products and quotients of prices: what counted things cost, what a stock is worth, the price of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import add, computed_reply, plain
from octavo.rag.answering.plans.operands import Operand, find, of_cell, without_money
from octavo.rag.answering.plans.relation import cells_of, is_number, name_of
from octavo.rag.answering.plans.selection import selections
from octavo.rag.answering.quantities import CURRENCIES, Quantity, decimal_sign, quantities
from octavo.rag.answering.question_analysis import (
    NOUNS_IN_CAPITALS,
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
)
from octavo.rag.answering.units import Unit, unit_of, unit_written
from octavo.rag.query.language import Language, any_form, languages, numeral_form, numerals

_PRICE_CUE = pattern("compute", "priced")
_WORTH = pattern("compute", "worth")
_PER = pattern("compute", "per")
_EACH = pattern("compute", "each")
_COUNTED_UNIT = pattern("compute", "counted_unit")
_PER_ONE = pattern("compute", "per_one")
_NAME_BEFORE = re.compile(r"\w\W+[A-ZÀ-Þ][^\W\d_]+\s$")
_WHOLE = pattern("compute", "whole")
_PER_UNIT = pattern("compute", "per_unit")
_NEAR = 5
"""Passages that may state a price."""


def total_price(material: Material) -> Reply | None:
    """Returns the cost of counted items: two adults and a bicycle, three oak doors, five nights."""
    text = material.query.text
    if not _PRICE_CUE.search(text) or _PER_ONE.search(text):
        return None
    counts = [(n, noun) for n, noun in _counts(material.analysis.language, text) if analyze_question(noun).terms]
    counts = [(n, noun) for n, noun in counts if not _is_age(noun.split()[0])]
    if not any(n > 1 for n, _ in counts):
        return None
    parts = []
    for n, noun in counts:
        words = noun.split()
        options = dict.fromkeys((noun, words[0], words[-1]))
        operand = next((o for option in options if (o := _price_of(material, option))), None)
        if operand is None and n > 1:
            return None
        if operand:
            parts.append((n, operand))
    return add(parts)


def price_of_cell(material: Material) -> Reply | None:
    """Returns the cost of a quantity whose unit price is a cell: three nights in a room, in a season."""
    text = material.query.text
    counts = [
        (n, match) for n, match in numbered_words(material.analysis.language, text) if n > 1 and not _is_age(match[2])
    ]
    if not _PRICE_CUE.search(text) or len(counts) != 1 or _PER_ONE.search(text):
        return None
    n, match = counts[0]
    noun = "" if unit_of(match[2]) or _COUNTED_UNIT.fullmatch(match[2]) else match[2]
    rest = f"{text[: match.start()]} {noun} {text[match.end(2) :]}"
    analysis = analyze_question(rest)
    for selection in selections(material, rest):
        relation = selection.relation
        free = [c for c in relation.values if c not in selection.used_columns]
        if len(selection.rows) != 1 or selection.other_terms or not selection.bounds or not free:
            continue
        prices = [c for c in free if price_terms(analysis) & set(words_of(c))]
        unit = unit_of(match[2])
        per_one = [c for c in free if unit and unit.stands_in(c)]
        free = per_one if len(per_one) == 1 else prices if len(prices) == 1 else free
        fits = {c: len(analysis.matched_in(c)) for c in free}
        best = [c for c in free if fits[c] == max(fits.values())]
        price = relation.number(selection.rows[0], best[0]) if len(best) == 1 else None
        names = {*words_of(best[0]), *relation.around} if best else set()
        if price and (price.quantity.unit in CURRENCIES or price_terms(analysis) & names):
            q = price.quantity
            result = plain(price, n * q.value, q.places if q.value % 1 else 0, q.unit, q.scale)
            return computed_reply(result, f"{n:g} × {plain(price)}", [price])
    return None


def _is_age(word: str) -> bool:
    """Returns whether a number before a word is an age, of which there is no price."""
    unit, years = unit_of(word), unit_of("years")
    return unit is not None and years is not None and unit.group == years.group


def worth(material: Material) -> Reply | None:
    """Returns what the stock of one thing is worth: its quantity, or its measure in the unit of its price, times that.

    The price of a whole thing is asked for as well: "the whole piece" at a price per meter.
    """
    text = material.query.text
    if not _WORTH.search(text) and not (_WHOLE.search(text) and _PRICE_CUE.search(text)):
        return None
    counting = terms_of_words(material.analysis.language.quantity)
    for selection in selections(material, _WHOLE.sub(" ", text)):
        columns = [c for c in selection.relation.values if c not in selection.used_columns]
        price = [c for c in columns if price_terms(material.analysis) & set(words_of(c))]
        measured = measures_of_price(price[0], columns) if len(price) == 1 else []
        quantity = measured or [c for c in columns if counting & set(words_of(c)) and c not in price]
        if len(selection.rows) == len(quantity) == len(price) == 1:
            a = selection.relation.number(selection.rows[0], quantity[0])
            b = selection.relation.number(selection.rows[0], price[0])
            if a and b:
                places = max(a.quantity.places, b.quantity.places)
                result = plain(b, a.quantity.amount * b.quantity.amount, places, b.quantity.unit)
                return computed_reply(result, f"{plain(a)} × {plain(b)}", [a, b])
    return None


def unit_of_price(text: str) -> Unit | None:
    """Returns the unit that a price is for, as a column is called: "Price per kg", "price_per_m".

    >>> unit_of_price("price_per_m_gbp").group, unit_of_price("Price (€/kg)").group, unit_of_price("Price")
    ('metres', 'kilograms', None)
    """
    signs = (match["unit"] for match in _PER_UNIT.finditer(text.replace("_", " ")))
    return next((unit for sign in signs if (unit := unit_written(sign))), None)


def measures_of_price(price: str, columns: Sequence[str]) -> list[str]:
    """Returns the columns of what a price is paid for each unit of: "Length (m)" beside "Price per m"."""
    unit = unit_of_price(price)
    return [c for c in columns if unit and c != price and unit.stands_in(c)]


def per(material: Material) -> Reply | None:
    """Returns the price of one, from the price of all and their number, where no passage states it."""
    match = _PER.search(material.query.text)
    if match is None:
        return None
    unit = words_of(match["unit"])[0]
    each = any_form(material.analysis.language.amounts.per)
    stated = re.compile(rf"{each} {re.escape(unit)}(?!\S)")
    if any(stated.search(" ".join(c.passage.text.lower().split())) or _is_per(c, unit) for c in material.candidates):
        return None
    phrase = without_money(match["a"], material.analysis.language)
    amount = find(material, phrase)
    if amount is None or amount.quantity.unit not in CURRENCIES:
        return None
    count = _count_of(material, phrase, unit, amount.candidate.document)
    if count is None:
        return None
    result = plain(amount, amount.quantity.value / count.quantity.value, 2, amount.quantity.unit, amount.quantity.scale)
    return computed_reply(result, f"{plain(amount)} ÷ {plain(count)}", [amount, count])


def _is_per(c: Candidate, unit: str) -> bool:
    """Returns whether a column is a price of one such unit."""
    return any("per" in name_of(cell).lower() and unit in words_of(name_of(cell)) for cell in cells_of(c))


def _count_of(material: Material, phrase: str, unit: str, document: str) -> Operand | None:
    """Returns how many of a unit there are, as a document says beside a phrase."""
    form = re.compile(rf"(?<!\S)(\d+) {re.escape(unit)}(?!\S)")
    counts = [
        (s.candidate, match)
        for s in material.ranked(phrase, fits=lambda c: c.document == document)
        if (match := form.search(s.candidate.spans))
    ]
    if not counts or not float(counts[0][1][1]) > 1 or len({match[1] for _, match in counts}) > 1:
        return None
    c, match = counts[0]
    return Operand(Quantity(float(match[1]), 0, unit, 1, match.start(), match.end()), unit, c)


@cache
def _count_form(code: str) -> re.Pattern[str]:
    one = any_form(languages()[code].amounts.one)
    return re.compile(rf"\b(\d{{1,3}}|{numeral_form(code)}|{one})\s+([^\W\d_][\w-]*(?:\s+[\w-]+)?)", re.I)


def _counts(language: Language, text: str) -> Iterator[tuple[float, str]]:
    """Yields the numbers of a text with the one or two words after each."""
    for number, noun in _count_form(language.code).findall(text):
        yield float(number) if number.isdigit() else float(numerals(language.code).get(number.lower(), 1)), noun


def numbered_words(language: Language, text: str) -> Iterator[tuple[float, re.Match[str]]]:
    """Yields the numbers of a text, each with a match whose second group is the word after it.

    A number behind a name is part of the name, as in "Cabin 6".
    """
    for match in _numbered_word(language.code).finditer(text):
        word = match[1].lower()
        if word.isdigit() and language.code not in NOUNS_IN_CAPITALS and _NAME_BEFORE.search(text[: match.start()]):
            continue
        yield float(word if word.isdigit() else numerals(language.code)[word]), match


@cache
def _numbered_word(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(\d{{1,3}}|{numeral_form(code)})\s+([^\W\d_][\w-]*)", re.I)


def price_terms(analysis: QuestionAnalysis) -> frozenset[str]:
    """Returns the terms by which rows and columns of prices are called."""
    return terms_of_words(analysis.language.money) | terms_of_words(("price", "cost", "fare"))


def _price_of(material: Material, noun: str) -> Operand | None:
    """Returns the price of a thing that a row or a column is called by, or that a sentence states for each."""
    analysis = analyze_question(noun)
    documents = {info.id for info in material.about}
    pool = sorted(material.candidates, key=lambda c: c.document not in documents)
    in_rows = [
        (rank, -len(material.analysis.matched_terms(c.words, c.spans)), operand)
        for c in pool
        if c.passage.row
        for rank, operand in _row_prices(material, analysis, c)
    ]
    if in_rows:
        best = min(one[:2] for one in in_rows)
        prices = {operand.quantity.amount: operand for *order, operand in reversed(in_rows) if tuple(order) == best}
        return next(iter(prices.values())) if len(prices) == 1 else None
    for scored in material.ranked(noun)[:_NEAR]:
        c = scored.candidate
        if (
            c.passage.row is None
            and set(analysis.terms) <= analysis.matched_terms(c.words, c.spans)
            and _EACH.search(c.passage.text)
        ):
            amounts = [q for q in quantities(c.passage.text, decimal_sign(c.evidence.text)) if q.unit in CURRENCIES]
            if len(amounts) == 1:
                return Operand(amounts[0], noun, c)
    return None


def _row_prices(
    material: Material, analysis: QuestionAnalysis, c: Candidate
) -> Iterator[tuple[tuple[int, int], Operand]]:
    """Yields the prices of a row, best first: by whether its name says a price, then by how closely the name fits."""
    prices = price_terms(material.analysis)
    row = c.passage.row
    words = words_of(" ".join(cell.text for cell in cells_of(c) if not is_number(cell.text)))
    is_row = set(analysis.terms) <= analysis.matched_terms(frozenset(words), " ".join(words))
    for cell in row.values if row else ():
        operand = of_cell(c, cell) if is_number(cell.text) else None
        name = words_of(name_of(cell))
        is_column = bool(name) and set(analysis.terms) <= analysis.matched_terms(frozenset(name), " ".join(name))
        if operand is None or not (is_row or is_column):
            continue
        is_called = bool(prices & set(name)) if is_row else bool(row and prices & set(words_of(row.label)))
        if is_called or operand.quantity.unit in CURRENCIES:
            more = 0 if is_row else len(set(name) - set(analysis.terms))
            yield (0 if is_called else 1, more), operand
