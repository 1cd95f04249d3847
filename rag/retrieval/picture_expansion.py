"""Expansion of a question by its picture (RoRA-VLM, arXiv 2410.08876): figures of the library that show the same.

What is said of them, their captions and headings, is searched for beside the question's own words. Figures with words
of the picture in them are looked at, or the first ones where it has no words; keypoints and hashes tell which are the
same (`octavo.rag.index.similar_pictures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from octavo.ingest.model import FIGURES
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Level, Scope
from octavo.rag.image_source import ImageSource
from octavo.rag.index import Index
from octavo.rag.query.analysis import terms

_CANDIDATES = 30
"""Figures with words of a picture, and those with the nearest vectors, that it is compared with."""
_WORDLESS = 200
"""Figures that a picture without words is compared with."""
_WORDS = 30
"""Words of what is said of a figure that are searched for."""


def figures_shown(index: Index, picture: bytes, words: str, count: int, scope: Scope = EVERYWHERE) -> list[Entry]:
    """Returns at most `count` figures of a library that a picture shows, wholly or in part, the surest first.

    `words` are those that are read in the picture.
    """
    from octavo.rag.index.similar_pictures import figure_ids, similarity

    figures = Scope(scope.documents, scope.pages, FIGURES, scope.metadata)
    hits = index.words(terms(words), Level.ELEMENT, _CANDIDATES, figures) if words.strip() else []
    if index.embedding.supports_images:
        hits = [*hits, *index.nearest(words, Level.ELEMENT, _CANDIDATES, figures, picture)]
    ids = list(dict.fromkeys(EntryId(hit) for hit, _ in hits))[: 2 * _CANDIDATES]
    if not ids:
        ids = list(islice(figure_ids(index, sorted(index.documents(figures))), _WORDLESS))
    images = ImageSource(index.library)
    scores = []
    for entry in index.entries(ids):
        own = images(entry)
        if own is not None and (score := similarity(picture, own)) > 0:
            scores.append((score, entry))
    return [entry for _, entry in sorted(scores, key=lambda pair: -pair[0])[:count]]


def expand(text: str, figures: Sequence[Entry]) -> str:
    """Returns a question with what is said of figures: the first words of their headings, captions and labels."""
    descriptions = (" ".join(f"{figure.heading} {figure.text}".split()[:_WORDS]) for figure in figures)
    return " ".join(dict.fromkeys([text, *descriptions])).strip()
