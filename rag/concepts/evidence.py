"""Notes of concepts as evidence that answers cite: a note is the only text of a page of its own."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.ingest import Box, Page, Region
from octavo.rag.concepts.recall import Recalled
from octavo.rag.entry import CONCEPT, EntryId, Level
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.images import decode_image
from octavo.rag.query.analysis import terms

_WIDTH, _HEIGHT = 400.0, 300.0


class ConceptPages:
    """The pages of a library and, beside them, one for each concept: its picture, and its note as the page's notes."""

    def __init__(self, pages: PageStore, recalled: Sequence[Recalled]) -> None:
        self._pages = pages
        self._concepts = {f"{CONCEPT}{one.concept.id}": one.concept for one in recalled}

    def page(self, document: str, number: int) -> Page:
        """Returns a page of the library, or that of a concept."""
        concept = self._concepts.get(document)
        if concept is None:
            return self._pages.page(document, number)
        if not concept.pictures:
            return Page(0, _WIDTH, _HEIGHT, notes=concept.note)
        width, height = decode_image(concept.pictures[0]).size
        return Page(0, width, height, image=document, image_width=width, image_height=height, notes=concept.note)

    def image(self, image: str) -> bytes:
        """Returns a screenshot of the library, or the first picture of a concept."""
        concept = self._concepts.get(image)
        return concept.pictures[0] if concept else self._pages.image(image)


def concept_evidence(recalled: Recalled, pages: PageStore) -> Evidence:
    """Returns what the user says of a concept as evidence with relevancy 1."""
    concept = recalled.concept
    document = f"{CONCEPT}{concept.id}"
    page = pages.page(document, 0)
    others = f" (also: {', '.join(concept.aliases)})" if concept.aliases else ""
    return Evidence(
        id=EntryId.of_page(document, 0),
        level=Level.PAGE,
        document=document,
        name=f"{concept.name}, a concept of yours",
        title=concept.name,
        page=0,
        heading=f"{concept.category}: {concept.name}{others}" if concept.category else f"{concept.name}{others}",
        text=concept.note,
        regions=(Region(0, Box(0, 0, page.width, page.height)),),
        score=1.0,
    )


def answers(recalled: Recalled, question: str) -> bool:
    """Returns whether a note has all that a question asks about beside the concept's name, so that it may be quoted."""
    concept = recalled.concept
    name_terms = set(terms(" ".join((*concept.names, recalled.mention))))
    question_terms = set(terms(question, stop_words=False)) - name_terms
    return bool(question_terms) and question_terms <= set(terms(concept.note))
