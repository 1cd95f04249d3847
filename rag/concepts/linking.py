"""Places of a concept in the documents (M3EL, arXiv 2410.18096): its names and pictures, linked to it or to nothing.

A place that names it is compared with what the concept's note says, as a whole (global) and by its best sentence
(local). Of several concepts with that name the nearest one is linked; none is (NIL) where the note is too far from it,
unless the name has several words or a number, so that hardly anything else is called the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from octavo.ingest import Box, Element
from octavo.ingest.model import RUNNING
from octavo.ingest.sentences import split_sentences
from octavo.ingest.store.concepts import Concept
from octavo.ingest.store.library import Library
from octavo.rag.concepts.recall import find_mentions
from octavo.rag.embedding import Embedder
from octavo.rag.entry import Level, Scope
from octavo.rag.image_source import ImageSource
from octavo.rag.index import Index
from octavo.rag.query.analysis import terms

NEAR = 0.15
"""The least score of a place by what the note says, under which a name of one word is linked to nothing.

It has the best F1 of leaving out on the documents of mmdocir-docs to tune on, of those that link .94 of the places that
are meant (`octavo eval concepts`).
"""
_PAGES = 1_000
"""Pages that are looked through for a name."""
_FIGURES = 400
"""Figures that are compared with a concept's pictures."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place of a concept: the page (from 0) with its document's id and name, the box, the text there.

    `score` is how near it is to what the note says, a mean of cosine similarities; 1 where the concept has no note.
    `text` is empty for a figure that shows one of its pictures.
    """

    document: str
    name: str
    page: int
    box: Box
    text: str
    score: float

    @property
    def page_number(self) -> int:
        """The number of the page that people say, from 1."""
        return self.page + 1


def mentions(concept: Concept, concepts: Sequence[Concept], library: Library, index: Index) -> list[Mention]:
    """Returns the places of a concept in a library's documents, in their order by name and page."""
    by_name = [m for m in _by_name(concept, concepts, library, index) if m is not None]
    pictured = _pictured(concept, library, index) if concept.pictures else ()
    return sorted({*by_name, *pictured}, key=lambda m: (m.name, m.document, m.page, m.box.y0, m.box.x0))


def _by_name(concept: Concept, concepts: Sequence[Concept], library: Library, index: Index) -> Iterator[Mention]:
    pages = {page for name in concept.names for page, _ in index.words(terms(name), Level.PAGE, _PAGES)}
    titles = library.names({page.document for page in pages})
    for identity in sorted(pages, key=lambda page: (page.document, page.numbers)):
        page = library.page(identity.document, identity.numbers[0])
        for element in page.elements:
            if element.kind in RUNNING:
                continue
            for line in element.lines:
                for start, end, name in find_mentions(concept.names, line.text):
                    rivals = [c for c in concepts if c.id != concept.id and _has_name(c, name)]
                    score = nearness(concept, element, index.embedding)
                    if not (score >= NEAR or is_distinctive(name)):
                        continue
                    if any(nearness(c, element, index.embedding) > score for c in rivals):
                        continue
                    box = _box(line.box, line.text, start, end)
                    document = titles[identity.document][0]
                    yield Mention(identity.document, document, page.number, box, line.text, round(score, 3))


def is_distinctive(name: str) -> bool:
    """Returns whether a name has several words or a number.

    >>> [is_distinctive(name) for name in ("Kestrel", "Larkfield press", "LX-9")]
    [False, True, True]
    """
    return len(name.split()) > 1 or any(letter.isdigit() for letter in name)


def _has_name(concept: Concept, name: str) -> bool:
    return name.casefold() in {own.casefold() for own in concept.names}


def _box(box: Box, text: str, start: int, end: int) -> Box:
    """Returns the part of a line's box that some of its letters take, all letters taken to be as wide."""
    width = box.width / max(1, len(text))
    return Box(box.x0 + start * width, box.y0, min(box.x1, box.x0 + end * width), box.y1)


def nearness(concept: Concept, element: Element, embedding: Embedder) -> float:
    """Returns how near a place is to what a concept's note says: the mean over all of it and its best sentence.

    It is 1 for a concept without a note.
    """
    note = f"{concept.category} {concept.note}".strip()
    if not note:
        return 1.0
    own = embedding.embed_texts([note])[0]
    sentences = split_sentences(element.text) or [element.text]
    places = embedding.embed_texts([element.text, *sentences]) @ own
    return 0.5 * (float(places[0]) + float(np.max(places[1:])))


def _pictured(concept: Concept, library: Library, index: Index) -> Iterator[Mention]:
    from octavo.rag.index.similar_pictures import figure_ids, similarity

    images = ImageSource(library)
    ids = list(islice(figure_ids(index, sorted(index.documents(Scope()))), _FIGURES))
    titles = library.names({identity.document for identity in ids})
    for entry in index.entries(ids):
        picture = images(entry)
        best = max((similarity(picture, own) for own in concept.pictures), default=0.0) if picture else 0.0
        if best > 0:
            region = entry.regions[0]
            yield Mention(entry.document, titles[entry.document][0], region.page, region.box, "", round(best, 3))
