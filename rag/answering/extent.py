"""The extent of a quote: the sentences before and after it that belong to it, and the heading above it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.citation_marks import without_citations
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import words_of

_ASKS_FOR_PLACE = pattern("sections", "place")
MAX_FIRST_QUOTE = 60
"""Words that the first quote of a reply may have after it is widened."""


def widen(material: Material, reply: Reply) -> Reply:
    """Returns a reply whose first quote has the sentences around it under the same heading, as far as the words go.

    Rows and what is no quote stay as they are, and a quote that stands in the first one is left out. What answers a
    question after a person, a time, a place or an amount stays short.
    """
    if not material.analysis.explains:
        return reply
    places = {id(c): n for n, c in enumerate(material.candidates)}
    results: list[Paragraph] = []
    quoted_numbers = set[int]()
    is_first = True
    for paragraph in reply.paragraphs:
        numbers = [places[id(c)] for c in paragraph.support if id(c) in places]
        if paragraph.text != quote(*paragraph.support).text or len(numbers) < len(paragraph.support):
            results.append(paragraph)
            continue
        if quoted_numbers.issuperset(numbers):
            continue
        wide = (
            _around(material.candidates, numbers, MAX_FIRST_QUOTE, material.repeated_candidates)
            if is_first
            else numbers
        )
        is_first = False
        quoted_numbers.update(wide)
        results.append(paragraph if wide == numbers else quote(*(material.candidates[n] for n in wide)))
    return replace(reply, paragraphs=tuple(results))


def add_headings(material: Material, reply: Reply) -> Reply:
    """Returns a reply whose quotes have the heading that they stand under before them.

    A quote stays as it is where its heading says nothing of the question that it does not say itself.
    """
    return replace(reply, paragraphs=tuple(_under_heading(material, paragraph) for paragraph in reply.paragraphs))


def add_antecedents(material: Material, reply: Reply) -> Reply:
    """Returns a reply whose quotes that begin with a pronoun, such as "She", have the sentence before them as well."""
    places = {id(c): n for n, c in enumerate(material.candidates)}
    paragraphs = tuple(_with_antecedent(material, paragraph, places) for paragraph in reply.paragraphs)
    return replace(reply, paragraphs=paragraphs)


def _with_antecedent(material: Material, paragraph: Paragraph, places: Mapping[int, int]) -> Paragraph:
    c = next(iter(paragraph.support), None)
    n = places.get(id(c), 0)
    if c is None or not n or c.passage.row is not None or paragraph.text != quote(*paragraph.support).text:
        return paragraph
    before = material.candidates[n - 1]
    refers = pattern("lookup", "refers", material.language(c.document)).search(c.passage.text)
    return quote(before, *paragraph.support) if refers and _belongs(c, before) else paragraph


def _under_heading(material: Material, paragraph: Paragraph) -> Paragraph:
    c = next(iter(paragraph.support), None)
    if c is None or not c.passage.section or c.passage.row is not None or c.passage.kind in HEADINGS:
        return paragraph
    if paragraph.text != quote(*paragraph.support).text:
        return paragraph
    analysis, words = material.analysis, words_of(c.passage.section)
    own = set[str]().union(*(analysis.matched_terms(other.words, other.spans) for other in paragraph.support))
    if analysis.matched_terms(frozenset(words), " ".join(words)) <= own and not _ASKS_FOR_PLACE.search(
        material.query.text
    ):
        return paragraph
    above = [other for other in material.candidates if _is_heading_of(other, c)]
    heading = without_citations(c.passage.section).rstrip(":")
    return Paragraph(f"{heading}: {paragraph.text}", (*paragraph.support, *above[:1]))


def _is_heading_of(c: Candidate, other: Candidate) -> bool:
    is_there = (c.document, c.page) == (other.document, other.page) and c.passage.kind in HEADINGS
    return is_there and c.passage.section == other.passage.section


def _around(pool: Sequence[Candidate], numbers: Sequence[int], limit: int, edges: Container[Candidate]) -> list[int]:
    """Returns the numbers of the passages of a quote and of those around it, in turn one after it and one before.

    What stands in the quote already, and what stands on several pages alike, is stepped over.
    """
    first = pool[numbers[0]]
    if first.passage.row is not None:
        return list(numbers)
    result = list(numbers)
    words = sum(_length(pool[n]) for n in numbers)
    places = {place for n in numbers for place in pool[n].passage.places}
    steps = {+1: result[-1] + 1, -1: result[0] - 1}
    while steps:
        for step, n in list(steps.items()):
            steps[step] = n + step
            if not 0 <= n < len(pool) or not _belongs(first, pool[n]):
                del steps[step]
            elif pool[n] not in edges and not places.issuperset(pool[n].passage.places):
                words += _length(pool[n])
                if words > limit or places.intersection(pool[n].passage.places):
                    return result
                places.update(pool[n].passage.places)
                result = [*result, n] if step > 0 else [n, *result]
    return result


def _length(c: Candidate) -> int:
    return len(c.passage.text.split())


def _belongs(c: Candidate, other: Candidate) -> bool:
    return (
        other.passage.row is None
        and other.passage.kind not in HEADINGS
        and other.document == c.document
        and other.page in {place.page for place in c.passage.places}
        and other.passage.section == c.passage.section
        and (other.passage.element == c.passage.element or other.passage.kind == c.passage.kind)
    )
