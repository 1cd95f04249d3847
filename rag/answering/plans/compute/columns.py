"""Two columns of one row: how much a number changed between two periods, and a part of a row in its whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates, month_names, months
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.formulas import computed_reply, difference, growth_from, percentage, plain
from octavo.rag.answering.plans.compute.pairs import compares, is_compared_with
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import TOTAL, counted_noun, is_in_money
from octavo.rag.answering.plans.relation import ROUNDING, Relation, cells_of, relations
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
)
from octavo.rag.query.language import any_of

_SHARE = pattern("compute", "share")
_RISE = pattern("compute", "rise")
_CHANGE = pattern("compute", "change")
_GROWTH = pattern("compute", "growth")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[/–-]\s?\d\d(?:\d\d)?)?")
_QUARTER = re.compile(r"\b[QTqt][1-4]\b")
QUARTERS = 4
ENOUGH = 0.5
"""The share of a question's terms that a row, its columns and what stands around them must say."""


def between_periods(material: Material) -> Reply | None:
    """Returns by how much the number of one row changed between the columns of two periods that a question names.

    Where it names no row, the row of totals is taken, or the sum of the column.
    """
    text = material.query.text
    in_percent = _GROWTH.search(text) is not None
    if not (compares(text) or _RISE.search(text) or _CHANGE.search(text) or in_percent):
        return None
    for relation in relations(material):
        for before, after in _pairs(material, relation):
            if is_compared_with(text, before):
                continue
            rows = named_rows(material.analysis, relation)
            total = _total(relation)
            if not rows and total is None and _is_counted(material, relation) and _adds_up(material, relation):
                reply = _of_sums(material, relation, before, after, in_percent=in_percent)
                if reply:
                    return reply
                continue
            row = rows[0] if len(rows) == 1 else total if not rows and _is_counted(material, relation) else None
            if row is None or not _is_about(material, relation, row):
                continue
            a, b = relation.number(row, before), relation.number(row, after)
            if counted_noun(material.analysis) and b and is_in_money(b):
                continue
            reply = growth_from(a, b) if in_percent else difference(b, a, absolute=compares(text))
            if reply:
                return replace(reply, checked=not rows)
    return None


def _of_sums(material: Material, relation: Relation, before: str, after: str, *, in_percent: bool) -> Reply | None:
    """Returns the change between the sums of two columns of numbers in one unit, none of them percentages."""
    first, last = ([relation.number(c, column) for c in relation.rows] for column in (before, after))
    operands = [o for o in (*first, *last) if o]
    if len(operands) < 2 * len(relation.rows) or len({o.quantity.unit for o in operands}) > 1 or not operands:
        return None
    a, b = (sum(o.quantity.value for o in side if o) for side in (first, last))
    if operands[0].quantity.unit == "%" or not a or (counted_noun(material.analysis) and is_in_money(operands[0])):
        return None
    places = max(o.quantity.places for o in operands)
    formula = f"{plain(operands[0], b, places)} - {plain(operands[0], a, places)}"
    if in_percent:
        result = plain(operands[0], 100 * (b - a) / a, 1, "%")
        return computed_reply(result, f"({formula}) ÷ {plain(operands[0], a, places)}", operands)
    return computed_reply(plain(operands[0], b - a, places, operands[0].quantity.unit), formula, operands)


def _is_about(material: Material, relation: Relation, row: Candidate) -> bool:
    """Returns whether a row, its columns and what stands around them say enough of a question."""
    analysis = material.analysis
    language = analysis.language
    fillers = terms_of_words((*language.conditions.verbs, *language.generic, *language.money, *language.vague))
    fillers |= terms_of_words(language.amounts.against) | {t for unit in analysis.units for t in words_of(unit.name)}
    if rise := _RISE.search(analysis.text):
        fillers |= set(words_of(rise[0])[-1:])
    matches = analysis.matched_terms(row.words | relation.around | frozenset(words_of(" ".join(relation.columns))))
    terms = {t for t in analysis.terms if t not in fillers and not t[0].isdigit()}
    return len(matches & terms) >= ENOUGH * len(terms)


def _pairs(material: Material, relation: Relation) -> Iterator[tuple[str, str]]:
    """Yields the columns of the two periods that a question names, the earlier one first."""
    for family in _families(material, relation):
        columns = [
            column for period, column in sorted(family.items()) if period in _question_periods(material, list(family))
        ]
        if len(columns) == 2:
            yield columns[0], columns[1]
    for ends in (_ends_of_year(material, relation), _two_months(material, relation)):
        if ends:
            yield ends


