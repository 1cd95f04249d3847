"""Parts of a whole that stand in one paragraph or in a row of totals, and percentages of an amount."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import islice

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.amounts import amounts_of
from octavo.rag.answering.plans.compute.formulas import add, computed_reply, percentage, plain
from octavo.rag.answering.plans.operands import TOTAL, Operand, of_cell
from octavo.rag.answering.plans.relation import cells_of, relations
from octavo.rag.answering.quantities import CURRENCIES, Quantity, decimal_sign, quantities
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, words_of
from octavo.rag.query.language import AnswerKind

_SHARE = pattern("compute", "share")
_BASE = pattern("compute", "percent_of")
_CLAUSE = re.compile(r"[.;:,•()–—|]")
NEAREST, BETWEEN = 6, 2
"""The best sentences that are looked at, and the words that may stand between a number and what it is a number of."""
ENOUGH = 0.5
"""The share of a question's terms that a sentence with a percentage must say."""
AFTER = 15
"""Letters between what an amount is called and the amount."""


def part_of_whole(material: Material) -> Reply | None:
    """Returns a part of a whole in percent, where a paragraph states both or a table has a total of both."""
    match = _SHARE.search(material.query.text)
    if match is None:
        return None
    part, whole = analyze_question(match["part"]), analyze_question(match["whole"])
    return _of_total(material, part, whole) or _of_paragraph(material, part, whole)


def _of_total(material: Material, part: QuestionAnalysis, whole: QuestionAnalysis) -> Reply | None:
    """Returns the share of one column in the column of totals, in the row of all."""
    for relation in relations(material):
        row = relation.total or next((c for c in relation.rows if TOTAL & set(words_of(cells_of(c)[0].text))), None)
        part_columns = [c for c in relation.values if part.terms and set(part.terms) <= _terms_in(part, c)]
        sums = [c for c in relation.values if TOTAL & set(words_of(c))]
        terms = whole.matched_terms(relation.around) | _terms_in(whole, " ".join(relation.columns))
        if (
            row is None
            or len(part_columns) != 1
            or len(sums) != 1
            or part_columns == sums
            or not set(whole.terms) <= terms
        ):
            continue
        return percentage(relation.number(row, part_columns[0]), relation.number(row, sums[0]))
    return None


def _terms_in(analysis: QuestionAnalysis, text: str) -> set[str]:
    words = words_of(text)
    return analysis.matched_terms(frozenset(words), " ".join(words))


def _of_paragraph(material: Material, part: QuestionAnalysis, whole: QuestionAnalysis) -> Reply | None:
    """Returns the share of the number beside the part in that beside the whole, or in the sum of all amounts listed."""
    years = set(material.analysis.years)
    for scored in material.ranked()[:NEAREST]:
        c = scored.candidate
        if c.passage.row is not None:
            continue
        paragraph = [o for o in material.candidates if o.element == c.element and o.passage.row is None]
        text = " ".join([*(o.passage.text for o in paragraph), c.passage.context])
        if not years <= set(re.findall(r"\b(?:19|20)\d\d\b", text)):
            continue
        first = next(filter(None, (_beside(o, part) for o in paragraph)), None)
        if first is None or first.quantity.unit == "%":
            continue
        second = next(filter(None, (_beside(o, whole) for o in paragraph)), None)
        if second is not None and second.place != first.place:
            alike = replace(second, quantity=replace(second.quantity, unit=first.quantity.unit))
            is_part = 0 <= first.quantity.amount <= second.quantity.amount
            both_money = (first.quantity.unit in CURRENCIES) == (second.quantity.unit in CURRENCIES)
            return percentage(first, alike) if is_part and both_money else None
        around = (words for share, words, _ in c.around if share > BESIDE)
        if first.quantity.unit in CURRENCIES and whole.matched_terms(frozenset().union(first.candidate.words, *around)):
            return _of_list(first)
    return None


def _of_list(part: Operand) -> Reply | None:
    """Returns the share of one amount in all those of its sentence."""
    c = part.candidate
    amounts = [Operand(q, c.passage.text, c) for q in amounts_of(c) if q.unit == part.quantity.unit]
    total = sum(o.quantity.amount for o in amounts)
    if len(amounts) < 2 or add([(1.0, o) for o in amounts]) is None:
        return None
    formula = f"{plain(part)} ÷ ({' + '.join(plain(o) for o in amounts)})"
    return computed_reply(plain(part, 100 * part.quantity.amount / total, 1, "%"), formula, [part])


