"""Lookup: the passages that fit best, word for word; of a row the cell, of a form the field that is asked for first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.citation_marks import without_citations
from octavo.rag.answering.diversity import select_diverse
from octavo.rag.answering.material import Material
from octavo.rag.answering.named_cells import measure_beside_years, named_cell
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quotes
from octavo.rag.answering.plans.binding import apart_names
from octavo.rag.answering.plans.fields import field_of_kind
from octavo.rag.answering.question_analysis import QuestionAnalysis, words_of, words_of_names
from octavo.rag.answering.reporting import cells_of_length
from octavo.rag.answering.rows import NamedCell
from octavo.rag.answering.scoring import ScoredCandidate, count_other_words, field_asked_for, holds_kind
from octavo.rag.answering.verdict import verdict
from octavo.rag.query.language import any_word, split

_PAGE = pattern("lookup", "page")
_SEVERAL = pattern("lists", "several")
_ITEMS = re.compile(r":\s+[•▪●◦*–-]\s.+[•▪●◦*–-]\s")
_SERIES = re.compile(rf":\s[^.:]*,[^.:]*(?:,|\s{any_word(lambda language: language.pages.conjunctions)}\s)")
NEAREST_LISTS, NEARLY = 6, 0.7
"""The best passages among which a list is looked for, and the share of the best one's score that it has at least."""
_SCALE = pattern("kinds", "scale")
_SCALES = ("thousand", "million", "billion")
_AMOUNT = re.compile(r"[$€£]?\s?[-–(]?\s?[$€£]?\s?\d[\d.,]*\)?")
_OTHER = pattern("lookup", "other")
"""Words of rows and columns whose numbers are not in the table's scale."""
MAX_QUOTES, WORDS = 5, 120
"""Passages that explain at most, and the words that they have in all."""
SHORT = 3
"""Passages that answer after a person, a time, a place or an amount at most."""
MIN_READER_SCORE = -2.0
"""The log odds above which the reader's passage is quoted as well."""
EXACT = 0.95
"""The share of the question's terms from which on another row of the table that says fewer is not quoted beside one."""
ENOUGH = 0.5
"""Further quotes must score at least this share of the first."""


def lookup(material: Material) -> Reply | None:
    """Returns up to `MAX_QUOTES` passages, the best first, and what the reader finds beside them.

    What answers a question after a person, a time, a place or an amount is short; what explains does not repeat itself.
    """
    ranked = _ranked(material)
    if not ranked:
        return None
    best = ranked[0].candidate
    if not material.is_across and (apart := apart_names(material, best.document)):
        names = ", ".join(f"“{name}”" for name in apart)
        return Reply(
            reason=f"Nothing found that answers this: {best.evidence.name} says {names}, but nothing of what is asked "
            f"of it. The nearest place is page {best.page + 1}."
        )
    paragraphs = _quotes(material, ranked)
    cell = cell_asked_for(material.analysis, best, material.years)
    if (other := field_of_kind(material, best)) and other.passage.row:
        paragraphs = (Paragraph(cell_text(other, other.passage.row.values[0]), (other, best)), *paragraphs)
    elif cell is not None:
        paragraphs = (Paragraph(cell_text(best, cell), (best,)), *paragraphs)
    elif len(best.passage.places) > 1 and (field := field_asked_for(material.analysis, best.passage)):
        paragraphs = (Paragraph(field, (best,)), *paragraphs)
    elif place := _PAGE.search(material.query.text):
        first_paragraph = paragraphs[0]
        number = first_paragraph.support[0].page + 1
        text = f"{place['page'].capitalize()} {number}: {first_paragraph.text}"
        paragraphs = (Paragraph(text, first_paragraph.support), *paragraphs[1:])
    elif says := verdict(material, best):
        paragraphs = (Paragraph(f"{says}: {paragraphs[0].text}", paragraphs[0].support), *paragraphs[1:])
    return Reply(paragraphs, one_document=True)


def nearest(material: Material, caveat: str) -> Reply:
    """Returns the passages that fit best where a plan cannot do what is asked for, which its `caveat` says."""
    ranked = _ranked(material)
    return Reply(_quotes(material, ranked) if ranked else (), one_document=True, caveat=caveat)


