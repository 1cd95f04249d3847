"""An embedder that knows several languages, made for tests: texts on the same matter have the same direction."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from octavo import OctavoError
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.images import ImageInput
from octavo.rag.query.translations import translated_pairs

MATTERS = (
    ("ferry", "crossing", "bicycle", "fähre", "überfahrt", "fahrrad", "kapal", "penyeberangan", "sepeda"),
    ("lighthouse", "keeper", "lamp", "leuchtturm", "wärter", "lampe", "mercusuar", "penjaga", "灯台"),
    ("beetle", "beetles", "käfer", "kumbang"),
)
"""Words of a matter in English, German, Indonesian and Japanese."""
DIMENSION = 400
OWN = len(MATTERS) + len(translated_pairs())
"""The first direction of texts that name no matter."""


class Polyglot(Embedder):
    """Adds up the directions of the matters that a text names, or gives a direction of its own.

    A sentence of `translated_pairs` is a matter itself.
    """

    model_name: str = "polyglot"
    dimension: int = DIMENSION

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, DIMENSION), np.float32)

    def embed_image(self, image: ImageInput) -> Vectors:
        raise OctavoError("no pictures")

    def _vector(self, text: str) -> Vectors:
        sentences = {sentence: n for n, pair in enumerate(translated_pairs(), len(MATTERS)) for sentence in pair}
        row = np.full(DIMENSION, 0.01, dtype=np.float32)
        if text in sentences:
            row[sentences[text]] += 1
        words = [word.strip("?.,:") for word in text.lower().split()]
        for n, matter in enumerate(MATTERS):
            row[n] += len(set(words).intersection(matter))
        if words and row.max() < 1:
            row[OWN + crc32(text.encode()) % (DIMENSION - OWN)] += 1
        return unit(row)
