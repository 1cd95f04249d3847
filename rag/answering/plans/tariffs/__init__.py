"""Tariffs: the price of the amounts of a question, by their bracket or by a rate for each unit."""

from __future__ import annotations

import re
from dataclasses import replace

from octavo.rag.answering.dates import dates, months
from octavo.rag.answering.given_amounts import GivenAmount, given_amounts
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.moments import clock_times
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.binding import explained_terms, is_bound, unexplained_terms
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.tariffs.admission import admission
from octavo.rag.answering.plans.tariffs.base import Match
from octavo.rag.answering.plans.tariffs.brackets import brackets
from octavo.rag.answering.plans.tariffs.growth import growth
from octavo.rag.answering.plans.tariffs.notice import notice
from octavo.rag.answering.plans.tariffs.ordinals import of_ordinals
from octavo.rag.answering.plans.tariffs.rates import rates
from octavo.rag.answering.plans.tariffs.rules import ages_of, ruled_price
from octavo.rag.answering.question_analysis import terms_of_words
from octavo.rag.answering.units import unit_of
from octavo.rag.query.language import AnswerKind

_CODE = re.compile(r"\b[A-Z]+-\d+\b")
NEAREST = 3
"""The best passages that may set a time."""
MOST_UNEXPLAINED = 1 / 3
"""The share of a question's terms that neither the tariff nor what stands above it need say."""


def tariffs(material: Material) -> Reply | None:
    """Returns what a tariff, a scale of time or a rule in percent comes to for the case of a question."""
    operations = (admission, _late, of_ordinals, _of_amounts, notice, ruled_price)
    replies = (reply for operation in operations if (reply := operation(material)))
    return next((reply for reply in replies if not _is_of_no_month(material, reply)), None)


def _is_of_no_month(material: Material, reply: Reply) -> bool:
    """Returns whether a question names a month but no day, and the source of a price names neither one nor a day."""
    named = frozenset() if any(dates(material.query.text)) else months(material.query.text)
    texts = [f"{c.passage.text} {c.passage.context}" for paragraph in reply.paragraphs for c in paragraph.support]
    return bool(named) and not any(months(text) or any(dates(text)) for text in texts)


def _of_amounts(material: Material) -> Reply | None:
    """Returns what a tariff comes to; `None` where none or several explain as much of the question."""
    text = material.query.text
    amounts = [g for g in given_amounts(text, material.analysis.language) if not _is_bound(g, text)]
    ages = {float(age) for age in ages_of(text)}
    amounts = [replace(g, word="", unit=unit_of("years")) if g.value in ages and g.unit is None else g for g in amounts]
    if reply := growth(material, amounts):
        return reply
    is_amount = material.analysis.money or material.analysis.answer_kind in (None, AnswerKind.AMOUNT)
    if compares(text) or not is_amount or material.names_reported_period:
        return None
    matches = [m for m in (*brackets(material, amounts), *rates(material, amounts)) if _answers(material, m)]
    fits = [_fit(material, m) for m in matches]
    best = [m for fit, m in zip(fits, matches, strict=True) if fit == max(fits)]
    if not best or len({m.text for m in best}) > 1:
        return None
    return Reply((Paragraph(best[0].text, best[0].support),), checked=True)


def _late(material: Material) -> Reply | None:
    """Returns what a rate for started time comes to from the time that its sentence sets to the one of a question."""
    text = material.query.text
    times = {minutes for minutes, *_ in clock_times(text)}
    minutes = unit_of("minutes")
    for scored in material.ranked()[:NEAREST] if times and minutes else ():
        passage = scored.candidate.passage
        own = {minutes for minutes, *_ in clock_times(passage.text)} if passage.row is None else set[int]()
        late = times - own
        if len(own) != 1 or len(late) != 1 or not times <= own | late:
            continue
        digits = " ".join(text[start:end] for _, start, end in clock_times(text))
        lateness = GivenAmount(float(abs(late.pop() - own.pop())), "minutes", minutes, 0, 0, digits)
        matches = [m for m in rates(material, [lateness]) if m.support == (scored.candidate,)]
        if len(matches) == 1:
            return Reply((Paragraph(matches[0].text, matches[0].support),), checked=True)
    return None


def _is_bound(amount: GivenAmount, text: str) -> bool:
    """Returns whether an amount is a condition of the question, as in "more than 10 groups"."""
    codes = [match.span() for match in _CODE.finditer(text)]
    bounds = [i for i in intervals(text) if not any(start < i.end and i.start < end for start, end in codes)]
    return any(i.start < amount.end and amount.start < i.end for i in bounds)


def _fit(material: Material, match: Match) -> tuple[int, int]:
    """Returns how many terms of the question a tariff explains, and how many its own words say."""
    analysis = material.analysis
    prices = terms_of_words(analysis.language.money)
    own = {t for c in match.support for t in analysis.matched_terms(c.words, c.spans)} | match.explained
    return len((explained_terms(material, match.support) | match.explained) - prices), len(own - prices)


def _answers(material: Material, match: Match) -> bool:
    rest = unexplained_terms(material, match.support, match.explained)
    is_most = len(rest) <= max(1, MOST_UNEXPLAINED * len(material.analysis.terms))
    is_about = bool(explained_terms(material, match.support) - match.explained)
    return is_most and is_about and is_bound(material, match.support, match.explained)


__all__ = ["tariffs"]
