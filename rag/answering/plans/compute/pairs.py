"""Two numbers side by side: their difference and their ratio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.plans.compute.editions import in_counts, in_sentences, in_tables
from octavo.rag.answering.plans.compute.formulas import difference, quotient
from octavo.rag.answering.plans.compute.sides import beginning_with, completed, is_row_of
from octavo.rag.answering.plans.measures import measures_of
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.operands import (
    TOTAL,
    Operand,
    counted_noun,
    find,
    is_in_money,
    names_row,
    of_cell,
    of_label,
    operand_of_year,
    without_money,
    without_years,
)
from octavo.rag.answering.plans.relation import Relation, beside, cells_of, is_number, relations
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
)
from octavo.rag.query.language import any_of, any_word, languages

_BETWEEN = pattern("compute", "between")
_THAN = pattern("compute", "than")
_TIMES = pattern("compute", "times")
_RATIO = pattern("compute", "ratio")
_COMPARING = pattern("compute", "comparing")
_EXCEEDS = pattern("compute", "exceeds")
_AGAINST = pattern("compute", "against_column")
_BOUND = re.compile(rf"\W*(?:\d|{any_word(lambda language: language.numbers)}\b)", re.I)


def compares(text: str) -> bool:
    """Returns whether a question compares two numbers by how much, and not one with a bound."""
    text = _other_than().sub(" ", text)
    return any(not _BOUND.match(match["b"]) for form in (_THAN, _TIMES) for match in form.finditer(text))


def is_compared_with(text: str, name: str) -> bool:
    """Returns whether a question compares a number with one that is called by a column, apart from its year.

    >>> is_compared_with("How much more did it cost in 2024 than planned?", "Planned 2024 (£)")
    True
    >>> is_compared_with("How much more did it cost in 2024 than in 2023?", "Cost 2023")
    False
    """
    sides = (analyze_question(match["b"]) for match in _THAN.finditer(text))
    return any(side.terms and not side.years and set(side.terms) <= side.matched_in(name) for side in sides)


@cache
def _other_than() -> re.Pattern[str]:
    """Returns the negations of several words, such as "other than", which compare nothing."""
    words = [word for language in languages().values() for word in language.conditions.without if " " in word]
    return any_of(words, re.I)


def than(material: Material) -> Reply | None:
    """Returns how much more one thing is than another, by the measure that the adjective names."""
    for match in _THAN.finditer(material.query.text):
        parts = match.groupdict()
        a, b = f"{parts.get('a0') or ''} {parts['a']}".strip(" ?"), parts["b"]
        if not analyze_question(a).terms:
            continue
        reply = _of_columns(material, a, b) or _in_row(material, a, b)
        reply = reply or _of_rows(material, a, b, parts.get("how") or "")
        reply = reply or difference(*_of_labels(material, a, b), absolute=True)
        if reply:
            return reply
        sides = material, a, a, b
        if reply := difference(*in_tables(*sides) or in_counts(*sides) or in_sentences(*sides), absolute=True):
            return replace(reply, checked=True)
        measures, _ = measures_of(material.analysis.language, (parts.get("how") or "").split(" ")[-1])
        for measure in measures or ("",):
            metric = f"{a} {measure}"
            first = find(material, metric) or find(material, without_money(metric, material.analysis.language))
            if first and counted_noun(material.analysis) and is_in_money(first):
                continue
            if first and not names_row(analyze_question(metric), first):
                continue
            second = counterpart(material, first, b, metric)
            is_alike = first and second and (first.cell is None) is (second.cell is None)
            if is_alike and (reply := difference(first, second, absolute=True)):
                return reply
    return None


def times(material: Material) -> Reply | None:
    """Returns how many times as much one thing is as another."""
    for match in _TIMES.finditer(material.query.text):
        years = re.findall(r"\b(?:19|20)\d\d\b", match["a"])
        a = _COMPARING.sub(" ", match["a"])
        if reply := _in_row(material, a, match["b"], ratio=True) or quotient(*_of_labels(material, a, match["b"])):
            return reply
        first = find(material, a) or (find(material, match["a"], years[0]) if years else None)
        if reply := quotient(first, counterpart(material, first, match["b"], match["a"])):
            return reply
    return None


def exceeds(material: Material) -> Reply | None:
    """Returns by how much one number is above or below another, such as its limit."""
    for match in _AGAINST.finditer(material.query.text):
        a, b = match["a"], match["b"]
        if reply := _of_columns(material, a, b) or _in_row(material, a, b):
            return reply
    for match in _EXCEEDS.finditer(material.query.text):
        a, b = match["a"], match["b"]
        reply = _of_columns(material, a, b) or _in_row(material, a, b)
        reply = reply or difference(find(material, a), find(material, b), absolute=True)
        if reply:
            return reply
    return None


def _of_columns(material: Material, a: str, b: str) -> Reply | None:
    """Returns the difference of the two columns that both sides name, in the row that is named, or that of totals."""
    sides, analysis = [analyze_question(a), analyze_question(b)], material.analysis
    language = analysis.language
    fillers = terms_of_words((*language.conditions.verbs, *language.generic, *language.money)) | TOTAL
    for relation in relations(material):
        first, second = _columns_of_sides(material, relation, sides)
        if len(first) != 1 or len(second) != 1 or first == second:
            continue
        totals = list(relation.total_rows)
        matching = [c for c in named_rows(analysis, relation) if c in relation.counted]
        matching = matching or _only_row_with(analysis, relation)
        rows = matching or totals
        words = {*words_of(f"{first[0]} {second[0]}"), *relation.around, *(t for c in rows for t in c.words)}
        words |= {t for c in material.candidates if c.document == relation.rows[0].document for t in c.words}
        rest = {t for side in sides for t in side.terms if t not in side.matched_terms(frozenset(words))}
        if len(rows) == 1 and not rest - fillers:
            numbers = relation.number(rows[0], first[0]), relation.number(rows[0], second[0])
            reply = difference(*numbers, absolute=True)
            return replace(reply, checked=True) if reply else None
    return None


def _columns_of_sides(
    material: Material, relation: Relation, sides: Sequence[QuestionAnalysis]
) -> tuple[list[str], list[str]]:
    """Returns the columns that each of two sides names; of a year that the question names, those of that year.

    Of two columns of a year the first side means the one that the second does not name: "over plan in 2024".
    """
    years = material.analysis.years
    of_years = [c for c in relation.values if any(year in c for year in years)]
    if len(of_years) != 2:
        first, second = (_named_columns(side, relation) for side in sides)
        return first, second
    second = [c for c in of_years if sides[1].matched_in(c) - set(years)]
    return [c for c in of_years if c not in second], second


def _only_row_with(analysis: QuestionAnalysis, relation: Relation) -> list[Candidate]:
    """Returns the only row whose label says a word of a question that nothing around the table says."""
    around = analysis.matched_terms(relation.around)
    rows = [c for c in relation.counted if analysis.matched_in(cells_of(c)[0].text) - around]
    return rows if len(rows) == 1 else []


def _named_columns(side: QuestionAnalysis, relation: Relation) -> list[str]:
    """Returns the columns of numbers that a side says, those that it says whole where there are any."""
    said = {c: side.matched_in(c) for c in relation.values}
    whole = [c for c in said if side.matched_terms(frozenset(words_of(c))).issuperset(words_of(c)) and said[c]]
    return whole or [c for c in said if said[c]]


def _of_rows(material: Material, a: str, b: str, how: str) -> Reply | None:
    """Returns the difference of the two rows that both sides name, in the one column that the question means."""
    measures = terms_of_words(measures_of(material.analysis.language, how.split(" ")[-1])[0])
    sides, analysis = [analyze_question(a), analyze_question(b)], material.analysis
    for relation in relations(material):
        pair = [[c for c in relation.counted if is_row_of(side, c)] for side in sides]
        pair[1] = pair[1] or completed(relation, a, b)
        pair = [rows or beginning_with(relation, side) for rows, side in zip(pair, sides, strict=True)]
        if any(len(rows) != 1 for rows in pair) or pair[0] == pair[1]:
            continue
        labels = frozenset(t for rows in pair for t in words_of(cells_of(rows[0])[0].text))
        column_words = {c: frozenset(words_of(c)) for c in relation.values}
        fits = {c: len(analysis.matched_terms(own) - labels) + bool(measures & own) for c, own in column_words.items()}
        best = [c for c in relation.values if fits[c] == max(fits.values())]
        if len(best) > 1 and not counted_noun(analysis):
            best = [c for c in best if (o := relation.number(pair[0][0], c)) and is_in_money(o)]
        things = analysis.matched_terms(relation.around | labels | frozenset(words_of(" ".join(relation.columns))))
        if len(best) == 1 and names_of_things(analysis) | counted_noun(analysis) <= things:
            first, second = (relation.number(rows[0], best[0]) for rows in pair)
            if counted_noun(analysis) and first and is_in_money(first):
                continue
            return difference(first, second, absolute=True)
    return None


def names_of_things(analysis: QuestionAnalysis) -> set[str]:
    """Returns the names and numbers of a question, which what is computed must say."""
    return {t for t in analysis.terms if t in analysis.names or t[0].isdigit()}


def _in_row(material: Material, a: str, b: str, *, ratio: bool = False) -> Reply | None:
    """Returns two numbers of the row that one side names: in the column that the other side names, and in another."""
    for label, name in ((a, b), (b, a)):
        rows, columns = analyze_question(label), analyze_question(name)
        for relation in relations(material):
            named_columns = [c for c in relation.values if _names(columns, c, relation)]
            in_year = [c for c in named_columns if any(year in c for year in material.analysis.years)]
            named_columns = in_year or named_columns
            matching_rows = [c for c in relation.rows if _says(rows, c, relation)]
            matching_rows = [c for c in matching_rows if set(rows.terms) & c.words] or matching_rows
            if len(named_columns) != 1 or len(matching_rows) != 1 or len(relation.values) < 2:
                continue
            own = [c for c in relation.values if c not in named_columns and rows.matched_in(c)]
            other = own[0] if len(own) == 1 else beside(relation, named_columns[0], free_of=words_of(f"{a} {b}"))
            pair = relation.number(matching_rows[0], other), relation.number(matching_rows[0], named_columns[0])
            first, second = pair if name is b else pair[::-1]
            if first and is_in_money(first) and counted_noun(material.analysis):
                continue
            return quotient(first, second) if ratio else difference(first, second, absolute=True)
    return None


def _of_labels(material: Material, a: str, b: str) -> tuple[Operand | None, Operand | None]:
    """Returns the numbers of two labels of one figure."""
    for c in material.candidates:
        first, second = (of_label(analyze_question(name), c) for name in (a, b))
        if first and second:
            return Operand(first, a, c), Operand(second, b, c)
    return None, None


def _names(analysis: QuestionAnalysis, column: str, relation: Relation) -> bool:
    """Returns whether a phrase has only words of a column's name and of the table's subject."""
    verbs = {t for verb in analysis.language.conditions.verbs for t in words_of(verb)}
    terms = analysis.matched_in(column)
    return bool(terms) and set(analysis.terms) - verbs <= terms | analysis.matched_terms(relation.around)


def _says(analysis: QuestionAnalysis, c: Candidate, relation: Relation) -> bool:
    """Returns whether a row says all that names it in cells without numbers, but for names of columns."""
    text = " ".join(cell.text for cell in cells_of(c) if not is_number(cell.text))
    words = words_of(text)
    own = analysis.matched_terms(frozenset(words), " ".join(words))
    verbs = {t for verb in analysis.language.conditions.verbs for t in words_of(verb)}
    belong = analysis.matched_in(" ".join(relation.columns)) | analysis.matched_terms(relation.around)
    return bool(own) and set(analysis.terms) - own - verbs <= belong


def between(material: Material) -> Reply | None:
    """Returns the difference between two things that a question names."""
    match = _BETWEEN.search(material.query.text)
    if not match:
        return None
    years = [re.findall(r"\b(?:19|20)\d\d\b", match[g]) for g in ("a", "b")]
    if years[0] and years[1]:
        return None
    if reply := difference(*_of_labels(material, match["a"], match["b"]), absolute=True):
        return reply
    metric = re.sub(r"^\s*(?:in|of)\b", " ", match["metric"])
    a = find(material, f"{metric} {match['a']}")
    b = counterpart(material, a, match["b"], metric) if metric.strip() else find(material, match["b"])
    return difference(a, b, absolute=True)


def ratio(material: Material) -> Reply | None:
    """Returns the ratio of two numbers that a question names."""
    match = _RATIO.search(material.query.text)
    if not match:
        return None
    year = material.year
    return quotient(
        operand_of_year(material, without_years(match["a"]), year),
        operand_of_year(material, without_years(match["b"]), year),
    )


def counterpart(material: Material, first: Operand | None, other: str, metric: str) -> Operand | None:
    """Returns the number of `other` that corresponds to the first: in its column, its row or another document."""
    if first is None:
        return None
    analysis = analyze_question(other)
    if first.cell is not None and first.candidate.passage.row is not None:
        table = [c for c in material.candidates if c.element == first.candidate.element]
        best: tuple[float, Operand] | None = None
        own = frozenset(analysis.terms) - frozenset(words_of(first.candidate.passage.row.label))
        for c in table:
            row = c.passage.row
            if row is None:
                continue
            for cell in row.values:
                same_column = cell.names == first.cell.names and c.passage.places != first.candidate.passage.places
                same_row = c.passage.places == first.candidate.passage.places and cell.names != first.cell.names
                if not (same_column or same_row):
                    continue
                name = words_of(row.label if same_column else " ".join(cell.names))
                fit = len(analysis.matched_terms(frozenset(name), " ".join(name)) & own) / max(1, len(name))
                operand = of_cell(c, cell, fit)
                if fit and operand and (best is None or fit > best[0]):
                    best = fit, operand
        if best:
            return best[1]
        label = words_of(first.candidate.passage.row.label)
        for c in material.candidates:
            row = c.passage.row
            if row and c.document != first.candidate.document and words_of(row.label) == label and _speaks_of(c, other):
                cells = [cell for cell in row.values if cell.names == first.cell.names] or list(row.values)
                if operand := of_cell(c, cells[0]):
                    return operand
    match = find(material, f"{metric} {other}") or find(material, other)
    is_apart = match is not None and match.cell is None and first.cell is not None
    return (
        None
        if is_apart and match and not set(analysis.terms) <= analysis.matched_terms(match.candidate.words)
        else match
    )


def _speaks_of(c: Candidate, name: str) -> bool:
    analysis = analyze_question(name)
    title = words_of(f"{c.evidence.title} {c.evidence.name} {c.evidence.heading}".replace("-", " "))
    return len(analysis.matched_terms(frozenset(title))) >= max(1, len(analysis.terms) // 2)
