"""Numbers that one sentence states against another: from 195 to 210, $800 more than planned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.amounts import amounts_of
from octavo.rag.answering.plans.compute.formulas import alike, computed_reply, difference, growth_from, plain
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.operands import Operand, counted_noun
from octavo.rag.answering.quantities import CURRENCIES, decimal_sign, quantities
from octavo.rag.answering.question_analysis import terms_of_words
from octavo.rag.answering.stated_numbers import YEAR
from octavo.rag.query.language import Language, any_form, any_of, languages

_RISE = pattern("compute", "rise")
_GROWTH = pattern("compute", "growth")
_CHANGE = pattern("compute", "change")
_FROM_TO = pattern("compute", "from_to")
_NOW_BEFORE = pattern("compute", "now_before")
_PLANNED = pattern("compute", "planned")
ENOUGH, NEAREST = 0.5, 3
"""The share of a question that a sentence says, and how many are looked at."""
_AFTER = 25
"""Letters between a difference and what it is a difference from."""


def stated_change(material: Material) -> Reply | None:
    """Returns by how much, or what percentage, a number changed that a sentence states now and before."""
    text = material.query.text
    in_percent = _GROWTH.search(text) is not None
    if not (_RISE.search(text) or _CHANGE.search(text) or in_percent or compares(text)):
        return None
    analysis = material.analysis
    language = analysis.language
    asking = (*language.generic, *language.amounts.against, *language.conditions.rose, *language.conditions.fell)
    terms = {t for t in analysis.terms if not t[0].isdigit()} - terms_of_words(asking)
    noun = counted_noun(analysis)
    for c in _near(material, 0.0):
        for now, before, start in _now_and_before(c, languages()[material.language(c.document)]):
            terms_between = analysis.matched_in(c.passage.text[start : max(now.quantity.end, before.quantity.end)])
            said = terms_between | _said_above(material, c)
            if (
                2 * len(said & terms) < len(terms)
                or (terms and not terms_between & terms)
                or not years_fit(material, c)
            ):
                continue
            if noun and (now.quantity.unit in CURRENCIES or not noun <= terms_between):
                continue
            in_one_unit = replace(before, quantity=replace(before.quantity, unit=now.quantity.unit))
            reply = growth_from(in_one_unit, now) if in_percent else difference(now, in_one_unit, absolute=True)
            if reply:
                return reply
    return None


def _said_above(material: Material, c: Candidate) -> set[str]:
    """Returns the terms of a question that the heading and the title of a sentence say."""
    words = (words for share, words, _ in c.around if share > BESIDE)
    return material.analysis.matched_terms(frozenset().union(*words))


def years_fit(material: Material, c: Candidate) -> bool:
    """Returns whether a passage, or what stands above it, says the years of a question."""
    return all(any(year in words for words in (c.words, *(w for _, w, _ in c.around))) for year in material.years)


def _now_and_before(c: Candidate, language: Language) -> Iterator[tuple[Operand, Operand, int]]:
    """Yields pairs of numbers of a sentence, the later one first, each with where what is said of them begins.

    They are joined by words ("from 195 to 210", "210, against 195"), or stand with a day, a month or a year each.
    """
    text = c.passage.text
    for match in _FROM_TO.finditer(text):
        yield from _pair(c, match.start("b"), match.start("a"), 0)
    for match in _NOW_BEFORE.finditer(text):
        start = max(text.rfind(mark, 0, match.start()) for mark in (". ", "•", ";")) + 1
        yield from _pair(c, match.start("a"), match.start("b"), start)
    amounts = sorted(amounts_of(c), key=lambda q: q.start)
    for first, second in pairwise(amounts):
        if _from_day(language.code).fullmatch(text[first.end : second.start]):
            yield Operand(second, text, c), Operand(first, text, c), 0
        if any_of(language.amounts.against, re.I).search(text[first.end : second.start]):
            yield Operand(first, text, c), Operand(second, text, c), 0
    days = [(day.year, day.month, day.day) for day in dates(text)] or [(int(y), 0, 0) for y in YEAR.findall(text)]
    if len(amounts) == len(days) == 2 and days[0] != days[1]:
        later, earlier = amounts[::-1] if days[0] < days[1] else amounts
        yield Operand(later, text, c), Operand(earlier, text, c), 0


@cache
def _from_day(code: str) -> re.Pattern[str]:
    """Returns a pattern of what stands between an amount and the one that holds from a day on: ", from 1 March £"."""
    words = any_form((*languages()[code].conditions.starting, *languages()[code].conditions.since))
    return re.compile(rf"[^.;]{{0,12}}[,;(]\s*{words}\s[^.;]{{2,25}}?", re.I)


def _pair(c: Candidate, now: int, before: int, start: int) -> Iterator[tuple[Operand, Operand, int]]:
    a, b = _operand(c, now), _operand(c, before)
    if a is not None and b is not None:
        yield a, b, start


def planned_change(material: Material) -> Reply | None:
    """Returns the planned amount, from the actual amount and the stated difference."""
    cue = _PLANNED.search(material.query.text)
    if cue is None:
        return None
    words = material.analysis.language.conditions
    for c in _near(material):
        text = c.passage.text
        mention = _PLANNED.search(text)
        numbers = list(quantities(text, decimal_sign(c.evidence.text)))
        if mention is None or len(numbers) != 2 or mention.start() < numbers[1].end:
            continue
        between = text[numbers[1].end : mention.start()]
        is_more = any_of(words.above).search(f"{between.strip()} ")
        is_less = any_of(words.below).search(f"{between.strip()} ")
        whole, part = (Operand(q, text, c) for q in numbers)
        if len(between) > _AFTER or bool(is_more) is bool(is_less) or not alike(whole, part):
            continue
        sign, result = ("-", whole.quantity.value - part.quantity.value)
        if is_less:
            sign, result = ("+", whole.quantity.value + part.quantity.value)
        places = max(whole.quantity.places, part.quantity.places)
        text_of_result = plain(whole, result, places, whole.quantity.unit, whole.quantity.scale)
        return computed_reply(text_of_result, f"{plain(whole)} {sign} {plain(part)}", [whole, part])
    return None


def _near(material: Material, share: float = ENOUGH) -> list[Candidate]:
    """Returns the sentences that say most of the question, at least a share of it."""
    ranked = [s for s in material.ranked() if s.candidate.passage.row is None and s.coverage >= share]
    return [s.candidate for s in ranked[:NEAREST]]


def _operand(c: Candidate, start: int) -> Operand | None:
    numbers = quantities(c.passage.text, decimal_sign(c.evidence.text))
    quantity = next((q for q in numbers if q.start <= start < q.end), None)
    return Operand(quantity, c.passage.text, c) if quantity else None
