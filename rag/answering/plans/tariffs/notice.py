"""Scales of time: what holds for so long before or after an event, or on a day, as cancelling ten days before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from math import inf

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.dates import Date, dates
from octavo.rag.answering.given_amounts import given_amounts
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.relation import cells_of, name_of
from octavo.rag.answering.plans.tariffs.shares import share_of
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.units import Unit, unit_of, unit_written
from octavo.rag.query.language import any_condition, any_word, numeral_form, numerals

_REST, _AHEAD = (re.compile(any_condition(kind), re.I) for kind in ("afterwards", "ahead"))
_CLAUSE = re.compile(r"[;.]\s+|,\s+|\n")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = r"(?P<{name}>\d+)(?:[\s-]?(?P<{name}_unit>[^\W\d_]+))?"
TIMES = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
NEAR, NEAREST, FEWEST = 30, 40, 2
"""Letters behind a length of time in which it is said to be before an event, the best passages that are looked at, and
the steps that a scale has at least."""
NO_YEAR = 2001
"""The year of days without one."""
ENOUGH = 0.25
"""The share of a question's other terms that a scale, and what stands around it, must say."""


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """The words of a scale that hold from `low` to `high`, in `unit`, or as ordinal days where it has none."""

    low: float
    high: float
    unit: Unit | None
    text: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class _Span:
    low: float
    high: float
    unit: Unit | None
    start: int
    end: int


def notice(material: Material) -> Reply | None:
    """Returns the step of a scale of time in which the length of time, or the day, of a question lies.

    Where the step names a share of an amount that the question or the paragraph states, it is computed.
    """
    best: tuple[int, NoticeStep] | None = None
    for steps in _scales(material):
        fit = _fit(material, steps)
        if fit is None or (best and fit <= best[0]):
            continue
        match = _step_of_case(material, steps)
        if match is not None:
            best = fit, match
    if best is None:
        return None
    _, step = best
    quoted = Paragraph(f"“{step.text}”", (step.candidate,))
    computed = share_of(material, step.text, step.candidate)
    whole = quote(step.candidate)
    paragraphs = [quoted] if whole.text == quoted.text or step.candidate.passage.row else [quoted, whole]
    return Reply(tuple([computed, *paragraphs] if computed else paragraphs), checked=True)


def _scales(material: Material) -> Iterator[tuple[NoticeStep, ...]]:
    """Yields the scales of the evidence: the steps of a sentence, of a paragraph, or of the rows of a table.

    Documents in another language than the question are read where the best passage is in another language.
    """
    near = [s.candidate for s in material.ranked()[:NEAREST]]
    is_foreign = bool(near) and material.is_foreign(near[0].document)
    near = [c for c in near if is_foreign or not material.is_foreign(c.document)]
    for element in dict.fromkeys(c.element for c in near):
        whole = [c for c in material.candidates if c.element == element]
        for of_days in (False, True):
            steps = tuple(step for c in dict.fromkeys(whole) for step in _steps(c, of_days=of_days))
            is_age = not of_days and steps[:1] and steps[0].candidate.passage.row and _is_in_years(steps)
            if is_age:
                continue
            if len(steps) >= FEWEST and (of_days or len({_kind(s.unit) for s in steps}) == 1):
                yield steps


def _is_in_years(steps: Sequence[NoticeStep]) -> bool:
    """Returns whether steps are in years, as the ages of a table are."""
    years = unit_of("years")
    return all(step.unit is not None and years is not None and step.unit.group == years.group for step in steps)


def _kind(unit: Unit | None) -> bool:
    months = unit_of("months")
    return unit is not None and months is not None and unit.factor_to(months) is not None


def _steps(c: Candidate, *, of_days: bool) -> Iterator[NoticeStep]:
    """Yields the steps of a passage, each with its clauses; the last may be all that comes after the others."""
    text = c.passage.text if c.passage.row is None else c.passage.row.readable
    spans = list(_days(text) if of_days else _lengths(text))
    if not spans:
        return
    starts = [max((m.end() for m in _CLAUSE.finditer(text, 0, span.start)), default=0) for span in spans]
    for n in range(1, len(spans)):
        if starts[n] <= spans[n - 1].start:  # both in one clause: "70 % until May and 40 % until June"
            starts[n] = spans[n - 1].end
    rest = _REST.search(text, spans[-1].end)
    ends = [*starts[1:], rest.start() if rest else len(text)]
    for span, start, end in zip(spans, starts, ends, strict=True):
        yield NoticeStep(span.low, span.high, span.unit, text[start:end].strip(" ,;•|"), c)
    if rest:
        last = spans[-1]
        is_down = len(spans) > 1 and spans[0].low > last.low
        low, high = (0.0, last.low) if is_down else (last.high, inf)
        yield NoticeStep(low, high, last.unit, text[rest.start() :].strip(" ,;"), c)


