"""Extremes: which row, column or document has the highest or lowest number."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from octavo.rag.answering.candidates import BESIDE
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.derived import derived
from octavo.rag.answering.plans.grouping import largest_group
from octavo.rag.answering.plans.lookup import nearest
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.operands import MONEY_NAMED, TOTAL, Operand
from octavo.rag.answering.plans.placement import at_place, place_asked_for
from octavo.rag.answering.plans.relation import cell_in, cells_of, is_number
from octavo.rag.answering.plans.selection import Selection, label_asked_for, noun_after, selections
from octavo.rag.answering.plans.series import best_series
from octavo.rag.answering.plans.spans import longest
from octavo.rag.answering.plans.two_documents import asks_for_lower, in_documents, in_two_documents
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of
from octavo.rag.answering.question_nouns import head_nouns
from octavo.rag.answering.reporting import without_period
from octavo.rag.query.concepts import COMPOUNDS

_CUE = pattern("extremes", "cue")
_MOST = pattern("extremes", "most")
_LEAST = pattern("extremes", "least")
_CHANGE = pattern("compute", "change")
_SUPERLATIVE = pattern("extremes", "superlative")
_LESS = pattern("extremes", "less")
_BOUND = pattern("extremes", "bound")
_ASKED = pattern("extremes", "asked")
_TIMED = pattern("extremes", "timed")
_FURTHER = pattern("extremes", "further")
_CODE = re.compile(r"\b[A-Z]{1,5}-?\d+\b")
MAX_CHECKED = 3
ENOUGH = 0.8
"""The share of the question's terms that a passage holds which may say what is largest in other words."""


def extremes(material: Material) -> Reply | None:
    """Returns the extreme of a column or row that the question names, with all that it was compared with.

    A further column that the question asks for, as in "and how long is its delivery time?", is shown of the extreme.
    """
    text = material.query.text
    if not _CUE.search(text) or compares(text) or _CHANGE.search(text):
        return None
    if further := _FURTHER.search(text):
        place, before = place_asked_for(text[: further.start()], material.analysis.language.code)
        lowest, measures, rest = _direction(material, before)
        further_column = further["further"]
        if lowest is not None and (
            reply := _of_selection(material, rest, measures, lowest=lowest, further=further_column, place=place)
        ):
            return reply
    return _extreme(material, text)


def _extreme(material: Material, text: str) -> Reply | None:
    place, text = place_asked_for(text, material.analysis.language.code)
    pairs = pattern("extremes", "compared", material.analysis.language.code).search(text)
    lowest, measures, rest = _direction(material, text)
    if lowest is None and pairs:
        lowest, rest = asks_for_lower(material.analysis.language, text)
    if lowest is None:
        return None
    if pairs is None and _is_column(material):
        return None
    if pairs is None and (reply := _of_selection(material, rest, measures, lowest=lowest, place=place)):
        return reply
    if pairs is None and place == 1:
        if not measures and (reply := largest_group(material, rest, _noun(rest), lowest=lowest)):
            return reply
        if reply := longest(material, rest, _noun(rest), measures, lowest=lowest):
            return reply
        if reply := derived(material, rest, _noun(rest), measures, lowest=lowest):
            return reply
    series = in_two_documents(material, rest, _noun(rest)[-1:], pairs) if pairs else []
    if not series and pairs and len(material.about) > 1:
        series = in_documents(material, measures)
    generic = terms_of_words(material.analysis.language.generic)
    noun = [] if pairs else [t for t in _noun(rest)[-1:] if t not in generic]
    series = series or best_series(material, analyze_question(rest).terms, measures, pairs, noun)
    if len(series) > 1:
        series = _with_distinct_labels(series)
        lowest = _is_least(material, measures, series[0][1], lowest=lowest)
        is_covered = _cover_question(analyze_question(rest), series, generic)
        if reply := _reply(series, lowest=lowest, checked=is_covered, place=place):
            return reply
    if material.is_across or _is_stated(material):
        return None
    return nearest(material, "no passage compares what is asked for")


def _is_column(material: Material) -> bool:
    """Returns whether the best passage is a row that a question names, with a column called by its superlative."""
    best = material.ranked()[0].candidate
    row, said = best.passage.row, material.analysis.matched_in
    superlative = " ".join(match[0] for form in (_MOST, _LEAST) for match in form.finditer(material.query.text))
    if row is None or not superlative or len(said(row.label)) < len(set(words_of(row.label))):
        return False
    return any(set(words_of(superlative)) & set(words_of(" ".join(cell.names))) for cell in row.values)