def _two_months(material: Material, relation: Relation) -> tuple[str, str] | None:
    """Returns the columns of the two months that a question names, in the table's order."""
    named = {name.month for name in month_names(material.query.text)}
    columns = [c for c in relation.values if len(months(c)) == 1 and months(c) <= named]
    return (columns[0], columns[1]) if len(named) == len(columns) == 2 else None


def _families(material: Material, relation: Relation) -> list[dict[str, str]]:
    """Returns groups of columns of numbers that are called alike but for their period, each by the periods.

    A period is a year where the columns name years, else a quarter. What columns are called besides tells the groups
    apart: those come first of whose words the question says most, and alone where it says any.
    """
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for column in relation.values:
        form = _YEARS if _YEARS.search(column) else _QUARTER
        if len(periods := form.findall(column)) == 1:
            groups[form.sub(" ", column).strip()][periods[0].upper()] = column
    families = [(len(material.analysis.matched_in(name)), family) for name, family in groups.items() if len(family) > 1]
    most = max((fit for fit, _ in families), default=0)
    return [family for fit, family in families if fit == most]


def _question_periods(material: Material, periods: Sequence[str]) -> list[str]:
    """Returns the two of some periods that a question compares: by name, by ordinals, or one and the one before."""
    text, language = material.query.text, material.analysis.language
    if not _YEAR.match(periods[0]):
        places = _quarters(material)
        return [f"{periods[0][0]}{n}" for n in places] if len(places) == 2 else []
    mentions = [period for period in sorted(periods) if period in text]
    years = [year for year in material.analysis.years if year in periods]
    mentions = mentions or years
    if len(mentions) == 2:
        return mentions
    if len(periods) == 2 and len(mentions) == len(_YEARS.findall(text)) == 1 and compares(text):
        return sorted(periods)
    earlier = any_of(language.conditions.previous, re.I).search(text)
    last = mentions[0] if len(mentions) == 1 else max(periods)
    before = [period for period in periods if period < last]
    is_from = any_of((*language.amounts.against, *language.conditions.since), re.I).search(text)
    is_rise = mentions in ([max(periods)], [min(periods)] * bool(is_from)) and (
        _RISE.search(text) or _CHANGE.search(text)
    )
    is_unnamed = not mentions and not material.analysis.years and not compares(text)
    is_pair = len(periods) == 2 and (is_rise or is_unnamed or (not mentions and earlier))
    if len(periods) == 2 and is_rise:
        return sorted(periods)
    return [max(before), last] if before and (is_pair or (earlier and len(mentions) < 2)) else []


def _quarters(material: Material) -> list[int]:
    """Returns the quarters that a question names by ordinals or in short: two in "the second than the first"."""
    text, language = material.query.text, material.analysis.language
    short = sorted({int(n) for n in re.findall(r"\b[QT]([1-4])\b", text)})
    if short or not set(words_of(language.quarter)) & set(words_of(text)):
        return short
    forms = zip(language.pages.ordinals, language.periods.ordinals, strict=False)
    return [n for n, pair in enumerate(forms, 1) if n <= QUARTERS and any_of(_endings(pair), re.I).search(text)]


def _endings(pair: Sequence[Sequence[str] | str]) -> list[str]:
    """Returns forms of an ordinal with the endings of other cases and genders."""
    forms = [form for each in pair for form in ([each] if isinstance(each, str) else each)]
    stems = {form[:-1] for form in forms if len(form) > 3 and form[-1] in "eao"}
    return [*forms, *(f"{stem}{ending}" for stem in stems for ending in words("shared", "words_cases"))]


def _ends_of_year(material: Material, relation: Relation) -> tuple[str, str] | None:
    """Returns the columns of the first and the last day of the one year that a question names."""
    if len(material.analysis.years) != 1 or not material.analysis.matched_terms(relation.around):
        return None
    days = {column: list(dates(column)) for column in relation.values}
    own = {(d[0].month, d[0].day): c for c, d in days.items() if len(d) == 1 and str(d[0].year) in material.years}
    first, last = own.get((1, 1)), own.get((12, 31))
    return (first, last) if first and last else None


def _is_counted(material: Material, relation: Relation) -> bool:
    """Returns whether a table's heading or document says what a question that names no row asks for."""
    analysis = material.analysis
    language = analysis.language
    asking = (*language.generic, *language.conditions.rose, *language.conditions.fell, *language.conditions.verbs)
    terms = {t for t in analysis.terms if t.isalpha()} - terms_of_words(asking) - analysis.names
    matches = analysis.matched_terms(relation.around)
    return bool(matches) and len(matches & terms) >= ENOUGH * len(terms)