def _lengths(text: str) -> Iterator[_Span]:
    """Yields the ranges of lengths of time of a text, in order.

    >>> [(s.low, s.high) for s in _lengths("up to 60 days before 15 %, between 59 and 28 days 50 %, within two days")]
    [(60.0, inf), (28.0, 59.0), (0.0, 2.0)]
    """
    digits = _in_digits(text)
    spans: list[_Span] = []
    for form, kind in _forms():
        for match in form.finditer(digits):
            unit = unit_written(match.groupdict().get("b_unit") or match["a_unit"] or "")
            if (
                unit is None
                or unit.group not in TIMES
                or any(s.start < match.end() and match.start() < s.end for s in spans)
            ):
                continue
            a, b = float(match["a"]), float(match.groupdict().get("b") or match["a"])
            is_ahead = _AHEAD.search(digits, match.end(), match.end() + NEAR) is not None
            if kind == "pair":
                low, high = min(a, b), max(a, b)
            elif kind == "until":
                low, high = (a, inf) if is_ahead else (0.0, a)
            elif kind == "from":
                low, high = (0.0, a) if is_ahead else (a, inf)
            else:
                low, high = 0.0, a
            spans.append(_Span(low, high, unit, match.start(), match.end()))
    for i in intervals(digits):
        if i.unit is not None and i.unit.group in TIMES and not any(s.start < i.end and i.start < s.end for s in spans):
            edge = 1e-6
            spans.append(_Span(i.low + edge * i.open_low, i.high - edge * i.open_high, i.unit, i.start, i.end))
    return iter(sorted(spans, key=lambda span: span.start))


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    a, b = _NUMBER.format(name="a"), _NUMBER.format(name="b")
    to = any_word(lambda language: language.pages.to)
    joint = any_word(lambda language: language.pages.conjunctions)
    or_less = any_condition("upwards", "downwards")
    sources = (
        (rf"{any_condition('between')}\s+{a}\s+{joint}\s+{b}", "pair"),
        (rf"(?<![\w.,]){a}\s*(?:{to}|[-–—])\s*{b}", "pair"),
        (rf"{any_condition('within')}\s+{a}", "within"),
        (rf"{any_condition('until')}\s+{a}(?!\s*{or_less})", "until"),
        (rf"{any_condition('starting')}\s+{a}(?!\s*{or_less})", "from"),
    )
    return tuple((re.compile(source, re.I), kind) for source, kind in sources)


@cache
def _numeral() -> re.Pattern[str]:
    return re.compile(rf"{numeral_form()}(?!-)", re.I)


def _in_digits(text: str) -> str:
    """Returns a text with numbers in figures in the place of words, as long as before."""
    return _numeral().sub(lambda m: f"{numerals()[m[0].lower()]}".rjust(len(m[0])), text)


def _days(text: str) -> Iterator[_Span]:
    """Yields the ranges of days of a text as ordinals: until a day, from a day, from one to another."""
    days = [day for day in dates(text) if day.day]
    years = [day.year for day in days if day.year]
    starts = set[int]()
    for first, last in pairwise(days):
        if _to().fullmatch(text[first.end : last.start].strip()) and first.start not in starts:
            year = last.year or (years[0] if years else 0)
            a, b = _ordinal(replace(first, year=first.year or year)), _ordinal(replace(last, year=year))
            yield _Span(
                a if a <= b else _ordinal(replace(first, year=(year or NO_YEAR) - 1)), b, None, first.start, last.end
            )
            starts |= {first.start, last.start}
    for day in days:
        if day.start in starts:
            continue
        before = text[max(0, day.start - NEAR) : day.start]
        number = _ordinal(replace(day, year=day.year or (years[0] if years else 0)))
        if _day_after("starting", "since", "after").search(before):
            yield _Span(number, inf, None, day.start, day.end)
        elif _day_after("until", "before").search(before):
            yield _Span(-inf, number, None, day.start, day.end)


@cache
def _to() -> re.Pattern[str]:
    to, article = any_word(lambda language: language.pages.to), any_word(lambda language: language.articles)
    return re.compile(rf"(?:{to}|[-–—])(?:\s+{article})?", re.I)


@cache
def _day_after(*kinds: str) -> re.Pattern[str]:
    """Returns a pattern of words before a day, with an article or a weekday between."""
    return re.compile(rf"{any_condition(*kinds)}\s*(?:[^\W\d_]+\s+|l['’])?$", re.I)


