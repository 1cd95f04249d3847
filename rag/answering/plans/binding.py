"""Binding: whether what is quoted or computed says all that a question names, so that it answers this and no other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from octavo.rag.answering.candidates import BESIDE, TITLE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.question_analysis import terms_of_words, words_of
from octavo.rag.answering.question_nouns import described_nouns, head_nouns

_PERSON = re.compile(r"(?<!\w)([A-ZÀ-Þ][^\W\d_]+(?: [A-ZÀ-Þ][^\W\d_]+)+)(?=['’]s\b)")
"""A name of several words whose own something is asked for: "Ida Kern's salary"."""


def explained_terms(material: Material, support: Iterable[Candidate]) -> set[str]:
    """Returns the terms of a question that passages, their headings, tables and documents' titles say."""
    analysis = material.wide_analysis
    result = set[str]()
    for c in support:
        result |= analysis.matched_terms(c.words, c.spans)
        for share, words, spans in c.around:
            result |= analysis.matched_terms(words, spans) if share > BESIDE else set()
    return result


def unexplained_terms(material: Material, support: Iterable[Candidate], explained: Collection[str] = ()) -> set[str]:
    """Returns the terms that neither passages nor `explained` say, but for words that name no matter themselves."""
    analysis = material.analysis
    language = analysis.language
    fillers = terms_of_words((*language.conditions.verbs, *language.generic, *language.money, *language.vague))
    fillers |= {t for unit in analysis.units for t in words_of(unit.name)}
    return set(analysis.terms) - fillers - set(explained) - explained_terms(material, support)


def is_bound(material: Material, support: Iterable[Candidate], explained: Collection[str] = ()) -> bool:
    """Returns whether passages, with what else is `explained`, say all names, numbers and things of a question.

    What tells which thing is meant, as in "plant nursery", may stand elsewhere in their documents.
    """
    analysis, passages = material.analysis, list(support)
    rest = unexplained_terms(material, passages, explained)
    things = {term for _, term in head_nouns(analysis)}
    described = {word for _, word, _ in described_nouns(analysis)} & rest - things
    documents = {c.document for c in passages}
    described -= {t for c in material.candidates if described and c.document in documents for t in c.words}
    return not described and not any(t in things or t in analysis.names or t[0].isdigit() for t in rest)


def apart_names(material: Material, document: str) -> list[str]:
    """Returns the years and persons of a question that a document says, but never beside what is asked of them.

    "What is Ida Kern's salary?" has none where she is named as a manager only, though that of others stands there.
    A name in the document's title goes with all that it says, and so does one on a page that the question names.
    """
    analysis = material.analysis
    names = [m[1] for m in _PERSON.finditer(analysis.text) if set(words_of(m[1])) <= analysis.names]
    names += analysis.years
    if not names:
        return []
    language = analysis.language
    fillers = terms_of_words((*language.conditions.verbs, *language.generic, *language.price_words, *language.vague))
    everywhere = {t for name in names for t in words_of(name)} | analysis.names | fillers
    things = {t for t in analysis.terms if t.isalpha()} - everywhere
    pool = [(c, _words_beside(c)) for c in material.candidates if c.document == document]
    goes_with_all = frozenset().union(*(words for c, _ in pool for share, words, _ in c.around if share == TITLE))
    goes_with_all |= frozenset().union(*(c.words for c, _ in pool if (c.document, c.page) in material.named_pages))
    results = []
    for name in names:
        terms = set(words_of(name))
        beside = [words for _, words in pool if terms <= words]
        matches = [material.wide_analysis.matched_terms(words) & things for words in beside]
        elsewhere = any(material.wide_analysis.matched_terms(words) & things for _, words in pool)
        if beside and not terms <= goes_with_all and elsewhere and not any(matches):
            results.append(name)
    return results


def _words_beside(c: Candidate) -> frozenset[str]:
    """Returns the words of a passage, of its table and heading and of the sentences around it."""
    return c.words.union(*(words for share, words, _ in c.around if share != TITLE))
