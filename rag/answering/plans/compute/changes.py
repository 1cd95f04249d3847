"""Changes of one number from a year to another, as an amount and as a percentage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import month_names, month_of_label
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.binding import is_bound
from octavo.rag.answering.plans.compute.editions import in_sentences, in_tables
from octavo.rag.answering.plans.compute.formulas import difference, growth_from
from octavo.rag.answering.plans.operands import Operand, operand_of_year, without_years
from octavo.rag.answering.plans.relation import cells_of, relations
from octavo.rag.answering.plans.selection import selections
from octavo.rag.answering.question_analysis import (
    QuestionAnalysis,
    analyze_question,
    terms_of_words,
    words_of,
    words_of_names,
)
from octavo.rag.query.language import any_of

_GROWTH = pattern("compute", "growth")
_CHANGE = pattern("compute", "change")
_ASKING = pattern("compute", "asking")
_FROM_TO = pattern("compute", "ends")
_YEAR_ASKED = pattern("compute", "year_asked")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SEASON = re.compile(r"(?:19|20)\d\d/\d\d(?:\d\d)?(?!\d)")
FEWEST = 3
"""Years of a series."""


def growth(material: Material) -> Reply | None:
    """Returns the growth of a number from a year to a later one in percent."""
    text = material.query.text
    if not _GROWTH.search(text):
        return None
    replies = (growth_from(before, after) for before, after in _of_periods(material))
    return next((reply for reply in replies if reply and _is_of_question(material, reply)), None)


def change(material: Material) -> Reply | None:
    """Returns by how much a number changed from a year to a later one."""
    text = material.query.text
    if not _CHANGE.search(text):
        return None
    replies = (difference(after, before) for before, after in _of_periods(material))
    return next((reply for reply in replies if reply and _is_of_question(material, reply)), None)


def _is_of_question(material: Material, reply: Reply) -> bool:
    """Returns whether the place of each number says the things that a question names, but for what tells both apart."""
    support = [c for paragraph in reply.paragraphs for c in paragraph.support]
    text = material.query.text
    asking = " ".join(match[0] for match in _ASKING.finditer(text))
    sides = " ".join(match[0] for match in _FROM_TO.finditer(text))
    months = " ".join(text[name.start : name.end] for name in month_names(text))
    explained = {*material.years, *material.analysis.years, *words_of(asking)}
    apart = {*explained, *words_of(f"{sides} {months}")}
    return is_bound(material, support, explained) and all(is_bound(material, [c], apart) for c in support)


def _of_periods(material: Material) -> Iterator[tuple[Operand | None, Operand | None]]:
    """Yields the numbers of the two months that a question names, of its two seasons such as 2023/24, or years.

    Without any, they are those of the two documents that "from A to B" tells apart.
    """
    months = {name.month for name in month_names(material.query.text)}
    seasons = sorted(set(_SEASON.findall(material.query.text)))
    if len(months) == 2:
        yield from _of_months(material, months)
    elif len(seasons) == 2:
        yield from _of_rows(material, material.analysis, seasons)
    elif years := two_years(material):
        yield from _of_years(material, years)
    elif sides := _FROM_TO.search(material.query.text):
        phrase = _ASKING.sub(" ", material.query.text[: sides.start()])
        yield _of_documents(material, phrase, sides["a"], sides["b"])


def _of_documents(material: Material, phrase: str, a: str, b: str) -> tuple[Operand | None, Operand | None]:
    """Returns the numbers that a phrase names in the two documents that `a` and `b` name, in tables or sentences."""
    return in_tables(material, phrase, a, b) or in_sentences(material, phrase, a, b)


def _of_months(material: Material, months: set[int]) -> Iterator[tuple[Operand | None, Operand | None]]:
    """Yields the numbers of two rows that are called by months, in the one column of numbers."""
    analysis = material.analysis
    for relation in relations(material):
        rows = [c for c in relation.counted if month_of_label(cells_of(c)[0].text) in months]
        said = analysis.matched_in(" ".join(relation.columns)) | analysis.matched_terms(relation.around)
        if len(rows) == 2 and len(relation.values) == 1 and said:
            yield relation.number(rows[0], relation.values[0]), relation.number(rows[1], relation.values[0])


def _of_years(material: Material, years: tuple[str, str]) -> Iterator[tuple[Operand | None, Operand | None]]:
    """Yields the numbers of both years: in two documents, of what the words say, of the selected row, of two rows.

    Two rows are called by the years, as the bars of a chart are. Last come those in sentences of two documents.
    """
    phrase = _ASKING.sub(" ", without_years(material.query.text))
    if editions := in_tables(material, phrase, *years):
        yield editions
    pair = operand_of_year(material, phrase, years[0]), operand_of_year(material, phrase, years[1])
    if pair[0] and pair[1] and (pair[0].cell is None) is (pair[1].cell is None) and _are_called_alike(*pair):
        yield pair
    for selection in selections(material, f"{phrase} {' '.join(years)}"):
        columns = [[c for c in selection.relation.values if year in c] for year in years]
        if len(selection.rows) == 1 and all(len(own) == 1 for own in columns):
            first, last = (selection.relation.number(selection.rows[0], own[0]) for own in columns)
            yield first, last
    yield from _of_rows(material, analyze_question(phrase), years)
    yield in_sentences(material, phrase, *years)


def _are_called_alike(*operands: Operand | None) -> bool:
    """Returns whether numbers are of one document, or of documents whose titles have a word in common."""
    sources = {o.candidate.document: o.candidate.evidence for o in operands if o}
    titles = [{t for t in words_of_names(e.title, e.name.rpartition(".")[0]) if t.isalpha()} for e in sources.values()]
    return bool(set.intersection(*titles))


def _of_rows(
    material: Material, analysis: QuestionAnalysis, periods: Sequence[str]
) -> Iterator[tuple[Operand | None, Operand | None]]:
    """Yields the numbers of the rows that are called by two periods, in the one column that is named or there is."""
    for relation in relations(material):
        labels = {cells_of(c)[0].text.strip(): c for c in relation.counted}
        rows = [labels.get(period) for period in periods]
        value_columns = [c for c in relation.values[-1:] if len(relation.values) == 1] or [
            c for c in relation.values if analysis.matched_in(c)
        ]
        is_about = bool(analysis.matched_in(" ".join(relation.columns)) | analysis.matched_terms(relation.around))
        if rows[0] and rows[1] and len(value_columns) == 1 and is_about:
            yield relation.number(rows[0], value_columns[0]), relation.number(rows[1], value_columns[0])


def two_years(material: Material) -> tuple[str, str] | None:
    """Returns the first and the last year of a question; of a single year, the year before and that year."""
    years = sorted(material.years)
    if len(years) >= 2:
        return years[0], years[-1]
    return (str(int(years[0]) - 1), years[0]) if years else None


def turning_years(material: Material) -> Reply | None:
    """Returns the years in which a series rose or fell against the year before, each with both numbers."""
    text, analysis = material.query.text, material.analysis
    words = analysis.language.conditions
    falls, rises = (any_of(own, re.I).search(text) is not None for own in (words.fell, words.rose))
    if not _YEAR_ASKED.search(text) or falls is rises:
        return None
    fillers = terms_of_words((*analysis.language.generic, *words.verbs, *words.fell, *words.rose))
    terms = {t for t in analysis.terms if not t[0].isdigit()} - fillers
    for relation in relations(material):
        years = [c for c in relation.counted if _YEAR.fullmatch(cells_of(c)[0].text.strip())]
        own = analysis.matched_terms(relation.above | frozenset(words_of(" ".join(relation.columns))))
        is_about = bool(own & terms) and 3 * len((own | analysis.matched_terms(relation.around)) & terms) >= len(terms)
        if len(years) < FEWEST or len(years) < len(relation.counted) or len(relation.values) != 1 or not is_about:
            continue
        series = [(c, o) for c in years if (o := relation.number(c, relation.values[0]))]
        series.sort(key=lambda pair: cells_of(pair[0])[0].text.strip())
        turns = [(a, b) for a, b in pairwise(series) if (b[1].quantity.amount < a[1].quantity.amount) is falls]
        turns = [(a, b) for a, b in turns if a[1].quantity.amount != b[1].quantity.amount]
        if turns:
            sentence = "; ".join(f"{_as_text(b)} ({_as_text(a)})" for a, b in turns)
            return Reply(
                (Paragraph(sentence, tuple(dict.fromkeys(c for turn in turns for c, _ in turn))),), checked=True
            )
    return None


def _as_text(pair: tuple[Candidate, Operand]) -> str:
    c, operand = pair
    return f"{cells_of(c)[0].text.strip()}: {operand.cell.text if operand.cell else ''}"