def _ordinal(day: Date) -> float:
    try:
        return float(date(day.year or NO_YEAR, day.month, day.day).toordinal())
    except ValueError:
        return float(date(day.year or NO_YEAR, day.month, 28).toordinal())


def _step_of_case(material: Material, steps: Sequence[NoticeStep]) -> NoticeStep | None:
    """Returns the one step that holds what the question gives; of nested ones, the narrowest."""
    for value, unit in _lengths_of_case(material, steps):
        matches = []
        for step in steps:
            factor = unit.factor_to(step.unit) if unit and step.unit else 1.0 if unit is step.unit else None
            if factor is not None and step.low <= value * factor <= step.high:
                matches.append(step)
        narrowest = sorted(matches, key=lambda s: (s.high - s.low if s.high < inf else inf, -s.low))
        if narrowest and (len(narrowest) == 1 or _is_narrower(narrowest[0], narrowest[1])):
            return narrowest[0]
    return None


def _is_narrower(a: NoticeStep, b: NoticeStep) -> bool:
    return (a.low, a.high) != (b.low, b.high) and (a.low >= b.low and a.high <= b.high)


def _lengths_of_case(material: Material, steps: Sequence[NoticeStep]) -> Iterator[tuple[float, Unit | None]]:
    """Yields what the question gives in the kind of a scale: lengths of time, days, the time from a day to an event."""
    text = material.query.text
    days = [day for day in dates(text) if day.day]
    if steps[0].unit is not None:
        for amount in given_amounts(text, material.analysis.language):
            if amount.unit is not None and amount.unit.group in TIMES:
                yield amount.value, amount.unit
        event = _event(material, steps)
        if event and days and len(days) == 1:
            lead = _ordinal(event) - _ordinal(replace(days[0], year=days[0].year or event.year))
            if lead >= 0:
                yield lead, unit_of("days")
        return
    years = [day.year for step in steps for day in dates(step.candidate.passage.text) if day.year]
    for day in days:
        yield _ordinal(replace(day, year=day.year or (min(years) if years else 0))), None


def _event(material: Material, steps: Sequence[NoticeStep]) -> Date | None:
    """Returns the day of the event before which the steps of a scale are, as a row or a line of its document says."""
    for step in steps:
        match = _AHEAD.search(step.text)
        event = words_of(step.text[match.end() :])[:1] if match else ()
        for c in material.page_candidates(step.candidate.document) if event and material.library else ():
            row = c.passage.row
            text = f"{row.label}: {' '.join(cell.text for cell in row.values)}" if row else c.passage.text
            for word in _WORD.finditer(text):
                after = next((day for day in dates(text) if 0 <= day.start - word.end() <= NEAR), None)
                if event[0] in words_of(word[0]) and after and after.year and text[word.end() :].lstrip()[:1] in ":|":
                    return after
    return None


def _fit(material: Material, steps: Sequence[NoticeStep]) -> int | None:
    """Returns how many terms of the question a scale and what stands around it say; `None` where too few."""
    analysis = material.analysis
    amount_words = {
        t for g in given_amounts(material.query.text, analysis.language) for t in words_of(f"{g.digits} {g.word}")
    }
    text = material.query.text
    amount_words |= {t for day in dates(text) for t in words_of(text[day.start : day.end])}
    language = analysis.language
    fillers = terms_of_words((*language.conditions.verbs, *language.generic, *language.price_words, *language.money))
    terms = set(analysis.terms) - amount_words - fillers - {t for t in analysis.terms if t.isdigit()}
    first = steps[0].candidate
    whole = [first] if first.passage.row else [c for c in material.candidates if c.element == first.element]
    whole += [step.candidate for step in steps]
    own = {t for c in whole for t in analysis.matched_terms(c.words | _names(c))}
    around = {t for share, words, _ in first.around if share > BESIDE for t in analysis.matched_terms(words)}
    matches = (own | around) & terms
    names = (analysis.names & terms) - matches
    if not own & terms or len(matches) < ENOUGH * len(terms - analysis.names) or not _stand_in(material, names, first):
        return None
    return 2 * len(own & terms) + len(matches)


def _stand_in(material: Material, names: frozenset[str], c: Candidate) -> bool:
    """Returns whether the evidence of a passage's document says all of some names."""
    return names <= {t for o in material.candidates if names and o.document == c.document for t in o.words}


def _names(c: Candidate) -> frozenset[str]:
    """Returns the words of the names of a row's columns, the label's as well."""
    return frozenset(words_of(" ".join(name_of(cell) for cell in cells_of(c))))
