"""Binding: whether what is quoted or computed says all that a question names, so that it answers this and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.question_analysis import described_nouns, head_nouns, terms_of_words, words_of


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
    analysis, found = material.analysis, list(support)
    rest = unexplained_terms(material, found, explained)
    things = {term for _, term in head_nouns(analysis)}
    described = {word for _, word, _ in described_nouns(analysis)} & rest - things
    documents = {c.document for c in found}
    described -= {t for c in material.candidates if described and c.document in documents for t in c.words}
    return not described and not any(t in things or t in analysis.names or t[0].isdigit() for t in rest)
