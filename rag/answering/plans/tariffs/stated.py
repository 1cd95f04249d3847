"""Rates in sentences: prices for each unit, for a pack, for the first units, for every further one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import dropwhile, takewhile
from math import inf

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.plans.clauses import clause_end, clause_start
from octavo.rag.answering.plans.operands import Operand
from octavo.rag.answering.quantities import CURRENCIES, Quantity, currency_words, decimal_sign, quantities
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.units import unit_written
from octavo.rag.query.language import Language, any_form, any_of, languages

_TOKEN = re.compile(r"[^\W\d_][\w’'-]*|\d+(?:[.,]\d+)*|[/.;:()!?]")
_STOPS = frozenset(".;:()!?")
_SENTENCE = re.compile(r"[;.!?](?:\s|$)|,\s")
_WORD = re.compile(r"[^\W\d_]{3,}")
LIMIT = 14
"""Letters before an amount in which it is said to be a limit."""
_KINDS = ("per", "first", "further", "started", "whom")


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount for `count` of each of `units`: for the first ones, for every further one, or for each.

    `is_pack` is true for the price of `count` together, `is_started` where a unit that is begun counts as a whole one.
    `subject` are the terms of its clause.
    """

    operand: Operand
    units: tuple[str, ...]
    count: float = 1.0
    subject: frozenset[str] = frozenset()
    is_first: bool = False
    is_further: bool = False
    is_started: bool = False
    is_pack: bool = False


def stated_rates(c: Candidate, language: Language) -> Iterator[Rate]:
    """Yields the rates of a sentence; first units that are free have a rate of 0."""
    text = c.passage.text
    yield from _free(c, language)
    amounts = list(quantities(text, decimal_sign(c.evidence.text)))
    for n, q in enumerate(amounts):
        start = max((other.end for other in amounts[:n] if other.unit == q.unit), default=0)
        operand = Operand(q, text, c)
        rate = _after(operand, language) or _before(operand, text[start : q.start], language)
        if rate is not None and not (n and _is_limit(text[: q.start], language)):
            following = min((other.start for other in amounts[n + 1 :] if other.unit == q.unit), default=len(text))
            yield replace(rate, subject=frozenset(words_of(_clause_of(text, q, start, following, language.code))))


def _is_limit(before: str, language: Language) -> bool:
    """Returns whether an amount is the most that other rates come to: "up to £30"."""
    return any_of((*language.conditions.at_most, *language.conditions.until), re.I).search(before[-LIMIT:]) is not None


def _clause_of(text: str, q: Quantity, start: int, following: int, code: str) -> str:
    """Returns the clause of an amount, between those of the amounts before and behind it; the first one is whole."""
    begin = clause_start(text, q.start, code, start) if start else 0
    end = clause_end(code).search(text, q.end, following)
    return f"{text[begin : q.start]} {text[q.end : end.start() if end else following]}"


def _after(operand: Operand, language: Language) -> Rate | None:
    """Returns the rate that the words behind an amount state: "per hour", "for every further hour", "for adults"."""
    behind = _fraction_form().sub(_in_minutes, operand.candidate.passage.text[operand.quantity.end :])
    tokens = [m[0].lower() for m in _TOKEN.finditer(behind)]
    tokens = list(takewhile(lambda word: word not in _STOPS, tokens))
    tokens = tokens[1:] if tokens and tokens[0] in currency_words() else tokens
    phrase = _Phrase(language)
    units = list[str]()
    for n, word in enumerate(tokens):
        if phrase.takes(word) or (phrase.kinds and word in language.articles):
            continue
        if not phrase.kinds & {"per", "first", "further", "whom"} or not word.isalpha():
            break
        units.append(word)
        more = tokens[n + 1 : n + 3]
        if more and more[0] in language.amounts.started:
            phrase.takes(more[0])
        if (
            len(more) < 2
            or more[0] not in language.amounts.joint
            or not (set(more) & language.amounts.per or unit_written(more[1]))
        ):
            break
        tokens[n + 1] = "/"
    return phrase.rate(operand, units)