def _quotes(material: Material, ranked: Sequence[ScoredCandidate]) -> tuple[Paragraph, ...]:
    """Returns the best passage, those that add to it, and the reader's."""
    first = ranked[0]
    best = first.candidate
    good = [s for s in ranked if s is first or (s.score > ENOUGH * first.score and _adds(material, s))]
    if material.analysis.explains:
        diverse = select_diverse(good, frozenset(material.analysis.terms), MAX_QUOTES, WORDS)
        is_list = best is not material.reranked[0].candidate and lists_things(best.passage.text)
        paragraphs = quotes([best] if is_list else diverse)
    else:
        paragraphs = quotes([s.candidate for s in good])[:SHORT]
    if material.reading.score <= MIN_READER_SCORE:
        return paragraphs
    has_kind = holds_kind(material.analysis, best, best.words - first.matched_terms)
    is_exact = first.coverage >= EXACT and (has_kind or material.analysis.answer_kind is None)
    others = [c for c in material.reading.support if not (is_exact and _says_less(material.analysis, best, c))]
    return quotes([c for s in paragraphs for c in s.support] + others)


def _ranked(material: Material) -> list[ScoredCandidate]:
    """Returns the passages by their words and their meaning; by their words alone where a row explains best.

    A row comes first whose label and whose column's name of several words the question says word for word.
    """
    ranked = material.ranked()
    is_row = bool(ranked) and ranked[0].candidate.passage.row is not None
    result = ranked if material.analysis.explains and is_row else material.reranked
    return _first(result, lambda s: named_cell(material.analysis, s.candidate.passage.row)) or _lists_first(
        material, result
    )


def _first(ranked: list[ScoredCandidate], fits: Callable[[ScoredCandidate], object]) -> list[ScoredCandidate]:
    """Returns the passages with the first one of the best one's document that fits before all; none where none does."""
    s = next((s for s in ranked if s.candidate.document == ranked[0].candidate.document and fits(s)), None)
    return [s, *(other for other in ranked if other is not s)] if s else []


def _lists_first(material: Material, ranked: list[ScoredCandidate]) -> list[ScoredCandidate]:
    """Returns the passages, first one that lists several things where those are asked for and it is nearly best."""
    if not ranked:
        return ranked
    first, text = ranked[0], material.query.text
    denies = pattern("verdict", "denies", material.analysis.language.code)
    is_denied = material.analysis.explains and denies.search(text) is not None
    for s in ranked[: 2 * NEAREST_LISTS]:
        passage = s.candidate.passage.text
        if s.candidate.document != first.candidate.document or not lists_things(passage):
            continue
        if _announces(material.analysis, passage) or (is_denied and denies.search(passage.partition(":")[0])):
            return [s, *(other for other in ranked if other is not s)]
    if not _SEVERAL.search(text):
        return ranked
    for s in ranked[:NEAREST_LISTS]:
        is_near = s.candidate.document == first.candidate.document and s.score >= NEARLY * first.score
        if is_near and lists_things(s.candidate.passage.text):
            return [s, *(other for other in ranked if other is not s)]
    return ranked


def _announces(analysis: QuestionAnalysis, passage: str) -> bool:
    """Returns whether a question says, word for word, the several words before a list, such as "Not included:"."""
    intro = " ".join(split(passage.partition(":")[0]))
    return " " in intro and f" {intro} " in f" {' '.join(split(analysis.text))} " and bool(analysis.matched_in(intro))


def lists_things(text: str) -> bool:
    """Returns whether a sentence announces several things: items, or a list after a colon.

    >>> [lists_things(text) for text in ("Bring: a cup, a hat and boots.", "Hours: 9 to 5", "Bring: • a cup • a hat")]
    [True, False, True]
    """
    return bool(_ITEMS.search(text) or _SERIES.search(text))