def _is_least(material: Material, measures: Sequence[str], operand: Operand, *, lowest: bool) -> bool:
    """Returns whether the lowest number is asked for: of speeds the highest is the fastest, of times the lowest."""
    if not measures or not _TIMED.search(material.query.text) or operand.cell is None:
        return lowest
    is_speed = bool(set(words_of(measures[0])) & set(words_of(" ".join(operand.cell.names))))
    return lowest if is_speed else not lowest


def _with_distinct_labels(series: list[tuple[str, Operand]]) -> list[tuple[str, Operand]]:
    """Returns a series whose labels, where several are alike, have the other words of their rows as well."""
    if len({name for name, _ in series}) == len(series):
        return series
    texts = [[cell.text for cell in cells_of(o.candidate) if cell.text and not is_number(cell.text)] for _, o in series]
    return [(", ".join(own) or name, o) for own, (name, o) in zip(texts, series, strict=True)]


def _cover_question(
    analysis: QuestionAnalysis, series: Sequence[tuple[str, Operand]], generic: Collection[str]
) -> bool:
    """Returns whether the rows and what belongs to them say all of the question but generic words such as "month"."""
    spoken = " ".join(spans for _, o in series for _, _, spans in o.candidate.around)
    spoken = f" {spoken} {' '.join(o.candidate.spans for _, o in series)} "
    if any(f" {' '.join(words_of(code))} " not in spoken for code in _CODE.findall(analysis.text)):
        return False
    covered = set[str]()
    for c in (operand.candidate for _, operand in series):
        covered |= analysis.matched_terms(c.words, c.spans)
        for share, beside, spans in c.around:
            covered |= analysis.matched_terms(beside, spans) if share > BESIDE else set()
    return {t for t in analysis.terms if t not in generic} <= covered


def _is_stated(material: Material) -> bool:
    """Returns whether one of the passages that fit best says a superlative, or nearly all of the question."""
    for scored in material.ranked()[:MAX_CHECKED]:
        text = scored.candidate.passage.text
        if scored.coverage >= ENOUGH or any(form.search(text) for form in (_MOST, _LEAST)):
            return True
        if any(measures_of(material.analysis.language, match[1])[0] for match in _SUPERLATIVE.finditer(text)):
            return True
    return False


def _reply(
    series: Sequence[tuple[str, Operand]], *, lowest: bool, checked: bool = False, also: str = "", place: int = 1
) -> Reply | None:
    """Returns the names at a place in the order of a series, and the next one; `None` where there are too few."""
    numbers = [o.quantity.amount for _, o in series]
    result = at_place(numbers, place, lowest=lowest)
    if result is None:
        return None
    winners = [(name, o) for (name, o), n in zip(series, numbers, strict=True) if n == result]
    texts = [f"{name}: {o.cell.text if o.cell else o.quantity.value}" for name, o in winners]
    cells = [cell_in(o.candidate, also) if also else None for _, o in winners]
    label = "; ".join(f"{text}, {also}: {cell.text}" if cell else text for text, cell in zip(texts, cells, strict=True))
    rest = [(name, o) for name, o in series if (name, o) not in winners]
    word = "lowest" if lowest else "highest"
    order = f"{word} of {len(series)}" if place == 1 else f"place {place} of {len(series)} from the {word}"
    behind = [(name, o) for name, o in rest if (o.quantity.amount > result) is lowest]
    following = sorted(behind, key=lambda pair: pair[1].quantity.amount, reverse=not lowest)[:1]
    order += "".join(f"; next: {name} {o.cell.text if o.cell else ''}" for name, o in following)
    support = tuple({o.candidate.passage.places: o.candidate for _, o in [*winners, *rest]}.values())
    return Reply((Paragraph(f"{label} ({order})", support),), checked=checked)


