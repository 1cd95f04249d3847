"""Likeness across languages: whether an embedder knows several, and how near a question and its answer lie then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from octavo.rag.embedding.base import Embedder, Vectors
from octavo.rag.query.translations import translated_pairs

LEAST_NEAREST = 0.7
"""The share of questions that a multilingual embedder has nearest to their answer in another language, at least."""


@dataclass(frozen=True, slots=True)
class LikenessScale:
    """The vectors of `answers` on many matters, and how much nearer an answer in another language is than others.

    A cosine counts by how far it is above the mean of the question with those answers (T-norm, Auckenthaler et al.
    2000), since questions that say little are near to everything.
    """

    answers: Vectors
    gap: float

    def likeness(self, question: Vectors, cosines: Sequence[float]) -> list[float]:
        """Returns cosines with a question's vector as likeness: 0 as of unrelated texts, 1 as of an answer.

        >>> scale = LikenessScale(np.eye(2, dtype=np.float32), 0.5)
        >>> scale.likeness(np.array([1.0, 0.0], dtype=np.float32), [0.5, 1.0])
        [0.0, 1.0]
        """
        unrelated = float((self.answers @ question).mean())
        return [(cosine - unrelated) / self.gap for cosine in cosines]


def likeness_scale(embedder: Embedder) -> LikenessScale | None:
    """Returns the scale of an embedder's cosines across languages, or `None` for one that does not know several.

    That is tried on `translated_pairs`, which costs two vectors for each.

    >>> from octavo.rag.embedding import StaticEmbedder
    >>> likeness_scale(StaticEmbedder()) is None
    True
    """
    questions, answers = zip(*translated_pairs(), strict=True)
    rows, matrix = (
        np.stack([embedder.embed_question(question) for question in questions]),
        embedder.embed_texts(answers),
    )
    cosines = rows @ matrix.T
    own = np.eye(len(questions), dtype=bool)
    if np.mean(cosines.argmax(axis=1) == np.arange(len(questions))) < LEAST_NEAREST:
        return None
    return LikenessScale(matrix, float(cosines[own].mean() - cosines[~own].mean()))