def _adds(material: Material, scored: ScoredCandidate) -> bool:
    """Returns whether a passage may answer beside the best one.

    A row of the same table must say as much of the question in its cells, any passage its numbers. Where a person, a
    time, a place or an amount is asked for, it must say as much of the question as the best one does; in the same
    document it may leave out the names. That of another document must be about the same names.
    """
    analysis, first = material.analysis, _ranked(material)[0]
    best, c = first.candidate, scored.candidate
    if best.passage.row and c.passage.row and c.element == best.element:
        is_less_exact = count_other_words(analysis, c) > count_other_words(analysis, best) == 0 and bool(
            _terms_of_cells(analysis, best)
        )
        return _terms_of_cells(analysis, best) <= _terms_of_cells(analysis, c) and not is_less_exact
    if not {t for t in first.matched_terms if t[0].isdigit()} <= scored.matched_terms:
        return False
    if analysis.explains:
        return True
    stated = analysis.matched_terms(best.words, best.spans)
    if c.document != best.document and not first.matched_terms & analysis.names <= scored.matched_terms:
        return False
    if c.document == best.document:
        stated -= analysis.names
    title = words_of_names(c.evidence.title, c.evidence.name)
    return stated <= analysis.matched_terms(c.words | title, c.spans)


def _says_less(analysis: QuestionAnalysis, best: Candidate, c: Candidate) -> bool:
    """Returns whether a passage is another row of the best one's table, and its cells say only a part of the same."""
    if c is best or not best.passage.row or not c.passage.row or c.element != best.element:
        return False
    return _terms_of_cells(analysis, c) < _terms_of_cells(analysis, best)


def _terms_of_cells(analysis: QuestionAnalysis, c: Candidate) -> set[str]:
    words = words_of(" ".join(cell.text for cell in c.passage.row.cells)) if c.passage.row else ()
    return analysis.matched_terms(frozenset(words), " ".join(words))


def cell_asked_for(analysis: QuestionAnalysis, candidate: Candidate, years: Sequence[str] = ()) -> NamedCell | None:
    """Returns the one cell of a row that a question asks for: by the name of its column, or the row's only value.

    `years` are those by which the columns of a filing name the period asked for.
    """
    row = candidate.passage.row
    if row is None or len(row.cells) < 2:
        return None
    values = [cell for cell in row.values if cell.text.strip(" -–—")]
    if len(values) == 1:
        return values[0]
    if cell := named_cell(analysis, row) or measure_beside_years(analysis, row):
        return cell
    fits = [
        sum(_fits(analysis, cell)) + sum(2 for y in years if y not in analysis.years and _says(cell, y))
        for cell in values
    ]
    best = max(fits, default=0)
    chosen = [cell for fit, cell in zip(fits, values, strict=True) if fit == best]
    if best and len(chosen) > 1:
        chosen = cells_of_length(analysis.text, chosen)[:1] or chosen
    return chosen[0] if best and len(chosen) == 1 else None


def _says(cell: NamedCell, year: str) -> bool:
    return any(year in name for name in cell.names)


def _fits(analysis: QuestionAnalysis, cell: NamedCell) -> list[int]:
    words = frozenset(words_of(" ".join(cell.names)))
    return [2 if t[0].isdigit() else 1 for t in analysis.matched_terms(words, " ".join(words_of(" ".join(cell.names))))]


def cell_text(candidate: Candidate, cell: NamedCell) -> str:
    """Returns a cell with the names of its row and column first, in the scale and currency that the table states.

    `Revenue, 2023: $1,284.6 million`.
    """
    row = candidate.passage.row
    assert row is not None
    names = ", ".join(dict.fromkeys(name.rstrip(" :") for name in (row.label, *cell.names)))
    return without_citations(f"{names}: {_in_scale(candidate, cell)}")


def _in_scale(candidate: Candidate, cell: NamedCell) -> str:
    """Returns a cell's amount followed by the table's scale, unless it is a rate, a number per share or has a unit."""
    row, text = candidate.passage.row, cell.text.strip()
    stated = _SCALE.search(candidate.passage.context)
    is_amount = _AMOUNT.fullmatch(text) and row is not None and not _OTHER.search(f"{row.label} {' '.join(cell.names)}")
    if stated is None or not is_amount:
        return text
    scale = next(word for word in _SCALES if word in stated[0].lower())
    sign = "$" if "dollar" in stated[0].lower() and "$" not in text else ""
    return f"{sign}{text} {scale}"
