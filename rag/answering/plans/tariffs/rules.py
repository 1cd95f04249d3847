"""Rules in percent: what a price comes to that a rule raises or reduces for those whom the question describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.intervals import Interval, intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.assembled import including_parts
from octavo.rag.answering.plans.compute.formulas import plain
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import TOTAL, Operand
from octavo.rag.answering.plans.relation import cells_of, relations
from octavo.rag.answering.plans.tariffs.brackets import clauses
from octavo.rag.answering.plans.tariffs.shares import PERCENT, RATE, plain_given
from octavo.rag.answering.quantities import CURRENCIES, Quantity, decimal_sign, format_number, quantities
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.query.language import AnswerKind, Language, any_form, any_of, languages

_AGE = pattern("tariffs", "age")
_PER, _SAVED = pattern("tariffs", "per"), pattern("tariffs", "saved")
_CLAUSE = re.compile(r"[;.]\s|,\s(?=\D)")
NEAREST, AROUND, FEWEST = 30, 40, 2
"""The best passages that are looked at, letters around a rate that say what it does, and words of its condition that
the question says at least."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rate and its effect on a price: `factor` times the price. `base` are the terms of what it is a share of.

    `fit` counts the words of its condition that the question says.
    """

    factor: float
    operation: str
    base: frozenset[str]
    fit: int
    candidate: Candidate


def ages_of(text: str) -> list[int]:
    """Returns the ages that a question gives.

    >>> ages_of("I'm 67 and want to row."), ages_of("una persona de 70 años"), ages_of("It is 30 % off.")
    ([67], [70], [])
    """
    return [int(next(filter(None, match.groups()))) for match in _AGE.finditer(text)]


def ruled_price(material: Material) -> Reply | None:
    """Returns the price of the row that a question names, or that it gives, as the one rule that fits changes it."""
    analysis = material.analysis
    if not (analysis.money or analysis.answer_kind is AnswerKind.AMOUNT or _is_priced(material)):
        return None
    if RATE.search(analysis.text) or _SAVED.search(analysis.text) or compares(analysis.text):
        return None
    text = analysis.text
    amounts = [q for q in quantities(text, decimal_sign(text)) if q.unit in CURRENCIES]
    rules = list(_rules(material, amounts))
    best = [rule for rule in rules if rule.fit == max(other.fit for other in rules)]
    if len(amounts) > 1 or not best:
        return None
    replies = [(rule, _of_amount(rule, amounts[0]) if amounts else _of_row(material, rule)) for rule in best]
    answered = [(rule, reply) for rule, reply in replies if reply]
    own = [(rule, reply) for rule, reply in answered if _is_of_one_document(reply)] or answered
    return own[0][1] if len({rule.factor for rule, _ in own}) == 1 else None


def _of_amount(rule: Rule, amount: Quantity) -> Reply:
    return _reply([(amount, plain_given(amount), True)], rule, ())


def _is_of_one_document(reply: Reply) -> bool:
    return len({c.document for paragraph in reply.paragraphs for c in paragraph.support}) == 1


def _is_priced(material: Material) -> bool:
    return not set(material.analysis.terms).isdisjoint(terms_of_words(material.analysis.language.money))


def _of_row(material: Material, rule: Rule) -> Reply | None:
    """Returns the price in the row and the columns that a question names, those that the rule is about changed."""
    analysis = material.analysis
    for relation in relations(material):
        if pair := including_parts(material, relation):
            operands = [(o.quantity, plain(o), o is pair[0]) for o in pair]
            return _reply(operands, rule, [o.candidate for o in pair])
        rows = [c for c in named_rows(analysis, relation) if c in relation.counted]
        if len(rows) != 1 or rows[0] is rule.candidate or not relation.values:
            continue
        fits = {column: _terms_of_column(material, column, rows[0]) for column in relation.values}
        columns = [c for c in relation.values if fits[c] and not any(fits[c] < other for other in fits.values())]
        money = [c for c in columns if (o := relation.number(rows[0], c)) and _is_price(o, c, material)]
        changed = [c for c in money if rule.base & set(words_of(c))] or money
        if not money or not changed or len({fits[c] for c in money}) < len(money):
            continue
        parts: list[tuple[Quantity, str, bool]] = []
        for column in money:
            operand = relation.number(rows[0], column)
            assert operand is not None
            parts.append((operand.quantity, plain(operand), column in changed))
        return _reply(parts, rule, rows)
    return None


def _terms_of_column(material: Material, column: str, row: Candidate) -> frozenset[str]:
    """Returns the terms of a question that the name of a column says, but for those of the row's label."""
    label = material.analysis.matched_in(cells_of(row)[0].text)
    return frozenset(material.analysis.matched_in(column)) - label


def _is_price(operand: Operand, column: str, material: Material) -> bool:
    prices = terms_of_words((*material.analysis.language.money, *material.analysis.language.price_words))
    return (
        operand.quantity.unit in CURRENCIES or bool(prices & set(words_of(column))) or _PER.search(column) is not None
    )


def _reply(parts: Sequence[tuple[Quantity, str, bool]], rule: Rule, rows: Sequence[Candidate]) -> Reply:
    first = parts[0][0]
    total = sum(q.value * (rule.factor if changed else 1.0) for q, _, changed in parts)
    places = max(q.places for q, _, _ in parts)
    places = max(places, 0 if abs(total - round(total, places)) < 1e-9 else 2)
    result = format_number(total, places, first.unit, first.scale, first.decimal)
    formula = " + ".join(f"{text} {rule.operation}" if changed else text for _, text, changed in parts)
    support = tuple(dict.fromkeys((*rows, rule.candidate)))
    names = "".join(f"{cells_of(c)[0].text}; " for c in rows)
    return Reply(
        (Paragraph(f"{result} = {formula}. From {names}“{rule.candidate.passage.text}”", support),), checked=True
    )


