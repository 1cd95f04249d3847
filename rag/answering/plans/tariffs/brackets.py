"""Brackets: the row or the clause of a tariff in whose range an amount of the question lies, such as 70 minutes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.given_amounts import GivenAmount
from octavo.rag.answering.intervals import Interval, intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_times
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.compute.formulas import plain
from octavo.rag.answering.plans.operands import of_cell
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of, name_of, relations
from octavo.rag.answering.plans.tariffs.base import Match
from octavo.rag.answering.quantities import Quantity, decimal_sign, quantities
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.rows import NamedCell, cell_text as named_text
from octavo.rag.answering.units import Unit, unit_of, unit_written
from octavo.rag.query.language import languages

FEWEST, MOSTLY = 2, 0.6
"""Ranges that a column of them has at least, and the share of its cells that they are."""
NEAREST, ENOUGH = 5, 0.3
"""The best sentences that are looked at, and the share of the question's terms that they say."""
_WORD = re.compile(r"[^\W\d_]+")
_UNIT_PRICE, _PER_ONE = pattern("compute", "unit_price"), pattern("compute", "per_one")
_YEAR = re.compile(r"(?:19|20)\d\d")


def brackets(material: Material, amounts: Iterable[GivenAmount]) -> Iterator[Match]:
    """Yields the row or the clause of each tariff in whose bracket one of the amounts lies."""
    for one in amounts:
        yield from _of_tables(material, one)
        yield from _of_sentences(material, one)


def _explained(amount: GivenAmount) -> frozenset[str]:
    return frozenset(words_of(f"{amount.digits} {amount.word if amount.unit else ''}"))


def _of_tables(material: Material, amount: GivenAmount) -> Iterator[Match]:
    for relation in relations(material):
        counting = terms_of_words(languages()[material.language(relation.rows[0].document)].quantity)
        counting_columns = [c for c in relation.columns if counting & set(words_of(c)) and amount.unit is None]
        for column in relation.columns:
            ranges = _ranges(relation, column)
            around = " ".join([column, *(c.passage.context for c in relation.rows[:1])])
            if column in counting_columns:
                around = " ".join([around, *relation.around])
            hits = [c for c, interval in ranges if _holds(interval, amount, around)]
            row = _best_row(material, hits, column)
            cell = _cell(material, relation, row, column, _explained(amount)) if row else None
            if row is None or cell is None:
                continue
            label = cell_in(row, column)
            result = f"{label.text if label else row.passage.row.label}, {named_text(cell)}"  # type: ignore[union-attr]
            if amount.unit is None and (product := _product(material, row, cell, amount.value)):
                result = product
            yield Match(result, (row,), _explained(amount))


def _product(material: Material, row: Candidate, cell: NamedCell, count: float) -> str:
    """Returns the price of several from a column of unit prices; empty where the question asks for one."""
    price = of_cell(row, cell) if _UNIT_PRICE.search(name_of(cell)) else None
    if price is None or _PER_ONE.search(material.query.text):
        return ""
    q = price.quantity
    total = plain(price, count * q.value, q.places, q.unit, q.scale)
    return f"{total} = {count:g} × {plain(price)}. From {name_of(cell)}: {cell.text}"


def _ranges(relation: Relation, column: str) -> list[tuple[Candidate, Interval]]:
    """Returns rows with their range in a column; nothing where too few of its cells hold one."""
    texts = [(c, cell.text) for c in relation.counted if (cell := cell_in(c, column))]
    ranges = [
        (c, bounds[0])
        for c, text in texts
        if len(bounds := list(intervals(text))) == 1 and not _YEAR.search(text) and not clock_times(text)
    ]
    return ranges if len(ranges) >= FEWEST and len(ranges) >= MOSTLY * len(texts) else []


def _holds(interval: Interval, amount: GivenAmount, text: str) -> bool:
    """Returns whether an amount lies in a range, in the unit or of the things that a text beside it names.

    A bare number is an age, or a number of what the range counts.
    """
    if amount.unit is None:
        things = frozenset(words_of(amount.word))
        return interval.unit is None and things <= frozenset(words_of(text)) and interval.holds(amount.value)
    unit = interval.unit or _unit_in(text, amount.unit)
    factor = amount.unit.factor_to(unit) if unit else 1.0 if _is_age(amount.unit) else None
    return factor is not None and interval.holds(amount.value * factor)


def _unit_in(text: str, like: Unit) -> Unit | None:
    """Returns the first unit in a text that measures the same as another one."""
    units = filter(None, map(unit_written, _WORD.findall(text)))
    return next((unit for unit in units if unit.factor_to(like)), None)


def _is_age(unit: Unit) -> bool:
    years = unit_of("years")
    return years is not None and unit.group == years.group


def _best_row(material: Material, rows: list[Candidate], column: str) -> Candidate | None:
    """Returns the row whose other cells say most of the question; of two ranges that share an end, the first."""
    others = {c: " ".join(cell.text for cell in cells_of(c) if name_of(cell) != column) for c in rows}
    fits = {c: len(material.analysis.matched_in(text)) for c, text in others.items()}
    best = [c for c in rows if fits[c] == max(fits.values())]
    labels = {tuple(cell.text for cell in cells_of(c)[:1] if name_of(cell) != column) for c in best}
    return best[0] if best and len(labels) == 1 else None


def _cell(
    material: Material, relation: Relation, row: Candidate, column: str, explained: frozenset[str]
) -> NamedCell | None:
    """Returns the one other cell of a row, or that in the column whose name says most of the question."""
    cells = [cell for cell in cells_of(row) if name_of(cell) != column and cell.text.strip(" -–—")]
    values = [cell for cell in cells if name_of(cell) in relation.values] or cells[-1:]
    if len(values) < 2:
        return values[0] if values else None
    fits = [len(material.analysis.matched_in(name_of(cell)) - explained) for cell in values]
    best = [cell for fit, cell in zip(fits, values, strict=True) if fit == max(fits)]
    return best[0] if max(fits) and len(best) == 1 else None


def _of_sentences(material: Material, amount: GivenAmount) -> Iterator[Match]:
    near = [s.candidate for s in material.ranked() if s.candidate.passage.row is None and s.coverage >= ENOUGH]
    for c in near[:NEAREST]:
        text = c.passage.text
        for interval, clause in clauses(text, decimal_sign(c.evidence.text)):
            if _holds(interval, amount, text):
                yield Match(f"{clause}. From “{text}”", (c,), _explained(amount))


def clauses(text: str, decimal: str) -> Iterator[tuple[Interval, str]]:
    """Yields the ranges of a sentence, each with the amount that stands behind or before it; nothing for one alone."""
    bounds = list(intervals(text))
    amounts = [q for q in quantities(text, decimal) if not any(i.start < q.end and q.start < i.end for i in bounds)]
    if len(bounds) < FEWEST or len(amounts) != len(bounds):
        return
    is_before = amounts[0].start < bounds[0].start
    pairs = list(zip(bounds, amounts, strict=True))
    if all((q.start < i.start) is is_before for i, q in pairs) and _alternate(pairs, is_before=is_before):
        for interval, q in pairs:
            yield interval, f"{text[q.start : q.end].strip()} ({text[interval.start : interval.end].strip()})"


def _alternate(pairs: list[tuple[Interval, Quantity]], *, is_before: bool) -> bool:
    """Returns whether each range has its amount before the next one begins."""
    places = [place for i, q in pairs for place in ((q.start, i.start) if is_before else (i.start, q.start))]
    return places == sorted(places)
