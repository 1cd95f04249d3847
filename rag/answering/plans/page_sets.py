"""Sets of pages or documents: those that mention one thing and another, one or another, or one but not another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from octavo.ingest import Page
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.query.language import any_of

MOST_DOCUMENTS = 60
"""Documents whose pages are all looked at; of more, those of the candidates are."""
MOST_PAGES = 12
"""Pages of a document that are quoted."""
_READING = terms_of_words([*words("which", "words_reading"), *words("page_sets", "words_own")])
_PAGES = any_of(words("page_sets", "words_page"))

Terms = frozenset[str]


@dataclass(frozen=True, slots=True)
class PageSet:
    """Terms of which one of the `either` groups must stand on a page or in a document, and none of `neither`'s."""

    either: tuple[tuple[Terms, ...], ...]
    neither: tuple[Terms, ...]

    def holds(self, terms: Terms) -> bool:
        """Returns whether a page or a document with these terms is in the set.

        >>> PageSet(((frozenset({"a"}), frozenset({"b"})),), (frozenset({"c"}),)).holds(frozenset({"a", "b", "d"}))
        True
        """
        return any(all(each <= terms for each in group) for group in self.either) and not any(
            each <= terms for each in self.neither
        )

    @property
    def terms(self) -> Terms:
        """All terms that are looked for."""
        return frozenset[str]().union(*(each for group in self.either for each in group))


def page_sets(material: Material) -> Reply | None:
    """Returns the pages or documents of a set, each with its best passage; an empty set is an answer as well."""
    match = pattern("page_sets", "cue", material.analysis.language.code).search(material.query.text.strip(" ?"))
    if match is None or (page_set := _set_of(match["rest"], material.analysis.language.code)) is None:
        return None
    by_page = _PAGES.search(match["unit"].lower()) is not None
    candidates = dict.fromkeys(c.document for c in material.candidates)
    infos = [info for info in material.documents if len(material.documents) <= MOST_DOCUMENTS or info.id in candidates]
    paragraphs = []
    for info in infos:
        pages = material.pages(info.id)
        terms = {page.number: _terms_on(page) for page in pages}
        inside = _pages_inside(terms, page_set) if by_page else _pages_of_document(terms, page_set)
        if support := [c for n in inside[:MOST_PAGES] if (c := _best_on(material, info.id, n, page_set.terms))]:
            where = f", {page_list(inside)}" if by_page else ""
            paragraphs.append(Paragraph(f"- **{info.name}**{where}: {quote(support[0]).text}", tuple(support)))
    if not paragraphs:
        return Reply(reason=f"No {'page' if by_page else 'document'} of {len(infos)} documents says that.")
    return Reply(tuple(paragraphs), checked=True)


def _set_of(text: str, code: str) -> PageSet | None:
    """Returns the set that a phrase describes; `None` where no operator stands in it, or a part says nothing.

    A phrase with a clause of its own, as "how to start or stop", describes none, nor does one without a word such as
    "mention" and without "but not".
    """
    positive, *negative = _split(text, "not", code)
    alternatives = _split(positive, "or", code)
    has_operator = len(alternatives) > 1 or pattern("page_sets", "both", code).search(positive)
    is_of_words = negative or (has_operator and pattern("page_sets", "verb", code).search(text))
    if not is_of_words or pattern("page_sets", "clause", code).search(text):
        return None
    either = [[_terms(part) for part in _split(alternative, "and", code)] for alternative in alternatives]
    neither = [_terms(part) for phrase in negative for part in _split(phrase, "or", code)]
    if not all(each for group in [*either, neither] for each in group):
        return None
    return PageSet(tuple(tuple(group) for group in either), tuple(neither))


def _split(text: str, operator: str, code: str) -> list[str]:
    return pattern("page_sets", operator, code).sub("\0", text).split("\0")


def _terms(text: str) -> Terms:
    return frozenset(analyze_question(text).terms) - _READING


def _terms_on(page: Page) -> Terms:
    return frozenset(words_of(f"{page.text}\n{page.notes}"))


def _pages_inside(terms: Mapping[int, Terms], page_set: PageSet) -> list[int]:
    return [number for number, on_page in terms.items() if page_set.holds(on_page)]


def _pages_of_document(terms: Mapping[int, Terms], page_set: PageSet) -> list[int]:
    """Returns the page of a document in the set that says most of what is looked for; none where it is not in it."""
    if not page_set.holds(frozenset[str]().union(*terms.values())):
        return []
    return [max(terms, key=lambda number: (len(terms[number] & page_set.terms), -number))]


def _best_on(material: Material, document: str, page: int, terms: Terms) -> Candidate | None:
    on_page = material.page_candidates(document, [page])
    return max(on_page, key=lambda c: len(c.words & terms), default=None)


def page_list(numbers: list[int]) -> str:
    """Returns page numbers as people say them.

    >>> page_list([1, 4, 6])
    'pages 2, 5 and 7'
    """
    labels = [str(number + 1) for number in numbers]
    return f"pages {', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else f"page {labels[0]}"