def _rules(material: Material, amounts: Sequence[Quantity]) -> Iterator[Rule]:
    """Yields the rules whose condition the question meets: an age in its range, or enough of its words.

    Where `amounts` are given, those whose bracket holds the first, and the rates of rows that the question names.
    """
    for scored in material.ranked()[:NEAREST]:
        c = scored.candidate
        if c.passage.kind in HEADINGS:
            continue
        language = languages()[material.language(c.document)]
        if amounts and (rule := _bracket(material, c, amounts[0]) or _own_share(material, c)):
            yield rule
            continue
        texts = [c.passage.text]
        if c.passage.row is not None:
            texts = [f"{c.passage.row.label}: {cell.text}" for cell in c.passage.row.values]
        for clause in texts:
            rates = list(RATE.finditer(clause))
            halves = [m for m in re.finditer(r"[^\W\d_]+", clause) if m[0].lower() in language.amounts.half]
            if len(rates) + len(halves) == 1 and (rule := _rule(material, c, clause, (rates or halves)[0], language)):
                yield rule


def _bracket(material: Material, c: Candidate, amount: Quantity) -> Rule | None:
    """Returns the rate of the bracket in which a given amount lies: "3 % under £500, 7 % from £500 on"."""
    text = c.passage.text
    if c.passage.row is not None or len(RATE.findall(text)) < FEWEST:
        return None
    matches = [clause for i, clause in clauses(text, decimal_sign(c.evidence.text)) if i.holds(amount.value)]
    rate = RATE.match(matches[0]) if len(matches) == 1 else None
    fit = _condition(material, c, text, frozenset()) if rate else None
    if rate is None or fit is None:
        return None
    share = float(rate["rate"].replace(",", ".")) / 100
    return Rule(share, f"× {100 * share:g} %", frozenset(), fit + 1, c)


def _own_share(material: Material, c: Candidate) -> Rule | None:
    """Returns the one rate among the cells of a row whose label the question says."""
    cells = cells_of(c)[1:]
    rates = [match for cell in cells if (match := RATE.fullmatch(cell.text.strip()))]
    analysis = material.analysis
    label = frozenset(words_of(c.passage.row.label)) if c.passage.row else frozenset[str]()
    if len(rates) != 1 or not label or not label <= analysis.matched_terms(label) | TOTAL:
        return None
    share = float(rates[0]["rate"].replace(",", ".")) / 100
    return Rule(share, f"× {100 * share:g} %", frozenset(), FEWEST + len(label), c)


def _rule(material: Material, c: Candidate, clause: str, rate: re.Match[str], language: Language) -> Rule | None:
    share = float(rate["rate"].replace(",", ".")) / 100 if rate.re is RATE else 0.5
    before, after = clause[max(0, rate.start() - AROUND) : rate.start()], clause[rate.end() : rate.end() + AROUND]
    near = f"{_CLAUSE.split(before)[-1]} {_CLAUSE.split(after)[0]}"
    raised = any_of(language.conditions.raised, re.I).search(near)
    reduced = any_of(language.conditions.reduced, re.I).search(near)
    if raised and reduced:
        return None
    base = _base(after, language)
    fit = _condition(material, c, clause, base)
    if fit is None or (not (raised or reduced) and not base):
        return None
    name = f"{100 * share:g} %"
    factor, operation = (
        (1 + share, f"+ {name}") if raised else (1 - share, f"- {name}") if reduced else (share, f"× {name}")
    )
    return Rule(factor, operation, base, fit, c)


def _base(after: str, language: Language) -> frozenset[str]:
    """Returns the terms of what a rate is a share of: "60 % of the rent", "half the rent"."""
    of = any_form({*language.articles, *language.amounts.of})
    match = re.match(rf"\s*{of}(?:\s+{of})*\s+(?P<base>[^\W\d_]+(?:\s+[^\W\d_]+)?)", after, re.I)
    return frozenset(words_of(match["base"])) if match else frozenset()


def _condition(material: Material, c: Candidate, clause: str, base: frozenset[str]) -> int | None:
    """Returns how much of the condition of a rule a question says; `None` where an age does not lie in its range.

    Years are no condition.
    """
    analysis = material.analysis
    fillers = terms_of_words((*analysis.language.money, *analysis.language.generic)) | base | {*analysis.years}
    matches = {t for t in analysis.matched_in(clause) if t not in fillers}
    ages, spans = ages_of(analysis.text), [i for i in intervals(clause) if _is_of_ages(i, clause)]
    if ages and spans and any(i.holds(age) for i in spans for age in ages):
        return FEWEST + len(matches)
    if spans and ages:
        return None
    fewest = FEWEST + bool(spans)  # one whose age is not said may meet another condition
    return len(matches) if len(matches) >= fewest else None


def _is_of_ages(interval: Interval, clause: str) -> bool:
    """Returns whether a range may be one of ages: in years or no unit, of no day and no percentage."""
    is_unit = interval.unit is None or interval.unit.group == "years"
    is_day = any(day.start < interval.end and interval.start < day.end for day in dates(clause))
    return is_unit and not is_day and PERCENT.match(clause, interval.end) is None