def _of_selection(
    material: Material, text: str, measures: Sequence[str], *, lowest: bool, further: str = "", place: int = 1
) -> Reply | None:
    """Returns the extreme of a column over the rows that the rest of the question selects.

    With `further`, it has the column that this part of the question names, and there is no reply without one.
    """
    noun = _noun(text)

    def count_named(selection: Selection) -> int:
        return len(selection.analysis.matched_in(" ".join(selection.relation.columns)))

    for selection in sorted(selections(material, text), key=count_named, reverse=True):
        relation = selection.relation
        column = _column_of_measure(selection, measures)
        label = label_asked_for(selection, selection.analysis, noun) or (
            None if relation.notes else relation.columns[0]
        )
        if column is None or selection.other_terms or (noun and label is None):
            continue
        also = _further_column(selection, further, column) if further else ""
        if also is None:
            continue
        labelled = frozenset(relation.labelled)
        series = [(relation.label(c, label or ""), relation.number(c, column)) for c in selection.rows if c in labelled]
        operands = [(name, operand) for name, operand in series if operand]
        if len(operands) > 1:
            lowest = _is_least(material, measures, operands[0][1], lowest=lowest)
            return _reply(operands, lowest=lowest, checked=True, also=also, place=place)
    return None


def _further_column(selection: Selection, text: str, besides: str) -> str | None:
    """Returns the one column whose name says most of a text and all of its words but generic ones and adjectives."""
    analysis = analyze_question(text)
    columns = [c for c in selection.relation.columns if c and c != besides]
    terms_of = {c: analysis.matched_in(c) for c in columns}
    most = max(map(len, terms_of.values()), default=0)
    best = [c for c in columns if len(terms_of[c]) == most]
    nouns = {term for _, term in head_nouns(analysis)}
    return best[0] if most and len(best) == 1 and nouns <= terms_of[best[0]] else None


def _noun(text: str) -> list[str]:
    """Returns the terms of what is compared: `berth` of "which berth is"."""
    which = _CUE.search(text)
    return noun_after(analyze_question(text), text[which.end() :]) if which else []


def _column_of_measure(selection: Selection, measures: Sequence[str]) -> str | None:
    """Returns the column of numbers that a question names, or that a measure is called by."""
    analysis = selection.analysis
    measure_terms = frozenset(t for m in measures for t in words_of(m))
    columns = [c for c in selection.relation.values if c not in selection.used_columns]
    fits = [(len(analysis.matched_in(c)) + 1.5 * _is_measured(analysis, c, measure_terms), c) for c in columns]
    best = max((fit for fit, _ in fits), default=0.0)
    columns_of_best = [c for fit, c in fits if fit == best]
    if len(columns_of_best) > 1 and best:
        columns_of_best = [c for c in columns_of_best if TOTAL & set(words_of(c))] or columns_of_best
    elif not best and measure_terms & terms_of_words(analysis.language.price_words):
        money = [c for c in columns if MONEY_NAMED.search(c)]
        columns_of_best = [c for c in money if TOTAL & set(words_of(c))] or money
        return columns_of_best[0] if len(columns_of_best) == 1 else None
    return columns_of_best[0] if best and len(columns_of_best) == 1 else None


def _is_measured(analysis: QuestionAnalysis, column: str, measures: Collection[str]) -> bool:
    """Returns whether a column is called by a measure, in some languages as the last part of a compound."""
    words = words_of(column)
    return any(word in measures for word in words) or (
        analysis.language.code in COMPOUNDS and any(word.endswith(tuple(measures)) for word in words if measures)
    )


def _direction(material: Material, text: str) -> tuple[bool | None, tuple[str, ...], str]:
    """Returns whether the lowest is asked for, the measures that an adjective names, the question without its
    superlative."""
    if material.names_reported_period:
        text = without_period(text)
    if _BOUND.search(text):
        return None, (), text
    for form, lowest in ((_LEAST, True), (_MOST, False)):
        if match := form.search(text):
            measures, _ = measures_of(material.analysis.language, match[0])
            return lowest, measures, form.sub(" ", text)
    for match in _SUPERLATIVE.finditer(text):
        if match[0].lower() in material.analysis.language.measures:  # "teuer" ends as "schwerer" does
            continue
        measures, means_little = measures_of(material.analysis.language, match[1])
        if not measures:  # "lightest" and "fastest" end as "smartest" does, but their stems have the "t"
            measures, means_little = measures_of(material.analysis.language, match[0].split()[-1])
        if measures:
            is_less = bool(_LESS.match(match[0]))
            return means_little is not is_less, measures, text[: match.start()] + text[match.end() :]
    return None, (), text
