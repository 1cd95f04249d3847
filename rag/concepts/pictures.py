"""Concepts by their pictures: by hashes and keypoints, or by the vectors of a model that sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from octavo.ingest.store.concepts import Concept
from octavo.rag.embedding import Embedder
from octavo.rag.embedding.base import Vectors
from octavo.rag.index.similar_pictures import similarity

CLOSE = 0.85
"""The least cosine similarity of the vectors of pictures that show the same."""


def match_pictures(concepts: Sequence[Concept], picture: bytes, embedding: Embedder | None = None) -> list[Concept]:
    """Returns the concepts whose picture a picture shows, the surest first."""
    if embedding is not None:
        return _by_vectors(concepts, picture, embedding)
    scores = [(max(similarity(picture, own) for own in concept.pictures), concept) for concept in concepts]
    return [concept for score, concept in sorted(scores, key=lambda s: -s[0]) if score > 0]


def _by_vectors(concepts: Sequence[Concept], picture: bytes, embedding: Embedder) -> list[Concept]:
    owners = [concept for concept in concepts for _ in concept.pictures]
    cosines = _vectors([own for concept in concepts for own in concept.pictures], embedding) @ embedding.embed_image(
        picture
    )
    order = [owners[n] for n in np.argsort(-cosines) if cosines[n] >= CLOSE]
    return list({concept.id: concept for concept in order}.values())


def _vectors(pictures: Sequence[bytes], embedding: Embedder) -> Vectors:
    return np.stack([embedding.embed_image(picture) for picture in pictures])
