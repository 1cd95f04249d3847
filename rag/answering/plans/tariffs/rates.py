"""Rates that sentences state, applied to the amounts of a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from math import ceil, prod

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.given_amounts import GivenAmount
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.compute.formulas import plain
from octavo.rag.answering.plans.matching import row_terms
from octavo.rag.answering.plans.tariffs.base import Match
from octavo.rag.answering.plans.tariffs.stated import Rate, stated_rates
from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of
from octavo.rag.answering.units import unit_written
from octavo.rag.query.language import Language, languages

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
NEAREST = 12
"""The best sentences that are looked at."""
_NONE = 1e-9


@dataclass(frozen=True, slots=True)
class _Part:
    """A rate times the amounts of its units; `is_computed` where that is more than the price as it is stated."""

    rate: Rate
    given: tuple[GivenAmount, ...]
    amount: float
    formula: str
    support: tuple[Candidate, ...]
    is_computed: bool = True


def rates(material: Material, amounts: Sequence[GivenAmount]) -> Iterator[Match]:
    """Yields what the rates of each document come to for the amounts, of which one may be a single thing."""
    single = list(_single(material.query.text, material.analysis.language))
    ranked = (s.candidate for s in material.ranked() if s.candidate.passage.row is None)
    near = set(islice(ranked, NEAREST))
    for document in dict.fromkeys(c.document for c in material.candidates if c in near and (amounts or single)):
        language = languages()[material.language(document)]
        pool = [c for c in material.candidates if c.document == document and c in near]
        stated = [rate for c in pool for rate in stated_rates(c, language)]
        if match := _total(material, stated, amounts, ()) or _total(material, stated, single, amounts):
            yield match


def _single(text: str, language: Language) -> Iterator[GivenAmount]:
    """Yields the thing of which a question wants the price of one: "one swim", "a single box", "per lesson"."""
    single = language.amounts.single
    tokens = list(_WORD.finditer(text))
    for first, second in pairwise(tokens):
        if first[0].lower() in single and second[0].lower() not in single:
            yield GivenAmount(1.0, second[0], unit_written(second[0]), first.start(), second.end(), first[0])


def _total(
    material: Material, stated: Sequence[Rate], amounts: Sequence[GivenAmount], others: Sequence[GivenAmount]
) -> Match | None:
    """Returns the sum of the rates that the question names, each times the amounts of its units.

    Amounts that are left, and all `others`, must stand in the sentences themselves.
    """
    analysis = material.analysis
    chosen = _parts_by_name(analysis, [part for rate in stated if (part := _part(rate, stated, amounts))])
    if not chosen or (not any(part.is_computed for part in chosen) and len(chosen) < 2):
        return None
    support = tuple(dict.fromkeys(c for part in chosen for c in part.support))
    used = {g for part in chosen for g in part.given}
    spare = [g for g in (*amounts, *others) if g not in used]
    first = chosen[0].rate.operand
    is_one_kind = len({part.rate.operand.quantity.unit for part in chosen}) == 1
    if not is_one_kind or not all(g.value == 1 or _is_stated(g, support) for g in spare):
        return None
    if _lacks_main(material.query.text, analysis, chosen, stated):
        return None
    total = sum(part.amount for part in chosen)
    places = max(part.rate.operand.quantity.places for part in chosen)
    places = places if abs(total - round(total, places)) < _NONE else 2
    result = plain(first, total, places, first.quantity.unit, first.quantity.scale)
    quoted = "; ".join(f"“{c.passage.text}”" for c in support)
    explained = frozenset(t for g in (*used, *spare) for t in words_of(f"{g.digits} {g.word}"))
    return Match(f"{result} = {' + '.join(part.formula for part in chosen)}. From {quoted}", support, explained)


def _part(rate: Rate, stated: Sequence[Rate], amounts: Sequence[GivenAmount]) -> _Part | None:
    """Returns what one rate comes to; `None` where the question has no amount of one of its units."""
    counts = [next(((g, n) for g in amounts if (n := _count(g, unit)) is not None), None) for unit in rate.units]
    matches = [count for count in counts if count]
    if rate.is_first or not matches or len(matches) < len(counts):
        return None
    matched_amounts, n = tuple(g for g, _ in matches), prod(n for _, n in matches)
    if rate.is_further:
        return _stepped(rate, stated, matched_amounts, n)
    if (rate.is_pack and n != 1 and n % rate.count) or (n < 1 and not rate.is_started):
        return None
    times = float(ceil(n / rate.count - _NONE)) if rate.is_started else n / rate.count
    price = plain(rate.operand)
    formula = price if times == 1 else f"{times:g} × {price}" if times >= 1 else f"{price} ÷ {1 / times:g}"
    amount = rate.operand.quantity.value * times
    return _Part(rate, matched_amounts, amount, formula, (rate.operand.candidate,), times != 1)


def _stepped(rate: Rate, stated: Sequence[Rate], amounts: tuple[GivenAmount, ...], n: float) -> _Part | None:
    """Returns the price of the first ones and of all further ones; `None` where no price of the first is stated."""
    c, unit = rate.operand.candidate, set(words_of(rate.units[0]))
    base = [
        r
        for r in stated
        if r.is_first and unit & set(words_of(r.units[0])) and r.operand.candidate.element == c.element
    ]
    if len(base) != 1 or n < base[0].count:
        return None
    more = float(ceil((n - base[0].count) / rate.count - _NONE))
    start, q = base[0].operand, rate.operand.quantity
    formula = f"{more:g} × {plain(rate.operand)}"
    formula = f"{plain(start)} + {formula}" if start.quantity.value else formula
    support = tuple(dict.fromkeys((start.candidate, c)))
    whole = replace(rate, subject=rate.subject | base[0].subject)
    return _Part(whole, amounts, start.quantity.value + more * q.value, formula, support)


def _count(amount: GivenAmount, unit: str) -> float | None:
    """Returns how many of a unit an amount is; `None` where it is one of other things."""
    if set(words_of(amount.word)) & set(words_of(unit)):
        return amount.value
    other = unit_written(unit)
    if amount.unit is None and other is None and set(words_of(unit)) & row_terms():
        return amount.value  # "per item" is for each of whatever is counted
    factor = amount.unit.factor_to(other) if amount.unit and other else None
    return amount.value * factor if factor else None


def _parts_by_name(analysis: QuestionAnalysis, parts: Sequence[_Part]) -> list[_Part]:
    """Returns the parts to add: for the amounts of the question, each rate whose clause says words of its own.

    Without such words, the only one; nothing where several fit the same words.
    """
    result = list[_Part]()
    for amounts in dict.fromkeys(part.given for part in parts):
        same = [(frozenset(_own_terms(analysis, part)), part) for part in parts if part.given == amounts]
        common = frozenset.intersection(*(terms for terms, _ in same)) if len(same) > 1 else frozenset[str]()
        distinct = [(terms - common, part) for terms, part in same if terms - common] or same
        if len({terms for terms, _ in distinct}) < len(distinct):
            return []
        result += [part for terms, part in distinct if not any(terms < other for other, _ in distinct)]
    return result


def _own_terms(analysis: QuestionAnalysis, part: _Part) -> set[str]:
    """Returns the terms of a question that the clause of a rate says, but for its units."""
    units = {t for unit in part.rate.units for t in words_of(unit)}
    return analysis.matched_terms(part.rate.subject) - units - terms_of_words(analysis.language.money)


def _is_stated(amount: GivenAmount, support: Sequence[Candidate]) -> bool:
    """Returns whether passages themselves say a number, with the word behind it."""
    words = frozenset(words_of(f"{amount.digits} {amount.word}"))
    return any(words <= c.words for c in support)


def _lacks_main(text: str, analysis: QuestionAnalysis, chosen: Sequence[_Part], stated: Sequence[Rate]) -> bool:
    """Returns whether only that is priced which comes along with another thing: a dog, of "three nights with a dog"."""
    words = text.lower().split()
    along = next((n for n, word in enumerate(words) if word in analysis.language.amounts.along), None)
    own = {t for part in chosen for t in _own_terms(analysis, part)}
    units = {part.rate.units for part in chosen}
    main = next((rate for rate in stated if rate.units in units), None)
    is_other = main is not None and main.operand not in [part.rate.operand for part in chosen]
    return along is not None and bool(own) and is_other and own <= set(words_of(" ".join(words[along:])))