def _beside(c: Candidate, analysis: QuestionAnalysis, units: Collection[str] = ()) -> Operand | None:
    """Returns the number that stands nearest to a name, with no more than a few words and no clause's end between.

    With `units`, it is one in these, and the name stands there word for word.
    """
    by_distance: list[tuple[int, Quantity]] = []
    text = c.passage.text
    words = [
        m
        for m in re.finditer(r"[^\W\d_][\w’'-]*", text)
        if (set(words_of(m[0])) & set(analysis.terms) if units else _terms_in(analysis, m[0]))
    ]
    if not words:
        return None
    for q in amounts_of(c):
        if units and q.unit not in units:
            continue
        gaps = [
            text[m.end() : q.start].rstrip("($€£ ") if m.end() <= q.start else text[q.end : m.start()]
            for m in words
            if not q.start <= m.start() < q.end
        ]
        distances = [len(gap.split()) for gap in gaps if not _CLAUSE.search(gap)]
        if distances and min(distances) <= BETWEEN:
            by_distance.append((min(distances), q))
    best = [q for distance, q in by_distance if distance == min(by_distance, key=lambda pair: pair[0])[0]]
    return Operand(best[0], text, c) if len(best) == 1 else None


def percent_of(material: Material) -> Reply | None:
    """Returns the amount that a percentage is which a sentence states of what the question names."""
    analysis = material.analysis
    if analysis.answer_kind is not AnswerKind.AMOUNT or _SHARE.search(material.query.text):
        return None
    sentences = (scored for scored in material.ranked() if scored.candidate.passage.row is None)
    for scored in islice(sentences, NEAREST):
        c = scored.candidate
        is_about = scored.coverage >= ENOUGH
        rate = _beside(c, analysis, ("%",)) if is_about else None
        if rate is None:
            continue
        amounts = [Operand(q, c.passage.text, c) for q in amounts_of(c) if q.unit in CURRENCIES]
        base = amounts[0] if len(amounts) == 1 else None if amounts else _base(material, c, rate)
        if base is None or _is_result(c, rate, base):
            continue
        share = base.quantity.value * rate.quantity.value / 100
        places = max(base.quantity.places, 0 if share == round(share) else 2)
        result = plain(base, share, places, base.quantity.unit, base.quantity.scale)
        return computed_reply(result, f"{plain(rate)}% × {plain(base)}", [rate, base])
    return None


def _is_result(c: Candidate, rate: Operand, base: Operand) -> bool:
    """Returns whether an amount stands in brackets right behind the percentage, as what it comes to."""
    between = c.passage.text[rate.quantity.end : base.quantity.start + 1]
    return base.candidate is c and re.match(r"\W{0,3}\($|\W{0,3}\([^)]*$", between) is not None


def _operand_of_rate(material: Material, c: Candidate, rate: Operand) -> Operand | None:
    """Returns the one number of the row whose label, of several words, stands right behind a percentage."""
    behind = " ".join(c.passage.text[rate.quantity.end :].lower().split())
    operands: list[Operand] = []
    for other in material.candidates:
        row = other.passage.row
        if row is None or other.document != c.document or len(row.label.split()) < BETWEEN:
            continue
        place = behind.find(" ".join(row.label.lower().split()))
        values = [cell for cell in row.values if any(ch.isdigit() for ch in cell.text)]
        operand = of_cell(other, values[0]) if 0 <= place <= AFTER and len(values) == 1 else None
        operands += [operand] if operand else []
    return operands[0] if len({o.quantity.amount for o in operands}) == 1 else None


def _base(material: Material, c: Candidate, rate: Operand) -> Operand | None:
    """Returns the one amount of money that the document states beside what a percentage is of."""
    if stated := _operand_of_rate(material, c, rate):
        return stated
    match = _BASE.search(c.passage.text, rate.quantity.end)
    if match is None or match.start() > rate.quantity.end + 3 * AFTER:
        return None
    name = re.compile(rf"{re.escape(match['base'].strip())}\W{{0,3}}", re.I)
    operands: dict[float, Operand] = {}
    for other in material.candidates:
        if other.document == c.document and (mention := name.search(other.passage.text)):
            numbers = (q for q in quantities(other.passage.text, decimal_sign(other.evidence.text)))
            after = next((q for q in numbers if mention.start() < q.start <= mention.end() + AFTER), None)
            if after is not None and after.unit in CURRENCIES:
                operands[after.amount] = Operand(after, other.passage.text, other)
    return next(iter(operands.values())) if len(operands) == 1 else None