def _adds_up(material: Material, relation: Relation) -> bool:
    """Returns whether the numbers of a table are of what a question counts, which its heading or its columns say."""
    noun = counted_noun(material.analysis)
    words = relation.above | frozenset(words_of(" ".join(relation.columns)))
    return not noun or noun <= material.analysis.matched_terms(words)


def _total(relation: Relation) -> Candidate | None:
    return relation.total or next((c for c in relation.rows if TOTAL & set(words_of(cells_of(c)[0].text))), None)


def sum_column(relation: Relation) -> str | None:
    """Returns the column whose numbers are the sums of all others of their rows, or that is called a total."""
    totals = [column for column in relation.values if TOTAL & set(words_of(column))]
    if len(totals) == 1:
        return totals[0]
    for column in relation.values:
        others = [c for c in relation.values if c != column]
        if len(others) > 1 and all(_is_sum(relation, c, column, others) for c in relation.rows):
            return column
    return None


def _is_sum(relation: Relation, c: Candidate, column: str, others: Sequence[str]) -> bool:
    stated = relation.number(c, column)
    parts = [o.quantity.amount for other in others if (o := relation.number(c, other))]
    return stated is not None and abs(sum(parts) - stated.quantity.amount) <= ROUNDING * abs(stated.quantity.amount)


def share_of_table(material: Material) -> Reply | None:
    """Returns a part in percent: of two rows in one column, or of two columns in the row that a question names."""
    match = _SHARE.search(material.query.text)
    if match is None:
        return None
    part, whole = analyze_question(match["part"]), analyze_question(match["whole"])
    for relation in relations(material):
        if reply := _of_rows(material, relation, part, whole) or _of_columns(material, relation, part, whole):
            return reply
    return None


def _of_rows(material: Material, relation: Relation, part: QuestionAnalysis, whole: QuestionAnalysis) -> Reply | None:
    """Returns the share of the row that the part names in the row of all, in the column of sums."""
    own = named_rows(part, relation)
    every = relation.total or next((c for c in relation.rows if c in named_rows(whole, relation)), None)
    of_year = _of_year(material, relation)
    column = relation.values[0] if len(relation.values) == 1 else of_year or sum_column(relation)
    others = [c for c in relation.values if c != column and not of_year]
    matching = [c for c in others if material.analysis.matched_in(c) - set(material.years)]
    if len(own) != 1 or every is None or own[0] is every or column is None or matching:
        return None
    matches = whole.matched_terms(every.words | relation.around)
    if len(matches) < ENOUGH * len(whole.terms):
        return None
    a, b = relation.number(own[0], column), relation.number(every, column)
    return percentage(a, b) if a and b and 0 <= a.quantity.amount <= b.quantity.amount else None


def _of_year(material: Material, relation: Relation) -> str | None:
    """Returns the column of the one year that a question names whose name says least that the question does not."""
    if len(material.analysis.years) != 1:
        return None
    columns = [c for c in relation.values if material.analysis.years[0] in c]
    unsaid = {c: len(set(words_of(c)) - material.analysis.matched_in(c)) for c in columns}
    best = [c for c in columns if unsaid[c] == min(unsaid.values())]
    return best[0] if len(best) == 1 else None


def _of_columns(
    material: Material, relation: Relation, part: QuestionAnalysis, whole: QuestionAnalysis
) -> Reply | None:
    """Returns the share of one column in the column that the whole is called by, in the row that the question names.

    The part's column has the question's year or words, and no number that is more than its whole's.
    """
    rows = named_rows(material.analysis, relation)
    if len(rows) != 1:
        return None
    words = {c: frozenset(words_of(c)) for c in relation.values}
    wholes = [c for c, own in words.items() if own and own <= whole.matched_terms(own) | set(whole.terms)]
    if len(wholes) != 1:
        return None
    others = [c for c in relation.values if c != wholes[0] and _is_part(relation, c, wholes[0])]
    year = material.analysis.years[0] if len(material.analysis.years) == 1 else ""
    others = [c for c in others if year in c] if year else others
    parts = [c for c in others if part.matched_in(c) - {year}] or others
    a, b = (relation.number(rows[0], c) for c in (parts[0], wholes[0])) if len(parts) == 1 else (None, None)
    return percentage(a, b) if a and b and b.quantity.value else None


def _is_part(relation: Relation, part: str, whole: str) -> bool:
    pairs = [(relation.number(c, part), relation.number(c, whole)) for c in relation.rows]
    return all(a is None or b is None or a.quantity.amount <= b.quantity.amount for a, b in pairs)
