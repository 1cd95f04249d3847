"""Passages of evidence as candidates for an answer: their words, and the words around them that belong to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octavo.rag.answering.passages import Passage
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.evidence import Evidence

BESIDE, SECTION, ABOVE, TITLE = 0.3, 0.6, 0.85, 0.8
"""The weight of a term beside a passage: in its heading, above a row, or in its document's title."""

Translation = Callable[[frozenset[str]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of an evidence, its words, and the words around it that belong to it, by their weight."""

    evidence: Evidence
    passage: Passage
    words: frozenset[str]
    spans: str
    around: tuple[tuple[float, frozenset[str], str], ...]

    @property
    def document(self) -> str:
        return self.evidence.document

    @property
    def page(self) -> int:
        return self.passage.places[0].page

    @property
    def element(self) -> tuple[str, int, int]:
        """The element that it stands in, by document, page (from 0) and number."""
        return self.document, self.page, self.passage.element

    def __hash__(self) -> int:
        return hash((self.evidence.id, self.passage.places))


def candidates(
    evidence: Evidence, found_passages: Sequence[Passage], front: str = "", translation: Translation | None = None
) -> list[Candidate]:
    """Returns passages with their words, and the words that stand above and beside them.

    Beside a field of a form stand its other fields.

    `translation` gives what the words are in the question's language, where the document is in another one.
    """

    def analysed(text: str) -> frozenset[str]:
        words = frozenset(words_of(text))
        return words | translation(words) if translation else words

    spans = [" ".join(words_of(readable(passage))) for passage in found_passages]
    words = [analysed(readable(passage)) for passage in found_passages]
    title = f"{evidence.title} {evidence.name.rpartition('.')[0].replace('-', ' ').replace('_', ' ')}"
    forms: dict[int, frozenset[str]] = {}
    for n, passage in enumerate(found_passages):
        if passage.row and passage.row.is_field:
            forms[passage.element] = forms.get(passage.element, frozenset()) | words[n]
    results = []
    for n, passage in enumerate(found_passages):
        around: list[tuple[float, str]] = []
        if passage.context:
            around.append((ABOVE if passage.row else SECTION, passage.context))
        around.append((SECTION, passage.section or evidence.heading))
        around.append((TITLE, f"{title} {evidence.heading} {front}"))
        belong = [(w, analysed(s), " ".join(words_of(s))) for w, s in around]
        if n and found_passages[n - 1].text.rstrip().endswith("?"):
            belong.append((ABOVE, words[n - 1], spans[n - 1]))
        if passage.row is None:
            nearby = frozenset().union(*words[max(0, n - 1) : n + 2])
            belong.append((BESIDE, nearby, ""))
        elif passage.row.is_field:
            belong.append((BESIDE, forms[passage.element], ""))
        results.append(Candidate(evidence, passage, words[n], spans[n], tuple(belong)))
    return results


def readable(passage: Passage) -> str:
    """Returns a row with the name of each column beside its cell, and any other passage line by line."""
    return passage.text if passage.row else passage.raw