@cache
def _fractions() -> dict[str, int]:
    """Returns the minutes of the words for parts of an hour."""
    return {
        word: n
        for lang in languages().values()
        for n, own in ((15, lang.amounts.quarters), (30, lang.amounts.halves))
        for word in own
    }


@cache
def _fraction_form() -> re.Pattern[str]:
    return re.compile(any_form(_fractions()), re.I)


def _in_minutes(match: re.Match[str]) -> str:
    return f"{_fractions()[match[0].lower().replace('’', chr(39))]} minutes"


def _before(operand: Operand, text: str, language: Language) -> Rate | None:
    """Returns the rate that the words before an amount state: "each further mile costs", "ten swims cost"."""
    words = language.amounts
    tokens = [m[0].lower() for m in _TOKEN.finditer(text)][::-1]
    behind = list(dropwhile(lambda word: word in words.costs or word in currency_words(), tokens))
    is_price = len(behind) < len(tokens) or operand.quantity.unit in CURRENCIES
    tokens = behind
    if not tokens or tokens[0] in _STOPS or not is_price:
        return None
    phrase = _Phrase(language)
    if phrase.takes(tokens[0]):  # "boxes come in packs of 20 for"
        match = _WORD.search(operand.candidate.passage.text)
        return phrase.rate(operand, [match[0].lower()]) if match and phrase.count > 1 else None
    for token in tokens[1:]:
        if not phrase.takes(token):
            break
    each = _TOKEN.match(operand.candidate.passage.text, operand.quantity.end + 1)
    is_each = each is not None and each[0].lower() in words.single
    return phrase.rate(operand, [tokens[0]]) if is_each or phrase.kinds or phrase.count > 1 else None


class _Phrase:
    """Reads the words around a unit: a number, "for each", "the first", "every further"."""

    def __init__(self, language: Language) -> None:
        self.kinds = set[str]()
        self.count = 1.0
        self._language = language

    def takes(self, word: str) -> bool:
        """Reads a word; returns whether it is one of those that stand around a unit."""
        language = self._language
        kinds = {name for name in _KINDS if word in getattr(language.amounts, name)} | (
            {"per"} if word == "/" else set()
        )
        is_number = word.isdecimal() or language.numerals.get(word, 1) > 1
        if is_number and self.count == 1:
            self.count = float(word) if word.isdecimal() else float(language.numerals[word])
        self.kinds |= kinds
        return is_number or bool(kinds)

    def rate(self, operand: Operand, units: Sequence[str]) -> Rate | None:
        is_time = bool(units) and unit_written(units[0]) is not None
        if not units or (is_time and self.kinds == {"whom"}) or operand.quantity.unit == "%":
            return None
        is_pack = self.count > 1 and not self.kinds & {"first", "further"} and unit_written(units[0]) is None
        first, further, started = (name in self.kinds for name in _KINDS[1:4])
        return Rate(operand, tuple(units), self.count, frozenset(), first, further, started, is_pack)


def _free(c: Candidate, language: Language) -> Iterator[Rate]:
    """Yields the first units that cost nothing: "up to 10 miles is free", "the first 30 minutes are free"."""
    words = language.amounts
    for clause in _SENTENCE.split(c.passage.text):
        tokens = [m[0].lower() for m in _TOKEN.finditer(clause)]
        if not words.free.intersection(tokens):
            continue
        for interval in intervals(clause):
            if interval.unit and not interval.low and interval.high < inf:
                yield _free_of(c, interval.high, interval.unit.name)
        for first, number, unit in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if first in words.first and number.isdigit():
                yield _free_of(c, float(number), unit)


def _free_of(c: Candidate, count: float, unit: str) -> Rate:
    return Rate(Operand(Quantity(0.0, 0, "", 1, 0, 0), c.passage.text, c), (unit,), count, is_first=True)
