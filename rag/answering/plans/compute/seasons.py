"""Seasons: the price of a row in the column whose months hold the one that a question names, for its nights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import MONTHS, month_names
from octavo.rag.answering.intervals import intervals
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.binding import unexplained_terms
from octavo.rag.answering.plans.compute.formulas import computed_reply, plain
from octavo.rag.answering.plans.compute.products import numbered_words, price_terms
from octavo.rag.answering.plans.named_rows import named_rows
from octavo.rag.answering.plans.relation import Relation, cells_of, relations
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.query.language import Language, any_word, languages, split

_COUNTED_UNIT = pattern("compute", "counted_unit")
_TO = re.compile(rf"\s*(?:[-–—]|{any_word(lambda language: language.pages.to)})\s*", re.I)
_WORD = re.compile(r"[^\W\d_]{3,}")
FEWEST = 2
"""Columns that are called by months."""
SHORT = (3, 4)
"""Letters of the short name of a month."""


def in_season(material: Material) -> Reply | None:
    """Returns the price of the row and the season that a question names, times its nights where it counts them."""
    analysis = material.analysis
    month_numbers = {name.month for name in month_names(analysis.text)}
    if len(month_numbers) != 1 or not (analysis.money or price_terms(analysis) & set(words_of(analysis.text))):
        return None
    numbered = [(n, m) for n, m in numbered_words(analysis.language, analysis.text) if _COUNTED_UNIT.fullmatch(m[2])]
    counts = [n for n, _ in numbered]
    units = [word for word in split(analysis.text) if _COUNTED_UNIT.fullmatch(word)]
    explained = {t for text in (*units, *(match[0] for _, match in numbered)) for t in words_of(text)}
    explained |= {t for name in month_names(analysis.text) for t in words_of(analysis.text[name.start : name.end])}
    for relation in relations(material):
        language = languages()[material.language(relation.rows[0].document)]
        seasons = {column: months for column in relation.values if (months := months_of(column, language))}
        columns = [column for column, months in seasons.items() if month_numbers <= months]
        rows = [c for c in named_rows(analysis, relation) if _is_numbered_alike(material, c)]
        price = relation.number(rows[0], columns[0]) if len(rows) == len(columns) == 1 else None
        if price is None or len(seasons) < FEWEST or len(counts) > 1 or not _is_priced(material, relation):
            continue
        if unexplained_terms(material, rows, explained):
            continue
        if not counts:
            return Reply((Paragraph(price.description, (rows[0],)),), checked=True)
        if _is_reduced(material, rows[0].document, counts[0]):
            continue
        q = price.quantity
        result = plain(price, counts[0] * q.value, q.places if q.value % 1 else 0, q.unit, q.scale)
        reply = computed_reply(result, f"{counts[0]:g} × {plain(price)}", [price])
        return Reply(reply.paragraphs, checked=True)
    return None


def months_of(text: str, language: Language) -> frozenset[int]:
    """Returns the months that the name of a column says in full or in short, each alone or from one to another.

    >>> english = languages()["en"]
    >>> sorted(months_of("Mid season (Apr–May, Sep–Oct)", english)), sorted(months_of("November to January", english))
    ([4, 5, 9, 10], [1, 11, 12])
    """
    mentions = [(n, match) for match in _WORD.finditer(text) for n in _month(match[0].lower(), language)]
    result = {n for n, _ in mentions}
    for (first, a), (last, b) in pairwise(mentions):
        if _TO.fullmatch(text[a.end() : b.start()]):
            result |= {(first + n - 1) % MONTHS + 1 for n in range((last - first) % MONTHS + 1)}
    return frozenset(result)


def _month(word: str, language: Language) -> Iterator[int]:
    """Yields the month that a word names, or begins where it is short."""
    for n, month in enumerate(language.months, 1):
        if word == month or (len(word) in SHORT and month.startswith(word)):
            yield n
            return


def _is_numbered_alike(material: Material, c: Candidate) -> bool:
    """Returns whether a question says the numbers of the name of a row: "Cabin 6" is no "Cabin 8"."""
    numbers = {t for t in words_of(cells_of(c)[0].text) if t.isdigit()}
    return numbers <= set(material.analysis.terms)


def _is_priced(material: Material, relation: Relation) -> bool:
    """Returns whether a table is of prices, by its heading or the signs of its numbers."""
    numbers = [relation.number(c, column) for c in relation.rows[:1] for column in relation.values]
    has_sign = any(o and o.quantity.unit in ("$", "€", "£") for o in numbers)
    return has_sign or bool(price_terms(material.analysis) & relation.around)


def _is_reduced(material: Material, document: str, count: float) -> bool:
    """Returns whether a sentence of the document states a percentage for such a count."""
    sentences: Sequence[str] = [c.passage.text for c in material.candidates if c.document == document]
    return any("%" in text and any(i.holds(count) for i in intervals(text)) for text in sentences)
